package store

import (
	"testing"

	"capricornus/common/fault"
)

func TestCheckSetting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key, value string
		want       fault.Code // "": accepted
	}{
		{SettingZone, "UTC", fault.Conflict},
		{SettingLatestSchedule, "", ""},
		{SettingLatestSchedule, "2026-11-20T08:00:00+08:00", ""},
		{SettingLatestSchedule, "2026-11-20 08:00", fault.Invalid},
		{SettingReschedule, "60", ""},
		{SettingReschedule, "0", fault.Invalid},
		{SettingReschedule, "soon", fault.Invalid},
		{SettingPlanLimit, "-1", fault.Invalid},
		{SettingNoticeLanguage, "zh", ""},
		{SettingNoticeLanguage, "fr", fault.Invalid},
	} {
		err := CheckSetting(c.key, c.value)
		if (err == nil) != (c.want == "") || err != nil && fault.CodeOf(err) != c.want {
			t.Errorf("%s = %q: got %v, want %q", c.key, c.value, err, c.want)
		}
	}
}

func TestEverySettingIsExplained(t *testing.T) {
	t.Parallel()
	known := SettingsKnown()
	if len(known) < 30 {
		t.Errorf("got %d settings, want all", len(known))
	}
	for key, k := range known {
		if k.English == "" || k.Chinese == "" || k.English == k.Chinese {
			t.Errorf("%s: got %q and %q, want a meaning in both languages", key, k.English, k.Chinese)
		}
		if (k.Kind == SettingIsNumber) != (k.Unit != "") {
			t.Errorf("%s: got unit %q of a %s, want one for numbers alone", key, k.Unit, k.Kind)
		}
		if err := CheckSetting(key, k.Default); err != nil && k.Kind != SettingIsZone {
			t.Errorf("%s: the default is refused: %v", key, err)
		}
	}
	for key, want := range map[string]string{SettingZone: SettingIsZone, SettingLatestSchedule: SettingIsInstant, SettingNoticeLanguage: SettingIsLanguage, SettingCanary: SettingIsText, SettingReschedule: SettingIsNumber} {
		if got := known[key].Kind; got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
}
