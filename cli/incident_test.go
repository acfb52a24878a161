package cli

import (
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// trouble is a master with incidents, silences and messages.
func trouble(t *testing.T) *fakeMaster {
	t.Helper()
	open := wire.Incident{
		Code: "x7k2", RootKind: "path", Root: "hdfs://nn/raw/pay/20150519", Kind: "depend-timeout", Cause: "not there since 06:00", Level: "important", Affected: 41,
		OpenedAt: ms(t, "2015-05-20T07:51:00"), LastAlertAt: ms(t, "2015-05-20T08:10:00"), ToldAt: ms(t, "2015-05-20T07:51:30"),
	}
	seen, over := open, open
	seen.Code, seen.Level, seen.AckBy, seen.AckAt, seen.AckNote, seen.QuietUntil = "m3p0", "critical", "ann", ms(t, "2015-05-20T08:00:00"), "I call them", ms(t, "2015-05-20T09:00:00")
	over.Code, over.RootKind, over.Root, over.Cause, over.ResolvedAt = "a1b2", "worker", "w7", "", ms(t, "2015-05-20T08:21:00")
	alert := wire.Alert{ID: 7, Kind: "depend-timeout", Object: "dwd_pay_d/20150519.0", Level: "task", Task: "dwd_pay_d", Text: "waits for data", CreatedAt: ms(t, "2015-05-20T07:51:00"), Incident: "x7k2", DealtAt: ms(t, "2015-05-20T07:51:01")}
	sms := wire.Message{ID: 1, Purpose: "alert", Recipient: "ann", Channel: "sms", Address: "********234", Level: "important", Alerts: 41, State: "sent", Tries: 1, Answer: "id 77", CreatedAt: ms(t, "2015-05-20T07:51:30"), EndedAt: ms(t, "2015-05-20T07:51:31")}
	mail, next := sms, sms
	mail.Recipient, mail.Channel, mail.Address, mail.State, mail.Tries, mail.Answer = "addr:t…@x.org", "mail", "t…@x.org", "failed", 4, "550 no such user"
	next.Purpose, next.Recipient, next.State, next.Tries, next.Answer, next.DueAt = "update", "bob", "waits", 1, "", ms(t, "2015-05-20T08:30:00")
	silence := wire.Silence{ID: 9, Kind: "worker-lost", Object: "rack7-*", Reason: "moving the rack", Author: "ann", CreatedAt: ms(t, "2015-05-20T06:00:00"), EndsAt: ms(t, "2015-05-20T10:00:00"), Active: true}
	past := wire.Silence{ID: 8, Task: "dwd_pay_d", Project: "pay", Reason: "known", Author: "bob", CreatedAt: ms(t, "2015-05-19T06:00:00"), EndsAt: ms(t, "2015-05-19T07:00:00"), EndedBy: "ann"}
	ended := silence
	ended.Active, ended.EndedBy = false, "ann"
	return newMaster(t, map[string]any{
		"GET /incidents":           wire.IncidentList{Items: []wire.Incident{open, seen, over}},
		"GET /incidents/x7k2":      wire.IncidentDetail{Incident: open, Alerts: []wire.Alert{alert}, Next: "more", Messages: []wire.Message{sms, mail, next}},
		"POST /incidents/m3p0/ack": seen,
		"POST /incidents/a1b2/ack": problem(fault.Conflict, http.StatusConflict, "incident a1b2 is over"),
		"GET /alerts/7/deliveries": wire.AlertDeliveries{Alert: alert, Items: []wire.AlertDelivery{{Rule: "sms-right", Because: "has the SMS right", Message: sms}, {Rule: "auxiliary", Because: "listed at the task", Message: mail}}},
		"GET /silences":            wire.SilenceList{Items: []wire.Silence{silence, past}},
		"POST /silences":           wire.SilenceReply{Silence: silence, Changed: true},
		"POST /silences/9/end":     wire.SilenceReply{Silence: ended, Changed: true},
		"POST /silences/8/end":     wire.SilenceReply{Silence: past},
		"GET /alerts/templates": wire.SMSTemplateList{Lang: "zh", Provider: "huawei", Signature: "调度", Items: []wire.SMSTemplate{
			{Code: "batch-failed.task", Name: "失败", Text: "告警：${TXT_20}批次${TXT_15}失败", Variables: []wire.SMSVariable{{Name: "task", Most: 20, Example: "a"}, {Name: "no", Most: 15, Example: "1"}}},
		}},
	})
}

func TestIncidentsAndWhoWasTold(t *testing.T) {
	for name, c := range map[string]struct{ args, call, says string }{
		"incident-list":      {"incident list --level important --root path --text pay", "GET /incidents?level=important&limit=50&rootKind=path&state=open&text=pay", ""},
		"incident-show":      {"incident show x7k2", "GET /incidents/x7k2", "capri alert list --incident x7k2 has more"},
		"alert-deliveries":   {"alert deliveries 7 --lang en", "GET /alerts/7/deliveries?lang=en", ""},
		"alert-silence-list": {"alert silence list --all", "GET /silences?ended=true&limit=50", ""},
		"alert-templates":    {"alert templates --provider huawei --link a.cn", "GET /alerts/templates?lang=zh&link=a.cn&provider=huawei", "register the signature 调度 apart"},
	} {
		m := trouble(t)
		got := at(m).run(t, strings.Fields(c.args)...)
		if got.code != exitDone || !strings.Contains(got.err, c.says) || !m.asked(c.call) {
			t.Errorf("%s: got %+v and %q, want %s", c.args, got, m.calls, c.call)
		}
		golden(t, name, got.out)
		for format, begin := range map[string]string{"json": "{\n", "yaml": ""} {
			if got := at(m).run(t, append(strings.Fields(c.args), "-o", format)...); got.code != exitDone || !strings.HasPrefix(got.out, begin) || got.out == "" {
				t.Errorf("%s -o %s: got %+v", c.args, format, got)
			}
		}
	}
	for args, want := range map[string]string{
		"incident list --all -o name": "x7k2\nm3p0\na1b2\n", "alert deliveries 7 -o name": "sms:ann\nmail:addr:t…@x.org\n", "alert silence list -o name": "9\n8\n", "alert templates -o name": "batch-failed.task\n",
	} {
		if got := at(trouble(t)).run(t, strings.Fields(args)...); got.out != want {
			t.Errorf("%s: got %+v, want %q", args, got, want)
		}
	}
	m := trouble(t)
	m.answers["GET /incidents"], m.answers["GET /silences"] = wire.IncidentList{Items: []wire.Incident{}}, wire.SilenceList{Items: []wire.Silence{}}
	for args, want := range map[string]string{"incident list": "no such incident is open", "alert silence list": "nothing is silenced"} {
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitDone || !strings.Contains(got.err, want) {
			t.Errorf("%s: got %+v, want %q", args, got, want)
		}
	}
}

func TestWhyNobodyIsTold(t *testing.T) {
	for want, alert := range map[string]wire.Alert{
		"it is not decided yet": {ID: 7}, "silence 9 keeps it": {ID: 7, DealtAt: 1, Silence: 9, Incident: "x"}, "capri incident show x ": {ID: 7, DealtAt: 1, Incident: "x"}, "nobody was told": {ID: 7, DealtAt: 1},
	} {
		m := newMaster(t, map[string]any{"GET /alerts/7/deliveries": wire.AlertDeliveries{Alert: alert, Items: []wire.AlertDelivery{}}})
		if got := at(m).run(t, "alert", "deliveries", "7"); got.code != exitDone || got.out != "" || !strings.Contains(got.err, want) {
			t.Errorf("got %+v, want %q", got, want)
		}
	}
}

func TestIncidentsAreAcknowledged(t *testing.T) {
	for _, of := range []string{"incident", "alert"} {
		m := trouble(t)
		got := at(m).run(t, of, "ack", "m3p0", "--note", "I call them")
		want := "ann has seen incident m3p0; nobody is reminded of it before 2015-05-20T09:00:00+08:00\n  it is over when hdfs://nn/raw/pay/20150519 is; capri incident show m3p0 says how it stands\n"
		if got.code != exitDone || got.err != want || m.body("POST /incidents/m3p0/ack") != `{"note":"I call them"}` {
			t.Errorf("%s: got %+v and %s, want %q", of, got, m.body("POST /incidents/m3p0/ack"), want)
		}
		if got := at(m).run(t, of, "ack", "m3p0", "-o", "name"); got.out != "m3p0\n" {
			t.Errorf("%s: got %+v, want its code", of, got)
		}
		for args, code := range map[string]int{"a1b2": exitConflict, "none": exitNotFound, "": exitUsage} {
			if got := at(m).run(t, append([]string{of, "ack"}, strings.Fields(args)...)...); got.code != code {
				t.Errorf("%s ack %s: got %+v, want %d", of, args, got, code)
			}
		}
	}
}

func TestSilences(t *testing.T) {
	for name, c := range map[string]struct{ args, call, body, says string }{
		"ForAWhile": {"alert silence add --kind worker-lost --object rack7-* --reason moving --for 2h", "POST /silences", `{"kind":"worker-lost","object":"rack7-*","reason":"moving","endsAt":1432101600000}`,
			"nobody is told of alerts of kind worker-lost, object rack7-* until 2015-05-20T10:00:00+08:00\n  capri alert silence end 9 ends it before\n"},
		"Until": {"alert silence add --task a --project p --reason known --until 2015-05-21T08:00", "POST /silences", `{"task":"a","project":"p","reason":"known","endsAt":1432166400000}`, "nobody is told"},
		"End":   {"alert silence end 9 --reason moved", "POST /silences/9/end", `{"reason":"moved"}`, "silence 9 is over: people are told of what is still wrong of kind worker-lost"},
		"Again": {"alert silence end 8", "POST /silences/8/end", `{}`, "silence 8 was over already; nothing was done"},
	} {
		t.Run(name, func(t *testing.T) {
			m := trouble(t)
			got := at(m).run(t, strings.Fields(c.args)...)
			if got.code != exitDone || !strings.Contains(got.err, c.says) || m.body(c.call) != c.body {
				t.Errorf("got %+v and %s, want %q and %s", got, m.body(c.call), c.says, c.body)
			}
		})
	}
	for args, want := range map[string]string{
		"alert silence add --reason r --for 2h":                                   "what is to be silent?",
		"alert silence add --kind k --for 2h":                                     "--reason is wanted",
		"alert silence add --kind k --reason r":                                   "--for or --until is wanted",
		"alert silence add --kind k --reason r --for 2h --until 2015-05-21T08:00": "exclude each other",
		"alert silence add --kind k --reason r --until later":                     "is no time",
		"alert silence end nine":                                                  "is not the id of a silence",
		"alert deliveries x7k2":                                                   "an incident has a code",
		"alert silence":                                                           "there are: ",
	} {
		m := trouble(t)
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) || strings.Contains(strings.Join(m.calls, " "), "POST") {
			t.Errorf("%s: got %+v, want %q and nothing changed", args, got, want)
		}
	}
	m := newMaster(t, map[string]any{"POST /silences": problem(fault.Forbidden, http.StatusForbidden, "for operators")})
	if got := at(m).run(t, "alert", "silence", "add", "--kind", "k", "--reason", "r", "--for", "2h"); got.code != exitNotAllowed {
		t.Errorf("got %+v, want %d", got, exitNotAllowed)
	}
}
