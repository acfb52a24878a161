package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/permit"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// TestRightsOfARunningMaster walks every call that the served document names,
// streams and worker calls included, with every kind of credential, against a
// capri dev as it comes: a development cluster has the same rights as any other.
func TestRightsOfARunningMaster(t *testing.T) {
	s := newSite(t, storetest.SQLite)
	s.dev("--demo", "none")
	keys := s.credentials()
	for _, op := range s.operations() {
		action := permit.Action(op.Action)
		if permit.RuleOf(action).Least == permit.Nobody {
			t.Errorf("%s %s: does %q, which the table does not know", op.method, op.path, op.Action)
			continue
		}
		for _, token := range []string{"", "wrong", keys["expired"], keys["revoked"]} {
			if got := s.knock(op, token); got != http.StatusUnauthorized {
				t.Errorf("%s %s without a good token: got %d, want 401", op.method, op.path, got)
			}
		}
		if strings.HasSuffix(op.path, "/logout") {
			continue // it would end the credential
		}
		for name, holder := range holders() {
			got := s.knock(op, keys[name])
			allowed := holder.May(action) || op.method == http.MethodGet && op.path == "/api/v1/me" && holder.Role != permit.Worker // whoever calls may see who that is
			if (got != http.StatusForbidden && got != http.StatusUnauthorized) != allowed {
				t.Errorf("%s %s as %s: got %d, want let in: %v", op.method, op.path, name, got, allowed)
			}
		}
	}
}

// holders are what the credentials of the test amount to, by their names.
func holders() map[string]permit.Holder {
	all := map[string]permit.Holder{"worker": {Role: permit.Worker}, "narrow": {Role: permit.Superadmin, Scopes: []permit.Scope{permit.ScopeFacts}}}
	for _, role := range permit.Roles() {
		all[role.String()] = permit.Holder{Role: role}
	}
	return all
}

// credentials makes one of each kind, with the administrator's own.
func (s *site) credentials() map[string]string {
	s.Helper()
	ctx, admin := s.Context(), s.client(s.token())
	keys := map[string]string{}
	create := func(name string, request wire.TokenRequest) int64 {
		request.Name = name
		reply, err := admin.CreateToken(ctx, request)
		if err != nil {
			s.Fatal(err)
		}
		keys[name] = reply.Secret
		return reply.ID
	}
	for name, holder := range holders() {
		scopes := make([]string, 0, 1)
		for _, scope := range holder.Scopes {
			scopes = append(scopes, string(scope))
		}
		create(name, wire.TokenRequest{Role: holder.Role.String(), Scopes: scopes})
	}
	create("expired", wire.TokenRequest{Role: "superadmin", ExpiresInSeconds: 1})
	if err := admin.RevokeToken(ctx, create("revoked", wire.TokenRequest{Role: "superadmin"}), wire.ReasonRequest{Reason: "test"}); err != nil {
		s.Fatal(err)
	}
	s.await("the expiry of a token", func() bool {
		return s.knock(operation{method: http.MethodGet, path: "/api/v1/me"}, keys["expired"]) == http.StatusUnauthorized
	})
	return keys
}

// operation is one call of the document.
type operation struct {
	method, path string
	Action       string `json:"x-capri-action"`
}

func (s *site) operations() []operation {
	s.Helper()
	response, err := http.Get(s.base() + "/api/v1/openapi.json")
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	var document struct {
		Paths map[string]map[string]operation
	}
	if err := json.NewDecoder(response.Body).Decode(&document); err != nil {
		s.Fatal(err)
	}
	var all []operation
	for path, methods := range document.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			if op.Action != "" {
				all = append(all, op)
			}
		}
	}
	if len(all) < 60 || !slices.ContainsFunc(all, func(o operation) bool { return strings.HasSuffix(o.path, "/logs") }) {
		s.Fatalf("got %d calls in the document, want all of them", len(all))
	}
	return all
}

// knock makes a call that has no sense behind the door, and returns the status.
// What is let in may be a stream: nobody waits for its end.
func (s *site) knock(op operation, token string) int {
	s.Helper()
	path := op.path
	for strings.Contains(path, "{") {
		before, rest, _ := strings.Cut(path, "{")
		_, after, _ := strings.Cut(rest, "}")
		path = before + "7" + after
	}
	ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, op.method, s.base()+path, bytes.NewReader([]byte("{")))
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func (s *site) base() string { return "http://" + s.env["CAPRI_DEV_LISTEN"] }

func (s *site) token() string { return strings.TrimSpace(s.read(s.path("data", "token"))) }

func (s *site) client(token string) *wire.Client { return &wire.Client{Base: s.base(), Token: token} }
