package worker

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker/run"
	"capricornus/worker/run/runtest"
)

// direct calls a handler in place of a network, so that time may be virtual.
type direct struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	d.handler.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

// bubbleWorker runs a worker on a host without processes until stop.
func bubbleWorker(t *testing.T, m *master, root string, host run.Launcher, change ...func(*Config)) (stop func()) {
	t.Helper()
	_, stop = workerInBubble(t, m, root, host, change...)
	return stop
}

func workerInBubble(t *testing.T, m *master, root string, host run.Launcher, change ...func(*Config)) (w *Worker, stop func()) {
	t.Helper()
	cfg := Default()
	cfg.Host, cfg.Masters, cfg.Token, cfg.Root = "w1", []string{"http://master"}, testToken, root
	cfg.ListenLogs = ""
	for _, to := range change {
		to(&cfg)
	}
	w, err := New(cfg, Deps{
		Log: logs.New(t.Output(), nil), Launcher: host,
		HTTP: &http.Client{Transport: direct{m.handler()}},
		Vitals: func() (wire.Vitals, error) {
			return wire.Vitals{Memory: 1 << 40, FreeMemory: 1 << 40, FreeDisk: 1 << 40}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	return w, func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("worker ended with %v", err)
		}
	}
}

func TestSimulatedHostInVirtualTime(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := emptyMaster()
		host := runtest.New(func(ctx context.Context, spec run.Spec) int {
			select {
			case <-ctx.Done():
				return 143
			case <-time.After(3 * time.Hour):
				return int(spec.WorkID)
			}
		})
		stop := bubbleWorker(t, m, root, host)
		slow := shell(2, "")
		slow.RunTimeout = time.Hour.Milliseconds()
		m.assign(shell(1, ""), slow)
		pass(90 * time.Minute)
		if n := host.Running(); n != 1 {
			t.Errorf("got %d attempts after the run timeout, want 1", n)
		}
		stop()
		stop = bubbleWorker(t, m, root, host)
		pass(2 * time.Hour)
		synctest.Wait()
		first := m.fact(t, wire.FactFinished, wire.Held{WorkID: 1, Attempt: 1})
		second := m.fact(t, wire.FactFinished, wire.Held{WorkID: 2, Attempt: 1})
		if first.ResultCode != 1 || !second.TimedOut {
			t.Errorf("got results %+v and %+v, want 1 and a timeout", first, second)
		}
		if n := m.count(wire.FactStarted); n != 2 {
			t.Errorf("got %d starts, want 2", n)
		}
		stop()
	})
}

func TestLeaseEndsAttemptsOfFenceTasksOnly(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := emptyMaster()
		host := runtest.New(func(ctx context.Context, _ run.Spec) int {
			<-ctx.Done()
			return 143
		})
		stop := bubbleWorker(t, m, root, host)
		fenced := shell(2, "")
		fenced.OnWorkerLost = "fence"
		m.assign(shell(1, ""), fenced)
		pass(time.Minute)
		m.update(func() { m.down = true })
		pass(9 * time.Minute)
		if n := host.Running(); n != 2 {
			t.Errorf("got %d attempts within the lease, want 2", n)
		}
		pass(2 * time.Minute)
		if n := host.Running(); n != 1 {
			t.Errorf("got %d attempts after the lease, want 1", n)
		}
		m.update(func() { m.down = false })
		fact := m.fact(t, wire.FactFinished, keyOf(fenced))
		if !fact.Infra || fact.Killed {
			t.Errorf("got %+v, want an infrastructure failure", fact)
		}
		stop()
		host.Crash()
	})
}

// A heartbeat is answered when the lease is over and nobody has looked yet.
func TestAContactAfterTheLeaseDoesNotRenewIt(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := emptyMaster()
		host := runtest.New(untilKilled)
		stop := bubbleWorker(t, m, root, host, func(cfg *Config) { cfg.Heartbeat = 200 * time.Millisecond }) // the lease is looked at every 5 s
		fenced := shell(1, "")
		fenced.OnWorkerLost = fencePolicy
		m.assign(fenced)
		pass(64*time.Second + time.Millisecond) // the last contact is at 64 s
		m.update(func() { m.down = true })
		pass(598 * time.Second)
		if n := host.Running(); n != 1 {
			t.Errorf("got %d attempts within the lease, want 1", n)
		}
		pass(2*time.Second + 49*time.Millisecond)
		m.update(func() { m.down = false })
		pass(300 * time.Millisecond) // the next contact is soon after 664.05 s
		synctest.Wait()
		if n := host.Running(); n != 0 {
			t.Errorf("got %d attempts after a silence of the lease, want none", n)
		}
		stop()
	})
}

// pass lets virtual time go by.
func pass(length time.Duration) { <-time.After(length) }

// A quarter of an hour without any master: attempts end meanwhile, one after the
// worker was replaced, and one runs on. Each result arrives once.
func TestAQuarterOfAnHourWithoutMasters(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := emptyMaster()
		host := runtest.New(func(ctx context.Context, spec run.Spec) int {
			select {
			case <-ctx.Done():
				return 143
			case <-time.After(time.Duration(spec.WorkID) * 5 * time.Minute):
				return int(spec.WorkID)
			}
		})
		stop := bubbleWorker(t, m, root, host)
		m.assign(shell(1, ""), shell(2, ""), shell(4, ""))
		pass(time.Minute)
		m.update(func() { m.down = true })
		pass(7 * time.Minute)
		stop()
		stop = bubbleWorker(t, m, root, host)
		pass(8 * time.Minute)
		if n := m.count(wire.FactFinished); n != 0 || host.Running() != 1 {
			t.Errorf("got %d ends reported and %d attempts running at the end of the outage, want none and one", n, host.Running())
		}
		m.update(func() { m.down = false })
		pass(time.Minute)
		if n := m.count(wire.FactFinished); n != 2 {
			t.Errorf("got %d ends a minute after the outage, want 2", n)
		}
		pass(5 * time.Minute)
		synctest.Wait()
		for _, workID := range []int64{1, 2, 4} {
			if fact := m.fact(t, wire.FactFinished, wire.Held{WorkID: workID, Attempt: 1}); fact.ResultCode != int(workID) {
				t.Errorf("got %+v of %d, want what its script returned", fact, workID)
			}
		}
		if starts, ends := m.count(wire.FactStarted), m.count(wire.FactFinished); starts != 3 || ends != 3 {
			t.Errorf("got %d starts and %d ends, want 3 of each", starts, ends)
		}
		stop()
	})
}
