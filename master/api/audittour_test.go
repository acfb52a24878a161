package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/permit"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/master/roster"
)

// stop is one call of a tour. Its path, and a body of text, may have %run, the
// batch of task mine, %today, %soon, and %id and %print, the id and fingerprint of what a call
// has made.
type stop struct {
	path string
	body any
	made func(*rig) // makes what the call needs
	by   string     // empty: superadmin
	none bool       // changes nothing, and writes no row
	bare bool       // there is no before and after to tell
}

// auditTour makes nearly every changing call there is, in an order in which all
// succeed.
func auditTour() []stop {
	reason := map[string]string{"reason": "the tour"}
	user := map[string]string{"user": "ann", "reason": "the tour"}
	return []stop{
		{path: "/departments", body: wire.NameRequest{Name: "sales"}},
		{path: "/departments/sales/rename", body: wire.NameRequest{Name: "shop"}},
		{path: "/departments/shop/delete", body: reason},
		{path: "/users", body: wire.UserRequest{Name: "ann", Role: "developer", Department: "data", Password: goodPassword, KeepIt: true}},
		{path: "/users/ann", body: map[string]string{"title": "Ann", "reason": "the tour"}},
		{path: "/users/ann/password", body: wire.PasswordSetRequest{Password: goodPassword, KeepIt: true}},
		{path: "/login", body: wire.LoginRequest{Name: "ann", Password: goodPassword}, by: "-"},
		{path: "/login", body: wire.LoginRequest{Name: "ann", Password: goodPassword, Session: true}, by: "-"},
		{path: "/accounts", body: wire.AccountRequest{Name: "etl"}},
		{path: "/accounts/etl/grant", body: user},
		{path: "/accounts/etl/revoke", body: user},
		{path: "/accounts/etl/delete", body: reason},
		{path: "/projects/web/members", body: user},
		{path: "/projects/web/members/ann/remove", body: reason},
		{path: "/tokens", body: wire.TokenRequest{Name: "nightly"}},
		{path: "/tokens/%id/revoke", body: reason},
		{path: "/tasks/lint", body: wire.ApplyRequest{}, none: true},
		{path: "/tasks/apply", body: wire.ApplyRequest{Files: []wire.File{{Name: "a.yaml", Text: taskText("mine", "web", "admin", "")}}}},
		{path: "/tasks/mine/hold", body: reason},
		{path: "/tasks/mine/release", body: reason},
		{path: "/projects/web/hold", body: reason},
		{path: "/projects/web/release", body: reason},
		{path: "/tasks/mine/alert-rights/ann", body: wire.AlertRightRequest{SMS: true, Reason: "the tour"}},
		{path: "/tasks/mine/alert-rights/ann/remove", body: reason},
		{path: "/alerts/explain", body: wire.ExplainAlertRequest{Task: "mine"}, none: true},
		{path: "/breakers/trip", body: wire.BreakerRequest{Task: "mine", Reason: "the tour"}},
		{path: "/breakers/reset", body: wire.BreakerRequest{Task: "mine", Reason: "the tour"}},
		{path: "/tasks/mine/run", body: struct{}{}, bare: true},
		{path: "/batches/%run/hold", body: reason},
		{path: "/batches/%run/release", body: reason},
		{path: "/batches/%run/kill", body: reason},
		{path: "/batches/%run/mark", body: wire.CommandRequest{Result: "success", Reason: "the tour"}},
		{path: "/settings/plan_max_batches", body: wire.SettingRequest{Value: "100"}},
		{path: "/third-parties", body: wire.ThirdPartyRequest{Code: "pay", Key: "1"}},
		{path: "/services/depend/run", body: struct{}{}, bare: true},
		{path: "/hosts/" + storetest.Host + "/drain", body: reason},
		{path: "/hosts/" + storetest.Host + "/off", body: reason},
		{path: "/hosts/" + storetest.Host + "/on", body: reason},
		{path: "/hosts/" + storetest.Host + "/dead", body: reason, made: func(r *rig) {
			r.world.Change("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - 60000")
		}},
		{path: "/worker-groups/etl", body: wire.WorkerGroupRequest{Description: "big ones", Reason: "the tour"}},
		{path: "/worker-groups/etl/disable", body: reason},
		{path: "/worker-groups/etl/enable", body: reason},
		{path: "/worker-groups/etl/delete", body: reason},
		{path: "/alerts", body: wire.RaiseAlertRequest{Kind: "disk", Object: "nas", Level: "notice", Text: "nearly full"}},
		{path: "/alerts/test", body: wire.TestAlertRequest{Channel: "webhook:ops"}},
		{path: "/incidents/x1/ack", body: wire.AckRequest{Note: "the tour"}, made: func(r *rig) {
			code, _ := r.incident("/data/in", 1)
			r.world.Change("UPDATE capri_incident SET code = 'x1' WHERE code = ?", code)
		}},
		{path: "/silences", body: `{"task": "mine", "reason": "the tour", "endsAt": %soon}`},
		{path: "/silences/%id/end", body: reason},
		{path: "/reports/hourly/readers/me", body: wire.ReportReaderRequest{Always: true}},
		{path: "/reports/hourly/readers/me/remove", body: struct{}{}},
		{path: "/reports/daily/readers/ann", body: wire.ReportReaderRequest{}},
		{path: "/reports/daily/readers/ann/remove", body: struct{}{}},
		{path: "/plans", body: wire.PlanRequest{Kind: "rerun", From: "2015051807", To: "2015051808", Tasks: []string{"ods_access_h"}, Reason: "the tour"}, bare: true, made: func(r *rig) { r.apply(taskFiles) }},
		{path: "/plans/%id/apply", body: `{"fingerprint": "%print"}`, bare: true},
		{path: "/operations/%id/cancel", body: reason},
		{path: "/operations/%id/resume", body: reason, made: func(r *rig) {
			for range 3 { // what it has made is taken back first
				if _, err := r.planner.CreateBatches(r.t.Context(), r.world.Lead); err != nil {
					r.t.Fatal(err)
				}
			}
		}},
		{path: "/duty-rotations/data", body: wire.DutyRotationRequest{EveryDays: 7, Members: []string{"ann"}, Reason: "the tour"}},
		{path: "/duty/data/%today", body: wire.DutyRequest{Primary: "ann", Reason: "the tour"}},
		{path: "/duty/data/%today/clear", body: wire.DutyClearRequest{Reason: "the tour"}},
		{path: "/duty/import", body: `{"text": "data,%today,ann,admin"}`},
		{path: "/duty-rotations/data/delete", body: reason},
		{path: "/tasks/mine/disable", body: reason},
		{path: "/tasks/mine/enable", body: reason},
		{path: "/tasks/mine/delete", body: reason},
		{path: "/tasks/diff", body: wire.DiffRequest{}, none: true},
		{path: "/projects/spare/delete", body: reason, made: func(r *rig) {
			r.apply("apiVersion: capri/v1\nkind: Project\nmetadata: {name: spare}\n")
		}},
		{path: "/cluster/transfer", body: `{"node": "m2", "reason": "the tour"}`},
		{path: "/cluster/members", body: `{"node": "m4", "raft": "m4:7400", "reason": "the tour"}`},
		{path: "/cluster/members/m4/remove", body: reason},
		{path: "/me", body: `{"mail": "ann@example.com", "reason": "the tour"}`, by: "ann"},
		{path: "/me/password", body: wire.PasswordRequest{Old: goodPassword, New: "another four words here"}, by: "ann"},
		{path: "/logout", body: struct{}{}, by: "ann", bare: true},
	}
}

