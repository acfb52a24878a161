package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/plan"
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

type idCommand struct {
	ID      int64 `path:"id" minimum:"1"`
	RawBody []byte
}

func (a *api) planRoutes() {
	post(a, route{method: http.MethodPost, path: root + "/plans", may: permit.MakePlans, id: "make-plan", tag: tagPlans,
		summary: "What a rerun, a cold start or a bulk command would do; changes nothing", timeout: planTimeout}, a.makePlan)
	apply := route{method: http.MethodPost, path: root + "/plans/{id}/apply", may: permit.MakePlans, id: "apply-plan", tag: tagPlans,
		summary: "Do what a plan says, unless the world has changed", timeout: planTimeout}
	call(a, apply, a.applyPlan)
	describeBody[wire.ApplyPlanRequest](a, apply)
	call(a, route{method: http.MethodGet, path: root + "/operations", may: permit.View, id: "list-operations", tag: tagPlans,
		summary: "Operations, newest first"}, a.listOperations)
	call(a, route{method: http.MethodGet, path: root + "/operations/{id}", may: permit.View, id: "get-operation", tag: tagPlans,
		summary: "An operation with its progress"}, a.getOperation)
	call(a, route{method: http.MethodGet, path: root + "/operations/{id}/items", may: permit.View, id: "list-operation-items", tag: tagPlans,
		summary: "The batches of an operation with their decisions, in the order of its plan"}, a.listItems)
	for _, c := range []struct {
		verb, summary string
		do            func(context.Context, plan.Caller, int64, string) (store.Operation, error)
	}{
		{"cancel", "Stop an operation: nothing more is made or changed, what it made and has not begun is ended", a.Plans.Cancel},
		{"resume", "Go on with a cancelled operation", a.Plans.Resume},
	} {
		r := route{method: http.MethodPost, path: root + "/operations/{id}/" + c.verb, may: permit.MakePlans, id: c.verb + "-operation", tag: tagPlans, summary: c.summary}
		call(a, r, func(ctx context.Context, in *idCommand) (wire.Operation, error) {
			return a.turnOperation(ctx, in, c.do)
		})
		describeBody[wire.ReasonRequest](a, r)
	}
}

func (a *api) makePlan(ctx context.Context, req *wire.PlanRequest) (wire.Plan, error) {
	return a.Plans.Plan(ctx, callerOf(ctx).planner(), *req)
}

func (a *api) applyPlan(ctx context.Context, in *idCommand) (wire.Operation, error) {
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

// turnOperation cancels or resumes an operation; whether this caller may is
// the planner's to say.
func (a *api) turnOperation(ctx context.Context, in *idCommand, do func(context.Context, plan.Caller, int64, string) (store.Operation, error)) (wire.Operation, error) {
	body, err := decode[wire.ReasonRequest](in.RawBody, false)
	if err != nil {
		return wire.Operation{}, err
	}
	if _, err := do(ctx, callerOf(ctx).planner(), in.ID, body.Reason); err != nil {
		return wire.Operation{}, err
	}
	return a.getOperation(ctx, &idParam{ID: in.ID})
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
		next := ""
		if len(rows) > q.Limit {
			rows = rows[:q.Limit]
			next = cursorOf(strconv.FormatInt(rows[q.Limit-1].ID, 10))
		}
		items, err := viewOperations(ctx, t, rows)
		list.Items, list.Next = items, next
		return err
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
		views, err := viewOperations(ctx, t, []store.Operation{row})
		if err == nil {
			out = views[0]
			out.Request = askedFor(row)
		}
		return err
	})
	return out, err
}

// askedFor is the request that an operation came of; none that cannot be read.
func askedFor(o store.Operation) *wire.PlanRequest {
	request := new(wire.PlanRequest)
	if json.Unmarshal([]byte(o.Request), request) != nil {
		return nil
	}
	return request
}

// viewOperations are operations with their progress, whatever their number by
// a few queries.
func viewOperations(ctx context.Context, t *store.ViewTx, rows []store.Operation) ([]wire.Operation, error) {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	progress, err := t.Progresses(ctx, ids)
	if err != nil {
		return nil, err
	}
	counts, err := t.ItemCounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]wire.Operation, len(rows))
	for i, o := range rows {
		out[i] = viewOperation(o, progress[o.ID], counts[o.ID])
	}
	return out, nil
}
