package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// once makes a call with an idempotency key.
func (r *rig) once(handler http.Handler, key, token, path, body string) *httptest.ResponseRecorder {
	r.t.Helper()
	sent := httptest.NewRequestWithContext(r.t.Context(), http.MethodPost, path, strings.NewReader(body))
	sent.Header.Set("Authorization", "Bearer "+token)
	sent.Header.Set(wire.HeaderOnce, key)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, sent)
	return recorder
}

const pathTidy = "/api/v1/tasks/tidy/run"

func TestTheSameKeyGivesTheSameAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	first := r.once(r.handler, "k1", "operator", pathTidy, "{}")
	again := r.once(r.handler, "k1", "operator", pathTidy, "{}")
	if first.Code != http.StatusOK || again.Code != first.Code || again.Body.String() != first.Body.String() {
		t.Errorf("got %d %s, then %d %s, want the same answer twice", first.Code, first.Body, again.Code, again.Body)
	}
	if first.Header().Get(wire.HeaderReplayed) != "" || again.Header().Get(wire.HeaderReplayed) != "true" {
		t.Errorf("got %q and %q, want only the second marked", first.Header().Get(wire.HeaderReplayed), again.Header().Get(wire.HeaderReplayed))
	}
	if kind := again.Header().Get("Content-Type"); kind != first.Header().Get("Content-Type") {
		t.Errorf("got content type %q, want %q", kind, first.Header().Get("Content-Type"))
	}
	if n := r.count("SELECT COUNT(*) FROM capri_task_work"); n != 1 {
		t.Errorf("got %d batches, want 1", n)
	}
	refused := r.once(r.handler, "k2", "operator", "/api/v1/tasks/nobody/run", "{}")
	repeated := r.once(r.handler, "k2", "operator", "/api/v1/tasks/nobody/run", "{}")
	if refused.Code != http.StatusNotFound || repeated.Body.String() != refused.Body.String() || repeated.Header().Get("Content-Type") != problemType {
		t.Errorf("got %d %s, want the same problem twice", repeated.Code, repeated.Body)
	}
}

func TestAKeyStandsForOneCallOfOneCaller(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	r.once(r.handler, "k", "operator", pathTidy, "{}")
	for _, c := range []struct{ path, body string }{{pathTidy, "{ }"}, {"/api/v1/tasks/beat/run", "{}"}, {pathTidy + "?", "{}"}} {
		got := r.once(r.handler, "k", "operator", c.path, c.body)
		same := strings.HasSuffix(c.path, "?") // nothing is asked differently
		if same != (got.Code == http.StatusOK) || !same && (got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "another call")) {
			t.Errorf("%s %s: got %d %s, want 422", c.path, c.body, got.Code, got.Body)
		}
	}
	for _, key := range []string{"", "ü", "a\tb", strings.Repeat("k", 201)} {
		if got := r.once(r.handler, key, "operator", pathTidy, "{}"); got.Code != http.StatusBadRequest {
			t.Errorf("key %q: got %d %s, want 400", key, got.Code, got.Body)
		}
	}
	if got := r.once(r.handler, strings.Repeat("k", 200), "viewer", pathTidy, "{}"); got.Code != http.StatusForbidden {
		t.Errorf("viewer: got %d, want 403", got.Code)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_idempotency"); n != 1 {
		t.Errorf("got %d kept calls, want 1", n)
	}
}

// TestTwoAtOnce: of equal calls at the same time one is made.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	var group sync.WaitGroup
	answers := make([]*httptest.ResponseRecorder, 6)
	for i := range answers {
		group.Go(func() { answers[i] = r.once(r.handler, "k", "operator", pathTidy, "{}") })
	}
	group.Wait()
	made := ""
	for _, got := range answers {
		switch {
		case got.Code == http.StatusConflict && strings.Contains(got.Body.String(), "under way") && got.Header().Get("Retry-After") != "":
		case got.Code == http.StatusOK && (made == "" || made == got.Body.String()):
			made = got.Body.String()
		default:
			t.Errorf("got %d %s, want the one answer or that it is under way", got.Code, got.Body)
		}
	}
	if n := r.count("SELECT COUNT(*) FROM capri_task_work"); n != 1 || made == "" {
		t.Errorf("got %d batches and the answer %q, want 1", n, made)
	}
}

