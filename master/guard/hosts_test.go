package guard

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

func fenced(d *task.Task) { d.Spec.OnWorkerLost = fencePolicy }

func TestPeopleAreToldOnceOfEachLossAndReturn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		if n := r.hosts(); n != 0 {
			t.Errorf("got %d alerts about a worker that is alive, want none", n)
		}
		r.run(r.Batch(r.Define("waits"), "20150518"), r.Batch(r.Define("fences", fenced), "20150518"))
		r.silent(storetest.Host, 5*time.Minute)
		if n := r.hosts(); n != 1 || r.repairs != 1 {
			t.Errorf("got %d alerts and the repair woken %d times, want one of each", n, r.repairs)
		}
		last := r.Figure("SELECT lastCheckTime FROM capri_schedul_cluster WHERE host = 'w1'") / 1000
		at := func(seconds int) string { return time.Unix(int64(seconds), 0).UTC().Format(time.DateTime) }
		got := r.Text("SELECT CONCAT(level, ' ', text) FROM capri_alert WHERE kind = 'worker-lost'")
		for _, want := range []string{
			"critical worker w1 has not been heard of since " + at(last), "Batches that run on it: 2: ", "waits/20150518.0", "fences/20150518.0",
			"policy wait: 1.", "capri host dead w1", "policy fence: 1.", "started elsewhere from " + at(last+11*60),
		} {
			if !strings.Contains(got, want) {
				t.Errorf("got %q, want %q in it", got, want)
			}
		}
		r.guard = r.newGuard()
		r.Lead = r.nextTerm(2)
		if n := r.hosts(); n != 0 || r.repairs != 1 {
			t.Errorf("got %d alerts by the next leader, want none again", n)
		}
		r.Beat(storetest.Host, 1000)
		if n := r.hosts(); n != 1 || r.alerts(store.AlertWorkerBack) != 1 || r.repairs != 2 {
			t.Errorf("got %d alerts, want one that it is back, and a repair", n)
		}
		back := r.Text("SELECT CONCAT(level, ' ', text) FROM capri_alert WHERE kind = 'worker-back'")
		if !strings.HasPrefix(back, "notice worker w1 is back after 5m") || !strings.HasSuffix(back, "Batches that run on it: 2.") {
			t.Errorf("got %q, want how long it was away and what runs on it", back)
		}
		if n := r.hosts(); n != 0 {
			t.Errorf("got %d alerts, want none again", n)
		}
		r.silent(storetest.Host, 4*time.Minute)
		if n := r.hosts(); n != 1 || r.alerts(store.AlertWorkerLost) != 2 {
			t.Errorf("got %d alerts of the second loss, want one", n)
		}
	})
}

func TestALostWorkerWithManyBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("many", func(d *task.Task) { d.Spec.MaxRunning = 50 })
		for i := range 23 {
			r.run(r.Batch(id, fmt.Sprint(20150501+i)))
		}
		r.silent(storetest.Host, time.Hour)
		r.Beat("idle", 4)
		r.silent("idle", time.Hour)
		r.hosts()
		got := r.Text("SELECT text FROM capri_alert WHERE object = 'w1'")
		if !strings.Contains(got, "23: many/20150501.0, ") || !strings.Contains(got, "many/20150520.0 and 3 more.") || strings.Contains(got, "20150521") {
			t.Errorf("got %q, want twenty by name and the count", got)
		}
		got = r.Text("SELECT CONCAT(level, ' ', text) FROM capri_alert WHERE object = 'idle'")
		if !strings.HasPrefix(got, "important ") || !strings.HasSuffix(got, "No batch runs on it.") {
			t.Errorf("got %q, want it important with nothing on it", got)
		}
	})
}

func TestWorkersHaveOneIntervalInANewTerm(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.silent(storetest.Host, time.Hour) // all masters were away
		r.termSince = time.Now()
		if n := r.hosts(); n != 0 {
			t.Errorf("got %d alerts in a term that has just begun, want none", n)
		}
		r.termSince = time.Now().Add(-31 * time.Second)
		if n := r.hosts(); n != 1 {
			t.Errorf("got %d alerts after the interval, want one", n)
		}
	})
}

func TestADeclarationOfAnotherMasterIsFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.run(r.Batch(r.Define("waits"), "20150518"))
		r.silent(storetest.Host, time.Hour)
		r.hosts()
		r.dead(storetest.Host)
		for range 2 {
			r.hosts()
		}
		if r.repairs != 2 {
			t.Errorf("got the repair woken %d times, want once for the loss and once for the declaration", r.repairs)
		}
	})
}

func TestAnOldLeaderTellsNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.silent(storetest.Host, time.Hour)
		old := r.Lead
		r.Lead = r.nextTerm(2)
		if _, err := r.guard.Hosts(t.Context(), old, r.termSince); !errors.Is(err, store.ErrFenced) || r.alerts(store.AlertWorkerLost) != 0 {
			t.Errorf("got %v and %d alerts, want %v and none", err, r.alerts(store.AlertWorkerLost), store.ErrFenced)
		}
	})
}
