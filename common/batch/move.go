package batch

import (
	"slices"
	"strings"
)

// Nothing stands where a batch does not exist yet: the From of its creation.
// It is never stored.
const Nothing State = -1

// Owner names the package that may make a move (architecture.md, "Who may move
// a batch"). Gate owns no move of state: it changes unmet dependencies only.
type Owner string

// The owners.
const (
	Plan     Owner = "plan"
	Gate     Owner = "gate"
	Place    Owner = "place"
	Intake   Owner = "intake"
	Guard    Owner = "guard"
	Operator Owner = "operator"
)

// MoveName is the stable name of a move, as it stands in the batch's journal.
type MoveName string

// The moves.
const (
	MoveCreate        MoveName = "create"
	MoveAssign        MoveName = "assign"
	MoveReassign      MoveName = "reassign"
	MovePullback      MoveName = "pullback"
	MoveDeny          MoveName = "deny"
	MoveStart         MoveName = "start"
	MoveRefuse        MoveName = "refuse"
	MoveUnready       MoveName = "unready"
	MoveFinish        MoveName = "finish"
	MoveRetry         MoveName = "retry"
	MoveUnstarted     MoveName = "unstarted"
	MoveRepair        MoveName = "repair"
	MoveRepairRetry   MoveName = "repair-retry"
	MoveDependTimeout MoveName = "depend-timeout"
	MoveOutputTimeout MoveName = "output-timeout"
	MoveKill          MoveName = "kill"
	MoveOrderKill     MoveName = "order-kill"
	MoveSkip          MoveName = "skip"
	MoveMark          MoveName = "mark"
)

// Pair is one edge of the state diagram.
type Pair struct {
	From, To State
}

// Move is one kind of legal change of a batch's state or result.
type Move struct {
	Name     MoveName
	Pairs    []Pair
	By       Owner
	Finishes []Finish // results the batch may have afterwards
	Columns  []string // of capri_task_work that it may change; epoch and seq besides, by every move
	Doc      string   // one sentence for the generated docs/states.md
}

// Allows reports whether the move may take a batch from one state to another
// with the result fin afterwards. Done and an ended result always go together.
func (m Move) Allows(from, to State, fin Finish) bool {
	if !slices.Contains(m.Pairs, Pair{From: from, To: to}) {
		return false
	}
	if (to == Done) != fin.Ended() {
		return false
	}
	return slices.Contains(m.Finishes, fin)
}

// Find returns the move of that name.
func Find(name MoveName) (Move, bool) {
	for _, m := range Moves() {
		if m.Name == name {
			return m, true
		}
	}
	return Move{}, false
}

// The columns that change together.
const (
	onWorker = "host incarnation assignTime refusedAt refusedReason" // where it is assigned
	atGate   = "gate gateSince message"                              // what stops it
	result   = "endTime resultCode message userFailures infraFailures retryAt peakMemory peakProcesses cpuSeconds"
	kill     = "killBy killAt killReason"
)

func columns(groups ...string) []string {
	return strings.Fields(strings.Join(groups, " "))
}

// Moves is the one table of legal moves. What is not in it does not happen:
// the store applies moves by compare-and-set on their From, refuses one that
// changes another column than its own, and the journal of every batch is
// checked against it. Each call returns a fresh copy.
func Moves() []Move {
	// A batch that goes on keeps its timeout mark, so these are its results.
	going := func() []Finish { return []Finish{None, DependTimeout, OutputTimeout} }
	return []Move{
		{MoveCreate, []Pair{{Nothing, Waiting}}, Plan, []Finish{None}, nil,
			"the timer, an execution, a rerun or a cold start generated it"},
		{MoveAssign, []Pair{{Waiting, Assigned}}, Place, going(), columns("state attempt", onWorker, atGate),
			"every gate is open and a worker fits; a new attempt number"},
		{MoveReassign, []Pair{{Assigned, Assigned}}, Place, going(), columns("attempt", onWorker, atGate),
			"refused, not started in time, or its worker is dead: the next worker, a new attempt number"},
		{MovePullback, []Pair{{Assigned, Waiting}}, Place, going(), columns("state", onWorker, atGate),
			"held, a rerun made its parent unready, or no worker fits any more"},
		{MoveDeny, []Pair{{Waiting, Done}}, Place, []Finish{Failed}, columns("state finishState endTime refusedAt refusedReason", atGate),
			"the task's owner has no right to the execution account"},
		{MoveStart, []Pair{{Assigned, Running}}, Intake, going(), columns("state startTime endTime", atGate),
			"the worker has checked everything again and claims the start of this attempt"},
		{MoveRefuse, []Pair{{Assigned, Assigned}}, Intake, going(), columns("refusedAt refusedReason"),
			"the worker has no room (memory, load, disk): it stays assigned until it is re-assigned"},
		{MoveUnready, []Pair{{Assigned, Waiting}}, Intake, going(), columns("state startTime retryAt", onWorker),
			"the checks before the start failed: a dependency is not ready any more or could not be looked at, or a hold came in between"},
		{MoveFinish, []Pair{{Running, Done}}, Intake, []Finish{Success, Failed, Killed, Lost}, columns("state finishState", result),
			"the worker or its keeper reported the end of the attempt, and no retry is left"},
		{MoveRetry, []Pair{{Running, Waiting}}, Intake, going(), columns("state startTime", onWorker, result),
			"the attempt failed and a retry is left; same batch, same run number"},
		{MoveUnstarted, []Pair{{Running, Waiting}}, Intake, going(), columns("state startTime", onWorker),
			"claimed, but the attempt never began; no try is used up"},
		{MoveRepair, []Pair{{Running, Done}}, Guard, []Finish{Success, Failed, Killed, Lost}, columns("state finishState", result),
			"the attempt will not report (zombie, fenced, host dead) and the evidence says how it ended"},
		{MoveRepairRetry, []Pair{{Running, Waiting}}, Guard, going(), columns("state startTime", onWorker, result),
			"the attempt will not report, it did not succeed, and a retry is left"},
		{MoveDependTimeout, []Pair{{Waiting, Waiting}}, Guard, []Finish{DependTimeout}, columns("finishState dependTimeoutAt"),
			"dependencies were not met in time; it goes on and may succeed"},
		{MoveOutputTimeout, []Pair{{Waiting, Waiting}, {Assigned, Assigned}, {Running, Running}, {Done, Done}}, Guard,
			[]Finish{OutputTimeout, Failed, Killed, Lost}, columns("finishState outputTimeoutAt"),
			"not successful in time; one that ended keeps its result, the others go on and may succeed"},
		{MoveKill, []Pair{{Waiting, Done}, {Assigned, Done}}, Operator, []Finish{Killed}, columns("state finishState endTime", onWorker, kill, atGate),
			"a person ended it before it ran; a running one is ended by its worker's report"},
		{MoveOrderKill, []Pair{{Running, Running}}, Operator, going(), columns(kill),
			"a person wants it ended; its worker does that, and reports it"},
		{MoveSkip, []Pair{{Waiting, Done}}, Operator, []Finish{Skipped}, columns("state finishState endTime markedBy", atGate),
			"a person decided that it will not run"},
		{MoveMark, []Pair{{Waiting, Done}, {Done, Done}}, Operator, []Finish{Success, Failed}, columns("state finishState endTime markedBy", atGate),
			"a person decided the result"},
	}
}
