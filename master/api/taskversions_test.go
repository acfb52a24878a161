package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// TestTaskReads keeps what is told of versions, differences and renderings.
func TestTaskReads(t *testing.T) {
	reads := map[string]string{
		"task-versions":     "/api/v1/tasks/dwd_access_d/versions",
		"task-version":      "/api/v1/tasks/tidy/versions/1",
		"task-version-diff": "/api/v1/tasks/dwd_access_d/diff",
		"task-render":       "/api/v1/tasks/dwd_access_d/render?workNo=20000101",
		"task-render-batch": "/api/v1/tasks/ods_access_h/render?batch=ods_access_h/2000010102",
		"tasks-query":       "/api/v1/tasks?q=ACCESS&enabled=true&owner=admin",
		"project":           "/api/v1/projects/weblog",
		"projects":          "/api/v1/projects?limit=1",
		"worker-groups":     "/api/v1/worker-groups",
	}
	answers := map[string][]byte{}
	synctest.Test(t, func(t *testing.T) {
		r := history(t)
		<-time.After(time.Minute)
		r.apply(strings.Replace(taskFiles, "priority: 2", "priority: 1", 1))
		for name, path := range reads {
			got := r.send(http.MethodGet, path, "viewer", nil)
			if got.Code != http.StatusOK {
				t.Errorf("%s: got %d %s, want 200", path, got.Code, got.Body)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, got.Body.Bytes(), "", "  "); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			answers[name] = pretty.Bytes()
		}
		answers["task-export.yaml"] = r.send(http.MethodGet, "/api/v1/tasks/export?names=dwd_access_d", "viewer", nil).Body.Bytes()
	})
	for name, answer := range answers {
		if filepath.Ext(name) == "" {
			name += ".json"
		}
		t.Run(name, func(t *testing.T) { golden(t, name, answer) })
	}
}

