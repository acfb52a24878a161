package plan

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func TestRerunsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	r.Define("a")
	r.Define("hourly", spec(func(s *task.Spec) { s.Period = "hour" }))
	r.Define("hand", spec(func(s *task.Spec) { s.Period = "manual" }))
	r.Define("often", spec(func(s *task.Spec) { s.Period, s.Cron = "cron", "* * * * *" }))
	cases := []struct {
		name   string
		change func(*wire.PlanRequest)
		code   fault.Code
		text   string
	}{
		{"NoTasks", func(q *wire.PlanRequest) { q.Tasks = nil }, fault.Invalid, "at least one task"},
		{"Project", func(q *wire.PlanRequest) { q.Project = "web" }, fault.Invalid, "not a project"},
		{"NoRange", func(q *wire.PlanRequest) { q.From = "" }, fault.Invalid, "range"},
		{"ChoiceOfBatches", func(q *wire.PlanRequest) { q.State = "failed" }, fault.Invalid, "for commands"},
		{"ColdStartWithCascade", func(q *wire.PlanRequest) { q.Kind, q.Period, q.Cascade = KindColdStart, "day", CascadeAll }, fault.Invalid, "no cascade"},
		{"OtherMode", func(q *wire.PlanRequest) { q.Mode = "some" }, fault.Invalid, "all, failed or missing"},
		{"OtherCascade", func(q *wire.PlanRequest) { q.Cascade = "down" }, fault.Invalid, "none, data, logic or all"},
		{"UnknownTask", func(q *wire.PlanRequest) { q.Tasks = []string{"a", "b"} }, fault.NotFound, `"b"`},
		{"UnknownExclude", func(q *wire.PlanRequest) { q.Exclude = []string{"c"} }, fault.NotFound, `"c"`},
		{"UnknownTaskOfAnExcludedBatch", func(q *wire.PlanRequest) { q.Exclude = []string{"c/20150518"} }, fault.Invalid, `"c/20150518" cannot be left out: there is no task "c"`},
		{"ExcludedNumberOfAnotherPeriod", func(q *wire.PlanRequest) { q.Exclude = []string{"a/2015051807"} }, fault.Invalid, "write yyyyMMdd"},
		{"ExcludedRun", func(q *wire.PlanRequest) { q.Exclude = []string{"a/20150518.0"} }, fault.Invalid, "write a/20150518"},
		{"ExcludedIsNoBatch", func(q *wire.PlanRequest) { q.Exclude = []string{"a/"} }, fault.Invalid, "TASK/WORKNO"},
		{"ExcludedBatchOfAManualTask", func(q *wire.PlanRequest) { q.Exclude = []string{"hand/20150518101533042"} }, fault.Invalid, "manual"},
		{"ExcludedTimeThatNeverFires", func(q *wire.PlanRequest) { q.Exclude = []string{"often/20150518101530"} }, fault.Invalid, "does not fire"},
		{"UnknownExcludeOfAColdStart", func(q *wire.PlanRequest) {
			q.Kind, q.Period, q.Cascade, q.Exclude = KindColdStart, "day", "", []string{"a/2015"}
		}, fault.Invalid, `"a/2015" cannot be left out`},
		{"TwoPeriods", func(q *wire.PlanRequest) { q.Tasks = []string{"a", "hourly"} }, fault.Invalid, "one period"},
		{"OtherPeriod", func(q *wire.PlanRequest) { q.Period = "hour" }, fault.Invalid, "a is a day task"},
		{"Manual", func(q *wire.PlanRequest) { q.Tasks = []string{"hand"} }, fault.Invalid, "capri task run hand"},
		{"BadNumber", func(q *wire.PlanRequest) { q.To = "2015052" }, fault.Invalid, "2015052"},
		{"BackToFront", func(q *wire.PlanRequest) { q.From, q.To = q.To, q.From }, fault.Invalid, "backwards"},
		{"EndsInTheFuture", func(q *wire.PlanRequest) { q.To = "20990101" }, fault.Invalid, "the latest end is " + time.Now().UTC().Add(-time.Minute).Format("20060102")},
		{"TooMany", func(q *wire.PlanRequest) { q.From, q.To = "19500101", "20250101" }, fault.TooLarge, "more than 20000 batches"},
		{"TooManyFires", func(q *wire.PlanRequest) {
			q.Tasks, q.From, q.To = []string{"often"}, "20150101000000", "20250101000000"
		}, fault.TooLarge, "more than 20000 batches"},
		{"TooManyToColdStart", func(q *wire.PlanRequest) {
			q.Kind, q.Period, q.From, q.To, q.Cascade = KindColdStart, "day", "19500101", "20250101", ""
		}, fault.TooLarge, "more than 20000 batches"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req := again("a", CascadeNone, "20150518", "20150520")
			c.change(&req)
			if _, err := r.Plan(t.Context(), ann(), req); fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %s that says %q", err, c.code, c.text)
			}
		})
	}
	if n := r.Figure("SELECT COUNT(*) FROM capri_plan"); n != 0 {
		t.Errorf("got %d plans of refused requests, want none", n)
	}
}

