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