func TestTaskListFilters(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	labelled := strings.Replace(taskText("labelled", "web", "admin", ""), "owner: admin}", "owner: admin, labels: {layer: dwd, team/part: x}}", 1)
	r.apply(labelled, taskText("plain", "web", "admin", "  enabled: false\n"), "apiVersion: capri/v1\nkind: Project\nmetadata: {name: other}\n", taskText("elsewhere", "other", "admin", ""))
	for query, want := range map[string]string{
		"":                         "elsewhere labelled plain",
		"?project=web":             "labelled plain",
		"?enabled=false":           "plain",
		"?enabled=true&limit=1":    "elsewhere …",
		"?label=layer":             "labelled",
		"?label=team/part%3Dx":     "labelled",
		"?label=layer%3Dods":       "",
		"?q=LAB":                   "labelled",
		"?owner=nobody":            "",
		"?period=day&project=web":  "labelled plain",
		"?period=hour":             "",
		"?q=l&project=web&limit=1": "labelled …",
	} {
		var list wire.TaskList
		r.must(http.MethodGet, "/api/v1/tasks"+query, "viewer", nil, &list)
		var names []string
		for _, i := range list.Items {
			names = append(names, i.Name)
		}
		if list.Next != "" {
			names = append(names, "…")
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
	for query, code := range map[string]fault.Code{"?label=a%20b": fault.Invalid, "?label=%3Dx": fault.Invalid, "?enabled=maybe": fault.Invalid, "?cursor=~": fault.Invalid} {
		if p := r.problem(http.MethodGet, "/api/v1/tasks"+query, "viewer", nil); p.Code != string(code) {
			t.Errorf("%q: got %+v, want %s", query, p, code)
		}
	}
}

// TestExportIsAppliedUnchanged exports the examples from one cluster, applies
// that to an empty one, and wants to find nothing to change afterwards, on both.
func TestExportIsAppliedUnchanged(t *testing.T) {
	t.Parallel()
	from, to := newRig(t), newRig(t)
	var files []string
	for _, pattern := range []string{"../../examples/*/tasks/*.yaml", "../../examples/*/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	texts := []string{taskFiles + "---\napiVersion: capri/v1\nkind: Project\nmetadata: {name: web, owner: admin}\n"}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if docs, _ := task.Parse(file, text); len(docs) > 0 {
			texts = append(texts, strings.ReplaceAll(string(text), "name: weblog,", "name: weblog_example,"))
		}
	}
	if len(texts) < 3 {
		t.Fatalf("got %d files, want the examples", len(texts))
	}
	for i, text := range texts {
		var reply wire.ApplyReply
		from.must(http.MethodPost, pathApply, "superadmin", wire.ApplyRequest{Files: []wire.File{{Name: "f.yaml", Text: text}}}, &reply)
		if !reply.Applied && i == 0 {
			t.Fatalf("got %+v, want it applied", reply.Findings)
		}
	}
	exported := from.send(http.MethodGet, "/api/v1/tasks/export", "viewer", nil)
	if kind := exported.Header().Get("Content-Type"); kind != "application/yaml; charset=utf-8" {
		t.Errorf("got %s, want YAML", kind)
	}
	again := wire.ApplyRequest{Files: []wire.File{{Name: "all.yaml", Text: exported.Body.String()}}}
	for name, r := range map[string]*rig{"from": from, "to": to} {
		var first, second wire.ApplyReply
		r.must(http.MethodPost, pathApply, "superadmin", again, &first)
		r.must(http.MethodPost, pathApply, "superadmin", again, &second)
		var diff wire.DiffReply
		r.must(http.MethodPost, "/api/v1/tasks/diff", "viewer", wire.DiffRequest{Files: again.Files}, &diff)
		for i, item := range second.Items {
			if item.Action != actionUnchanged || name == "from" && first.Items[i].Action != actionUnchanged || diff.Items[i].Diff != "" {
				t.Errorf("%s: got %+v, want nothing changed", name, item)
			}
		}
		if len(second.Items) < 5 || !first.Applied {
			t.Errorf("%s: got %+v, want all there is", name, second)
		}
		if text := r.send(http.MethodGet, "/api/v1/tasks/export", "viewer", nil).Body.String(); name == "from" && text != exported.Body.String() {
			t.Errorf("got another export, want the same")
		}
	}
}

func TestExportOfSome(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles, taskText("other", "web", "admin", ""))
	for query, want := range map[string]string{
		"?names=tidy,beat":               "weblog beat tidy",
		"?project=web":                   "web other",
		"?project=weblog&names=tidy":     "weblog tidy",
		"?project=weblog":                "weblog beat dwd_access_d ods_access_h tidy",
		"?names=other&project=web":       "web other",
		"":                               "web weblog beat dwd_access_d ods_access_h other tidy",
		"?project=weblog&names=%20tidy,": "weblog tidy",
	} {
		docs, findings := task.Parse("x.yaml", r.send(http.MethodGet, "/api/v1/tasks/export"+query, "viewer", nil).Body.Bytes())
		var names []string
		for _, d := range docs {
			names = append(names, d.Name())
		}
		if got := strings.Join(names, " "); got != want || task.HasErrors(findings) {
			t.Errorf("%q: got %s and %v, want %s", query, got, findings, want)
		}
	}
	for _, query := range []string{"?project=none", "?names=none", "?project=web&names=tidy"} {
		if p := r.problem(http.MethodGet, "/api/v1/tasks/export"+query, "viewer", nil); p.Code != string(fault.NotFound) {
			t.Errorf("%q: got %+v, want NOT_FOUND", query, p)
		}
	}
}

