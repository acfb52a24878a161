package intake

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestOverOnes(t *testing.T) {
	t.Parallel()
	on := func(state batch.State, attempt int, host, incarnation string, finish batch.Finish) *store.Batch {
		return &store.Batch{Task: "a", Work: store.Work{
			ID: 7, WorkNo: "20150518", State: state, Attempt: attempt, Host: host, Incarnation: incarnation, Finish: finish,
		}}
	}
	tests := map[string]struct {
		row  *store.Batch
		kill string // part of the reason; empty: no kill
	}{
		"RunsHere":               {on(batch.Running, 2, "w1", "i1", batch.None), ""},
		"AssignedHere":           {on(batch.Assigned, 2, "w1", "i1", batch.None), ""},
		"UnknownToTheDatabase":   {nil, ""},
		"NextAttemptElsewhere":   {on(batch.Running, 3, "w2", "i9", batch.None), "a/20150518.0#3 is running on w2"},
		"NextAttemptHere":        {on(batch.Assigned, 3, "w1", "i1", batch.None), "a/20150518.0#3 is assigned on w1"},
		"SameAttemptOnAnother":   {on(batch.Running, 2, "w2", "i1", batch.None), "running on w2"},
		"SameAttemptOfOtherRoot": {on(batch.Running, 2, "w1", "i2", batch.None), "running on w1"},
		"WaitsForTheNext":        {on(batch.Waiting, 2, "", "", batch.None), "waits for its next attempt"},
		"HasEnded":               {on(batch.Done, 2, "w1", "i1", batch.Success), "has ended (success)"},
	}
	claim := wire.Claim{Host: "w1", Incarnation: "i1", Holding: []wire.Held{{WorkID: 7, Attempt: 2}}}
	for name, test := range tests {
		kills := overOnes(claim, map[int64]*store.Batch{7: test.row})
		if test.kill == "" {
			if len(kills) != 0 {
				t.Errorf("%s: got %+v, want it left alone", name, kills)
			}
			continue
		}
		if len(kills) != 1 || kills[0].WorkID != 7 || kills[0].Attempt != 2 || !kills[0].Over || !strings.Contains(kills[0].Reason, test.kill) {
			t.Errorf("%s: got %+v, want attempt 2 killed: %s", name, kills, test.kill)
		}
	}
	claim.Killing = claim.Holding
	if kills := overOnes(claim, map[int64]*store.Batch{7: tests["HasEnded"].row}); len(kills) != 0 {
		t.Errorf("got %+v, want no second order", kills)
	}
}

func TestWhatIsInHandIsComparedAtTheStartAfterSilenceAndNowAndThen(t *testing.T) {
	t.Parallel()
	p := newPresence(30 * time.Second)
	began := time.UnixMilli(1_700_000_000_000)
	held := []wire.Held{{WorkID: 7, Attempt: 2}}
	due := func(host string, at int, first bool, holding ...wire.Held) bool {
		return p.auditDue(&wire.Claim{Host: host, First: first, Holding: holding}, began.Add(time.Duration(at)*time.Second))
	}
	for i, step := range []struct {
		host  string
		at    int
		first bool
		held  []wire.Held
		want  bool
	}{
		{"w0", 0, false, nil, true}, // with nothing in hand something may be missing
		{"w1", 0, true, held, true},
		{"w1", 1, false, held, false},
		{"w2", 1, false, held, true}, // another worker, or the first claim to this leader
		{"w1", 2, true, held, true},
		{"w1", 31, false, held, false},
		{"w1", 32, false, held, true},
	} {
		if got := due(step.host, step.at, step.first, step.held...); got != step.want {
			t.Errorf("step %d: got %v, want %v", i, got, step.want)
		}
	}
	p.returned("w1")
	if !due("w1", 33, false, held...) {
		t.Error("got no look at a worker that is back, want one")
	}
}

// TestClaimEndsWhatIsOver: a worker comes back whose attempt the masters have
// given up.
func TestClaimEndsWhatIsOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a")
		mine, gone := r.Batch(id, "20150518"), r.Batch(id, "20150519")
		r.must(r.Assign(storetest.Host, mine, gone))
		r.must(r.Start(mine, gone))
		c := claim(9)
		c.Holding = []wire.Held{{WorkID: mine, Attempt: 1}, {WorkID: gone, Attempt: 1}, {WorkID: 999_999, Attempt: 1}}
		kills := func() []wire.Kill {
			t.Helper()
			reply, err := r.Claim(t.Context(), c)
			r.must(err)
			return reply.Kills
		}
		if got := kills(); len(got) != 0 {
			t.Errorf("got %+v while both are with this worker, want none", got)
		}
		r.say(exit(gone, 1, 0)) // by the keeper, while the worker itself was frozen
		if got := kills(); len(got) != 0 {
			t.Errorf("got %+v within half a minute, want none yet", got)
		}
		r.Change("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - 3600000 WHERE host = ?", storetest.Host)
		_, err := r.Intake.Beat(t.Context(), wire.Heartbeat{Host: storetest.Host, Incarnation: storetest.Incarnation, CheckInterval: 30_000, Slots: 9})
		r.must(err)
		if got := kills(); len(got) != 1 || got[0].WorkID != gone || got[0].Attempt != 1 || !got[0].Over {
			t.Errorf("got %+v after the worker was heard of again, want the one that is over killed", got)
		}
		first := c
		first.First = true
		c = first
		if got := kills(); len(got) != 1 {
			t.Errorf("got %+v at a first claim, want the one that is over killed", got)
		}
		c.First, c.Holding = false, nil
		if got := kills(); len(got) != 0 {
			t.Errorf("got %+v of nothing in hand, want none", got)
		}
	})
}

