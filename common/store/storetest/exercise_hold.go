package storetest

import (
	"context"
	"testing"

	"capricornus/common/store"
)

// hold puts one hold of a source on a task, until so long from now; 0: for good.
func (w *World) hold(task int64, source, reason string, millis int64) {
	w.t.Helper()
	id := w.IDs(1)[0]
	w.operate("hold", func(ctx context.Context, o *store.OperateTx) error {
		if err := o.LockHeld(ctx, store.HoldTask, task); err != nil {
			return err
		}
		until := int64(0)
		if millis != 0 {
			until = o.Now() + millis
		}
		return o.PutHold(ctx, store.Hold{ID: id, Kind: store.HoldTask, ObjectID: task, Actor: "ann", Reason: reason, Source: source, Until: until})
	})
}

// holdsOn lists what holds a task.
func (w *World) holdsOn(kind string, ids ...int64) []store.Hold {
	w.t.Helper()
	var out []store.Hold
	w.view("list holds", func(ctx context.Context, v *store.ViewTx) (err error) {
		out, err = v.HoldsOf(ctx, kind, ids)
		return err
	})
	return out
}

func holds(t *testing.T, w *World) {
	task := w.Task()
	all := func() (n int) {
		w.view("list", func(ctx context.Context, v *store.ViewTx) error {
			rows, err := v.Holds(ctx)
			for _, h := range rows {
				if h.ObjectID == task {
					n++
				}
			}
			return err
		})
		return n
	}
	w.hold(task, store.SourcePerson, "look", -1)
	wantEqual(t, "holds in force after the time of the one there was", all(), 0)
	w.hold(task, store.SourcePerson, "look again", 3_600_000)
	wantEqual(t, "holds in force", all(), 1)
	wantEqual(t, "rows, the one that was over among them", w.figure("SELECT COUNT(*) FROM capri_hold WHERE objectId = ?", task), 2)
	wantEqual(t, "rows that ended when their time was over", w.figure("SELECT COUNT(*) FROM capri_hold WHERE objectId = ? AND releasedAt = until AND releasedBy = ''", task), 1)
	w.operate("release", func(ctx context.Context, o *store.OperateTx) error {
		n, err := o.ReleaseHolds(ctx, store.HoldTask, task)
		wantEqual(t, "released", n, 1)
		return err
	})
	wantEqual(t, "holds in force afterwards", all(), 0)
	wantEqual(t, "rows released by a person", w.figure("SELECT COUNT(*) FROM capri_hold WHERE objectId = ? AND releasedBy = 'admin'", task), 1)
	w.operate("lock what is not there", func(ctx context.Context, o *store.OperateTx) error {
		wantError(t, "a task that is not there", o.LockHeld(ctx, store.HoldTask, -1), store.ErrNotFound)
		return o.LockHeld(ctx, store.HoldProject, w.Project)
	})
}

func holdSources(t *testing.T, w *World) {
	task := w.Task()
	w.hold(task, store.SourcePerson, "first", 0)
	since := w.holdsOn(store.HoldTask, task)[0].Since
	w.hold(task, store.SourceBreaker, "too many failures", 0)
	w.hold(task, store.SourcePerson, "second", 3_600_000)
	got := w.holdsOn(store.HoldTask, task)
	if len(got) != 2 || got[0].Source != store.SourceBreaker || got[1].Reason != "second" || got[1].Until == 0 || got[1].Since != since {
		t.Errorf("got %+v, want the breaker, and the person's hold with its second reason and its first since", got)
	}
	w.operate("release the person's", func(ctx context.Context, o *store.OperateTx) error {
		n, err := o.ReleaseHolds(ctx, store.HoldTask, task, store.SourcePerson)
		wantEqual(t, "released", n, 1)
		return err
	})
	if left := w.holdsOn(store.HoldTask, task); len(left) != 1 || left[0].Source != store.SourceBreaker {
		t.Errorf("got %+v left, want the breaker alone", left)
	}
	w.view("list", func(ctx context.Context, v *store.ViewTx) error {
		breakers, err := v.HoldsAfter(ctx, store.HoldFilter{Source: store.SourceBreaker, Limit: 10})
		w.ok("breakers", err)
		rest, err := v.HoldsAfter(ctx, store.HoldFilter{After: breakers[len(breakers)-1].ID, Limit: 10})
		wantEqual(t, "holds after the last breaker", len(rest), 0)
		return err
	})
}

func holdMany(t *testing.T, w *World) {
	task := w.Task()
	const n = 1200
	objects := make([]int64, n)
	for i := range objects {
		objects[i] = task*10_000 + int64(i)
	}
	put := func(reason string, some []int64) {
		ids := w.IDs(len(some))
		all := make([]store.Hold, len(some))
		for i, o := range some {
			all[i] = store.Hold{ID: ids[i], Kind: store.HoldBatch, ObjectID: o, Actor: "ann", Reason: reason, Source: store.SourcePerson}
		}
		w.lead("hold many", func(ctx context.Context, l *store.LeaderTx) error { return l.PutHolds(ctx, all) })
	}
	put("first", objects[:n/2])
	put("second", objects)
	got := w.holdsOn(store.HoldBatch, objects...)
	wantEqual(t, "holds", len(got), n)
	for _, h := range got {
		if h.Reason != "second" {
			t.Fatalf("got %+v, want the second reason on all", h)
		}
	}
	w.lead("release many", func(ctx context.Context, l *store.LeaderTx) error {
		ended, err := l.EndHolds(ctx, store.HoldEnd{Kind: store.HoldBatch, Objects: objects[1:], Sources: []string{store.SourcePerson}, By: "bob"})
		wantEqual(t, "ended", ended, n-1)
		return err
	})
	if left := w.holdsOn(store.HoldBatch, objects...); len(left) != 1 || left[0].ObjectID != objects[0] {
		t.Errorf("got %+v left, want the first", left)
	}
	wantEqual(t, "rows that name who released them", w.figure("SELECT COUNT(*) FROM capri_hold WHERE releasedBy = 'bob'"), n-1)
}
