package storetest

import (
	"context"

	"capricornus/common/store"
)

// fillAlerts makes an alert of every batch.
func fillAlerts(l large) {
	rawExec(l.t, l.DB, `INSERT INTO capri_alert (id, kind, object, occurrence, level, taskId, text, createdAt, deliveredAt)
SELECT id, CASE WHEN id % 40 = 0 THEN 'failed' ELSE 'late' END, workNo, CAST(id AS CHAR), 'warning', taskId, '', scheduleTime, 0 FROM capri_task_work`)
}

// figureQueries are those that metrics, autoscalers and lists of alerts and
// records ask again and again.
func figureQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	alerts := func(name string, f store.AlertFilter) hotQuery {
		f.Limit = 50
		return view("Alerts by "+name, func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Alerts(ctx, f)
			return err
		})
	}
	return []hotQuery{
		alerts("nothing", store.AlertFilter{}),
		alerts("position", store.AlertFilter{Before: store.AlertKey{CreatedAt: 1_200_000, ID: l.first}}),
		alerts("time", store.AlertFilter{From: 1_000_000, To: 1_100_000}),
		alerts("task", store.AlertFilter{Task: "task_1"}),
		alerts("kind", store.AlertFilter{Kind: "failed"}),
		alerts("object", store.AlertFilter{Kind: "failed", Object: "20150003"}),
		view("AlertByID", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.AlertByID(ctx, l.first)
			return err
		}),
		view("Tallies", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Tallies(ctx, 4_900_000)
			return err
		}),
		view("QueueDepths and QueueShares", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.QueueDepths(ctx); err != nil {
				return err
			}
			_, err := v.QueueShares(ctx)
			return err
		}),
		view("SlotsTaken", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.SlotsTaken(ctx)
			return err
		}),
		view("IncidentTallies", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.IncidentTallies(ctx)
			return err
		}),
		view("OldestDue", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.OldestDue(ctx, 1)
			return err
		}),
		view("MovedBetween", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.MovedBetween(ctx, []string{"w1", "w2"}, 1, 2)
			return err
		}),
		view("Ended, CountEnded and LastInstances", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.Ended(ctx, l.tasks[:3], 5); err != nil {
				return err
			}
			if _, err := v.CountEnded(ctx, l.tasks[:3], 40); err != nil {
				return err
			}
			_, err := v.LastInstances(ctx, []int64{l.first, l.first + 1})
			return err
		}),
		view("TaskStandings", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.TaskStandings(ctx, l.tasks[:3])
			return err
		}),
	}
}
