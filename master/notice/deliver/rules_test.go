package deliver

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"capricornus/common/store"
	"capricornus/common/wire"
)

func TestWhatFollowsATry(t *testing.T) {
	t.Parallel()
	passing := errors.New("busy")
	for _, c := range []struct {
		try  int
		err  error
		want time.Duration // 0: nothing
	}{
		{1, passing, 10 * time.Second}, {2, passing, 30 * time.Second}, {3, passing, time.Minute}, {4, passing, 0}, {5, passing, 0},
		{1, useless("no such number"), 0}, {0, passing, 10 * time.Second},
	} {
		if got, again := after(c.try, c.err); got != c.want || again != (c.want != 0) {
			t.Errorf("try %d, %v: got %s, %v, want %s", c.try, c.err, got, again, c.want)
		}
	}
}

func TestTheWorstGoesFirst(t *testing.T) {
	t.Parallel()
	due := []store.Message{
		{ID: 1, Channel: "mail", Level: "notice", DueAt: 1}, {ID: 2, Channel: "mail", Level: "task", DueAt: 2}, {ID: 3, Channel: "mail", Level: "critical", DueAt: 9},
		{ID: 4, Channel: "mail", Level: "important", DueAt: 5}, {ID: 5, Channel: "mail", Level: "important", DueAt: 4}, {ID: 6, Channel: "mail", Level: "important", DueAt: 4},
		{ID: 7, Channel: "webhook", Recipient: "hook:a"}, {ID: 8, Channel: "webhook", Recipient: "hook:a"}, {ID: 9, Channel: "webhook", Recipient: "hook:a"}, {ID: 10, Channel: "webhook", Recipient: "hook:b"},
	}
	var got []string
	for _, m := range choose(due, flight{6: {channel: "mail"}, 99: {channel: "webhook", webhook: "b"}}) {
		got = append(got, fmt.Sprint(m.ID))
	}
	if all := strings.Join(got, " "); all != "3 5 4 7 8 10" {
		t.Errorf("got %s, want 3 5 4 by mail, since one is on its way, and as many by webhooks as there is room for", all)
	}
}

func TestChosenMessagesHaveRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(id int64) store.Message {
			m := store.Message{ID: id, Channel: rapid.SampledFrom(channels()).Draw(t, "channel"), DueAt: rapid.Int64Range(0, 9).Draw(t, "due"), Alerts: rapid.IntRange(0, 30_000).Draw(t, "alerts")}
			m.Level = rapid.SampledFrom([]string{"critical", "important", "notice", "task", ""}).Draw(t, "level")
			m.Recipient = rapid.SampledFrom([]string{"hook:a", "hook:b"}).Draw(t, "recipient")
			return m
		}
		flying := flight{}
		for id := range rapid.Int64Range(0, 10).Draw(t, "flying") {
			m := draw(id)
			if flying.in(laneOf(&m)) < laneOf(&m).room() {
				flying[id] = laneOf(&m)
			}
		}
		var due []store.Message
		for id := range rapid.Int64Range(0, 40).Draw(t, "due messages") {
			due = append(due, draw(id)) // some are on their way
		}
		chosen := choose(due, flying)
		alerts := 0
		for i := range chosen {
			m := &chosen[i]
			if _, there := flying[m.ID]; there {
				t.Fatalf("got message %d begun twice", m.ID)
			}
			flying[m.ID] = laneOf(m)
			alerts += m.Alerts
			if n := flying.in(laneOf(m)); n > laneOf(m).room() {
				t.Fatalf("got %d messages at once to %v", n, laneOf(m))
			}
		}
		if len(chosen) > 1 && alerts > mostAlerts {
			t.Fatalf("got %d alerts in %d messages, want at most %d", alerts, len(chosen), mostAlerts)
		}
		if len(due) > 0 && len(chosen) == 0 && len(flying) == 0 {
			t.Fatal("got nothing chosen where there is room")
		}
	})
}

func TestReasonsAreSaidOnce(t *testing.T) {
	t.Parallel()
	why := wire.Why{
		Summary: "it waits", Roots: []wire.WhyRoot{{Sentence: "no data"}, {Sentence: "no data"}}, Facts: []string{"tried twice", ""},
		Gates: []wire.WhyGate{{State: "met", Sentence: "in time"}, {State: "unmet", Sentence: "it waits"}, {State: "unmet", Sentence: "held"}},
	}
	if got := strings.Join(reasons(&why), "; "); got != "it waits; no data; held; tried twice" {
		t.Errorf("got %s", got)
	}
}

func TestWhoWaits(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]int{store.RootPath: 5, store.RootThird: 5, store.RootAbsent: 5, store.RootBatch: 4, store.RootWorker: 0, store.RootEvent: 0} {
		if got := waiting(&store.Incident{IncidentRoot: store.IncidentRoot{Kind: kind}}, 5); got != want {
			t.Errorf("%s: got %d batches that wait of 5, want %d", kind, got, want)
		}
	}
}
