package master_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/worker/run"
)

// announces says that a third party's data has arrived.
func (c *cluster) announces(code, key string) {
	c.t.Helper()
	c.must(c.admin.Announce(c.t.Context(), wire.ThirdPartyRequest{Code: code, Key: key}))
	c.pass(0)
}

// executes runs a task by hand and returns the batch.
func (c *cluster) executes(name string) string {
	c.t.Helper()
	reply, err := c.admin.RunTask(c.t.Context(), name)
	c.must(err)
	c.pass(0)
	return reply.Ref
}

// parents lists the parent rows of a batch: what:state.
func (c *cluster) parents(text string) []string {
	c.t.Helper()
	b := c.batch(text)
	if b == nil {
		c.t.Fatalf("got no batch %s", text)
	}
	var out []string
	c.view(func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.DependsOf(ctx, []int64{b.ID})
		if all[b.ID] != nil {
			for _, p := range all[b.ID].Parents {
				out = append(out, fmt.Sprintf("%s/%s:%s", p.Task, p.WorkNo, []string{"unmet", "met", "not-applicable"}[p.State]))
			}
		}
		return err
	})
	return out
}

func (c *cluster) hasParents(text string, want ...string) {
	c.t.Helper()
	if got := c.parents(text); !slices.Equal(got, want) {
		c.t.Errorf("at %s got parents %v of %s, want %v", time.Now().In(c.zone).Format(time.DateTime), got, text, want)
	}
}

// TestSimParentThatRunsAgainIsWaitedForAgain executes a parent anew while its
// child waits for something else.
func TestSimParentThatRunsAgainIsWaitedForAgain(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define("p", "period: hour", "k", `period: hour, parents: [{task: p}], thirdParties: [{code: bank, key: "{{ work_no }}"}]`)
		c.at("2026-11-20 06:03:00")
		c.is("success", "p/2026112006")
		c.hasParents("k/2026112006", "p/2026112006:met")
		c.because(batch.GateThird, "k/2026112006")
		if ref := c.executes("p"); ref != "p/2026112006.1" {
			t.Fatalf("got %s, want run 1 of the hour", ref)
		}
		c.hasParents("k/2026112006", "p/2026112006:unmet")
		c.announces("bank", "2026112006")
		c.is("waiting", "k/2026112006")
		c.because(batch.GateParent, "k/2026112006")
		c.at("2026-11-20 06:04:00")
		c.is("success", "p/2026112006")
		c.is("running", "k/2026112006")
		c.starts("k", "2026-11-20 06:04:00")
		c.sound()
	})
}

// TestSimStartIsRefusedWhenSomethingCameBetween lets a worker's word of a start
// arrive late: meanwhile a parent was executed again, or a hold put, and nobody
// leads who could have taken the batch back.
func TestSimStartIsRefusedWhenSomethingCameBetween(t *testing.T) {
	t.Parallel()
	nothing := func(*cluster) {}
	for name, test := range map[string]struct {
		needs           string // of the task, besides its parent
		before, between func(c *cluster)
		after           string
	}{
		"ParentRunsAgain": {"", nothing, func(c *cluster) { c.executes("p") }, "waiting"},
		"TaskIsHeld":      {"", nothing, func(c *cluster) { c.hold(store.HoldTask, c.objectID(store.HoldTask, "k"), 0) }, "waiting"},
		"AnnouncementIsTakenBack": {
			`, thirdParties: [{code: bank, key: "{{ work_no }}"}]`, func(c *cluster) { c.announces("bank", "2026112006") },
			func(c *cluster) { c.change("DELETE FROM capri_third_depend_data") }, "waiting",
		},
		"AccountIsTakenAway": {", account: etl", func(c *cluster) { c.grant("etl") }, func(c *cluster) { c.change("DELETE FROM capri_account_grant") }, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulate(t, setup{}, func(_ *testing.T, c *cluster) {
				c.addWorker("w1")
				c.define("p", "period: hour", "k", "period: hour, parents: [{task: p}]"+test.needs)
				test.before(c)
				c.at("2026-11-20 06:01:30")
				c.net.faulty(func(_, path string) loss {
					if path == wire.PathFacts && len(c.book.of("p")) > 0 && !c.book.of("p")[0].end.IsZero() && c.batch("k/2026112006").State == batch.Assigned {
						return refused
					}
					return arrives
				})
				c.at("2026-11-20 06:02:10")
				c.is("assigned", "k/2026112006")
				c.depose()
				test.between(c)
				c.net.faulty(nil)
				c.pass(30 * time.Second) // the worker tells it again
				c.is("waiting", "k/2026112006")
				c.elect("m1")
				c.pass(time.Second)
				c.is(test.after, "k/2026112006")
				c.starts("k")
				c.sound()
			})
		})
	}
}

