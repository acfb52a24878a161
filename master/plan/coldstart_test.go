package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func ann() Caller { return person("ann") }

// person is a caller who may do everything.
func person(name string) Caller {
	return Caller{Actor: store.Actor{Kind: "person", ID: name}, Source: "here", ColdStart: true, Everywhere: true}
}

// days is a cold start of three days.
func days(tasks ...string) wire.PlanRequest {
	return wire.PlanRequest{Kind: KindColdStart, Period: "day", From: "20150518", To: "20150520", Tasks: tasks, Reason: "lost disk"}
}

func (r *rig) plan(req wire.PlanRequest) wire.Plan {
	r.t.Helper()
	got, err := r.Plan(r.t.Context(), ann(), req)
	r.must(err)
	return got
}

func (r *rig) apply(p wire.Plan) store.Operation {
	r.t.Helper()
	op, err := r.Apply(r.t.Context(), ann(), p.ID, p.Fingerprint)
	r.must(err)
	return op
}

// create runs the duty until no operation is being made any more.
func (r *rig) create() {
	r.t.Helper()
	for range 20 {
		got, err := r.CreateBatches(r.t.Context(), r.Lead)
		r.must(err)
		if !got.More {
			return
		}
	}
	r.t.Fatal("got operations still being made after 20 passes, want an end")
}

// listed writes a plan as task/workNo decision.
func listed(p wire.Plan) []string {
	var out []string
	for _, it := range p.Items {
		out = append(out, fmt.Sprintf("%s/%s %s", it.Task, it.WorkNo, it.Code))
	}
	return out
}

func TestColdStartFromPlanToBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		childID := r.Define("a_child", spec(func(s *task.Spec) { s.Parents = []task.Parent{{Task: "b_parent"}} }))
		parentID := r.Define("b_parent")
		r.Define("off", spec(func(s *task.Spec) { s.Enabled = false }))
		r.Succeed(r.Batch(parentID, "20150518"))
		open := r.Batch(parentID, "20150519")
		p := r.plan(days("a_child", "off", "b_parent"))
		want := []string{
			"b_parent/20150518 CREATE_GEN_1", "b_parent/20150519 SKIP_UNFINISHED", "b_parent/20150520 CREATE_NEW",
			"a_child/20150518 CREATE_NEW", "a_child/20150519 CREATE_NEW", "a_child/20150520 CREATE_NEW",
		}
		got := slices.DeleteFunc(listed(p), func(s string) bool { return s[:3] == "off" })
		if !slices.Equal(got, want) || p.Counts.Create != 5 || p.Counts.Skip != 4 {
			t.Errorf("got %v and %+v, want parents first: %v", listed(p), p.Counts, want)
		}
		if r.batches(childID) != 0 {
			t.Error("got batches from a plan, want none before it is applied")
		}
		op := r.apply(p)
		if r.applied != 1 || op.Total != 5 || op.State != store.OperationCreating {
			t.Errorf("got %+v, told %d times, want an operation of 5", op, r.applied)
		}
		r.create()
		r.wantBatches("child", childID, 3)
		r.wantBatches("parent", parentID, 4)
		if n := r.Figure("SELECT COUNT(*) FROM capri_task_work WHERE operationId = ? AND origin = 'coldstart'", op.ID); n != 5 {
			t.Errorf("got %d batches of the operation, want 5", n)
		}
		// The parent of the 18th runs again: its child waits for the new run.
		if n := r.Figure("SELECT unmet FROM capri_task_work WHERE taskId = ? AND workNo = '20150518'", childID); n != 1 {
			t.Errorf("got %d unmet, want the child to wait for its parent's new run", n)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_operation_item WHERE operationId = ? AND code = 'SKIP_UNFINISHED' AND existingId = ?", op.ID, open); n != 1 {
			t.Errorf("got %d items that name the unfinished batch, want 1", n)
		}
		if n := r.alerts("coldstart-unfinished"); n != 1 {
			t.Errorf("got %d alerts about what was left alone, want 1", n)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE actor = 'ann' AND action IN ('plan', 'plan.apply')"); n != 2 {
			t.Errorf("got %d rows of audit, want both commands", n)
		}
		if state := r.Text("SELECT state FROM capri_operation WHERE id = ?", op.ID); state != store.OperationRunning {
			t.Errorf("got %s, want it running until its batches have ended", state)
		}
	})
}

func TestOperationIsDoneWhenItsBatchesAre(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a")
		req := days("a")
		req.To = req.From
		op := r.apply(r.plan(req))
		r.create()
		r.Succeed(int64(r.Figure("SELECT id FROM capri_task_work WHERE taskId = ?", id)))
		r.create()
		if state := r.Text("SELECT state FROM capri_operation WHERE id = ?", op.ID); state != store.OperationDone {
			t.Errorf("got %s, want it done", state)
		}
	})
}

func TestMissingLeavesWhatIsThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a")
		r.Succeed(r.Batch(id, "20150519"))
		req := days("a")
		req.Mode = ModeMissing
		got := listed(r.plan(req))
		want := []string{"a/20150518 CREATE_NEW", "a/20150519 SKIP_EXISTS", "a/20150520 CREATE_NEW"}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestStalePlansAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a")
		refused := func(what string, by Caller, p wire.Plan, seen string, want fault.Code) {
			t.Helper()
			if _, err := r.Apply(t.Context(), by, p.ID, seen); fault.CodeOf(err) != want {
				t.Errorf("%s: got %v, want %s", what, err, want)
			}
		}
		p := r.plan(days("a"))
		refused("OtherFingerprint", ann(), p, "abc", fault.PlanStale)
		refused("OtherAuthor", person("bob"), p, p.Fingerprint, fault.Forbidden)
		refused("UnknownPlan", ann(), wire.Plan{ID: 404}, p.Fingerprint, fault.NotFound)
		first := r.Batch(id, "20150519")
		refused("ABatchWasMade", ann(), p, p.Fingerprint, fault.PlanStale)
		p = r.plan(days("a"))
		r.must(r.Assign(storetest.Host, first))
		refused("ABatchWasAssigned", ann(), p, p.Fingerprint, fault.PlanStale)
		p = r.plan(days("a"))
		r.Redefine(id, 2, r.Definition("a"))
		refused("TheTaskWasSaved", ann(), p, p.Fingerprint, fault.PlanStale)
		p = r.plan(days("a"))
		r.Change("UPDATE capri_plan SET expiresAt = 5 WHERE id = ?", p.ID)
		refused("TooOld", ann(), p, p.Fingerprint, fault.PlanStale)
		p = r.plan(days("a"))
		r.Batch(r.Define("other"), "20150519") // nothing to do with it
		r.apply(p)
		refused("AppliedAlready", ann(), p, p.Fingerprint, fault.PlanStale)
		if n := r.Figure("SELECT COUNT(*) FROM capri_operation"); n != 1 {
			t.Errorf("got %d operations, want the one that was applied", n)
		}
		r.create()
		r.wantBatches("applied once", id, 3)
	})
}

func TestPlansThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	r.Define("a")
	r.Define("hourly", spec(func(s *task.Spec) { s.Period = "hour" }))
	cases := []struct {
		name   string
		change func(*wire.PlanRequest)
		code   fault.Code
		text   string
	}{
		{"OtherKind", func(q *wire.PlanRequest) { q.Kind = "undo" }, fault.Invalid, "undo"},
		{"OtherMode", func(q *wire.PlanRequest) { q.Mode = "some" }, fault.Invalid, "some"},
		{"NoRange", func(q *wire.PlanRequest) { q.To = "" }, fault.Invalid, "range"},
		{"ProjectAndTasks", func(q *wire.PlanRequest) { q.Project = "web" }, fault.Invalid, "not both"},
		{"UnknownTask", func(q *wire.PlanRequest) { q.Tasks = []string{"b"} }, fault.NotFound, `"b"`},
		{"UnknownProject", func(q *wire.PlanRequest) { q.Tasks, q.Project = nil, "b" }, fault.NotFound, `"b"`},
		{"OtherPeriod", func(q *wire.PlanRequest) { q.Tasks = []string{"hourly"} }, fault.Invalid, "hour task"},
		{"UnknownPeriod", func(q *wire.PlanRequest) { q.Period = "year" }, fault.Invalid, "year"},
		{"Manual", func(q *wire.PlanRequest) { q.Period = "manual" }, fault.Invalid, "manual"},
		{"EndsInTheFuture", func(q *wire.PlanRequest) { q.From, q.To = "20990101", "20990102" }, fault.Invalid, "future"},
		{"BackToFront", func(q *wire.PlanRequest) { q.From, q.To = q.To, q.From }, fault.Invalid, "20150520"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req := days("a")
			c.change(&req)
			if _, err := r.Plan(t.Context(), ann(), req); fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %s that says %q", err, c.code, c.text)
			}
		})
	}
}

func TestPlanOfAProjectLeavesDisabledTasksOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	r.Define("a")
	r.Define("off", spec(func(s *task.Spec) { s.Enabled = false }))
	for _, project := range []string{"", "web"} {
		req := days()
		req.Project, req.To = project, "20150518"
		if got := listed(r.plan(req)); !slices.Equal(got, []string{"a/20150518 CREATE_NEW"}) {
			t.Errorf("project %q: got %v, want the enabled task alone", project, got)
		}
	}
}

func TestItemsOvertakenByTheTimerAreSkipped(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a")
		op := r.apply(r.plan(days("a")))
		mine := r.Batch(id, "20150519") // between apply and making
		r.create()
		r.wantBatches("one was there", id, 3)
		if n := r.Figure("SELECT COUNT(*) FROM capri_operation_item WHERE operationId = ? AND decision = 'skip' AND code = 'SKIP_UNFINISHED' AND batchId = 0", op.ID); n != 1 {
			t.Errorf("got %d items skipped, want the overtaken one", n)
		}
		if w := r.Work(mine); w.State != batch.Waiting || w.OperationID != 0 {
			t.Errorf("got %+v, want the other batch untouched", w)
		}
	})
}

func TestItemsThatCannotBeDraftedBlock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		bad, good := r.Define("bad", spoiled), r.Define("good")
		op := r.apply(r.plan(days("bad", "good")))
		r.create()
		r.wantBatches("bad", bad, 0)
		r.wantBatches("good", good, 3)
		if n := r.Figure("SELECT COUNT(*) FROM capri_operation_item WHERE operationId = ? AND code = 'BLOCK_FAILED'", op.ID); n != 3 {
			t.Errorf("got %d items blocked, want 3", n)
		}
	})
}
