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
