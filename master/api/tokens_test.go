package api

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestTokensAreNoMoreThanTheirMaker(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("dev", "developer", "data")
	r.person("boss", "superadmin", "")
	dev := r.loginToken("dev")
	narrow := r.newToken("", wire.TokenRequest{Name: "narrow", Scopes: []string{"read", "self"}}, dev)
	for _, c := range []struct {
		by      string
		request wire.TokenRequest
		want    fault.Code
	}{
		{dev, wire.TokenRequest{Name: "x", Role: "operator"}, fault.Forbidden},
		{dev, wire.TokenRequest{Name: "x", Role: "worker"}, fault.Invalid}, // a developer has none
		{dev, wire.TokenRequest{Name: "x", User: "boss"}, fault.Forbidden},
		{narrow, wire.TokenRequest{Name: "x"}, fault.Forbidden},
		{narrow, wire.TokenRequest{Name: "x", Scopes: []string{"read", "tasks"}}, fault.Forbidden},
		{"admin", wire.TokenRequest{Name: "x", Role: "superadmin"}, fault.Forbidden}, // the user may, this token may not
		{"admin", wire.TokenRequest{Name: "x", Role: "worker"}, fault.Forbidden},
		{dev, wire.TokenRequest{Name: ""}, fault.Invalid},
		{dev, wire.TokenRequest{Name: "login: mine"}, fault.Invalid},
		{dev, wire.TokenRequest{Name: "x", Host: "w1"}, fault.Invalid},
		{dev, wire.TokenRequest{Name: "x", Scopes: []string{"everything"}}, fault.Invalid},
		{dev, wire.TokenRequest{Name: "x", Scopes: []string{"worker"}}, fault.Invalid},
		{dev, wire.TokenRequest{Name: "x", Role: "nobody"}, fault.Invalid},
		{dev, wire.TokenRequest{Name: "x", ExpiresInSeconds: -1}, fault.Invalid},
		{"superadmin", wire.TokenRequest{Name: "x", User: "dev", Role: "operator"}, fault.Forbidden},
		{"superadmin", wire.TokenRequest{Name: "x", User: "ghost"}, fault.NotFound},
		{"superadmin", wire.TokenRequest{Name: "x", User: "dev", Role: "worker"}, fault.Invalid},
		{"superadmin", wire.TokenRequest{Name: "x", Role: "worker", Scopes: []string{"read"}}, fault.Invalid},
		{"superadmin", wire.TokenRequest{Name: "x", Role: "worker", Host: "a b"}, fault.Invalid},
	} {
		if p := r.problem(http.MethodPost, root+"/tokens", c.by, c.request); p.Code != string(c.want) {
			t.Errorf("%+v: got %+v, want %s", c.request, p, c.want)
		}
	}
	var reply wire.TokenReply
	r.must(http.MethodPost, root+"/tokens", narrow, wire.TokenRequest{Name: "less", Scopes: []string{"read"}}, &reply)
	if reply.Role != "developer" || reply.User != "dev" || len(reply.Scopes) != 1 || len(reply.Secret) < 60 {
		t.Errorf("got %+v, want less than its maker", reply)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_token WHERE hash = '"+reply.Secret+"'") + r.count("SELECT COUNT(*) FROM capri_audit_log WHERE detail LIKE '%"+reply.Secret+"%'"); n != 0 {
		t.Error("got the secret in the database, want its hash only")
	}
	if got := r.send(http.MethodGet, root+"/tokens", reply.Secret, nil).Code; got != http.StatusForbidden {
		t.Errorf("a token that may only read: got %d, want 403", got)
	}
}

// TestEveryScopeForEveryRoute: a narrowed token has the routes of its scopes
// and no others.
func TestEveryScopeForEveryRoute(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, scope := range permit.Scopes() {
		token := r.newToken("", wire.TokenRequest{Name: string(scope), Scopes: []string{string(scope)}}, "superadmin")
		for pattern, action := range r.api.rights {
			if pattern == "POST "+pathLogout {
				continue
			}
			method, path := nowhere(pattern)
			got := r.send(method, path, token, "{").Code
			if want := permit.RuleOf(action).Scope == scope || r.api.anyScope[pattern]; (got != http.StatusForbidden && got != http.StatusUnauthorized) != want {
				t.Errorf("%s with %s: got %d, want let in: %v", pattern, scope, got, want)
			}
		}
	}
}

