package plan

import (
	"time"

	"capricornus/common/period"
)

// childSlots lists the slots of a link's child whose window holds a slot of the
// parent: the inverse of window. Of those that end after until only the first
// is there, to be told about. It is false when there are more than limit.
func childSlots(l link, parent period.Slot, until time.Time, limit int) ([]period.Slot, bool) {
	if !l.followed() {
		return nil, true
	}
	w := l.window
	if w.Explicit {
		from, ok := l.parent.cycle.Step(parent, -w.To)
		if !ok {
			return nil, true
		}
		to, _ := l.parent.cycle.Step(parent, -w.From+1)
		return ending(l.child.cycle, from.BizEnd, to.BizEnd, until, limit)
	}
	// The child whose interval holds the end of the parent's: the first to end
	// then or later. A finer child has more of them, until the parent's next.
	first, ok := firstEnding(l.child.cycle, parent.BizEnd)
	if !ok {
		return nil, true
	}
	next, _ := l.parent.cycle.Step(parent, 1)
	if !next.BizEnd.IsZero() && !first.BizEnd.Before(next.BizEnd) {
		return []period.Slot{first}, true
	}
	return ending(l.child.cycle, first.BizEnd, next.BizEnd, until, limit)
}

// ending lists the slots of a cycle with from <= BizEnd < to; a zero to is
// never. Of those that end after until it lists the first.
func ending(c period.Cycle, from, to, until time.Time, limit int) ([]period.Slot, bool) {
	last := until
	if before := to.Add(-time.Second); !to.IsZero() && before.Before(until) {
		last = before
	}
	slots, ok := c.WithinLimit(from.Add(-time.Second), last, limit)
	if !ok {
		return nil, false
	}
	after := until.Truncate(time.Second).Add(time.Second)
	if after.Before(from) {
		after = from
	}
	if s, ok := firstEnding(c, after); ok && (to.IsZero() || s.BizEnd.Before(to)) {
		slots = append(slots, s)
	}
	return slots, true
}

// firstEnding returns the first slot that ends at an instant or later.
func firstEnding(c period.Cycle, at time.Time) (period.Slot, bool) {
	before, ok := c.Latest(at.Add(-time.Second))
	if !ok {
		return c.Next(at.Add(-time.Second)) // a cron expression that has not fired yet
	}
	return c.Step(before, 1)
}