func TestDiffSaysWhatApplyWouldDo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	files := func(text string) wire.DiffRequest {
		return wire.DiffRequest{Files: []wire.File{{Name: "f.yaml", Text: text}}}
	}
	text := strings.Replace(taskFiles, "period: manual,", "period: manual, priority: 7,", 1) + "---\n" + taskText("fresh", "weblog", "admin", "")
	var reply wire.DiffReply
	r.must(http.MethodPost, "/api/v1/tasks/diff", "viewer", files(text), &reply)
	got := ""
	for _, i := range reply.Items {
		got += fmt.Sprintf("%s %s %d %d; ", i.Name, i.Action, i.Version, strings.Count(i.Diff, "\n"))
	}
	if want := "weblog unchanged 0 0; ods_access_h unchanged 1 0; dwd_access_d unchanged 1 0; tidy changed 2 11; beat unchanged 1 0; fresh created 1 32; "; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if d := reply.Items[3].Diff; !strings.Contains(d, "--- tidy saved\n+++ tidy f.yaml\n") || !strings.Contains(d, "\n-  priority: 5\n+  priority: 7\n") {
		t.Errorf("got\n%s\nwant the line of the priority", d)
	}
	r.must(http.MethodPost, "/api/v1/tasks/diff", "viewer", files(taskText("x", "none", "admin", "")), &reply)
	if len(reply.Items) != 0 || len(reply.Findings) != 1 {
		t.Errorf("got %+v, want the finding and no item", reply)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_task_version"); n != 4 {
		t.Errorf("got %d versions, want nothing saved", n)
	}
	huge := `{"files":[{"name":"a","text":"` + strings.Repeat("x", applyLimit) + `"}]}`
	if p := r.problem(http.MethodPost, "/api/v1/tasks/diff", "viewer", huge); p.Code != string(fault.TooLarge) {
		t.Errorf("got %+v, want TOO_LARGE for a huge body", p)
	}
}

func TestDiffSaysWhichBatchesWouldComeNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.apply(taskFiles)
		for name, c := range map[string]struct {
			spec, first, why string
			n                int
		}{
			"Day":         {"period: day", "20000101 2000-01-01T00:01", "", 5},
			"NotYetValid": {"period: day, valid: {from: 2000-06-01}", "20000602 2000-06-02T00:01", "", 5},
			"SoonOver":    {"period: day, valid: {to: 2000-01-04}", "20000101 2000-01-01T00:01", "", 4},
			"Month":       {"period: month", "200001 2000-01-01T00:05", "", 5},
			"Cron":        {`period: cron, cron: "30 6 * * 1"`, "20000103063000 2000-01-03T06:30", "", 5},
			"CronOfAZone": {`period: cron, cron: "CRON_TZ=Asia/Tokyo 30 6 * * *"`, "20000102063000 2000-01-01T21:30", "", 5},
			"Over":        {"period: day, valid: {to: 1999-01-04}", "", wire.NoneWhileValid, 0},
			"Manual":      {"period: manual", "", wire.NoneByItself, 0},
			"Disabled":    {"period: day, enabled: false", "", wire.NoneWhileDisabled, 0},
		} {
			text := "{apiVersion: capri/v1, kind: Task, metadata: {name: fresh, project: weblog, owner: admin}, spec: {" + c.spec + ", run: {script: x}}}"
			got, first := r.draft(text)[0], ""
			if len(got.Next) > 0 {
				first = got.Next[0].WorkNo + " " + time.UnixMilli(got.Next[0].At).UTC().Format("2006-01-02T15:04")
			}
			if first != c.first || got.NoNext != c.why || len(got.Next) != c.n {
				t.Errorf("%s: got %s, %d of them, %q; want %s, %d, %q", name, first, len(got.Next), got.NoNext, c.first, c.n, c.why)
			}
		}
	})
}

// TestSavedTasksComeAsTheDiffSaid holds what is said of a draft and of the saved task together.
func TestSavedTasksComeAsTheDiffSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		items := r.draft(taskFiles)
		r.apply(taskFiles)
		for _, item := range items {
			if item.Kind != task.KindTask {
				if item.Next != nil || item.NoNext != "" {
					t.Errorf("got %+v, want no batches of a project", item)
				}
				continue
			}
			var saved wire.TaskDetail
			r.must(http.MethodGet, "/api/v1/tasks/"+item.Name, "viewer", nil, &saved)
			var said []int64
			for _, next := range item.Next {
				said = append(said, next.At)
			}
			if !slices.Equal(said, saved.Upcoming) {
				t.Errorf("%s: got %v before, %v after it was saved", item.Name, said, saved.Upcoming)
			}
		}
	})
}

