package storetest

import (
	"context"

	"capricornus/common/store"
)

// viewsQueries are those of graph, grid and live events.
func viewsQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	keys := []store.ParentKey{{TaskID: l.tasks[3], WorkNo: "20150078"}, {TaskID: l.tasks[4], WorkNo: "20150079"}}
	return []hotQuery{
		view("Cells", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Cells(ctx, l.tasks[:5], "20150010", "20150020")
			return err
		}),
		view("ChildBatches", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.ChildBatches(ctx, keys, 100)
			return err
		}),
		view("ReadingBatches", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.ReadingBatches(ctx, []int64{l.first, l.first + 1}, 100)
			return err
		}),
		view("EventKeys and Happenings", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.EventKeys(ctx, store.EventKey{At: l.DB.Now().UnixMilli() - 1000}, 50); err != nil {
				return err
			}
			_, err := v.Happenings(ctx, []store.EventKey{{WorkID: l.first, Seq: 1}, {WorkID: l.first + 1, Seq: 1}})
			return err
		}),
		view("RaisedSince", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.RaisedSince(ctx, 1, 0, 50)
			return err
		}),
		view("RosterChangesSince", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.RosterChangesSince(ctx, l.DB.Now().UnixMilli()-1000, 50)
			return err
		}),
		view("StandingIncidents", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.StandingIncidents(ctx, 50)
			return err
		}),
	}
}
