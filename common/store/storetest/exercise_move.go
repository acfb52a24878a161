package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func moveCases() []exercise {
	return []exercise{
		{name: "TakesABatchThroughItsLifeAndWritesTheJournal", run: moveLife},
		{name: "RefusesAStaleStateAttemptOrSeqAndKeepsNothing", run: moveStale},
		{name: "RefusesWhatIsNoLegalMoveOrNotTheOwners", run: moveIllegal},
		{name: "RefusesAMoveThatChangesAnotherColumn", run: moveStray},
		{name: "StartsNothingThatStillWaits", run: moveUnmet},
		{name: "LetsOneOfManyWinTheSameStart", run: moveRace},
		{name: "MovesSeveralHundredAtOnce", run: moveMany},
		{name: "ReplacesOutputThatIsNoTextAndKeepsItsEnd", run: moveText},
	}
}

func moveLife(t *testing.T, w *World) {
	id := w.Batch(w.Task(), "20150518")
	w.ok("assign", w.Assign(Host, id))
	w.ok("start", w.Start(id))
	w.ok("retry", w.Retry(id))
	w.Succeed(id)
	got := w.Work(id)
	if got.State != batch.Done || got.Finish != batch.Success || got.Attempt != 2 || got.Seq != 7 || got.UserFailures != 1 {
		t.Errorf("got %+v, want a success of attempt 2 after one failure", got)
	}
	w.view("read the journal", func(ctx context.Context, v *store.ViewTx) error {
		events, err := v.Events(ctx, id)
		want := []batch.MoveName{"create", "assign", "start", "retry", "assign", "start", "finish"}
		wantEqual(t, "events", len(events), len(want))
		for i, e := range events {
			if e.Move != want[i] || e.Seq != i+1 || e.At == 0 || e.ActorID == "" {
				t.Errorf("got event %+v, want number %d, %s", e, i+1, want[i])
			}
		}
		attempts, err2 := v.Instances(ctx, id)
		wantEqual(t, "attempts", len(attempts), 2)
		return errors.Join(err, err2)
	})
}

// moveStale moves a good batch together with one that was seen wrongly.
func moveStale(t *testing.T, w *World) {
	task := w.Task()
	good, other := w.Batch(task, "20150518"), w.Batch(task, "20150519")
	for name, spoil := range map[string]func(*store.Work){
		"state":   func(f *store.Work) { f.State = batch.Assigned },
		"attempt": func(f *store.Work) { f.Attempt++ },
		"seq":     func(f *store.Work) { f.Seq++ },
	} {
		ctx := t.Context()
		err := w.Lead.Tx(ctx, "assign", func(tx *store.LeaderTx) error {
			changes, err := changesFrom(ctx, tx, batch.MoveAssign, batch.Waiting, []int64{good, other})
			if err != nil {
				return err
			}
			spoil(&changes[1].From)
			for i := range changes {
				to := &changes[i].To
				to.State, to.Attempt, to.Host = batch.Assigned, to.Attempt+1, Host
				if changes[i].From.State == batch.Assigned {
					changes[i].Move = batch.MoveReassign
				}
			}
			return tx.Move(ctx, batch.Place, changes)
		})
		wantError(t, "a move from a stale "+name, err, store.ErrStale)
		wantEqual(t, "seq of the good one", w.Work(good).Seq, 1)
	}
}

func moveIllegal(t *testing.T, w *World) {
	id := w.Batch(w.Task(), "20150518")
	for name, c := range map[string]struct {
		owner batch.Owner
		move  batch.MoveName
		to    batch.State
		fin   batch.Finish
	}{
		"ByAnotherOwner":     {batch.Guard, batch.MoveAssign, batch.Assigned, batch.None},
		"ToAnotherState":     {batch.Place, batch.MoveAssign, batch.Running, batch.None},
		"DoneWithoutAResult": {batch.Place, batch.MoveDeny, batch.Done, batch.None},
		"Unknown":            {batch.Place, "teleport", batch.Assigned, batch.None},
		"CreatedAgain":       {batch.Plan, batch.MoveCreate, batch.Waiting, batch.None},
	} {
		ctx := t.Context()
		err := w.Lead.Tx(ctx, "test", func(tx *store.LeaderTx) error {
			changes, err := changesFrom(ctx, tx, c.move, batch.Waiting, []int64{id})
			if err != nil {
				return err
			}
			changes[0].To.State, changes[0].To.Finish = c.to, c.fin
			return tx.Move(ctx, c.owner, changes)
		})
		if err == nil {
			t.Errorf("%s: got no error, want the move refused", name)
		}
	}
	wantEqual(t, "seq", w.Work(id).Seq, 1)
}

