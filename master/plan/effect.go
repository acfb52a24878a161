package plan

import (
	"context"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// effect is what a command does to batches: collected first, then written in
// one go, and told to the others once it is committed.
type effect struct {
	command Command
	detail  string // for the journal: the reason, and the operation if it is one
	now     int64
	ids     []int64 // for holds, one for each batch

	changes  []store.Change
	holds    []store.Hold
	releases []int64 // batches that a person's hold is taken from
	ended    []int64 // batches that never run any more: what holds them is moot
	unmeet   []store.ParentKey

	hosts     []string // workers that must end something
	succeeded []int64
	keys      []store.ParentKey
	wakes     bool // assign has something to look at
}

// add notes what the command does to one batch, which Rule has allowed.
func (e *effect) add(w *store.Work) {
	switch e.command.Kind {
	case KindKill:
		e.kill(w)
	case KindHold:
		id := e.ids[len(e.holds)]
		e.holds = append(e.holds, store.Hold{
			ID: id, Kind: store.HoldBatch, ObjectID: w.ID, Actor: e.command.By, Reason: e.command.Reason, Source: store.SourcePerson, Until: e.command.Until,
		})
		e.wakes = true
	case KindRelease:
		e.releases = append(e.releases, w.ID)
		e.wakes = true
	case KindMark:
		e.mark(w)
	}
}

func (e *effect) kill(w *store.Work) {
	to := *w
	to.KillBy, to.KillAt, to.KillReason = e.command.By, e.now, e.command.Reason
	if w.State == batch.Running {
		e.change(batch.MoveOrderKill, w, to)
		e.hosts = append(e.hosts, w.Host)
		return
	}
	to.State, to.Finish, to.EndTime = batch.Done, batch.Killed, e.now
	to.Gate, to.GateSince, to.Message = "", 0, batch.KilledBy(e.command.By, e.command.Reason)
	e.change(batch.MoveKill, w, to)
	e.ended = append(e.ended, w.ID)
	e.wakes = e.wakes || w.State == batch.Assigned // its slot is free
}

func (e *effect) mark(w *store.Work) {
	to := *w
	to.State, to.Finish, to.MarkedBy = batch.Done, e.command.Result, e.command.By
	to.Gate, to.GateSince = "", 0
	to.Message = "marked " + e.command.Result.String() + " by " + e.command.By + ": " + e.command.Reason
	if w.State != batch.Done {
		to.EndTime = e.now
		e.ended = append(e.ended, w.ID)
	}
	move := batch.MoveMark
	if e.command.Result == batch.Skipped {
		move = batch.MoveSkip
	}
	e.change(move, w, to)
	key := store.ParentKey{TaskID: w.TaskID, WorkNo: w.WorkNo}
	if e.command.Result == batch.Success {
		e.succeeded, e.keys = append(e.succeeded, w.ID), append(e.keys, key)
		return
	}
	if w.Finish == batch.Success {
		e.unmeet = append(e.unmeet, key, store.ParentKey{TaskID: w.TaskID}) // without a work number: who relies on the newest one
		e.wakes = true
	}
}

func (e *effect) change(move batch.MoveName, from *store.Work, to store.Work) {
	e.changes = append(e.changes, store.Change{Move: move, From: *from, To: to, Detail: e.detail, Actor: e.command.By})
}

// commandTx is what an effect needs of a transaction, a person's or the leader's.
type commandTx interface {
	PutHolds(ctx context.Context, holds []store.Hold) error
	EndHolds(ctx context.Context, e store.HoldEnd) (int, error)
	UnmeetParents(ctx context.Context, keys []store.ParentKey, reason string) error
}

// write does it; move is how this transaction moves batches.
func (e *effect) write(ctx context.Context, t commandTx, move func(context.Context, []store.Change) error) error {
	if err := move(ctx, e.changes); err != nil {
		return err
	}
	if err := t.PutHolds(ctx, e.holds); err != nil {
		return err
	}
	if _, err := t.EndHolds(ctx, store.HoldEnd{Kind: store.HoldBatch, Objects: e.releases, Sources: []string{store.SourcePerson}, By: e.command.By}); err != nil {
		return err
	}
	if _, err := t.EndHolds(ctx, store.HoldEnd{Kind: store.HoldBatch, Objects: e.ended, By: e.command.By}); err != nil {
		return err
	}
	return t.UnmeetParents(ctx, e.unmeet, "marked "+e.command.Result.String()+" by "+e.command.By)
}

// tell wakes whoever has something to do now.
func (e *effect) tell(n Notify) {
	if len(e.hosts) > 0 {
		n.Killed(e.hosts)
	}
	if len(e.succeeded) > 0 {
		n.Finished(e.succeeded, e.keys)
	}
	if e.wakes {
		n.Freed()
	}
}
