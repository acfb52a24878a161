package worker

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/run"
	"capricornus/worker/run/runtest"
)

// clumsy is a host on which taking up and killing attempts fails so many times.
type clumsy struct {
	*runtest.Runner
	adopts, kills atomic.Int32
}

func (c *clumsy) Start(ctx context.Context, dir run.Dir, spec run.Spec) (run.Process, error) {
	p, err := c.Runner.Start(ctx, dir, spec)
	return &stubborn{Process: p, host: c}, err
}

func (c *clumsy) Adopt(ctx context.Context, dir run.Dir, spec run.Spec) (run.Process, error) {
	if c.adopts.Add(-1) >= 0 {
		return nil, errors.New("the process table cannot be read")
	}
	p, err := c.Runner.Adopt(ctx, dir, spec)
	return &stubborn{Process: p, host: c}, err
}

type stubborn struct {
	run.Process
	host *clumsy
}

func (s *stubborn) Kill(ctx context.Context, grace time.Duration) error {
	if s.host.kills.Add(-1) >= 0 {
		return errors.New("the process table cannot be read")
	}
	return s.Process.Kill(ctx, grace)
}

func untilKilled(ctx context.Context, _ run.Spec) int {
	<-ctx.Done()
	return 143
}

// simulate runs a test in a bubble, with an attempt that runs until it is killed.
func simulate(t *testing.T, test func(t *testing.T, m *master, host *clumsy, root string)) {
	t.Helper()
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		test(t, emptyMaster(), &clumsy{Runner: runtest.New(untilKilled)}, root)
	})
}

// TestAnEndThatNoMasterKnowsIsStillInHand: what claims leave out counts as gone.
func TestAnEndThatNoMasterKnowsIsStillInHand(t *testing.T) {
	simulate(t, func(t *testing.T, m *master, host *clumsy, root string) {
		stop := bubbleWorker(t, m, root, host)
		key := wire.Held{WorkID: 1, Attempt: 1}
		m.assign(shell(1, ""))
		pass(time.Minute)
		if !m.holds(key) {
			t.Error("got a claim without the attempt that runs, want it named")
		}
		m.update(func() { m.deaf, m.kills = true, []wire.Kill{{WorkID: 1, Attempt: 1, Reason: "by alice"}} })
		pass(5 * time.Minute)
		if n := host.Running(); n != 0 || !m.holds(key) || m.count(wire.FactFinished) != 0 {
			t.Errorf("got %d running and the attempt named %v, want it ended, unreported and named", n, m.holds(key))
		}
		if free := m.free(); free != Default().Slots {
			t.Errorf("got room for %d, want an ended attempt to take none", free)
		}
		stop()
		stop = bubbleWorker(t, m, root, host)
		pass(time.Minute)
		if !m.holds(key) {
			t.Error("got a claim of the next worker without the unreported end, want it named")
		}
		m.update(func() { m.deaf = false })
		pass(time.Minute)
		if m.holds(key) || m.count(wire.FactFinished) != 1 {
			t.Errorf("got the attempt named %v after its end was taken, want it gone", m.holds(key))
		}
		stop()
	})
}

func TestAnAttemptThatCannotBeTakenUpStaysInHand(t *testing.T) {
	simulate(t, func(t *testing.T, m *master, host *clumsy, root string) {
		stop := bubbleWorker(t, m, root, host)
		key := wire.Held{WorkID: 1, Attempt: 1}
		m.assign(shell(1, ""))
		pass(time.Minute)
		stop()
		host.adopts.Store(4)
		stop = bubbleWorker(t, m, root, host)
		pass(time.Minute)
		if !m.holds(key) {
			t.Error("got a claim without an attempt of which nothing is known, want it named")
		}
		pass(5 * time.Minute)
		m.update(func() { m.kills = []wire.Kill{{WorkID: 1, Attempt: 1, Reason: "by alice"}} })
		if fact := m.fact(t, wire.FactFinished, key); !fact.Killed {
			t.Errorf("got %+v, want it taken up and killed in the end", fact)
		}
		stop()
	})
}

func TestAKillThatFailsIsOrderedAgain(t *testing.T) {
	simulate(t, func(t *testing.T, m *master, host *clumsy, root string) {
		stop := bubbleWorker(t, m, root, host)
		key := wire.Held{WorkID: 1, Attempt: 1}
		m.assign(shell(1, ""))
		pass(time.Minute)
		host.kills.Store(2)
		m.update(func() { m.kills = []wire.Kill{{WorkID: 1, Attempt: 1, Reason: "by alice"}} })
		pass(10 * time.Second)
		if !m.holds(key) || host.Running() != 1 {
			t.Error("got the attempt let go while it runs, want it in hand")
		}
		pass(5 * time.Minute)
		if fact := m.fact(t, wire.FactFinished, key); !fact.Killed || fact.Reason != "by alice" || host.Running() != 0 {
			t.Errorf("got %+v, want it killed", fact)
		}
		stop()
	})
}

// TestTheStartTellsHowTheOutputsAre: without that nobody could judge them later.
func TestTheStartTellsHowTheOutputsAre(t *testing.T) {
	simulate(t, func(t *testing.T, m *master, host *clumsy, root string) {
		stop := bubbleWorker(t, m, root, host)
		a := shell(1, "")
		a.Success, a.Outputs = run.SuccessByOutput, []wire.PathCheck{{Path: "file://" + root + "/none", Ready: "exists"}, {Path: "file://" + root, Ready: "exists"}}
		m.assign(a, shell(2, ""))
		pass(time.Minute)
		if got := m.fact(t, wire.FactStarted, keyOf(a)).Before; len(got) != 2 || got[0] != "" || got[1] == "" {
			t.Errorf("got %q, want the first not ready and the second as it is", got)
		}
		if got := m.fact(t, wire.FactStarted, wire.Held{WorkID: 2, Attempt: 1}).Before; got != nil {
			t.Errorf("got %q of a task whose exit code decides, want nothing", got)
		}
		stop()
		host.Crash()
	})
}
