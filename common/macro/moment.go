package macro

import (
	"fmt"
	"strings"
	"time"

	"capricornus/common/period"
)

// moment is a point in time on its way through align and offsets. Calendar
// steps work on the wall clock, which is only brought back to an existing
// instant when time is to pass or to be printed.
type moment struct {
	zone    *time.Location
	instant time.Time
	wall    time.Time // as a UTC time; counts while isWall
	isWall  bool
}

// toWall switches to the wall clock.
func (m *moment) toWall() time.Time {
	if !m.isWall {
		t := m.instant.In(m.zone)
		m.wall = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
		m.isWall = true
	}
	return m.wall
}

// toInstant switches to the instant.
func (m *moment) toInstant() time.Time {
	if m.isWall {
		m.instant = period.At(m.wall, m.zone)
		m.isWall = false
	}
	return m.instant.In(m.zone)
}

// begin moves to where an align points.
func (m *moment) begin(align string) {
	t := m.toWall()
	year, month, day := t.Date()
	hour := 0
	switch align {
	case "hour_begin":
		hour = t.Hour()
	case "day_begin":
	case "week_begin":
		day -= (int(t.Weekday()) + 6) % 7
	case "month_begin":
		day = 1
	case "month_end":
		month, day = month+1, 0
	case "quarter_begin":
		month, day = month-(month-1)%3, 1
	case "year_begin":
		month, day = time.January, 1
	}
	m.wall = time.Date(year, month, day, hour, 0, 0, 0, time.UTC)
}

// move moves by one offset.
func (m *moment) move(s shift) {
	switch s.unit {
	case 'm':
		m.instant = m.toInstant().Add(time.Duration(s.count) * time.Minute)
	case 'h':
		m.instant = m.toInstant().Add(time.Duration(s.count) * time.Hour)
	case 'd':
		m.wall = m.toWall().AddDate(0, 0, s.count)
	case 'w':
		m.wall = m.toWall().AddDate(0, 0, 7*s.count)
	case 'M':
		m.wall = addMonths(m.toWall(), s.count)
	case 'y':
		m.wall = addMonths(m.toWall(), 12*s.count)
	}
}

// addMonths clamps to the last day of the month: 31 March -1M is 28 February.
func addMonths(t time.Time, months int) time.Time {
	year, month, day := t.Date()
	month += time.Month(months)
	lastDay := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(year, month, min(day, lastDay), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// writeTime prints the part's point in time, counted from its anchor.
func (p part) writeTime(b *strings.Builder, anchor time.Time, zone *time.Location) {
	m := moment{zone: zone, instant: anchor}
	if p.align != "" {
		m.begin(p.align)
	}
	for _, s := range p.shifts {
		m.move(s)
	}
	t := m.toInstant()
	for _, tok := range p.pattern {
		tok.write(b, t)
	}
}

// write prints one piece of a pattern.
func (tok token) write(b *strings.Builder, t time.Time) {
	switch tok.letters {
	case "yyyy":
		fmt.Fprintf(b, "%04d", t.Year())
	case "MM":
		fmt.Fprintf(b, "%02d", int(t.Month()))
	case "dd":
		fmt.Fprintf(b, "%02d", t.Day())
	case "HH":
		fmt.Fprintf(b, "%02d", t.Hour())
	case "mm":
		fmt.Fprintf(b, "%02d", t.Minute())
	case "ss":
		fmt.Fprintf(b, "%02d", t.Second())
	default:
		b.WriteString(tok.text)
	}
}
