package notice_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/master/notice"
)

// TestFaults disturbs every statement of the duty once: whom to tell is written
// whole or not at all, and once.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.ForEachFault(t, engine, troubled())
		})
	}
}

// troubled has two batches that are late for want of one path, a worker that is
// lost, and something that was over before anybody heard of it.
func troubled() storetest.Scenario {
	n := 0
	return storetest.Scenario{
		Prepare: func(w *storetest.World) any {
			n++
			root := fmt.Sprintf("file:///none/%d", n)
			ids := w.IDs(5)
			var alerts []store.Alert
			for i := range 2 {
				name := fmt.Sprintf("late_%d_%d", n, i)
				task := w.Define(name)
				work := w.Batch(task, "20150518", func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: root, Ready: "exists"}} })
				alerts = append(alerts, store.Alert{
					ID: ids[i], Kind: store.AlertDependTimeout, Object: name + "/20150518.0", Occurrence: "1", Level: store.LevelCritical, TaskID: task, WorkID: work,
				})
			}
			alerts = append(alerts,
				store.Alert{ID: ids[2], Kind: "external.disk", Object: root, Occurrence: "1", Level: store.LevelImportant},
				store.Alert{ID: ids[3], Kind: "clock-off", Object: root, Occurrence: "1", Level: store.LevelNotice})
			w.Decide("raise", func(ctx context.Context, t *store.LeaderTx) error { return t.Raise(ctx, alerts...) })
			return root
		},
		Run: func(ctx context.Context, w *storetest.World, given any) error {
			n := notice.New(notice.Config{Reader: notice.Reader{DB: w.DB, Defs: store.NewDefinitions(w.DB, 100), Zone: time.UTC}, Channels: notice.Channels{
				Hooks: []notice.Hook{{Name: given.(string), Wants: func(level, _ string) bool { return level == store.LevelCritical || level == store.LevelImportant }}},
			}})
			_, err := n.Notice(ctx, w.Lead)
			return err
		},
		Result: func(w *storetest.World, given any) string {
			root := given.(string)
			of := "FROM capri_incident i WHERE i.root LIKE ?"
			return fmt.Sprint(
				w.Figure("SELECT COUNT(*) "+of, "%"+root), " incidents, ", w.Figure("SELECT COALESCE(SUM(affected), 0) "+of, "%"+root), " affected, ",
				w.Figure("SELECT COALESCE(SUM(alerts), 0) FROM capri_message WHERE incidentId IN (SELECT id "+of+")", "%"+root), " in messages, ",
				w.Figure("SELECT COUNT(*) FROM capri_alert_delivery d JOIN capri_message m ON m.id = d.messageId WHERE m.incidentId IN (SELECT id "+of+")", "%"+root), " deliveries, ",
				w.Figure("SELECT COUNT(*) FROM capri_alert WHERE dealtAt = 0"), " left")
		},
	}
}
