package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

const pathApply = "/api/v1/tasks/apply"

// taskText is a small task; spec is what goes on in its spec.
func taskText(name, project, owner, spec string) string {
	return fmt.Sprintf("apiVersion: capri/v1\nkind: Task\nmetadata: {name: %s, project: %s, owner: %s}\nspec:\n  period: day\n  run: {type: shell, script: \"true\"}\n%s", name, project, owner, spec)
}

func (r *rig) try(dryRun bool, texts ...string) wire.ApplyReply {
	r.t.Helper()
	req := wire.ApplyRequest{DryRun: dryRun}
	for i, text := range texts {
		req.Files = append(req.Files, wire.File{Name: fmt.Sprintf("f%d.yaml", i), Text: text})
	}
	var reply wire.ApplyReply
	r.must(http.MethodPost, pathApply, "operator", req, &reply)
	return reply
}

func actions(reply wire.ApplyReply) string {
	var out []string
	for _, i := range reply.Items {
		out = append(out, fmt.Sprintf("%s %s %s %d", i.Kind, i.Name, i.Action, i.Version))
	}
	return strings.Join(out, "; ")
}

func TestApplyCreatesChangesAndLeavesAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	project := "apiVersion: capri/v1\nkind: Project\nmetadata: {name: shop, title: Shop, department: sales}\n"
	a, b := taskText("a", "shop", "admin", ""), taskText("b", "shop", "admin", "  parents: [{task: a, offset: -1}]\n")
	if got, want := actions(r.try(true, a, b, project)), "Task a created 1; Task b created 1; Project shop created 0"; got != want {
		t.Errorf("dry run: got %s, want %s", got, want)
	}
	if p := r.problem(http.MethodGet, "/api/v1/tasks/a", "viewer", nil); p.Code != string(fault.NotFound) {
		t.Errorf("after the dry run: got %+v, want nothing saved", p)
	}
	if got, want := actions(r.apply(project, a, b)), "Project shop created 0; Task a created 1; Task b created 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := actions(r.apply(project, a, b)), "Project shop unchanged 0; Task a unchanged 1; Task b unchanged 1"; got != want {
		t.Errorf("again: got %s, want %s", got, want)
	}
	b = taskText("b", "shop", "admin", "  priority: 1\n  parents: [{task: a}]\n")
	if got, want := actions(r.apply(b)), "Task b changed 2"; got != want {
		t.Errorf("changed: got %s, want %s", got, want)
	}
	if got := r.applied.Load(); got != 2 {
		t.Errorf("got %d wakes, want one for each change", got)
	}
	var detail wire.TaskDetail
	r.must(http.MethodGet, "/api/v1/tasks/b", "viewer", nil, &detail)
	if detail.Version != 2 || detail.Priority != 1 || detail.Project != "shop" || detail.SavedBy != "admin" {
		t.Errorf("got %+v, want version 2 with its priority", detail)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'task.apply'"); n != 2 {
		t.Errorf("got %d audit rows, want one for each change", n)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_task_depend WHERE kind = 'logic' AND dependWindow = 'default'"); n != 1 {
		t.Errorf("got %d edges, want the one of b to a", n)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_task_version"); n != 3 {
		t.Errorf("got %d versions, want 3", n)
	}
}

func (r *rig) count(query string) int {
	r.t.Helper()
	var n int
	if err := r.world.DB.Raw().QueryRowContext(r.t.Context(), query).Scan(&n); err != nil {
		r.t.Fatal(err)
	}
	return n
}

func TestApplyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskText("known", "web", "admin", "  parents: [{task: known, offset: -1}]\n"))
	good := taskText("good", "web", "admin", "")
	cases := map[string]struct{ text, message string }{
		"UnknownOwner":             {taskText("x", "web", "bob", ""), "the owner bob is not a user"},
		"UnknownProject":           {taskText("x", "nowhere", "admin", ""), "project \"nowhere\""},
		"UnknownParent":            {taskText("x", "web", "admin", "  parents: [{task: ghost}]\n"), "parent \"ghost\""},
		"NotYAML":                  {"apiVersion: [", ""},
		"CircleInTheFiles":         {taskText("x", "web", "admin", "  parents: [{task: y}]\n") + "---\n" + taskText("y", "web", "admin", "  parents: [{task: x}]\n"), "wait for one another"},
		"NameTwice":                {taskText("good", "web", "admin", ""), "defined twice"},
		"ProjectOfAnUnknownPerson": {"apiVersion: capri/v1\nkind: Project\nmetadata: {name: p, owner: eve}\n", "the owner eve is not a user"},
	}
	for name, c := range cases {
		reply := r.try(false, good, c.text)
		found := slices.ContainsFunc(reply.Findings, func(f wire.Finding) bool {
			return f.Severity == task.SeverityError && f.File == "f1.yaml" && f.Line > 0 && strings.Contains(f.Message, c.message)
		})
		if !found || reply.Applied || len(reply.Items) != 0 {
			t.Errorf("%s: got %+v, want one error with %q and nothing applied", name, reply, c.message)
		}
	}
	if n := r.count("SELECT COUNT(*) FROM capri_task"); n != 1 {
		t.Errorf("got %d tasks, want the one that was right", n)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'task.apply'"); n != 1 {
		t.Errorf("got %d audit rows, want 1", n)
	}
}

