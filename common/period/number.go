package period

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ByWorkNo returns the slot that a work number names. A cron task accepts any
// second that exists, as executing it makes such numbers; what was executed in
// the second pass of a repeated hour is taken for the first.
func (c Cycle) ByWorkNo(no string) (Slot, error) {
	wall, err := c.parseNo(no)
	if err != nil {
		return Slot{}, err
	}
	l := line{zone: c.zone}
	start := l.reach(naive(wall))
	if start < earliest || start > latest {
		return Slot{}, fmt.Errorf("work number %q is out of bounds; the years 1900 to 9999 are known", no)
	}
	if c.kind == Cron || c.kind == Manual {
		if l.wall(start) != naive(wall) {
			return Slot{}, c.missing(no, "a time", l.time(start).Format(Cron.layout()))
		}
		if c.kind == Cron {
			return c.fired(start), nil
		}
		return c.manual(l.time(start).Add(time.Duration(wall.Nanosecond()))), nil
	}
	w, _ := c.walkAt(l.time(start))
	if w.mark != naive(wall) {
		return Slot{}, c.missing(no, c.kind.one(), w.slot().WorkNo)
	}
	return w.slot(), nil
}

// missing says that the clock skipped what a work number names.
func (c Cycle) missing(no, what, next string) error {
	return fmt.Errorf("work number %q names %s that does not exist in %s, the clock skips it; the next one is %s", no, what, c.zone, next)
}

// parseNo reads the wall time in a work number, as a UTC time.
func (c Cycle) parseNo(no string) (time.Time, error) {
	layout, digits := c.kind.layout(), no
	if c.kind == Manual {
		layout = "20060102150405.000"
		if len(no) > 14 {
			digits = no[:14] + "." + no[14:]
		}
	}
	if len(digits) != len(layout) || strings.Trim(no, "0123456789") != "" {
		return time.Time{}, fmt.Errorf("work number %q is wrong for %s task; write %s", no, c.kind.one(), c.kind.shape())
	}
	t, err := time.Parse(layout, digits)
	if err != nil {
		return time.Time{}, fmt.Errorf("work number %q is no date or time of the calendar; write %s", no, c.kind.shape())
	}
	if monday := floor(t.Unix()-firstMonday, secondsPerWeek) + firstMonday; c.kind == Week && monday != t.Unix() {
		return time.Time{}, fmt.Errorf("work number %q is a %s; a week is numbered by its Monday, %s", no, t.Weekday(), civil(monday).Format(layout))
	}
	return t, nil
}

// shape shows how work numbers of the kind are written.
func (k Kind) shape() string {
	switch k {
	case Hour:
		return "yyyyMMddHH, for example 2026112010"
	case Day:
		return "yyyyMMdd, for example 20261120"
	case Week:
		return "the Monday as yyyyMMdd, for example 20261116"
	case Month:
		return "yyyyMM, for example 202611"
	case Manual:
		return "yyyyMMddHHmmss and milliseconds, for example 20261120101533042"
	case Cron:
	}
	return "yyyyMMddHHmmss, for example 20261120101500"
}

// ErrTooMany is a range of more periods than the caller wants to know.
var ErrTooMany = errors.New("too many periods")

// Range returns the slots of a closed range of work numbers, ascending; for
// cron the fire times in it. More than limit slots are ErrTooMany.
func (c Cycle) Range(from, to string, limit int) ([]Slot, error) {
	if c.kind == Manual {
		return nil, errors.New("a manual task has no range of periods; name one work number")
	}
	first, err := c.ByWorkNo(from)
	if err != nil {
		return nil, err
	}
	last, err := c.ByWorkNo(to)
	if err != nil {
		return nil, err
	}
	if first.BizEnd.After(last.BizEnd) {
		return nil, fmt.Errorf("range %s to %s runs backwards; write the earlier work number first", from, to)
	}
	slots, ok := c.WithinLimit(first.BizEnd.Add(-time.Second), last.BizEnd, limit)
	if !ok {
		return nil, fmt.Errorf("%w: range %s to %s holds more than %d periods, the limit; split it", ErrTooMany, from, to, limit)
	}
	return slots, nil
}
