package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// bulk is the request of a bulk command by ann.
func bulk(kind string, change func(*wire.PlanRequest)) wire.PlanRequest {
	req := wire.PlanRequest{Kind: kind, Reason: "wrong input"}
	change(&req)
	return req
}

func daily(b *store.NewBatch) { b.Period = int(period.Day) }

func of(tasks ...string) func(*wire.PlanRequest) {
	return func(q *wire.PlanRequest) { q.Tasks = tasks }
}

// codes writes a plan's items with their runs.
func codes(p wire.Plan) []string {
	var out []string
	for _, it := range p.Items {
		out = append(out, fmt.Sprintf("%s/%s.%d %s", it.Task, it.WorkNo, it.Run, it.Code))
	}
	return out
}

// done applies a plan and does all of it.
func (r *commander) done(p wire.Plan) store.Operation {
	r.t.Helper()
	op := r.apply(p)
	r.create()
	if state := r.Text("SELECT state FROM capri_operation WHERE id = ?", op.ID); state != store.OperationDone {
		r.t.Errorf("got the operation %s, want it done", state)
	}
	return op
}

func (r *commander) items(op store.Operation, cond string) int {
	r.t.Helper()
	return r.Figure("SELECT COUNT(*) FROM capri_operation_item WHERE operationId = ? AND "+cond, op.ID)
}

func TestBulkKill(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		a, b := r.Define("a"), r.Define("b")
		ended := r.Batch(a, "20150517")
		r.Succeed(ended)
		waits, given := r.Batch(a, "20150518"), r.Batch(a, "20150519")
		runs := r.Batch(b, "20150518")
		r.must(r.Assign(storetest.Host, given, runs))
		r.says(runs, wire.FactStarted, nil)
		p := r.plan(bulk(KindKill, of("b", "a")))
		want := []string{"a/20150518.0 KILL_NOW", "a/20150519.0 KILL_NOW", "b/20150518.0 KILL_ORDER"}
		if got := codes(p); !slices.Equal(got, want) || p.Counts.Change != 3 || len(p.Warnings) != 1 {
			t.Errorf("got %v, %+v, %q, want %v and a warning of the running script", got, p.Counts, p.Warnings, want)
		}
		r.wantState("planned only", waits, batch.Waiting, batch.None)
		op := r.done(p)
		r.wantState("waited", waits, batch.Done, batch.Killed)
		r.wantState("was assigned", given, batch.Done, batch.Killed)
		if got := r.wantState("runs", runs, batch.Running, batch.None); got.KillBy != "ann" || got.KillReason != "wrong input" || !slices.Contains(r.killed, storetest.Host) {
			t.Errorf("got %+v and %v told, want an order by ann", got, r.killed)
		}
		if n := r.items(op, "batchId = existingId AND decision = 'change' AND result <> ''"); n != 3 {
			t.Errorf("got %d items done, want all three with what was done", n)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_batch_event WHERE actorId = 'ann' AND epoch > 0 AND detail = ?", fmt.Sprintf("operation %d: wrong input", op.ID)); n != 3 {
			t.Errorf("got %d rows of the journal that name the author and the operation, want 3", n)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action IN ('plan', 'plan.apply')"); n != 2 {
			t.Errorf("got %d audit rows, want one for each call", n)
		}
		if n := r.Figure("SELECT created FROM capri_operation WHERE id = ?", op.ID); n != 3 || op.Total != 3 {
			t.Errorf("got %d of %d, want all changed", n, op.Total)
		}
	})
}

