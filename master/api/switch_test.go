package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const w1 = "/api/v1/hosts/w1"

func (r *rig) turn(position string, body any) (reply wire.SwitchReply) {
	r.t.Helper()
	r.must(http.MethodPost, w1+"/"+position, "operator", body, &reply)
	return reply
}

func (r *rig) hostDetail() (detail wire.HostDetail) {
	r.t.Helper()
	r.must(http.MethodGet, w1, "viewer", nil, &detail)
	return detail
}

func TestAWorkerIsSwitchedOffAndOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.beat("http://w1:9000")
	began := time.Now().UnixMilli()

	off := r.turn("off", wire.SwitchRequest{Reason: "kernel", ForSeconds: 3600})
	h := off.Host
	if !off.Changed || !h.Stopped || h.Draining || h.StopReason != "kernel" || h.StopBy != "admin" || h.StopAt < began || h.StopUntil < began+3600_000 {
		t.Errorf("got %+v, want it off for an hour by admin", off)
	}
	if !strings.Contains(off.Message, "w1 is switched off: it finishes what it runs and gets nothing new; nothing runs there") {
		t.Errorf("got %q, want what was done", off.Message)
	}
	until := time.Now().Add(time.Hour).UnixMilli()
	again := r.turn("off", wire.SwitchRequest{Reason: "disk", Until: until})
	if again.Changed || again.Host.StopAt != h.StopAt || again.Host.StopReason != "disk" || again.Host.StopUntil != until || !strings.Contains(again.Message, "was switched off already") {
		t.Errorf("got %+v, want another reason and end, and that it was off already", again)
	}
	drain := r.turn("drain", wire.SwitchRequest{Reason: "board"})
	if !drain.Changed || !drain.Host.Draining || drain.Host.StopUntil != 0 || !strings.Contains(drain.Message, "w1 drains") {
		t.Errorf("got %+v, want it draining without an end", drain)
	}
	if got := r.hostDetail(); !got.Draining || got.StopReason != "board" || got.StopAt != h.StopAt {
		t.Errorf("got %+v, want it draining, off since it was switched off", got.Host)
	}
	r.beat("http://w1:9000")
	on := r.turn("on", wire.SwitchRequest{})
	if h := on.Host; !on.Changed || h.Stopped || h.Draining || h.StopAt != 0 || h.StopReason != "" || h.StopBy != "" || on.Message != "w1 is switched on" {
		t.Errorf("got %+v, want it on and nothing left", on)
	}
	if on := r.turn("on", wire.SwitchRequest{Reason: "done"}); on.Changed || on.Message != "w1 was on already" {
		t.Errorf("got %+v, want that it was on already", on)
	}
	if n := r.switched.Load(); n != 5 {
		t.Errorf("got %d wakes, want one for each of 5 calls", n)
	}
	for action, want := range map[string]int{"host.off": 2, "host.drain": 1, "host.on": 2} {
		if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE object = 'w1' AND actor = 'admin' AND action = '" + action + "'"); n != want {
			t.Errorf("got %d audit rows of %s, want %d", n, action, want)
		}
	}
	var detail string
	row := r.world.DB.Raw().QueryRowContext(t.Context(), "SELECT detail FROM capri_audit_log WHERE action = 'host.drain'")
	if err := row.Scan(&detail); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(detail), &got); err != nil {
		t.Fatal(err)
	}
	before, _ := got["before"].(map[string]any)
	after, _ := got["after"].(map[string]any)
	if got["reason"] != "board" || before["stopReason"] != "disk" || before["isDrain"] == true || after["isDrain"] != true || after["stopBy"] != "admin" {
		t.Errorf("got %s, want before and after", detail)
	}
}

func TestBadSwitchesChangeNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.beat("http://w1:9000")
	for _, c := range []struct{ position, body, want string }{
		{"off", `{}`, "reason"},
		{"off", ``, "body"},
		{"drain", `{"reason":""}`, "switched off to drain has 0 bytes"},
		{"off", `{"reason":"` + strings.Repeat("x", 401) + `"}`, "401 bytes"},
		{"off", `{"reason":"x","force":true}`, "force"},
		{"off", `{"reason":"x","until":5}`, "over already: 1970-01-01T00:00:00Z"},
		{"off", `{"reason":"x","forSeconds":-1}`, "forSeconds -1 is out of bounds"},
		{"off", `{"reason":"x","forSeconds":9223372036854775807}`, "out of bounds"},
		{"drain", `{"reason":"x","forSeconds":1,"until":` + strconv.FormatInt(time.Now().Add(time.Hour).UnixMilli(), 10) + `}`, "exclude each other"},
		{"on", `{"forSeconds":1}`, "takes no end"},
		{"on", `{"reason":"` + strings.Repeat("x", 401) + `"}`, "401 bytes"},
	} {
		if p := r.problem(http.MethodPost, w1+"/"+c.position, "operator", c.body); !strings.Contains(p.Detail, c.want) || p.Status < 400 || p.Status >= 500 {
			t.Errorf("%s %.60s: got %+v, want %q", c.position, c.body, p, c.want)
		}
	}
	for _, call := range []struct{ method, path string }{
		{http.MethodPost, "/api/v1/hosts/ghost/off"}, {http.MethodPost, "/api/v1/hosts/w1%3B%20rm%20-rf/drain"}, {http.MethodPost, "/api/v1/hosts/ghost/on"},
		{http.MethodGet, "/api/v1/hosts/ghost"},
	} {
		var body any
		if call.method == http.MethodPost {
			body = wire.SwitchRequest{Reason: "x"}
		}
		if p := r.problem(call.method, call.path, "operator", body); p.Code != string(fault.NotFound) || !strings.Contains(p.Detail, "there is no worker") {
			t.Errorf("%s: got %+v, want NOT_FOUND", call.path, p)
		}
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action LIKE 'host.%'"); n != 0 || r.switched.Load() != 0 || r.hostDetail().Stopped {
		t.Errorf("got %d audit rows and %d wakes for what was refused, want none", n, r.switched.Load())
	}
}

// What a database administrator does shows, with what it lacks.
func TestAStatementInTheDatabaseShows(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.beat("http://w1:9000")
	r.world.Change("UPDATE capri_schedul_cluster SET isStop = 1 WHERE host = 'w1'")
	r.beat("http://w1:9000")
	if h := r.hostDetail().Host; !h.Stopped || h.StopBy != "" || h.StopAt != 0 {
		t.Errorf("got %+v, want it off by nobody known", h)
	}
	off := r.turn("off", wire.SwitchRequest{Reason: "kernel"})
	if off.Changed || off.Host.StopAt == 0 || off.Host.StopBy != "admin" {
		t.Errorf("got %+v, want it off since now at the latest", off)
	}
	r.world.Change("UPDATE capri_schedul_cluster SET isStop = 1, stopUntil = 5, stopTime = 4 WHERE host = 'w1'")
	if h := r.hostDetail().Host; h.Stopped || h.StopUntil != 0 {
		t.Errorf("got %+v, want it on: the end has passed", h)
	}
	if off := r.turn("off", wire.SwitchRequest{Reason: "kernel"}); !off.Changed || off.Host.StopAt < 1000 {
		t.Errorf("got %+v, want it off since now", off)
	}
	r.world.Change("UPDATE capri_worker_group SET isEnabled = 0 WHERE name = 'default'")
	if on := r.turn("on", wire.SwitchRequest{}); !on.Host.GroupOff || !strings.Contains(on.Message, "its group default is off") {
		t.Errorf("got %+v, want the group named", on)
	}
}

func TestAWorkerShowsWhatIsOnIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.beat("http://w1:9000")
	task := r.world.Define("shown")
	running, idle, taken := r.world.Batch(task, "20150518"), r.world.Batch(task, "20150519"), r.world.Batch(task, "20150520")
	for _, err := range []error{r.world.Assign("w1", running, idle), r.world.Start(running)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r.world.Decide("log", func(ctx context.Context, l *store.LeaderTx) error {
		return l.InsertReassignments(ctx, []store.Reassignment{{WorkID: taken, Attempt: 1, OldHost: "w1", NewHost: "w2", Reason: "w1 refused: no memory"}})
	})
	got := r.hostDetail()
	if len(got.Batches) != 2 || got.Batches[0].Ref != "shown/20150518.0" || got.Batches[0].State != "running" || got.Batches[0].Since == 0 ||
		got.Batches[1].Ref != "shown/20150519.0" || got.Batches[1].State != "assigned" || got.Running != 1 || got.Assigned != 1 {
		t.Errorf("got %+v, want what runs before what is assigned", got.Batches)
	}
	if len(got.TakenAway) != 1 || got.TakenAway[0].Ref != "shown/20150520.0" || got.TakenAway[0].NewHost != "w2" || got.TakenAway[0].Reason != "w1 refused: no memory" {
		t.Errorf("got %+v, want what was taken away", got.TakenAway)
	}
}
