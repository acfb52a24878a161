package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func TestTaskListAsksForWhatIsWanted(t *testing.T) {
	m := newMaster(t, map[string]any{"GET /tasks": wire.TaskList{Items: []wire.TaskSummary{}}})
	got := at(m).run(t, "task", "list", "--project", "p", "--owner", "amy", "--period", "day", "--enabled=false", "--label", "layer=dwd", "-q", "acc")
	if got.code != exitDone || !m.asked("GET /tasks?enabled=false&label=layer%3Ddwd&limit=500&owner=amy&period=day&project=p&q=acc") {
		t.Errorf("got %+v and %q, want every filter asked for", got, m.calls)
	}
}

func TestTaskVersions(t *testing.T) {
	m := newMaster(t, map[string]any{
		"GET /tasks/a/versions": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("cursor") == "" {
				answerJSON(w, wire.TaskVersionList{Next: "c", Items: []wire.TaskVersion{
					{Version: 3, SavedAt: ms(t, "2015-05-20T08:00:00"), SavedBy: "amy", Note: "delete: not needed", Enabled: true, Deleted: true},
					{Version: 2, SavedAt: ms(t, "2015-05-19T08:00:00"), SavedBy: "bob", Note: "disable: the source moves"},
				}})
				return
			}
			answerJSON(w, wire.TaskVersionList{Items: []wire.TaskVersion{{Version: 1, SavedAt: ms(t, "2015-05-18T08:00:00"), SavedBy: "amy", Enabled: true}}})
		}),
		"GET /tasks/a/versions/2": wire.TaskVersionDetail{
			TaskVersion: wire.TaskVersion{Version: 2, SavedAt: ms(t, "2015-05-19T08:00:00"), SavedBy: "bob", Note: "disable: the source moves"}, Task: "a", YAML: "kind: Task\nspec:\n  enabled: false\n",
		},
	})
	golden(t, "task-versions", at(m).run(t, "task", "versions", "a").out)
	golden(t, "task-get-version", at(m).run(t, "task", "get", "a", "--version", "2").out)
	if got := at(m).run(t, "task", "versions", "a", "-o", "name", "--limit", "2"); got.out != "3\n2\n" || !strings.Contains(got.err, "there are more") {
		t.Errorf("got %+v, want two versions, and that there are more", got)
	}
}

const someDiff = "--- a version 1\n+++ a version 2\n@@ -1,2 +1,2 @@\n kind: Task\n-priority: 5\n+priority: 7\n"

