package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const pathTests = root + "/alerts/test"

func TestTestMessagesAreSentAsOthersAre(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	posted := 0
	r.api.Posted = func() { posted++ }
	r.person("ann", "developer", "data")
	r.world.Change("UPDATE capri_user SET phone = '13800000001', lang = 'zh' WHERE name = 'ann'")
	r.world.Change("UPDATE capri_user SET mail = 'admin@example.com' WHERE name = 'admin'")
	for _, c := range []struct {
		request wire.TestAlertRequest
		want    string // recipient, channel, address, language
	}{
		{wire.TestAlertRequest{Channel: "mail"}, "admin mail admin@example.com "},
		{wire.TestAlertRequest{Channel: "sms", To: "ann"}, "ann sms 13800000001 zh"},
		{wire.TestAlertRequest{Channel: "phone", To: "138 1234 5678", Lang: "en"}, "addr:138 1234 5678 phone 138 1234 5678 en"},
		{wire.TestAlertRequest{Channel: "mail", To: "who@example.org"}, "addr:who@example.org mail who@example.org "},
		{wire.TestAlertRequest{Channel: "webhook:ops"}, "hook:ops webhook  "},
	} {
		var test wire.AlertTest
		r.must(http.MethodPost, pathTests, "operator", c.request, &test)
		got := r.world.Text("SELECT "+concat(r, "recipient", "channel", "address", "lang")+" FROM capri_message WHERE id = ? AND purpose = 'test' AND state = 0 AND alerts = 0", test.ID)
		if got != c.want || test.State != wire.TestWaiting || test.PutAt == 0 || strings.Contains(test.To, ":") {
			t.Errorf("%+v: got %q, %+v, want %q", c.request, got, test, c.want)
		}
	}
	if posted != 5 {
		t.Errorf("got the duty woken %d times, want 5", posted)
	}
	r.wantRows("alert.test", `"recipient":"addr:**********678"`, `"recipient":"hook:ops"`)
	var test wire.AlertTest
	r.must(http.MethodPost, pathTests, "operator", wire.TestAlertRequest{Channel: "sms", To: "ann"}, &test)
	r.world.Change("UPDATE capri_message SET state = ?, answer = 'busy', subject = 'a test', endedAt = 7 WHERE id = ?", store.MessageFailed, test.ID)
	r.must(http.MethodGet, fmt.Sprintf(root+"/alert-tests/%d", test.ID), "operator", nil, &test)
	if test.State != wire.TestFailed || test.Answer != "busy" || test.Text != "a test" || test.EndedAt != 7 || test.To != "ann" || test.Address != "13800000001" {
		t.Errorf("got %+v, want how it ended", test)
	}
}

// concat puts columns side by side.
func concat(r *rig, columns ...string) string {
	if r.world.DB.Engine() == "mysql" {
		return "CONCAT_WS(' ', " + strings.Join(columns, ", ") + ")"
	}
	return strings.Join(columns, " || ' ' || ")
}

func TestTestMessagesThatGoNowhereAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "developer", "data")
	r.person("old", "developer", "data")
	r.world.Change("UPDATE capri_user SET isEnabled = 0, phone = '1380000000' WHERE name = 'old'")
	for _, c := range []struct {
		body any
		code fault.Code
	}{
		{wire.TestAlertRequest{}, fault.Invalid}, {wire.TestAlertRequest{Channel: "pigeon"}, fault.Invalid}, {wire.TestAlertRequest{Channel: "webhook"}, fault.Invalid},
		{wire.TestAlertRequest{Channel: "webhook:"}, fault.Invalid}, {wire.TestAlertRequest{Channel: "webhook:ops", To: "ann"}, fault.Invalid},
		{wire.TestAlertRequest{Channel: "sms", To: "ann"}, fault.Invalid}, {wire.TestAlertRequest{Channel: "mail", To: "ann"}, fault.Invalid}, {wire.TestAlertRequest{Channel: "sms", To: "old"}, fault.Invalid},
		{wire.TestAlertRequest{Channel: "sms", To: "ghost"}, fault.NotFound}, {wire.TestAlertRequest{Channel: "sms", To: "who@example.org"}, fault.NotFound},
		{wire.TestAlertRequest{Channel: "mail", To: "x\n@example.org"}, fault.Invalid}, {wire.TestAlertRequest{Channel: "mail", Lang: "fr"}, fault.Invalid}, {`{"chanel": "sms"}`, fault.Usage},
	} {
		if p := r.problem(http.MethodPost, pathTests, "operator", c.body); p.Code != string(c.code) {
			t.Errorf("%+v: got %+v, want %s", c.body, p, c.code)
		}
	}
	if p := r.problem(http.MethodPost, pathTests, "developer", wire.TestAlertRequest{Channel: "mail"}); p.Code != string(fault.Forbidden) {
		t.Errorf("got %+v, want it refused to developers", p)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_message"); n != 0 {
		t.Errorf("got %d messages, want none", n)
	}
	id := r.world.IDs(1)[0]
	r.world.Change("INSERT INTO capri_message (id, purpose, incidentId, recipient, channel, address, lang, level, alerts, affected, state, tries, dueAt, answer, subject, ref, createdAt, endedAt) "+
		"VALUES (?, 'alert', 0, 'ann', 'mail', '', '', '', 0, 0, 0, 0, 1, '', '', '', 1, 0)", id)
	if p := r.problem(http.MethodGet, fmt.Sprintf(root+"/alert-tests/%d", id), "operator", nil); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want other messages not shown", p)
	}
}
