package cli

import (
	"strings"
	"testing"

	"capricornus/common/wire"
)

func explanation() wire.AlertExplanation {
	return wire.AlertExplanation{
		Task: "dwd_access_d", Kind: "batch-failed", Level: "task", ByTask: true, Owner: "ann", Priority: 2, Day: "2015-05-18",
		Duty: &wire.AlertDuty{Department: "dw", Primary: "bob", Secondary: "cai"}, Platform: wire.AlertDuty{Department: "ops"},
		Told: []wire.AlertTold{
			{Channel: "sms", User: "bob", Title: "Bob", Department: "dw", Address: "********004", Rule: "default-duty", Because: "on duty for the owner's department"},
			{Channel: "mail", Address: "t…@x.org", Rule: "auxiliary", Because: "listed in the task"},
		},
		Untold: []wire.AlertUntold{
			{Channel: "phone", Rule: "phone-switch", Because: "listed for phone calls in the task", Reason: "nobody-listed", Why: "nobody is listed"},
			{Channel: "mail", User: "cai", Rule: "default-department", Because: "in the owner's department", Reason: "no-mail", Why: "has no mail address"},
		},
	}
}

func TestAlertExplain(t *testing.T) {
	m := newMaster(t, map[string]any{"POST /alerts/explain": explanation()})
	got := at(m).run(t, "alert", "explain", "dwd_access_d", "--kind", "batch-failed", "--lang", "zh")
	if got.code != exitDone || got.err != "" {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	golden(t, "alert-explain", got.out)
	if want := `{"task":"dwd_access_d","kind":"batch-failed","lang":"zh"}`; m.body("POST /alerts/explain") != want {
		t.Errorf("got body %s, want %s", m.body("POST /alerts/explain"), want)
	}
	if got := at(m).run(t, "alert", "explain", "dwd_access_d", "-o", "name"); got.out != "sms:bob\nmail:t…@x.org\n" {
		t.Errorf("got %+v, want who is told", got)
	}
	admins := wire.AlertExplanation{Task: "a", Level: "critical", Day: "2015-05-18", Told: []wire.AlertTold{{Channel: "mail", User: "adm", Address: "a@x", Rule: "admins-mail"}}}
	got = at(newMaster(t, map[string]any{"POST /alerts/explain": admins})).run(t, "alert", "explain", "a", "--level", "critical")
	if got.code != exitDone || !strings.Contains(got.out, "administrators alone") || !strings.Contains(got.out, "no department") || strings.Contains(got.out, "NOT BY") {
		t.Errorf("got %+v, want it said that the task's rule does not count", got)
	}
}

func TestAlertRights(t *testing.T) {
	m := newMaster(t, map[string]any{
		"GET /tasks/a/alert-rights": wire.AlertRightList{Items: []wire.AlertRight{
			{User: "ann", Title: "Ann", Mail: true, GrantedBy: "bob", GrantedAt: 1431907200000}, {User: "cai", SMS: true, Mail: true, GrantedBy: "bob", GrantedAt: 1431907200000},
		}},
		"POST /tasks/a/alert-rights/cai":        wire.CommandReply{Object: "a/cai", Changed: true, Code: "ALERT_RIGHT", Message: "cai has it", Next: "look"},
		"POST /tasks/a/alert-rights/cai/remove": wire.CommandReply{Object: "a/cai", Changed: true, Code: "ALERT_RIGHT", Message: "cai has none"},
	})
	got := at(m).run(t, "task", "alert-right", "list", "a")
	if got.code != exitDone {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	golden(t, "alert-right-list", got.out)
	if got := at(m).run(t, "task", "alert-right", "set", "a", "cai", "--sms", "--reason", "helps"); got != (result{exitDone, "", "cai has it\n  look\n"}) {
		t.Errorf("got %+v, want it said", got)
	}
	if want := `{"sms":true,"reason":"helps"}`; m.body("POST /tasks/a/alert-rights/cai") != want {
		t.Errorf("got body %s, want %s", m.body("POST /tasks/a/alert-rights/cai"), want)
	}
	if got := at(m).run(t, "task", "alert-right", "remove", "a", "cai", "--reason", "moved", "--yes"); got != (result{exitDone, "", "cai has none\n"}) {
		t.Errorf("got %+v, want it said", got)
	}
	for _, args := range []string{"task alert-right set a cai", "task alert-right set a --sms", "task alert-right remove a cai", "task alert-right remove a cai --reason r", "alert explain a b"} {
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitUsage {
			t.Errorf("%s: got %+v, want exit %d", args, got, exitUsage)
		}
	}
}
