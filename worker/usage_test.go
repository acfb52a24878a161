package worker

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/run"
	"capricornus/worker/run/runtest"
	"capricornus/worker/vitals"
)

func TestWhatIsWorthTelling(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for name, c := range map[string]struct {
		told, peak vitals.Usage
		want       bool
	}{
		"Nothing":               {vitals.Usage{}, vitals.Usage{}, false},
		"TheFirstPeak":          {vitals.Usage{}, vitals.Usage{Memory: 5 * mib, Processes: 1}, true},
		"TheSameAgain":          {vitals.Usage{Memory: 5 * mib, Processes: 1}, vitals.Usage{Memory: 5 * mib, Processes: 1}, false},
		"LessThanATenthMore":    {vitals.Usage{Memory: 100 * mib}, vitals.Usage{Memory: 109 * mib}, false},
		"ATenthMore":            {vitals.Usage{Memory: 100 * mib}, vitals.Usage{Memory: 110 * mib}, true},
		"SixteenMebibytesMore":  {vitals.Usage{Memory: 9000 * mib}, vitals.Usage{Memory: 9016 * mib}, true},
		"FifteenMebibytesMore":  {vitals.Usage{Memory: 9000 * mib}, vitals.Usage{Memory: 9015 * mib}, false},
		"AProcessMore":          {vitals.Usage{Memory: 100 * mib, Processes: 3}, vitals.Usage{Memory: 100 * mib, Processes: 4}, true},
		"ProcessorTimeOnItsOwn": {vitals.Usage{Memory: 100 * mib}, vitals.Usage{Memory: 100 * mib, CPU: time.Hour}, false},
	} {
		if got := risen(c.told, c.peak); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestMastersHearOfPeaksThatHaveRisen(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := emptyMaster()
		host := runtest.New(func(ctx context.Context, _ run.Spec) int {
			<-ctx.Done()
			return 143
		})
		w, stop := workerInBubble(t, m, root, host)
		a := shell(1, "")
		m.assign(a)
		pass(3 * time.Second)
		peak := func(memory int64, processes int) {
			w.hand.get(keyOf(a)).sampled(vitals.Usage{Memory: memory << 20, Processes: processes, CPU: 2 * time.Second})
		}
		told := func() (facts []wire.Fact) {
			m.mu.Lock()
			defer m.mu.Unlock()
			for _, f := range m.journal {
				if f.Kind == wire.FactUsage {
					facts = append(facts, f)
				}
			}
			return facts
		}
		peak(100, 3)
		pass(time.Second)
		if n := len(told()); n != 0 {
			t.Errorf("got %d facts of an attempt that has just begun, want none", n)
		}
		pass(time.Minute)
		if got := told(); len(got) != 1 || got[0].PeakMemory != 100<<20 || got[0].PeakProcesses != 3 || got[0].CPUMillis != 2000 || got[0].WorkID != 1 {
			t.Errorf("got %+v, want its peak once", got)
		}
		m.update(func() { m.down = true })
		peak(300, 2)
		pass(time.Minute)
		m.update(func() { m.down = false })
		pass(time.Minute)
		if got := told(); len(got) != 2 || got[1].PeakMemory != 300<<20 || got[1].PeakProcesses != 3 {
			t.Errorf("got %+v, want what has risen told once the masters are back", got)
		}
		stop()
		host.Crash()
	})
}

// TestReturnedCodeIsToldBeforeTheOutputsDecide has a script of a task whose
// outputs decide.
func TestReturnedCodeIsToldBeforeTheOutputsDecide(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	startWorker(t, cfg)
	a := shell(1, "exit 3")
	a.Success, a.Outputs = run.SuccessByOutput, []wire.PathCheck{{Path: "file://" + cfg.Root + "/never", Ready: "exists"}}
	m.assign(a, shell(2, "exit 4"))
	code := m.fact(t, wire.FactCode, keyOf(a))
	if code.ExitCode == nil || *code.ExitCode != 3 || code.Host != "w1" || code.Incarnation == "" {
		t.Errorf("got %+v, want the code 3", code)
	}
	m.fact(t, wire.FactFinished, keyOf(a))
	m.fact(t, wire.FactFinished, wire.Held{WorkID: 2, Attempt: 1})
	if n := m.count(wire.FactCode); n != 1 {
		t.Errorf("got %d codes told ahead, want that of the task whose outputs decide", n)
	}
}
