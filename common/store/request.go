package store

import (
	"cmp"
	"context"

	"capricornus/common/logs"
)

// request is the id of the request that a transaction belongs to: what the
// caller names, or what the context carries; empty for what nobody asked for.
func (t *tx) request(ctx context.Context) string {
	return cmp.Or(t.by.Request, logs.RequestID(ctx))
}
