package cli

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func killed() wire.CommandReply {
	return wire.CommandReply{Object: "a/1.0", Changed: true, Code: "KILL_ORDER", Message: "a/1.0 is being ended on w1", Next: "capri batch wait a/1.0 waits for its end"}
}

func TestOneBatchIsCommandedAtOnce(t *testing.T) {
	cases := map[string]struct {
		args string
		call string
		body string
	}{
		"Kill":           {"batch kill a/1 --reason wrong --yes", "POST /batches/a/1/kill", `{"reason":"wrong"}`},
		"KillOfARun":     {"batch kill a/1.2 --reason wrong --yes", "POST /batches/a/1.2/kill", `{"reason":"wrong"}`},
		"Hold":           {"batch hold a/1 --reason look", "POST /batches/a/1/hold", `{"reason":"look"}`},
		"HoldForAWhile":  {"batch hold a/1 --reason look --for 2h", "POST /batches/a/1/hold", `{"reason":"look","until":1432101600000}`},
		"HoldUntil":      {"batch hold a/1 --reason look --until 2015-05-21T08:00", "POST /batches/a/1/hold", `{"reason":"look","until":1432166400000}`},
		"HoldUntilInUTC": {"batch hold a/1 --reason look --until 2015-05-21T00:00:00Z", "POST /batches/a/1/hold", `{"reason":"look","until":1432166400000}`},
		"Release":        {"batch release a/1", "POST /batches/a/1/release", `{}`},
		"Mark":           {"batch mark a/1 success --reason checked --yes", "POST /batches/a/1/mark", `{"reason":"checked","result":"success"}`},
		"Skip":           {"batch mark a/1 skipped --reason checked --yes", "POST /batches/a/1/mark", `{"reason":"checked","result":"skipped"}`},
		"HoldTask":       {"task hold a --reason look", "POST /tasks/a/hold", `{"reason":"look"}`},
		"ReleaseTask":    {"task release a", "POST /tasks/a/release", `{}`},
		"HoldProject":    {"project hold p --reason move --yes", "POST /projects/p/hold", `{"reason":"move"}`},
		"ReleaseProject": {"project release p --reason moved", "POST /projects/p/release", `{"reason":"moved"}`},
		"Trip":           {"breaker trip --task a --reason storm --yes", "POST /breakers/trip", `{"task":"a","reason":"storm"}`},
		"Reset":          {"breaker reset --project p", "POST /breakers/reset", `{"project":"p"}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t, map[string]any{c.call: killed()})
			got := at(m).run(t, strings.Fields(c.args)...)
			if want := (result{exitDone, "", "a/1.0 is being ended on w1\n  capri batch wait a/1.0 waits for its end\n"}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if m.body(c.call) != c.body || m.asked("POST /plans") {
				t.Errorf("got body %s and calls %q, want %s and no plan", m.body(c.call), m.calls, c.body)
			}
			if got := at(m).run(t, append(strings.Fields(c.args), "-o", "name")...); got.out != "a/1.0\n" {
				t.Errorf("got %+v, want the name", got)
			}
		})
	}
}

func TestCommandsAskBeforeTheyDestroy(t *testing.T) {
	for args, question := range map[string]string{
		"batch kill a/1 --reason r":             "Kill a/1? [y/N]",
		"batch mark a/1 failed --reason r":      "Mark a/1 as failed? [y/N]",
		"project hold p --reason r":             "Hold project p? [y/N]",
		"breaker trip --project p --reason r":   "Trip the breaker of p? [y/N]",
		"op cancel 7 --reason r":                "Cancel operation 7? [y/N]",
		"batch kill a/1 a/2 --reason r":         "Kill 2 batches? [y/N]",
		"batch mark failed --task a --reason r": "Mark 2 batches as failed? [y/N]",
	} {
		plan := wire.Plan{ID: 3, Kind: strings.Fields(args)[1], Fingerprint: "f", Counts: wire.PlanCounts{Change: 2}, Items: []wire.PlanItem{{Task: "a", WorkNo: "1", Decision: "change", Code: "X"}}}
		m := newMaster(t, map[string]any{"POST /plans": plan})
		s := at(m)
		s.terminal, s.stdin = true, "n\n"
		if got := s.run(t, strings.Fields(args)...); got.code != exitFailed || !strings.Contains(got.err, question) || !strings.Contains(got.err, "nothing was changed") {
			t.Errorf("%s: got %+v, want %q asked and a no taken", args, got, question)
		}
		for _, call := range m.calls {
			if strings.HasPrefix(call, "POST") && call != "POST /plans" {
				t.Errorf("%s: got %s, want nothing done", args, call)
			}
		}
		if got := at(newMaster(t, nil)).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, "give --yes") {
			t.Errorf("%s: got %+v, want --yes where nobody can be asked", args, got)
		}
	}
}

func TestManyBatchesArePlanned(t *testing.T) {
	cases := map[string]struct{ args, want string }{
		"ByName":      {"batch kill a/1 a/2.1 --reason r", `{"kind":"kill","refs":["a/1","a/2.1"],"reason":"r"}`},
		"ByTask":      {"batch hold --task a,b --range 20150518..20150519 --reason r --for 1h", `{"kind":"hold","from":"20150518","to":"20150519","tasks":["a","b"],"until":1432098000000,"reason":"r"}`},
		"ByProject":   {"batch release --project p --period day --range 20150518..20150519", `{"kind":"release","period":"day","from":"20150518","to":"20150519","project":"p"}`},
		"ByOperation": {"batch mark success --operation 7 --state failed --reason r", `{"kind":"mark","state":"failed","operation":7,"result":"success","reason":"r"}`},
		"ByHost":      {"batch kill --host w1 --reason r", `{"kind":"kill","host":"w1","reason":"r"}`},
		"OneDry":      {"batch kill a/1 --reason r --dry-run", `{"kind":"kill","refs":["a/1"],"reason":"r"}`},
	}
	plan := wire.Plan{ID: 3, Kind: "kill", Fingerprint: "f", Counts: wire.PlanCounts{Change: 1, Skip: 1}, Items: []wire.PlanItem{
		{Task: "a", WorkNo: "1", Decision: "change", Code: "KILL_NOW", Sentence: "is waiting: it will not run", Existing: "waiting/none"},
		{Task: "a", WorkNo: "2", Decision: "skip", Code: "SKIP_DONE", Sentence: "has ended already (success)", Existing: "done/success"},
	}}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t, map[string]any{"POST /plans": plan, "POST /plans/3/apply": wire.Operation{ID: 7, Kind: "kill", State: "creating", Total: 1}})
			got := at(m).run(t, append(strings.Fields(c.args), "--yes")...)
			var sent, want any
			if json.Unmarshal([]byte(m.body("POST /plans")), &sent) != nil || json.Unmarshal([]byte(c.want), &want) != nil {
				t.Fatalf("got %+v and %s, want a plan", got, m.body("POST /plans"))
			}
			if m.body("POST /plans") != c.want || got.code != exitDone {
				t.Errorf("got %+v and\n%s, want\n%s", got, m.body("POST /plans"), c.want)
			}
			if dry := name == "OneDry"; m.asked("POST /plans/3/apply") == dry {
				t.Errorf("got calls %q, want it applied unless it is dry", m.calls)
			}
		})
	}
}

func TestCommandsThatCannotBeMeant(t *testing.T) {
	for args, want := range map[string]string{
		"batch kill --reason r":                               "of which batches?",
		"batch kill a/1":                                      "--reason is wanted",
		"batch kill a/1 --task a --reason r":                  "not both",
		"batch kill a --reason r":                             "write task/workNo",
		"batch mark a/1 done --reason r":                      "success, failed or skipped",
		"batch mark success --reason r":                       "of which batches?",
		"batch mark --reason r":                               "wants 1 argument",
		"batch hold a/1 --reason r --until tomorrow":          "is no time",
		"batch hold a/1 --reason r --for 1h --until 20150101": "exclude each other",
		"batch hold a/1 --reason r --for -1h":                 "not a time to come",
		"batch kill --task a --reason r --range 2015":         "write A..B",
		"task hold a":                                         "--reason is wanted",
		"project hold p --yes":                                "--reason is wanted",
		"breaker trip --reason r":                             "--task or --project",
		"breaker trip --reason r --task a --project p":        "one task or of one project",
		"op cancel 7":                                         "--reason is wanted",
		"op watch seven":                                      "not the id of an operation",
		"op items 7 --limit -1":                               "too small",
	} {
		if got := at(newMaster(t, nil)).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: got %+v, want %d, %q", args, got, exitUsage, want)
		}
	}
}

func TestRefusedCommandsSayWhy(t *testing.T) {
	refusal := problem(fault.Conflict, http.StatusConflict, "a/1.0 has ended already (success)")
	refusal.Hint = "a rerun makes a new run"
	m := newMaster(t, map[string]any{"POST /batches/a/1/kill": refusal, "POST /tasks/a/hold": problem(fault.Forbidden, http.StatusForbidden, "task a is ann's")})
	if got := at(m).run(t, "batch", "kill", "a/1", "--reason", "r", "--yes"); got.code != exitConflict || got.err != "capri: a/1.0 has ended already (success)\n  a rerun makes a new run\n" {
		t.Errorf("got %+v, want %d, the sentence and the hint", got, exitConflict)
	}
	if got := at(m).run(t, "task", "hold", "a", "--reason", "r"); got.code != exitNotAllowed {
		t.Errorf("got %+v, want %d", got, exitNotAllowed)
	}
}

func TestListsOfWhatIsHeld(t *testing.T) {
	holds := []wire.Hold{
		{ID: 1, Kind: "batch", Object: "dwd_access_d/20150518.0", Source: "person", Actor: "ann", Reason: "源数据有误", Since: ms(t, "2015-05-20T08:00:00"), Until: ms(t, "2015-05-20T18:00:00")},
		{ID: 2, Kind: "project", Object: "weblog", Source: "breaker", Actor: "bob", Reason: "storm", Since: ms(t, "2015-05-20T09:00:00")},
	}
	m := newMaster(t, map[string]any{
		"GET /holds": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			list := wire.HoldList{Items: holds[:1], Next: "more"}
			if r.URL.Query().Get("cursor") == "more" {
				list = wire.HoldList{Items: holds[1:]}
			}
			answerJSON(w, list)
		}),
		"GET /breakers": wire.HoldList{Items: holds[1:]},
		"GET /projects": wire.ProjectList{Items: []wire.Project{{Name: "weblog", Title: "Web log", Owner: "admin", Holds: holds[1:]}, {Name: "pay", Owner: "ann"}}},
	})
	for name, args := range map[string]string{"hold-list": "hold list", "breaker-list": "breaker list", "project-list": "project list"} {
		got := at(m).run(t, strings.Fields(args)...)
		if got.code != exitDone || got.err != "" {
			t.Errorf("%s: got %+v, want %d", args, got, exitDone)
		}
		golden(t, name, got.out)
	}
	if got := at(m).run(t, "hold", "list", "-o", "name"); got.out != "dwd_access_d/20150518.0\nweblog\n" {
		t.Errorf("got %+v, want both pages", got)
	}
}

func TestOpItemsCancelAndResume(t *testing.T) {
	items := []wire.OperationItem{
		{N: 0, Task: "a", WorkNo: "1", Decision: "change", Code: "KILL_NOW", Ref: "a/1.0", State: "killed", Result: "is killed; it was waiting and will not run"},
		{N: 1, Task: "a", WorkNo: "2", Decision: "fail", Code: "KILL_NOW", Ref: "a/2.0", State: "running", Result: "left alone: by now it is running on w1: its worker ends the script"},
		{N: 2, Task: "a", WorkNo: "3", Decision: "skip", Code: "SKIP_DONE", Ref: "a/3.0", State: "success"},
	}
	operation := wire.Operation{ID: 7, Kind: "kill", State: "cancelled", Author: "ann", Total: 3, Created: 1, Skipped: 1, CreatedAt: ms(t, "2015-05-20T12:00:00")}
	m := newMaster(t, map[string]any{
		"GET /operations/7/items": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("cursor") == "" {
				answerJSON(w, wire.OperationItemList{Items: items[:2], Next: "2"})
				return
			}
			answerJSON(w, wire.OperationItemList{Items: items[2:]})
		}),
		"POST /operations/7/cancel": operation, "POST /operations/7/resume": operation,
	})
	golden(t, "op-items", at(m).run(t, "op", "items", "7").out)
	if got := at(m).run(t, "op", "items", "7", "--limit", "2", "-o", "name"); got.out != "a/1.0\na/2.0\n" || !strings.Contains(got.err, "there are more") {
		t.Errorf("got %+v, want the first two and a note", got)
	}
	at(m).run(t, "op", "items", "7", "--decision", "fail", "--state", "running", "--limit", "1")
	if !m.asked("GET /operations/7/items?decision=fail&limit=1&state=running") {
		t.Errorf("got %q, want the filters passed on", m.calls)
	}
	got := at(m).run(t, "op", "cancel", "7", "--reason", "enough", "--yes")
	if got.code != exitDone || m.body("POST /operations/7/cancel") != `{"reason":"enough"}` || !strings.Contains(got.err, "capri op resume 7") {
		t.Errorf("got %+v and %s, want it cancelled with the reason", got, m.body("POST /operations/7/cancel"))
	}
	golden(t, "op-show-command", got.out)
	if got := at(m).run(t, "op", "resume", "7", "-o", "name"); got.code != exitDone || got.out != "7\n" {
		t.Errorf("got %+v, want it resumed", got)
	}
}
