package storetest

import (
	"context"

	"capricornus/common/store"
)

// logQueries are those of kept logs; they may be many.
func logQueries(l large) []hotQuery {
	return []hotQuery{
		{"KeptLog", func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error {
				_, err := v.KeptLog(ctx, l.first, 1)
				return err
			})
		}},
	}
}
