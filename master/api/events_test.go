package api

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/live"
)

// watcher follows live events through a real connection.
type watcher struct {
	t      *testing.T
	events chan wire.LiveEvent
	ended  chan error
	stop   context.CancelFunc
	seen   []wire.LiveEvent
}

// quick makes a rig's events come in a few milliseconds.
func (r *rig) quick() {
	r.api.hub = live.New(live.Config{DB: r.world.DB, Leader: r.api.Leader, Log: r.api.Log, Every: 20 * time.Millisecond})
	r.api.eventsEvery = 10 * time.Millisecond
}

func watchEvents(t *testing.T, server *httptest.Server, token string, q wire.LiveQuery) *watcher {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &watcher{t: t, events: make(chan wire.LiveEvent, 10_000), ended: make(chan error, 1), stop: stop}
	q.Again = 10 * time.Millisecond
	client := &wire.Client{Base: server.URL, Token: token, HTTP: server.Client()}
	go func() {
		for e, err := range client.Follow(ctx, q) {
			if err != nil {
				w.ended <- err
				return
			}
			w.events <- e
		}
	}()
	t.Cleanup(stop)
	return w
}

// until reads events until one is as wanted; it may have come before.
func (w *watcher) until(what string, wanted func(wire.LiveEvent) bool) wire.LiveEvent {
	w.t.Helper()
	for _, e := range w.seen {
		if wanted(e) {
			return e
		}
	}
	for {
		select {
		case e := <-w.events:
			w.seen = append(w.seen, e)
			if wanted(e) {
				return e
			}
		case err := <-w.ended:
			w.t.Fatalf("%s: the stream ended: %v", what, err)
		case <-w.t.Context().Done():
			w.t.Fatalf("%s: never came", what)
		}
	}
}

// batch reads events until one is of this batch in this state or result.
func (w *watcher) batch(ref, state string) wire.LiveBatch {
	w.t.Helper()
	e := w.until(ref+" "+state, func(e wire.LiveEvent) bool {
		return e.Batch != nil && e.Batch.Ref == ref && (e.Batch.To == state || e.Batch.Finish == state)
	})
	return *e.Batch
}

// leads reads up to the event that every stream begins with: then it is open.
func (w *watcher) leads() {
	w.t.Helper()
	w.until("who leads", func(e wire.LiveEvent) bool { return e.Cluster != nil && e.Cluster.Leader == "m1" })
}

func TestEventsTellWhatHappens(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.quick()
	r.apply(warehouse)
	server := r.serve(t)
	all := watchEvents(t, server, "viewer", wire.LiveQuery{})
	all.leads()
	one := watchEvents(t, server, "viewer", wire.LiveQuery{Topics: []string{wire.TopicBatch}, Task: "ods_order", State: "success"})
	r.coldStart("day", "20000101", "20000102", "ods_order", "dwd_order")
	if got := all.batch("dwd_order/20000102.0", "waiting"); got.From != "" || got.Seq != 1 || got.Project != "shop" {
		t.Errorf("got %+v, want its creation", got)
	}
	r.beat("")
	all.until("the worker", func(e wire.LiveEvent) bool { return e.Host != nil && e.Host.Alive })
	all.until("the operation", func(e wire.LiveEvent) bool { return e.Operation != nil && e.Operation.Kind == "coldstart" })
	r.run(r.batchID("ods_order/20000101"), &wire.Fact{Kind: wire.FactFinished, ExitCode: new(int)})
	if got := all.batch("ods_order/20000101.0", "success"); got.To != "done" || got.Host == "" || got.Attempt != 1 || got.At == 0 {
		t.Errorf("got %+v, want its end", got)
	}
	r.world.Decide("raise", func(ctx context.Context, t *store.LeaderTx) error {
		return t.Raise(ctx, store.Alert{ID: r.world.IDs(1)[0], Kind: store.AlertWorkerLost, Object: "w1", Occurrence: "1", Level: store.LevelImportant, Text: "w1 is lost"})
	})
	if got := all.until("the alert", func(e wire.LiveEvent) bool { return e.Alert != nil }); got.Alert.Object != "w1" || got.ID == "" {
		t.Errorf("got %+v, want the alert", got.Alert)
	}
	if got := one.batch("ods_order/20000101.0", "success"); got.Seq < 4 {
		t.Errorf("got %+v, want the one event that was asked for", got)
	}
}

func TestEventsGoOnBehindTheLastOne(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.quick()
	r.apply(warehouse)
	server := r.serve(t)
	w := watchEvents(t, server, "viewer", wire.LiveQuery{})
	w.leads()
	r.coldStart("day", "20000101", "20000101", "ods_order")
	w.batch("ods_order/20000101.0", "waiting")
	last := r.marked(w)
	r.coldStart("day", "20000102", "20000102", "ods_order")
	w.batch("ods_order/20000102.0", "waiting")
	for name, since := range map[string]string{
		"TheSameMaster":  last,
		"AnotherMaster":  strings.Replace(last, last[strings.Index(last, "."):], ".0000abcd.17", 1),
		"ByMilliseconds": last[:strings.Index(last, ".")],
	} {
		again := watchEvents(t, server, "viewer", wire.LiveQuery{Topics: []string{wire.TopicBatch}, Since: since})
		if got := again.batch("ods_order/20000102.0", "waiting"); got.Seq != 1 {
			t.Errorf("%s: got %+v, want what came meanwhile", name, got)
		}
		again.stop()
	}
	old := fmt.Sprint(r.world.DB.Now().Add(-time.Hour).UnixMilli())
	gap := watchEvents(t, server, "viewer", wire.LiveQuery{Since: old})
	gap.until("resync", func(e wire.LiveEvent) bool { return e.Topic == wire.EventResync })
}

// marked reads events until one has an id.
func (r *rig) marked(w *watcher) string {
	r.t.Helper()
	r.beat("")
	w.seen = nil
	return w.until("an id", func(e wire.LiveEvent) bool { return e.ID != "" }).ID
}

func TestEventsEndWithTheCredential(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.quick()
	server := r.serve(t)
	r.token("fleeting", "viewer", 0)
	w := watchEvents(t, server, "fleeting", wire.LiveQuery{})
	w.leads()
	r.world.Change("UPDATE capri_token SET revokedAt = 1 WHERE name = ?", "fleeting")
	r.api.tokens.forgetUser("admin") // or five seconds later
	select {
	case err := <-w.ended:
		if err == nil || !strings.Contains(err.Error(), "revoked") {
			t.Errorf("got %v, want to be told that the token is revoked", err)
		}
	case <-t.Context().Done():
		t.Error("the stream goes on")
	}
}

func TestEventsThatCannotBeFollowed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for query, want := range map[string]string{
		"?topics=weather": "INVALID", "?since=yesterday": "USAGE", "?since=1.x.y": "USAGE", "?nothing=1": "INVALID",
	} {
		if p := r.problem(http.MethodGet, "/api/v1/events"+query, "viewer", nil); p.Code != want {
			t.Errorf("%s: got %s %s, want %s", query, p.Code, p.Detail, want)
		}
	}
}
