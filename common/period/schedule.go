package period

import (
	"math/bits"
	"time"
)

// searchDays bounds every search for a fire time. The longest pause of an
// expression that fires at all is eight years: 29 February around 1900 or 2100.
const searchDays = 9 * 366

// schedule is a cron expression as bit sets, searched over wall times. The
// search is our own because robfig's skips times in a DST gap, fires twice in a
// repeated hour, cannot go backwards and gives up after five years.
type schedule struct {
	second, minute, hour uint64
	dom, month, dow      uint64
	bothDays             bool // day of month and day of week must both match
}

// upTo returns the latest match not after wall.
func (s schedule) upTo(wall int64) (int64, bool) {
	day, limit := floor(wall, secondsPerDay), int(wall-floor(wall, secondsPerDay))
	for range searchDays {
		year, month, dom := civil(day).Date()
		switch {
		case !has(s.month, int(month)):
			day = time.Date(year, month, 0, 0, 0, 0, 0, time.UTC).Unix()
		default:
			if at, ok := s.clockUpTo(limit); ok && s.matchesDay(day, dom) {
				return day + int64(at), true
			}
			day -= secondsPerDay
		}
		limit = secondsPerDay - 1
	}
	return 0, false
}

// after returns the first match after wall.
func (s schedule) after(wall int64) (int64, bool) {
	wall++
	day, from := floor(wall, secondsPerDay), int(wall-floor(wall, secondsPerDay))
	for range searchDays {
		year, month, dom := civil(day).Date()
		switch {
		case !has(s.month, int(month)):
			day = time.Date(year, month+1, 1, 0, 0, 0, 0, time.UTC).Unix()
		default:
			if at, ok := s.clockFrom(from); ok && s.matchesDay(day, dom) {
				return day + int64(at), true
			}
			day += secondsPerDay
		}
		from = 0
	}
	return 0, false
}

// matchesDay tells whether the day that begins at a wall time matches. As in
// every cron: with both day fields restricted, one of them is enough.
func (s schedule) matchesDay(day int64, dom int) bool {
	byMonth, byWeek := has(s.dom, dom), has(s.dow, int(civil(day).Weekday()))
	if s.bothDays {
		return byMonth && byWeek
	}
	return byMonth || byWeek
}

// clockFrom returns the first matching second of a day, from one on.
func (s schedule) clockFrom(from int) (int, bool) {
	hour, minute, second := from/3600, from/60%60, from%60
	if has(s.hour, hour) {
		if has(s.minute, minute) {
			if at, ok := lowest(s.second, second); ok {
				return hour*3600 + minute*60 + at, true
			}
		}
		if at, ok := lowest(s.minute, minute+1); ok {
			return hour*3600 + at*60 + first(s.second), true
		}
	}
	at, ok := lowest(s.hour, hour+1)
	return at*3600 + first(s.minute)*60 + first(s.second), ok
}

// clockUpTo returns the latest matching second of a day, not after one.
func (s schedule) clockUpTo(limit int) (int, bool) {
	hour, minute, second := limit/3600, limit/60%60, limit%60
	if has(s.hour, hour) {
		if has(s.minute, minute) {
			if at, ok := highest(s.second, second); ok {
				return hour*3600 + minute*60 + at, true
			}
		}
		if at, ok := highest(s.minute, minute-1); ok {
			return hour*3600 + at*60 + last(s.second), true
		}
	}
	at, ok := highest(s.hour, hour-1)
	return at*3600 + last(s.minute)*60 + last(s.second), ok
}

func has(set uint64, n int) bool { return set&(1<<n) != 0 }
func first(set uint64) int       { return bits.TrailingZeros64(set) }
func last(set uint64) int        { return bits.Len64(set) - 1 }

// lowest returns the smallest member that is at least from.
func lowest(set uint64, from int) (int, bool) {
	set &= ^uint64(0) << from
	return first(set), set != 0
}

// highest returns the largest member that is at most limit.
func highest(set uint64, limit int) (int, bool) {
	set &= 1<<(limit+1) - 1
	return last(set), set != 0
}
