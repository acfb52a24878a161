package master_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/cryptotest"
	"time"

	"capricornus/common/store/storetest"
)

var (
	simSeeds     = flag.Int("sim.seeds", simulatedClusters, "how many simulated clusters TestSimulation runs")
	simSeed      = flag.Int("sim.seed", 0, "the one simulated cluster to run again, with what it logs")
	simChronicle = flag.String("sim.chronicle", "", "a file for everything that the simulated cluster leaves behind")
	simExact     = flag.Bool("sim.exact", false, "run each seed in a process of its own that does the same every time")
	simDays      = flag.Int("sim.days", 0, "virtual days of each simulated cluster, before the quiet at its end; 0: one, and two for every fifth seed")
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

// TestSimulationOnMariaDB runs a few of the same stories over a real server.
// Its answers cost no virtual time; locks and snapshots are its own.
func TestSimulationOnMariaDB(t *testing.T) {
	if !slices.Contains(storetest.Engines(t), storetest.MySQL) {
		return
	}
	for _, seed := range []int{7, 13} {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			t.Parallel()
			simulateOn(t, storetest.MySQL, seed, 1)
		})
	}
}

func daysOf(seed int) int {
	switch {
	case *simDays > 0:
		return *simDays
	case seed%5 == 0:
		return 2
	}
	return 1
}

func simulateSeed(t *testing.T, seed, days int) {
	t.Helper()
	if *simSeed == 0 {
		t.Parallel()
	} else {
		cryptotest.SetGlobalRandom(t, uint64(seed))
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("again: go test -race ./master -run TestSimulation -sim.seed=%d -sim.days=%d", seed, days)
		}
	})
	simulateOn(t, storetest.SQLite, seed, days)
}

func simulateOn(t *testing.T, engine string, seed, days int) {
	t.Helper()
	w := newWarehouse(seed)
	s := setup{zone: w.zone, begin: w.begin, stretch: 120, engine: engine, loud: *simSeed != 0}
	simulate(t, s, func(t *testing.T, c *cluster) {
		if *simChronicle != "" {
			defer func() { write(t, *simChronicle, c.chronicle()) }()
		}
		newStory(c, w, time.Duration(days)*24*time.Hour+w.long).run()
	})
}
