package store

import (
	"time"

	"capricornus/common/period"
	"capricornus/common/task"
)

// SaveOf spreads a definition, and its text, over the columns that queries look
// at. Ids and the version are the caller's.
func SaveOf(def *task.Task, text string) TaskSave {
	m, s := def.Metadata, &def.Spec
	kind, _ := period.ParseKind(s.Period) // lint has seen it
	out := TaskSave{
		Name: m.Name, Title: m.Title, Period: int(kind), Cron: s.Cron, Priority: s.Priority, IsEnabled: s.Enabled,
		Account: s.Account, TaskBeginTime: s.Earliest.Column(), DependTimeout: s.Timeouts.Depend.Column(), OutputTimeout: s.Timeouts.Output.Column(),
		RunTimeout: time.Duration(s.Timeouts.Run).Milliseconds(), MaxRunning: s.MaxRunning, Memory: int64(s.Workers.Memory),
		ExpectSeconds: s.ExpectSecs, RetryTimes: s.Retry.Times, Definition: text,
	}
	if s.Success == successByOutput {
		out.CheckType = 1
	}
	return out
}

const successByOutput = "output-path"