// moveStray moves a batch and alters columns that are not the move's to change.
func moveStray(t *testing.T, w *World) {
	id := w.Batch(w.Task(), "20150518")
	for name, stray := range map[string]func(*store.Work){
		"endTime":      func(to *store.Work) { to.EndTime = 5 },
		"killBy":       func(to *store.Work) { to.KillBy = "ann" },
		"unmet":        func(to *store.Work) { to.Unmet = 1 },
		"qualityState": func(to *store.Work) { to.QualityState = batch.QualityRun },
		"workNo":       func(to *store.Work) { to.WorkNo = "20150519" },
	} {
		ctx := t.Context()
		err := w.Lead.Tx(ctx, "assign", func(tx *store.LeaderTx) error {
			changes, err := changesFrom(ctx, tx, batch.MoveAssign, batch.Waiting, []int64{id})
			if err != nil {
				return err
			}
			to := &changes[0].To
			to.State, to.Attempt, to.Host = batch.Assigned, 1, Host
			stray(to)
			return tx.Move(ctx, batch.Place, changes)
		})
		if err == nil || !strings.Contains(err.Error(), "changes "+name) {
			t.Errorf("got %v, want an assignment that changes %s refused", err, name)
		}
	}
	wantEqual(t, "seq", w.Work(id).Seq, 1)
}

func moveUnmet(t *testing.T, w *World) {
	id := w.Batch(w.Task(), "20150518", func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: "/a", Ready: "exists"}} })
	wantError(t, "assign a batch that waits for a path", w.Assign(Host, id), store.ErrStale)
}

func moveRace(t *testing.T, w *World) {
	id := w.Batch(w.Task(), "20150518")
	w.ok("assign", w.Assign(Host, id))
	var group errgroup.Group
	for range 8 {
		group.Go(func() error { return w.Start(id) })
	}
	w.ok("start eight times at once", group.Wait())
	wantEqual(t, "seq", w.Work(id).Seq, 3)
}

func moveMany(t *testing.T, w *World) {
	var all []store.NewBatch
	var ids []int64
	for range 1100 {
		task := int64(len(all)) + 1_000_000_000
		all = append(all, store.NewBatch{TaskID: task, TaskVersion: 1, WorkNo: "20150518", Origin: batch.ByTimer})
	}
	for i, id := range w.IDs(len(all)) {
		all[i].ID = id
		ids = append(ids, id)
	}
	w.ok("insert", w.Insert(all...))
	w.Beat("big", 2000)
	w.ok("assign", w.Assign("big", ids...))
	w.ok("start", w.Start(ids...))
	w.ok("finish", w.Finish(0, ids...))
	wantEqual(t, "state of the last", w.Work(ids[1099]).State, batch.Done)
}

func moveText(t *testing.T, w *World) {
	ctx := t.Context()
	id := w.Batch(w.Task(), "20150518")
	w.ok("assign", w.Assign(Host, id))
	w.ok("start", w.Start(id))
	tail := make([]byte, 20000)
	for i := range tail {
		tail[i] = byte(0x80 + i%100)
	}
	copy(tail[len(tail)-4:], "last")
	err := w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		return tx.EndInstances(ctx, []store.Instance{{WorkID: id, Attempt: 1, EndTime: tx.Now(), HasExit: true, Tail: string(tail), Reason: "\xff\xfe"}})
	})
	w.ok("end an attempt with output in another encoding", err)
	w.view("read it", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.Instances(ctx, id)
		if text := got[0].Tail; text[len(text)-4:] != "last" || len(text) > 8<<10 {
			t.Errorf("got a tail of %d bytes ending in %q, want its end", len(text), text[len(text)-4:])
		}
		return err
	})
	w.ok("finish", w.Finish(0, id))
}