func TestTaskDiff(t *testing.T) {
	reply := wire.DiffReply{Items: []wire.DiffItem{
		{ApplyItem: wire.ApplyItem{Kind: "Project", Name: "p", Action: "unchanged"}},
		{ApplyItem: wire.ApplyItem{Kind: "Task", Name: "a", Action: "changed", Version: 2}, Diff: someDiff},
		{ApplyItem: wire.ApplyItem{Kind: "Task", Name: "b", Action: "created", Version: 1}, Diff: "--- b saved\n+++ b x.yaml\n@@ -0,0 +1 @@\n+kind: Task\n"},
	}, Findings: []wire.Finding{{File: "x.yaml", Line: 2, Severity: "warning", Message: "nobody waits for this"}}}
	m := newMaster(t, map[string]any{
		"POST /tasks/diff": reply, "GET /tasks/a/diff": wire.VersionDiff{Task: "a", From: 1, To: 2, Diff: someDiff},
		"GET /tasks/b/diff": wire.VersionDiff{Task: "b", From: 1, To: 2},
	})
	file := write(t, "x.yaml", goodTask)
	got := at(m).run(t, "task", "diff", "-f", file)
	if got.code != exitDone {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	golden(t, "task-diff", strings.ReplaceAll(got.out+"--\n"+got.err, file, "x.yaml"))
	if got := at(m).run(t, "task", "diff", "-f", file, "--exit-code"); got.code != exitFailed || strings.Contains(got.err, "capri:") {
		t.Errorf("got %+v, want %d and nothing said of an error", got, exitFailed)
	}
	if got := at(m).run(t, "task", "diff", "a", "--from", "1", "--to", "2"); got.code != exitDone || got.out != someDiff || !m.asked("GET /tasks/a/diff?from=1&to=2") {
		t.Errorf("got %+v and %q, want the diff as it is", got, m.calls)
	}
	if got := at(m).run(t, "task", "diff", "b", "--exit-code"); got.code != exitDone || got.out != "" || !strings.Contains(got.err, "are the same") {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	s := at(m)
	s.terminal = true
	if got := s.run(t, "task", "diff", "a"); !strings.Contains(got.out, "\x1b[32m+priority: 7\x1b[0m") || !strings.Contains(got.out, "\x1b[31m-priority: 5\x1b[0m") {
		t.Errorf("got %q, want colours on a terminal", got.out)
	}
	s.environ["NO_COLOR"] = "1"
	if got := s.run(t, "task", "diff", "a"); got.out != someDiff {
		t.Errorf("got %q, want none with NO_COLOR", got.out)
	}
	for args, want := range map[string]string{"task diff": "compare what?", "task diff a b": "compare what?", "task diff -f " + file + " --from 2": "leave -f out"} {
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: got %+v, want %d, %q", args, got, exitUsage, want)
		}
	}
	m.answers["POST /tasks/diff"] = wire.DiffReply{Findings: []wire.Finding{{File: "x.yaml", Line: 3, Severity: "error", Message: "no"}}}
	if got := at(m).run(t, "task", "diff", "-f", file, "--exit-code"); got.code != exitInvalid || !strings.Contains(got.err, "x.yaml:3: no") {
		t.Errorf("got %+v, want %d", got, exitInvalid)
	}
}

func TestTaskExport(t *testing.T) {
	project := "apiVersion: capri/v1\nkind: Project\nmetadata:\n  name: weblog\n"
	text := project + "---\n" + goodTask
	m := newMaster(t, map[string]any{"GET /tasks/export": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write([]byte(text))
	})})
	if got := at(m).run(t, "task", "export", "dwd_access_d", "b", "--project", "weblog"); got.out != text || got.code != exitDone || !m.asked("GET /tasks/export?names=dwd_access_d%2Cb&project=weblog") {
		t.Errorf("got %+v and %q, want the text as it is", got, m.calls)
	}
	dir := filepath.Join(t.TempDir(), "tasks")
	for range 2 { // over what is there already
		if got := at(m).run(t, "task", "export", "-d", dir); got.code != exitDone || !strings.Contains(got.err, "2 files written below") {
			t.Errorf("got %+v, want two files", got)
		}
	}
	for name, want := range map[string]string{"weblog/project.yaml": project, "weblog/dwd_access_d.yaml": goodTask} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(data) != want {
			t.Errorf("%s: got %q, %v, want %q", name, data, err, want)
		}
	}
	if got := nowhere(t).run(t, "task", "lint", dir); got.code != exitDone {
		t.Errorf("got %+v, want files that lint takes", got)
	}
	text = "kind: Task\nmetadata: {name: ../../x}\n"
	if got := at(m).run(t, "task", "export", "-d", dir); got.code != exitNoMaster || !strings.Contains(got.err, "not understood") {
		t.Errorf("got %+v, want a name that is none refused", got)
	}
}