func TestBulkHoldAndRelease(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		a := r.Define("a")
		first, second := r.Batch(a, "20150518", daily), r.Batch(a, "20150519", daily)
		r.Batch(a, "20150520", daily)
		r.assign()
		r.done(r.plan(bulk(KindHold, func(q *wire.PlanRequest) { q.Tasks, q.To = []string{"a"}, "20150519" })))
		r.assign()
		r.wantState("held", first, batch.Waiting, batch.None)
		r.wantState("held", second, batch.Waiting, batch.None)
		if n := r.Figure("SELECT COUNT(*) FROM capri_hold WHERE actor = 'ann' AND source = 'person' AND kind = 'batch' AND reason = 'wrong input'"); n != 2 || r.freed == 0 {
			t.Errorf("got %d holds, assign woken %d times, want both held by ann and taken back at once", n, r.freed)
		}
		if got := codes(r.plan(bulk(KindHold, of("a")))); !slices.Equal(got, []string{"a/20150518.0 SKIP_SAME", "a/20150519.0 SKIP_SAME", "a/20150520.0 HOLD"}) {
			t.Errorf("got %v, want those that are held left alone", got)
		}
		named := r.plan(bulk(KindRelease, func(q *wire.PlanRequest) { q.Refs = []string{"a/20150520", "a/20150518.0", "a/20150518"} }))
		if got := codes(named); !slices.Equal(got, []string{"a/20150518.0 RELEASE", "a/20150520.0 SKIP_NOT_HELD"}) {
			t.Errorf("got %v, want each batch once, and the one that is not held left alone", got)
		}
		chosen := r.plan(bulk(KindRelease, func(q *wire.PlanRequest) { q.Project, q.Reason = "web", "" }))
		if got := codes(chosen); !slices.Equal(got, []string{"a/20150518.0 RELEASE", "a/20150519.0 RELEASE"}) {
			t.Errorf("got %v, want those that are held", got)
		}
		r.done(chosen)
		if n := r.inForce(); n != 0 {
			t.Errorf("got %d holds, want none", n)
		}
		r.assign()
		r.wantState("released", first, batch.Assigned, batch.None)
	})
}

func TestBulkMark(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		up, down := r.Define("up"), r.Define("down")
		bad, runs := r.Batch(up, "20150518"), r.Batch(up, "20150519")
		child := r.Batch(down, "20150518", waitsOn(store.NewParent{TaskID: up, WorkNo: "20150518"}))
		r.depend()
		r.must(r.Assign(storetest.Host, bad, runs))
		r.must(r.Start(bad, runs))
		r.must(r.Finish(1, bad))
		p := r.plan(bulk(KindMark, func(q *wire.PlanRequest) { q.Tasks, q.Result = []string{"up"}, "success" }))
		if got := codes(p); !slices.Equal(got, []string{"up/20150518.0 MARK", "up/20150519.0 BLOCK_RUNNING"}) || p.Counts.Block != 1 {
			t.Errorf("got %v, want the running one blocked", got)
		}
		r.done(p)
		r.wantState("marked", bad, batch.Done, batch.Success)
		r.depend()
		r.wantUnmet("its child", child, 0)
		back := r.plan(bulk(KindMark, func(q *wire.PlanRequest) { q.State, q.Tasks, q.Result = "success", []string{"up"}, "failed" }))
		r.done(back)
		r.wantUnmet("its child again", child, 1)
	})
}

func TestBulkCommandsListWhatIsNotAllowed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		r.Batch(r.Define("a"), "20150518")
		eve := Caller{Actor: store.Actor{Kind: "person", ID: "eve"}}
		p, err := r.Plan(t.Context(), eve, bulk(KindKill, of("a")))
		r.must(err)
		if got := codes(p); !slices.Equal(got, []string{"a/20150518.0 BLOCK_NO_PERMISSION"}) || !strings.Contains(p.Items[0].Sentence, "ask admin") {
			t.Errorf("got %v, %+v, want the batch blocked and whom to ask", got, p.Items)
		}
		if _, err := r.Apply(t.Context(), eve, p.ID, p.Fingerprint); err != nil {
			t.Errorf("got %v, want a plan of blocks applied as one that changes nothing", err)
		}
		r.create()
		if n := r.Figure("SELECT COUNT(*) FROM capri_task_work WHERE state <> 0"); n != 0 {
			t.Errorf("got %d batches changed, want none", n)
		}
	})
}