func TestApplyFindsCirclesThroughStoredTasks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskText("a", "web", "admin", ""), taskText("b", "web", "admin", "  parents: [{task: a}]\n"), taskText("c", "web", "admin", "  parents: [{task: b}]\n"))
	reply := r.try(false, taskText("a", "web", "admin", "  parents: [{task: c}]\n"))
	if reply.Applied || len(reply.Findings) != 1 || reply.Findings[0].Code != task.CodeCycle {
		t.Errorf("got %+v, want the circle a b c", reply)
	}
}

func TestLintSavesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := wire.ApplyRequest{Files: []wire.File{{Name: "x.yaml", Text: taskText("x", "web", "admin", "  parents: [{task: ghost}]\n")}}}
	var reply wire.ApplyReply
	r.must(http.MethodPost, "/api/v1/tasks/lint", "viewer", req, &reply)
	if len(reply.Findings) != 1 || reply.Applied || r.count("SELECT COUNT(*) FROM capri_task") != 0 {
		t.Errorf("got %+v, want one finding and nothing saved", reply)
	}
}

// TestApplySideBySide lets many apply the same new tasks: each name is created
// by one of them, and all of them end well.
func TestApplySideBySide(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var group sync.WaitGroup
	replies := make([]string, 4)
	for i := range replies {
		group.Go(func() {
			got := r.send(http.MethodPost, pathApply, "operator", wire.ApplyRequest{Files: []wire.File{
				{Name: "p.yaml", Text: "apiVersion: capri/v1\nkind: Project\nmetadata: {name: shop, department: sales, owner: admin}\n"},
				{Name: "a.yaml", Text: taskText("a", "shop", "admin", "")},
				{Name: "b.yaml", Text: taskText("b", "shop", "admin", fmt.Sprintf("  priority: %d\n", i))},
			}})
			replies[i] = got.Body.String()
		})
	}
	group.Wait()
	created, changed := 0, 0
	for _, text := range replies {
		var reply wire.ApplyReply
		if err := json.Unmarshal([]byte(text), &reply); err != nil || !reply.Applied {
			t.Fatalf("got %s, want it applied", text)
		}
		created += strings.Count(actions(reply), "Task a created")
		changed += strings.Count(actions(reply), "Task b changed") + strings.Count(actions(reply), "Task b created")
	}
	if created != 1 || changed != 4 {
		t.Errorf("got a created %d times and b saved %d times, want 1 and 4", created, changed)
	}
	var detail wire.TaskDetail
	r.must(http.MethodGet, "/api/v1/tasks/b", "viewer", nil, &detail)
	if detail.Version != 4 || r.count("SELECT COUNT(*) FROM capri_project WHERE name = 'shop'") != 1 {
		t.Errorf("got version %d, want 4 and one project", detail.Version)
	}
}

func TestApplyLimits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	req := wire.ApplyRequest{Files: make([]wire.File, applyTasks+1)}
	if p := r.problem(http.MethodPost, pathApply, "operator", req); p.Code != string(fault.TooLarge) {
		t.Errorf("got %+v, want TOO_LARGE for too many files", p)
	}
	huge := `{"files":[{"name":"a","text":"` + strings.Repeat("x", applyLimit) + `"}]}`
	if p := r.problem(http.MethodPost, pathApply, "operator", huge); p.Code != string(fault.TooLarge) {
		t.Errorf("got %+v, want TOO_LARGE for a huge body", p)
	}
	if p := r.problem(http.MethodPost, pathApply, "operator", `{"files":[],"dryrum":true}`); p.Code != string(fault.Usage) || !strings.Contains(p.Detail, "dryrum") {
		t.Errorf("got %+v, want the unknown field named", p)
	}
}

