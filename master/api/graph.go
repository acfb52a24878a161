package api

import (
	"context"
	"net/http"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/graph"
)

const (
	tagViews   = "views"
	graphDepth = 10 // levels around a batch
)

type graphQuery struct {
	Known    string `header:"If-None-Match" maxLength:"400" doc:"the ETag of an answer that the caller has: 304 when it is still right"`
	Task     string `query:"task" maxLength:"100" doc:"around this task"`
	To       string `query:"to" maxLength:"100" doc:"with task: what lies on the ways between the two"`
	Mode     string `query:"mode" enum:"near,ancestors,descendants,path,project,all" doc:"what to show; without it what the other parameters mean"`
	Up       int    `query:"up" default:"1" minimum:"0" maximum:"100" doc:"mode near: levels of parents"`
	Down     int    `query:"down" default:"1" minimum:"0" maximum:"100" doc:"mode near: levels of children"`
	Project  string `query:"project" maxLength:"100" doc:"the tasks of this project"`
	Group    string `query:"group" enum:"project,layer" doc:"groups of tasks, by project or by the label layer"`
	Collapse bool   `query:"collapse" doc:"groups only, without their tasks"`
	State    string `query:"state" maxLength:"20" pattern:"^(now|[0-9]+)$" doc:"adds the state of each task's newest batch (now), or of the one with this work number"`
}

// tagged is an answer that a client may have already.
type tagged[T any] struct {
	Status int
	ETag   string `header:"ETag"`
	Body   *T
}

func (a *api) graphRoutes() {
	raw(a, route{method: http.MethodGet, path: root + "/graph", may: permit.View, id: "draw-graph", tag: tagViews,
		summary: "Tasks and their dependencies, with places for a picture"}, a.drawGraph)
	call(a, route{method: http.MethodGet, path: root + "/graph/impact", may: permit.View, id: "count-impact", tag: tagViews,
		summary: "What hangs on a task: its descendants by project, owner and period"}, a.countImpact)
	call(a, route{method: http.MethodGet, path: root + "/graph/batch/{task}/{run}", may: permit.View, id: "draw-batch", tag: tagViews,
		summary: "A batch with its parent and child batches, with places for a picture"}, a.drawBatch)
}

// newGraphs gives pictures the dependencies that a cascade follows.
func (a *api) newGraphs() *graph.Graphs {
	return graph.New(graph.Config{DB: a.DB, Catalog: a.catalog, Defs: a.Defs, Links: func(ctx context.Context, rows []store.Task) ([]graph.Link, error) {
		found, err := a.Plans.Links(ctx, rows)
		links := make([]graph.Link, len(found))
		for i, l := range found {
			links[i] = graph.Link{Parent: l.ParentID, Child: l.ChildID, Kind: l.Kind, Window: l.Window, Past: l.Past}
		}
		return links, err
	}})
}

func (a *api) drawGraph(ctx context.Context, q *graphQuery) (*tagged[wire.Graph], error) {
	if q.Project != "" {
		if err := a.DB.View(ctx, func(t *store.ViewTx) error { return knownProject(ctx, t, q.Project) }); err != nil {
			return nil, err
		}
	}
	if q.Project != "" && q.Task != "" {
		return nil, fault.New(fault.Invalid, "task and project exclude each other")
	}
	drawn, tag, err := a.graphs.Draw(ctx, graph.Query{
		Mode: q.Mode, Task: q.Task, To: q.To, Project: q.Project, Up: q.Up, Down: q.Down, Group: q.Group, Collapse: q.Collapse, State: q.State,
	})
	if err != nil {
		return nil, err
	}
	return answerTagged(q.Known, tag, &drawn), nil
}

// answerTagged sends the body unless the client has it already.
func answerTagged[T any](known, tag string, body *T) *tagged[T] {
	tag = `W/"` + tag + `"` // weak: compressed and plain bodies share it
	for one := range strings.SplitSeq(known, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return &tagged[T]{Status: http.StatusNotModified, ETag: tag}
		}
	}
	return &tagged[T]{Status: http.StatusOK, ETag: tag, Body: body}
}

type impactQuery struct {
	Task string `query:"task" required:"true" maxLength:"100" doc:"the task that changes, or fails"`
}

func (a *api) countImpact(ctx context.Context, q *impactQuery) (wire.Impact, error) {
	return a.graphs.Impact(ctx, q.Task)
}

type batchGraphQuery struct {
	Task  string `path:"task" maxLength:"100" doc:"name of the task"`
	Run   string `path:"run" maxLength:"40" doc:"work number, or workNumber.run; without a run the one that counts"`
	Depth int    `query:"depth" default:"1" minimum:"1" maximum:"10" doc:"levels of parents, and of children"`
}

func (a *api) drawBatch(ctx context.Context, q *batchGraphQuery) (wire.BatchGraph, error) {
	ref, err := refParams{Task: q.Task, Run: q.Run}.ref()
	if err != nil {
		return wire.BatchGraph{}, err
	}
	return a.graphs.Batches(ctx, ref, min(q.Depth, graphDepth))
}