// What changes between plan and apply makes the plan stale; what changes
// between apply and the doing is left alone, and its item says so.
func TestBulkCommandsLeaveAloneWhatHasChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		a := r.Define("a")
		first, second, third := r.Batch(a, "20150518"), r.Batch(a, "20150519"), r.Batch(a, "20150520")
		stale := r.plan(bulk(KindKill, of("a")))
		r.must(r.Assign(storetest.Host, first))
		if _, err := r.Apply(t.Context(), ann(), stale.ID, stale.Fingerprint); fault.CodeOf(err) != fault.PlanStale {
			t.Errorf("got %v, want PLAN_STALE: a batch was assigned", err)
		}
		op := r.apply(r.plan(bulk(KindKill, of("a"))))
		r.must(r.Start(first)) // would be an order to its worker now: more than was seen
		r.command("a/20150519", kill())
		r.create()
		r.wantState("runs", first, batch.Running, batch.None)
		r.wantState("killed by hand", second, batch.Done, batch.Killed)
		r.wantState("killed by the operation", third, batch.Done, batch.Killed)
		if n := r.items(op, "decision = 'fail' AND batchId = 0 AND result LIKE 'left alone: by now it is%'"); n != 2 {
			t.Errorf("got %d items that say why nothing was done, want 2", n)
		}
		if n := r.items(op, "decision = 'change' AND batchId > 0"); n != 1 {
			t.Errorf("got %d items done, want 1", n)
		}
	})
}

func TestBulkCommandsGoOnByPagesUntilCancelled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		hourly := r.Define("a", spec(func(s *task.Spec) { s.Period = "hour" }))
		const n = itemPage + 20
		drafts := make([]store.NewBatch, n)
		for i := range drafts {
			drafts[i] = r.Draft(hourly, fmt.Sprintf("201505%02d%02d", 1+i/24, i%24))
		}
		r.must(r.Insert(drafts...))
		op := r.apply(r.plan(bulk(KindHold, of("a"))))
		if _, err := r.CreateBatches(t.Context(), r.Lead); err != nil {
			t.Fatal(err)
		}
		if got := r.inForce(); got != itemPage {
			t.Errorf("got %d held after one page, want %d", got, itemPage)
		}
		_, err := r.Cancel(t.Context(), ann(), op.ID, "enough")
		r.must(err)
		r.create()
		if got := r.inForce(); got != itemPage {
			t.Errorf("got %d held after the cancel, want no more than before", got)
		}
		_, err = r.Resume(t.Context(), ann(), op.ID, "all the same")
		r.must(err)
		r.create()
		if got := r.inForce(); got != n {
			t.Errorf("got %d held at the end, want all %d", got, n)
		}
		if state := r.Text("SELECT state FROM capri_operation WHERE id = ?", op.ID); state != store.OperationDone {
			t.Errorf("got %s, want it done", state)
		}
	})
}

func TestBulkCommandsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	r := newCommander(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	r.Define("a")
	r.Define("hourly", spec(func(s *task.Spec) { s.Period = "hour" }))
	cases := map[string]struct {
		req  wire.PlanRequest
		code fault.Code
		says string
	}{
		"NoChoice":           {bulk(KindKill, func(*wire.PlanRequest) {}), fault.Invalid, "of which batches"},
		"NoReason":           {bulk(KindKill, func(q *wire.PlanRequest) { q.Tasks, q.Reason = []string{"a"}, "" }), fault.Invalid, "reason"},
		"RefsAndTasks":       {bulk(KindKill, func(q *wire.PlanRequest) { q.Tasks, q.Refs = []string{"a"}, []string{"a/1"} }), fault.Invalid, "not both"},
		"RefsAndRange":       {bulk(KindKill, func(q *wire.PlanRequest) { q.From, q.Refs = "1", []string{"a/1"} }), fault.Invalid, "not both"},
		"BadRef":             {bulk(KindKill, func(q *wire.PlanRequest) { q.Refs = []string{"a"} }), fault.Invalid, "task/workNo"},
		"UnknownBatch":       {bulk(KindKill, func(q *wire.PlanRequest) { q.Refs = []string{"a/20150518"} }), fault.NotFound, "a/20150518"},
		"UnknownTaskOfBatch": {bulk(KindKill, func(q *wire.PlanRequest) { q.Refs = []string{"b/20150518"} }), fault.NotFound, `"b"`},
		"UnknownTask":        {bulk(KindKill, of("a", "b")), fault.NotFound, `"b"`},
		"UnknownProject":     {bulk(KindKill, func(q *wire.PlanRequest) { q.Project = "b" }), fault.NotFound, `"b"`},
		"UnknownState":       {bulk(KindKill, func(q *wire.PlanRequest) { q.State = "sleeping" }), fault.Invalid, "sleeping"},
		"KillOfTheEnded":     {bulk(KindKill, func(q *wire.PlanRequest) { q.State = "failed" }), fault.Invalid, "unfinished"},
		"MarkOfTooMuch":      {bulk(KindMark, func(q *wire.PlanRequest) { q.Project, q.Result = "web", "failed" }), fault.Invalid, "choose them"},
		"MarkOfTheEnded":     {bulk(KindMark, func(q *wire.PlanRequest) { q.State, q.Result = "done", "failed" }), fault.Invalid, "choose them"},
		"MarkAsNothing":      {bulk(KindMark, of("a")), fault.Invalid, "success, failed or skipped"},
		"KillAsSuccess":      {bulk(KindKill, func(q *wire.PlanRequest) { q.Tasks, q.Result = []string{"a"}, "success" }), fault.Invalid, "no result"},
		"Cascade":            {bulk(KindKill, func(q *wire.PlanRequest) { q.Tasks, q.Cascade = []string{"a"}, "all" }), fault.Invalid, "cascade"},
		"RangeOfNoPeriod":    {bulk(KindKill, func(q *wire.PlanRequest) { q.Project, q.From = "web", "20150518" }), fault.Invalid, "of a period"},
		"RangeOfTwoPeriods":  {bulk(KindKill, func(q *wire.PlanRequest) { q.Tasks, q.From = []string{"a", "hourly"}, "20150518" }), fault.Invalid, "hour task"},
		"RangeOfAnother":     {bulk(KindKill, func(q *wire.PlanRequest) { q.Tasks, q.From = []string{"hourly"}, "20150518" }), fault.Invalid, "yyyyMMddHH"},
		"RangeBackwards":     {bulk(KindKill, func(q *wire.PlanRequest) { q.Tasks, q.From, q.To = []string{"a"}, "20150519", "20150518" }), fault.Invalid, "before it begins"},
		"UnknownPeriod":      {bulk(KindKill, func(q *wire.PlanRequest) { q.Project, q.From, q.Period = "web", "20150518", "year" }), fault.Invalid, "year"},
		"HoldUntilThePast":   {bulk(KindHold, func(q *wire.PlanRequest) { q.Tasks, q.Until = []string{"a"}, 5 }), fault.Invalid, "over already"},
	}
	for name, c := range cases {
		if _, err := r.Plan(t.Context(), ann(), c.req); fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %s that says %q", name, err, c.code, c.says)
		}
	}
}

func TestBulkCommandsHaveALimit(t *testing.T) {
	t.Parallel()
	r := newCommander(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	a := r.Define("a")
	for i := range 3 {
		r.Batch(a, fmt.Sprint(20150518+i), daily)
	}
	r.Change("UPDATE capri_dic_data SET dicValue = '2' WHERE dicKey = ?", store.SettingPlanLimit)
	for name, req := range map[string]wire.PlanRequest{
		"chosen": bulk(KindKill, of("a")),
		"named":  bulk(KindKill, func(q *wire.PlanRequest) { q.Refs = []string{"a/20150518", "a/20150519", "a/20150520"} }),
	} {
		if _, err := r.Plan(t.Context(), ann(), req); fault.CodeOf(err) != fault.TooLarge {
			t.Errorf("%s: got %v, want TOO_LARGE", name, err)
		}
	}
	if got := codes(r.plan(bulk(KindKill, func(q *wire.PlanRequest) { q.Tasks, q.From = []string{"a"}, "20150519" }))); len(got) != 2 {
		t.Errorf("got %v, want the two within the limit", got)
	}
}
