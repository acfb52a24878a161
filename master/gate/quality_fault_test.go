package gate

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

// TestQualityUnderFaults: whatever statement fails, a batch that is let
// through for its service's silence is so once, with one row of the audit.
func TestQualityUnderFaults(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			service := newService(t)
			n := 0
			storetest.ForEachFault(t, engine, storetest.Scenario{
				Prepare: func(w *storetest.World) any {
					n++
					name := fmt.Sprintf("gated_%d", n)
					kind := w.Define(name, func(d *task.Task) {
						d.Spec.Quality = task.Quality{Enabled: true, OnSilence: "pass", After: task.Duration(time.Minute)}
					})
					ids := []int64{w.Batch(kind, "20150518"), w.Batch(kind, "20150519")}
					w.Decide("gate", func(ctx context.Context, l *store.LeaderTx) error {
						return l.SetGates(ctx, []store.Gate{{ID: ids[0], Code: string(batch.GateQuality)}, {ID: ids[1], Code: string(batch.GateQuality)}})
					})
					w.Change("UPDATE capri_task_work SET gateSince = gateSince - 60000 WHERE id = ?", ids[0])
					return name
				},
				Run: func(ctx context.Context, w *storetest.World, _ any) error {
					q := NewQuality(QualityDeps{
						DB: w.DB, Defs: store.NewDefinitions(w.DB, 1000), URL: service.URL, Self: func() string { return "http://m1" }, Opened: func() {},
						Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
					})
					_, err := q.Check(ctx, w.Lead)
					return err
				},
				Result: func(w *storetest.World, given any) string {
					return fmt.Sprint(
						w.Figure("SELECT COUNT(*) FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId WHERE t.name = ? AND w.qualityState = 1 AND w.qualitySentAt > 0", given),
						w.Figure("SELECT COUNT(*) FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId WHERE t.name = ? AND w.qualityState = 2", given),
						w.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE object = ?", fmt.Sprintf("%s/20150518.0", given)))
				},
			})
		})
	}
}
