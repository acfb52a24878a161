package period

import "time"

// walk stands on one slot of a cycle and steps to its neighbours.
type walk struct {
	cycle Cycle
	line  line
	mark  int64 // wall time at which the period named by the work number begins
	prior int64 // instant at which the period before it began
	start int64 // instant at which it begins: the end of the business interval
}

// walkAt stands on the slot with the latest business end not after t. It is
// false for manual tasks, which have no slots.
func (c Cycle) walkAt(t time.Time) (walk, bool) {
	w := walk{cycle: c, line: line{zone: c.zone}}
	return w, c.kind != Manual && w.settle(clamp(t))
}

// earliest and latest bound all arithmetic, so that years have four digits.
const (
	earliest = -2208902400  // 1900-01-02
	latest   = 253402128000 // 9999-12-30
)

// clamp returns t in whole seconds, inside the bounds.
func clamp(t time.Time) int64 { return min(max(t.Unix(), earliest), latest) }

// settle stands on the slot whose period holds instant u.
func (w *walk) settle(u int64) bool {
	mark, ok := w.cycle.markUpTo(w.line.top(u))
	if !ok {
		return false
	}
	start := w.line.reach(mark)
	// Several marks in one gap begin at one instant: the last one counts, the
	// others are periods that do not exist.
	w.mark, _ = w.cycle.markUpTo(w.line.top(start))
	w.start = start
	return w.lookBack()
}

// lookBack finds the beginning of the period before.
func (w *walk) lookBack() bool {
	before, ok := w.cycle.markUpTo(w.line.top(w.start - 1))
	if !ok {
		return false
	}
	w.prior = w.line.reach(before)
	return true
}

// next steps one slot on.
func (w *walk) next() bool {
	mark, ok := w.cycle.markAfter(w.line.top(w.start))
	if !ok {
		return false
	}
	start := w.line.reach(mark)
	if start > latest {
		return false
	}
	w.prior, w.start = w.start, start
	w.mark, _ = w.cycle.markUpTo(w.line.top(start))
	return true
}

// back steps one slot back.
func (w *walk) back() bool {
	if w.prior < earliest {
		return false
	}
	return w.settle(w.prior)
}

// step makes n steps on, or back when n is negative.
func (w *walk) step(n int) bool {
	for ; n > 0; n-- {
		if !w.next() {
			return false
		}
	}
	for ; n < 0; n++ {
		if !w.back() {
			return false
		}
	}
	return true
}

// base returns the instant at which the slot's batch is generated.
func (w *walk) base() int64 {
	offset := w.cycle.kind.baseSeconds()
	if offset == 0 {
		return w.start
	}
	base := w.line.reach(w.mark + offset)
	after, ok := w.cycle.markAfter(w.mark)
	// A gap can begin inside the period before the base time (St. John's moved
	// its clocks at 00:01): the next valid instant is then in another period
	// and can be that one's base. The period's own beginning is not.
	if ok && base >= w.line.reach(after) {
		return w.start
	}
	return base
}

// slot returns the slot it stands on.
func (w *walk) slot() Slot {
	named := w.mark
	if w.cycle.kind == Cron {
		named = w.line.wall(w.start) // a fire that was moved is named by its real time
	}
	return Slot{
		WorkNo:   civil(named).Format(w.cycle.kind.layout()),
		Base:     w.line.time(w.base()),
		BizStart: w.line.time(w.prior),
		BizEnd:   w.line.time(w.start),
	}
}
