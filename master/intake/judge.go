package intake

import (
	"encoding/json"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// judgement is what one fact does: its verdict for the worker and, when it
// changes something, the move and the rows that go with it.
type judgement struct {
	verdict  wire.FactVerdict
	change   *store.Change
	begin    *store.Instance
	end      *store.Instance
	code     *store.UserCode
	judged   bool // the codes that were returned before are judged by now
	peak     *store.Peak
	unpath   []wire.PathCheck
	unparent []store.ParentKey
	unthird  []store.ThirdKey
	doubted  []wire.PathCheck    // inputs of which nothing is known any more
	doubt    string              // why
	given    *store.Reassignment // for the log: the worker that could not look
	alerts   []store.Alert       // without ids: those are not allotted yet
	success  bool                // the batch has ended successfully
	freed    bool                // assign may go on
}

// world is what a fact is judged against, as it stands under lock.
type world struct {
	work   *store.Work
	name   string // the task's
	def    *task.Task
	now    time.Time
	held   bool
	off    bool              // its worker is switched off
	broken []store.ParentKey // parents that are not successful any more
	gone   []store.ThirdKey  // data that are announced no longer
	denied bool              // the owner may not use the account any more
	codes  []store.UserCode  // what the attempt's script is known to have returned
}

// judge decides about one fact; it is pure. A fact of somebody who does not
// hold the batch (any more) is stale.
func judge(f wire.Fact, w world) judgement {
	if w.work == nil || w.def == nil || w.work.Attempt != f.Attempt || w.work.Host != f.Host || w.work.Incarnation != f.Incarnation {
		return judgement{verdict: wire.VerdictStale}
	}
	switch f.Kind {
	case wire.FactStarted:
		return judgeStarted(f, w)
	case wire.FactRefused:
		return judgeRefused(f, w)
	case wire.FactUnready:
		return judgeUnready(f, w)
	case wire.FactUnstarted:
		return judgeUnstarted(w)
	case wire.FactFinished, wire.FactLost:
		return judgeEnded(f, w)
	case wire.FactCode:
		return judgeCode(f, w)
	case wire.FactUsage:
		return judgeUsage(f, w)
	}
	return judgement{verdict: wire.VerdictStale}
}

// judgeStarted is the compare-and-set assigned → running, which also requires
// that nothing is unmet and nothing held (exactly.md 13), and the worker is not switched off.
func judgeStarted(f wire.Fact, w world) judgement {
	if w.work.State == batch.Running {
		return judgement{verdict: wire.VerdictOK} // said before, by the same holder
	}
	if w.work.State != batch.Assigned || w.work.RefusedAt != 0 {
		return judgement{verdict: wire.VerdictStale}
	}
	if reason := w.obstacle(); reason != "" {
		j := goBack(w, batch.MoveUnready, reason)
		j.verdict, j.unparent, j.unthird = wire.VerdictNo, w.broken, w.gone
		return j
	}
	to := *w.work
	to.State, to.StartTime, to.EndTime = batch.Running, w.now.UnixMilli(), 0
	to.Gate, to.GateSince, to.Message = "", 0, ""
	return judgement{
		verdict: wire.VerdictOK,
		change:  &store.Change{Move: batch.MoveStart, From: *w.work, To: to, Detail: "on " + f.Host},
		begin: &store.Instance{
			WorkID: f.WorkID, Attempt: f.Attempt, Code: w.code(), Host: f.Host, Incarnation: f.Incarnation, Before: beforeOf(f),
		},
	}
}

// obstacle says what has come between assignment and start, or nothing.
func (w world) obstacle() string {
	switch {
	case w.work.KillAt > 0:
		return "not started: a kill came between assignment and start"
	case w.held:
		return "not started: a hold came between assignment and start"
	case w.off:
		return "not started: " + w.work.Host + " was switched off between assignment and start"
	case len(w.broken) > 0:
		return "not started: a parent is not successful any more"
	case len(w.gone) > 0:
		return fmt.Sprintf("not started: %s %s is announced no longer", w.gone[0].Code, w.gone[0].DataNo)
	case w.work.Unmet > 0:
		return "not started: a dependency is not met any more"
	case w.denied:
		return fmt.Sprintf("not started: the task's owner may not use the account %s any more", w.def.Spec.Account)
	}
	return ""
}

// beforeLimit bounds what is kept of how outputs were; more is kept as nothing.
const beforeLimit = 60000

// beforeOf writes how the outputs were when the attempt began.
func beforeOf(f wire.Fact) string {
	if len(f.Before) == 0 {
		return ""
	}
	text, err := json.Marshal(f.Before)
	if err != nil || len(text) > beforeLimit {
		return ""
	}
	return string(text)
}

func (w world) code() string {
	return w.work.Ref(w.name).AttemptCode(w.work.Attempt)
}

func judgeRefused(f wire.Fact, w world) judgement {
	if w.work.State != batch.Assigned {
		return judgement{verdict: wire.VerdictStale}
	}
	if w.work.RefusedAt != 0 {
		return judgement{verdict: wire.VerdictOK}
	}
	to := *w.work
	to.RefusedAt, to.RefusedReason = w.now.UnixMilli(), f.Reason
	return judgement{
		verdict: wire.VerdictOK, freed: true,
		change: &store.Change{Move: batch.MoveRefuse, From: *w.work, To: to, Detail: f.Host + ": " + f.Reason},
	}
}

func judgeUnready(f wire.Fact, w world) judgement {
	if w.work.State != batch.Assigned {
		return judgement{verdict: wire.VerdictStale}
	}
	if f.Unknown {
		return givenBack(f, w)
	}
	j := goBack(w, batch.MoveUnready, f.Reason)
	j.unpath = f.Unmet
	return j
}

// lookAgain is how long a batch rests that a worker has given back. Another
// worker has it soon, and no batch goes round in circles while none can look.
const lookAgain = 20 * time.Second

// givenBack: a file system does not answer the worker, so nothing is known about
// its paths. The batch has done nothing and uses up no try. The masters look at
// the inputs themselves: what they see is met again at once, the rest waits for
// the file system. That another worker is asked first is drawn from the log.
func givenBack(f wire.Fact, w world) judgement {
	j := goBack(w, batch.MoveUnready, "given back: "+f.Reason)
	to := &j.change.To
	to.RetryAt = max(to.RetryAt, w.now.Add(lookAgain).UnixMilli())
	j.doubted, j.doubt = f.Unmet, f.Host+": "+f.Reason
	j.given = &store.Reassignment{
		WorkID: w.work.ID, Attempt: w.work.Attempt, OldHost: w.work.Host, OldAssignTime: w.work.AssignTime,
		Reason: wire.ReassignedForLook + "a file system: " + f.Reason,
	}
	return j
}

// judgeUnstarted gives a claimed batch back that never began: no try is used
// (exactly.md 17).
func judgeUnstarted(w world) judgement {
	if w.work.State != batch.Running {
		return judgement{verdict: wire.VerdictStale}
	}
	if w.work.KillAt > 0 {
		return killedUnstarted(w)
	}
	j := goBack(w, batch.MoveUnstarted, "claimed, but never began")
	j.end = &store.Instance{
		WorkID: w.work.ID, Attempt: w.work.Attempt, EndTime: w.now.UnixMilli(), ResultCode: batch.NoCode,
		Outcome: batch.ResultUnstarted, Reason: "the worker stopped before the attempt began",
	}
	return j
}

// killedUnstarted ends a claimed batch that never began and that somebody wants
// killed: no process of it is there, and it must not run any more.
func killedUnstarted(w world) judgement {
	reason := batch.KilledBy(w.work.KillBy, w.work.KillReason)
	now := w.now.UnixMilli()
	to := *w.work
	to.State, to.Finish, to.EndTime, to.ResultCode, to.Message = batch.Done, batch.Killed, now, batch.NoCode, reason
	return judgement{
		verdict: wire.VerdictOK, freed: true,
		change: &store.Change{Move: batch.MoveFinish, From: *w.work, To: to, Detail: reason},
		end: &store.Instance{
			WorkID: w.work.ID, Attempt: w.work.Attempt, EndTime: now, ResultCode: batch.NoCode, Outcome: batch.ResultKilled, Reason: reason,
		},
	}
}

func goBack(w world, move batch.MoveName, detail string) judgement {
	to := *w.work
	to.State, to.Host, to.Incarnation, to.AssignTime, to.StartTime = batch.Waiting, "", "", 0, 0
	to.RefusedAt, to.RefusedReason = 0, ""
	return judgement{verdict: wire.VerdictOK, freed: true, change: &store.Change{Move: move, From: *w.work, To: to, Detail: detail}}
}

// judgeEnded writes how an attempt ended and what follows: success, retry or
// failure (batch.After).
func judgeEnded(f wire.Fact, w world) judgement {
	if w.work.State != batch.Running {
		return judgement{verdict: wire.VerdictStale}
	}
	succeeded := f.ExitCode != nil && *f.ExitCode == 0
	outcome := batch.After(batch.Ended{
		ExitCode: f.ExitCode, ResultCode: f.ResultCode, Killed: f.Killed || (w.work.KillAt > 0 && !succeeded), TimedOut: f.TimedOut, Over: f.Over, Infra: f.Infra,
		Lost: f.Kind == wire.FactLost, OutputReady: f.OutputReady, Reason: f.Reason,
	}, w.def.Spec.Policy(), w.work.Tries(), w.now)
	to := w.work.Settled(outcome, w.endOf(f))
	to.PeakMemory, to.PeakProcesses = max(to.PeakMemory, f.PeakMemory), max(to.PeakProcesses, f.PeakProcesses)
	to.CPUSeconds += f.CPUMillis / 1000
	change := &store.Change{Move: batch.MoveFinish, From: *w.work, To: to, Detail: outcome.Reason}
	end := endedInstance(f, w, outcome)
	if outcome.To != batch.Done {
		change.Move, end.NextRetryAt = batch.MoveRetry, to.RetryAt
	}
	j := judgement{verdict: wire.VerdictOK, change: change, end: &end, freed: true, success: outcome.To == batch.Done && outcome.Finish == batch.Success}
	j.code, j.judged = w.finalCode(f)
	if a, failed := store.FailureAlert(&to, w.name, outcome.Reason); failed {
		j.alerts = append(j.alerts, a)
	}
	j.alerts = append(j.alerts, overAlerts(f, w)...)
	return j
}

// endOf is when an attempt ended, by the masters' clock: as long after its start
// as its worker measured. A report that waited through an outage makes nobody's
// run longer; neither does a worker's clock reach into the future.
func (w world) endOf(f wire.Fact) int64 {
	now := w.now.UnixMilli()
	if f.StartedAt <= 0 || f.EndedAt < f.StartedAt || w.work.StartTime <= 0 {
		return now
	}
	return min(w.work.StartTime+f.EndedAt-f.StartedAt, now)
}

func endedInstance(f wire.Fact, w world, o batch.Outcome) store.Instance {
	i := store.Instance{
		WorkID: f.WorkID, Attempt: f.Attempt, Pid: f.Pid, EndTime: w.endOf(f), ResultCode: o.ResultCode, Outcome: o.Result,
		Reason: o.Reason, Tail: f.Tail, LogBytes: f.LogBytes, FailedCount: o.Tries.User + o.Tries.Infra,
		PeakMemory: f.PeakMemory, PeakProcesses: f.PeakProcesses, CPUMillis: f.CPUMillis, Result: f.Result,
	}
	if f.ExitCode != nil {
		i.HasExit, i.ExitCode = true, *f.ExitCode
	}
	return i
}
