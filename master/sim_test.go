package master_test

import (
	"flag"
	"fmt"
	"testing"
	"testing/cryptotest"
	"time"
)

var (
	simSeeds     = flag.Int("sim.seeds", 20, "how many simulated clusters TestSimulation runs")
	simSeed      = flag.Int("sim.seed", 0, "the one simulated cluster to run again, with what it logs")
	simChronicle = flag.String("sim.chronicle", "", "a file for everything that the simulated cluster leaves behind")
	simExact     = flag.Bool("sim.exact", false, "run each seed in a process of its own that does the same every time")
	simDays      = flag.Int("sim.days", 0, "virtual days of each simulated cluster, before the quiet at its end; 0: one, and three for every fifth seed")
)

// TestSimulation runs whole clusters through days of faults, each made of its
// seed: tasks, inputs, terms, lost calls, dead workers. What must always hold
// is checked all along, and against an independent journal at the end.
func TestSimulation(t *testing.T) {
	first, last := 1, *simSeeds
	if *simSeed != 0 {
		first, last = *simSeed, *simSeed
	}
	if *simExact {
		exactly(t, first, last, daysOf)
		return
	}
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) { simulateSeed(t, seed, daysOf(seed)) })
	}
}

func daysOf(seed int) int {
	switch {
	case *simDays > 0:
		return *simDays
	case seed%5 == 0:
		return 3
	}
	return 1
}

func simulateSeed(t *testing.T, seed, days int) {
	if *simSeed == 0 {
		t.Parallel()
	} else {
		cryptotest.SetGlobalRandom(t, uint64(seed)) //nolint:gosec // never negative
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("again: go test -race ./master -run TestSimulation -sim.seed=%d -sim.days=%d", seed, days)
		}
	})
	w := newWarehouse(seed)
	s := setup{zone: w.zone, begin: w.begin, stretch: 120, loud: *simSeed != 0}
	simulate(t, s, func(t *testing.T, c *cluster) {
		if *simChronicle != "" {
			defer func() { write(t, *simChronicle, c.chronicle()) }()
		}
		newStory(c, w, time.Duration(days)*24*time.Hour+w.long).run()
	})
}
