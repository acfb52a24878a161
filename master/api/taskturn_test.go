package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/wire"
)

// order orders something about a task, a project or a group, which must be done.
func (r *rig) order(path, token string) wire.CommandReply {
	r.t.Helper()
	var reply wire.CommandReply
	r.must(http.MethodPost, "/api/v1"+path, token, wire.ReasonRequest{Reason: "a test"}, &reply)
	return reply
}

// refused orders something that must be refused.
func (r *rig) refused(path, token string, code fault.Code, words ...string) {
	r.t.Helper()
	p := r.problem(http.MethodPost, "/api/v1"+path, token, wire.ReasonRequest{Reason: "a test"})
	for _, word := range words {
		if !strings.Contains(p.Detail+p.Hint, word) {
			r.t.Errorf("%s: got %+v, want %q in it", path, p, word)
		}
	}
	if p.Code != string(code) {
		r.t.Errorf("%s: got %+v, want %s", path, p, code)
	}
}

// audited reads the details of an action's audit rows, the newest last.
func (r *rig) audited(action string) []string {
	r.t.Helper()
	rows, err := r.world.DB.Raw().QueryContext(r.t.Context(), "SELECT detail FROM capri_audit_log WHERE action = ? ORDER BY id", action)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			r.t.Fatal(err)
		}
		out = append(out, text)
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return out
}

func TestDisableAndEnableAreVersions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskText("up", "web", "admin", ""), taskText("a", "web", "admin", "  valid: {from: 2000-01-01}\n  parents: [{task: up}]\n"))
	r.coldStart("day", "20000103", "20000103", "a")
	if got := r.order("/tasks/a/disable", "developer"); !got.Changed || !strings.Contains(got.Message, "disabled by version 2") || !strings.Contains(got.Next, "a/20000103.0") {
		t.Errorf("got %+v, want it disabled and the waiting batch named", got)
	}
	var detail wire.TaskDetail
	r.must(http.MethodGet, "/api/v1/tasks/a", "viewer", nil, &detail)
	if detail.Enabled || detail.Version != 2 || detail.Note != "disable: a test" || len(detail.Upcoming) != 0 || !strings.Contains(detail.YAML, "enabled: false") {
		t.Errorf("got %+v, want version 2, which is disabled", detail)
	}
	if got := r.order("/tasks/a/disable", "developer"); got.Changed || got.Code != "SAME" {
		t.Errorf("got %+v, want nothing to do", got)
	}
	if got := r.order("/tasks/a/enable", "developer"); !got.Changed || !strings.Contains(got.Message, "enabled by version 3") {
		t.Errorf("got %+v, want it enabled", got)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_task_depend"); n != 1 {
		t.Errorf("got %d edges, want that of a to up kept", n)
	}
	want := []string{
		`{"reason":"a test","before":{"version":1,"enabled":true},"after":{"version":2,"enabled":false}}`,
		`{"reason":"a test","before":{"version":2,"enabled":false},"after":{"version":2,"enabled":false}}`,
	}
	if got := r.audited("task.disable"); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := len(r.audited("task.enable")); n != 1 {
		t.Errorf("got %d rows, want one", n)
	}
	// the file that was applied first says the same as version 3
	if got := actions(r.try(true, taskText("a", "web", "admin", "  valid: {from: 2000-01-01}\n  parents: [{task: up}]\n"))); got != "Task a unchanged 3" {
		t.Errorf("got %s, want the file unchanged", got)
	}
}

func TestDeleteIsRefusedWhileSomethingRelies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	up := taskText("up", "web", "admin", "  valid: {from: 2000-01-01}\n  parents: [{task: up, offset: -1}]\n")
	r.apply(up, taskText("down", "web", "admin", "  parents: [{task: up}]\n"))
	r.refused("/tasks/up/delete", "developer", fault.Conflict, "a task waits for it: down", "delete them first")
	r.order("/tasks/down/delete", "developer")
	r.coldStart("day", "20000103", "20000103", "up")
	r.refused("/tasks/up/delete", "developer", fault.Conflict, "unfinished batches: up/20000103.0", "capri batch kill --task up")
	r.must(http.MethodPost, "/api/v1/batches/up/20000103/kill", "operator", wire.CommandRequest{Reason: "x"}, nil)
	if got := r.order("/tasks/up/delete", "developer"); !got.Changed || !strings.Contains(got.Message, "deleted by version 2") {
		t.Errorf("got %+v, want it deleted", got)
	}
	r.refused("/tasks/up/delete", "developer", fault.NotFound)
	if p := r.problem(http.MethodGet, "/api/v1/tasks/up", "viewer", nil); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want a deleted task not found", p)
	}
	var batches wire.BatchList
	r.must(http.MethodGet, "/api/v1/batches?task=up", "viewer", nil, &batches)
	var versions wire.TaskVersionList
	r.must(http.MethodGet, "/api/v1/tasks/up/versions", "viewer", nil, &versions)
	if len(batches.Items) != 1 || len(versions.Items) != 2 || !versions.Items[0].Deleted {
		t.Errorf("got %+v and %+v, want batches and versions kept", batches, versions)
	}
	if got := actions(r.apply(up)); got != "Task up created 3" {
		t.Errorf("got %s, want the name to go on with its versions", got)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_task WHERE name = 'up' AND isDeleted = 0"); n != 1 {
		t.Errorf("got %d, want the task there again", n)
	}
	var diff wire.VersionDiff
	r.must(http.MethodGet, "/api/v1/tasks/up/diff?from=1&to=3", "viewer", nil, &diff)
	if diff.Diff != "" {
		t.Errorf("got %s, want the same as before", diff.Diff)
	}
	if got := r.audited("task.delete"); len(got) != 2 || got[1] != `{"reason":"a test","before":{"version":1,"enabled":true},"after":{"version":2,"enabled":true,"deleted":true}}` {
		t.Errorf("got %s, want two deletions", got)
	}
}

