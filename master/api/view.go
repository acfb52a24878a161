package api

import (
	"strings"
	"time"

	"capricornus/common/batch"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/master/plan"
)

// viewBatch is a batch as people see it: its message is a sentence.
func viewBatch(b *store.Batch, zone *time.Location) wire.Batch {
	return wire.Batch{
		ID: b.ID, Ref: b.Ref().String(), Task: b.Task, Project: b.Project, WorkNo: b.WorkNo, Run: b.Type,
		Period: period.Kind(b.Period).String(), State: b.State.String(), Finish: b.Finish.String(),
		JobRun: batch.JobRun(b.State, b.Finish, b.ResultCode), Origin: string(b.Origin),
		ScheduledAt: b.ScheduleTime, BizStart: b.BizStart, BizEnd: b.BizEnd, CreatedAt: b.CreatedAt,
		AssignedAt: b.AssignTime, StartedAt: b.StartTime, EndedAt: b.EndTime,
		DependTimeoutAt: b.DependTimeoutAt, OutputTimeoutAt: b.OutputTimeoutAt, RetryAt: b.RetryAt,
		Host: b.Host, Attempt: b.Attempt, Unmet: b.Unmet, Priority: b.Priority, Gate: b.Gate, GateSince: b.GateSince,
		Message: batch.Say(b.Message, "en", zone), OperationID: b.OperationID, TaskVersion: b.TaskVersion,
	}
}

func viewAttempts(all []store.Instance) []wire.Attempt {
	out := make([]wire.Attempt, 0, len(all))
	for _, i := range all {
		a := wire.Attempt{
			Attempt: i.Attempt, Code: i.Code, Host: i.Host, StartedAt: i.StartTime, EndedAt: i.EndTime, ResultCode: i.ResultCode,
			Outcome: i.Outcome, Reason: i.Reason, Tail: i.Tail, LogBytes: i.LogBytes, PeakMemory: i.PeakMemory,
			PeakProcesses: i.PeakProcesses, CPUMillis: i.CPUMillis,
		}
		if i.HasExit {
			a.ExitCode = &i.ExitCode
		}
		a.Answer = viewAnswer(i.Result)
		out = append(out, a)
	}
	return out
}

// movedShown bounds the assignments taken back that are told one by one.
const movedShown = 20

func viewMoved(all []store.Reassignment) []wire.Moved {
	var out []wire.Moved
	for _, r := range all[max(0, len(all)-movedShown):] {
		out = append(out, wire.Moved{Attempt: r.Attempt, From: r.OldHost, To: r.NewHost, At: r.At, Reason: r.Reason})
	}
	return out
}

// Kinds and states of dependencies.
const (
	dependData   = "data"
	dependThird  = "third-party"
	dependParent = "parent"
	dependOutput = "output"
)

func dependState(state int) string {
	switch state {
	case store.DepMet:
		return "met"
	case store.DepNotApplicable:
		return "not-applicable"
	default:
		return "unmet"
	}
}

// viewDepends lists the dependencies of a batch, then what it makes. Nothing
// waits for an output, so it has no state.
func viewDepends(d *store.Depends) []wire.Depend {
	if d == nil {
		return []wire.Depend{}
	}
	var outputs []wire.Depend
	out := make([]wire.Depend, 0, len(d.Paths)+len(d.Thirds)+len(d.Parents))
	for _, p := range d.Paths {
		if p.Type == store.DataOutput {
			outputs = append(outputs, wire.Depend{Kind: dependOutput, What: p.Path, Ready: p.Ready, State: "not-applicable"})
			continue
		}
		out = append(out, wire.Depend{Kind: dependData, What: p.Path, Ready: p.Ready, State: dependState(p.State),
			UnmetSince: p.UnmetSince, LastCheckedAt: p.LastCheckedAt, LastError: p.LastError})
	}
	for _, p := range d.Thirds {
		out = append(out, wire.Depend{Kind: dependThird, What: p.Code + "/" + p.DataNo, State: dependState(p.State),
			UnmetSince: p.UnmetSince, LastCheckedAt: p.LastCheckedAt, LastError: p.LastError})
	}
	for _, p := range d.Parents {
		what := p.Task + "/" + p.WorkNo
		if p.Last {
			what = p.Task + "/last"
		}
		out = append(out, wire.Depend{Kind: dependParent, What: what, State: dependState(p.State),
			UnmetSince: p.UnmetSince, LastCheckedAt: p.LastCheckedAt, LastError: p.LastError})
	}
	return append(out, outputs...)
}