// TestEveryChangeHasOneAuditRow walks the tour: each call that changes something
// writes one row, which names the request, says before and after, and shows no
// secret.
func TestEveryChangeHasOneAuditRow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	tokens, ran, made, printed := map[string]string{"": "superadmin", "-": ""}, "", "", ""
	visited := map[string]bool{}
	secrets := []string{goodPassword, "another four words here", "argon2"}
	for _, s := range auditTour() {
		if _, known := tokens[s.by]; !known {
			tokens[s.by] = r.loginToken(s.by)
		}
		if s.made != nil {
			s.made(r)
		}
		before := r.count("SELECT COUNT(*) FROM capri_audit_log")
		known := strings.NewReplacer("%run", ran, "%id", made, "%print", printed, "%soon", jsonNumber(r.in(60)), "%today", roster.DayOf(r.world.DB.Now(), time.UTC).String())
		path := known.Replace(s.path)
		if text, ok := s.body.(string); ok {
			s.body = known.Replace(text)
		}
		_, pattern := r.api.mux.Handler(httptest.NewRequest(http.MethodPost, root+path, nil))
		visited[pattern] = true
		got := r.send(http.MethodPost, root+path, tokens[s.by], s.body)
		if got.Code != http.StatusOK {
			t.Fatalf("%s: got %d %s, want 200", path, got.Code, got.Body)
		}
		var reply struct {
			Ref    string `json:"ref"`
			ID     int64  `json:"id"`
			Print  string `json:"fingerprint"`
			Secret string `json:"secret"`
			Token  string `json:"token"`
		}
		_ = json.Unmarshal(got.Body.Bytes(), &reply)
		ran, made = firstWord(reply.Ref, ran), jsonNumber(reply.ID)
		printed = firstWord(reply.Print, printed)
		for _, secret := range []string{reply.Secret, reply.Token} {
			if secret != "" {
				secrets = append(secrets, secret)
			}
		}
		want := 1
		if s.none {
			want = 0
		}
		if n := r.count("SELECT COUNT(*) FROM capri_audit_log") - before; n != want {
			t.Errorf("%s: got %d audit rows, want %d", path, n, want)
		}
		if !s.none {
			r.wantAudited(path, s, got.Header().Get(headerRequest))
		}
	}
	for pattern, action := range r.api.rights {
		if strings.HasPrefix(pattern, "POST ") && !visited[pattern] && action != permit.WorkerCalls && !slices.Contains(elsewhere(), pattern) {
			t.Errorf("%s: is not in the tour", pattern)
		}
	}
	for _, secret := range secrets {
		if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE detail LIKE '%" + secret + "%' OR object LIKE '%" + secret + "%'"); n != 0 {
			t.Errorf("got %d audit rows with a secret, want none", n)
		}
	}
}

