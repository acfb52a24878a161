package period

import (
	"math"
	"time"
)

// maxStep bounds Step: more than a century of hours. It keeps a mistyped
// offset of a dependency from searching for minutes.
const maxStep = 1_000_000

// Due returns the slots with after < Base <= upTo, ascending, at most limit.
// Manual tasks have none.
func (c Cycle) Due(after, upTo time.Time, limit int) []Slot {
	var slots []Slot
	w, ok := c.walkAt(after)
	for end := upTo.Unix(); ok && w.start <= end && len(slots) < limit; ok = w.next() {
		base := w.base()
		if base > end {
			break
		}
		if base > after.Unix() {
			slots = append(slots, w.slot())
		}
	}
	return slots
}

// Next returns the first slot with Base > after.
func (c Cycle) Next(after time.Time) (Slot, bool) {
	w, ok := c.walkAt(after)
	for ; ok; ok = w.next() {
		if w.base() > after.Unix() {
			return w.slot(), true
		}
	}
	return Slot{}, false
}

// Within returns the slots with bizStart < BizEnd <= bizEnd, ascending
// (exactly.md 2).
func (c Cycle) Within(bizStart, bizEnd time.Time) []Slot {
	slots, _ := c.WithinLimit(bizStart, bizEnd, math.MaxInt)
	return slots
}

// WithinLimit is Within for callers that must not be surprised by a month of
// an expression that fires each second: it is false, and the slots are only
// the first of them, when there are more than limit.
func (c Cycle) WithinLimit(bizStart, bizEnd time.Time, limit int) ([]Slot, bool) {
	var slots []Slot
	w, ok := c.walkAt(bizStart)
	for end := bizEnd.Unix(); ok && w.start <= end; ok = w.next() {
		if w.start <= bizStart.Unix() {
			continue
		}
		if len(slots) >= limit {
			return slots, false
		}
		slots = append(slots, w.slot())
	}
	return slots, true
}

// Latest returns the slot with the latest BizEnd that is not after bizEnd.
func (c Cycle) Latest(bizEnd time.Time) (Slot, bool) {
	w, ok := c.walkAt(bizEnd)
	if !ok || w.start > bizEnd.Unix() {
		return Slot{}, false
	}
	return w.slot(), true
}

// Step returns the slot that is n periods later, earlier when n is negative;
// periods that do not exist do not count. It is false for manual tasks, beyond
// a million periods, and outside the years 1900 to 9999.
func (c Cycle) Step(s Slot, n int) (Slot, bool) {
	if n > maxStep || n < -maxStep {
		return Slot{}, false
	}
	w, ok := c.walkAt(s.BizEnd)
	if !ok || !w.step(n) {
		return Slot{}, false
	}
	return w.slot(), true
}

// Now returns the slot that a person makes by executing the task at now
// (exactly.md 5). For timed kinds it is the slot of the period that holds now;
// its base time may still be a minute ahead. For cron it is numbered by the
// second and reaches from the last fire before now to now; for manual it is
// numbered by the millisecond and has no business interval.
func (c Cycle) Now(now time.Time) Slot {
	switch c.kind {
	case Manual:
		return c.manual(now.Truncate(time.Millisecond))
	case Cron:
		return c.fired(clamp(now))
	case Hour, Day, Week, Month:
	}
	w, _ := c.walkAt(now)
	return w.slot()
}

// manual returns the slot of a manual execution at a time in milliseconds.
func (c Cycle) manual(at time.Time) Slot {
	at = at.In(c.zone)
	no := at.Format("20060102150405.000")
	return Slot{WorkNo: no[:14] + no[15:], Base: at, BizStart: at, BizEnd: at}
}

// fired returns the slot that ends at instant u, be it a fire time or not.
func (c Cycle) fired(u int64) Slot {
	w, _ := c.walkAt(time.Unix(u, 0))
	if w.start == u {
		return w.slot()
	}
	at := w.line.time(u)
	return Slot{WorkNo: at.Format(Cron.layout()), Base: at, BizStart: w.line.time(w.start), BizEnd: at}
}

// Window returns the parent's slots that a child's slot depends on by default
// (exactly.md 2): those inside the child's business interval, else, for a
// coarser parent, the latest that ended before the child's interval ends.
func Window(child Slot, parent Cycle) []Slot {
	if slots := parent.Within(child.BizStart, child.BizEnd); len(slots) > 0 {
		return slots
	}
	if slot, ok := parent.Latest(child.BizEnd); ok {
		return []Slot{slot}
	}
	return nil
}
