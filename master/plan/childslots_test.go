package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
)

// zoneOf loads a zone.
func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// nodeOf is a task of a period; "cron 0 6 * * *" has an expression.
func nodeOf(t *testing.T, id int64, name, periodName string, zone *time.Location, change ...func(*task.Spec)) *node {
	t.Helper()
	def := &task.Task{Metadata: task.Metadata{Name: name}, Spec: task.Spec{Period: periodName, Enabled: true}}
	if expr, ok := strings.CutPrefix(periodName, "cron "); ok {
		def.Spec.Period, def.Spec.Cron = "cron", expr
	}
	for _, c := range change {
		c(&def.Spec)
	}
	n, err := newNode(store.VersionKey{TaskID: id, Version: 1}, def, zone)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestChildSlotsAreTheInverseOfWindows compares with trying every slot of the
// child, over changes of the clock in zones where hours are lost and doubled.
func TestChildSlotsAreTheInverseOfWindows(t *testing.T) {
	t.Parallel()
	kinds := []string{"hour", "day", "week", "month", "cron 30 */7 * * *", "cron 15 6 * * 1-5", "cron 0 0 10 */2 *"}
	windows := []task.Window{
		{}, {Explicit: true}, {Explicit: true, From: -1, To: -1}, {Explicit: true, From: -2, To: 0}, {Explicit: true, From: -7, To: -1},
	}
	starts := []struct {
		zone string
		from time.Time
	}{
		{"UTC", time.Date(2026, 2, 25, 0, 0, 0, 0, time.UTC)},
		{"Europe/Berlin", time.Date(2026, 3, 25, 13, 0, 0, 0, time.UTC)},
		{"Europe/Berlin", time.Date(2026, 10, 22, 5, 0, 0, 0, time.UTC)},
		{"America/Santiago", time.Date(2026, 9, 3, 5, 0, 0, 0, time.UTC)},
		{"Australia/Lord_Howe", time.Date(2026, 10, 1, 5, 0, 0, 0, time.UTC)},
	}
	for _, start := range starts {
		zone := zoneOf(t, start.zone)
		for _, parent := range kinds {
			for _, child := range kinds {
				for _, w := range windows {
					p, c := nodeOf(t, 1, "p", parent, zone), nodeOf(t, 2, "c", child, zone)
					compareInverse(t, link{parent: p, child: c, kind: task.EdgeLogic, window: w}, start.from)
				}
			}
		}
	}
}

// compareInverse compares for the parent's slots of a few days.
func compareInverse(t *testing.T, l link, from time.Time) {
	t.Helper()
	until := from.AddDate(0, 0, 12)
	newest, _ := l.child.cycle.Latest(until)
	beyond, _ := l.child.cycle.Step(newest, 2)
	holds := map[string][]period.Slot{}
	for _, c := range l.child.cycle.Within(from.AddDate(0, 0, -2), beyond.BizEnd) {
		for _, p := range window(l.window, c, l.parent.cycle) {
			holds[p.WorkNo] = append(holds[p.WorkNo], c)
		}
	}
	parents := l.parent.cycle.Within(from, from.AddDate(0, 0, 9))
	for i := 0; i < len(parents); i += max(1, len(parents)/12) {
		p := parents[i]
		want, expected := parted(holds[p.WorkNo], until)
		slots, ok := childSlots(l, p, until, 100_000)
		got, next := parted(slots, until)
		holding := slices.ContainsFunc(next, func(c period.Slot) bool {
			return slices.ContainsFunc(window(l.window, c, l.parent.cycle), func(s period.Slot) bool { return s.WorkNo == p.WorkNo })
		})
		sound := len(next) == 0 && len(expected) == 0 || len(next) == 1 && holding && (len(expected) == 0 || expected[0].WorkNo == next[0].WorkNo)
		if !ok || !slices.Equal(numbersOf(got), numbersOf(want)) || !sound {
			t.Errorf("%s of %q below %s of %s (%s) in %s: got %v and %v to come, want %v and one of %v", l.child.cycle.Kind(), l.child.def.Spec.Cron,
				p.WorkNo, l.parent.cycle.Kind(), l.window, l.parent.cycle.Zone(), numbersOf(got), numbersOf(next), numbersOf(want), numbersOf(expected))
			return
		}
	}
}

// parted parts slots that end by an instant from those that end after it.
func parted(slots []period.Slot, until time.Time) (by, after []period.Slot) {
	for _, s := range slots {
		if s.BizEnd.After(until) {
			after = append(after, s)
			continue
		}
		by = append(by, s)
	}
	return by, after
}

func TestChildSlotsAreBounded(t *testing.T) {
	t.Parallel()
	p, c := nodeOf(t, 1, "p", "month", time.UTC), nodeOf(t, 2, "c", "cron * * * * * *", time.UTC)
	s, err := p.cycle.ByWorkNo("202605")
	if err != nil {
		t.Fatal(err)
	}
	if slots, ok := childSlots(link{parent: p, child: c, kind: task.EdgeLogic}, s, time.Now(), 1000); ok || len(slots) > 1000 {
		t.Errorf("got %d slots and %v, want it to stop", len(slots), ok)
	}
}

func TestChildSlotsToComeAreTheFirstOnly(t *testing.T) {
	t.Parallel()
	p, c := nodeOf(t, 1, "p", "day", time.UTC), nodeOf(t, 2, "c", "hour", time.UTC)
	s, err := p.cycle.ByWorkNo("20260518")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 5, 18, 3, 30, 0, 0, time.UTC)
	slots, _ := childSlots(link{parent: p, child: c, kind: task.EdgeLogic}, s, now, 1000)
	got := fmt.Sprint(numbersOf(slots))
	if want := "[2026051800 2026051801 2026051802 2026051803 2026051804]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func numbersOf(slots []period.Slot) []string {
	var out []string
	for _, s := range slots {
		out = append(out, s.WorkNo)
	}
	return out
}
