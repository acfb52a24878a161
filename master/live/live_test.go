package live

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func hubOf(w *storetest.World) *Hub {
	return New(Config{
		DB: w.DB, Leader: func() (string, string, bool) { return "m1", "", true }, Log: slog.New(slog.DiscardHandler), Every: 5 * time.Millisecond,
	})
}

func subscribe(t *testing.T, h *Hub, f Filter, since string) *Client {
	t.Helper()
	c, err := h.Subscribe(t.Context(), f, since)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// until collects batch events until one is of this batch in this state.
func until(t *testing.T, c *Client, ref, to string) (all []wire.LiveBatch) {
	t.Helper()
	for {
		events, resync, _, err := c.Next(t.Context(), time.Minute)
		if err != nil || resync {
			t.Fatalf("got resync %t, %v, want %s", resync, err, ref)
		}
		for _, e := range events {
			if e.Batch == nil {
				continue
			}
			all = append(all, *e.Batch)
			if e.Batch.Ref == ref && e.Batch.To == to {
				return all
			}
		}
	}
}

// TestRowsThatShowLateAreTold writes a row of the journal whose transaction began
// before others that were told already, as a slow commit does.
func TestRowsThatShowLateAreTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		h := hubOf(w)
		c := subscribe(t, h, Filter{Topics: []string{wire.TopicBatch}}, "")
		task := w.Task(func(s *store.TaskSave) { s.Name = "late" })
		w.Batch(task, "20150518")
		until(t, c, "late/20150518.0", "waiting")
		id := w.Batch(task, "20150519")
		until(t, c, "late/20150519.0", "waiting")
		w.Batch(task, "20150520")
		all := until(t, c, "late/20150520.0", "waiting")
		slow := w.DB.Now().Add(-10 * time.Second).UnixMilli()
		w.Change("INSERT INTO capri_batch_event (workId, seq, move, fromState, toState, finishState, attempt, actor, actorId, epoch, at, detail) VALUES (?, 2, 'hold', 0, 0, 0, 0, 'person', 'admin', 0, ?, '')", id, slow)
		h.Wake()
		got := until(t, c, "late/20150519.0", "waiting")
		if last := got[len(got)-1]; last.Seq != 2 || last.At != slow {
			t.Errorf("got %+v after %+v, want the row that came late", got, all)
		}
		for i, b := range got[:len(got)-1] {
			t.Errorf("got %+v again, number %d", b, i)
		}
		w.Change("DELETE FROM capri_batch_event WHERE workId = ? AND seq = 2", id)
	})
}

func TestTheDatabaseIsLeftAloneWithoutClients(t *testing.T) {
	t.Parallel()
	w := storetest.NewWorld(t, storetest.Open(t, storetest.SQLite))
	h := hubOf(w)
	task := w.Task(func(s *store.TaskSave) { s.Name = "a" })
	first := subscribe(t, h, Filter{}, "")
	w.Batch(task, "20150518")
	until(t, first, "a/20150518.0", "waiting")
	id := first.id()
	first.Close()
	first.Close() // twice does no harm
	h.mu.Lock()
	clients, stopped := len(h.clients), h.stop
	h.mu.Unlock()
	if clients != 0 || stopped == nil {
		t.Fatalf("got %d clients, want none", clients)
	}
	w.Batch(task, "20150519")
	back := subscribe(t, h, Filter{Topics: []string{wire.TopicBatch}}, id) // the ring of before is lost, and nothing else
	until(t, back, "a/20150519.0", "waiting")
}

func TestClientsAreBounded(t *testing.T) {
	t.Parallel()
	w := storetest.NewWorld(t, storetest.Open(t, storetest.SQLite))
	h := hubOf(w)
	for range MaxClients {
		subscribe(t, h, Filter{}, "")
	}
	if _, err := h.Subscribe(t.Context(), Filter{}, ""); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("got %v, want one too many refused", err)
	}
}

func TestAClientThatTheRingOvertakesIsToldSo(t *testing.T) {
	t.Parallel()
	h := New(Config{})
	h.ring = newRing(10)
	c := &Client{hub: h, at: 0}
	for n := range 11 {
		h.ring.add(item{event: wire.LiveEvent{Topic: wire.TopicHost, Host: &wire.LiveHost{Host: fmt.Sprint(n)}}, key: fmt.Sprint(n)})
	}
	if _, resync, id, err := c.Next(t.Context(), time.Minute); !resync || err != nil || !strings.HasSuffix(id, ".11") {
		t.Errorf("got %t, %s, %v, want to begin anew at the end", resync, id, err)
	}
	h.ring.add(item{event: wire.LiveEvent{Topic: wire.TopicHost, Host: &wire.LiveHost{Host: "x"}}, key: "x"})
	if events, resync, _, err := c.Next(t.Context(), time.Minute); len(events) != 1 || resync || err != nil {
		t.Errorf("got %+v, %t, %v, want what is new", events, resync, err)
	}
	if events, _, _, err := c.Next(t.Context(), time.Millisecond); len(events) != 0 || err != nil {
		t.Errorf("got %+v, %v, want nothing in time", events, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, _, err := c.Next(gone, time.Minute); err == nil {
		t.Error("got nothing, want to be told that the client is gone")
	}
}

func TestTheLastOfABatchCounts(t *testing.T) {
	t.Parallel()
	moved := func(ref string, seq int, from, to string) item {
		return item{event: wire.LiveEvent{Topic: wire.TopicBatch, Batch: &wire.LiveBatch{Ref: ref, Seq: seq, From: from, To: to}}, key: ref}
	}
	got := coalesce([]item{
		moved("a", 2, "waiting", "assigned"), moved("b", 1, "", "waiting"), moved("a", 4, "running", "done"), moved("a", 3, "assigned", "running"), moved("b", 2, "waiting", "assigned"),
	})
	text := ""
	for _, i := range got {
		text += fmt.Sprintf("%s %d %s>%s; ", i.event.Batch.Ref, i.event.Batch.Seq, i.event.Batch.From, i.event.Batch.To)
	}
	if text != "a 4 waiting>done; b 2 >assigned; " {
		t.Errorf("got %s, want the last of each, from the first", text)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	i := item{task: "a", event: wire.LiveEvent{Topic: wire.TopicBatch, Batch: &wire.LiveBatch{Project: "p", To: "done", Finish: "failed"}}}
	host := item{event: wire.LiveEvent{Topic: wire.TopicHost, Host: &wire.LiveHost{}}}
	for name, c := range map[string]struct {
		f           Filter
		batch, host bool
	}{
		"All": {Filter{}, true, true}, "Topic": {Filter{Topics: []string{"host"}}, false, true}, "Task": {Filter{Task: "a"}, true, true}, "OtherTask": {Filter{Task: "b"}, false, true},
		"Result": {Filter{State: "failed"}, true, true}, "State": {Filter{State: "done"}, true, true}, "OtherState": {Filter{State: "running"}, false, true}, "Project": {Filter{Project: "q"}, false, true},
	} {
		if got, gotHost := c.f.takes(&i), c.f.takes(&host); got != c.batch || gotHost != c.host {
			t.Errorf("%s: got %t and %t, want %t and %t", name, got, gotHost, c.batch, c.host)
		}
	}
}
