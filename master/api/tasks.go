package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

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
	Owner   string `query:"owner" maxLength:"100" doc:"only this user's"`
	Period  string `query:"period" maxLength:"20" doc:"only of this period: hour, day, week, month, cron or manual"`
	Enabled string `query:"enabled" enum:"true,false" doc:"only those that are enabled, or are not"`
	Label   string `query:"label" maxLength:"300" doc:"only those with this label: name, or name=value"`
	Text    string `query:"q" maxLength:"200" doc:"only those with this text in their name or title"`
	Limit   int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor  string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

func (a *api) taskRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/tasks", may: permit.View, id: "list-tasks", tag: tagTasks,
		summary: "Tasks by name"}, a.listTasks)
	call(a, route{method: http.MethodGet, path: root + "/tasks/{name}", may: permit.View, id: "get-task", tag: tagTasks,
		summary: "A task with its definition, as JSON and as a task file, its next base times and what was learned about it"}, a.getTask)
	call(a, route{method: http.MethodPost, path: root + "/tasks/{name}/run", may: permit.RunTasks, id: "run-task", tag: tagTasks,
		summary: "Execute a task now: one batch for the period that now lies in"}, a.runTask)
	post(a, route{method: http.MethodPost, path: root + "/tasks/apply", may: permit.EditTasks, id: "apply-tasks", tag: tagTasks,
		summary: "Save task files, all or none of them", timeout: applyTimeout, limit: applyLimit}, a.applyTasks)
	post(a, route{method: http.MethodPost, path: root + "/tasks/lint", may: permit.View, id: "lint-tasks", tag: tagTasks,
		summary: "Check task files against what the cluster knows; saves nothing", timeout: applyTimeout, limit: applyLimit}, a.lintTasks)
	a.versionRoutes()
	a.turnRoutes()
}

// filter reads what a list of tasks is to hold.
func (q *taskQuery) filter() (store.TaskFilter, error) {
	f := store.TaskFilter{Project: q.Project, Owner: q.Owner, Text: q.Text, Period: -1, Limit: q.Limit + 1}
	if q.Period != "" {
		kind, err := period.ParseKind(q.Period)
		if err != nil {
			return f, fault.New(fault.Invalid, "%s", err)
		}
		f.Period = int(kind)
	}
	if q.Enabled != "" {
		enabled := q.Enabled == "true"
		f.Enabled = &enabled
	}
	f.Label, f.Value, _ = strings.Cut(q.Label, "=")
	if q.Label != "" && !task.IsLabel(f.Label) {
		return f, fault.New(fault.Invalid, "%q is no label", q.Label).WithHint("write name, or name=value")
	}
	after, err := position(q.Cursor, 1)
	if after != nil {
		f.After = after[0]
	}
	return f, err
}

func (a *api) listTasks(ctx context.Context, q *taskQuery) (wire.TaskList, error) {
	list := wire.TaskList{Items: []wire.TaskSummary{}}
	f, err := q.filter()
	if err != nil {
		return list, err
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
	stands, err := a.standings(ctx, rows)
	if err != nil {
		return list, err
	}
	now := a.DB.Now()
	for i := range rows {
		v := viewTask(&rows[i], defs[keyOf(&rows[i])], a.Zone, now)
		v.TriggerStatus = triggerStatus(v.Enabled, stands[rows[i].ID])
		list.Items = append(list.Items, v)
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

// childrenShown is how many children of a task are named with it.
const childrenShown = 100

func (a *api) getTask(ctx context.Context, p *nameParam) (wire.TaskDetail, error) {
	var row store.Task
	var saved store.SavedVersion
	var stats map[int64]store.TaskStat
	var children []string
	err := a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		if row, err = t.TaskByName(ctx, p.Name); err != nil {
			return err
		}
		if saved, err = t.VersionAt(ctx, row.ID, row.Version); err != nil {
			return err
		}
		if children, err = t.ChildTasks(ctx, row.ID, childrenShown); err != nil {
			return err
		}
		stats, err = t.TaskStats(ctx, []int64{row.ID})
		return err
	})
	if err != nil {
		return wire.TaskDetail{}, named(err, "task", p.Name)
	}
	def, err := row.Decode()
	if err != nil {
		return wire.TaskDetail{}, err
	}
	stands, err := a.standings(ctx, []store.Task{row})
	if err != nil {
		return wire.TaskDetail{}, err
	}
	text, err := task.YAML(def)
	out := wire.TaskDetail{
		TaskSummary: viewTask(&row, def, a.Zone, a.DB.Now()), Definition: json.RawMessage(row.Definition), YAML: text,
		SavedAt: row.SavedAt, SavedBy: row.SavedBy, Note: saved.Note, Children: children,
	}
	out.TriggerStatus = triggerStatus(row.IsEnabled, stands[row.ID])
	if row.IsEnabled {
		out.Upcoming = upcoming(def, a.Zone, a.DB.Now())
	}
	if s, known := stats[row.ID]; known {
		out.Stats = &wire.TaskStats{Runs: s.Runs, P50Millis: s.P50Millis, P95Millis: s.P95Millis, PeakMemory: s.PeakMemory, LearnedAt: s.LearnedAt}
	}
	return out, err
}

func (a *api) runTask(ctx context.Context, p *nameParam) (wire.ExecuteReply, error) {
	made, err := a.Plans.Execute(ctx, callerOf(ctx).planner(), p.Name)
	if err != nil {
		return wire.ExecuteReply{}, err
	}
	return wire.ExecuteReply{Ref: made.Ref.String(), ID: made.ID}, nil
}
