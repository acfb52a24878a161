package intake

import (
	"slices"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// A switch that comes between assignment and start holds: nothing begins on a
// worker that is off, and what runs there is not touched.
func TestNothingBeginsOnAWorkerThatIsOff(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("switched")
		running, idle, ended := r.Batch(task, "20150517"), r.Batch(task, "20150518"), r.Batch(task, "20150519")
		r.must(r.Assign(storetest.Host, running, idle, ended))
		r.must(r.Start(running))
		r.Change("UPDATE capri_schedul_cluster SET isStop = 1 WHERE host = ?", storetest.Host)
		got := r.say(of(wire.FactStarted, running, 1), of(wire.FactStarted, idle, 1))
		if !slices.Equal(got, []wire.FactVerdict{wire.VerdictOK, wire.VerdictNo}) {
			t.Errorf("got %v, want what runs granted again and what has not begun refused", got)
		}
		r.want(running, batch.Running, batch.None)
		r.want(idle, batch.Waiting, batch.None)
		if why := r.reason(idle); !strings.Contains(why, "w1 was switched off between assignment and start") {
			t.Errorf("got %q, want the switch in the journal", why)
		}
		r.Change("UPDATE capri_schedul_cluster SET stopUntil = 5 WHERE host = ?", storetest.Host)
		if got := r.say(of(wire.FactStarted, ended, 1)); !slices.Equal(got, []wire.FactVerdict{wire.VerdictOK}) {
			t.Errorf("got %v, want it granted: the end has passed", got)
		}
		r.want(ended, batch.Running, batch.None)
	})
}
