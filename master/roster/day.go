package roster

import (
	"time"

	"capricornus/common/fault"
)

// Day is a day of the calendar in the cluster's zone, as yyyyMMdd.
type Day int

const compact = "20060102"

// DayOf is the day of an instant in a zone.
func DayOf(at time.Time, zone *time.Location) Day {
	year, month, day := at.In(zone).Date()
	return Day(year*10000 + int(month)*100 + day)
}

// ParseDay reads 20261122 or 2026-11-22.
func ParseDay(text string) (Day, error) {
	for _, layout := range []string{compact, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil && len(text) == len(layout) {
			return DayOf(at, time.UTC), nil
		}
	}
	return 0, fault.New(fault.Invalid, "%q is no day", clipped(text)).WithHint("write yyyyMMdd, for example 20261122")
}

// noon is an instant of the day that no change of clocks reaches.
func (d Day) noon() time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 12, 0, 0, 0, time.UTC)
}

// Add is the day so many days later.
func (d Day) Add(days int) Day { return DayOf(d.noon().AddDate(0, 0, days), time.UTC) }

// Since is how many days have passed since another day.
func (d Day) Since(other Day) int { return int(d.noon().Sub(other.noon()) / (24 * time.Hour)) }

// String writes yyyyMMdd.
func (d Day) String() string { return d.noon().Format(compact) }

// words writes the day for people: 2026-11-22 (Sunday).
func (d Day) words() string { return d.noon().Format("2006-01-02 (Monday)") }

// clipped bounds what a sentence repeats of what was sent.
func clipped(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}
