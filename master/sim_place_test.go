package master_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/worker"
	"capricornus/worker/run"
)

// lasts makes every attempt take so long.
func (c *cluster) lasts(length time.Duration) {
	c.book.plan = func(run.Spec) acts { return acts{length: length, writes: true} }
}

// TestSimRefusedBatchGoesElsewhereAtOnce takes the memory of the worker that
// is asked first.
func TestSimRefusedBatchGoesElsewhereAtOnce(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.addWorker("w2")
		c.define("h", "period: hour, workers: {memory: 4Gi}")
		c.pass(20 * time.Second)
		c.machines["w1"].free(1 << 30)
		c.at("2026-11-20 06:01:00")
		c.is("running", "h/2026112006")
		c.starts("h", "2026-11-20 06:01:00")
		if b := c.batch("h/2026112006"); b.Host != "w2" || b.Attempt != 2 {
			t.Errorf("got attempt %d on %s, want the second, on w2", b.Attempt, b.Host)
		}
		c.sound()
	})
}

// TestSimExclusionExpires has one worker only, which refuses once.
func TestSimExclusionExpires(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(_ *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define("h", "period: hour, workers: {memory: 4Gi}")
		c.machines["w1"].free(1 << 30)
		c.at("2026-11-20 06:01:30")
		c.machines["w1"].free(64 << 30)
		c.at("2026-11-20 06:05:59")
		c.is("waiting", "h/2026112006")
		c.because(batch.GateWorker, "h/2026112006")
		c.at("2026-11-20 06:06:06")
		c.is("running", "h/2026112006")
		c.sound()
	})
}

// TestSimSilentWorkerKeepsWhatRuns cuts a worker off with one batch running on
// it; what it had not picked up goes elsewhere.
func TestSimSilentWorkerKeepsWhatRuns(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.lasts(40 * time.Minute)
		c.addWorker("w1")
		c.define("a", "period: hour", "b", `period: cron, cron: "0 2 6 * * *"`)
		c.at("2026-11-20 06:01:30")
		c.is("running", "a/2026112006")
		c.addWorker("w2", func(cfg *worker.Config) { cfg.Slots = 1 })
		c.pass(10 * time.Second)
		c.define("filler", `period: cron, cron: "45 1 6 * * *"`)
		c.at("2026-11-20 06:01:50") // w2 is full: b goes to w1
		c.net.silence("w1", true)
		c.at("2026-11-20 06:02:00")
		if b := c.batch("b/20261120060200"); b.State != batch.Assigned || b.Host != "w1" {
			t.Fatalf("got b %s on %q, want it assigned to w1", b.State, b.Host)
		}
		c.addWorker("w3")
		c.at("2026-11-20 06:02:10")
		c.is("assigned", "b/20261120060200")
		c.at("2026-11-20 06:02:25") // silent for more than the 30 s of its check interval
		if b := c.batch("b/20261120060200"); b.State != batch.Running || b.Host != "w3" || b.Attempt != 2 {
			t.Errorf("got b %s, attempt %d on %q, want the second running on w3", b.State, b.Attempt, b.Host)
		}
		c.at("2026-11-20 06:40:00")
		c.is("running", "a/2026112006")
		c.net.silence("w1", false)
		c.at("2026-11-20 06:50:00")
		c.is("success", "a/2026112006", "b/20261120060200")
		c.starts("a", "2026-11-20 06:01:00")
		c.starts("b", "2026-11-20 06:02:20")
		c.sound()
	})
}

// TestSimMaximumIsNeverExceeded has ten batches come due at once.
func TestSimMaximumIsNeverExceeded(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 20}, func(t *testing.T, c *cluster) {
		var mu sync.Mutex
		most := map[string]int{}
		c.book.plan = func(spec run.Spec) acts {
			mu.Lock()
			defer mu.Unlock()
			most[spec.Task] = max(most[spec.Task], c.book.running(spec.Task))
			return acts{length: 7 * time.Minute, writes: true}
		}
		for _, name := range []string{"w1", "w2"} {
			c.addWorker(name)
		}
		c.define("one", "period: hour, maxRunning: 1", "two", "period: hour, maxRunning: 2")
		c.depose()
		c.pass(10 * time.Hour)
		c.elect("m1")
		c.pass(time.Minute)
		c.is("waiting", "one/2026112010")
		c.because(batch.GateMaximum, "one/2026112010")
		if text := batch.Say(c.batch("one/2026112010").Message, "zh", c.zone); text != "此任务同时运行的任务数达到最大 1 个,等待下次调度" {
			t.Errorf("got %q, want the seed's sentence", text)
		}
		c.pass(75 * time.Minute)
		if most["one"] != 1 || most["two"] != 2 {
			t.Errorf("got at most %v at once, want 1 and 2", most)
		}
		c.is("success", "one/2026112006", "one/2026112015", "two/2026112015")
		c.sound()
	})
}

