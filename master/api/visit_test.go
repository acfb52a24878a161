package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"log/slog"

	"capricornus/common/logs"
	"capricornus/common/metrics"
	"capricornus/common/wire"
)

// under makes a call that names its request.
func (r *rig) under(id, method, path, token string) *httptest.ResponseRecorder {
	r.t.Helper()
	sent := httptest.NewRequestWithContext(r.t.Context(), method, path, strings.NewReader("{}"))
	sent.Header.Set("Authorization", "Bearer "+token)
	sent.Header.Set(headerRequest, id)
	got := httptest.NewRecorder()
	r.handler.ServeHTTP(got, sent)
	return got
}

func TestRequestsKeepTheNameTheyCameWith(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.under("deploy-17.a_B", http.MethodGet, "/api/v1/tasks/nothing", "viewer")
	var p wire.Problem
	if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil || got.Code != http.StatusNotFound {
		t.Fatalf("got %d %s, want a problem", got.Code, got.Body)
	}
	if got.Header().Get(headerRequest) != "deploy-17.a_B" || p.RequestID != "deploy-17.a_B" {
		t.Errorf("got %q and %q, want the caller's id in head and problem", got.Header().Get(headerRequest), p.RequestID)
	}
	for _, bad := range []string{"", "a b", "x\ny", strings.Repeat("x", 65), `"`} {
		if id := r.under(bad, http.MethodGet, "/api/v1/tasks", "viewer").Header().Get(headerRequest); id == bad || !logs.GoodRequestID(id) {
			t.Errorf("%q: got %q, want one of the master's own", bad, id)
		}
	}
	if p := r.problem(http.MethodGet, "/api/v1/batches?limit=none", "viewer", nil); p.RequestID == "" {
		t.Error("got no id in a problem about a parameter")
	}
}

func TestAccessLogHasOneLineACallAndNoSecrets(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.api.Log = logs.Carrying(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.under("look", http.MethodGet, "/api/v1/tasks/tidy?fields=hidden-query", "viewer")
	r.under("change", http.MethodPost, "/api/v1/tasks/tidy/run?x=hidden-query", "developer")
	r.under("talk", http.MethodPost, wire.PathClaim, "worker")
	r.under("stranger", http.MethodGet, "/etc/hidden-path", "viewer")
	for id, want := range map[string]string{
		"look":     "level=DEBUG msg=call method=GET route=/api/v1/tasks/{name} status=",
		"change":   "level=INFO msg=call method=POST route=/api/v1/tasks/{name}/run status=",
		"talk":     "level=DEBUG msg=call method=POST route=/api/v1/worker/claim status=",
		"stranger": "level=DEBUG msg=call method=GET route=other status=404",
	} {
		n := 0
		for line := range strings.SplitSeq(r.log.String(), "\n") {
			if !strings.HasSuffix(line, " request="+id) || !strings.Contains(line, "msg=call") {
				continue
			}
			n++
			if !strings.Contains(line, want) || !strings.Contains(line, "took=") || !strings.Contains(line, "source=192.0.2.1") {
				t.Errorf("%s: got %q, want %q, how long it took and whence", id, line, want)
			}
		}
		if n != 1 {
			t.Errorf("%s: got %d lines, want 1", id, n)
		}
	}
	if strings.Contains(r.log.String(), "hidden") {
		t.Errorf("got %s\nwant no query and no path that is no route", r.log)
	}
}

func TestCallsAreCountedByRouteNotByPath(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.api.Metrics = metrics.NewMaster("", nil, metrics.Sources{})
	for _, path := range []string{"/api/v1/tasks/a", "/api/v1/tasks/b", "/nowhere/1", "/nowhere/2"} {
		r.send(http.MethodGet, path, "viewer", nil)
	}
	r.send(http.MethodGet, "/api/v1/tasks/a", "", nil) // 401 before its route is known
	text := httptest.NewRecorder()
	r.api.Metrics.Pages().ServeHTTP(text, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	for _, line := range []string{
		`capri_http_requests_total{route="GET /api/v1/tasks/{name}",status="404"} 2`,
		`capri_http_requests_total{route="other",status="404"} 2`,
		`capri_http_requests_total{route="other",status="401"} 1`,
	} {
		if !strings.Contains(text.Body.String(), line+"\n") {
			t.Errorf("got no line %s", line)
		}
	}
}

func TestReadyTellsEachCheck(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stopping := false
	r.api.Stopping = func() bool { return stopping }
	ask := func(status int) map[string]wire.ReadyCheck {
		t.Helper()
		got := r.send(http.MethodGet, "/readyz?verbose", "", nil)
		var body wire.Ready
		if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil || got.Code != status || body.Ready != (status == http.StatusOK) {
			t.Fatalf("got %d %s, want %d", got.Code, got.Body, status)
		}
		if plain := r.send(http.MethodGet, "/readyz", "", nil); plain.Code != status {
			t.Errorf("got %d without verbose, want %d", plain.Code, status)
		}
		out := map[string]wire.ReadyCheck{}
		for _, c := range body.Checks {
			out[c.Name] = c
		}
		return out
	}
	well := ask(http.StatusOK)
	if len(well) != 4 || well["database"].State != wire.ReadyOK || well["raft"].Detail != "leader, 40 of 40 entries applied" || well["leader"].Detail != "m1" {
		t.Errorf("got %+v, want four checks that are ok", well)
	}
	r.members.status.LastIndex = 1000
	if bad := ask(http.StatusServiceUnavailable)["raft"]; bad.State != wire.ReadyFailing || !strings.Contains(bad.Detail, "40 of 1000") {
		t.Errorf("got %+v, want raft that has not caught up", bad)
	}
	r.members.status.LastIndex, r.members.status.State = 40, "removed"
	if bad := ask(http.StatusServiceUnavailable)["raft"]; !strings.Contains(bad.Detail, "removed") {
		t.Errorf("got %+v, want a master that was removed", bad)
	}
	r.members.status.State, stopping = "follower", true
	if bad := ask(http.StatusServiceUnavailable); bad["stopping"].State != wire.ReadyFailing || bad["raft"].State != wire.ReadyOK {
		t.Errorf("got %+v, want it stopping", bad)
	}
}

func TestChecksRememberSinceWhen(t *testing.T) {
	t.Parallel()
	c := newChecks()
	at := func(second int64, bad string) int64 {
		return c.note(time.Unix(second, 0), []check{{name: "database", bad: bad}})[0].Since / 1000
	}
	for i, step := range []struct {
		second int64
		bad    string
		want   int64
	}{{100, "", 100}, {200, "", 100}, {300, "away", 300}, {400, "still away", 300}, {500, "", 500}} {
		if got := at(step.second, step.bad); got != step.want {
			t.Errorf("step %d: got since %d, want %d", i, got, step.want)
		}
	}
}
