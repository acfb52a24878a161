package place

import (
	"fmt"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"capricornus/common/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// able is a worker that takes anything modest.
func able(host string) *Worker {
	return &Worker{Host: host, Incarnation: "i1", Group: "default", Alive: true, Slots: 4, Memory: 100, Labels: map[string]string{"disk": "ssd", "zone": "a"}}
}

func modest() Need {
	return Need{Group: "default", Memory: 10, Labels: map[string]string{"disk": "ssd"}}
}

func TestFit(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*Worker, *Need)
		want   bool
		funnel string // how far the worker came, when it does not fit
	}{
		{"ModestNeedFits", func(*Worker, *Need) {}, true, ""},
		{"SilentWorkerDoesNotFit", func(w *Worker, _ *Need) { w.Alive = false }, false, "0 alive"},
		{"StoppedWorkerDoesNotFit", func(w *Worker, _ *Need) { w.Stopped = true }, false, "0 switched on"},
		{"OtherGroupDoesNotFit", func(w *Worker, _ *Need) { w.Group = "gpu" }, false, "0 of the group"},
		{"MissingLabelDoesNotFit", func(w *Worker, _ *Need) { w.Labels = nil }, false, "0 with the labels"},
		{"OtherLabelDoesNotFit", func(_ *Worker, n *Need) { n.Labels["zone"] = "b" }, false, "0 with the labels"},
		{"NoLabelsWantedFitsAnywhere", func(w *Worker, n *Need) { w.Labels, n.Labels = nil, nil }, true, ""},
		{"ReservedMemoryIsGone", func(w *Worker, _ *Need) { w.Reserved = 91 }, false, "0 with the memory"},
		{"TheLastByteFits", func(w *Worker, _ *Need) { w.Reserved = 90 }, true, ""},
		{"LoadAtTheLimitDoesNotFit", func(w *Worker, _ *Need) { w.Load, w.LoadLimit = 2, 2 }, false, "0 below the load limit"},
		{"LoadBelowTheLimitFits", func(w *Worker, _ *Need) { w.Load, w.LoadLimit = 1.9, 2 }, true, ""},
		{"NoLoadLimitFitsAnyLoad", func(w *Worker, _ *Need) { w.Load = 99 }, true, ""},
		{"FullWorkerDoesNotFit", func(w *Worker, _ *Need) { w.Used = 4 }, false, "0 with a free slot"},
		{"LastSlotFits", func(w *Worker, _ *Need) { w.Used = 3 }, true, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, n := able("w1"), modest()
			c.change(w, &n)
			got, funnel := Fit(n, []*Worker{w}, nil)
			if (got == w) != c.want {
				t.Fatalf("got %v, want it to fit: %v", got, c.want)
			}
			if !strings.Contains(funnel.String(), c.funnel) {
				t.Errorf("got %s, want %q in it", funnel, c.funnel)
			}
			if funnel.Full != (c.name == "FullWorkerDoesNotFit") {
				t.Errorf("got full %v, want it only when a slot alone is missing", funnel.Full)
			}
		})
	}
}

func TestFitLeavesExcludedHostsOut(t *testing.T) {
	t.Parallel()
	workers := []*Worker{able("w1"), able("w2")}
	got, _ := Fit(modest(), workers, map[string]bool{"w1": true})
	if got != workers[1] {
		t.Errorf("got %+v, want w2", got)
	}
	got, f := Fit(modest(), workers, map[string]bool{"w1": true, "w2": true})
	if got != nil || !f.OnlyExcluded || f.Full {
		t.Errorf("got %+v with %+v, want nobody because they are excluded", got, f)
	}
}

func TestFitWithoutWorkers(t *testing.T) {
	t.Parallel()
	if got, f := Fit(modest(), nil, nil); got != nil || f.String() != "no worker has ever reported" {
		t.Errorf("got %v, %s, want nobody and that no worker has ever reported", got, f)
	}
}

