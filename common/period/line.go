package period

import (
	"math"
	"time"
)

const (
	// farOffset is more than any zone's distance from UTC.
	farOffset = 26 * 3600
	// farBack is more than any clock was ever set back, with room: after it the
	// clock has passed everything it showed before.
	farBack = 50 * 3600
)

// line maps between instants (Unix seconds) and wall times (seconds as if the
// wall clock were UTC) of one zone. It remembers the last stretch of constant
// offset, which makes walking along it cheap; so it is for one goroutine.
type line struct {
	zone       *time.Location
	start, end int64 // the stretch [start, end)
	offset     int64
}

// seek makes the stretch that holds instant u the current one.
func (l *line) seek(u int64) {
	if l.start <= u && u < l.end {
		return
	}
	t := time.Unix(u, 0).In(l.zone)
	_, offset := t.Zone()
	l.start, l.end, l.offset = math.MinInt64, math.MaxInt64, int64(offset)
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		l.start = start.Unix()
	}
	if !end.IsZero() {
		l.end = end.Unix()
	}
	if l.end <= u {
		// ZoneBounds ends the years after a zone's last listed jump after 365
		// days; on the last day of a leap year that is in the past (golang/go
		// 81583). It means the end of the year. Believing it would loop for ever.
		l.end = time.Date(t.UTC().Year()+1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	}
}

// wall returns what the clock shows at instant u.
func (l *line) wall(u int64) int64 {
	l.seek(u)
	return u + l.offset
}

// reach returns the first instant at which the clock shows wall or later.
func (l *line) reach(wall int64) int64 {
	return l.reachFrom(wall-farOffset, wall)
}

// reachFrom is reach, looking at instants from u on only.
func (l *line) reachFrom(u, wall int64) int64 {
	for {
		l.seek(u)
		if hit := max(u, wall-l.offset); hit < l.end {
			return hit
		}
		u = l.end
	}
}

// top returns the latest wall time that the clock has shown up to instant u:
// the inverse of reach, as reach(w) <= u exactly when w <= top(u).
func (l *line) top(u int64) int64 {
	top := l.wall(u)
	for start := l.start; start > u-farBack; start = l.start {
		top = max(top, l.wall(start-1))
	}
	return top
}

// time returns instant u as a time in the zone.
func (l *line) time(u int64) time.Time {
	return time.Unix(u, 0).In(l.zone)
}

// At returns the first instant at which zone's clock shows the date and clock
// time of wall, whose own zone is ignored. A time in a gap moves to the next
// valid instant, one that occurs twice is the first.
func At(wall time.Time, zone *time.Location) time.Time {
	l := line{zone: zone}
	return l.time(l.reach(naive(wall)))
}

// AfterBase returns the time that is the given number of wall-clock minutes
// after base (exactly.md 6): 10:00 stays 10:00 on a day of 23 hours. A time in
// a gap moves to the next valid instant; of one that occurs twice the first
// that is not before base counts. Where the slot is at hand Cycle.After is
// better: it also knows the base time that was meant when base was moved.
func AfterBase(base time.Time, minutes int, zone *time.Location) time.Time {
	l := line{zone: zone}
	u := base.Unix()
	wall := l.wall(u) + int64(minutes)*60
	if minutes < 0 {
		return l.time(l.reach(wall))
	}
	return l.time(l.reachFrom(u, wall))
}

// naive returns what t shows, as seconds.
func naive(t time.Time) int64 {
	_, offset := t.Zone()
	return t.Unix() + int64(offset)
}

// civil returns a wall time as a UTC time, to take it apart.
func civil(wall int64) time.Time { return time.Unix(wall, 0).UTC() }