func TestWhoseTokensAndSessionsAreSeen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "viewer", "")
	r.person("bob", "viewer", "")
	ann, bob := r.loginToken("ann"), r.loginToken("bob")
	cookie := r.session("ann", "")
	for _, what := range []string{"tokens", "sessions"} {
		for _, query := range []string{"?all=true", "?user=bob"} {
			if p := r.problem(http.MethodGet, root+"/"+what+query, ann, nil); p.Code != string(fault.Forbidden) {
				t.Errorf("%s%s: got %+v, want FORBIDDEN", what, query, p)
			}
		}
	}
	var tokens wire.TokenList
	r.must(http.MethodGet, root+"/tokens", ann, nil, &tokens)
	if len(tokens.Items) != 1 || tokens.Items[0].User != "ann" {
		t.Fatalf("got %+v, want ann's own", tokens)
	}
	id := jsonNumber(tokens.Items[0].ID)
	if p := r.problem(http.MethodPost, root+"/tokens/"+id+"/revoke", bob, `{}`); p.Code != string(fault.NotFound) {
		t.Errorf("somebody else's: got %+v, want NOT_FOUND", p)
	}
	var sessions wire.SessionList
	r.must(http.MethodGet, root+"/sessions?user=ann", "superadmin", nil, &sessions)
	if len(sessions.Items) != 1 {
		t.Fatalf("got %+v, want one session", sessions)
	}
	r.must(http.MethodPost, root+"/sessions/"+jsonNumber(sessions.Items[0].ID)+"/revoke", "superadmin", `{"reason":"lost laptop"}`, nil)
	if got := r.visit(http.MethodGet, pathMe, cookie, nil).Code; got != http.StatusUnauthorized {
		t.Errorf("a revoked session: got %d, want 401", got)
	}
	r.must(http.MethodPost, root+"/tokens/"+id+"/revoke", ann, `{}`, nil)
	if got := r.send(http.MethodGet, pathMe, ann, nil).Code; got != http.StatusUnauthorized {
		t.Errorf("a revoked token: got %d, want 401", got)
	}
	r.must(http.MethodGet, root+"/tokens?all=true&revoked=true&limit=500", "superadmin", nil, &tokens)
	for _, k := range tokens.Items {
		if jsonNumber(k.ID) == id && (k.RevokedBy != "ann" || k.RevokedAt == 0) {
			t.Errorf("got %+v, want who revoked it", k)
		}
	}
}

func TestATokenOfAHostIsForThatHost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	bound := r.newToken("", wire.TokenRequest{Name: "w1", Role: "worker", Host: storetest.Host}, "superadmin")
	calls := func(host string) map[string]any {
		return map[string]any{
			wire.PathHeartbeat: wire.Heartbeat{Host: host, Incarnation: "i1", CheckInterval: 30_000, Slots: 1, Group: "default"},
			wire.PathClaim:     wire.Claim{Host: host, Incarnation: "i1", Free: 1},
			wire.PathFacts:     wire.FactsRequest{Facts: []wire.Fact{{Kind: wire.FactStarted, WorkID: 1, Attempt: 1, Host: host, Incarnation: "i1"}}},
			wire.PathNotices:   wire.NoticesRequest{Notices: []wire.Notice{{Host: host}}},
			wire.PathUserCodes: wire.UserCode{Host: host, WorkID: 1, Attempt: 1, Code: new(int)},
		}
	}
	for path, body := range calls("w2") {
		if p := r.problem(http.MethodPost, path, bound, body); p.Code != string(fault.Forbidden) || !strings.Contains(p.Detail, `"w2"`) {
			t.Errorf("%s of another host: got %+v, want FORBIDDEN", path, p)
		}
	}
	for path, body := range calls(storetest.Host) {
		if got := r.send(http.MethodPost, path, bound, body).Code; got == http.StatusForbidden {
			t.Errorf("%s of its own: got 403", path)
		}
	}
}

func TestWhenATokenWasUsedIsNotedSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		used := func() int64 {
			return int64(r.count("SELECT MAX(lastUsedAt) FROM capri_token WHERE name = 'viewer'"))
		}
		look := func() { r.must(http.MethodGet, root+"/status", "viewer", nil, nil) }
		look()
		if used() != 0 {
			t.Error("got a write of the first call's own, want none")
		}
		<-time.After(flushEvery)
		look()
		first := used()
		if first == 0 {
			t.Fatal("got nothing noted after a while")
		}
		for range 10 {
			<-time.After(5 * time.Second)
			look()
		}
		if got := used(); got != first {
			t.Errorf("got another note within a minute")
		}
		<-time.After(usedEvery)
		look()
		if got := used(); got <= first {
			t.Errorf("got none after a minute, want one")
		}
	})
}
