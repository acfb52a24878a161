package api

import (
	"context"

	"capricornus/common/fault"
)

// isForeign reports whether the database belongs to another cluster. A refused
// claim says so; afterwards another master of this cluster may have adopted the
// database, of which the one that was refused hears nothing.
func (a *api) isForeign(ctx context.Context) bool {
	if !a.DB.Foreign() {
		return false
	}
	if a.Members == nil {
		return true
	}
	fence, err := a.DB.Fence(ctx)
	return err != nil || fence.ClusterID != a.Members.Status().ClusterID
}

// foreign refuses every change through a master whose claim was refused.
func foreign() error {
	return fault.New(fault.Conflict, "the database of this master belongs to another cluster, so nothing is changed through it").
		WithHint("point it to its own database, or start it once with --adopt")
}