// TestSimAnnouncementReleasesAtOnce has nothing but a third party to wait for.
func TestSimAnnouncementReleasesAtOnce(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 60}, func(_ *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define("h", `period: hour, thirdParties: [{code: bank, key: "{{ work_no }}"}]`)
		c.announces("bank", "2026112007")
		c.at("2026-11-20 06:43:21")
		c.is("waiting", "h/2026112006")
		c.announces("bank", "2026112006")
		c.announces("bank", "2026112006")
		c.at("2026-11-20 07:10:00")
		c.starts("h", "2026-11-20 06:43:21", "2026-11-20 07:01:00")
		c.sound()
	})
}

// TestSimLastMeansTheNewestBatch waits for the newest batch of a manual task.
func TestSimLastMeansTheNewestBatch(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 60}, func(_ *testing.T, c *cluster) {
		c.addWorker("w1")
		c.book.plan = func(spec run.Spec) acts {
			code := 0
			if spec.Task == "m" && len(c.book.of("m")) < 3 {
				code = 1
			}
			return acts{length: time.Minute, code: code}
		}
		c.define("m", "period: manual, retry: {times: 0}", "h", "period: hour, parents: [{task: m, last: true}]")
		c.at("2026-11-20 06:10:00")
		c.is("waiting", "h/2026112006")
		c.executes("m")
		c.pass(2 * time.Minute) // fails
		c.is("waiting", "h/2026112006")
		c.because(batch.GateParent, "h/2026112006")
		c.executes("m")
		c.pass(2 * time.Minute) // fails
		c.is("waiting", "h/2026112006")
		c.executes("m")
		c.at("2026-11-20 06:20:00")
		c.starts("h", "2026-11-20 06:15:00")
		c.at("2026-11-20 07:05:00") // it still is the newest
		c.is("success", "h/2026112007")
		c.sound()
	})
}

// TestSimParentsAtTheEdgesOfTheirLife are not waited for where they have no slots.
func TestSimParentsAtTheEdgesOfTheirLife(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 60, begin: time.Date(2026, 11, 20, 21, 30, 0, 0, time.UTC)}, func(_ *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define(
			"ends", `period: hour, valid: {to: 2026-11-20T22:00}`,
			"begins", `period: hour, valid: {from: 2026-11-20T23:00}`,
			"new", "period: hour",
		)
		c.define("k", "period: day, parents: [{task: ends}, {task: begins}, {task: new}]")
		c.at("2026-11-21 00:01:00")
		var want []string
		add := func(task string, met func(hour int) bool) {
			for hour := 1; hour <= 24; hour++ {
				state := "not-applicable"
				if met(hour) {
					state = "met"
				}
				if met(hour) && hour == 24 {
					state = "unmet" // made in the same minute
				}
				at := time.Date(2026, 11, 20, hour, 0, 0, 0, time.UTC)
				want = append(want, fmt.Sprintf("%s/%s:%s", task, at.Format("2006010215"), state))
			}
		}
		add("ends", func(hour int) bool { return hour == 22 }) // the interval [21, 22) ends in time; before, it did not exist
		add("begins", func(hour int) bool { return hour == 24 })
		add("new", func(hour int) bool { return hour >= 22 })
		c.hasParents("k/20261121", want...)
		c.at("2026-11-21 00:05:00")
		c.is("success", "k/20261121")
		c.starts("k", "2026-11-21 00:02:00")
		c.sound()
	})
}

// TestSimColdStartOfAParentIsWaitedFor makes batches from before the parent
// existed: a child that waits anyway waits for them too.
func TestSimColdStartOfAParentIsWaitedFor(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 60}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.lasts(10 * time.Minute)
		c.define("p", "period: hour")
		c.define("k", `period: cron, cron: "30 6 * * *", parents: [{task: p, range: [-3, 0]}], thirdParties: [{code: bank, key: "{{ work_no }}"}]`)
		c.at("2026-11-20 06:31:00")
		c.hasParents("k/20261120063000", "p/2026112003:not-applicable", "p/2026112004:not-applicable", "p/2026112005:not-applicable", "p/2026112006:met")
		plan, err := c.admin.Plan(t.Context(), wire.PlanRequest{Kind: "coldstart", Period: "hour", From: "2026112004", To: "2026112005", Tasks: []string{"p"}, Reason: "test"})
		c.must(err)
		_, err = c.admin.ApplyPlan(t.Context(), plan)
		c.must(err)
		c.pass(time.Second)
		c.hasParents("k/20261120063000", "p/2026112003:not-applicable", "p/2026112004:unmet", "p/2026112005:unmet", "p/2026112006:met")
		c.announces("bank", "20261120063000")
		c.pass(time.Minute)
		c.is("waiting", "k/20261120063000")
		c.at("2026-11-20 07:30:00")
		c.is("success", "p/2026112004", "p/2026112005", "k/20261120063000")
		c.sound()
	})
}
