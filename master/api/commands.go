package api

import (
	"context"
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/plan"
)

// batchCommand is a command on one batch.
type batchCommand struct {
	Task    string `path:"task" maxLength:"100" doc:"name of the task"`
	Run     string `path:"run" maxLength:"40" doc:"work number, or workNumber.run; without a run the one that counts"`
	RawBody []byte
}

// nameCommand is a command on one task or project.
type nameCommand struct {
	Name    string `path:"name" maxLength:"100"`
	RawBody []byte
}

func (a *api) commandRoutes() {
	for _, c := range []struct{ kind, summary string }{
		{plan.KindKill, "End a batch: what waits or is assigned at once, what runs by its worker"},
		{plan.KindHold, "Keep a batch from being assigned, until released or until an end"},
		{plan.KindRelease, "End a person's hold on a batch"},
		{plan.KindMark, "Decide the result of a batch that waits or has ended: success, failed, or skipped"},
	} {
		r := route{method: http.MethodPost, path: root + "/batches/{task}/{run}/" + c.kind, may: permit.ChangeBatch, id: c.kind + "-batch", tag: tagBatches, summary: c.summary}
		call(a, r, func(ctx context.Context, in *batchCommand) (wire.CommandReply, error) {
			return a.commandBatch(ctx, c.kind, in)
		})
		describeBody[wire.CommandRequest](a, r)
	}
	a.holdObject(route{path: root + "/tasks/{name}", may: permit.RunTasks, id: "task", tag: tagTasks}, store.HoldTask)
	a.holdObject(route{path: root + "/projects/{name}", may: permit.HoldProjects, id: "project", tag: tagProjects}, store.HoldProject)
}

// commandBatch gives one batch a command; whether this caller may is the planner's to say.
func (a *api) commandBatch(ctx context.Context, kind string, in *batchCommand) (wire.CommandReply, error) {
	ref, err := refParams{Task: in.Task, Run: in.Run}.ref()
	if err != nil {
		return wire.CommandReply{}, err
	}
	req, err := decode[wire.CommandRequest](in.RawBody, false)
	if err != nil {
		return wire.CommandReply{}, err
	}
	result, err := plan.ParseResult(kind, req.Result)
	if err != nil {
		return wire.CommandReply{}, err
	}
	return a.Plans.Command(ctx, callerOf(ctx).planner(), ref, plan.Command{Kind: kind, Result: result, Until: req.Until, Reason: req.Reason})
}

// holdObject registers hold and release of a kind of objects.
func (a *api) holdObject(r route, kind string) {
	hold, release := r, r
	hold.method, hold.path, hold.id = http.MethodPost, r.path+"/hold", "hold-"+r.id
	hold.summary = "Keep the batches of a " + kind + " from being assigned, until released or until an end"
	release.method, release.path, release.id = http.MethodPost, r.path+"/release", "release-"+r.id
	release.summary = "End a person's hold on a " + kind
	for _, c := range []struct {
		route
		do func(context.Context, plan.Caller, plan.Object, plan.Command) (wire.CommandReply, error)
	}{{hold, a.Plans.HoldObject}, {release, a.Plans.ReleaseObject}} {
		call(a, c.route, func(ctx context.Context, in *nameCommand) (wire.CommandReply, error) {
			req, err := decode[wire.CommandRequest](in.RawBody, false)
			if err != nil {
				return wire.CommandReply{}, err
			}
			if _, err := plan.ParseResult(plan.KindHold, req.Result); err != nil {
				return wire.CommandReply{}, err
			}
			object := plan.Object{Kind: kind, Name: in.Name, Source: store.SourcePerson}
			return c.do(ctx, callerOf(ctx).planner(), object, plan.Command{Until: req.Until, Reason: req.Reason})
		})
		describeBody[wire.CommandRequest](a, c.route)
	}
}
