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

const mib = 1 << 20

func TestAlertsAboutWhatAttemptsUse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		declared, before int64
		fact             func(*wire.Fact)
		want             []string // kind, occurrence and text of each
	}{
		"WithinItsNeed":            {100 * mib, 0, func(f *wire.Fact) { f.PeakMemory = 100 * mib }, nil},
		"NoNeedIsDeclared":         {0, 0, func(f *wire.Fact) { f.PeakMemory = 900 * mib }, nil},
		"WasAboveItsNeedBefore":    {100 * mib, 101 * mib, func(f *wire.Fact) { f.PeakMemory = 900 * mib }, nil},
		"NothingIsKnown":           {100 * mib, 0, func(*wire.Fact) {}, nil},
		"WasBelowItsNeedBefore":    {100 * mib, 90 * mib, func(f *wire.Fact) { f.PeakMemory = 120 * mib }, []string{"attempt-over-memory once attempt 2 of a/20150518.0 on w1 has used 120 MiB of memory; its task declares 100 MiB"}},
		"AboveItsNeedFromTheStart": {100 * mib, 0, func(f *wire.Fact) { f.PeakMemory = 101 * mib }, []string{"attempt-over-memory once attempt 2 of a/20150518.0 on w1 has used 101 MiB of memory; its task declares 100 MiB"}},
		"EndedForALimit": {
			0, 0, func(f *wire.Fact) {
				f.Kind, f.Over, f.Reason = wire.FactFinished, true, "5000 processes are more than the 4096 allowed"
			},
			[]string{"attempt-over-limit 2 attempt 2 of a/20150518.0 was ended by its worker w1: 5000 processes are more than the 4096 allowed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, w := fact(wire.FactUsage), scene(batch.Running)
			w.def.Spec.Workers.Memory, w.work.PeakMemory = task.Bytes(c.declared), c.before
			c.fact(&f)
			var got []string
			for _, a := range overAlerts(f, w) {
				if a.Level != store.LevelCritical {
					t.Errorf("got level %s, want critical: it is the administrators' business", a.Level)
				}
				got = append(got, a.Kind+" "+a.Occurrence+" "+a.Text)
			}
			if strings.Join(got, ";") != strings.Join(c.want, ";") {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if j := judge(f, w); len(j.alerts) > mayAlert(&f) {
				t.Errorf("got %d alerts and ids for %d", len(j.alerts), mayAlert(&f))
			}
		})
	}
}

// use is what a running attempt tells of itself.
func use(id int64, attempt int, memory int64, processes int) wire.Fact {
	f := of(wire.FactUsage, id, attempt)
	f.PeakMemory, f.PeakProcesses, f.CPUMillis = memory, processes, 1500
	return f
}

func TestWhatARunningAttemptUsesIsKnown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("hungry", func(d *task.Task) { d.Spec.Workers.Memory, d.Spec.Retry.Times = 100*mib, 0 }), "20150518")
		r.must(r.Assign(storetest.Host, id))
		r.say(of(wire.FactStarted, id, 1))
		seq := r.Work(id).Seq
		other := use(id, 1, 900*mib, 9)
		other.Host = "w9"
		got := r.say(use(id, 1, 80*mib, 5), use(id, 1, 70*mib, 6), other, use(id, 2, 900*mib, 9))
		for i, want := range []wire.FactVerdict{wire.VerdictOK, wire.VerdictOK, wire.VerdictStale, wire.VerdictStale} {
			if got[i] != want {
				t.Errorf("got %s for fact %d, want %s", got[i], i, want)
			}
		}
		now := r.want(id, batch.Running, batch.None)
		if now.PeakMemory != 80*mib || now.PeakProcesses != 6 || now.Seq != seq {
			t.Errorf("got %+v, want the most of each, and no move", now)
		}
		if n := r.alerts(store.AlertOverMemory); n != 0 {
			t.Errorf("got %d alerts within the need, want none", n)
		}
		r.say(use(id, 1, 130*mib, 6), use(id, 1, 140*mib, 6))
		end := exit(id, 1, 1)
		end.PeakMemory, end.Over, end.Reason = 120*mib, true, "it wrote too much"
		r.say(end)
		done := r.want(id, batch.Done, batch.Failed)
		if done.PeakMemory != 140*mib || r.Figure("SELECT MAX(peakMemory) FROM capri_task_instance WHERE taskWorkId = ?", id) != 140*mib {
			t.Errorf("got %d, want the peak of a worker that knew more before it was restarted kept", done.PeakMemory)
		}
		for kind, want := range map[string]int{store.AlertOverMemory: 1, store.AlertOverLimit: 1, store.AlertBatchFailed: 1} {
			if n := r.alerts(kind); n != want {
				t.Errorf("got %d of %s, want %d", n, kind, want)
			}
		}
		if got := r.say(use(id, 1, 900*mib, 9)); got[0] != wire.VerdictStale || r.Work(id).PeakMemory != 140*mib {
			t.Errorf("got %s after the end, want it stale and nothing raised", got[0])
		}
	})
}
