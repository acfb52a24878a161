package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/wire"
)

// TestEveryRouteForEveryCaller walks the whole table of routes with every kind
// of credential. A call that is let in fails later, for want of sense.
func TestEveryRouteForEveryCaller(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	people := []string{"viewer", "developer", "operator", "admin", "superadmin"}
	for pattern, action := range r.api.rights {
		if pattern == "POST "+pathLogout {
			continue // it would end what the others are called with; see TestLogout
		}
		needed := permit.RuleOf(action).Least
		method, path := nowhere(pattern)
		if needed == permit.Nobody {
			t.Errorf("%s: got no role, want one", pattern)
		}
		for _, token := range []string{"", "wrong", "expired"} {
			if p := r.problem(method, path, token, "{"); p.Status != http.StatusUnauthorized {
				t.Errorf("%s with token %q: got %d, want 401", pattern, token, p.Status)
			}
		}
		for _, token := range append(people, "worker", "strange") {
			got := r.send(method, path, token, "{").Code
			want := token == needed.String()
			if at := slices.Index(people, needed.String()); at >= 0 {
				want = slices.Contains(people[at:], token)
			}
			if denied := got == http.StatusForbidden || got == http.StatusUnauthorized; denied == want {
				t.Errorf("%s as %s: got %d, want let in: %v", pattern, token, got, want)
			}
		}
	}
	if len(r.services.ran) != 3 {
		t.Errorf("got services run by %v, want by the three roles that may", r.services.ran)
	}
}

// nowhere is a call of a pattern that finds nothing behind the door.
func nowhere(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.NewReplacer("{task}", "nothing", "{run}", "20000101", "{name}", "nothing", "{host}", "nothing", "{node}", "nothing", "{id}", "1", "{user}", "nobody", "{department}", "nothing", "{day}", "20000101", "{kind}", "hourly", "{code}", "nothing").Replace(path)
	if path == root+"/events" {
		path += "?since=never" // or who is let in stays
	}
	return method, path
}

// TestTheTableIsTheMux holds that nothing is served that has no role: the
// document lists what huma registered.
func TestTheTableIsTheMux(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	listed := 0
	for _, item := range r.api.huma.OpenAPI().Paths {
		if item.Put != nil || item.Delete != nil || item.Patch != nil {
			t.Errorf("got a method that the table does not know")
		}
		for _, there := range []bool{item.Get != nil, item.Post != nil} {
			if there {
				listed++
			}
		}
	}
	if listed != len(r.api.rights)+len(r.api.open) {
		t.Errorf("got %d operations, want the %d of the table", listed, len(r.api.rights))
	}
	for pattern := range r.api.rights {
		method, path, _ := strings.Cut(pattern, " ")
		if _, public := r.api.public[path]; public {
			t.Errorf("%s %s: is public and has a role", method, path)
		}
	}
}

func TestRouteWithoutARoleIsDeniedToEverybody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call(r.api, route{method: http.MethodGet, path: root + "/forgotten", id: "forgotten", tag: "test"},
		func(context.Context, *nothing) (done, error) { return done{Done: true}, nil })
	r.api.mux.HandleFunc("GET /api/v1/smuggled", func(http.ResponseWriter, *http.Request) { t.Error("got a call through, want none") })
	for _, path := range []string{"/api/v1/forgotten", "/api/v1/smuggled"} {
		for _, token := range []string{"superadmin", "worker"} {
			if p := r.problem(http.MethodGet, path, token, nil); p.Code != string(fault.Forbidden) {
				t.Errorf("%s as %s: got %s, want FORBIDDEN", path, token, p.Code)
			}
		}
	}
}

func TestPublicPathsAreExact(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for path, kind := range map[string]string{
		"/": "text/html; charset=utf-8", pathDocs: "text/html; charset=utf-8", pathOpenAPI: "application/openapi+json",
		pathHealth: "text/plain; charset=utf-8", pathReady: "text/plain; charset=utf-8",
	} {
		got := r.send(http.MethodGet, path, "", nil)
		if got.Code != http.StatusOK || got.Header().Get("Content-Type") != kind {
			t.Errorf("%s: got %d %s, want 200 %s", path, got.Code, got.Header().Get("Content-Type"), kind)
		}
		for _, other := range []string{path + "/", path + "x", "/" + path} {
			if got := r.send(http.MethodGet, other, "", nil); got.Code != http.StatusUnauthorized && other != "//" {
				t.Errorf("%s: got %d, want 401", other, got.Code)
			}
		}
		if got := r.send(http.MethodPost, path, "", nil); got.Code != http.StatusUnauthorized {
			t.Errorf("POST %s: got %d, want 401", path, got.Code)
		}
	}
}

func TestUnknownRoutes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if p := r.problem(http.MethodGet, "/api/v1/nonsense", "viewer", nil); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want NOT_FOUND", p)
	}
	got := r.send(http.MethodDelete, "/api/v1/batches", "viewer", nil)
	if got.Code != http.StatusMethodNotAllowed || !strings.Contains(got.Header().Get("Allow"), http.MethodGet) {
		t.Errorf("got %d allowing %q, want 405 allowing GET", got.Code, got.Header().Get("Allow"))
	}
	if p := r.problem(http.MethodGet, "/api/v1/nonsense", "", nil); p.Code != string(fault.Unauthed) {
		t.Errorf("got %+v, want UNAUTHORIZED before anything is told", p)
	}
}

func TestWorkerPathsAreTheProtocols(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, path := range []string{wire.PathHeartbeat, wire.PathClaim, wire.PathFacts, wire.PathNotices, wire.PathUserCodes} {
		if r.api.rights["POST "+path] != permit.WorkerCalls {
			t.Errorf("%s: got %s, want the workers'", path, r.api.rights["POST "+path])
		}
	}
}
