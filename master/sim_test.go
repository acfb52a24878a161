package master_test

import (
	"flag"
	"fmt"
	"testing"
	"time"
)

var (
	simSeeds = flag.Int("sim.seeds", 20, "how many simulated clusters TestSimulation runs")
	simSeed  = flag.Int("sim.seed", 0, "the one simulated cluster to run again, with what it logs")
	simDays  = flag.Int("sim.days", 0, "virtual days of each simulated cluster, before the quiet at its end; 0: one, and three for every fifth seed")
)

// TestSimulation runs whole clusters through days of faults, each made of its
// seed: tasks, inputs, terms, lost calls, dead workers. What must always hold
// is checked all along, and against an independent journal at the end.
func TestSimulation(t *testing.T) {
	first, last := 1, *simSeeds
	if *simSeed != 0 {
		first, last = *simSeed, *simSeed
	}
	for seed := first; seed <= last; seed++ {
		days := *simDays
		if days == 0 {
			days = 1
			if seed%5 == 0 {
				days = 3
			}
		}
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			t.Parallel()
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("again: go test -race ./master -run TestSimulation -sim.seed=%d -sim.days=%d", seed, days)
				}
			})
			w := newWarehouse(seed)
			s := setup{zone: w.zone, begin: w.begin, stretch: 120, loud: *simSeed != 0}
			simulate(t, s, func(_ *testing.T, c *cluster) { newStory(c, w, time.Duration(days)*24*time.Hour).run() })
		})
	}
}
