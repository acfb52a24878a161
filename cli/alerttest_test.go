package cli

import (
	"strings"
	"testing"

	"capricornus/common/wire"
)

func TestAlertTest(t *testing.T) {
	waiting := wire.AlertTest{ID: 7, Channel: "sms", To: "bob", Address: "13800000000", State: wire.TestWaiting, PutAt: 1431907200000}
	sent := waiting
	sent.State, sent.Answer, sent.Text = wire.TestSent, "42", "[capri] a test"
	m := newMaster(t, map[string]any{"POST /alerts/test": waiting, "GET /alert-tests/7": sent})
	got := at(m).run(t, "alert", "test", "--channel", "sms", "--to", "bob", "--lang", "en")
	if got.code != exitDone || got.err != "" {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	golden(t, "alert-test", got.out)
	if want := `{"channel":"sms","to":"bob","lang":"en"}`; m.body("POST /alerts/test") != want {
		t.Errorf("got body %s, want %s", m.body("POST /alerts/test"), want)
	}
	failed := sent
	failed.State, failed.Answer = wire.TestFailed, "sms gateway gw answered 503"
	m = newMaster(t, map[string]any{"POST /alerts/test": waiting, "GET /alert-tests/7": failed})
	if got := at(m).run(t, "alert", "test", "--channel", "sms"); got.code != exitFailed || !strings.Contains(got.out, "answered 503") || !strings.Contains(got.out, "failed") {
		t.Errorf("got %+v, want the answer and %d", got, exitFailed)
	}
	if got := at(m).run(t, "alert", "test", "--channel", "sms", "-o", "json"); got.code != exitFailed || !strings.Contains(got.out, `"state": "failed"`) {
		t.Errorf("got %+v, want the whole and %d", got, exitFailed)
	}
	m = newMaster(t, map[string]any{"POST /alerts/test": waiting, "GET /alert-tests/7": waiting})
	if got := at(m).run(t, "alert", "test", "--channel", "sms", "--timeout", "50ms"); got.code != exitTimeout || !strings.Contains(got.err, "no answer") {
		t.Errorf("got %+v, want %d", got, exitTimeout)
	}
	for _, args := range []string{"alert test", "alert test mail"} {
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitUsage {
			t.Errorf("%s: got %+v, want exit %d", args, got, exitUsage)
		}
	}
}
