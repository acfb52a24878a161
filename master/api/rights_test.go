package api

import (
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func projectText(name, more string) string {
	return "apiVersion: capri/v1\nkind: Project\nmetadata: {name: " + name + more + "}\n"
}

// save applies texts as somebody and returns the code of the answer.
func (r *rig) save(token string, texts ...string) (int, string) {
	r.t.Helper()
	var req wire.ApplyRequest
	for _, text := range texts {
		req.Files = append(req.Files, wire.File{Name: "t.yaml", Text: text})
	}
	got := r.send(http.MethodPost, pathApply, token, req)
	return got.Code, got.Body.String()
}

func TestDevelopersSaveWhatIsTheirs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(http.MethodPost, root+"/departments", "superadmin", wire.NameRequest{Name: "sales"}, nil)
	r.person("ann", "developer", "data")
	r.person("bob", "developer", "sales")
	r.person("viv", "viewer", "data")
	ann, bob := r.loginToken("ann"), r.loginToken("bob")
	for _, c := range []struct {
		name  string
		by    string
		texts []string
		want  int
	}{
		{"a task in the department's project", ann, []string{taskText("a", "web", "ann", "")}, 200},
		{"a task in another department's", bob, []string{taskText("b", "web", "bob", "")}, 403},
		{"somebody else's task", bob, []string{taskText("a", "web", "bob", "  priority: 1\n")}, 403},
		{"as somebody else", ann, []string{taskText("c", "web", "admin", "")}, 403},
		{"the owner changed", ann, []string{taskText("a", "web", "admin", "")}, 403},
		{"a project of one's own", bob, []string{projectText("shop", ""), taskText("s", "shop", "bob", "")}, 200},
		{"a project of another department", bob, []string{projectText("spy", ", department: data")}, 403},
		{"a project for somebody else", bob, []string{projectText("spy", ", owner: admin")}, 403},
		{"one's own project given away", bob, []string{projectText("shop", ", department: data")}, 403},
		{"one's own project renamed", bob, []string{projectText("shop", ", department: sales, title: Shop")}, 200},
		{"another department's project", ann, []string{projectText("shop", ", department: sales, title: Ann's")}, 403},
		{"a task moved out", ann, []string{taskText("a", "shop", "ann", "")}, 403},
		{"unchanged things of others", bob, []string{taskText("a", "web", "ann", "")}, 200},
		{"an operator", "operator", []string{taskText("b", "web", "bob", "")}, 200},
	} {
		if got, body := r.save(c.by, c.texts...); got != c.want {
			t.Errorf("%s: got %d %s, want %d", c.name, got, body, c.want)
		}
	}
	if got, _ := r.save(r.loginToken("viv"), taskText("v", "web", "viv", "")); got != http.StatusForbidden {
		t.Errorf("a viewer: got %d, want 403", got)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_project p JOIN capri_department d ON d.id = p.departmentId WHERE p.name = 'shop' AND p.owner = 'bob' AND d.name = 'sales'"); n != 1 {
		t.Error("got no project of bob's department, want it there")
	}
}

func TestMembersOfAProject(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskText("mine", "web", "admin", ""))
	r.person("ann", "developer", "")
	ann := r.loginToken("ann")
	calls := map[string]func() int{
		"save": func() int { code, _ := r.save(ann, taskText("new", "web", "ann", "")); return code },
		"run":  func() int { return r.send(http.MethodPost, root+"/tasks/mine/run", ann, `{}`).Code },
		"hold": func() int { return r.send(http.MethodPost, root+"/tasks/mine/hold", ann, `{"reason":"r"}`).Code },
	}
	for name, call := range calls {
		if got := call(); got != http.StatusForbidden {
			t.Errorf("%s by a stranger: got %d, want 403", name, got)
		}
	}
	var member wire.ProjectMember
	r.must(http.MethodPost, root+"/projects/web/members", "admin", wire.UserReasonRequest{User: "ann", Reason: "helps"}, &member)
	for name, call := range calls {
		if got := call(); got >= 400 && got != http.StatusConflict {
			t.Errorf("%s by a member: got %d, want it done", name, got)
		}
	}
	var me wire.Me
	var list wire.ProjectMemberList
	r.must(http.MethodGet, pathMe, ann, nil, &me)
	r.must(http.MethodGet, root+"/projects/web/members", "viewer", nil, &list)
	if member.User != "ann" || len(me.Projects) != 1 || me.Projects[0] != "web" || len(list.Items) != 1 || list.Items[0].AddedBy != "admin" {
		t.Errorf("got %+v, %+v, %+v, want ann a member", member, me.Projects, list)
	}
	for path, body := range map[string]any{
		"/projects/ghost/members": wire.UserReasonRequest{User: "ann"}, "/projects/web/members": wire.UserReasonRequest{User: "ghost"}, "/projects/web/members/admin/remove": struct{}{},
	} {
		if p := r.problem(http.MethodPost, root+path, "admin", body); p.Code != string(fault.NotFound) {
			t.Errorf("%s: got %+v, want NOT_FOUND", path, p)
		}
	}
	r.must(http.MethodPost, root+"/projects/web/members/ann/remove", "admin", `{}`, nil)
	if got := calls["run"](); got != http.StatusForbidden {
		t.Errorf("run by who was one: got %d, want 403", got)
	}
}

func TestLogsAreForWhoseTheyAre(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskText("mine", "web", "admin", ""))
	var ran wire.ExecuteReply
	r.must(http.MethodPost, root+"/tasks/mine/run", "operator", `{}`, &ran)
	r.beat("http://127.0.0.1:1")
	r.run(ran.ID, &wire.Fact{Kind: wire.FactFinished, ExitCode: new(int), Tail: "the secret of the log", LogBytes: 21})
	r.person("far", "developer", "")
	r.person("near", "viewer", "data")
	r.person("duty", "operator", "")
	for name, own := range map[string]bool{"far": false, "near": true, "duty": true} {
		token := r.loginToken(name)
		path := root + "/batches/" + ran.Ref
		for _, more := range []string{"", "/attempts"} {
			if got := strings.Contains(r.send(http.MethodGet, path+more, token, nil).Body.String(), "the secret of the log"); got != own {
				t.Errorf("%s sees the tail by %q: got %v, want %v", name, more, got, own)
			}
		}
		for _, more := range []string{"/logs", "/logs/search?q=x", "/logs?follow=true"} {
			got := r.send(http.MethodGet, path+more, token, nil)
			if forbidden := got.Code == http.StatusForbidden; forbidden == own {
				t.Errorf("%s by %s: got %d %s, want let in: %v", more, name, got.Code, got.Body, own)
			} else if forbidden && (!strings.Contains(got.Body.String(), "for admin") || !strings.Contains(got.Body.String(), "an administrator can")) {
				t.Errorf("%s: got %s, want who can grant it", more, got.Body)
			}
		}
	}
}
