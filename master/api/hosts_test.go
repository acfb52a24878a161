package api

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestASilentWorkerIsDeclaredDead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const path = "/api/v1/hosts/w1/dead"
	r.beat("http://w1:9000")
	p := r.problem(http.MethodPost, path, "operator", wire.DeadRequest{Reason: "burnt"})
	if p.Code != string(fault.Conflict) || !strings.Contains(p.Detail, "worker w1 is alive") || !strings.Contains(p.Hint, "switch it off") || !strings.Contains(p.Hint, "30s") {
		t.Errorf("got %+v, want a live worker left alone with a hint", p)
	}
	for body, want := range map[string]string{`{}`: "reason", `{"reason":""}`: "reason", `{"reason":"x","force":true}`: "force", `{"reason":"` + strings.Repeat("x", 401) + `"}`: "401 bytes"} {
		if p := r.problem(http.MethodPost, path, "operator", body); !strings.Contains(p.Detail, want) || p.Status >= 500 {
			t.Errorf("%.40s: got %+v, want %q", body, p, want)
		}
	}
	if p := r.problem(http.MethodPost, "/api/v1/hosts/ghost/dead", "operator", wire.DeadRequest{Reason: "burnt"}); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want NOT_FOUND", p)
	}
	audited := func() int {
		return r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'host.dead' AND object = 'w1' AND actor = 'admin'")
	}
	if n := audited(); n != 0 || r.dead.Load() != 0 {
		t.Errorf("got %d audit rows and %d wakes for what was refused, want none", n, r.dead.Load())
	}
	r.world.Change("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - 30001 WHERE host = ?", storetest.Host)
	var got wire.Host
	r.must(http.MethodPost, path, "operator", wire.DeadRequest{Reason: "burnt"}, &got)
	if got.Host != "w1" || got.Alive || got.DeadAt == 0 || got.DeadBy != "admin" || got.DeadReason != "burnt" {
		t.Errorf("got %+v, want it declared dead by admin", got)
	}
	if n := audited(); n != 1 || r.dead.Load() != 1 {
		t.Errorf("got %d audit rows and %d wakes, want one of each", n, r.dead.Load())
	}
	var list wire.HostList
	r.must(http.MethodGet, "/api/v1/hosts", "viewer", nil, &list)
	if len(list.Items) != 1 || list.Items[0].DeadReason != "burnt" {
		t.Errorf("got %+v, want the declaration in the list", list.Items)
	}
	r.beat("http://w1:9000")
	list = wire.HostList{}
	r.must(http.MethodGet, "/api/v1/hosts", "viewer", nil, &list)
	if list.Items[0].DeadAt != 0 || !list.Items[0].Alive {
		t.Errorf("got %+v, want the next heartbeat to take it back", list.Items[0])
	}
}

// TestWhatADeclarationEndsIsCounted although it has ended by the time of the answer.
func TestWhatADeclarationEndsIsCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.beat("http://w1:9000")
	task := r.world.Task()
	id := r.world.Batch(task, "20150518")
	if err := errors.Join(r.world.Assign(storetest.Host, id), r.world.Start(id)); err != nil {
		t.Fatal(err)
	}
	r.world.Change("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - 30001 WHERE host = ?", storetest.Host)
	r.api.Dead = func() { _ = r.world.Retry(id) }
	var got wire.Host
	r.must(http.MethodPost, "/api/v1/hosts/w1/dead", "operator", wire.DeadRequest{Reason: "burnt"}, &got)
	if w := r.world.Work(id); got.Running != 1 || w.State == batch.Running {
		t.Errorf("got %d batches, of which one is %s, want 1 that has ended", got.Running, w.State)
	}
}
