package master_test

import "time"

// almanac is the calendar of tasks calculated from civil dates alone, by
// domain.md §2 and exactly.md 2 and 3: what generation is held against. It
// shares no arithmetic with the product and knows no change of clocks, so use
// it where there is none.
type almanac struct{ zone *time.Location }

// leaf is one slot.
type leaf struct {
	kind             string
	n                int // counted from January 2026
	no               string
	base, start, end time.Time
}

// kinds are all periods that have slots. Cron is always "15 */6 * * *" here.
func kinds() []string { return []string{"hour", "day", "week", "month", "cron"} }

const almanacCron = "15 */6 * * *"

// bound is where the n-th period of a kind begins.
func (a almanac) bound(kind string, n int) time.Time {
	switch kind {
	case "hour":
		return time.Date(2026, 1, 1, n, 0, 0, 0, a.zone)
	case "day":
		return time.Date(2026, 1, 1+n, 0, 0, 0, 0, a.zone)
	case "week":
		return time.Date(2026, 1, 5+7*n, 0, 0, 0, 0, a.zone) // a Monday
	case "month":
		return time.Date(2026, time.Month(1+n), 1, 0, 0, 0, 0, a.zone)
	case "cron":
		return time.Date(2026, 1, 1, 6*n, 15, 0, 0, a.zone)
	}
	panic("no such period: " + kind)
}

func (a almanac) leaf(kind string, n int) leaf {
	end := a.bound(kind, n)
	l := leaf{kind: kind, n: n, start: a.bound(kind, n-1), end: end, base: end}
	switch kind {
	case "hour":
		l.no, l.base = end.Format("2006010215"), end.Add(time.Minute)
	case "day":
		l.no, l.base = end.Format("20060102"), end.Add(time.Minute)
	case "week":
		l.no, l.base = end.Format("20060102"), end.Add(2*time.Minute)
	case "month":
		l.no, l.base = end.Format("200601"), end.Add(5*time.Minute)
	case "cron":
		l.no = end.Format("20060102150405")
	}
	return l
}

// latest is the slot with the latest end not after an instant.
func (a almanac) latest(kind string, at time.Time) leaf {
	hours := map[string]float64{"hour": 1, "day": 24, "week": 7 * 24, "month": 28 * 24, "cron": 6}[kind]
	n := int(at.Sub(a.bound(kind, 0)).Hours()/hours) + 2
	for a.bound(kind, n).After(at) {
		n--
	}
	return a.leaf(kind, n)
}

// due are the slots with after < base <= upTo.
func (a almanac) due(kind string, after, upTo time.Time) []leaf {
	var out []leaf
	for l := a.latest(kind, after); !l.base.After(upTo); l = a.leaf(kind, l.n+1) {
		if l.base.After(after) {
			out = append(out, l)
		}
	}
	return out
}

// within are the slots that a child depends on by default: those that end
// inside its interval, else the latest that ended before the interval's end.
func (a almanac) within(kind string, child leaf) []leaf {
	last := a.latest(kind, child.end)
	first := last
	for n := last.n - 1; a.bound(kind, n).After(child.start); n-- {
		first = a.leaf(kind, n)
	}
	return a.span(kind, first.n, last.n)
}

// counted are the slots from and to periods away from the latest one.
func (a almanac) counted(kind string, child leaf, from, to int) []leaf {
	last := a.latest(kind, child.end)
	return a.span(kind, last.n+from, last.n+to)
}

func (a almanac) span(kind string, first, last int) []leaf {
	var out []leaf
	for n := first; n <= last; n++ {
		out = append(out, a.leaf(kind, n))
	}
	return out
}

// pieces are the whole hours or days that an interval has a part in.
func (a almanac) pieces(kind string, l leaf) []leaf {
	var out []leaf
	first := a.latest(kind, l.start) // ends at or before the start: the next one is the first with a part
	for n := first.n + 1; a.bound(kind, n-1).Before(l.end); n++ {
		out = append(out, a.leaf(kind, n))
	}
	return out
}
