package cli

import (
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func somePlan(t *testing.T) wire.Plan {
	t.Helper()
	item := func(task, day, next, decision, code, sentence string) wire.PlanItem {
		return wire.PlanItem{
			Task: task, WorkNo: "201505" + next, Decision: decision, Code: code, Sentence: sentence,
			BizStart: ms(t, "2015-05-"+day+"T00:00:00"), BizEnd: ms(t, "2015-05-"+next+"T00:00:00"),
		}
	}
	finished := item("dwd_access_d", "19", "20", "create", "CREATE_GEN_1", "new run over a finished batch")
	finished.Run, finished.Existing = 1, "success"
	return wire.Plan{
		ID: 12, Fingerprint: "f00d", Kind: "coldstart", ExpiresAt: ms(t, "2015-05-20T12:15:00"),
		Counts: wire.PlanCounts{Create: 4, Skip: 1, Block: 1},
		Items: []wire.PlanItem{
			item("dwd_access_d", "16", "17", "create", "CREATE_NEW", ""),
			item("dwd_access_d", "17", "18", "create", "CREATE_NEW", ""),
			item("dwd_access_d", "18", "19", "create", "CREATE_NEW", ""),
			finished,
			item("dws_用户_d", "16", "17", "skip", "SKIP_UNFINISHED", "is running on w2 since 11:40"),
			item("ads_report_d", "16", "17", "block", "BLOCK_NO_PERMISSION", "ask finance"),
		},
		Warnings: []string{"dwd_access_d has changed since 20150518: today's version is used"},
	}
}

func clean(t *testing.T) wire.Plan {
	t.Helper()
	plan := somePlan(t)
	plan.Items, plan.Warnings = plan.Items[:5], nil
	plan.Counts.Block = 0
	return plan
}

func coldstartArgs(more ...string) []string {
	return append([]string{"coldstart", "--period", "day", "--range", "20150517..20150520"}, more...)
}

func operationOf(plan wire.Plan, created int64) wire.Operation {
	return wire.Operation{ID: 7, Kind: "coldstart", State: "creating", Author: "admin", CreatedAt: created, Total: plan.Counts.Create, Reason: "backfill"}
}

func TestColdStartDryRunShowsThePlan(t *testing.T) {
	m := newMaster(t, map[string]any{"POST /plans": somePlan(t)})
	got := at(m).run(t, coldstartArgs("--dry-run", "--tasks", "a,b", "--mode", "missing", "--exclude", "a/20150518", "--reason", "r")...)
	if got.code != exitDone || got.err != "" || m.asked("POST /plans/12/apply") {
		t.Errorf("got %+v, want the plan alone", got)
	}
	golden(t, "coldstart-plan", got.out)
	want := `{"kind":"coldstart","period":"day","from":"20150517","to":"20150520","tasks":["a","b"],"mode":"missing","exclude":["a/20150518"],"reason":"r"}`
	if m.body("POST /plans") != want {
		t.Errorf("got %s, want %s", m.body("POST /plans"), want)
	}
	got = at(m).run(t, coldstartArgs("--dry-run", "-o", "name")...)
	if !strings.HasPrefix(got.out, "dwd_access_d/20150517.0\n") || !strings.Contains(got.out, "dwd_access_d/20150520.1\n") {
		t.Errorf("got %+v, want the batches", got)
	}
}

func TestColdStartAppliesWhatWasSeen(t *testing.T) {
	plan := clean(t)
	m := newMaster(t, map[string]any{"POST /plans": plan, "POST /plans/12/apply": operationOf(plan, ms(t, "2015-05-20T12:00:00"))})
	got := at(m).run(t, coldstartArgs("--yes")...)
	if got.code != exitDone || !strings.Contains(got.err, "plan 12: 4 to make, 1 left alone, 0 blocked") || !strings.Contains(got.err, "capri op watch 7") {
		t.Errorf("got %+v, want the plan on stderr", got)
	}
	golden(t, "coldstart-operation", got.out)
	if want := `{"fingerprint":"f00d"}`; m.body("POST /plans/12/apply") != want {
		t.Errorf("got %s, want %s", m.body("POST /plans/12/apply"), want)
	}
	if got := at(m).run(t, coldstartArgs("--yes", "-o", "name")...); got.out != "7\n" {
		t.Errorf("got %+v, want the id of the operation", got)
	}
}

func TestColdStartAsks(t *testing.T) {
	plan := clean(t)
	for answer, want := range map[string]int{"y\n": exitDone, "YES\n": exitDone, "n\n": exitFailed, "\n": exitFailed, "": exitFailed, "maybe\n": exitFailed} {
		m := newMaster(t, map[string]any{"POST /plans": plan, "POST /plans/12/apply": operationOf(plan, 0)})
		s := at(m)
		s.stdin, s.terminal = answer, true
		got := s.run(t, coldstartArgs()...)
		if got.code != want || !strings.Contains(got.err, "Make 4 batches? [y/N]") {
			t.Errorf("answer %q: got %+v, want %d", answer, got, want)
		}
		if applied := m.asked("POST /plans/12/apply"); applied != (want == exitDone) {
			t.Errorf("answer %q: got applied %v, want %v", answer, applied, want == exitDone)
		}
	}
	m := newMaster(t, map[string]any{})
	if got := at(m).run(t, coldstartArgs()...); got.code != exitUsage || len(m.calls) > 0 {
		t.Errorf("got %+v and calls %q, want %d before anything is asked", got, m.calls, exitUsage)
	}
}

func TestColdStartEnds(t *testing.T) {
	blocked, empty, stuck := somePlan(t), clean(t), somePlan(t)
	empty.Counts.Create, stuck.Counts.Create = 0, 0
	cases := map[string]struct {
		plan    any
		applied any
		code    int
		want    string
	}{
		"PartlyDoneWhenSomeAreBlocked":  {blocked, operationOf(blocked, 0), exitPartly, "1 batch blocked and not made"},
		"InOrderWhenThereIsNothingToDo": {empty, nil, exitDone, "nothing to make"},
		"InConflictWhenAllAreBlocked":   {stuck, nil, exitConflict, "nothing was made: 1 batch blocked"},
		"InConflictWhenTheWorldChanged": {clean(t), problem(fault.PlanStale, http.StatusConflict, "the plan is stale"), exitConflict, "the plan is stale"},
		"ForbiddenToOrdinaryUsers":      {problem(fault.Forbidden, http.StatusForbidden, "cold starts are for super administrators"), nil, exitNotAllowed, "super administrators"},
		"InvalidWhenTooLarge":           {problem(fault.TooLarge, http.StatusRequestEntityTooLarge, "more than 20000 batches"), nil, exitInvalid, "20000"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t, map[string]any{"POST /plans": c.plan, "POST /plans/12/apply": c.applied})
			got := at(m).run(t, coldstartArgs("--yes")...)
			if got.code != c.code || !strings.Contains(got.err, c.want) {
				t.Errorf("got %+v, want %d, %q", got, c.code, c.want)
			}
			if asked := m.asked("POST /plans/12/apply"); asked != (c.applied != nil) {
				t.Errorf("got applied %v, want %v", asked, c.applied != nil)
			}
		})
	}
}
