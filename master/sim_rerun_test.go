package master_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

// diamond is what a rerun of the hour task h leads to: two day tasks, one by
// its parents and one by what it reads, the second in another project, and a
// week task that waits for both.
func (c *cluster) diamond() {
	c.t.Helper()
	out := "file://" + c.dir + "/out"
	c.define(
		"h", fmt.Sprintf(`period: hour, maxRunning: 9, outputs: [{path: "%s/h/{{ biz yyyyMMddHH }}"}]`, out),
		"da", `period: day, maxRunning: 9, parents: [{task: h}]`,
		"db", fmt.Sprintf(`period: day, maxRunning: 9, inputs: [{path: "%s/h/{{ biz yyyyMMddHH }}", window: hours}]`, out),
		"w", "period: week, parents: [{task: da}, {task: db}]",
		"other", "period: day",
	)
}

// made lists the batches of an operation as task/workNo.run.
func (c *cluster) made(operation int64) []string {
	c.t.Helper()
	return c.column(fmt.Sprintf(`SELECT CONCAT(t.name, '/', w.workNo, '.', w.type) FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId WHERE w.operationId = %d ORDER BY 1`, operation))
}

// creates lists the batches a plan is going to make as task/workNo.run.
func creates(plan wire.Plan) []string {
	var out []string
	for _, it := range plan.Items {
		if it.Decision == "create" {
			out = append(out, fmt.Sprintf("%s/%s.%d", it.Task, it.WorkNo, it.Run))
		}
	}
	slices.Sort(out)
	return out
}

// weekOfHours are the work numbers of the hours of a week, Monday, 9 November 2026.
func weekOfHours() []string {
	var out []string
	for n := 1; n <= 7*24; n++ {
		out = append(out, time.Date(2026, 11, 9, n, 0, 0, 0, time.UTC).Format("2006010215"))
	}
	return out
}

// TestSimRerunOfSevenDaysGoesThroughADiamond runs a week of hours again, and
// with them seven days twice over and the week once.
func TestSimRerunOfSevenDaysGoesThroughADiamond(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 240, begin: time.Date(2026, 11, 8, 23, 30, 0, 0, time.UTC)}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.addWorker("w2")
		c.diamond()
		c.depose() // a week that is made up for costs less than one that is lived through
		c.at("2026-11-16 00:30:00")
		c.elect("m1")
		c.at("2026-11-16 06:00:00")
		c.is("success", "h/2026110901", "h/2026111600", "da/20261116", "db/20261116", "w/20261116")

		hours := weekOfHours()
		req := wire.PlanRequest{Kind: "rerun", Tasks: []string{"h"}, From: hours[0], To: hours[len(hours)-1], Cascade: "all", Reason: "the source was wrong"}
		batches := c.number("SELECT COUNT(*) FROM capri_task_work")
		dry, err := c.admin.Plan(t.Context(), req)
		c.must(err)
		if n := c.number("SELECT COUNT(*) FROM capri_task_work"); n != batches {
			t.Errorf("got %d batches after a plan, want the %d from before", n, batches)
		}
		c.wantDiamond(dry, hours)

		op, err := c.admin.ApplyPlan(t.Context(), dry)
		c.must(err)
		c.pass(time.Second)
		if got, want := c.made(op.ID), creates(dry); !slices.Equal(got, want) {
			t.Errorf("got batches %v made, want %v as planned", got, want)
		}
		c.at("2026-11-16 20:00:00")
		c.inOrder(op.ID, hours)
		c.refusedTwice(dry)
		done, err := c.admin.Operation(t.Context(), op.ID)
		c.must(err)
		if want := len(creates(dry)); done.State != "done" || done.Done != want || done.Created != want {
			t.Errorf("got operation %+v, want it done with %d batches successful", done, want)
		}
		c.sound()
	})
}

// wantDiamond wants a plan to hold each batch once, with its reason, its level
// and the edges it was reached by.
func (c *cluster) wantDiamond(plan wire.Plan, hours []string) {
	c.t.Helper()
	want := map[string]string{"w/20261116": "create CREATE_GEN_1 level 2 by logic da, logic db"}
	for _, no := range hours {
		want["h/"+no] = "create CREATE_GEN_1 level 0 by "
	}
	for day := 10; day <= 16; day++ {
		want[fmt.Sprintf("da/202611%02d", day)] = "create CREATE_GEN_1 level 1 by logic h"
		want[fmt.Sprintf("db/202611%02d", day)] = "create CREATE_GEN_1 level 1 by data h"
	}
	for _, it := range plan.Items {
		ref := it.Task + "/" + it.WorkNo
		got := fmt.Sprintf("%s %s level %d by %s", it.Decision, it.Code, it.Level, strings.Join(it.Via, ", "))
		if want[ref] != got || it.Sentence == "" || it.Run != 1 {
			c.t.Errorf("got %s.%d: %s (%s), want run 1 once: %s", ref, it.Run, got, it.Sentence, want[ref])
		}
		delete(want, ref)
	}
	for ref, what := range want {
		c.t.Errorf("got no %s in the plan, want %s", ref, what)
	}
	if plan.Counts.Create != len(hours)+15 || plan.Counts.Skip+plan.Counts.Block > 0 {
		c.t.Errorf("got counts %+v, want %d to make and nothing else", plan.Counts, len(hours)+15)
	}
}

