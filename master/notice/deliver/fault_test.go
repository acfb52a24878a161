package deliver_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/deliver"
)

// TestFaults: whatever statement fails, every message ends with one answer, and
// one that has an answer is not sent again.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.ForEachFault(t, engine, storetest.Scenario{
				Prepare: func(w *storetest.World) any {
					ids := w.IDs(3)
					w.Decide("put messages", func(ctx context.Context, l *store.LeaderTx) error {
						now := l.Now()
						if err := l.PutMessages(ctx, []store.Message{
							{ID: ids[0], Purpose: "alert", Channel: "mail", Recipient: "admin", Address: "a@x", Alerts: 1, DueAt: now},
							{ID: ids[1], Purpose: store.PurposeReport, Channel: "sms", Recipient: "admin", Address: "138", DueAt: now}, // which fails for good
						}); err != nil {
							return err
						}
						if err := l.Raise(ctx, store.Alert{ID: ids[2], Kind: store.AlertWorkerLost, Object: fmt.Sprint("w", ids[2]), Occurrence: "1", Level: store.LevelCritical}); err != nil {
							return err
						}
						return l.PutDeliveries(ctx, []store.Delivery{{AlertID: ids[2], Recipient: "admin", Channel: "mail", MessageID: ids[0]}})
					})
					return ids
				},
				Run: func(ctx context.Context, w *storetest.World, given any) error {
					ids := given.([]int64)
					d := deliver.New(deliver.Deps{DB: w.DB, Zone: time.UTC, Senders: channel.Senders{Mail: &fake{}, SMS: &fake{}}, Log: slog.New(slog.DiscardHandler)})
					for range 2 { // each pass is as if the time until the next had gone by
						if _, err := d.Deliver(ctx, w.Lead); err != nil {
							return err
						}
						if _, err := w.DB.Raw().ExecContext(ctx, "UPDATE capri_message SET dueAt = 1 WHERE state = 0 AND id IN (?, ?)", ids[0], ids[1]); err != nil {
							return err
						}
					}
					return nil
				},
				Result: func(w *storetest.World, given any) string {
					ids := given.([]int64)
					return fmt.Sprint(
						w.Figure("SELECT state FROM capri_message WHERE id = ?", ids[0]), w.Figure("SELECT state FROM capri_message WHERE id = ?", ids[1]),
						w.Figure("SELECT COUNT(*) FROM capri_alert WHERE id = ? AND deliveredAt > 0", ids[2]),
						w.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = ? AND occurrence = ?", store.AlertSendFailed, fmt.Sprint(ids[1])))
				},
			})
		})
	}
}
