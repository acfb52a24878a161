package cli

import (
	"strings"
	"testing"

	"capricornus/common/wire"
)

func TestAlerts(t *testing.T) {
	alert := wire.Alert{
		ID: 7, Kind: "external.disk-full", Object: "nas7", Occurrence: "2015-05-18", Level: "important", Task: "a", Text: "2 % left\nsecond line",
		RaisedBy: "ops", CreatedAt: 1431907200000,
	}
	m := newMaster(t, map[string]any{
		"GET /alerts":   wire.AlertList{Items: []wire.Alert{alert}},
		"GET /alerts/7": alert,
		"POST /alerts":  wire.RaiseAlertReply{Alert: alert, Raised: true},
	})
	got := at(m).run(t, "alert", "list", "--kind", "external.disk-full", "--from", "2015-05-18")
	if got.code != exitDone || !strings.Contains(got.out, "nas7") || !strings.Contains(got.out, "2 % left") || strings.Contains(got.out, "second line") {
		t.Errorf("list: got %+v, want one line about nas7", got)
	}
	if query := "GET /alerts?from=2015-05-18&kind=external.disk-full&limit=50"; !m.asked(query) {
		t.Errorf("got calls %q, want %s", m.calls, query)
	}
	got = at(m).run(t, "alert", "show", "7")
	if got.code != exitDone || !strings.Contains(got.out, "second line") || !strings.Contains(got.out, "ops") {
		t.Errorf("show: got %+v, want the whole text", got)
	}
	got = at(m).run(t, "alert", "raise", "disk-full", "nas7", "2 % left", "--level", "important", "--occurrence", "2015-05-18", "--task", "a")
	if got.code != exitDone || got.err != "raised alert 7 about nas7\n" {
		t.Errorf("raise: got %+v, want it said", got)
	}
	want := `{"kind":"disk-full","object":"nas7","occurrence":"2015-05-18","level":"important","text":"2 % left","task":"a"}`
	if body := m.body("POST /alerts"); body != want {
		t.Errorf("got body %s, want %s", body, want)
	}
	for _, args := range []string{"alert show x", "alert raise disk-full", "alert list --limit 0"} {
		if got := at(m).run(t, strings.Fields(args)...); got.code != exitUsage {
			t.Errorf("%s: got %+v, want exit %d", args, got, exitUsage)
		}
	}
}
