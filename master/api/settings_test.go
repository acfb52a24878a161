package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

func TestSettingsAreCheckedAndAudited(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const path = "/api/v1/settings/"
	var got wire.Setting
	r.must(http.MethodPost, path+store.SettingReschedule, "superadmin", wire.SettingRequest{Value: "60", Reason: "slow workers"}, &got)
	if got.Value != "60" || got.ChangedBy != "admin" || got.ChangedAt == 0 || got.Meaning == "" {
		t.Errorf("got %+v, want the setting as it is now", got)
	}
	for key, c := range map[string]struct {
		value string
		want  fault.Code
	}{
		store.SettingReschedule:     {"never", fault.Invalid},
		store.SettingLatestSchedule: {"tomorrow", fault.Invalid},
		store.SettingZone:           {"Asia/Tokyo", fault.Conflict},
		"nonsense":                  {"1", fault.NotFound},
	} {
		if p := r.problem(http.MethodPost, path+key, "superadmin", wire.SettingRequest{Value: c.value}); p.Code != string(c.want) {
			t.Errorf("%s = %q: got %s, want %s", key, c.value, p.Code, c.want)
		}
	}
	var list wire.SettingList
	r.must(http.MethodGet, "/api/v1/settings", "viewer", nil, &list)
	i := slices.IndexFunc(list.Items, func(s wire.Setting) bool { return s.Key == store.SettingReschedule })
	if i < 0 || list.Items[i].Value != "60" {
		t.Errorf("got %+v, want the setting changed once", list.Items)
	}
	detail := r.world.Text("SELECT detail FROM capri_audit_log WHERE action = 'setting.put'") // one row, or it is an error
	if n := r.world.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'setting.put'"); n != 1 || !strings.Contains(detail, `"before":"300"`) || !strings.Contains(detail, "slow workers") {
		t.Errorf("got %d audit rows, %s, want one with before, after and reason", n, detail)
	}
}
