package storetest

import (
	"context"
	"errors"
	"fmt"

	"capricornus/common/store"
)

// reportQueries are those that a report of one hour asks: they read that hour's
// rows, and what is open.
func reportQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	const from, to = 1_000_000, 1_050_000
	return []hotQuery{
		view("MoveCounts", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.MoveCounts(ctx, 1, 2)
			return err
		}),
		view("CountReruns", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.CountReruns(ctx, 1, 2)
			return err
		}),
		view("FailedRuns", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.FailedRuns(ctx, from, to, store.EndKey{EndTime: from, ID: l.first}, 50)
			return err
		}),
		view("RunTimes", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.RunTimes(ctx, from, to)
			return err
		}),
		view("LongRuns", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.LongRuns(ctx, from, to, 10, 50)
			return err
		}),
		view("WaitingChildren and WaitingReaders", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.WaitingChildren(ctx, []store.ParentKey{{TaskID: l.tasks[0], WorkNo: "20150003"}, {TaskID: l.tasks[1], WorkNo: "20150003"}}, 100); err != nil {
				return err
			}
			_, err := v.WaitingReaders(ctx, l.open[:2], 100)
			return err
		}),
		view("OldestWaits and OnWorkers", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.OldestWaits(ctx, 9_000_000, 50); err != nil {
				return err
			}
			_, err := v.OnWorkers(ctx)
			return err
		}),
		view("AlertCounts and ChangeCounts", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.AlertCounts(ctx, from, to); err != nil {
				return err
			}
			_, err := v.ChangeCounts(ctx, 1, 2, 10)
			return err
		}),
		view("DepartmentCounts", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.DepartmentCounts(ctx, from, to)
			return err
		}),
		view("Reports and ReportAt", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.Reports(ctx, "hourly", 5, 50); err != nil {
				return err
			}
			if _, err := v.ReportAt(ctx, "hourly", 5); !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("got %w, want no report", err)
			}
			return nil
		}),
	}
}
