package storetest

import (
	"context"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func insertCases() []exercise {
	return []exercise{
		{name: "MakesABatchWithAllItsRows", run: insertWhole},
		{name: "RollsAllBackWhenOneExists", run: insertDuplicate},
		{name: "AllowsOneUnfinishedPerWorkNumber", run: insertUnfinished},
		{name: "LetsTheNewestRunCount", run: insertRerun},
		{name: "MovesMarksWithTheRowsTheyCover", run: insertMarks},
		{name: "RemembersFailedSlots", run: insertFailures},
	}
}

func insertWhole(t *testing.T, w *World) {
	task := w.Task()
	id := w.Batch(task, "20150518", func(b *store.NewBatch) {
		b.Inputs = []store.NewPath{{Path: "/in/a", Ready: "exists"}, {Path: "/in/b", Ready: "_SUCCESS"}}
		b.Outputs = []store.NewPath{{Path: "/out", Ready: "exists"}}
		b.Thirds = []store.NewThird{{Code: "pay", Key: "1"}, {Code: "pay", Key: "2", Met: true}}
		b.Parents = []store.NewParent{
			{TaskID: task, WorkNo: "20150517"}, {TaskID: task, WorkNo: "20150516", State: store.DepMet},
			{TaskID: task, WorkNo: "20150515", State: store.DepNotApplicable}, {TaskID: task, Last: true},
		}
	})
	wantEqual(t, "unmet", w.Work(id).Unmet, 5)
	w.view("read the rows", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.DependsOf(ctx, []int64{id})
		if err != nil {
			return err
		}
		d := all[id]
		if len(d.Paths) != 3 || len(d.Thirds) != 2 || len(d.Parents) != 4 || d.Paths[2].Type != store.DataOutput || !d.Parents[3].Last {
			t.Errorf("got %+v, want all rows in order", d)
		}
		return nil
	})
}

func insertDuplicate(t *testing.T, w *World) {
	task := w.Task()
	w.Succeed(w.Batch(task, "20150518"))
	fresh := w.Draft(task, "20150519")
	wantError(t, "insert one that exists beside a new one", w.Insert(fresh, w.Draft(task, "20150518")), store.ErrExists)
	w.view("look for the new one", func(ctx context.Context, v *store.ViewTx) error {
		_, err := v.WorkByID(ctx, fresh.ID)
		wantError(t, "read the new one", err, store.ErrNotFound)
		return nil
	})
	w.ok("insert it alone", w.Insert(fresh))
}

func insertUnfinished(t *testing.T, w *World) {
	task := w.Task()
	first := w.Batch(task, "20150518")
	rerun := w.Draft(task, "20150518", func(b *store.NewBatch) { b.Type, b.Origin = 1, batch.ByRerun })
	for _, step := range []func() error{
		func() error { return nil },
		func() error { return w.Assign(Host, first) },
		func() error { return w.Start(first) },
	} {
		w.ok("step", step())
		wantError(t, "a second unfinished batch", w.Insert(rerun), store.ErrExists)
	}
	wantEqual(t, "batches that count", w.counting(task, "20150518"), first)
	w.ok("finish", w.Finish(1, first))
	w.ok("rerun when it has ended", w.Insert(rerun))
}

// counting is the batch of the run that counts, 0 when there is none.
func (w *World) counting(task int64, workNo string) int64 {
	w.t.Helper()
	var id int64
	key := store.ParentKey{TaskID: task, WorkNo: workNo}
	w.view("read the counting run", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Existing(ctx, []store.ParentKey{key, {TaskID: task, WorkNo: "19700101"}})
		id = all[key].ID
		return err
	})
	return id
}

func insertRerun(t *testing.T, w *World) {
	task := w.Task(func(s *store.TaskSave) { s.Name = "rerun_me" })
	w.Succeed(w.Batch(task, "20150518"))
	var ids []int64
	for run := range 3 {
		id := w.Batch(task, "20150518", func(b *store.NewBatch) { b.Type, b.Origin = run+1, batch.ByRerun })
		wantEqual(t, "the run that counts", w.counting(task, "20150518"), id)
		w.Succeed(id)
		ids = append(ids, id)
	}
	w.view("read by reference", func(ctx context.Context, v *store.ViewTx) error {
		newest, err := v.BatchByRef(ctx, batch.Ref{Task: "rerun_me", WorkNo: "20150518", Run: batch.AnyRun})
		wantEqual(t, "any run", newest.ID, ids[2])
		w.ok("by run", err)
		one, err := v.BatchByRef(ctx, batch.Ref{Task: "rerun_me", WorkNo: "20150518", Run: 1})
		wantEqual(t, "run 1", one.ID, ids[0])
		w.ok("by run", err)
		_, err = v.BatchByRef(ctx, batch.Ref{Task: "RERUN_ME", WorkNo: "20150518", Run: 1})
		wantError(t, "another case of the name", err, store.ErrNotFound)
		return nil
	})
}

func insertMarks(t *testing.T, w *World) {
	task := w.Task()
	put := func(marks map[string]int64, all ...store.NewBatch) error {
		ctx := t.Context()
		return w.Lead.Tx(ctx, "generate", func(tx *store.LeaderTx) error {
			if err := tx.PutMarks(ctx, marks); err != nil {
				return err
			}
			return tx.InsertBatches(ctx, all)
		})
	}
	w.ok("put", put(map[string]int64{"hour": 1, "day": 2}, w.Draft(task, "20150518")))
	wantError(t, "put with a duplicate", put(map[string]int64{"day": 9}, w.Draft(task, "20150518")), store.ErrExists)
	w.ok("put again", put(map[string]int64{"hour": 3}))
	w.view("read the marks", func(ctx context.Context, v *store.ViewTx) error {
		marks, err := v.Marks(ctx)
		if len(marks) != 2 || marks["hour"] != 3 || marks["day"] != 2 {
			t.Errorf("got %v, want hour 3 and day 2", marks)
		}
		return err
	})
}

func insertFailures(t *testing.T, w *World) {
	f := store.GenerateFailure{TaskID: w.Task(), WorkNo: "20150518", SlotBase: 5, Tries: 1, Error: "no such zone"}
	for _, tries := range []int{1, 2} {
		f.Tries = tries
		w.lead("note", func(ctx context.Context, tx *store.LeaderTx) error {
			return tx.PutGenerateFailures(ctx, []store.GenerateFailure{f})
		})
	}
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.GenerateFailures(ctx, 10)
		if len(all) != 1 || all[0].Tries != 2 || all[0].FirstAt > all[0].LastAt {
			t.Errorf("got %+v, want one with two tries", all)
		}
		return err
	})
	w.lead("forget", func(ctx context.Context, tx *store.LeaderTx) error {
		return tx.DropGenerateFailures(ctx, []store.GenerateFailure{f})
	})
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.GenerateFailures(ctx, 10)
		wantEqual(t, "failed slots", len(all), 0)
		return err
	})
}
