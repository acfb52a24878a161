package api

import (
	"context"
	"encoding/json"
	"net/http"

	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

const tagTasks = "tasks"

type nameParam struct {
	Name string `path:"name" maxLength:"100"`
}

type taskQuery struct {
	Project string `query:"project" maxLength:"100" doc:"only of this project"`
	Period  string `query:"period" doc:"only of this period: hour, day, week, month, cron or manual"`
	Limit   int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor  string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

func (a *api) taskRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/tasks", may: permit.View, id: "list-tasks", tag: tagTasks,
		summary: "Tasks by name"}, a.listTasks)
	call(a, route{method: http.MethodGet, path: root + "/tasks/{name}", may: permit.View, id: "get-task", tag: tagTasks,
		summary: "A task with its definition"}, a.getTask)
	call(a, route{method: http.MethodPost, path: root + "/tasks/{name}/run", may: permit.RunTasks, id: "run-task", tag: tagTasks,
		summary: "Execute a task now: one batch for the period that now lies in"}, a.runTask)
	post(a, route{method: http.MethodPost, path: root + "/tasks/apply", may: permit.EditTasks, id: "apply-tasks", tag: tagTasks,
		summary: "Save task files, all or none of them", timeout: applyTimeout, limit: applyLimit}, a.applyTasks)
	post(a, route{method: http.MethodPost, path: root + "/tasks/lint", may: permit.View, id: "lint-tasks", tag: tagTasks,
		summary: "Check task files against what the cluster knows; saves nothing", timeout: applyTimeout, limit: applyLimit}, a.lintTasks)
}

func (a *api) listTasks(ctx context.Context, q *taskQuery) (wire.TaskList, error) {
	list := wire.TaskList{Items: []wire.TaskSummary{}}
	f := store.TaskFilter{Project: q.Project, Period: -1, Limit: q.Limit + 1}
	if q.Period != "" {
		kind, err := period.ParseKind(q.Period)
		if err != nil {
			return list, fault.New(fault.Invalid, "%s", err)
		}
		f.Period = int(kind)
	}
	after, err := position(q.Cursor, 1)
	if err != nil {
		return list, err
	}
	if after != nil {
		f.After = after[0]
	}
	var rows []store.Task
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		if rows, err = t.Tasks(ctx, f); err != nil || len(rows) > 0 || q.Project == "" {
			return err
		}
		return knownProject(ctx, t, q.Project)
	})
	if err != nil {
		return list, err
	}
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		list.Next = cursorOf(rows[q.Limit-1].Name)
	}
	defs, err := a.definitions(ctx, rows)
	if err != nil {
		return list, err
	}
	now := a.DB.Now()
	for i := range rows {
		list.Items = append(list.Items, viewTask(&rows[i], defs[keyOf(&rows[i])], a.Zone, now))
	}
	return list, nil
}

func keyOf(row *store.Task) store.VersionKey {
	return store.VersionKey{TaskID: row.ID, Version: row.Version}
}

// definitions reads those of the enabled tasks, from memory mostly.
func (a *api) definitions(ctx context.Context, rows []store.Task) (map[store.VersionKey]*task.Task, error) {
	var keys []store.VersionKey
	for i := range rows {
		if rows[i].IsEnabled {
			keys = append(keys, keyOf(&rows[i]))
		}
	}
	return a.Defs.Get(ctx, keys)
}

func (a *api) getTask(ctx context.Context, p *nameParam) (wire.TaskDetail, error) {
	var row store.Task
	err := a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		row, err = t.TaskByName(ctx, p.Name)
		return err
	})
	if err != nil {
		return wire.TaskDetail{}, named(err, "task", p.Name)
	}
	def, err := row.Decode()
	if err != nil {
		return wire.TaskDetail{}, err
	}
	return wire.TaskDetail{
		TaskSummary: viewTask(&row, def, a.Zone, a.DB.Now()), Definition: json.RawMessage(row.Definition), SavedAt: row.SavedAt, SavedBy: row.SavedBy,
	}, nil
}

func (a *api) runTask(ctx context.Context, p *nameParam) (wire.ExecuteReply, error) {
	made, err := a.Plans.Execute(ctx, callerOf(ctx).planner(), p.Name)
	if err != nil {
		return wire.ExecuteReply{}, err
	}
	return wire.ExecuteReply{Ref: made.Ref.String(), ID: made.ID}, nil
}
