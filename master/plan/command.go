package plan

import (
	"context"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

func checkCommand(*wire.PlanRequest) error {
	return fault.New(fault.Invalid, "bulk commands are not served yet")
}

func (p *Planner) commandItems(context.Context, *store.ViewTx, Caller, wire.PlanRequest) (planned, error) {
	return planned{}, fault.New(fault.Invalid, "bulk commands are not served yet")
}

// runCommandPage does the next page of a bulk command; it returns how many
// batches it dealt with.
func (p *Planner) runCommandPage(context.Context, *store.Lead, store.Operation) (int, error) {
	return 0, nil
}
