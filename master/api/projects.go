package api

import (
	"context"
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

func (a *api) projectRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/projects", may: permit.View, id: "list-projects", tag: tagProjects,
		summary: "Projects by name, with what holds them"}, a.listProjects)
	call(a, route{method: http.MethodGet, path: root + "/projects/{name}", may: permit.View, id: "get-project", tag: tagProjects,
		summary: "A project with its definition, as JSON and as a task file"}, a.getProject)
	drop := route{method: http.MethodPost, path: root + "/projects/{name}/delete", may: permit.EditProjects, id: "delete-project", tag: tagProjects,
		summary: "Delete a project that has no tasks"}
	call(a, drop, func(ctx context.Context, in *nameCommand) (wire.CommandReply, error) {
		req, err := decode[wire.ReasonRequest](in.RawBody, false)
		if err != nil {
			return wire.CommandReply{}, err
		}
		return a.defined.DeleteProject(ctx, callerOf(ctx).planner(), in.Name, req.Reason)
	})
	describeBody[wire.ReasonRequest](a, drop)
}

func (a *api) listProjects(ctx context.Context, q *holdQuery) (wire.ProjectList, error) {
	list := wire.ProjectList{Items: []wire.Project{}}
	after, err := position(q.Cursor, 1)
	if err != nil {
		return list, err
	}
	if after == nil {
		after = []string{""}
	}
	err = a.DB.View(ctx, func(t *store.ViewTx) error {
		rows, err := t.ProjectsAfter(ctx, after[0], q.Limit+1)
		if err != nil {
			return err
		}
		if list.Next = ""; len(rows) > q.Limit {
			rows = rows[:q.Limit]
			list.Next = cursorOf(rows[q.Limit-1].Name)
		}
		list.Items, err = viewProjects(ctx, t, rows)
		return err
	})
	return list, err
}

// viewProjects shows projects with what holds them and how many tasks they have.
func viewProjects(ctx context.Context, t *store.ViewTx, rows []store.Project) ([]wire.Project, error) {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	holds, err := t.HoldsOf(ctx, store.HoldProject, ids)
	if err != nil {
		return nil, err
	}
	sizes, err := t.ProjectSizes(ctx, ids)
	items := make([]wire.Project, len(rows))
	for i, p := range rows {
		items[i] = wire.Project{Name: p.Name, Title: p.Title, Owner: p.Owner, Tasks: sizes[p.ID].Tasks}
		for _, h := range holds {
			if h.ObjectID == p.ID {
				items[i].Holds = append(items[i].Holds, viewHold(h, p.Name))
			}
		}
	}
	return items, err
}

func (a *api) getProject(ctx context.Context, p *nameParam) (wire.ProjectDetail, error) {
	out, row, err := a.defined.Project(ctx, p.Name)
	if err != nil {
		return out, err
	}
	return out, a.DB.View(ctx, func(t *store.ViewTx) error {
		items, err := viewProjects(ctx, t, []store.Project{row})
		if err == nil {
			out.Project = items[0]
		}
		return err
	})
}
