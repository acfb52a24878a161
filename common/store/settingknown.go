package store

import "strconv"

// What a setting's value is.
const (
	SettingIsText     = "text"
	SettingIsNumber   = "number" // a whole one, from 1
	SettingIsInstant  = "instant"
	SettingIsLanguage = "language"
	SettingIsZone     = "zone" // never changed
)

// What settings that are numbers count.
const (
	UnitMillis   = "milliseconds"
	UnitSeconds  = "seconds"
	UnitMinutes  = "minutes"
	UnitDays     = "days"
	UnitPercent  = "percent"
	UnitBatches  = "batches"
	UnitMessages = "messages"
	UnitMasters  = "masters"
	UnitWorkers  = "workers"
	UnitTasks    = "tasks"
	UnitTimes    = "times"
	UnitPeriods  = "periods"
)

// SettingKnown is what this program knows of a setting, whatever its value is.
type SettingKnown struct {
	Default          string // none of the zone, which is chosen
	Kind, Unit       string // no unit but for some numbers
	English, Chinese string // what it means
}

// SettingsKnown are the settings of this program by their keys. A database may
// have others, of another version.
func SettingsKnown() map[string]SettingKnown {
	out := map[string]SettingKnown{}
	for _, s := range defaultSettings("") {
		out[s.key] = SettingKnown{Default: s.value, Kind: s.kind(), Unit: s.unit, English: s.meaning, Chinese: s.chinese}
	}
	return out
}

func (s setting) kind() string {
	switch s.key {
	case SettingZone:
		return SettingIsZone
	case SettingLatestSchedule:
		return SettingIsInstant
	case SettingNoticeLanguage:
		return SettingIsLanguage
	}
	if _, err := strconv.Atoi(s.value); err != nil {
		return SettingIsText
	}
	return SettingIsNumber
}
