package period

import (
	"fmt"
	"time"
)

// MinutesAfterBase returns what is stored for a clock time, written HH:mm, of
// the day of the base time: 599 for a day task at 10:00, as its base time is
// 00:01. (GAP-08: the seed's 559 is a slip.)
func MinutesAfterBase(kind Kind, clock string) (int, error) {
	switch kind {
	case Day, Week, Month:
	case Hour, Cron, Manual:
		return 0, fmt.Errorf("%s task has no clock time of the day, %q cannot be used; write minutes after the base time", kind.one(), clock)
	default:
		return 0, fmt.Errorf("%s has no base time; use one of hour, day, week, month, cron, manual", kind)
	}
	t, err := time.Parse("15:04", clock)
	if err != nil || len(clock) != len("15:04") {
		return 0, fmt.Errorf("%q is no clock time; write HH:mm from 00:00 to 23:59, for example 09:30", clock)
	}
	base := int(kind.baseSeconds() / 60)
	minutes := t.Hour()*60 + t.Minute() - base
	if minutes < 0 {
		return 0, fmt.Errorf("%s is before the base time of %s task; write 00:%02d or later", clock, kind.one(), base)
	}
	return minutes, nil
}

// After returns the time that is the given number of wall-clock minutes after
// the base time of a slot of this cycle. Unlike AfterBase it starts from the
// clock time that was meant: on a day that begins at 01:00, because the clock
// skipped midnight, 599 minutes still are 10:00.
func (c Cycle) After(s Slot, minutes int) time.Time {
	w, ok := c.walkAt(s.BizEnd)
	if !ok || c.kind == Cron {
		return AfterBase(s.Base, minutes, c.zone)
	}
	return w.line.time(w.line.reach(w.mark + c.kind.baseSeconds() + int64(minutes)*60))
}
