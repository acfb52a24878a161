package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// onCall is a master that knows who is on duty.
func onCall(t *testing.T) *fakeMaster {
	t.Helper()
	ann := &wire.DutyPerson{Name: "ann", Title: "Ann Li", Phone: "13800001234", Enabled: true}
	bob := &wire.DutyPerson{Name: "bob", Phone: "*******5678"}
	days := []wire.DutyDay{
		{Department: "dw", Day: "20150520", Primary: ann, Secondary: bob, Source: "rotation", Gaps: []string{"disabled", "no-phone"}},
		{Department: "ops", Day: "20150520", Gaps: []string{"nobody"}},
		{Department: "dw", Day: "20150521", Primary: bob, Source: "manual", Note: "swap", ChangedBy: "ann"},
	}
	change := wire.DutyChange{Department: "dw", Changed: 2, Items: []wire.DutyDay{{Department: "dw", Day: "20150521", Primary: ann}, {Department: "dw", Day: "20150522", Primary: ann, Gaps: []string{"no-secondary"}}}}
	return newMaster(t, map[string]any{
		"GET /duty": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Query().Get("department") == "nowhere":
				answerJSON(w, wire.DutyList{Items: []wire.DutyDay{}})
			case r.URL.Query().Get("cursor") == "":
				answerJSON(w, wire.DutyList{Today: "20150520", Items: days[:2], Next: "more"})
			default:
				answerJSON(w, wire.DutyList{Today: "20150520", Items: days[2:]})
			}
		}),
		"GET /duty/me": wire.DutyList{Items: days[2:]},
		"GET /duty/gaps": wire.DutyGapList{From: "20150520", To: "20150523", Platform: "ops", Items: []wire.DutyGap{
			{Department: "ops", Day: "20150520", What: "nobody", Platform: true, Text: "nobody is on duty in department ops on 2015-05-20 (Wednesday): capri duty set ops 20150520 --primary USER --reason TEXT"},
			{Department: "dw", Day: "20150520", What: "disabled", Person: "bob", Text: "bob is on duty and is disabled"},
		}},
		"POST /duty/dw/20150521":         change,
		"POST /duty/dw/20150521/clear":   change,
		"GET /duty-rotations":            wire.DutyRotationList{Items: []wire.DutyRotation{{Department: "dw", StartDay: "20150518", EveryDays: 7, Members: []wire.DutyPerson{*ann, *bob}, ChangedBy: "ann", ChangedAt: ms(t, "2015-05-18T08:00:00")}}},
		"GET /duty-rotations/dw":         wire.DutyRotation{Department: "dw", StartDay: "20150518", EveryDays: 7, Members: []wire.DutyPerson{*ann, *bob}, ChangedBy: "ann", ChangedAt: ms(t, "2015-05-18T08:00:00")},
		"POST /duty-rotations/dw":        wire.DutyRotation{Department: "dw", StartDay: "20150518", EveryDays: 7, Members: []wire.DutyPerson{*ann, *bob}, Changed: 30},
		"POST /duty-rotations/dw/delete": wire.DutyChange{Department: "dw", Changed: 30},
		"POST /duty/import": wire.DutyImportReply{Imported: true, Added: 1, Changed: 1, Same: 3, Past: 2, Items: []wire.DutyImportItem{
			{Line: 2, Department: "dw", Day: "20150521", Action: "add", After: wire.DutyNames{Primary: "ann", Secondary: "bob", Source: "import"}},
			{Line: 3, Department: "ops", Day: "20150521", Action: "change", Before: wire.DutyNames{Primary: "bob", Source: "rotation"}, After: wire.DutyNames{Primary: "ann", Source: "import"}},
		}},
	})
}

func TestDutyLists(t *testing.T) {
	for name, args := range map[string]string{
		"duty-now": "duty now", "duty-gaps": "duty gaps", "duty-mine": "duty mine", "duty-rotation": "duty rotation show dw", "duty-rotations": "duty rotations",
	} {
		m := onCall(t)
		got := at(m).run(t, strings.Fields(args)...)
		if got.code != exitDone || got.err != "" {
			t.Errorf("%s: got %+v, want %d", args, got, exitDone)
		}
		golden(t, name, got.out)
		if got := at(m).run(t, append(strings.Fields(args), "-o", "json")...); got.code != exitDone || !strings.HasPrefix(got.out, "{\n") {
			t.Errorf("%s -o json: got %+v, want an object", args, got)
		}
	}
	m := onCall(t)
	got := at(m).run(t, "duty", "list", "dw", "--from", "20150520", "--to", "20150521", "-o", "name")
	if got.out != "dw/20150520\nops/20150520\ndw/20150521\n" || !m.asked("GET /duty?cursor=more&department=dw&from=20150520&limit=500&to=20150521") {
		t.Errorf("got %+v and %q, want all pages", got, m.calls)
	}
	if got := at(m).run(t, "duty", "gaps", "dw", "--days", "0"); got.code != exitDone || !m.asked("GET /duty/gaps?days=0&department=dw") {
		t.Errorf("got %+v and %q, want today's asked for", got, m.calls)
	}
	if got := at(m).run(t, "duty", "now", "nowhere"); got.code != exitDone || !strings.Contains(got.err, "capri duty rotation set") {
		t.Errorf("got %+v, want what to do without a roster", got)
	}
	m.answers["GET /duty/gaps"] = wire.DutyGapList{From: "20150520", To: "20150523"}
	if got := at(m).run(t, "duty", "gaps"); !strings.Contains(got.err, "nothing is missing from 20150520 to 20150523") || !strings.Contains(got.err, "capri setting set platform_department") {
		t.Errorf("got %+v, want that all is well but for the platform", got)
	}
}

