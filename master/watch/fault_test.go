package watch

import (
	"context"
	"fmt"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// TestRetireUnderFaults: whatever statement fails, what is taken away is taken
// away whole, and repeating it comes to the same end.
func TestRetireUnderFaults(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.ForEachFault(t, engine, storetest.Scenario{
				Prepare: func(w *storetest.World) any {
					task := w.Task()
					long := time.Now().AddDate(-2, 0, 0).UnixMilli()
					old := func(b *store.NewBatch) {
						b.ScheduleTime, b.Outputs = long, []store.NewPath{{Path: "/out", Ready: "exists"}}
					}
					w.Succeed(w.Batch(task, "20240101", old))
					w.Succeed(w.Batch(task, "20240101", old, func(b *store.NewBatch) { b.Type = 1 }), w.Batch(task, "20240102", old))
					w.Change("UPDATE capri_task_work SET endTime = ? WHERE taskId = ?", long, task)
					w.Succeed(w.Batch(task, "20260101", func(b *store.NewBatch) { b.ScheduleTime = time.Now().UnixMilli() }))
					return task
				},
				Run: func(ctx context.Context, w *storetest.World, _ any) error {
					watch := New(Deps{DB: w.DB, Defs: store.NewDefinitions(w.DB, 1000), Zone: time.UTC})
					r := &retirement{Watch: watch, lead: w.Lead, old: keptBy(nil, time.Now())}
					return r.batches(ctx)
				},
				Result: func(w *storetest.World, given any) string {
					return fmt.Sprint(w.Figure("SELECT COUNT(*) FROM capri_task_work WHERE taskId = ?", given))
				},
			})
		})
	}
}

// TestBigTasksUnderFaults: the expectation and what is told of it go together,
// once.
func TestBigTasksUnderFaults(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			day := dayLookedAt(time.Now().UTC())
			storetest.ForEachFault(t, engine, storetest.Scenario{
				Prepare: func(w *storetest.World) any {
					task := w.Task()
					id := w.Batch(task, "20240101")
					w.Succeed(id)
					end := day.Add(9 * time.Hour).UnixMilli()
					w.Change("UPDATE capri_task_work SET startTime = ?, endTime = ? WHERE id = ?", end-3_600_000, end, id)
					w.Change("UPDATE capri_task SET expectSeconds = 60 WHERE id = ?", task)
					return task
				},
				Run: func(ctx context.Context, w *storetest.World, _ any) error {
					_, err := New(Deps{DB: w.DB, Defs: store.NewDefinitions(w.DB, 1000), Zone: time.UTC}).BigTasks(ctx, w.Lead)
					return err
				},
				Result: func(w *storetest.World, given any) string {
					return fmt.Sprint(w.Figure("SELECT expectSeconds FROM capri_task WHERE id = ?", given), w.Figure("SELECT COUNT(*) FROM capri_alert WHERE taskId = ?", given))
				},
			})
		})
	}
}