func TestTurningNeedsAReasonAndARight(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskText("a", "web", "admin", ""))
	if p := r.problem(http.MethodPost, "/api/v1/tasks/a/disable", "developer", wire.ReasonRequest{}); p.Code != string(fault.Invalid) {
		t.Errorf("got %+v, want a reason wanted", p)
	}
	if p := r.problem(http.MethodPost, "/api/v1/tasks/a/disable", "developer", wire.ReasonRequest{Reason: strings.Repeat("x", 401)}); p.Code != string(fault.Invalid) {
		t.Errorf("got %+v, want a short reason wanted", p)
	}
	if p := r.problem(http.MethodPost, "/api/v1/tasks/a/disable", "developer", `{"reason":"x","until":5}`); p.Code != string(fault.Usage) {
		t.Errorf("got %+v, want no end taken", p)
	}
	r.world.Change("UPDATE capri_task SET ownerId = ?", r.stranger())
	for _, verb := range []string{"enable", "disable", "delete"} {
		r.refused("/tasks/a/"+verb, "developer", fault.Forbidden, "stranger's", "ask stranger")
		r.refused("/tasks/none/"+verb, "developer", fault.NotFound)
	}
	r.order("/tasks/a/disable", "operator")
	if n := r.applied.Load(); n != 2 {
		t.Errorf("got %d wakes, want one for the file and one for the switch", n)
	}
}

// stranger makes a user who owns nothing yet.
func (r *rig) stranger() int64 {
	r.t.Helper()
	id := r.world.IDs(1)[0]
	r.world.Change(`INSERT INTO capri_user (id, name, title, departmentId, role, phone, mail, isEnabled, createdAt) VALUES (?, 'stranger', '', 0, 'developer', '', '', 1, 1)`, id)
	return id
}

func TestProjectIsDeletedWhenItIsEmpty(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	project := "apiVersion: capri/v1\nkind: Project\nmetadata: {name: shop, title: Shop, department: sales}\n"
	r.apply(project, taskText("a", "shop", "admin", ""))
	var detail wire.ProjectDetail
	r.must(http.MethodGet, "/api/v1/projects/shop", "viewer", nil, &detail)
	if detail.Tasks != 1 || detail.Enabled != 1 || detail.Department != "sales" || !strings.Contains(detail.YAML, "department: sales") {
		t.Errorf("got %+v, want the project with its task", detail)
	}
	r.refused("/projects/shop/delete", "admin", fault.Conflict, "has tasks: a")
	r.refused("/projects/shop/delete", "operator", fault.Forbidden)
	r.order("/tasks/a/delete", "developer")
	if got := r.order("/projects/shop/delete", "admin"); !got.Changed {
		t.Errorf("got %+v, want it deleted", got)
	}
	r.refused("/projects/shop/delete", "admin", fault.NotFound)
	if p := r.problem(http.MethodGet, "/api/v1/projects/shop", "viewer", nil); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want it gone", p)
	}
	if got := r.audited("project.delete"); len(got) != 1 || got[0] != `{"reason":"a test","before":{"name":"shop","title":"Shop","department":"sales","owner":"admin"},"after":null}` {
		t.Errorf("got %s, want what was deleted", got)
	}
	if got := actions(r.apply(project, taskText("a", "shop", "admin", ""))); got != "Project shop created 0; Task a created 3" {
		t.Errorf("got %s, want both there again", got)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_project WHERE name = 'shop'"); n != 1 {
		t.Errorf("got %d projects, want the same", n)
	}
}

