package storetest

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func listCases() []exercise {
	return append([]exercise{
		{name: "PagesBatchesWhileOthersComeIn", run: listPages},
		{name: "FiltersBatches", run: listFilters},
		{name: "PagesTasksByName", run: listTasks},
		{name: "ReadsManyByKey", run: listByKey},
	}, taskCases()...)
}

// listPages inserts rows between pages: what was there at first comes once.
func listPages(t *testing.T, w *World) {
	task := w.Task(func(s *store.TaskSave) { s.Name = "paged" })
	want := map[int64]int{}
	for i := range 20 {
		want[w.Batch(task, fmt.Sprintf("201505%02d", i), func(b *store.NewBatch) { b.ScheduleTime = int64(1000 + i/3) })] = 0
	}
	f := store.BatchFilter{Task: "paged", Limit: 3}
	for page := 0; ; page++ {
		var got []store.Batch
		w.view("page", func(ctx context.Context, v *store.ViewTx) (err error) {
			got, err = v.Batches(ctx, f)
			return err
		})
		if len(got) == 0 {
			break
		}
		for _, b := range got {
			want[b.ID]++
		}
		end := got[len(got)-1]
		f.Before = store.BatchKey{ScheduleTime: end.ScheduleTime, ID: end.ID}
		late := w.Batch(task, fmt.Sprintf("201506%02d", page), func(b *store.NewBatch) { b.ScheduleTime = int64(1000 + page) })
		want[late] -= 100 // may come, at most once
	}
	for id, n := range want {
		if n != 1 && n != -100 && n != -99 {
			t.Errorf("batch %d came %d times, want once", id, n)
		}
	}
}

func listFilters(t *testing.T, w *World) {
	task := w.Task(func(s *store.TaskSave) { s.Name = "filtered" })
	done := w.Batch(task, "20150518", func(b *store.NewBatch) { b.ScheduleTime = 10 })
	w.Beat("lists", 10)
	w.ok("assign", w.Assign("lists", done))
	w.ok("start", w.Start(done))
	w.ok("finish", w.Finish(1, done))
	rerun := w.Batch(task, "20150518", func(b *store.NewBatch) { b.Type, b.Origin, b.ScheduleTime = 1, batch.ByRerun, 20 })
	open := w.Batch(task, "20150519", func(b *store.NewBatch) { b.ScheduleTime, b.OperationID = 30, 4711 })
	rawExec(t, w.DB, "UPDATE capri_task_work SET dependTimeoutAt = 9 WHERE id = ?", open)
	waiting, failed := batch.Waiting, batch.Failed
	for name, c := range map[string]struct {
		f    store.BatchFilter
		want []int64
	}{
		"All":       {store.BatchFilter{}, []int64{open, rerun, done}},
		"State":     {store.BatchFilter{State: &waiting}, []int64{open, rerun}},
		"Finish":    {store.BatchFilter{Finish: &failed}, []int64{done}},
		"Host":      {store.BatchFilter{Host: "lists"}, []int64{done}},
		"Operation": {store.BatchFilter{OperationID: 4711}, []int64{open}},
		"Span":      {store.BatchFilter{From: 20, To: 20}, []int64{rerun}},
		"Late":      {store.BatchFilter{Late: true}, []int64{open}},
		"Latest":    {store.BatchFilter{Latest: true}, []int64{open, rerun}},
		"Project":   {store.BatchFilter{Project: "web"}, []int64{open, rerun, done}},
		"Nothing":   {store.BatchFilter{Project: "other"}, nil},
	} {
		c.f.Task, c.f.Limit = "filtered", 10
		w.view(name, func(ctx context.Context, v *store.ViewTx) error {
			got, err := v.Batches(ctx, c.f)
			ids := []int64{}
			for _, b := range got {
				ids = append(ids, b.ID)
			}
			wantEqual(t, name, fmt.Sprint(ids), fmt.Sprint(append([]int64{}, c.want...)))
			return err
		})
	}
}

func listTasks(t *testing.T, w *World) {
	for i := range 7 {
		w.Task(func(s *store.TaskSave) { s.Name, s.Period = fmt.Sprintf("zz_%d", i), 3 })
	}
	seen := 0
	after := "zz_"
	for {
		var got []store.Task
		w.view("page", func(ctx context.Context, v *store.ViewTx) (err error) {
			got, err = v.Tasks(ctx, store.TaskFilter{Project: "web", Period: -1, After: after, Limit: 2})
			return err
		})
		if len(got) == 0 {
			break
		}
		seen += len(got)
		after = got[len(got)-1].Name
	}
	wantEqual(t, "tasks", seen, 7)
	w.view("of a period", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.HeadsOfPeriod(ctx, 3, 0, 100)
		wantEqual(t, "tasks of the period", len(got), 7)
		return err
	})
}

func listByKey(t *testing.T, w *World) {
	task := w.Task()
	var ids []int64
	var keys []store.ParentKey
	for i := range 30 {
		no := fmt.Sprintf("201505%02d", i)
		ids = append(ids, w.Batch(task, no))
		keys = append(keys, store.ParentKey{TaskID: task, WorkNo: no})
	}
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		byID, err := v.BatchesByID(ctx, append(ids, ids[0], -5))
		wantEqual(t, "by id", len(byID), 30)
		w.ok("by id", err)
		byKey, err := v.CountingBatches(ctx, keys)
		wantEqual(t, "by key", byKey[keys[3]].ID, ids[3])
		w.ok("by key", err)
		names, err := v.HeadsByID(ctx, []int64{task, -1})
		wantEqual(t, "tasks", len(names), 1)
		states, err2 := v.TaskStates(ctx, []int64{task})
		wantEqual(t, "enabled", states[task].IsEnabled, true)
		w.ok("states", err2)
		return err
	})
}