// draft is what the diff says of a task file.
func (r *rig) draft(text string) []wire.DiffItem {
	r.t.Helper()
	var reply wire.DiffReply
	r.must(http.MethodPost, "/api/v1/tasks/diff", "admin", wire.DiffRequest{Files: []wire.File{{Name: "f.yaml", Text: text}}}, &reply)
	if len(reply.Items) == 0 {
		r.t.Fatalf("got %+v, want no error", reply.Findings)
	}
	return reply.Items
}

func TestVersionsThatAreNot(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskText("a", "web", "admin", ""))
	for path, code := range map[string]fault.Code{
		"/none/versions":               fault.NotFound,
		"/a/versions/2":                fault.NotFound,
		"/a/versions/0":                fault.Invalid,
		"/a/versions?cursor=x":         fault.Invalid,
		"/a/diff":                      fault.Invalid,
		"/a/diff?from=1&to=7":          fault.NotFound,
		"/a/render":                    fault.Invalid,
		"/a/render?workNo=x":           fault.Invalid,
		"/a/render?workNo=20150230":    fault.Invalid,
		"/a/render?batch=b/20150518":   fault.Invalid,
		"/a/render?batch=a/20150518":   fault.NotFound,
		"/none/render?workNo=1":        fault.NotFound,
		"/a/render?batch=a/1&workNo=1": fault.Invalid,
	} {
		if p := r.problem(http.MethodGet, "/api/v1/tasks"+path, "viewer", nil); p.Code != string(code) {
			t.Errorf("%s: got %+v, want %s", path, p, code)
		}
	}
}

func TestVersionsArePaged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range 5 {
		r.apply(taskText("a", "web", "admin", fmt.Sprintf("  priority: %d\n", i)))
	}
	var seen []int
	for cursor := ""; ; {
		var list wire.TaskVersionList
		r.must(http.MethodGet, "/api/v1/tasks/a/versions?limit=2&cursor="+cursor, "viewer", nil, &list)
		for _, v := range list.Items {
			seen = append(seen, v.Version)
		}
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	if fmt.Sprint(seen) != "[5 4 3 2 1]" {
		t.Errorf("got %v, want every version once, newest first", seen)
	}
}

// TestReadsFollowWrites has two masters over one database: what one saves is
// read at once from it, and at once from the other, because only what a version
// says is remembered, and a version never changes.
func TestReadsFollowWrites(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	deps := r.api.Deps
	deps.Defs = store.NewDefinitions(deps.DB, 10)
	other, err := New(deps)
	if err != nil {
		t.Fatal(err)
	}
	read := func(handler http.Handler, path string, into any) {
		t.Helper()
		got := serve(t, handler, request{method: http.MethodGet, path: path, token: "viewer"})
		if err := json.Unmarshal(got.Body.Bytes(), into); err != nil || got.Code != http.StatusOK {
			t.Fatalf("%s: got %d %s, want 200", path, got.Code, got.Body)
		}
	}
	for i := range 4 {
		r.apply(taskText("a", "web", "admin", fmt.Sprintf("  priority: %d\n", i)))
		for name, handler := range map[string]http.Handler{"the same": r.handler, "another": other} {
			var detail wire.TaskDetail
			read(handler, "/api/v1/tasks/a", &detail)
			var list wire.TaskList
			read(handler, "/api/v1/tasks?q=a", &list)
			if detail.Version != i+1 || detail.Priority != i || !strings.Contains(detail.YAML, fmt.Sprintf("priority: %d\n", i)) || list.Items[0].Version != i+1 {
				t.Errorf("%s master: got %+v and %+v, want version %d", name, detail, list.Items, i+1)
			}
		}
	}
}
