package cli

import (
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// cascadePlan is a plan of two hours and what is made from them.
func cascadePlan(t *testing.T) wire.Plan {
	t.Helper()
	hour := func(from, to, no string) wire.PlanItem {
		return wire.PlanItem{
			Task: "ods_access_h", WorkNo: no, Run: 1, Decision: "create", Code: "CREATE_GEN_1", Sentence: "run 1 over run 0 (success)",
			Existing: "done/success", BizStart: ms(t, "2015-05-18T"+from), BizEnd: ms(t, "2015-05-18T"+to), Expected: 90_000,
		}
	}
	day := wire.PlanItem{
		Task: "dwd_access_d", WorkNo: "20150519", Decision: "create", Code: "CREATE_NEW", Sentence: "no batch yet", Level: 1,
		BizStart: ms(t, "2015-05-18T00:00:00"), BizEnd: ms(t, "2015-05-19T00:00:00"), Via: []string{"data ods_access_h", "logic ods_access_h"},
		Warnings: []string{"WARN_PARTIAL only 2 of 24 batches of ods_access_h that it is made from are in this plan"}, Expected: 600_000,
	}
	report := day
	report.Task, report.Decision, report.Code, report.Level, report.Via = "ads_report_d", "block", "BLOCK_NO_PERMISSION", 2, []string{"logic dwd_access_d"}
	report.Sentence, report.Warnings, report.Expected = "you may not run batches of this task; ask its owner bob", nil, 0
	return wire.Plan{
		ID: 12, Fingerprint: "f00d", Kind: "rerun", ExpiresAt: ms(t, "2015-05-20T12:15:00"), Counts: wire.PlanCounts{Create: 3, Block: 1},
		Items:    []wire.PlanItem{hour("08:00:00", "09:00:00", "2015051809"), hour("09:00:00", "10:00:00", "2015051810"), day, report},
		Warnings: []string{"ads_last_d waits for the newest batch of dwd_access_d, whichever that is: the cascade does not follow it"},
	}
}

func rerunArgs(more ...string) []string {
	return append([]string{"batch", "rerun", "ods_access_h,ods_other_h", "--range", "2015051809..2015051810"}, more...)
}

func TestRerunDryRunShowsThePlan(t *testing.T) {
	m := newMaster(t, map[string]any{"POST /plans": cascadePlan(t)})
	got := at(m).run(t, rerunArgs("--dry-run", "--cascade", "all", "--mode", "failed", "--exclude", "x,y/20150519", "--reason", "r")...)
	if got.code != exitDone || got.err != "" || m.asked("POST /plans/12/apply") {
		t.Errorf("got %+v, want the plan alone", got)
	}
	golden(t, "rerun-plan", got.out)
	want := `{"kind":"rerun","from":"2015051809","to":"2015051810","tasks":["ods_access_h","ods_other_h"],"mode":"failed","cascade":"all","exclude":["x","y/20150519"],"reason":"r"}`
	if m.body("POST /plans") != want {
		t.Errorf("got %s, want %s", m.body("POST /plans"), want)
	}
}

func TestRerunAppliesWhatWasSeen(t *testing.T) {
	plan := cascadePlan(t)
	m := newMaster(t, map[string]any{"POST /plans": plan, "POST /plans/12/apply": operationOf(plan, 0)})
	got := at(m).run(t, rerunArgs("--yes")...)
	if got.code != exitPartly || !strings.Contains(got.err, "plan 12: 3 to make, 0 left alone, 1 blocked; about 13m0s of running") ||
		!strings.Contains(got.err, "1 batch blocked and not made") || !strings.HasPrefix(got.out, "ID") {
		t.Errorf("got %+v, want the plan on stderr and the operation on stdout", got)
	}
	if want := `{"fingerprint":"f00d"}`; m.body("POST /plans/12/apply") != want {
		t.Errorf("got %s, want %s", m.body("POST /plans/12/apply"), want)
	}
}

func TestAStaleRerunShowsTheDifference(t *testing.T) {
	stale := problem(fault.PlanStale, http.StatusConflict, "the world has changed since plan 12 was made")
	stale.Difference = []string{"a/20150519: create CREATE_NEW → skip SKIP_UNFINISHED", "b/20150519: not in the plan → create CREATE_NEW"}
	m := newMaster(t, map[string]any{"POST /plans": cascadePlan(t), "POST /plans/12/apply": stale})
	got := at(m).run(t, rerunArgs("--yes")...)
	if got.code != exitConflict || !strings.Contains(got.err, "\n  a/20150519: create CREATE_NEW → skip SKIP_UNFINISHED\n  b/20150519: not in the plan") || got.out != "" {
		t.Errorf("got %+v, want the difference line by line and %d", got, exitConflict)
	}
}

func TestRerunIsCheckedBeforeAnythingIsAsked(t *testing.T) {
	cases := map[string]struct{ args, want string }{
		"NoRange":      {"a", "--range is wanted"},
		"NoNumbers":    {"a --range yesterday..today", "not a range of work numbers"},
		"TwoLengths":   {"a --range 2015051800..20150519", "not a range of work numbers"},
		"Backwards":    {"a --range 20150519..20150518", "write 20150518..20150519"},
		"EmptyName":    {"a,,b --range 20150518..20150519", "an empty name"},
		"OtherCascade": {"a --range 20150518..20150519 --cascade down", "none, data, logic or all"},
		"OtherMode":    {"a --range 20150518..20150519 --mode some", "all, failed or missing"},
		"NobodyToAsk":  {"a --range 20150518..20150519", "give --yes"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t, map[string]any{})
			got := at(m).run(t, append([]string{"batch", "rerun"}, strings.Fields(c.args)...)...)
			if got.code != exitUsage || !strings.Contains(got.err, c.want) || len(m.calls) > 0 {
				t.Errorf("got %+v and calls %q, want %d, %q and none", got, m.calls, exitUsage, c.want)
			}
		})
	}
}

func TestOneNumberIsARange(t *testing.T) {
	m := newMaster(t, map[string]any{"POST /plans": cascadePlan(t)})
	at(m).run(t, "batch", "rerun", "a", "--range", "20150518", "--dry-run")
	if want := `{"kind":"rerun","from":"20150518","to":"20150518","tasks":["a"],"mode":"all","cascade":"none"}`; m.body("POST /plans") != want {
		t.Errorf("got %s, want %s", m.body("POST /plans"), want)
	}
}