// picked is how often each worker is chosen for n batches, one after the other.
func picked(policy string, n int, workers []*Worker) map[string]int {
	s := &Snapshot{Active: map[int64]int{}}
	need := modest()
	need.Policy = policy
	out := map[string]int{}
	for range n {
		w, _ := Fit(need, workers, nil)
		if w == nil {
			break
		}
		out[w.Host]++
		s.take(w, &store.Work{Memory: need.Memory})
	}
	return out
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	t.Run("HealthFirstFillsTheIdlest", func(t *testing.T) {
		t.Parallel()
		busy, idle := able("w1"), able("w2")
		busy.Used = 2
		if got := picked(HealthFirst, 2, []*Worker{busy, idle}); got["w2"] != 2 {
			t.Errorf("got %v, want both on w2", got)
		}
	})
	t.Run("HealthFirstCountsLoadAndMemory", func(t *testing.T) {
		t.Parallel()
		loaded, large, idle := able("w1"), able("w2"), able("w3")
		loaded.Load, large.Reserved = 3, 80
		if got := picked(HealthFirst, 1, []*Worker{loaded, large, idle}); got["w3"] != 1 {
			t.Errorf("got %v, want w3", got)
		}
	})
	t.Run("HealthFirstIsTheDefault", func(t *testing.T) {
		t.Parallel()
		busy, idle := able("w1"), able("w2")
		busy.Used = 1
		if got := picked("", 1, []*Worker{busy, idle}); got["w2"] != 1 {
			t.Errorf("got %v, want w2", got)
		}
	})
	t.Run("RoundRobinTakesTurnsWhateverTheirSize", func(t *testing.T) {
		t.Parallel()
		big := able("w1")
		big.Slots, big.Memory = 100, 1000
		if got := picked(RoundRobin, 6, []*Worker{big, able("w2"), able("w3")}); got["w1"] != 2 || got["w2"] != 2 || got["w3"] != 2 {
			t.Errorf("got %v, want two each", got)
		}
	})
	t.Run("RandomReachesEveryWorkerThatFits", func(t *testing.T) {
		t.Parallel()
		var workers []*Worker
		for i := range 4 {
			workers = append(workers, able(fmt.Sprintf("w%d", i)))
		}
		workers[3].Stopped = true
		seen := map[string]bool{}
		need := modest()
		need.Policy = Random
		for range 500 { // that one of three is missed by chance: less than once in 10^85 runs
			w, _ := Fit(need, workers, nil)
			seen[w.Host] = true
		}
		if len(seen) != 3 || seen["w3"] {
			t.Errorf("got %v, want every one but the stopped", seen)
		}
	})
	t.Run("EveryPolicyStopsWhenAllAreFull", func(t *testing.T) {
		t.Parallel()
		for _, policy := range []string{HealthFirst, RoundRobin, Random} {
			if got := picked(policy, 99, []*Worker{able("w1"), able("w2")}); got["w1"]+got["w2"] != 8 {
				t.Errorf("%s: got %v, want eight in all", policy, got)
			}
		}
	})
}

func TestWorkerOf(t *testing.T) {
	t.Parallel()
	const now = 1_000_000
	cases := []struct {
		name           string
		host           store.Host
		alive, stopped bool
	}{
		{"BeatAMomentAgoIsAlive", store.Host{LastCheckTime: now - 29_999, CheckInterval: 30_000}, true, false},
		{"CheckIntervalAgoIsSilent", store.Host{LastCheckTime: now - 30_000, CheckInterval: 30_000}, false, false},
		{"SwitchedOffIsStopped", store.Host{IsStop: true, LastCheckTime: now, CheckInterval: 1}, true, true},
		{"SwitchedOffUntilLaterIsStopped", store.Host{IsStop: true, StopUntil: now + 1, LastCheckTime: now, CheckInterval: 1}, true, true},
		{"SwitchedOffUntilNowIsOn", store.Host{IsStop: true, StopUntil: now, LastCheckTime: now, CheckInterval: 1}, true, false},
		{"GroupOffIsStopped", store.Host{GroupOff: true, LastCheckTime: now, CheckInterval: 1}, true, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := workerOf(&c.host, now)
			if err != nil || got.Alive != c.alive || got.Stopped != c.stopped {
				t.Errorf("got %+v, %v, want alive %v, stopped %v", got, err, c.alive, c.stopped)
			}
		})
	}
	if got, err := workerOf(&store.Host{Labels: `{"disk":"ssd"}`}, now); err != nil || got.Labels["disk"] != "ssd" {
		t.Errorf("got %+v, %v, want its labels", got, err)
	}
}
