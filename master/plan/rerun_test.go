package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// again is a rerun of a task over days.
func again(name, cascade, from, to string) wire.PlanRequest {
	return wire.PlanRequest{Kind: KindRerun, Tasks: []string{name}, From: from, To: to, Cascade: cascade}
}

// ran makes a successful batch of each work number of a task.
func (r *rig) ran(id int64, numbers ...string) {
	r.t.Helper()
	drafts := make([]store.NewBatch, len(numbers))
	ids := make([]int64, len(numbers))
	for i, no := range numbers {
		drafts[i] = r.Draft(id, no)
		ids[i] = drafts[i].ID
	}
	r.must(r.Insert(drafts...))
	r.Succeed(ids...)
}

// waiting makes a batch that waits for met parents of a task.
func (r *rig) waiting(id int64, no string, parents ...store.NewParent) int64 {
	r.t.Helper()
	return r.Batch(id, no, func(b *store.NewBatch) { b.Parents = parents })
}

// rows lists what a batch waits for as task/number state, in order.
func (r *rig) rows(workID int64) []string {
	r.t.Helper()
	rows, err := r.DB.Raw().QueryContext(r.t.Context(), `SELECT t.name, p.parentTaskWorkNo, p.state FROM capri_tparent_data p
JOIN capri_task t ON t.id = p.parentTaskId WHERE p.taskWorkId = ? ORDER BY t.name, p.parentTaskWorkNo`, workID)
	r.must(err)
	defer func() { r.must(rows.Close()) }()
	var out []string
	for rows.Next() {
		var name, no string
		var state int
		r.must(rows.Scan(&name, &no, &state))
		out = append(out, fmt.Sprintf("%s/%s %d", name, no, state))
	}
	r.must(rows.Err())
	return out
}

// counting is the id of the run that counts.
func (r *rig) counting(id int64, no string) int64 {
	r.t.Helper()
	return int64(r.Figure("SELECT id FROM capri_task_work WHERE taskId = ? AND workNo = ? AND latest = 1", id, no))
}

// pyramid is hour → two day tasks, one by data → week, with a week of batches.
type pyramid struct{ hour, logic, data, week int64 }

func (r *rig) pyramid() pyramid {
	p := pyramid{
		hour: r.Define("hour", spec(func(s *task.Spec) {
			s.Period, s.Outputs = "hour", []task.Output{{Path: "file:///ods/{{ biz yyyyMMddHH }}", Ready: "exists"}}
		})),
		logic: r.Define("day_logic", spec(func(s *task.Spec) { s.Parents = []task.Parent{{Task: "hour"}} })),
		data: r.Define("day_data", spec(func(s *task.Spec) {
			s.Inputs = []task.Input{{Path: "file:///ods/{{ biz_end -1h yyyyMMddHH }}", Ready: "exists", Window: "hours"}}
		})),
		week: r.Define("week", spec(func(s *task.Spec) {
			s.Period, s.Parents = "week", []task.Parent{{Task: "day_logic"}, {Task: "day_data"}}
		})),
	}
	var hours, days []string
	for at := time.Date(2015, 5, 18, 1, 0, 0, 0, time.UTC); !at.After(time.Date(2015, 5, 25, 0, 0, 0, 0, time.UTC)); at = at.Add(time.Hour) {
		hours = append(hours, at.Format("2006010215"))
		if at.Hour() == 0 {
			days = append(days, at.Format("20060102"))
		}
	}
	r.ran(p.hour, hours...)
	r.ran(p.logic, days...)
	r.ran(p.data, days...)
	r.ran(p.week, "20150525")
	return p
}