func viewEvents(all []store.Event) wire.EventList {
	list := wire.EventList{Items: make([]wire.Event, 0, len(all))}
	for _, e := range all {
		v := wire.Event{
			Seq: e.Seq, To: e.ToState.String(), Move: string(e.Move), Attempt: e.Attempt, Actor: strings.TrimSpace(e.Actor + " " + e.ActorID),
			Epoch: e.Epoch, At: e.At, Detail: e.Detail,
		}
		if e.FromState != batch.Nothing {
			v.From = e.FromState.String()
		}
		if v.Detail == "" && e.Finish != batch.None {
			v.Detail = e.Finish.String()
		}
		list.Items = append(list.Items, v)
	}
	return list
}

// viewTask is a row of the task list. def may be nil: then the next base time
// is not known.
func viewTask(row *store.Task, def *task.Task, zone *time.Location, now time.Time) wire.TaskSummary {
	v := wire.TaskSummary{
		Name: row.Name, Title: row.Title, Project: row.Project, Owner: row.Owner, Period: period.Kind(row.Period).String(), Cron: row.Cron,
		Enabled: row.IsEnabled, Priority: row.Priority, Version: row.Version,
	}
	if def != nil && row.IsEnabled {
		v.NextAt, v.NextRunTime = nextBase(def, zone, now), nextRun(def, zone, now)
	}
	return v
}

// upcomingShown is how many of a task's next base times are told.
const upcomingShown = 5

// nextBase is the next base time of a task within its validity, 0 for none. It
// is pure.
func nextBase(def *task.Task, zone *time.Location, now time.Time) int64 {
	if next := slotsAfter(def, zone, now, 1); len(next) > 0 {
		return next[0].Base.UnixMilli()
	}
	return 0
}

// upcoming are the next base times of a task within its validity.
func upcoming(def *task.Task, zone *time.Location, now time.Time) []int64 {
	var out []int64
	for _, slot := range slotsAfter(def, zone, now, upcomingShown) {
		out = append(out, slot.Base.UnixMilli())
	}
	return out
}

// ahead are the next batches of a task once a definition of it is saved; when
// there are none, why says for what reason. It is pure.
func ahead(def *task.Task, zone *time.Location, now time.Time) (next []wire.NextBatch, why string) {
	if !def.Spec.Enabled {
		return nil, wire.NoneWhileDisabled
	}
	if def.Spec.Period == period.Manual.String() {
		return nil, wire.NoneByItself
	}
	for _, slot := range slotsAfter(def, zone, now, upcomingShown) {
		next = append(next, wire.NextBatch{WorkNo: slot.WorkNo, At: slot.Base.UnixMilli()})
	}
	if len(next) == 0 {
		return nil, wire.NoneWhileValid
	}
	return next, ""
}

func slotsAfter(def *task.Task, zone *time.Location, now time.Time, n int) []period.Slot {
	cycle, err := def.Cycle(zone)
	if err != nil {
		return nil
	}
	after := now
	if from, _, err := def.Spec.Valid.Bounds(zone); err == nil && from.Add(-1).After(after) {
		after = from.Add(-1) // the first slots after it may still lie across it
	}
	var out []period.Slot
	for range n + 3 {
		slot, ok := cycle.Next(after)
		if !ok || len(out) == n {
			return out
		}
		if def.Spec.Valid.Holds(slot, zone) {
			out = append(out, slot)
		}
		after = slot.Base
	}
	return out
}

// viewOperation counts by what the batches of an operation did and by the
// decisions of its items. A command made no batches: those count that it could
// not change any more.
func viewOperation(o store.Operation, p store.Progress, decisions map[string]int) wire.Operation {
	return wire.Operation{
		ID: o.ID, Kind: o.Kind, State: o.State, Author: o.Author, Reason: o.Reason, CreatedAt: o.CreatedAt, EndedAt: o.EndedAt,
		Total: o.Total, Created: o.Created, Done: p.Done, Failed: p.Failed + decisions[plan.Fail],
		Skipped: decisions[plan.Skip], Blocked: decisions[plan.Block], RequestID: o.RequestID,
	}
}

// stateOrResult is the state of a batch, or the result of one that has ended.
func stateOrResult(b *store.Batch) string {
	if b.State == batch.Done {
		return b.Finish.String()
	}
	return b.State.String()
}
