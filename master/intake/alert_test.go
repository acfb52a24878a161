package intake

import (
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func (r *rig) alerts(kind string) int {
	r.t.Helper()
	return r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = ?", kind)
}

func TestAFailedBatchIsToldOfOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("etl", func(d *task.Task) { d.Spec.Retry = task.Retry{Times: 1} })
		failed, killed, lost, fine := r.Batch(task, "20150518"), r.Batch(task, "20150519"), r.Batch(task, "20150520"), r.Batch(task, "20150521")
		all := []int64{failed, killed, lost, fine}
		r.Change("UPDATE capri_task_work SET infraFailures = 3 WHERE id = ?", lost)
		r.must(r.Assign(storetest.Host, all...))
		for _, id := range all {
			r.say(of(wire.FactStarted, id, 1))
		}
		end := of(wire.FactFinished, killed, 1)
		end.Killed = true
		r.say(exit(failed, 1, 3), end, of(wire.FactLost, lost, 1), exit(fine, 1, 0))
		r.want(failed, batch.Waiting, batch.None)
		r.want(killed, batch.Done, batch.Killed)
		r.want(lost, batch.Done, batch.Lost)
		if n := r.alerts(store.AlertBatchFailed); n != 1 {
			t.Errorf("got %d alerts, want that of the lost batch: a retry, a kill and a success are no failures", n)
		}
		r.must(r.Assign(storetest.Host, failed))
		r.say(of(wire.FactStarted, failed, 2))
		for range 2 {
			r.say(exit(failed, 2, 3))
		}
		r.want(failed, batch.Done, batch.Failed)
		if n := r.alerts(store.AlertBatchFailed); n != 2 {
			t.Errorf("got %d alerts, want one more", n)
		}
		got := r.Text("SELECT CONCAT(occurrence, ' ', level, ' ', text) FROM capri_alert WHERE object = 'etl/20150518.0' AND taskId = ?", task)
		if want := "2 task etl/20150518.0 failed in attempt 2 on w1: exit code 3"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestABatchRefusedThreeTimesIsToldOfOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("big"), "20150518")
		for n := 1; n <= 5; n++ {
			r.must(r.Assign(storetest.Host, id))
			f := of(wire.FactRefused, id, n)
			f.Reason = "free memory 1 MiB"
			r.say(f, f)
			want := 0
			if n >= refusedTooOften {
				want = 1
			}
			if got := r.alerts(store.AlertBatchRefused); got != want {
				t.Errorf("got %d alerts after %d refusals, want %d", got, n, want)
			}
			r.Decide("pull back", r.pullback(id))
		}
		got := r.Text("SELECT CONCAT(level, ' ', text) FROM capri_alert WHERE object = 'big/20150518.0'")
		if want := "important big/20150518.0 was refused 3 times by workers, the last time by w1: free memory 1 MiB"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestIDsForAlertsAreKept: facts of successful batches use none up.
func TestIDsForAlertsAreKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("etl", func(d *task.Task) { d.Spec.Retry.Times = 0 })
		for i, c := range []struct{ code, left int }{{0, 1}, {0, 1}, {1, 0}, {0, 1}} {
			id := r.Batch(task, "2015051"+string(rune('0'+i)))
			r.must(r.Assign(storetest.Host, id))
			r.say(of(wire.FactStarted, id, 1), exit(id, 1, c.code))
			if got := len(r.spare); got != c.left {
				t.Errorf("got %d ids left after exit code %d, want %d", got, c.code, c.left)
			}
		}
		if n := r.alerts(store.AlertBatchFailed); n != 1 {
			t.Errorf("got %d alerts, want 1", n)
		}
	})
}

// TestAlertsAndEndsComeTogether disturbs every statement of the fact that fails
// a batch.
func TestAlertsAndEndsComeTogether(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.ForEachFault(t, engine, failing())
		})
	}
}

func TestBeforeOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before []string
		want   string
	}{
		"Nothing":   {nil, ""},
		"NotReady":  {[]string{"", "1:2:3"}, `["","1:2:3"]`},
		"TooMuch":   {[]string{strings.Repeat("x", beforeLimit)}, ""},
		"OneAbsent": {[]string{""}, `[""]`},
	} {
		if got := beforeOf(wire.Fact{Before: c.before}); got != c.want {
			t.Errorf("%s: got %.40s, want %.40s", name, got, c.want)
		}
	}
}
