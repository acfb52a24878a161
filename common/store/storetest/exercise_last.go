package storetest

import (
	"context"
	"testing"

	"capricornus/common/store"
)

func parentsLast(t *testing.T, w *World) {
	a := w.Task()
	child := w.Batch(w.Task(), "20150518", func(b *store.NewBatch) { b.Parents = []store.NewParent{{TaskID: a, Last: true}} })
	meet := func() {
		w.lead("meet lasts", func(ctx context.Context, tx *store.LeaderTx) error {
			_, err := tx.MeetLasts(ctx, []int64{a})
			return err
		})
	}
	meet()
	wantEqual(t, "unmet without any batch", w.Work(child).Unmet, 1)
	at := func(n int64) func(*store.NewBatch) { return func(b *store.NewBatch) { b.ScheduleTime = n } }
	w.Succeed(w.Batch(a, "20150516", at(100)))
	newest := w.Batch(a, "20150517", at(200))
	meet()
	wantEqual(t, "unmet while the newest waits", w.Work(child).Unmet, 1)
	w.Succeed(newest)
	w.view("list", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.ReadyLasts(ctx, 10)
		if len(all) != 1 || all[0] != a {
			t.Errorf("got %v, want task %d", all, a)
		}
		return err
	})
	meet()
	wantEqual(t, "unmet", w.Work(child).Unmet, 0)
}

// parentsNewer makes newer batches of a parent of which the newest one counts.
func parentsNewer(t *testing.T, w *World) {
	a := w.Task()
	child := w.Task(func(s *store.TaskSave) { s.Edges = []store.Edge{{ParentID: a, Kind: "logic", Window: "last"}} })
	at := func(n int64) func(*store.NewBatch) { return func(b *store.NewBatch) { b.ScheduleTime = n } }
	meet := func() {
		w.lead("meet lasts", func(ctx context.Context, tx *store.LeaderTx) error {
			_, err := tx.MeetLasts(ctx, []int64{a})
			return err
		})
	}
	w.Succeed(w.Batch(a, "20150516", at(200)))
	waiting := w.Batch(child, "20150518", func(b *store.NewBatch) { b.Parents = []store.NewParent{{TaskID: a, Last: true}} })
	meet()
	wantEqual(t, "unmet after the newest succeeded", w.Work(waiting).Unmet, 0)
	w.Batch(a, "20150515", at(100))
	wantEqual(t, "unmet with one more of the past", w.Work(waiting).Unmet, 0)
	w.ok("assign", w.Assign(Host, waiting))
	newest := w.Batch(a, "20150517", at(300))
	wantEqual(t, "unmet with a newer one", w.Work(waiting).Unmet, 1)
	w.Succeed(newest)
	meet()
	wantEqual(t, "unmet after that one succeeded", w.Work(waiting).Unmet, 0)
	rawExec(t, w.DB, "UPDATE capri_task_work SET finishState = 2 WHERE id = ?", newest)
	ctx := t.Context()
	w.ok("check at the start", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		broken, err := tx.BrokenParents(ctx, []int64{waiting})
		if len(broken[waiting]) != 1 {
			t.Errorf("got broken parents %v, want the newest batch", broken)
		}
		if err != nil {
			return err
		}
		return tx.UnmeetParents(ctx, broken[waiting], "broken")
	}))
	wantEqual(t, "unmet once it was found broken", w.Work(waiting).Unmet, 1)
	rawExec(t, w.DB, "UPDATE capri_task_work SET finishState = 1 WHERE id = ?", newest)
}
