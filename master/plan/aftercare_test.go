package plan

import (
	"slices"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestKillsAreToldAgainAndHoldsEndWithTheirBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		a := r.Define("a")
		runs, ends, waits := r.Batch(a, "20150518"), r.Batch(a, "20150519"), r.Batch(a, "20150520")
		r.must(r.Assign(storetest.Host, runs, ends))
		r.says(runs, wire.FactStarted, nil)
		r.must(r.Start(ends))
		for _, id := range []int64{runs, ends, waits} {
			r.Hold(store.HoldBatch, id)
		}
		r.must(r.Finish(0, ends))
		r.create()
		if n := r.inForce(); n != 2 || len(r.killed) != 0 {
			t.Errorf("got %d holds in force and %v told, want that of the ended batch over and no kill", n, r.killed)
		}
		r.command("a/20150518", kill())
		r.create()
		r.create()
		if !slices.Equal(r.killed, []string{storetest.Host, storetest.Host, storetest.Host}) {
			t.Errorf("got %v told, want the worker told by the command and by every pass after it", r.killed)
		}
		exit := 143
		r.says(runs, wire.FactFinished, &exit)
		r.create()
		if n := r.inForce(); n != 1 || len(r.killed) != 3 {
			t.Errorf("got %d holds in force and %v told, want the kill forgotten once it is done", n, r.killed)
		}
	})
}
