package storetest

import (
	"context"

	"capricornus/common/store"
)

// noticeQueries are those of deciding whom to tell; fillSilenced has made the rows.
func noticeQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	some := []int64{l.first - l.first%5 + 50, l.first - l.first%5 + 55}
	people := []string{"7", "8"}
	return []hotQuery{
		view("UndealtAlerts", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.UndealtAlerts(ctx, 500)
			return err
		}),
		view("OpenIncidents", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.OpenIncidents(ctx, []store.IncidentRoot{{Kind: "path", Root: "50"}, {Kind: "path", Root: "100"}}); err != nil {
				return err
			}
			_, err := v.OpenIncidentsAfter(ctx, l.first, 50)
			return err
		}),
		view("IncidentObjects and EndAlerts", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.IncidentObjects(ctx, some, []string{"a", "b"}); err != nil {
				return err
			}
			_, err := v.EndAlerts(ctx, some)
			return err
		}),
		view("LastMessages", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.LastMessages(ctx, some)
			return err
		}),
		view("Digests and ToldSince", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.Digests(ctx, people, 1_100_000); err != nil {
				return err
			}
			_, err := v.ToldSince(ctx, people, 1_100_000)
			return err
		}),
	}
}
