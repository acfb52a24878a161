package api

import (
	"context"
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

type itemQuery struct {
	ID     int64  `path:"id" minimum:"1"`
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
		}
		return err
	})
	return out, err
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

// listItems pages through an operation's items; each names the batch that was
// made or changed for it, or the one that is in its way.
func (a *api) listItems(ctx context.Context, q *itemQuery) (wire.OperationItemList, error) {
	list := wire.OperationItemList{Items: []wire.OperationItem{}}
	after, err := itemPosition(q.Cursor)
	if err != nil {
		return list, err
	}
	err = a.DB.View(ctx, func(t *store.ViewTx) error {
		if _, err := t.OperationByID(ctx, q.ID); err != nil {
			return named(err, "operation", strconv.FormatInt(q.ID, 10))
		}
		rows, err := t.Items(ctx, q.ID, after, q.Limit+1)
		if err != nil {
			return err
		}
		next := ""
		if len(rows) > q.Limit {
			rows = rows[:q.Limit]
			next = cursorOf(strconv.Itoa(rows[q.Limit-1].N))
		}
		items, err := viewItems(ctx, t, rows)
		list.Items, list.Next = items, next
		return err
	})
	return list, err
}

// itemPosition reads a cursor of items, which count from 0.
func itemPosition(cursor string) (int, error) {
	parts, err := position(cursor, 1)
	if err != nil || parts == nil {
		return -1, err
	}
	n, err := strconv.Atoi(parts[0])
	if err != nil || n < 0 {
		return -1, badCursor()
	}
	return n, nil
}

func viewItems(ctx context.Context, t *store.ViewTx, rows []store.OperationItem) ([]wire.OperationItem, error) {
	var tasks, batches []int64
	for _, i := range rows {
		tasks = append(tasks, i.TaskID)
		batches = append(batches, i.BatchID, i.ExistingID)
	}
	names, err := t.TaskRights(ctx, tasks)
	if err != nil {
		return nil, err
	}
	found, err := t.BatchesByID(ctx, batches)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*store.Batch, len(found))
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	out := make([]wire.OperationItem, len(rows))
	for n, i := range rows {
		v := wire.OperationItem{N: i.N, Task: names[i.TaskID].Name, WorkNo: i.WorkNo, Decision: i.Decision, Code: i.Code, Result: i.Result}
		b := byID[i.BatchID]
		if b == nil {
			b = byID[i.ExistingID]
		}
		if b != nil {
			v.Run, v.Ref, v.State = b.Type, b.Ref().String(), stateOrResult(b)
		}
		out[n] = v
	}
	return out, nil
}
