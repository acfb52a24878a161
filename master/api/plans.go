package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const tagPlans = "plans"

// planTimeout bounds making and applying a plan of the largest size.
const planTimeout = 80 * time.Second

type operationQuery struct {
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

type idParam struct {
	ID int64 `path:"id" minimum:"1"`
}

type applyPlanInput struct {
	ID      int64 `path:"id" minimum:"1"`
	RawBody []byte
}

func (a *api) planRoutes() {
	post(a, route{method: http.MethodPost, path: root + "/plans", role: developer, id: "make-plan", tag: tagPlans,
		summary: "What a rerun, a cold start or a bulk command would do; changes nothing", timeout: planTimeout}, a.makePlan)
	apply := route{method: http.MethodPost, path: root + "/plans/{id}/apply", role: developer, id: "apply-plan", tag: tagPlans,
		summary: "Do what a plan says, unless the world has changed", timeout: planTimeout}
	call(a, apply, a.applyPlan)
	describeBody[wire.ApplyPlanRequest](a, apply)
	call(a, route{method: http.MethodGet, path: root + "/operations", role: viewer, id: "list-operations", tag: tagPlans,
		summary: "Operations, newest first"}, a.listOperations)
	call(a, route{method: http.MethodGet, path: root + "/operations/{id}", role: viewer, id: "get-operation", tag: tagPlans,
		summary: "An operation with its progress"}, a.getOperation)
}

func (a *api) makePlan(ctx context.Context, req *wire.PlanRequest) (wire.Plan, error) {
	return a.Plans.Plan(ctx, callerOf(ctx).planner(), *req)
}

func (a *api) applyPlan(ctx context.Context, in *applyPlanInput) (wire.Operation, error) {
	body, err := decode[wire.ApplyPlanRequest](in.RawBody, false)
	if err != nil {
		return wire.Operation{}, err
	}
	if body.Fingerprint == "" {
		return wire.Operation{}, fault.New(fault.Usage, "the plan's fingerprint is missing").WithHint("send the one that came with the plan")
	}
	op, err := a.Plans.Apply(ctx, callerOf(ctx).planner(), in.ID, body.Fingerprint)
	if err != nil {
		return wire.Operation{}, err
	}
	return a.getOperation(ctx, &idParam{ID: op.ID})
}

func (a *api) listOperations(ctx context.Context, q *operationQuery) (wire.OperationList, error) {
	list := wire.OperationList{Items: []wire.Operation{}}
	before, err := idPosition(q.Cursor)
	if err != nil {
		return list, err
	}
	err = a.DB.View(ctx, func(t *store.ViewTx) error {
		rows, err := t.Operations(ctx, before, q.Limit+1)
		if err != nil {
			return err
		}
		next, items := "", make([]wire.Operation, 0, len(rows))
		if len(rows) > q.Limit {
			rows = rows[:q.Limit]
			next = cursorOf(strconv.FormatInt(rows[q.Limit-1].ID, 10))
		}
		for _, row := range rows {
			progress, err := t.OperationProgress(ctx, row.ID)
			if err != nil {
				return err
			}
			items = append(items, viewOperation(row, progress, 0))
		}
		list.Items, list.Next = items, next
		return nil
	})
	return list, err
}

func (a *api) getOperation(ctx context.Context, p *idParam) (wire.Operation, error) {
	var out wire.Operation
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		row, err := t.OperationByID(ctx, p.ID)
		if err != nil {
			return named(err, "operation", strconv.FormatInt(p.ID, 10))
		}
		progress, err := t.OperationProgress(ctx, p.ID)
		if err != nil {
			return err
		}
		skipped, err := countSkipped(ctx, t, p.ID)
		out = viewOperation(row, progress, skipped)
		return err
	})
	return out, err
}

// itemPage is how many items of an operation are read at a time.
const itemPage = 5000

// countSkipped counts the items that no batch is made for.
func countSkipped(ctx context.Context, t *store.ViewTx, operation int64) (int, error) {
	n := 0
	for after := -1; ; {
		items, err := t.Items(ctx, operation, after, itemPage)
		if err != nil || len(items) == 0 {
			return n, err
		}
		for _, i := range items {
			if i.Decision != "create" {
				n++
			}
		}
		after = items[len(items)-1].N
	}
}