func TestMissingOnes(t *testing.T) {
	t.Parallel()
	const now = 1_700_000_000_000
	on := func(change func(*store.Work)) store.Work {
		w := store.Work{ID: 7, State: batch.Running, Attempt: 2, Host: "w1", Incarnation: "i1", StartTime: now - 30_000}
		change(&w)
		return w
	}
	tests := map[string]struct {
		running store.Work
		held    []wire.Held
		want    bool
	}{
		"NotNamed":            {on(func(*store.Work) {}), nil, true},
		"AnotherAttemptNamed": {on(func(*store.Work) {}), []wire.Held{{WorkID: 7, Attempt: 1}}, true},
		"Named":               {on(func(*store.Work) {}), []wire.Held{{WorkID: 7, Attempt: 2}}, false},
		"BeganAMomentAgo":     {on(func(w *store.Work) { w.StartTime++ }), nil, false},
		"OfAnotherRoot":       {on(func(w *store.Work) { w.Incarnation = "i0" }), nil, false},
		"ToBeKilledAnyway":    {on(func(w *store.Work) { w.KillAt = now }), nil, false},
	}
	for name, test := range tests {
		got := missingOnes(wire.Claim{Host: "w1", Incarnation: "i1", Holding: test.held}, []store.Work{test.running}, now)
		if (len(got) == 1 && got[0] == wire.Held{WorkID: 7, Attempt: 2}) != test.want || len(got) > 1 {
			t.Errorf("%s: got %v, want it asked about: %v", name, got, test.want)
		}
	}
}

// TestClaimAsksAboutWhatIsNotInHand: the start was agreed to when its worker had
// died and the next one had begun.
func TestClaimAsksAboutWhatIsNotInHand(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("a"), "20150518")
		r.must(r.Assign(storetest.Host, id))
		r.must(r.Start(id))
		reply, err := r.Claim(t.Context(), claim(9))
		r.must(err)
		if len(reply.Running) != 0 {
			t.Errorf("got %v asked about right after the start, want nothing", reply.Running)
		}
		r.Change("UPDATE capri_task_work SET startTime = startTime - 60000 WHERE id = ?", id)
		r.presence.returned(storetest.Host)
		c := claim(9)
		c.WaitMillis = 30_000 // it is answered at once
		reply, err = r.Claim(t.Context(), c)
		r.must(err)
		if len(reply.Running) != 1 || reply.Running[0] != (wire.Held{WorkID: id, Attempt: 1}) {
			t.Errorf("got %v asked about, want the attempt that no claim names", reply.Running)
		}
	})
}

// TestTwinsInOneGroup: two roots of one host name are heard of at the same moment.
func TestTwinsInOneGroup(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		twin := func(incarnation string) wire.Heartbeat {
			return wire.Heartbeat{Host: "twin", Incarnation: incarnation, CheckInterval: 30_000, Slots: 9}
		}
		errs, err := r.beat(t.Context(), "m1", []arrival{{Heartbeat: twin("i1")}, {Heartbeat: twin("i2")}, {Heartbeat: twin("i1")}})
		r.must(err)
		if errs[0] != nil || errs[1] == nil || errs[2] != nil || !strings.Contains(errs[1].Error(), "alive with another root") {
			t.Errorf("got %v, want the second refused", errs)
		}
	})
}

// TestTwinsThroughTwoMasters: each takes a heartbeat of its own of the two, at
// the same moment, and neither has heard of the other. One is refused in its
// first answer.
func TestTwinsThroughTwoMasters(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		m1, m2 := newRig(t, w), newRig(t, w)
		for round := range 20 {
			if round%2 == 1 { // there was one of that name once
				m1.Change("UPDATE capri_schedul_cluster SET lastCheckTime = 1, incarnation = 'long gone' WHERE host = 'twin'")
			} else {
				m1.Change("DELETE FROM capri_schedul_cluster WHERE host = 'twin'")
			}
			errs := [2]error{}
			var both sync.WaitGroup
			begin := make(chan struct{})
			for i, r := range []*rig{m1, m2} {
				both.Go(func() {
					<-begin
					_, errs[i] = r.beatOf(heartbeat("twin", fmt.Sprintf("i%d", i)))
				})
			}
			close(begin)
			both.Wait()
			if refused := fault.CodeOf(errs[0]) == fault.Conflict; refused == (fault.CodeOf(errs[1]) == fault.Conflict) || (errs[0] == nil) == refused {
				t.Fatalf("round %d: got %v and %v, want exactly one refused", round, errs[0], errs[1])
			}
			winner := 0
			if errs[0] != nil {
				winner = 1
			}
			if got := m1.Text("SELECT incarnation FROM capri_schedul_cluster WHERE host = 'twin'"); got != fmt.Sprintf("i%d", winner) {
				t.Fatalf("round %d: got %s in the row, want the one that was taken, i%d", round, got, winner)
			}
		}
	})
}

// TestClocksOfWorkers: the row says how far a worker's clock is behind.
func TestClocksOfWorkers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		hb := heartbeat("w7", "i7")
		hb.SentAt = w.DB.Now().Add(-time.Hour).UnixMilli()
		if _, err := r.beatOf(hb); err != nil {
			t.Fatal(err)
		}
		if n := r.Figure("SELECT clockOffset FROM capri_schedul_cluster WHERE host = 'w7'"); n < 3_600_000 || n > 3_700_000 {
			t.Errorf("got %d ms, want an hour", n)
		}
		hb.SentAt = 0 // an older worker
		if _, err := r.beatOf(hb); err != nil {
			t.Fatal(err)
		}
		if n := r.Figure("SELECT clockOffset FROM capri_schedul_cluster WHERE host = 'w7'"); n != 0 {
			t.Errorf("got %d ms of a worker that does not say, want 0", n)
		}
	})
}
