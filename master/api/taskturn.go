package api

import (
	"context"
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/wire"
	"capricornus/master/define"
	"capricornus/master/plan"
)

// editor is the caller as who edits definitions.
func (c caller) editor() plan.Caller {
	p := c.planner()
	p.Everywhere = c.holder.Everywhere(permit.EditTasks)
	return p
}

func (a *api) turnRoutes() {
	for _, c := range []struct{ verb, summary string }{
		{define.Enable, "Enable a task by a new version: batches are generated again from the next base time on"},
		{define.Disable, "Disable a task by a new version: nothing is generated, what waits is not assigned"},
		{define.Delete, "Delete a task that nothing waits for and that has no unfinished batch; its batches and versions are kept"},
	} {
		r := route{method: http.MethodPost, path: root + "/tasks/{name}/" + c.verb, may: permit.EditTasks, id: c.verb + "-task", tag: tagTasks, summary: c.summary}
		call(a, r, func(ctx context.Context, in *nameCommand) (wire.CommandReply, error) {
			return a.turnTask(ctx, c.verb, in)
		})
		describeBody[wire.ReasonRequest](a, r)
	}
}

func (a *api) turnTask(ctx context.Context, verb string, in *nameCommand) (wire.CommandReply, error) {
	req, err := decode[wire.ReasonRequest](in.RawBody, false)
	if err != nil {
		return wire.CommandReply{}, err
	}
	reply, err := a.defined.Turn(ctx, callerOf(ctx).editor(), define.Order{Task: in.Name, Verb: verb, Reason: req.Reason})
	if err == nil && reply.Changed {
		a.Applied()
	}
	return reply, err
}
