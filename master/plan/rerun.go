package plan

import (
	"context"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

func checkRerun(*wire.PlanRequest) error {
	return fault.New(fault.Invalid, "reruns are not served yet")
}

func (p *Planner) rerunItems(context.Context, *store.ViewTx, Caller, wire.PlanRequest, time.Time) (planned, error) {
	return planned{}, fault.New(fault.Invalid, "reruns are not served yet")
}