// inOrder wants every batch of the rerun successful, started once, and not
// before the new runs of all its parents had ended.
func (c *cluster) inOrder(operation int64, hours []string) {
	c.t.Helper()
	ends, begins := map[string]time.Time{}, map[string]time.Time{}
	for _, l := range c.book.all() {
		ref := batch.Ref{Task: l.spec.Task, WorkNo: l.spec.WorkNo, Run: l.spec.Run}.String()
		if !begins[ref].IsZero() {
			c.t.Errorf("got %s started twice", ref)
		}
		begins[ref], ends[ref] = l.start, l.end
	}
	after := func(child, parent string) {
		c.t.Helper()
		if begins[child].IsZero() || ends[parent].IsZero() || begins[child].Before(ends[parent]) {
			c.t.Errorf("got %s started at %s and %s ended at %s, want the start after the end", child, begins[child], parent, ends[parent])
		}
	}
	for _, ref := range c.made(operation) {
		c.is("success", ref)
	}
	for i, no := range hours {
		day := fmt.Sprintf("202611%02d.1", 10+i/24)
		after("da/"+day, "h/"+no+".1")
		after("db/"+day, "h/"+no+".1")
		after("w/20261116.1", "da/"+day)
		after("w/20261116.1", "db/"+day)
	}
}

// refusedTwice wants a plan that was applied not to be applied again.
func (c *cluster) refusedTwice(plan wire.Plan) {
	c.t.Helper()
	_, err := c.admin.ApplyPlan(c.t.Context(), plan)
	if fault.CodeOf(err) != fault.PlanStale {
		c.t.Errorf("got %v of a plan applied a second time, want %s", err, fault.PlanStale)
	}
}

// TestSimRerunWhileTheWorldGoesOn changes the world between plan and apply, and
// reruns parents of what is waiting, assigned and running.
func TestSimRerunWhileTheWorldGoesOn(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 60, begin: time.Date(2026, 11, 19, 23, 30, 0, 0, time.UTC)}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define("h", "period: hour, maxRunning: 9",
			"k", `period: hour, parents: [{task: h}], thirdParties: [{code: bank, key: "{{ work_no }}"}]`)
		c.at("2026-11-20 04:30:00")
		c.is("success", "h/2026112003", "h/2026112004")
		c.is("waiting", "k/2026112003")
		req := wire.PlanRequest{Kind: "rerun", Tasks: []string{"h"}, From: "2026112002", To: "2026112004", Cascade: "logic", Reason: "test"}
		stale, err := c.admin.Plan(t.Context(), req)
		c.must(err)
		c.announces("bank", "2026112002")
		c.pass(5 * time.Minute)
		c.is("success", "k/2026112002")
		_, err = c.admin.ApplyPlan(t.Context(), stale)
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != fault.PlanStale || len(f.Difference) == 0 || !strings.Contains(strings.Join(f.Difference, "\n"), "k/2026112002") {
			t.Errorf("got %v, want %s with what has changed: k/2026112002", err, fault.PlanStale)
		}
		plan, err := c.admin.Plan(t.Context(), req)
		c.must(err)
		if got, want := creates(plan), []string{"h/2026112002.1", "h/2026112003.1", "h/2026112004.1", "k/2026112002.1"}; !slices.Equal(got, want) {
			t.Errorf("got %v to be made, want %v: the children that wait are left alone", got, want)
		}
		c.lasts(10 * time.Minute)
		op, err := c.admin.ApplyPlan(t.Context(), plan)
		c.must(err)
		c.pass(time.Minute)
		c.is("running", "h/2026112002", "h/2026112003")
		c.hasParents("k/2026112003", "h/2026112003:unmet")
		c.announces("bank", "2026112003")
		c.pass(5 * time.Minute)
		c.is("waiting", "k/2026112003", "k/2026112002")
		c.because(batch.GateParent, "k/2026112002")
		c.at("2026-11-20 05:30:00")
		c.is("success", "k/2026112003", "h/2026112002", "h/2026112003", "h/2026112004")
		if n := c.number("SELECT COUNT(*) FROM capri_task_work WHERE operationId = ?", op.ID); n != 4 {
			t.Errorf("got %d batches of the operation, want 4", n)
		}
		if n := c.number("SELECT COUNT(*) FROM capri_task_work w WHERE latest = 1 AND state = ?", batch.Running); n > 0 {
			t.Errorf("got %d batches running, want none", n)
		}
		c.sound()
	})
}
