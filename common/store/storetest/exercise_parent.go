package storetest

import (
	"context"
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func parentCases() []exercise {
	return []exercise{
		{name: "ReleasesAChildWhenAllParentsSucceeded", run: parentsMeet},
		{name: "CountsRightWhenTwoParentsFinishAtOnce", run: parentsAtOnce},
		{name: "MakesWaitingChildrenWaitForARerun", run: parentsRerun},
		{name: "LeavesARunningChildAlone", run: parentsRunning},
		{name: "TurnsNotApplicableIntoUnmetAfterAColdStart", run: parentsColdStart},
		{name: "FindsParentsThatBrokeBeforeTheStart", run: parentsBroken},
		{name: "WaitsForTheNewestBatchOfAParent", run: parentsLast},
		{name: "WaitsAgainWhenThereIsANewerBatch", run: parentsNewer},
		{name: "RunsAgainstRerunsWithoutLosingAnyone", run: parentsAgainstReruns},
	}
}

func keyOf(task int64, workNo string) []store.ParentKey {
	return []store.ParentKey{{TaskID: task, WorkNo: workNo}}
}

// child is a batch that waits for one work number of each parent task.
func (w *World) child(workNo string, state int, parents ...int64) int64 {
	w.t.Helper()
	return w.Batch(w.Task(), workNo, func(b *store.NewBatch) {
		for _, p := range parents {
			b.Parents = append(b.Parents, store.NewParent{TaskID: p, WorkNo: workNo, State: state})
		}
	})
}

func (w *World) meet(keys ...store.ParentKey) error {
	ctx := w.t.Context()
	return w.Lead.Tx(ctx, "depend", func(t *store.LeaderTx) error {
		_, err := t.MeetParents(ctx, keys)
		return err
	})
}

// readyParents asks for all of them, as the full pass does.
func (w *World) readyParents() map[store.ParentKey]bool {
	w.t.Helper()
	out := map[store.ParentKey]bool{}
	w.view("list ready parents", func(ctx context.Context, v *store.ViewTx) error {
		keys, err := v.ReadyParents(ctx, 10000)
		for _, k := range keys {
			out[k] = true
		}
		return err
	})
	return out
}

func parentsMeet(t *testing.T, w *World) {
	a, b := w.Task(), w.Task()
	child := w.child("20150518", store.DepUnmet, a, b)
	wantEqual(t, "unmet", w.Work(child).Unmet, 2)
	first, second := w.Batch(a, "20150518"), w.Batch(b, "20150518")
	w.ok("meet what has not ended", w.meet(keyOf(a, "20150518")[0]))
	wantEqual(t, "unmet before any success", w.Work(child).Unmet, 2)
	w.Succeed(first)
	if ready := w.readyParents(); !ready[keyOf(a, "20150518")[0]] || ready[keyOf(b, "20150518")[0]] {
		t.Errorf("got ready parents %v, want the first alone", ready)
	}
	w.ok("meet", w.meet(keyOf(a, "20150518")[0], keyOf(b, "20150518")[0]))
	wantEqual(t, "unmet after one", w.Work(child).Unmet, 1)
	wantEqual(t, "journal", w.Work(child).Seq, 1)
	w.ok("assign", w.Assign(Host, second))
	w.ok("start", w.Start(second))
	w.ok("fail", w.Finish(1, second))
	w.ok("meet a failure", w.meet(keyOf(b, "20150518")[0]))
	wantEqual(t, "unmet after a failure", w.Work(child).Unmet, 1)
	w.operate("mark it", func(ctx context.Context, o *store.OperateTx) error {
		changes, err := changesFrom(ctx, o, batch.MoveMark, batch.Done, []int64{second})
		if err != nil {
			return err
		}
		changes[0].To.Finish, changes[0].To.MarkedBy = batch.Success, "admin"
		return o.Move(ctx, changes)
	})
	w.ok("meet", w.meet(keyOf(b, "20150518")[0]))
	wantEqual(t, "unmet after a mark", w.Work(child).Unmet, 0)
	if ready := w.readyParents(); ready[keyOf(a, "20150518")[0]] {
		t.Errorf("got ready parents %v, want none that nobody waits for", ready)
	}
}

// parentsAtOnce is the lost update of exactly.md 21: two transactions, one for
// each parent, over the same children.
func parentsAtOnce(t *testing.T, w *World) {
	const children = 60
	a, b := w.Task(), w.Task()
	var drafts []store.NewBatch
	for range children {
		drafts = append(drafts, w.Draft(w.Task(), "20150518", func(n *store.NewBatch) {
			n.Parents = []store.NewParent{{TaskID: a, WorkNo: "20150518"}, {TaskID: b, WorkNo: "20150518"}}
			n.Inputs = []store.NewPath{{Path: "/once", Ready: "exists"}}
		}))
	}
	w.ok("insert", w.Insert(drafts...))
	w.Succeed(w.Batch(a, "20150518"), w.Batch(b, "20150518"))
	var group errgroup.Group
	for range 3 {
		group.Go(func() error { return w.meet(keyOf(a, "20150518")[0]) })
		group.Go(func() error { return w.meet(keyOf(b, "20150518")[0]) })
		group.Go(func() error { return w.found(store.PathState{Path: "/once", Ready: "exists", Met: true}) })
	}
	w.ok("meet both at once", group.Wait())
	for _, d := range drafts {
		wantEqual(t, "unmet", w.Work(d.ID).Unmet, 0)
	}
}

func parentsRerun(t *testing.T, w *World) {
	a := w.Task()
	w.Succeed(w.Batch(a, "20150518"))
	waiting, assigned := w.child("20150518", store.DepUnmet, a), w.child("20150518", store.DepUnmet, a)
	w.ok("meet", w.meet(keyOf(a, "20150518")[0]))
	w.ok("assign", w.Assign(Host, assigned))
	rerun := w.Batch(a, "20150518", func(b *store.NewBatch) { b.Type, b.Origin = 1, batch.ByRerun })
	for _, id := range []int64{waiting, assigned} {
		wantEqual(t, "unmet while the parent runs again", w.Work(id).Unmet, 1)
	}
	wantError(t, "start it", w.Start(assigned), store.ErrStale)
	w.view("why", func(ctx context.Context, v *store.ViewTx) error {
		d, err := v.DependsOf(ctx, []int64{waiting})
		if p := d[waiting].Parents[0]; p.LastError == "" || p.UnmetSince != p.LastCheckedAt {
			t.Errorf("got row %+v, want the reason and unmet since then", p)
		}
		return err
	})
	w.ok("meet too early", w.meet(keyOf(a, "20150518")[0]))
	wantEqual(t, "unmet although run 0 succeeded", w.Work(waiting).Unmet, 1)
	w.Succeed(rerun)
	w.ok("meet", w.meet(keyOf(a, "20150518")[0]))
	for _, id := range []int64{waiting, assigned} {
		wantEqual(t, "unmet after the rerun", w.Work(id).Unmet, 0)
	}
	w.ok("start", w.Start(assigned))
	w.ok("finish", w.Finish(0, assigned))
}

func parentsRunning(t *testing.T, w *World) {
	a := w.Task()
	w.Succeed(w.Batch(a, "20150518"))
	child := w.child("20150518", store.DepUnmet, a)
	w.ok("meet", w.meet(keyOf(a, "20150518")[0]))
	w.ok("assign", w.Assign(Host, child))
	w.ok("start", w.Start(child))
	w.Batch(a, "20150518", func(b *store.NewBatch) { b.Type, b.Origin = 1, batch.ByRerun })
	wantEqual(t, "unmet of a running child", w.Work(child).Unmet, 0)
}

func parentsColdStart(t *testing.T, w *World) {
	a := w.Task()
	child := w.child("20150101", store.DepNotApplicable, a)
	wantEqual(t, "unmet before", w.Work(child).Unmet, 0)
	parent := w.Batch(a, "20150101", func(b *store.NewBatch) { b.Origin = batch.ByColdStart })
	wantEqual(t, "unmet after the cold start", w.Work(child).Unmet, 1)
	w.Succeed(parent)
	w.ok("meet", w.meet(keyOf(a, "20150101")[0]))
	wantEqual(t, "unmet after its success", w.Work(child).Unmet, 0)
}

func parentsBroken(t *testing.T, w *World) {
	a, b := w.Task(), w.Task()
	w.Succeed(w.Batch(a, "20150518"), w.Batch(b, "20150518"))
	child := w.child("20150518", store.DepMet, a, b)
	broken := func() map[int64][]store.ParentKey {
		ctx := t.Context()
		var out map[int64][]store.ParentKey
		w.ok("check", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) (err error) {
			out, err = tx.BrokenParents(ctx, []int64{child})
			return err
		}))
		return out
	}
	wantEqual(t, "broken children", len(broken()), 0)
	rawExec(t, w.DB, "UPDATE capri_task_work SET latest = 0 WHERE taskId = ?", b)
	if got := broken()[child]; len(got) != 1 || got[0].TaskID != b {
		t.Errorf("got broken parents %v, want the second", got)
	}
	rawExec(t, w.DB, "UPDATE capri_task_work SET latest = 1 WHERE taskId = ?", b)
	ctx := t.Context()
	w.ok("unmeet", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		return tx.UnmeetParents(ctx, keyOf(b, "20150518"), "broken")
	}))
	wantEqual(t, "unmet", w.Work(child).Unmet, 1)
}