// crash leaves a call of the operator's as a master leaves it that dies before
// the answer; with done, after the change was committed.
func (r *rig) crash(key, path, body string, done bool) {
	r.t.Helper()
	ctx, who := r.t.Context(), store.Actor{Kind: "person", ID: "admin"}
	call := store.OnceCall{KeyHash: hashOf("admin", key), RequestHash: hashOf(key, http.MethodPost, path, "", body), Actor: "admin"}
	row, _, err := r.world.DB.BeginOnce(ctx, who, call, onceKeep, onceLease)
	if err == nil && done {
		err = r.world.DB.Operate(ctx, who, func(t *store.OperateTx) error {
			return t.Audit(store.WithOnce(ctx, row), store.Audit{ID: r.world.IDs(1)[0], Action: "test", Detail: "{}"})
		})
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestACallWhoseMasterDied(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	r.crash("dead", pathTidy, "{}", false)
	if got := r.once(r.handler, "dead", "operator", pathTidy, "{}"); got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), "under way") {
		t.Errorf("within the lease: got %d %s, want it under way", got.Code, got.Body)
	}
	r.world.Change("UPDATE capri_idempotency SET createdAt = createdAt - ?", onceLease.Milliseconds())
	if got := r.once(r.handler, "dead", "operator", pathTidy, "{}"); got.Code != http.StatusOK {
		t.Errorf("after the lease: got %d %s, want it made", got.Code, got.Body)
	}
	r.crash("done", pathTidy, "{}", true)
	if got := r.once(r.handler, "done", "operator", pathTidy, "{}"); !strings.Contains(got.Body.String(), "under way") {
		t.Errorf("before its answer is kept: got %d %s, want it under way", got.Code, got.Body)
	}
	r.world.Change("UPDATE capri_idempotency SET createdAt = createdAt - ?", onceLease.Milliseconds())
	for range 2 {
		got := r.once(r.handler, "done", "operator", pathTidy, "{}")
		if got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), "was done") || got.Header().Get(wire.HeaderReplayed) != "true" {
			t.Errorf("after it was done: got %d %s, want to hear that", got.Code, got.Body)
		}
	}
	if n := r.count("SELECT COUNT(*) FROM capri_task_work"); n != 1 {
		t.Errorf("got %d batches, want 1", n)
	}
}

func TestCallsWithKeysArePassedOnAndMadeByTheLeader(t *testing.T) {
	t.Parallel()
	r, p := withPeer(t)
	first := r.once(r.handler, "k", "operator", runDepend, "")
	again := r.once(r.handler, "k", "operator", runDepend, "")
	if first.Code != http.StatusOK || again.Body.String() != first.Body.String() || again.Header().Get(wire.HeaderReplayed) != "true" {
		t.Errorf("got %d %s and %v, want the leader's answer again", again.Code, again.Body, again.Header())
	}
	if len(p.services.ran) != 1 {
		t.Errorf("got %v run, want depend once", p.services.ran)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_idempotency"); n != 1 {
		t.Errorf("got %d kept calls, want the leader's", n)
	}
}

func TestWhatCouldNotBeDoneMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.services.err = context.DeadlineExceeded
	if got := r.once(r.handler, "k", "operator", runDepend, ""); got.Code < 500 {
		t.Fatalf("got %d %s, want an error of the server", got.Code, got.Body)
	}
	r.services.err = nil
	got := r.once(r.handler, "k", "operator", runDepend, "")
	if again := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'service.run'"); got.Code != http.StatusOK && again == 0 {
		t.Errorf("got %d %s, want it tried again", got.Code, got.Body)
	}
}

func TestSecretsAreNotKept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made := 0
	call(r.api, route{method: http.MethodPost, path: root + "/test/secret", may: permit.View, id: "test-secret", tag: tagTasks, summary: "test", secret: true},
		func(context.Context, *struct{}) (map[string]string, error) {
			made++
			return map[string]string{"token": "hush-hush"}, nil
		})
	first, again := r.once(r.handler, "k", "viewer", root+"/test/secret", ""), r.once(r.handler, "k", "viewer", root+"/test/secret", "")
	if !strings.Contains(first.Body.String(), "hush-hush") || again.Code != http.StatusConflict || !strings.Contains(again.Body.String(), "was done") || made != 1 {
		t.Errorf("got %s, then %d %s, made %d times, want the secret once", first.Body, again.Code, again.Body, made)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_idempotency WHERE LENGTH(body) = 0"); n != 1 {
		t.Errorf("got %d rows without a body, want 1", n)
	}
}

// TestKeysAreNotForReadsAndWorkers: their calls are what they are.
func TestKeysAreNotForReadsAndWorkers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	beat := `{"host":"w9","incarnation":"i","version":"1","group":"default","slots":1,"checkInterval":30000}`
	if got := r.once(r.handler, "k", "worker", wire.PathHeartbeat, beat); got.Code != http.StatusOK {
		t.Errorf("got %d %s, want the heartbeat taken", got.Code, got.Body)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_idempotency"); n != 0 {
		t.Errorf("got %d kept calls, want none", n)
	}
	if onceKeep < time.Hour {
		t.Errorf("got %v, want answers kept for a day", onceKeep)
	}
}