func TestProjectsArePaged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, name := range []string{"p_a", "p_b", "p_c"} {
		r.apply("apiVersion: capri/v1\nkind: Project\nmetadata: {name: " + name + "}\n")
	}
	var names []string
	for cursor := ""; ; {
		var list wire.ProjectList
		r.must(http.MethodGet, "/api/v1/projects?limit=2&cursor="+cursor, "viewer", nil, &list)
		for _, p := range list.Items {
			names = append(names, p.Name)
		}
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	if got := strings.Join(names, " "); got != "p_a p_b p_c web" {
		t.Errorf("got %s, want every project once", got)
	}
}

func TestWorkerGroups(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.beat("http://w1:9000")
	r.apply(taskText("a", "web", "admin", "  workers: {group: gpu}\n"))
	put := func(name string, req wire.WorkerGroupRequest) wire.CommandReply {
		var reply wire.CommandReply
		r.must(http.MethodPost, "/api/v1/worker-groups/"+name, "admin", req, &reply)
		return reply
	}
	list := func() string {
		var all wire.WorkerGroupList
		r.must(http.MethodGet, "/api/v1/worker-groups", "viewer", nil, &all)
		text, err := json.Marshal(all.Items)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got, want := list(), `[{"name":"default","description":"every worker that names no group","enabled":true,"declared":true,"workers":1,"tasks":0},{"name":"gpu","enabled":true,"declared":false,"workers":0,"tasks":1}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := put("gpu", wire.WorkerGroupRequest{Description: "cards"}); !got.Changed || !strings.Contains(got.Message, "declared") {
		t.Errorf("got %+v, want it declared", got)
	}
	if got := put("gpu", wire.WorkerGroupRequest{Description: "cards"}); got.Changed {
		t.Errorf("got %+v, want nothing to do", got)
	}
	if got := r.order("/worker-groups/gpu/disable", "admin"); !got.Changed {
		t.Errorf("got %+v, want it disabled", got)
	}
	if got := put("gpu", wire.WorkerGroupRequest{Description: "more cards"}); !got.Changed || !strings.Contains(list(), `"description":"more cards","enabled":false`) {
		t.Errorf("got %+v and %s, want it described anew and still disabled", got, list())
	}
	r.refused("/worker-groups/gpu/delete", "admin", fault.Conflict, "tasks that ask for it: 1")
	r.refused("/worker-groups/default/delete", "admin", fault.Conflict)
	r.refused("/worker-groups/none/delete", "admin", fault.NotFound)
	r.refused("/worker-groups/none/disable", "admin", fault.NotFound)
	r.refused("/worker-groups/a%20b/enable", "admin", fault.Invalid)
	r.refused("/worker-groups/gpu/disable", "operator", fault.Forbidden)
	if p := r.problem(http.MethodPost, "/api/v1/worker-groups/gpu/disable", "admin", wire.ReasonRequest{}); p.Code != string(fault.Invalid) {
		t.Errorf("got %+v, want a reason wanted", p)
	}
	r.order("/tasks/a/delete", "developer")
	if got := r.order("/worker-groups/gpu/delete", "admin"); !got.Changed || strings.Contains(list(), "gpu") {
		t.Errorf("got %+v and %s, want it gone", got, list())
	}
	if got := r.audited("group.disable"); len(got) != 1 || got[0] != `{"reason":"a test","before":{"description":"cards","enabled":true},"after":{"description":"cards","enabled":false}}` {
		t.Errorf("got %s, want before and after", got)
	}
	if n := r.switched.Load(); n != 4 {
		t.Errorf("got %d wakes, want one for each change", n)
	}
	if permit.RuleOf(permit.EditGroups).Least != permit.Admin {
		t.Error("groups are for administrators")
	}
}

// TestDisabledGroupGetsNothing holds that a disabled group's workers are given
// nothing, and that why says so.
func TestDisabledGroupGetsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.beat("http://w1:9000")
	r.apply(taskText("a", "web", "admin", "  valid: {from: 2000-01-01}\n"))
	r.coldStart("day", "20000103", "20000103", "a")
	r.order("/worker-groups/default/disable", "admin")
	var why wire.Why
	r.must(http.MethodGet, "/api/v1/batches/a/20000103/why", "viewer", nil, &why)
	text, err := json.Marshal(why)
	if err != nil || !strings.Contains(string(text), "its group default is switched off") {
		t.Errorf("got %s (%v), want the group named", text, err)
	}
	var hosts wire.HostList
	r.must(http.MethodGet, "/api/v1/hosts", "viewer", nil, &hosts)
	if len(hosts.Items) != 1 || !hosts.Items[0].GroupOff {
		t.Errorf("got %+v, want the worker's group off", hosts.Items)
	}
	r.order("/worker-groups/default/enable", "admin")
	why = wire.Why{}
	r.must(http.MethodGet, "/api/v1/batches/a/20000103/why", "viewer", nil, &why)
	if text, err := json.Marshal(why); err != nil || strings.Contains(string(text), "its group default is switched off") {
		t.Errorf("got %s (%v), want the group on again", text, err)
	}
}