func TestCascadesAreBoundedByTheSetting(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	r.Define("month", spec(func(s *task.Spec) { s.Period = "month" }))
	r.Define("hours", spec(func(s *task.Spec) { s.Period, s.Parents = "hour", []task.Parent{{Task: "month"}} }))
	r.Operate("limit", func(ctx context.Context, o *store.OperateTx) error {
		return o.PutSetting(ctx, store.SettingPlanLimit, "100")
	})
	if _, err := r.Plan(t.Context(), ann(), again("month", CascadeLogic, "201505", "201505")); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("got %v, want TOO_LARGE", err)
	}
}

func TestStaleRerunsSayHowTheyDiffer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a := r.Define("a")
		b := r.Define("b", spec(func(s *task.Spec) { s.Parents = []task.Parent{{Task: "a"}} }))
		r.ran(a, "20150518")
		req := again("a", CascadeAll, "20150518", "20150519")
		stale := func(what string, seen wire.Plan, want ...string) {
			t.Helper()
			_, err := r.Apply(t.Context(), ann(), seen.ID, seen.Fingerprint)
			f := asFault(err)
			if f.Code != fault.PlanStale || fmt.Sprint(f.Difference) != fmt.Sprint(want) {
				t.Errorf("%s: got %v and %q, want PLAN_STALE and %q", what, err, f.Difference, want)
			}
		}
		seen := r.plan(req)
		r.Batch(b, "20150518")
		stale("a batch was made", seen, "b/20150518: create CREATE_NEW (version 1) → skip SKIP_UNFINISHED over run 0 waiting/none (version 1)")
		seen = r.plan(req)
		d := r.Definition("c")
		d.Spec.Parents = []task.Parent{{Task: "a"}}
		c := r.Define("c", func(t *task.Task) { *t = *d })
		stale("a child was added", seen, "c/20150518: not in the plan → create CREATE_NEW (version 1)", "c/20150519: not in the plan → create CREATE_NEW (version 1)")
		seen = r.plan(req)
		r.Change("UPDATE capri_task SET isDeleted = 1 WHERE id = ?", c)
		stale("it is gone", seen, "c/20150518: create CREATE_NEW (version 1) → not in the plan", "c/20150519: create CREATE_NEW (version 1) → not in the plan")
		seen = r.plan(req)
		r.Change("UPDATE capri_task SET isDeleted = 1 WHERE id = ?", a)
		stale("the target is gone", seen, `there is no task "a"`)
		if n := r.Figure("SELECT COUNT(*) FROM capri_operation") + r.Figure("SELECT COUNT(*) FROM capri_operation_item"); n != 0 {
			t.Errorf("got %d rows of operations, want nothing written", n)
		}
	})
}
