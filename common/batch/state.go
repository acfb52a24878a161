// Package batch describes one run of a task: its states, the one table of
// legal moves, and what follows an ended attempt. It is pure: values in,
// values out, no clock, no I/O.
package batch

import "fmt"

// State is the run state of a batch, column capri_task_work.state (seed A3-06).
type State int

// The states, with the codes of the data model.
const (
	Waiting  State = 0 // 等待: generated, not yet on a worker
	Assigned State = 1 // 已分配: a worker was chosen
	Running  State = 2 // 运行: a worker claimed the start of the attempt
	Done     State = 3 // 完成: ended for good
)

// String returns the state's name as it appears in the API and the CLI.
func (s State) String() string {
	switch s {
	case Waiting:
		return "waiting"
	case Assigned:
		return "assigned"
	case Running:
		return "running"
	case Done:
		return "done"
	case Nothing:
		return "nothing"
	}
	return fmt.Sprintf("state(%d)", int(s))
}

// Finish is the result state of a batch, column capri_task_work.finishState.
type Finish int

// The result states. DependTimeout and OutputTimeout are marks on a batch that
// is still going; the others, None excepted, go with Done.
const (
	None          Finish = 0
	Success       Finish = 1
	Failed        Finish = 2
	DependTimeout Finish = 3
	OutputTimeout Finish = 4
	Killed        Finish = 5
	Skipped       Finish = 6
	Lost          Finish = 7
)

// String returns the result's name as it appears in the API and the CLI.
func (f Finish) String() string {
	switch f {
	case None:
		return "none"
	case Success:
		return "success"
	case Failed:
		return "failed"
	case DependTimeout:
		return "depend-timeout"
	case OutputTimeout:
		return "output-timeout"
	case Killed:
		return "killed"
	case Skipped:
		return "skipped"
	case Lost:
		return "lost"
	}
	return fmt.Sprintf("finish(%d)", int(f))
}

// Ended reports whether the result goes with state Done.
func (f Finish) Ended() bool {
	switch f {
	case Success, Failed, Killed, Skipped, Lost:
		return true
	case None, DependTimeout, OutputTimeout:
		return false
	}
	return false
}

// Origin says what made a batch, column capri_task_work.origin.
type Origin string

// The origins.
const (
	ByTimer     Origin = "timer"
	ByExecute   Origin = "execute"
	ByRerun     Origin = "rerun"
	ByColdStart Origin = "coldstart"
)
