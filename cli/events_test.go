package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// streaming sends one stream for each call, then refuses.
func streaming(t *testing.T, streams ...[]wire.LiveEvent) (http.HandlerFunc, *atomic.Int32) {
	t.Helper()
	var calls atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		n := int(calls.Add(1)) - 1
		if n >= len(streams) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(problem(fault.Unauthed, http.StatusUnauthorized, "the token is revoked"))
			return
		}
		if n > 0 && r.URL.Query().Get("since") == "" {
			t.Error("the stream was taken up without saying behind what")
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "retry: 2000\n\n: waiting\n\n")
		for _, e := range streams[n] {
			data := map[string]any{wire.TopicBatch: e.Batch, wire.TopicHost: e.Host, wire.TopicAlert: e.Alert, wire.TopicIncident: e.Incident, wire.TopicDuty: e.Duty, wire.TopicOperation: e.Operation, wire.TopicCluster: e.Cluster, wire.EventResync: struct{}{}}[e.Topic]
			text, err := json.Marshal(data)
			if err != nil {
				t.Error(err)
			}
			fmt.Fprintf(w, "event: %s\nid: %s\ndata: %s\n\n", e.Topic, e.ID, text)
		}
	}, &calls
}

func TestEventsAreFollowedAcrossInterruptions(t *testing.T) {
	at1 := ms(t, "2015-05-20T08:00:00")
	batch := func(id string, seq int, from, to, finish string) wire.LiveEvent {
		return wire.LiveEvent{ID: id, Topic: wire.TopicBatch, Batch: &wire.LiveBatch{Ref: "a/20150518.0", Project: "p", Seq: seq, From: from, To: to, Finish: finish, Host: "w1", At: at1}}
	}
	handler, calls := streaming(t,
		[]wire.LiveEvent{
			{ID: "1.x.1", Topic: wire.TopicCluster, Cluster: &wire.LiveCluster{Leader: "m1"}}, batch("1.x.2", 2, "waiting", "assigned", "none"), batch("1.x.3", 3, "assigned", "running", "none"),
			{ID: "1.x.4", Topic: wire.TopicHost, Host: &wire.LiveHost{Host: "w1", Alive: true, Stopped: true, Draining: true}},
		},
		[]wire.LiveEvent{
			batch("1.y.3", 3, "assigned", "running", "none"), batch("1.y.4", 4, "running", "done", "failed"),
			{ID: "1.y.5", Topic: wire.TopicAlert, Alert: &wire.LiveAlert{ID: 7, Kind: "batch-failed", Object: "a/20150518.0", Level: "important", Text: "exit code 3\nno more", At: at1}},
			{ID: "1.y.6", Topic: wire.TopicOperation, Operation: &wire.LiveOperation{ID: 9, Kind: "rerun", State: "creating", Total: 5, Created: 3, Done: 1}},
			{ID: "1.y.7", Topic: wire.EventResync}, {ID: "1.y.8", Topic: "weather"},
			{ID: "1.y.9", Topic: wire.TopicIncident, Incident: &wire.LiveIncident{Code: "x7k2", State: "open", Level: "critical", AckBy: "bob", AckAt: at1}},
			{ID: "1.y.10", Topic: wire.TopicDuty, Duty: &wire.LiveDuty{Change: "set", Department: "dw", By: "ann", At: at1}},
		})
	got := at(newMaster(t, map[string]any{"GET /events": handler})).run(t, "events")
	if got.code != exitNotAllowed || calls.Load() != 3 {
		t.Errorf("got %d after %d calls, want the end when the master refuses", got.code, calls.Load())
	}
	golden(t, "events", got.out)

	handler, _ = streaming(t, []wire.LiveEvent{batch("1.x.2", 2, "waiting", "assigned", "none")})
	m := newMaster(t, map[string]any{"GET /events": handler})
	got = at(m).run(t, "events", "--task", "a", "--state", "assigned", "--since", "17", "-o", "json")
	var one wire.LiveEvent
	if json.Unmarshal([]byte(got.out), &one) != nil || one.ID != "1.x.2" || one.Batch.Seq != 2 {
		t.Errorf("got %+v, want a line of JSON", got)
	}
	if !m.asked("GET /events?since=17&state=assigned&task=a&topics=batch") {
		t.Errorf("got %q, want the filters passed on", m.calls)
	}
	if got := at(newMaster(t, map[string]any{"GET /events": problem(fault.Invalid, 422, "no")})).run(t, "events"); got.code != exitInvalid {
		t.Errorf("got %+v, want %d", got, exitInvalid)
	}
}

