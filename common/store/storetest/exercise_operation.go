package storetest

import (
	"context"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func operationCases() []exercise {
	return []exercise{
		{name: "CancelsAndResumesOperations", run: cancelResume},
		{name: "MakesNothingOfACancelledOperation", run: cancelledPage},
		{name: "FindsOperationsThatHaveEnded", run: endedOperations},
		{name: "KnowsWhatAnOperationMakes", run: itemsCreating},
		{name: "LetsBatchesWaitForMoreParents", run: awaitParents},
	}
}

func (w *World) cancelOperation(id int64) {
	w.t.Helper()
	w.operate("cancel", func(ctx context.Context, o *store.OperateTx) error {
		if _, err := o.LockOperation(ctx, id); err != nil {
			return err
		}
		return o.CancelOperation(ctx, id, "wrong week")
	})
}

// takeBack ends a page of what a cancelled operation has waiting.
func (w *World) takeBack(id int64, limit int) (ended int) {
	w.t.Helper()
	w.lead("take back", func(ctx context.Context, t *store.LeaderTx) error {
		works, err := t.LockUnstarted(ctx, id, limit)
		if err != nil {
			return err
		}
		var changes []store.Change
		var ids []int64
		for _, work := range works {
			to := *work
			to.State, to.Finish, to.KillReason = batch.Done, batch.Killed, store.CancelledReason(id)
			changes, ids = append(changes, store.Change{Move: batch.MoveKill, From: *work, To: to}), append(ids, work.ID)
		}
		ended = len(ids)
		if err := t.Move(ctx, batch.Operator, changes); err != nil {
			return err
		}
		return t.ItemsUnmade(ctx, id, ids)
	})
	return ended
}

func cancelResume(t *testing.T, w *World) {
	id := w.operation(w.Task(), "20150518", "20150519", "20150520")
	_, err := w.createPage(id, 10)
	w.ok("create", err)
	w.cancelOperation(id)
	for _, want := range []struct{ ended, created, open int }{{2, 1, 1}, {1, 0, 0}, {0, 0, 0}} {
		wantEqual(t, "ended", w.takeBack(id, 2), want.ended)
		w.view("read", func(ctx context.Context, v *store.ViewTx) error {
			o, err := v.OperationByID(ctx, id)
			w.ok("operation", err)
			wantEqual(t, "made", o.Created, want.created)
			wantEqual(t, "at rest", o.EndedAt > 0, want.ended == 0)
			if o.State != store.OperationCancelled || o.CancelledBy != "admin" || o.CancelReason != "wrong week" {
				t.Errorf("got %+v, want who cancelled it and why", o)
			}
			cancelling, err := v.Cancelling(ctx, 10)
			w.ok("cancelling", err)
			wantEqual(t, "cancelling", len(cancelling) == 1, want.ended > 0)
			pending, err := v.PendingOperations(ctx)
			w.ok("pending", err)
			wantEqual(t, "pending", pending[id], want.ended > 0)
			progress, err := v.OperationProgress(ctx, id)
			wantEqual(t, "progress", progress, store.Progress{Open: want.open})
			return err
		})
	}
	w.operate("resume", func(ctx context.Context, o *store.OperateTx) error { return o.ResumeOperation(ctx, id) })
	w.view("read again", func(ctx context.Context, v *store.ViewTx) error {
		o, err := v.OperationByID(ctx, id)
		wantEqual(t, "state", o.State, store.OperationCreating)
		items, err2 := v.ItemsToMake(ctx, id, 10)
		wantEqual(t, "to be made", len(items), 3)
		w.ok("items", err2)
		return err
	})
}

func cancelledPage(t *testing.T, w *World) {
	id := w.operation(w.Task(), "20150518")
	w.cancelOperation(id)
	_, err := w.createPage(id, 10)
	wantError(t, "make a page", err, store.ErrStale)
	wantEqual(t, "batches", w.figure("SELECT COUNT(*) FROM capri_task_work WHERE operationId = ?", id), 0)
	w.takeBack(id, 10)
}

func endedOperations(t *testing.T, w *World) {
	task := w.Task()
	var ids []int64
	for _, no := range []string{"20150518", "20150519"} {
		id := w.operation(task, no)
		for range 2 {
			_, err := w.createPage(id, 10)
			w.ok("create", err)
		}
		ids = append(ids, id)
	}
	w.Succeed(int64(w.figure("SELECT id FROM capri_task_work WHERE operationId = ?", ids[0])))
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		ended, err := v.EndedOperations(ctx)
		has := map[int64]bool{}
		for _, id := range ended {
			has[id] = true
		}
		if !has[ids[0]] || has[ids[1]] {
			t.Errorf("got %v, want %d and not %d", ended, ids[0], ids[1])
		}
		return err
	})
}

func itemsCreating(t *testing.T, w *World) {
	one, other := w.Task(), w.Task()
	id := w.operation(one, "20150518", "20150519")
	_, err := w.createPage(id, 1)
	w.ok("create", err)
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		made, err := v.ItemsCreating(ctx, id, []int64{one, other})
		if len(made) != 2 || !made[store.ParentKey{TaskID: one, WorkNo: "20150519"}] {
			t.Errorf("got %v, want both numbers, made or not, and not what is skipped", made)
		}
		versions, err2 := v.ItemVersions(ctx, id)
		if len(versions) != 1 || versions[0] != (store.VersionKey{TaskID: one, Version: 1}) {
			t.Errorf("got %v, want the one task", versions)
		}
		w.ok("versions", err2)
		return err
	})
}

func awaitParents(t *testing.T, w *World) {
	parent, child := w.Task(), w.Task()
	key := func(no string) store.ParentKey { return store.ParentKey{TaskID: parent, WorkNo: no} }
	waits := w.Batch(child, "1", func(b *store.NewBatch) {
		b.Parents = []store.NewParent{{TaskID: parent, Last: true, State: store.DepMet}, {TaskID: parent, WorkNo: "1", State: store.DepMet}}
	})
	given, runs := w.Batch(child, "2"), w.Batch(child, "3")
	w.ok("assign", w.Assign(Host, given, runs))
	w.ok("start", w.Start(runs))
	await := func() (told map[int64]int) {
		w.lead("await", func(ctx context.Context, t *store.LeaderTx) (err error) {
			told, err = t.AwaitParents(ctx, map[int64][]store.ParentKey{
				waits: {key("1"), key("2")}, given: {key("2"), key("3")}, runs: {key("3")}, 404: {key("3")},
			}, "it runs again")
			return err
		})
		return told
	}
	told := await()
	if len(told) != 2 || told[waits] != 1 || told[given] != 2 {
		t.Errorf("got %v, want one more for what waits, two for what is assigned, none for others", told)
	}
	wantEqual(t, "unmet of what waits", w.Work(waits).Unmet, 1)
	wantEqual(t, "unmet of what is assigned", w.Work(given).Unmet, 2)
	wantEqual(t, "unmet of what runs", w.Work(runs).Unmet, 0)
	if told := await(); told[waits] != 0 || told[given] != 0 {
		t.Errorf("got %v the second time, want nothing more", told)
	}
	wantEqual(t, "rows", w.figure("SELECT COUNT(*) FROM capri_tparent_data WHERE taskWorkId IN (?, ?, ?)", waits, given, runs), 5)
}
