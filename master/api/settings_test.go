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

func TestSettingsSayTheirDefaults(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.world.DB.Raw().ExecContext(t.Context(), "INSERT INTO capri_dic_data (dicKey, dicValue, meaning, changedBy, changedAt) VALUES ('of_tomorrow', '7', 'what a later version knows', 'migration', 1)"); err != nil {
		t.Fatal(err)
	}
	const path = "/api/v1/settings"
	read := func(lang string) map[string]wire.Setting {
		var list wire.SettingList
		r.must(http.MethodGet, path+"?lang="+lang, "viewer", nil, &list)
		out := map[string]wire.Setting{}
		for _, s := range list.Items {
			if out[s.Key] = s; s.Meaning == "" {
				t.Errorf("%s: got no meaning", s.Key)
			}
		}
		return out
	}
	got := read("en")
	if s := got[store.SettingKeepAlert]; s.Value != "180" || s.Default != "180" || s.Changed || s.Kind != "number" || s.Unit != "days" || s.ChangedBy != "migration" {
		t.Errorf("as installed: got %+v, want the default, unchanged", s)
	}
	if s := got[store.SettingZone]; s.Changed || s.Default != s.Value || s.Kind != "zone" {
		t.Errorf("zone: got %+v, want what is fixed as its default", s)
	}
	if s := got["of_tomorrow"]; s.Meaning != "what a later version knows" || s.Changed || s.Default != "7" || s.Kind != "text" {
		t.Errorf("of another version: got %+v, want it as the database has it", s)
	}
	if en, zh := got[store.SettingKeepAlert].Meaning, read("zh")[store.SettingKeepAlert].Meaning; en != "days that alerts are kept" || zh != "告警的保留天数" {
		t.Errorf("got %q and %q, want the meaning in both languages", en, zh)
	}
	var now wire.Setting
	r.must(http.MethodPost, path+"/"+store.SettingKeepAlert+"?lang=zh", "superadmin", wire.SettingRequest{Value: "90"}, &now)
	if !now.Changed || now.Default != "180" || now.Meaning != "告警的保留天数" || now.ChangedBy != "admin" {
		t.Errorf("changed: got %+v, want it marked", now)
	}
	r.must(http.MethodPost, path+"/"+store.SettingKeepAlert, "superadmin", wire.SettingRequest{Value: now.Default}, &now)
	if s := read("en")[store.SettingKeepAlert]; s.Changed || s.Value != "180" || s.ChangedBy != "admin" {
		t.Errorf("back to the default: got %+v, want it unchanged, by whom it was put back", s)
	}
	if p := r.problem(http.MethodGet, path+"?lang=fr", "viewer", nil); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("got %+v, want the language refused", p)
	}
}
