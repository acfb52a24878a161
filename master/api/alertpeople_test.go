package api

import (
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func TestAlertRightsOfATask(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskText("mine", "web", "admin", "  priority: 3\n"))
	r.must(http.MethodPost, root+"/departments", "superadmin", wire.NameRequest{Name: "sales"}, nil)
	r.person("ann", "developer", "data")
	r.person("bob", "developer", "sales")
	ann, bob := r.loginToken("ann"), r.loginToken("bob")
	path := root + "/tasks/mine/alert-rights"
	var reply wire.CommandReply
	r.must(http.MethodPost, path+"/bob", ann, wire.AlertRightRequest{SMS: true, Reason: "helps"}, &reply)
	if !reply.Changed || reply.Next != "bob has no phone number" {
		t.Errorf("got %+v, want it given, and said that it leads nowhere", reply)
	}
	r.must(http.MethodPost, path+"/bob", ann, wire.AlertRightRequest{SMS: true}, &reply)
	if reply.Changed || reply.Code != "SAME" {
		t.Errorf("got %+v, want it so already", reply)
	}
	r.must(http.MethodPost, path+"/ann", "operator", wire.AlertRightRequest{Mail: true}, nil)
	var list wire.AlertRightList
	r.must(http.MethodGet, path+"?limit=1", "viewer", nil, &list)
	if len(list.Items) != 1 || list.Items[0].User != "ann" || !list.Items[0].Mail || list.Items[0].SMS || list.Items[0].GrantedBy != "admin" || list.Next == "" {
		t.Errorf("got %+v, want ann first", list)
	}
	r.must(http.MethodGet, path+"?cursor="+list.Next, "viewer", nil, &list)
	if len(list.Items) != 1 || list.Items[0].User != "bob" || !list.Items[0].SMS || list.Items[0].GrantedBy != "ann" {
		t.Errorf("got %+v, want bob next", list)
	}
	r.must(http.MethodPost, path+"/bob/remove", ann, `{"reason":"has moved"}`, &reply)
	r.wantRows("task.alert-right-", `"before":{"sms":true,"mail":false},"after":{"sms":false,"mail":false}`, `"reason":"helps","before":{"sms":false,"mail":false},"after":{"sms":true,"mail":false}`)
	for _, c := range []struct {
		path, token string
		body        any
		code        fault.Code
	}{
		{path + "/bob", bob, wire.AlertRightRequest{SMS: true}, fault.Forbidden},
		{path + "/ann/remove", bob, `{}`, fault.Forbidden},
		{path + "/bob/remove", ann, `{}`, fault.NotFound},
		{path + "/ghost", ann, wire.AlertRightRequest{SMS: true}, fault.NotFound},
		{root + "/tasks/ghost/alert-rights/bob", ann, wire.AlertRightRequest{SMS: true}, fault.NotFound},
		{path + "/bob", ann, wire.AlertRightRequest{}, fault.Invalid},
		{path + "/bob", ann, `{"sms": true, "phone": true}`, fault.Usage},
		{path + "/bob", ann, wire.AlertRightRequest{SMS: true, Reason: strings.Repeat("r", 401)}, fault.Invalid},
	} {
		if p := r.problem(http.MethodPost, c.path, c.token, c.body); p.Code != string(c.code) {
			t.Errorf("%s %v: got %+v, want %s", c.path, c.body, p, c.code)
		}
	}
	if p := r.problem(http.MethodGet, root+"/tasks/ghost/alert-rights", "viewer", nil); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want NOT_FOUND", p)
	}
}

// wantRows looks for texts in audit rows of actions that begin so.
func (r *rig) wantRows(action string, texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action LIKE '" + action + "%' AND detail LIKE '%" + text + "%'"); n != 1 {
			r.t.Errorf("got %d audit rows of %s with %s, want one", n, action, text)
		}
	}
}

func TestAlertsAreExplained(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskText("mine", "web", "admin", "  priority: 3\n  alerts: {default: false, sms: [\"13911112222\", ghost], mail: [team@x.org]}\n"))
	for token, want := range map[string][]string{"viewer": {"********222", "t…@x.org"}, "developer": {"********222", "t…@x.org"}, "operator": {"13911112222", "team@x.org"}} {
		var all wire.AlertExplanation
		r.must(http.MethodPost, root+"/alerts/explain", token, wire.ExplainAlertRequest{Task: "mine", Kind: "batch-failed", Lang: "zh"}, &all)
		if len(all.Told) != 2 || all.Told[0].Address != want[0] || all.Told[1].Address != want[1] || all.Told[0].Because != "任务的辅助接收人" || all.Level != "task" {
			t.Errorf("%s: got %+v, want %q told", token, all, want)
		}
		if len(all.Untold) != 1 || all.Untold[0].Reason != "not-a-number" || all.Untold[0].Why == "" {
			t.Errorf("%s: got %+v, want it said who is not told", token, all.Untold)
		}
	}
	for _, c := range []struct {
		body any
		code fault.Code
	}{
		{wire.ExplainAlertRequest{Task: "ghost"}, fault.NotFound}, {wire.ExplainAlertRequest{Level: "task"}, fault.Invalid}, {`{"taks": "a"}`, fault.Usage},
	} {
		if p := r.problem(http.MethodPost, root+"/alerts/explain", "viewer", c.body); p.Code != string(c.code) {
			t.Errorf("%v: got %+v, want %s", c.body, p, c.code)
		}
	}
}