// TestRerunOfAWeekThroughADiamond is the promise of a rerun: what the plan
// shows is what is made, every child once, and all of them wait.
func TestRerunOfAWeekThroughADiamond(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.page = 50
		p := r.pyramid()
		req := again("hour", CascadeAll, "2015051801", "2015052500")
		seen := r.plan(req)
		if seen.Counts != (wire.PlanCounts{Create: 7*24 + 2*7 + 1}) {
			t.Fatalf("got %+v, want 168 hours, 14 days and a week", seen.Counts)
		}
		var want []string
		for _, it := range seen.Items {
			want = append(want, batch.Ref{Task: it.Task, WorkNo: it.WorkNo, Run: it.Run}.String())
			if it.Code != "CREATE_GEN_1" || it.Sentence != "run 1 over run 0 (success)" || len(it.Warnings) != 0 || it.Existing != "done/success" {
				t.Fatalf("got %+v, want a new run over a successful one, and nothing to warn of", it)
			}
		}
		end := seen.Items[len(seen.Items)-1]
		if end.Task != "week" || end.Level != 2 || !slices.Equal(end.Via, []string{"logic day_data", "logic day_logic"}) || seen.Items[0].WorkNo != "2015051801" {
			t.Errorf("got %+v, want the week at the end of both ways", end)
		}
		if more := r.plan(req); more.Fingerprint != seen.Fingerprint {
			t.Error("got another fingerprint for the same question, want the same")
		}
		op := r.apply(seen)
		_, err := r.Apply(t.Context(), ann(), seen.ID, seen.Fingerprint)
		if f := asFault(err); f.Code != fault.PlanStale || len(f.Difference) == 0 {
			t.Errorf("applied twice: got %v, want PLAN_STALE and how it differs", err)
		}
		r.create()
		var got []string
		r.View("read", func(ctx context.Context, v *store.ViewTx) error {
			items, err := v.Items(ctx, store.ItemFilter{Operation: op.ID, After: -1, Limit: 1000})
			for _, i := range items {
				b := r.Work(i.BatchID)
				got = append(got, batch.Ref{Task: map[int64]string{p.hour: "hour", p.logic: "day_logic", p.data: "day_data", p.week: "week"}[b.TaskID], WorkNo: b.WorkNo, Run: b.Type}.String())
			}
			return err
		})
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want what the plan showed: %v", got, want)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_task_work WHERE operationId = ? AND origin = 'rerun' AND type = 1", op.ID); n != len(want) {
			t.Errorf("got %d batches of the rerun, want %d", n, len(want))
		}
		for id, unmet := range map[int64]int{r.counting(p.hour, "2015051801"): 0, r.counting(p.logic, "20150519"): 24, r.counting(p.data, "20150519"): 24 + 24, r.counting(p.week, "20150525"): 14} {
			if b := r.Work(id); b.Unmet != unmet {
				t.Errorf("%d/%s: got %d unmet, want %d", b.TaskID, b.WorkNo, b.Unmet, unmet)
			}
		}
		if rows := r.rows(r.counting(p.data, "20150519")); len(rows) != 24 || rows[0] != "hour/2015051801 0" || rows[23] != "hour/2015051900 0" {
			t.Errorf("got %v, want it to wait for the new runs whose data it reads", rows)
		}
	})
}

func asFault(err error) *fault.Error {
	if f, ok := err.(*fault.Error); ok { //nolint:errorlint // the planner's own, unwrapped
		return f
	}
	return fault.New(fault.Internal, "%v", err)
}

func TestRerunOfAPartWarnsOfTheRest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.pyramid()
		seen := r.plan(again("hour", CascadeAll, "2015051822", "2015051902"))
		got := map[string][]string{}
		for _, it := range seen.Items {
			got[it.Task+"/"+it.WorkNo] = it.Warnings
		}
		want := map[string][]string{
			"hour/2015051822": nil, "hour/2015051823": nil, "hour/2015051900": nil, "hour/2015051901": nil, "hour/2015051902": nil,
			"day_logic/20150519": {"WARN_PARTIAL only 3 of 24 batches of hour that it is made from are in this plan"},
			"day_logic/20150520": {"WARN_PARTIAL only 2 of 24 batches of hour that it is made from are in this plan"},
			"day_data/20150519":  {"WARN_PARTIAL only 3 of 24 batches of hour that it is made from are in this plan"},
			"day_data/20150520":  {"WARN_PARTIAL only 2 of 24 batches of hour that it is made from are in this plan"},
			"week/20150525": {
				"WARN_PARTIAL only 2 of 7 batches of day_logic that it is made from are in this plan",
				"WARN_PARTIAL only 2 of 7 batches of day_data that it is made from are in this plan",
			},
		}
		if len(got) != len(want) {
			t.Errorf("got %v, want %d batches", got, len(want))
		}
		for ref, warnings := range want {
			slices.Sort(got[ref])
			slices.Sort(warnings)
			if !slices.Equal(got[ref], warnings) {
				t.Errorf("%s: got %q, want %q", ref, got[ref], warnings)
			}
		}
	})
}

func TestRerunOfAlmostAllWarnsToo(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	r.pyramid()
	for from, want := range map[string]int{"2015051801": 0, "2015051802": 2} {
		seen, warned := r.plan(again("hour", CascadeAll, from, "2015052500")), 0
		for _, it := range seen.Items {
			if slices.Contains(it.Warnings, "WARN_PARTIAL only 23 of 24 batches of hour that it is made from are in this plan") {
				warned++
			}
		}
		if warned != want {
			t.Errorf("from %s: got %d days warned of, want %d", from, warned, want)
		}
	}
}

func TestRerunWarnsOfWhatHasChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a", spec(func(s *task.Spec) { s.Parents = []task.Parent{{Task: "up"}, {Task: "up", Offset: new(-1)}} }))
		up := r.Define("up")
		r.ran(id, "20150518", "20150519", "20150520")
		r.ran(up, "20150517", "20150520")
		failed := r.Batch(up, "20150519")
		r.must(r.Assign(storetest.Host, failed))
		r.must(r.Start(failed))
		r.must(r.Finish(1, failed))
		r.Batch(up, "20150518")
		r.Redefine(id, 2, func() *task.Task {
			d := r.Definition("a")
			d.Spec.Parents = []task.Parent{{Task: "up"}, {Task: "up", Offset: new(-1)}}
			return d
		}())
		r.Decide("learn", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutTaskStats(ctx, []store.TaskStat{{TaskID: id, Runs: 9, P50Millis: 4200}})
		})
		seen := r.plan(again("a", CascadeNone, "20150518", "20150520"))
		changed := "WARN_DEF_CHANGED run 0 was made from version 1 of the task, this one is made from today's, 2"
		want := [][]string{
			{changed, "WARN_PARENT_NOT_OK waits for a parent outside this plan: up/20150518 is waiting"},
			{changed, "WARN_PARENT_NOT_OK waits for 2 parents outside this plan, the first: up/20150519 ended as failed"},
			{changed, "WARN_PARENT_NOT_OK waits for a parent outside this plan: up/20150519 ended as failed"},
		}
		for i, it := range seen.Items {
			if !slices.Equal(it.Warnings, want[i]) || it.Expected != 4200 {
				t.Errorf("%s: got %q and %d ms, want %q and what was learned", it.WorkNo, it.Warnings, it.Expected, want[i])
			}
		}
	})
}

func TestRerunSkipsAndBlocksWithReasons(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		top := r.Define("top")
		follow := func(s *task.Spec) { s.Parents = []task.Parent{{Task: "top"}} }
		r.Define("off", spec(follow), spec(func(s *task.Spec) { s.Enabled = false }))
		r.Define("under_off", spec(func(s *task.Spec) { s.Parents = []task.Parent{{Task: "off"}} }))
		runs, waits, out := r.Define("runs", spec(follow)), r.Define("waits", spec(follow)), r.Define("out", spec(follow))
		r.Define("fixed", spec(follow), spec(func(s *task.Spec) { s.Valid.To = "2015-05-16" }))
		r.ran(top, "20150518")
		r.ran(out, "20150518")
		b := r.Batch(runs, "20150518")
		r.must(r.Assign(storetest.Host, b))
		r.must(r.Start(b))
		r.Batch(waits, "20150518")
		req := again("top", CascadeAll, "20150518", "20150518")
		req.Exclude = []string{"out"}
		got := map[string]string{}
		for _, it := range r.plan(req).Items {
			got[it.Task] = it.Code + ": " + it.Sentence
		}
		want := map[string]string{
			"top": "CREATE_GEN_1: run 1 over run 0 (success)", "off": "SKIP_DISABLED: the task is disabled",
			"runs":  "BLOCK_RUNNING: run 0 is running: wait for its end or kill it, then plan again",
			"waits": "SKIP_UNFINISHED: run 0 is still waiting: it waits for the new runs of its parents",
			"out":   "SKIP_EXCLUDED: left out, as you asked", "fixed": "SKIP_BEFORE_VALID: outside the task's validity",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestRerunWithoutTheRightIsBlockedByName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.Define("top")
		r.Define("below", spec(func(s *task.Spec) { s.Parents = []task.Parent{{Task: "top"}} }))
		department := int64(r.Figure("SELECT departmentId FROM capri_project WHERE name = 'web'"))
		cases := []struct {
			name string
			by   Caller
			want []string
		}{
			{"Stranger", Caller{Actor: store.Actor{ID: "bob"}}, []string{"top block BLOCK_NO_PERMISSION"}},
			{"OtherDepartment", Caller{Actor: store.Actor{ID: "bob"}, Department: department + 1}, []string{"top block BLOCK_NO_PERMISSION"}},
			{"Department", Caller{Actor: store.Actor{ID: "bob"}, Department: department}, []string{"top create CREATE_NEW", "below create CREATE_NEW"}},
			{"Owner", Caller{Actor: store.Actor{ID: "admin"}}, []string{"top create CREATE_NEW", "below create CREATE_NEW"}},
			{"Operator", Caller{Actor: store.Actor{ID: "eve"}, Everywhere: true}, []string{"top create CREATE_NEW", "below create CREATE_NEW"}},
		}
		for _, c := range cases {
			seen, err := r.Plan(t.Context(), c.by, again("top", CascadeAll, "20150518", "20150518"))
			r.must(err)
			var got []string
			for _, it := range seen.Items {
				got = append(got, it.Task+" "+it.Decision+" "+it.Code)
				if it.Decision == Block && !strings.Contains(it.Sentence, "ask its owner admin") {
					t.Errorf("%s: got %q, want whom to ask", c.name, it.Sentence)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
		}
	})
}
