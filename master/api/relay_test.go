package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// peer is another master over the same database, reached by HTTP.
type peer struct {
	*httptest.Server

	services *services
	calls    atomic.Int32
	heads    []http.Header // of the calls, in order
	leading  bool
}

const runDepend = "/api/v1/services/depend/run"

// withPeer makes m2 lead, and m1, the rig's, follow.
func withPeer(t *testing.T) (*rig, *peer) {
	t.Helper()
	r := newRig(t)
	p := &peer{services: &services{}, leading: true}
	deps := r.api.Deps
	deps.Node, deps.Services, deps.IsLeader = "m2", p.services, func() bool { return p.leading }
	other, err := New(deps)
	if err != nil {
		t.Fatal(err)
	}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		p.calls.Add(1)
		p.heads = append(p.heads, q.Header.Clone())
		other.ServeHTTP(w, q)
	}))
	t.Cleanup(func() {
		r.api.leader.CloseIdleConnections()
		p.Close()
	})
	r.leading = false
	// Where raft says the leader is does not count: only what it says itself.
	r.api.Leader = func() (string, string, bool) { return "m2", "http://127.0.0.1:1", true }
	r.describes("m2", p.URL+"/")
	return r, p
}

// describes writes the row of a master.
func (r *rig) describes(node, address string) {
	r.t.Helper()
	ctx := r.t.Context()
	err := r.world.DB.Work(ctx, store.Actor{Kind: "master", ID: node}, func(t *store.WorkTx) error {
		return t.PutMaster(ctx, store.Master{ID: node, Address: address})
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestCallsOfTheLeaderArePassedOn(t *testing.T) {
	t.Parallel()
	r, p := withPeer(t)
	var reply done
	r.must(http.MethodPost, runDepend, "operator", nil, &reply)
	if !reply.Done || len(p.services.ran) != 1 || p.services.ran[0] != "depend" || len(r.services.ran) != 0 {
		t.Errorf("got %+v, %v run by the leader and %v here, want depend run by the leader", reply, p.services.ran, r.services.ran)
	}
	head := p.heads[0]
	if head.Get("Authorization") != "Bearer operator" || head.Get(wire.HeaderPassed) != "m1" {
		t.Errorf("got head %v, want the caller's token and who passed it on", head)
	}
	var who string
	if err := r.world.DB.Raw().QueryRowContext(t.Context(), "SELECT actor FROM capri_audit_log WHERE action = 'service.run'").Scan(&who); err != nil || who == "" {
		t.Errorf("got %q, %v in the journal, want the caller", who, err)
	}
	p.services.err = fault.New(fault.NotFound, "no such service")
	if got := r.problem(http.MethodPost, "/api/v1/services/nonsense/run", "operator", nil); p.calls.Load() != 2 || got.Code != string(fault.NotFound) {
		t.Errorf("got %+v after %d calls, want the leader's problem", got, p.calls.Load())
	}
}

// TestOnlyCallsOfThoseWhoMayArePassedOn: nobody else's token leaves this master.
func TestOnlyCallsOfThoseWhoMayArePassedOn(t *testing.T) {
	t.Parallel()
	r, p := withPeer(t)
	for _, token := range []string{"", "wrong", "expired", "viewer", "developer", "worker"} {
		if got := r.send(http.MethodPost, runDepend, token, nil).Code; got != http.StatusUnauthorized && got != http.StatusForbidden {
			t.Errorf("with token %q: got %d, want it refused here", token, got)
		}
	}
	r.must(http.MethodGet, "/api/v1/services", "viewer", nil, nil)
	if n := p.calls.Load(); n != 0 {
		t.Errorf("got %d calls of the leader, want none", n)
	}
}

func TestCallsArePassedOnOnce(t *testing.T) {
	t.Parallel()
	r, p := withPeer(t)
	p.leading = false // leadership has changed on the way
	if got := r.problem(http.MethodPost, runDepend, "operator", nil); got.Status != http.StatusServiceUnavailable && got.Code != string(fault.NotLeader) || p.calls.Load() != 1 {
		t.Errorf("got %+v after %d calls, want the leader's refusal after one", got, p.calls.Load())
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, runDepend, nil)
	request.Header.Set("Authorization", "Bearer operator")
	request.Header.Set(wire.HeaderPassed, "m3")
	recorder := httptest.NewRecorder()
	r.handler.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusMisdirectedRequest || p.calls.Load() != 1 {
		t.Errorf("got %d after %d calls, want 421 of what was passed on already", recorder.Code, p.calls.Load())
	}
}

// TestTheTokenGoesToTheLeaderAlone: neither a redirect nor a row of another
// master leads it elsewhere.
func TestTheTokenGoesToTheLeaderAlone(t *testing.T) {
	t.Parallel()
	r, p := withPeer(t)
	var strange atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strange.Add(1) }))
	t.Cleanup(elsewhere.Close)
	redirecting := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(redirecting.Close)
	r.describes("m3", elsewhere.URL)
	r.describes("m2", redirecting.URL)
	if got := r.send(http.MethodPost, runDepend, "operator", nil).Code; got != http.StatusTemporaryRedirect {
		t.Errorf("got %d, want the redirect handed back", got)
	}
	for address, status := range map[string]int{"": http.StatusServiceUnavailable, "file:///etc/passwd": http.StatusServiceUnavailable, "http://127.0.0.1:1": http.StatusServiceUnavailable} {
		r.describes("m2", address)
		if got := r.problem(http.MethodPost, runDepend, "operator", nil); got.Status != status {
			t.Errorf("with address %q: got %+v, want %d", address, got, status)
		}
	}
	if strange.Load()+p.calls.Load() != 0 {
		t.Errorf("got %d calls elsewhere, want none", strange.Load()+p.calls.Load())
	}
}

func TestNobodyToPassTo(t *testing.T) {
	t.Parallel()
	r, p := withPeer(t)
	r.api.Leader = func() (string, string, bool) { return "", "", false }
	if got := r.problem(http.MethodPost, runDepend, "operator", nil); got.Code != string(fault.Unavailable) {
		t.Errorf("without a leader: got %+v, want UNAVAILABLE", got)
	}
	r.api.Leader = func() (string, string, bool) { return "m1", leaderAddress, true }
	if got := r.problem(http.MethodPost, runDepend, "operator", nil); got.Code != string(fault.Unavailable) || p.calls.Load() != 0 {
		t.Errorf("about to lead: got %+v, want UNAVAILABLE", got)
	}
}

func TestBodiesThatArePassedOnAreBounded(t *testing.T) {
	t.Parallel()
	r, p := withPeer(t)
	type posted struct {
		Text string `json:"text"`
	}
	post(r.api, route{method: http.MethodPost, path: root + "/echo", may: permit.View, id: "echo", tag: "test", leader: true, limit: 100},
		func(context.Context, *posted) (done, error) { return done{}, nil })
	if got := r.problem(http.MethodPost, "/api/v1/echo", "viewer", posted{string(make([]byte, 200))}); got.Code != string(fault.TooLarge) || p.calls.Load() != 0 {
		t.Errorf("got %+v after %d calls, want TOO_LARGE here", got, p.calls.Load())
	}
}