func TestTasksAreTurned(t *testing.T) {
	done := func(name string) wire.CommandReply {
		return wire.CommandReply{Object: name, Changed: true, Code: "X", Message: name + " is done", Next: "look"}
	}
	m := newMaster(t, map[string]any{
		"POST /tasks/a/disable": done("a"), "POST /tasks/b/disable": done("b"), "POST /tasks/a/enable": done("a"), "POST /tasks/a/delete": done("a"),
		"POST /tasks/c/disable": problem(fault.Conflict, http.StatusConflict, "c is not to be"), "POST /projects/p/delete": done("p"),
		"POST /worker-groups/g/disable": done("g"), "POST /worker-groups/g/delete": done("g"), "POST /worker-groups/g/enable": done("g"), "POST /worker-groups/g": done("g"),
	})
	for args, want := range map[string]result{
		"task disable a b --reason r":            {exitDone, "", "a is done\n  look\nb is done\n  look\n"},
		"task enable a --reason r":               {exitDone, "", "a is done\n  look\n"},
		"task delete a --reason r --yes":         {exitDone, "", "a is done\n  look\n"},
		"task disable a --reason r -o name":      {exitDone, "a\n", ""},
		"task disable c --reason r":              {exitConflict, "", "capri: c is not to be\n"},
		"task disable a c b --reason r":          {exitPartly, "", "c is not to be\na is done\n  look\nb is done\n  look\ncapri: 2 done, 1 not\n"},
		"task disable c x --reason r":            {exitConflict, "", "c is not to be\nthere is no POST /tasks/x/disable\ncapri: none of c, x\n"},
		"project delete p --reason r --yes":      {exitDone, "", "p is done\n  look\n"},
		"group disable g --reason r --yes":       {exitDone, "", "g is done\n  look\n"},
		"group delete g --reason r --yes":        {exitDone, "", "g is done\n  look\n"},
		"group enable g --reason r":              {exitDone, "", "g is done\n  look\n"},
		"group put g --description d --reason r": {exitDone, "", "g is done\n  look\n"},
		"task disable a":                         {exitUsage, "", "capri: --reason is wanted: it is kept, and shown to whoever asks why\n"},
		"task delete a --reason r":               {exitUsage, "", "capri: nobody can be asked here: stdin is not a terminal\n  give --yes to go ahead, or --dry-run to see what would happen\n"},
	} {
		if got := at(m).run(t, strings.Fields(args)...); got != want {
			t.Errorf("%s: got %+v, want %+v", args, got, want)
		}
	}
	if got, want := m.body("POST /worker-groups/g"), `{"description":"d","reason":"r"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := m.body("POST /tasks/a/delete"), `{"reason":"r"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for args, question := range map[string]string{
		"task delete a b --reason r":  "Delete 2 tasks? [y/N]",
		"task delete a --reason r":    "Delete a? [y/N]",
		"project delete p --reason r": "Delete p? [y/N]",
		"group disable g --reason r":  "Disable g? [y/N]",
	} {
		none := newMaster(t, nil)
		s := at(none)
		s.terminal, s.stdin = true, "n\n"
		if got := s.run(t, strings.Fields(args)...); got.code != exitFailed || !strings.Contains(got.err, question) || len(none.calls) != 0 {
			t.Errorf("%s: got %+v and %q, want %q asked and a no taken", args, got, none.calls, question)
		}
	}
}

func TestProjectAndGroupTables(t *testing.T) {
	m := newMaster(t, map[string]any{
		"GET /projects/weblog": wire.ProjectDetail{
			Project:    wire.Project{Name: "weblog", Title: "Web log", Owner: "amy", Tasks: 12, Holds: []wire.Hold{{Source: "person", Actor: "bob", Reason: "move"}}},
			Department: "data", Enabled: 10, YAML: "kind: Project\n",
		},
		"GET /worker-groups": wire.WorkerGroupList{Items: []wire.WorkerGroup{
			{Name: "default", Description: "every worker that names no group", Enabled: true, Declared: true, Workers: 3, Tasks: 12},
			{Name: "gpu", Declared: true, Workers: 1}, {Name: "odd", Enabled: true, Tasks: 2},
		}},
	})
	golden(t, "project-get", at(m).run(t, "project", "get", "weblog").out)
	golden(t, "group-list", at(m).run(t, "group", "list").out)
}

func TestRenderAsksTheMaster(t *testing.T) {
	reply := wire.RenderReply{
		Batch: "dwd_access_d/20150518.0", Version: 3, Zone: "Asia/Shanghai", Scheduled: "2015-05-18T00:00:00+08:00", BizStart: "2015-05-17T00:00:00+08:00", BizEnd: "2015-05-18T00:00:00+08:00",
		Type: "shell", Script: "echo 20150517\n", Account: "etl", Env: map[string]string{"CAPRI_PROJECT": "weblog"}, Inputs: []wire.RenderPath{{Path: "file:///a", Ready: "exists"}},
		Parents: []wire.RenderParent{{Batch: "ods_access_h/2015051701", State: "success"}, {Batch: "ods_access_h/2015051702", State: "none"}},
	}
	m := newMaster(t, map[string]any{"GET /tasks/dwd_access_d/render": reply})
	golden(t, "task-render-task", at(m).run(t, "task", "render", "dwd_access_d", "--work-no", "20150518").out)
	if !m.asked("GET /tasks/dwd_access_d/render?workNo=20150518") {
		t.Errorf("got %q, want the work number asked for", m.calls)
	}
	if got := at(m).run(t, "task", "render", "--batch", "dwd_access_d/20150518.0", "-o", "json"); got.code != exitDone || !m.asked("GET /tasks/dwd_access_d/render?batch=dwd_access_d%2F20150518.0") {
		t.Errorf("got %+v and %q, want the batch asked for", got, m.calls)
	}
	for args, want := range map[string]string{
		"task render dwd_access_d":                               "one work number",
		"task render dwd_access_d 20150518 --timezone UTC":       "--timezone is for files",
		"task render dwd_access_d --batch dwd_access_d/20150518": "leave the other arguments out",
		"task render dwd_access_d 20150518 --work-no 20150519":   "one work number",
	} {
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: got %+v, want %d, %q", args, got, exitUsage, want)
		}
	}
}
