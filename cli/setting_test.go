package cli

import (
	"strings"
	"testing"

	"capricornus/common/wire"
)

func TestSettings(t *testing.T) {
	days := wire.Setting{Key: "keep_alert_days", Value: "90", Default: "180", Changed: true, Kind: "number", Unit: "days", Meaning: "days that alerts are kept", ChangedBy: "bob", ChangedAt: 1432101600000}
	m := newMaster(t, map[string]any{
		"GET /settings":                  wire.SettingList{Items: []wire.Setting{days, {Key: "canary_task", Kind: "text", Meaning: "the canary", ChangedBy: "migration"}}},
		"POST /settings/keep_alert_days": wire.Setting{Key: "keep_alert_days", Value: "180", Default: "180", Meaning: days.Meaning},
	})
	got := at(m).run(t, "setting", "list")
	if lines := strings.Fields(strings.Split(got.out, "\n")[1]); strings.Join(lines[:4], " ") != "keep_alert_days 90 180 bob" {
		t.Errorf("got %s, want value, default and who changed it", got.out)
	}
	if got := at(m).run(t, "setting", "get", "keep_alert_days"); got.out != "90\n" {
		t.Errorf("got %+v, want the value alone", got)
	}
	got = at(m).run(t, "setting", "reset", "keep_alert_days", "--reason", "room enough")
	if body, want := m.body("POST /settings/keep_alert_days"), `{"value":"180","reason":"room enough"}`; got.code != exitDone || body != want {
		t.Errorf("got %+v and %s, want %s", got, body, want)
	}
	if got := at(m).run(t, "setting", "reset", "nonsense"); got.code != exitNotFound {
		t.Errorf("got %+v, want %d", got, exitNotFound)
	}
}