func TestDutyIsChanged(t *testing.T) {
	cases := map[string]struct{ args, call, body, says string }{
		"SetADay": {"duty set dw 2015-05-21 --primary ann --secondary bob --reason swap", "POST /duty/dw/20150521", `{"primary":"ann","secondary":"bob","reason":"swap"}`, "ann is on duty in dw on 20150521, bob is second"},
		"SetSeveral": {"duty set dw 20150521..20150522 --primary ann --note n --reason r", "POST /duty/dw/20150521", `{"primary":"ann","note":"n","until":"20150522","reason":"r"}`,
			"ann is on duty in dw on 20150521..20150522, nobody is second\n  2 days changed; capri duty list dw shows them\n  20150522: no second; capri duty gaps dw says what to do"},
		"Clear":         {"duty clear dw 20150521..20150522 --reason back --yes", "POST /duty/dw/20150521/clear", `{"until":"20150522","reason":"back"}`, "the rotation says again who is on duty in dw on 20150521..20150522"},
		"PutARotation":  {"duty rotation set dw ann bob --every 7 --from 2015-05-18 --reason summer", "POST /duty-rotations/dw", `{"startDay":"20150518","everyDays":7,"members":["ann","bob"],"reason":"summer"}`, "ann, bob take turns in dw, 7 days each, from 20150518\n  30 days of the next month changed"},
		"TakeOneAway":   {"duty rotation clear dw --reason over --yes", "POST /duty-rotations/dw/delete", `{"reason":"over"}`, "dw has no rotation any more"},
		"ImportOnStdin": {"duty import - --reason monthly", "POST /duty/import", `{"file":"stdin","text":"dw,20150521,ann,bob\n","reason":"monthly"}`, "1 added, 1 changed, 3 as they were, 2 over and left alone"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := onCall(t)
			s := at(m)
			s.stdin = "dw,20150521,ann,bob\n"
			got := s.run(t, strings.Fields(c.args)...)
			if got.code != exitDone || !strings.Contains(got.err, c.says) || m.body(c.call) != c.body {
				t.Errorf("got %+v and %s, want %q and %s", got, m.body(c.call), c.says, c.body)
			}
		})
	}
}

func TestDutyImports(t *testing.T) {
	m := onCall(t)
	file := filepath.Join(t.TempDir(), "roster.csv")
	if err := os.WriteFile(file, []byte("dw,20150521,ann,bob\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := at(m).run(t, "duty", "import", file, "--dry-run")
	golden(t, "duty-import", got.out)
	if got.code != exitDone || !strings.Contains(m.body("POST /duty/import"), `"dryRun":true`) {
		t.Errorf("got %+v and %s, want a dry run asked for", got, m.body("POST /duty/import"))
	}
	m.answers["POST /duty/import"] = wire.DutyImportReply{Items: []wire.DutyImportItem{}, Findings: []wire.Finding{
		{File: file, Line: 2, Severity: "error", Code: "user", Message: `there is no user "ghost"`}, {File: file, Line: 7, Severity: "error", Code: "day", Message: `"x" is no day`},
	}}
	if got := at(m).run(t, "duty", "import", file); got.code != exitInvalid || got.out != "" || !strings.Contains(got.err, file+`:2: there is no user "ghost"`) || !strings.Contains(got.err, "nothing was imported: 2 errors") {
		t.Errorf("got %+v, want every error with its line and %d", got, exitInvalid)
	}
	if got := at(m).run(t, "duty", "import", file+"x"); got.code == exitDone || !strings.Contains(got.err, "roster.csvx") {
		t.Errorf("got %+v, want that there is no such file", got)
	}
	if err := os.WriteFile(file, []byte(strings.Repeat("#", maxRoster+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := at(m).run(t, "duty", "import", file); got.code != exitInvalid || !strings.Contains(got.err, "import it in parts") {
		t.Errorf("got %+v, want too much refused", got)
	}
}

func TestDutyUsage(t *testing.T) {
	for args, want := range map[string]string{
		"duty set dw 20150521 --reason r":                         "--primary is wanted",
		"duty set dw 20150521 --primary ann":                      "--reason is wanted",
		"duty set dw tomorrow --primary ann --reason r":           `"tomorrow" is no day`,
		"duty set dw 20150522..20150521 --primary ann --reason r": "write 20150521..20150522",
		"duty set dw 20150521.. --primary ann --reason r":         `"" is no day`,
		"duty clear dw 20150521 --yes":                            "--reason is wanted",
		"duty clear dw 20150521 --reason r":                       "give --yes",
		"duty rotation set dw ann --reason r":                     "--every is wanted",
		"duty rotation set dw ann --every 7":                      "--reason is wanted",
		"duty rotation set dw --every 7 --reason r":               "wants 2 arguments",
		"duty rotation clear dw --reason r":                       "give --yes",
		"duty import":                                             "wants 1 argument",
		"duty":                                                    "there are: ",
	} {
		m := onCall(t)
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) || strings.Contains(strings.Join(m.calls, " "), "POST") {
			t.Errorf("%s: got %+v, want %q and nothing changed", args, got, want)
		}
	}
	for args, code := range map[string]int{"duty set nowhere 20150521 --primary ann --reason r": exitNotFound, "duty rotation show ops": exitNotFound} {
		if got := at(onCall(t)).run(t, strings.Fields(args)...); got.code != code {
			t.Errorf("%s: got %+v, want %d", args, got, code)
		}
	}
	refusing := newMaster(t, map[string]any{"POST /duty/dw/20150521": problem(fault.Forbidden, http.StatusForbidden, "you may not")})
	if got := at(refusing).run(t, "duty", "set", "dw", "20150521", "--primary", "ann", "--reason", "r"); got.code != exitNotAllowed {
		t.Errorf("got %+v, want %d", got, exitNotAllowed)
	}
}
