package api

import (
	"context"
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/fleet"
)

const tagGroups = "worker groups"

func (a *api) groupRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/worker-groups", may: permit.View, id: "list-worker-groups", tag: tagGroups,
		summary: "Worker groups by name, with how many workers and tasks name them"}, a.listGroups)
	for _, c := range []struct{ verb, path, summary string }{
		{fleet.PutGroup, "", "Declare a worker group, or describe it anew"},
		{fleet.EnableGroup, "/enable", "Enable a worker group: its workers get batches again"},
		{fleet.DisableGroup, "/disable", "Disable a worker group: its workers finish what they run and get nothing new"},
		{fleet.DeleteGroup, "/delete", "Delete a worker group that no worker and no task names"},
	} {
		r := route{method: http.MethodPost, path: root + "/worker-groups/{name}" + c.path, may: permit.EditGroups, id: c.verb + "-worker-group", tag: tagGroups, summary: c.summary}
		if c.verb == fleet.PutGroup {
			groupCall(a, r, c.verb, func(req *wire.WorkerGroupRequest) wire.WorkerGroupRequest { return *req })
			continue
		}
		groupCall(a, r, c.verb, func(req *wire.ReasonRequest) wire.WorkerGroupRequest {
			return wire.WorkerGroupRequest{Reason: req.Reason}
		})
	}
}

// groupCall registers a call that changes a worker group.
func groupCall[Body any](a *api, r route, verb string, request func(*Body) wire.WorkerGroupRequest) {
	call(a, r, func(ctx context.Context, in *nameCommand) (wire.CommandReply, error) {
		body, err := decode[Body](in.RawBody, false)
		if err != nil {
			return wire.CommandReply{}, err
		}
		who := callerOf(ctx)
		order := fleet.GroupOrder{Group: in.Name, Verb: verb, WorkerGroupRequest: request(body)}
		reply, err := fleet.TurnGroup(ctx, a.DB, fleet.By{Actor: who.actor(), Source: who.source}, order)
		if err == nil && reply.Changed && a.Switched != nil {
			a.Switched()
		}
		return reply, err
	})
	describeBody[Body](a, r)
}

func (a *api) listGroups(ctx context.Context, q *holdQuery) (wire.WorkerGroupList, error) {
	list := wire.WorkerGroupList{Items: []wire.WorkerGroup{}}
	after, err := position(q.Cursor, 1)
	if err != nil {
		return list, err
	}
	if after == nil {
		after = []string{""}
	}
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		list.Items, err = fleet.Groups(ctx, t, after[0], q.Limit+1)
		return err
	})
	if len(list.Items) > q.Limit {
		list.Items = list.Items[:q.Limit]
		list.Next = cursorOf(list.Items[q.Limit-1].Name)
	}
	return list, err
}
