package notice

import (
	"maps"
	"slices"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// levels are the levels of the kinds that always have the same one. Those of
// what masters watch depend on how far it is off.
func levels() map[string]string {
	return map[string]string{
		store.AlertDependTimeout: store.LevelTask, store.AlertOutputTimeout: store.LevelTask, store.AlertBatchFailed: store.LevelTask,
		"big-task": store.LevelTask, "long-run": store.LevelTask, "quality-silent": store.LevelTask, "generate-failed": store.LevelTask,
		store.AlertBatchRefused: store.LevelImportant, "batch-missing": store.LevelImportant, "job-refused": store.LevelImportant,
		store.AlertHDFSHung: store.LevelImportant, store.AlertDownloadHung: store.LevelImportant, store.AlertOutputsUnseen: store.LevelImportant,
		store.AlertStalled: store.LevelImportant, // and task, for the task's people
		"generate-too-old": store.LevelImportant, "clock-off": store.LevelImportant, store.AlertSendFailed: store.LevelImportant,
		store.AlertOverMemory: store.LevelCritical, store.AlertOverLimit: store.LevelCritical, "generate-mass-failure": store.LevelCritical,
		"depend-check-failed": store.LevelCritical, "quality-unreachable": store.LevelCritical,
		store.AlertWorkerBack: store.LevelNotice, "coldstart-unfinished": store.LevelNotice,
	}
}

// levelOf is the level of an alert that somebody asks about.
func levelOf(ask wire.ExplainAlertRequest) (string, error) {
	all := []string{store.LevelCritical, store.LevelImportant, store.LevelNotice, store.LevelTask}
	level := ask.Level
	switch {
	case level != "" && !slices.Contains(all, level):
		return "", fault.New(fault.Invalid, "there is no level %q", level).WithHint("write one of %s", strings.Join(all, ", "))
	case level == "" && ask.Kind == "":
		level = store.LevelTask
	case level == "":
		level = levels()[ask.Kind]
	}
	switch {
	case level == "" && strings.HasPrefix(ask.Kind, wire.ExternalPrefix):
		return "", fault.New(fault.Invalid, "alerts of kind %s have the level that they are raised with", ask.Kind).WithHint("say which: critical, important or notice")
	case level == "":
		return "", fault.New(fault.Invalid, "alerts of kind %q have no level of their own", ask.Kind).
			WithHint("say which one: %s; these have one: %s", strings.Join(all, ", "), strings.Join(slices.Sorted(maps.Keys(levels())), ", "))
	case level == store.LevelTask && ask.Task == "":
		return "", fault.New(fault.Invalid, "an alert of level task is about a task").WithHint("name the task, or another level")
	}
	return level, nil
}
