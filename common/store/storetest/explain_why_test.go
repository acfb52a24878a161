package storetest

import (
	"context"

	"capricornus/common/store"
)

// whyQueries are those that explain a batch to a person, who waits for it.
func whyQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	keys := []store.ParentKey{{TaskID: l.tasks[3], WorkNo: "20150003"}, {TaskID: l.tasks[4], WorkNo: "20150004"}, {TaskID: l.tasks[5]}}
	return []hotQuery{
		view("Nodes", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Nodes(ctx, keys)
			return err
		}),
		view("Makers", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Makers(ctx, []string{"/in/a", "/out/b"})
			return err
		}),
		view("Unmet", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Unmet(ctx, l.open, 1000)
			return err
		}),
		view("ActiveOf", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.ActiveOf(ctx, l.tasks[3], 20)
			return err
		}),
		view("LineAhead", func(ctx context.Context, v *store.ViewTx) error {
			w, err := v.WorkByID(ctx, l.open[0])
			if err != nil {
				return err
			}
			_, err = v.LineAhead(ctx, &w, 1000)
			return err
		}),
		view("slots without a batch", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.SlotItems(ctx, keys[:2]); err != nil {
				return err
			}
			if _, err := v.SlotFailures(ctx, keys[:2]); err != nil {
				return err
			}
			_, err := v.VersionHeads(ctx, l.tasks[:2])
			return err
		}),
	}
}
