package period_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the tests must not depend on the machine's zone files

	"capricornus/common/period"
)

// zoneNames are the zones every property is tested in: both hemispheres, odd
// offsets, gaps at midnight, half-hour shifts, a skipped day.
func zoneNames() []string {
	return []string{
		"UTC", "America/New_York", "America/Los_Angeles", "America/Phoenix", "America/St_Johns",
		"America/Sao_Paulo", "America/Santiago", "America/Havana", "America/Nuuk", "Europe/London",
		"Europe/Dublin", "Europe/Berlin", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut",
		"Asia/Gaza", "Asia/Tehran", "Asia/Shanghai", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Pyongyang",
		"Australia/Lord_Howe", "Australia/Sydney", "Pacific/Chatham", "Pacific/Apia", "Antarctica/Troll",
	}
}

func load(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("load %s: %v", name, err)
	}
	return zone
}

func cycle(t testing.TB, kind period.Kind, expr, zone string) period.Cycle {
	t.Helper()
	c, err := period.NewCycle(kind, expr, load(t, zone))
	if err != nil {
		t.Fatalf("new cycle %s %q in %s: %v", kind, expr, zone, err)
	}
	return c
}

func slotOf(t testing.TB, c period.Cycle, no string) period.Slot {
	t.Helper()
	s, err := c.ByWorkNo(no)
	if err != nil {
		t.Fatalf("by work number %s: %v", no, err)
	}
	return s
}

// at parses RFC 3339, the form in which expectations name instants.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatalf("parse %q: %v", text, err)
	}
	return instant
}

// show prints a slot the way the tables write it.
func show(s period.Slot) string {
	return s.WorkNo + " base " + s.Base.Format(time.RFC3339) + " biz " +
		s.BizStart.Format(time.RFC3339) + " to " + s.BizEnd.Format(time.RFC3339)
}

func numbers(slots []period.Slot) []string {
	nos := make([]string, 0, len(slots))
	for _, s := range slots {
		nos = append(nos, s.WorkNo)
	}
	return nos
}

// transitions returns the instants between two years at which the clock of a
// zone jumps.
func transitions(zone *time.Location, fromYear, toYear int) []time.Time {
	var jumps []time.Time
	last := time.Date(toYear, 12, 31, 0, 0, 0, 0, time.UTC)
	for t := time.Date(fromYear, 1, 1, 0, 0, 0, 0, zone); t.Before(last); {
		_, end := t.ZoneBounds()
		if end.IsZero() {
			break
		}
		_, before := end.Add(-time.Second).Zone()
		if _, after := end.Zone(); before != after {
			jumps = append(jumps, end)
		}
		t = end
	}
	return jumps
}