// TestSimAccountNeedsAGrant runs a task as an account its owner may not use,
// and then may.
func TestSimAccountNeedsAGrant(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define("h", "period: hour, account: etl")
		c.at("2026-11-20 06:01:01")
		c.is("failed", "h/2026112006")
		want := "调度失败,失败原因:此任务负责人没有权限使用此账号 etl 运行任务"
		if got := batch.Say(c.batch("h/2026112006").Message, "zh", c.zone); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		c.grant("etl")
		c.at("2026-11-20 07:01:00")
		c.is("running", "h/2026112007")
		c.sound()
	})
}

// change changes the database behind everybody's back.
func (c *cluster) change(statement string) {
	c.t.Helper()
	_, err := c.db.Raw().ExecContext(c.t.Context(), statement)
	c.must(err)
}

// grant lets the owner of all tasks use an account.
func (c *cluster) grant(account string) {
	c.t.Helper()
	c.operate(func(ctx context.Context, o *store.OperateTx) error {
		users, err := o.Users(ctx)
		if err != nil {
			return err
		}
		return o.PutGrant(ctx, store.Grant{UserID: users[0].ID, Account: account})
	})
}

// TestSimHoldsAndTheFreeze keep batches waiting, with the reason, and let them
// go when they end.
func TestSimHoldsAndTheFreeze(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define("h", "period: hour", "d", `period: cron, cron: "30 1 * * * *"`)
		c.hold(store.HoldTask, c.objectID(store.HoldTask, "h"), 0)
		c.at("2026-11-20 06:01:40")
		c.is("waiting", "h/2026112006")
		c.because(batch.GateHeld, "h/2026112006")
		c.is("running", "d/20261120060130")
		c.releaseAll(store.HoldTask, c.objectID(store.HoldTask, "h"))
		c.pass(6 * time.Second)
		c.is("running", "h/2026112006")

		project := c.objectID(store.HoldProject, "alpha")
		c.hold(store.HoldProject, project, time.Now().Add(90*time.Minute).UnixMilli())
		c.at("2026-11-20 07:02:00")
		c.is("waiting", "h/2026112007", "d/20261120070130")
		c.because(batch.GateHeld, "d/20261120070130")
		c.at("2026-11-20 07:31:50") // the hold has ended by itself
		c.is("running", "h/2026112007", "d/20261120070130")

		c.setting(store.SettingLatestSchedule, "2026-11-20T08:01:00Z")
		c.at("2026-11-20 08:01:40")
		c.is("running", "h/2026112008")
		c.is("success", "h/2026112007")
		c.is("waiting", "d/20261120080130")
		c.because(batch.GateLatest, "d/20261120080130")
		if text := batch.Say(c.batch("d/20261120080130").Message, "en", c.zone); !strings.Contains(text, "2026-11-20 08:01:00") {
			t.Errorf("got %q, want the latest schedule time in it", text)
		}
		c.setting(store.SettingLatestSchedule, "")
		c.pass(6 * time.Second)
		c.is("running", "d/20261120080130")
		c.sound()
	})
}

// TestSimClocksAreKept starts what has a time exactly then.
func TestSimClocksAreKept(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC) // clocks go back in the night
	simulate(t, setup{zone: "Europe/Berlin", begin: begin, stretch: 60}, func(_ *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define("d", `period: day, earliest: "10:00"`, "often", `period: cron, cron: "17 */15 9,10 * * *"`)
		c.at("2026-10-25 09:59:59")
		c.is("waiting", "d/20261025")
		c.because(batch.GateEarliest, "d/20261025")
		c.at("2026-10-25 10:40:00")
		c.starts("d", "2026-10-25 10:00:00")
		c.starts("often", "2026-10-25 09:00:17", "2026-10-25 09:15:17", "2026-10-25 09:30:17", "2026-10-25 09:45:17",
			"2026-10-25 10:00:17", "2026-10-25 10:15:17", "2026-10-25 10:30:17")
		c.sound()
	})
}
