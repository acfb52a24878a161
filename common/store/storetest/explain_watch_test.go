package storetest

import (
	"context"

	"capricornus/common/store"
)

// watchQueries are those of the platform's watch over itself: they run seldom,
// but over all that there is.
func watchQueries(l large) []hotQuery {
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
	return []hotQuery{
		view("EndedBefore", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.EndedBefore(ctx, 1_020_000, store.EndKey{EndTime: 1_001_060}, 100)
			return err
		}),
		view("OldOperations", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.OldOperations(ctx, 0, 100)
			return err
		}),
		lead("retention", func(ctx context.Context, t *store.LeaderTx) error {
			old, err := t.LockOldNumbers(ctx, []store.ParentKey{{TaskID: l.tasks[10], WorkNo: "20150000"}, {TaskID: l.tasks[11], WorkNo: "20150000"}})
			if err != nil {
				return err
			}
			var ids []int64
			for _, o := range old {
				for _, w := range o.Runs {
					ids = append(ids, w.ID)
				}
			}
			return t.DeleteBatches(ctx, ids)
		}),
		lead("sweeps", func(ctx context.Context, t *store.LeaderTx) error {
			if _, err := t.SweepAlerts(ctx, 1_000_000, 200); err != nil {
				return err
			}
			if _, err := t.SweepLogs(ctx, 1_000, 200); err != nil {
				return err
			}
			if _, err := t.SweepPlans(ctx, 1_000_000, 200); err != nil {
				return err
			}
			_, err := t.SweepHolds(ctx, 1_000_000, 200)
			return err
		}),
		lead("the quality gate", func(ctx context.Context, t *store.LeaderTx) error {
			if err := t.QualityAsked(ctx, l.open[:2]); err != nil {
				return err
			}
			if err := t.QualityNotReached(ctx, l.open[2:4]); err != nil {
				return err
			}
			_, err := t.QualityPassed(ctx, l.open[4:6])
			return err
		}),
		view("TasksToLearn", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.TasksToLearn(ctx, l.newest(), 0, 100)
			return err
		}),
		view("RecentSuccesses", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.RecentSuccesses(ctx, l.tasks, 30)
			return err
		}),
		view("NewestSuccess", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.NewestSuccess(ctx, l.tasks[0], 1_000_000)
			return err
		}),
		view("BehindQuality", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.BehindQuality(ctx, store.FirstReady(), 100)
			return err
		}),
		view("BehindQualityOf", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.BehindQualityOf(ctx, l.open)
			return err
		}),
		view("Displaced", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Displaced(ctx, []string{"w2", "w3"}, store.Displacement{TasksSince: 1_000_000, MovesSince: 1_100_000, Memory: "%memory%"})
			return err
		}),
		view("TakenFrom", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.TakenFrom(ctx, "w2", 1_000_000, 20)
			return err
		}),
		view("EndedRuns", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.EndedRuns(ctx, l.newest(), l.newest()+20_000, store.EndKey{EndTime: l.newest() + 1}, 100)
			return err
		}),
	}
}

// newest is an instant since which a few dozen batches have ended.
func (l large) newest() int64 {
	return int64(l.figure("SELECT MAX(endTime) FROM capri_task_work")) - 50_000
}