func aGrid() wire.Grid {
	return wire.Grid{
		Period: "day", Cols: []string{"20150518", "20150519", "20150520"}, Legend: map[string]string{"S": "success"},
		Rows: []wire.GridRow{{Task: "ads", Project: "p", Cells: "SSF", Late: [][2]int{{2, 1}}}, {Task: "dwd_order_d", Project: "p", Cells: "WR.", Runs: [][2]int{{0, 2}, {1, 3}}}},
	}
}

func TestBatchGrid(t *testing.T) {
	wide := aGrid()
	wide.Cols = nil
	for n := range 24 {
		wide.Cols = append(wide.Cols, fmt.Sprintf("201505%02d", n+1))
	}
	wide.Rows = []wire.GridRow{{Task: "ads", Cells: strings.Repeat("SSFLKXRAW..S", 2)}}
	for name, c := range map[string]struct {
		grid     wire.Grid
		terminal bool
		args     string
	}{
		"batch-grid": {aGrid(), false, ""}, "batch-grid-terminal": {wide, true, "--project p --from 2015-05-18 --to 2015-05-20"}, "batch-grid-name": {aGrid(), false, "-o name"},
	} {
		m := newMaster(t, map[string]any{"GET /grid": c.grid})
		s := at(m)
		s.terminal = c.terminal
		got := s.run(t, append([]string{"batch", "grid", "--period", "day"}, strings.Fields(c.args)...)...)
		if got.code != exitDone {
			t.Errorf("%s: got %+v, want it shown", name, got)
		}
		golden(t, name, got.out+got.err)
	}
	pages := aGrid()
	pages.Next = "c1"
	m := newMaster(t, map[string]any{"GET /grid": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := pages
		if r.URL.Query().Get("cursor") == "c1" {
			page = aGrid()
		}
		_ = json.NewEncoder(w).Encode(page)
	})})
	if got := at(m).run(t, "batch", "grid", "--period", "day", "-o", "name"); strings.Count(got.out, "ads\n") != 2 {
		t.Errorf("got %+v, want both pages", got)
	}
	if got := at(m).run(t, "batch", "grid"); got.code != exitUsage || !strings.Contains(got.err, "--period is wanted") {
		t.Errorf("got %+v, want to be asked for the period", got)
	}
	if got := at(newMaster(t, map[string]any{"GET /grid": wire.Grid{Period: "day"}})).run(t, "batch", "grid", "--period", "day"); got.code != exitDone || !strings.Contains(got.err, "no day tasks") {
		t.Errorf("got %+v, want to be told that there is nothing", got)
	}
}

func TestSearch(t *testing.T) {
	reply := wire.SearchReply{Query: "order", Groups: []wire.FoundGroup{
		{Kind: "task", More: true, Items: []wire.Found{{Kind: "task", Name: "dwd_order_d", Text: "订单明细", Project: "shop", Match: "part"}}},
		{Kind: "batch", Items: []wire.Found{{Kind: "batch", Name: "dwd_order_d/20150518.0", Text: "failed", Project: "shop", Match: "exact"}}},
	}}
	m := newMaster(t, map[string]any{"GET /search": reply})
	got := at(m).run(t, "search", "order", "20150518", "--limit", "5")
	golden(t, "search", got.out+got.err)
	if got.code != exitDone || !m.asked("GET /search?limit=5&q=order+20150518") {
		t.Errorf("got %+v and %q, want it asked for", got, m.calls)
	}
	if got := at(m).run(t, "search", "order", "-o", "name"); got.out != "dwd_order_d\ndwd_order_d/20150518.0\n" {
		t.Errorf("got %+v, want names", got)
	}
	if got := at(newMaster(t, map[string]any{"GET /search": wire.SearchReply{Query: "x", Groups: []wire.FoundGroup{}}})).run(t, "search", "x"); got.code != exitNotFound {
		t.Errorf("got %+v, want %d", got, exitNotFound)
	}
}
