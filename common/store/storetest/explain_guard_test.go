package storetest

import (
	"context"

	"capricornus/common/store"
)

// guardQueries are those of timeouts, lost workers and repair, and what facts
// ask besides. Some hundreds of batches are late, one in three of them done.
func guardQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	lead := func(name string, fn func(ctx context.Context, t *store.LeaderTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.Lead.Tx(ctx, "test", func(t *store.LeaderTx) error { return fn(ctx, t) })
		}}
	}
	rawExec(l.t, l.DB, "UPDATE capri_task_work SET outputDeadline = 5 + id, finishState = 2 WHERE id < ?", l.first+100)
	rawExec(l.t, l.DB, "UPDATE capri_task_work SET dependDeadline = 5 + id, outputDeadline = 6 + id WHERE id >= ?", l.open[0])
	return []hotQuery{
		view("Dues", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Dues(ctx, 1<<50, store.DueKey{DueAt: 5 + l.first, ID: l.first}, 50)
			return err
		}),
		view("TaskNames", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.TaskNames(ctx, l.tasks)
			return err
		}),
		view("RunningWorks", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.RunningWorks(ctx, store.RunningKey{Host: "w2", TaskID: l.tasks[2], ID: l.first}, 50)
			return err
		}),
		view("Traces", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Traces(ctx, l.open)
			return err
		}),
		view("LastAlerts", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.LastAlerts(ctx, store.AlertWorkerLost)
			return err
		}),
		lead("JudgeUserCodes", func(ctx context.Context, t *store.LeaderTx) error {
			return t.JudgeUserCodes(ctx, []string{"a#1", "b#2"})
		}),
		lead("LockHosts", func(ctx context.Context, t *store.LeaderTx) error {
			_, err := t.LockHosts(ctx, []string{Host, "w2"})
			return err
		}),
		{"Refusals", func(ctx context.Context) error {
			return l.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(t *store.WorkTx) error {
				_, err := t.Refusals(ctx, l.open)
				return err
			})
		}},
	}
}