// parentsAgainstReruns lets the gate and reruns of the same parents meet.
func parentsAgainstReruns(t *testing.T, w *World) {
	var parents, children []int64
	for range 4 {
		parents = append(parents, w.Task())
	}
	for range 12 {
		children = append(children, w.child("20150518", store.DepUnmet, parents...))
	}
	runs := make([]int64, len(parents))
	for i, p := range parents {
		runs[i] = w.Batch(p, "20150518")
	}
	w.Succeed(runs...)
	var drafts [][]store.NewBatch
	for run := range 3 {
		var page []store.NewBatch
		for _, p := range parents {
			page = append(page, w.Draft(p, "20150518", func(b *store.NewBatch) { b.Type, b.Origin = run+1, batch.ByRerun }))
		}
		drafts = append(drafts, page)
	}
	var group errgroup.Group
	group.Go(func() error {
		for _, page := range drafts {
			if err := w.Insert(page...); err != nil {
				return fmt.Errorf("rerun: %w", err)
			}
			ids := []int64{page[0].ID, page[1].ID, page[2].ID, page[3].ID}
			for _, step := range []func() error{
				func() error { return w.Assign(Host, ids...) },
				func() error { return w.Start(ids...) },
				func() error { return w.Finish(0, ids...) },
			} {
				if err := step(); err != nil {
					return fmt.Errorf("rerun: %w", err)
				}
			}
		}
		return nil
	})
	for _, p := range parents {
		group.Go(func() error {
			for range 10 {
				if err := w.meet(keyOf(p, "20150518")[0]); err != nil {
					return fmt.Errorf("meet: %w", err)
				}
			}
			return nil
		})
	}
	w.ok("rerun and meet", group.Wait())
	for _, p := range parents {
		w.ok("meet at the end", w.meet(keyOf(p, "20150518")[0]))
	}
	for _, id := range children {
		wantEqual(t, "unmet at the end", w.Work(id).Unmet, 0)
	}
}