func TestOwnerIsWhoItWasOrTheCaller(t *testing.T) {
	t.Parallel()
	w := &world{
		rows:     map[string]*store.Task{"old": {Name: "old", Owner: "amy"}},
		projects: map[string]store.Project{"p": {Name: "p", Owner: "amy"}},
		users:    map[string]store.User{"amy": {Name: "amy", IsEnabled: true}, "bob": {Name: "bob", IsEnabled: true}, "off": {Name: "off"}},
	}
	named := func(name, owner string) task.Document {
		return task.Document{Task: &task.Task{Metadata: task.Metadata{Name: name, Owner: owner}}}
	}
	cases := map[string]struct {
		doc   task.Document
		owner string
		found int
	}{
		"WrittenOwnerStays":       {named("old", "bob"), "bob", 0},
		"StoredOwnerIsKept":       {named("old", ""), "amy", 0},
		"NewTaskIsTheCallers":     {named("new", ""), "bob", 0},
		"SwitchedOffUserIsFound":  {named("new", "off"), "off", 1},
		"UnknownUserIsFound":      {named("new", "eve"), "eve", 1},
		"StoredProjectOwnerStays": {task.Document{Project: &task.Project{Metadata: task.ProjectMetadata{Name: "p"}}}, "amy", 0},
	}
	for name, c := range cases {
		got, found := w.owned(c.doc, "bob")
		var owner string
		if got.Task != nil {
			owner = got.Task.Metadata.Owner
		} else {
			owner = got.Project.Metadata.Owner
		}
		if owner != c.owner || len(found) != c.found {
			t.Errorf("%s: got %s with %v, want %s with %d findings", name, owner, found, c.owner, c.found)
		}
	}
}

func TestFateReadsOlderTextAsTheSame(t *testing.T) {
	t.Parallel()
	def := &task.Project{APIVersion: "capri/v1", Kind: "Project", Metadata: task.ProjectMetadata{Name: "p"}}
	for stored, want := range map[string]string{
		`{"apiVersion":"capri/v1","kind":"Project","metadata":{"name":"p"}}`:   actionUnchanged,
		`{"kind":"Project", "apiVersion":"capri/v1","metadata":{"name":"p"}}`:  actionUnchanged,
		`{"kind":"Project","apiVersion":"capri/v1","metadata":{"name":"old"}}`: actionChanged,
		`not JSON`: actionChanged,
	} {
		if _, got, err := fate(def, stored, true); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", stored, got, err, want)
		}
	}
}

// FuzzApply sends any body to apply, and any text in a file: the answer is JSON
// and never an internal error.
func FuzzApply(f *testing.F) {
	r := newRig(f)
	f.Add(`{"files":[{"name":"a.yaml","text":"apiVersion: capri/v1"}]}`, taskFiles)
	f.Add(`{"files":null,"dryRun":true}`, "")
	f.Add(`{"files":[{}],"note":1}`, "{}")
	f.Add(`[`, "- a\n- b")
	f.Fuzz(func(t *testing.T, body, text string) {
		for _, sent := range []any{body, wire.ApplyRequest{DryRun: true, Files: []wire.File{{Name: "f.yaml", Text: text}, {Name: "f.json", Text: text}}}} {
			got := serve(t, r.handler, request{method: http.MethodPost, path: pathApply, token: "operator", body: sent})
			if got.Code >= http.StatusInternalServerError || !json.Valid(got.Body.Bytes()) {
				t.Errorf("%v: got %d %s, want an answer", sent, got.Code, got.Body)
			}
		}
	})
}

func BenchmarkApply10000(b *testing.B) {
	req := wire.ApplyRequest{}
	for i := range 10_000 {
		spec := ""
		if i%10 != 0 {
			spec = fmt.Sprintf("  parents: [{task: t%d}]\n", i-i%10)
		}
		req.Files = append(req.Files, wire.File{Name: fmt.Sprintf("t%d.yaml", i), Text: taskText(fmt.Sprintf("t%d", i), "web", "admin", spec)})
	}
	body, err := json.Marshal(req)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		r := newRig(b)
		b.StartTimer()
		if got := r.send(http.MethodPost, pathApply, "operator", string(body)); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"applied":true`) {
			b.Fatalf("got %d %.300s, want it applied", got.Code, got.Body)
		}
	}
}