// elsewhere are calls whose rows are looked at by tests of their own, since they
// need more than the tour has, and those of the tanzhi interface that only look.
func elsewhere() []string {
	return []string{"POST " + root + "/quality/{task}/{run}", "POST " + root + "/sessions/{id}/revoke", "POST /createJob", "POST /listJobRecord", "POST /getJobRecordResult"}
}

func firstWord(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// wantAudited looks at the newest row.
func (r *rig) wantAudited(path string, s stop, request string) {
	r.t.Helper()
	var list wire.AuditList
	r.must(http.MethodGet, root+"/audit?limit=1", "admin", nil, &list)
	row := list.Items[0]
	if row.RequestID != request || row.Source == "" || row.Actor == "" || row.Object == "" {
		r.t.Errorf("%s: got %+v, want who, from where, and request %s", path, row, request)
	}
	detail, _ := row.Detail.(map[string]any)
	_, before := detail["before"]
	_, after := detail["after"]
	if !s.bare && !before && !after {
		r.t.Errorf("%s: got %v, want before or after", path, row.Detail)
	}
}

func TestTheAuditLogIsFiltered(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "viewer", "")
	r.person("bob", "viewer", "")
	ann := r.loginToken("ann")
	r.newToken("", wire.TokenRequest{Name: "x"}, ann)
	for query, want := range map[string]int{
		"actor=ann": 2, "action=user.": 2, "object=ann": 3, "action=login&actor=ann": 1, "from=2000-01-01": 4, "to=2000-01-01": 0, "actor=ghost": 0, "action=user.create&object=bob": 1,
	} {
		var list wire.AuditList
		r.must(http.MethodGet, root+"/audit?"+query, "admin", nil, &list)
		if len(list.Items) != want {
			t.Errorf("%s: got %+v, want %d rows", query, list.Items, want)
		}
	}
	seen := 0
	for cursor := ""; ; {
		var list wire.AuditList
		r.must(http.MethodGet, root+"/audit?limit=3&cursor="+cursor, "admin", nil, &list)
		seen += len(list.Items)
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	if seen != 4 {
		t.Errorf("got %d rows page by page, want 4", seen)
	}
	if p := r.problem(http.MethodGet, root+"/audit", "operator", nil); p.Status != http.StatusForbidden {
		t.Errorf("an operator: got %+v, want FORBIDDEN", p)
	}
}
