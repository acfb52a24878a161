package period

import "time"

const (
	secondsPerHour = 3600
	secondsPerDay  = 24 * secondsPerHour
	secondsPerWeek = 7 * secondsPerDay
	// firstMonday is the wall time of a Monday, 1970-01-05.
	firstMonday = 4 * secondsPerDay
)

// markUpTo returns the latest wall time, not after the given one, at which a
// period begins. It is false when a cron expression has none for years.
func (c Cycle) markUpTo(wall int64) (int64, bool) {
	switch c.kind {
	case Hour:
		return floor(wall, secondsPerHour), true
	case Day:
		return floor(wall, secondsPerDay), true
	case Week:
		return floor(wall-firstMonday, secondsPerWeek) + firstMonday, true
	case Month:
		return monthBegin(wall, 0), true
	case Cron:
		return c.cron.upTo(wall)
	case Manual:
	}
	return 0, false
}

// markAfter returns the first wall time after the given one at which a period
// begins.
func (c Cycle) markAfter(wall int64) (int64, bool) {
	switch c.kind {
	case Hour:
		return floor(wall, secondsPerHour) + secondsPerHour, true
	case Day:
		return floor(wall, secondsPerDay) + secondsPerDay, true
	case Week:
		return floor(wall-firstMonday, secondsPerWeek) + secondsPerWeek + firstMonday, true
	case Month:
		return monthBegin(wall, 1), true
	case Cron:
		return c.cron.after(wall)
	case Manual:
	}
	return 0, false
}

// floor rounds down to a multiple of step, also below zero.
func floor(n, step int64) int64 {
	rest := n % step
	if rest < 0 {
		rest += step
	}
	return n - rest
}

// monthBegin returns the first second of the month that is some months later.
func monthBegin(wall int64, months time.Month) int64 {
	year, month, _ := civil(wall).Date()
	return time.Date(year, month+months, 1, 0, 0, 0, 0, time.UTC).Unix()
}
