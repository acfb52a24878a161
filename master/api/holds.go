package api

import (
	"context"
	"net/http"
	"strconv"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/plan"
)

const (
	tagProjects = "projects"
	tagHolds    = "holds"
)

type holdQuery struct {
	Kind   string `query:"kind" enum:"batch,task,project" doc:"only holds on objects of this kind"`
	Object string `query:"object" maxLength:"200" doc:"only those on this one of the kind: a task or project by name, a batch as task/workNo or task/workNo.run"`
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

func (a *api) holdRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/holds", may: permit.View, id: "list-holds", tag: tagHolds,
		summary: "Everything that is held, by persons, breakers and the quality service, oldest first"}, func(ctx context.Context, q *holdQuery) (wire.HoldList, error) {
		return a.listHolds(ctx, "", q)
	})
	call(a, route{method: http.MethodGet, path: root + "/breakers", may: permit.View, id: "list-breakers", tag: tagHolds,
		summary: "The breakers that are tripped, oldest first"}, func(ctx context.Context, q *holdQuery) (wire.HoldList, error) {
		return a.listHolds(ctx, store.SourceBreaker, q)
	})
	post(a, route{method: http.MethodPost, path: root + "/breakers/trip", may: permit.TripBreakers, id: "trip-breaker", tag: tagHolds,
		summary: "Trip the breaker of a task or project: its batches are not assigned any more"}, func(ctx context.Context, req *wire.BreakerRequest) (wire.CommandReply, error) {
		return a.breaker(ctx, req, a.Plans.HoldObject)
	})
	post(a, route{method: http.MethodPost, path: root + "/breakers/reset", may: permit.TripBreakers, id: "reset-breaker", tag: tagHolds,
		summary: "Close the breaker of a task or project"}, func(ctx context.Context, req *wire.BreakerRequest) (wire.CommandReply, error) {
		return a.breaker(ctx, req, a.Plans.ReleaseObject)
	})
}

func (a *api) breaker(ctx context.Context, req *wire.BreakerRequest,
	do func(context.Context, plan.Caller, plan.Object, plan.Command) (wire.CommandReply, error),
) (wire.CommandReply, error) {
	if (req.Task == "") == (req.Project == "") {
		return wire.CommandReply{}, fault.New(fault.Invalid, "a breaker is that of one task or of one project").WithHint("give task or project")
	}
	object := plan.Object{Kind: store.HoldTask, Name: req.Task, Source: store.SourceBreaker}
	if req.Project != "" {
		object.Kind, object.Name = store.HoldProject, req.Project
	}
	return do(ctx, callerOf(ctx).planner(), object, plan.Command{Until: req.Until, Reason: req.Reason})
}

func (a *api) listHolds(ctx context.Context, source string, q *holdQuery) (wire.HoldList, error) {
	list := wire.HoldList{Items: []wire.Hold{}}
	after, err := idPosition(q.Cursor)
	if err != nil {
		return list, err
	}
	if q.Object != "" && q.Kind == "" {
		return list, fault.New(fault.Invalid, "an object without its kind names nothing").WithHint("add kind=batch, kind=task or kind=project")
	}
	err = a.DB.View(ctx, func(t *store.ViewTx) error {
		object, err := heldObject(ctx, t, q)
		if err != nil {
			return err
		}
		rows, err := t.HoldsAfter(ctx, store.HoldFilter{Source: source, Kind: q.Kind, Object: object, After: after, Limit: q.Limit + 1})
		if err != nil {
			return err
		}
		next := ""
		if len(rows) > q.Limit {
			rows = rows[:q.Limit]
			next = cursorOf(strconv.FormatInt(rows[q.Limit-1].ID, 10))
		}
		names, err := heldNames(ctx, t, rows)
		if err != nil {
			return err
		}
		items := make([]wire.Hold, len(rows))
		for i, h := range rows {
			items[i] = viewHold(h, names[h.Kind][h.ObjectID])
		}
		list.Items, list.Next = items, next
		return nil
	})
	return list, err
}

// heldObject is the id of the object that holds are asked of; 0: of none.
func heldObject(ctx context.Context, t *store.ViewTx, q *holdQuery) (int64, error) {
	if q.Object == "" {
		return 0, nil
	}
	switch q.Kind {
	case store.HoldTask:
		row, err := t.TaskByName(ctx, q.Object)
		return row.ID, named(err, q.Kind, q.Object)
	case store.HoldProject:
		row, err := t.ProjectByName(ctx, q.Object)
		return row.ID, named(err, q.Kind, q.Object)
	}
	ref, err := batch.ParseRef(q.Object)
	if err != nil {
		return 0, fault.New(fault.Invalid, "%s", err)
	}
	row, err := t.BatchByRef(ctx, ref)
	return row.ID, named(err, q.Kind, q.Object)
}

func viewHold(h store.Hold, object string) wire.Hold {
	return wire.Hold{ID: h.ID, Kind: h.Kind, Object: object, Source: h.Source, Actor: h.Actor, Reason: h.Reason, Since: h.Since, Until: h.Until}
}

// heldNames reads the names of what is held, by kind and id.
func heldNames(ctx context.Context, t *store.ViewTx, holds []store.Hold) (map[string]map[int64]string, error) {
	out := map[string]map[int64]string{store.HoldBatch: {}, store.HoldTask: {}, store.HoldProject: {}}
	ids := map[string][]int64{}
	for _, h := range holds {
		ids[h.Kind] = append(ids[h.Kind], h.ObjectID)
	}
	batches, err := t.BatchesByID(ctx, ids[store.HoldBatch])
	if err != nil {
		return nil, err
	}
	for i := range batches {
		out[store.HoldBatch][batches[i].ID] = batches[i].Ref().String()
	}
	tasks, err := t.TaskRights(ctx, ids[store.HoldTask])
	if err != nil {
		return nil, err
	}
	for id, r := range tasks {
		out[store.HoldTask][id] = r.Name
	}
	if len(ids[store.HoldProject]) == 0 {
		return out, nil
	}
	projects, err := t.Projects(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range projects {
		out[store.HoldProject][p.ID] = p.Name
	}
	return out, nil
}
