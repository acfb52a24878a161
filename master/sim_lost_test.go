package master_test

import (
	"sync/atomic"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/worker/run"
)

// TestSimProcessesVanish ends the processes of an attempt without an exit code:
// the worker notices, no try of the user's is used up, and it runs again.
func TestSimProcessesVanish(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.lasts(20 * time.Minute)
		c.define("a", "period: hour, retry: {times: 0}")
		c.at("2026-11-20 06:05:00")
		if n := c.machines["w1"].host.Vanish(func(run.Spec) bool { return true }); n != 1 {
			t.Fatalf("got %d attempts, want one", n)
		}
		c.pass(40 * time.Second)
		if b := c.batch("a/2026112006"); b.State != batch.Running || b.Attempt != 2 || b.InfraFailures != 1 || b.UserFailures != 0 {
			t.Errorf("got %s, attempt %d after %d and %d failures, want the second running", b.State, b.Attempt, b.InfraFailures, b.UserFailures)
		}
		c.at("2026-11-20 06:30:00")
		c.is("success", "a/2026112006")
		c.sound()
	})
}

// TestSimWipedDiskLosesWhatRanOnIt brings a host back with an empty disk. Of a
// fence task the next attempt runs; of one that waits nothing is started by
// itself, as its processes might still be there.
func TestSimWipedDiskLosesWhatRanOnIt(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.lasts(20 * time.Minute)
		c.define("f", "period: hour, onWorkerLost: fence", "w", "period: hour")
		c.at("2026-11-20 06:02:00")
		c.is("running", "f/2026112006", "w/2026112006")
		c.machines["w1"].host.Crash()
		c.stopWorker("w1")
		c.wipe("w1")
		c.at("2026-11-20 06:02:10")
		c.startWorker("w1") // refused: the masters still believe in the old one
		c.at("2026-11-20 06:02:20")
		c.is("running", "f/2026112006", "w/2026112006")
		c.at("2026-11-20 06:04:00")
		c.revive("w1")
		c.at("2026-11-20 06:14:50") // the lease of the old root, counted from when the new one was heard of
		c.is("running", "f/2026112006", "w/2026112006")
		c.at("2026-11-20 06:16:30")
		c.is("running", "f/2026112006")
		c.is("lost", "w/2026112006")
		if n := c.alerts(store.AlertBatchFailed); n != 1 {
			t.Errorf("got %d alerts of what was lost, want one", n)
		}
		c.at("2026-11-20 06:50:00")
		c.is("success", "f/2026112006")
		c.sound()
	})
}

// TestSimKillReachesASilentWorkerLater kills a batch whose worker nobody hears:
// it counts as killed only when no process of it is left.
func TestSimKillReachesASilentWorkerLater(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.lasts(3 * time.Hour)
		c.define("a", "period: hour", "b", "period: hour")
		c.at("2026-11-20 06:02:00")
		c.kills("b/2026112006")
		c.is("killed", "b/2026112006")
		c.net.silence("w1", true)
		c.kills("a/2026112006")
		c.at("2026-11-20 06:40:00")
		c.is("running", "a/2026112006")
		if n := c.book.running("a"); n != 1 {
			t.Errorf("got %d attempts, want the one that nobody reaches", n)
		}
		c.net.silence("w1", false)
		c.pass(time.Minute)
		c.is("killed", "a/2026112006")
		if n := c.book.running("a") + c.book.running("b"); n != 0 {
			t.Errorf("got %d attempts of killed batches, want none", n)
		}
		c.sound()
	})
}

// kills ends a batch as a person does.
func (c *cluster) kills(name string) {
	c.t.Helper()
	ref, err := batch.ParseRef(name)
	c.must(err)
	_, err = c.admin.CommandBatch(c.t.Context(), "kill", ref, wire.CommandRequest{Reason: "test"})
	c.must(err)
	c.pass(0)
}

// TestSimSlowCallsStartNothingTwice lets every call of the workers take longer
// than they wait for it, there and back, for an hour.
func TestSimSlowCallsStartNothingTwice(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.addWorker("w2")
		c.lasts(5 * time.Minute)
		c.define("a", `period: cron, cron: "*/10 * * * *", maxRunning: 3`)
		c.at("2026-11-20 06:05:00")
		var calls atomic.Int64
		c.net.slowly(func(from, _ string) (there, back time.Duration) {
			if from == "admin" {
				return 0, 0
			}
			n := calls.Add(1)
			return time.Duration(n%17) * time.Second, time.Duration(n%23) * time.Second
		})
		c.at("2026-11-20 07:05:00")
		c.net.slowly(nil)
		c.at("2026-11-20 07:30:00")
		for _, no := range c.workNos("a") {
			if b := c.batch("a/" + no); b.ScheduleTime < time.Now().Add(-20*time.Minute).UnixMilli() {
				c.is("success", "a/"+no)
			}
		}
		seen := map[string]int{}
		for _, l := range c.book.of("a") {
			seen[l.spec.WorkNo]++
		}
		for no, times := range seen {
			if times > 1 {
				t.Errorf("got %s started %d times, want once: nothing failed", no, times)
			}
		}
		c.sound()
	})
}
