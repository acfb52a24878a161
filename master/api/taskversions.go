package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/wire"
)

type versionQuery struct {
	Name   string `path:"name" maxLength:"100" doc:"name of the task"`
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

type versionParam struct {
	Name    string `path:"name" maxLength:"100" doc:"name of the task"`
	Version int    `path:"version" minimum:"1" maximum:"1000000000"`
}

type versionsParam struct {
	Name string `path:"name" maxLength:"100" doc:"name of the task"`
	From int    `query:"from" minimum:"0" maximum:"1000000000" doc:"a version; the one before to, without it"`
	To   int    `query:"to" minimum:"0" maximum:"1000000000" doc:"a version; the newest, without it"`
}

type renderQuery struct {
	Name   string `path:"name" maxLength:"100" doc:"name of the task"`
	WorkNo string `query:"workNo" maxLength:"40" doc:"what a batch of this work number would run: workNumber, or workNumber.run"`
	Batch  string `query:"batch" maxLength:"200" doc:"what this batch runs: task/workNumber, or task/workNumber.run"`
}

type exportQuery struct {
	Project string `query:"project" maxLength:"100" doc:"only this project and its tasks"`
	Names   string `query:"names" maxLength:"30000" doc:"only these tasks and their projects, separated by commas"`
}

// exportAnswer is text, not JSON.
type exportAnswer struct {
	Type    string `header:"Content-Type"`
	NoSniff string `header:"X-Content-Type-Options"`
	Body    []byte
}

func (a *api) versionRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/tasks/{name}/versions", may: permit.View, id: "list-task-versions", tag: tagTasks,
		summary: "The versions of a task, deleted or not, newest first"}, a.listVersions)
	call(a, route{method: http.MethodGet, path: root + "/tasks/{name}/versions/{version}", may: permit.View, id: "get-task-version", tag: tagTasks,
		summary: "A version of a task with its definition, as JSON and as a task file"}, func(ctx context.Context, p *versionParam) (wire.TaskVersionDetail, error) {
		return a.defined.Version(ctx, p.Name, p.Version)
	})
	call(a, route{method: http.MethodGet, path: root + "/tasks/{name}/diff", may: permit.View, id: "diff-task-versions", tag: tagTasks,
		summary: "The difference between two versions of a task, as a unified diff"}, func(ctx context.Context, p *versionsParam) (wire.VersionDiff, error) {
		return a.defined.Between(ctx, p.Name, p.From, p.To)
	})
	call(a, route{method: http.MethodGet, path: root + "/tasks/{name}/render", may: permit.View, id: "render-task", tag: tagTasks,
		summary: "What a batch of a task would run, or does: script, environment, paths, parents; makes nothing"}, a.renderTask)
	raw(a, route{method: http.MethodGet, path: root + "/tasks/export", may: permit.View, id: "export-tasks", tag: tagTasks, timeout: applyTimeout,
		summary: "Task files of what is saved, projects with their tasks, as one YAML text that apply takes back"}, a.exportTasks)
	post(a, route{method: http.MethodPost, path: root + "/tasks/diff", may: permit.View, id: "diff-tasks", tag: tagTasks,
		summary: "What an apply of task files would change, document by document; saves nothing", timeout: applyTimeout, limit: applyLimit}, a.diffTasks)
}

func (a *api) listVersions(ctx context.Context, q *versionQuery) (wire.TaskVersionList, error) {
	before, err := idPosition(q.Cursor)
	if err != nil {
		return wire.TaskVersionList{}, err
	}
	items, err := a.defined.Versions(ctx, q.Name, int(before), q.Limit+1)
	list := wire.TaskVersionList{Items: items}
	if len(items) > q.Limit {
		list.Items = items[:q.Limit]
		list.Next = cursorOf(strconv.Itoa(items[q.Limit-1].Version))
	}
	return list, err
}

func (a *api) renderTask(ctx context.Context, q *renderQuery) (wire.RenderReply, error) {
	if (q.WorkNo == "") == (q.Batch == "") {
		return wire.RenderReply{}, fault.New(fault.Invalid, "a rendering is that of one work number or of one batch").WithHint("give workNo or batch")
	}
	text := q.Batch
	if text == "" {
		text = q.Name + "/" + q.WorkNo
	}
	ref, err := batch.ParseRef(text)
	if err != nil {
		return wire.RenderReply{}, fault.Wrap(fault.Invalid, err, "%s", err)
	}
	if q.Batch != "" {
		return a.defined.RenderBatch(ctx, q.Name, ref)
	}
	return a.defined.Render(ctx, ref)
}

func (a *api) exportTasks(ctx context.Context, q *exportQuery) (*exportAnswer, error) {
	var names []string
	for name := range strings.SplitSeq(q.Names, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	text, err := a.defined.Export(ctx, q.Project, names)
	return &exportAnswer{Type: "application/yaml; charset=utf-8", NoSniff: "nosniff", Body: []byte(text)}, err
}
