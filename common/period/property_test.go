package period_test

import (
	"slices"
	"testing"
	"time"

	"capricornus/common/period"

	"pgregory.net/rapid"
)

func timedKinds() []period.Kind {
	return []period.Kind{period.Hour, period.Day, period.Week, period.Month}
}

func expressions() []string {
	return []string{
		"0 * * * *", "*/15 * * * *", "30 2 * * *", "1 0 * * *", "30 1 * * 0", "0 0 1 * *", "0 12 13 * 5",
		"*/7 59 23 * * *", "0 0 29 2 *", "CRON_TZ=Europe/London 30 1 * * *", "5,35 0-3 * 3,4,10,11 *",
	}
}

// failer is what checks need of testing and of rapid.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkTiling checks that slots that follow one another leave no hole.
func checkTiling(t failer, c period.Cycle, slots []period.Slot) {
	t.Helper()
	for i, s := range slots {
		if !s.BizStart.Before(s.BizEnd) || s.Base.Before(s.BizEnd) || s.Base.Location() != c.Zone() {
			t.Fatalf("%s: got %s, want a business interval that ends no later than the base, in the zone", c.Zone(), show(s))
		}
		if i == 0 {
			continue
		}
		before := slots[i-1]
		if !before.BizEnd.Equal(s.BizStart) || !before.Base.Before(s.Base) || before.WorkNo >= s.WorkNo {
			t.Fatalf("%s: got %s after %s, want intervals that tile and rising bases and numbers", c.Zone(), show(s), show(before))
		}
	}
}

// checkNumbers checks that each slot is the one its work number names.
func checkNumbers(t failer, c period.Cycle, slots []period.Slot) {
	t.Helper()
	for _, s := range slots {
		if got, err := c.ByWorkNo(s.WorkNo); err != nil || got != s {
			t.Fatalf("%s: %s: got %s, error %v; want %s", c.Zone(), s.WorkNo, show(got), err, show(s))
		}
	}
}

func TestDaysWeeksAndMonthsOf38YearsTile(t *testing.T) {
	for _, name := range zoneNames() {
		for _, kind := range []period.Kind{period.Day, period.Week, period.Month} {
			c := cycle(t, kind, "", name)
			slots := c.Within(at(t, "2000-01-01T00:00:00Z"), at(t, "2037-12-31T00:00:00Z"))
			checkTiling(t, c, slots)
			checkNumbers(t, c, slots)
			if want := map[period.Kind]int{period.Day: 13800, period.Week: 1980, period.Month: 455}[kind]; len(slots) < want {
				t.Errorf("%s in %s: got %d slots, want at least %d", kind, name, len(slots), want)
			}
		}
	}
}

func TestHoursAndFiresTileOverEveryJumpOfTheClock(t *testing.T) {
	for _, name := range zoneNames() {
		hours, quarters := cycle(t, period.Hour, "", name), cycle(t, period.Cron, "*/15 * * * *", name)
		for _, jump := range transitions(load(t, name), 2000, 2037) {
			for _, c := range []period.Cycle{hours, quarters} {
				slots := c.Within(jump.Add(-4*time.Hour), jump.Add(4*time.Hour))
				checkTiling(t, c, slots)
				checkNumbers(t, c, slots)
			}
		}
	}
}

// Go's ZoneBounds ends such a day before it begins (golang/go 81583).
func TestLastDayOfALeapYearFarAheadTiles(t *testing.T) {
	for _, name := range zoneNames() {
		for _, year := range []string{"2040", "2096", "9996"} {
			c := cycle(t, period.Hour, "", name)
			end := at(t, year+"-12-31T23:30:00Z")
			slots := c.Within(end.Add(-72*time.Hour), end.Add(72*time.Hour))
			checkTiling(t, c, slots)
			checkNumbers(t, c, slots)
			if len(slots) != 144 {
				t.Errorf("%s %s: got %d hours, want 144", name, year, len(slots))
			}
			if _, err := c.Range(year+"122800", year+"123123", 100); err != nil {
				t.Errorf("%s %s: %v", name, year, err)
			}
		}
	}
}

// drawCycle draws any timed cycle in any zone.
func drawCycle(t *rapid.T, names []string) period.Cycle {
	kind := rapid.SampledFrom(append(timedKinds(), period.Cron)).Draw(t, "kind")
	zone, err := time.LoadLocation(rapid.SampledFrom(names).Draw(t, "zone"))
	if err != nil {
		t.Fatalf("load zone: %v", err)
	}
	expr := ""
	if kind == period.Cron {
		expr = rapid.SampledFrom(expressions()).Draw(t, "cron")
	}
	c, err := period.NewCycle(kind, expr, zone)
	if err != nil {
		t.Fatalf("new cycle: %v", err)
	}
	return c
}

// drawTime draws an instant of 2000 to 2099, often near a jump of the clock.
func drawTime(t *rapid.T, zone *time.Location, label string) time.Time {
	at := time.Unix(rapid.Int64Range(946684800, 4102444799).Draw(t, label), 0)
	_, end := at.In(zone).ZoneBounds()
	if !end.IsZero() && rapid.Bool().Draw(t, label+" near a jump") {
		at = end.Add(time.Duration(rapid.Int64Range(-100_000, 100_000).Draw(t, label+" seconds")) * time.Second)
	}
	return at
}

func TestSlotsAgreeWithEachOther(t *testing.T) {
	names := zoneNames()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCycle(t, names)
		from := drawTime(t, c.Zone(), "from")
		slots := c.Due(from, from.AddDate(12, 0, 0), rapid.IntRange(2, 60).Draw(t, "slots"))
		checkTiling(t, c, slots)
		checkNumbers(t, c, slots)
		first, last := slots[0], slots[len(slots)-1]
		if next, ok := c.Next(from); !ok || next != first {
			t.Fatalf("next: got %s, want %s", show(next), show(first))
		}
		within := c.Within(first.BizStart, last.BizEnd)
		if !slices.Equal(within, slots) {
			t.Fatalf("within: got %v, want %v", numbers(within), numbers(slots))
		}
		if ranged, err := c.Range(first.WorkNo, last.WorkNo, len(slots)); err != nil || !slices.Equal(ranged, slots) {
			t.Fatalf("range: got %v, error %v; want %v", numbers(ranged), err, numbers(slots))
		}
		for i, s := range slots {
			if latest, ok := c.Latest(s.BizEnd); !ok || latest != s {
				t.Fatalf("latest: got %s, want %s", show(latest), show(s))
			}
			if forth, ok := c.Step(first, i); !ok || forth != s {
				t.Fatalf("step %d: got %s, want %s", i, show(forth), show(s))
			}
			if back, ok := c.Step(s, -i); !ok || back != first {
				t.Fatalf("step %d: got %s, want %s", -i, show(back), show(first))
			}
		}
	})
}

func TestLatestIsTheLastWithin(t *testing.T) {
	names := zoneNames()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCycle(t, names)
		end := drawTime(t, c.Zone(), "end")
		latest, ok := c.Latest(end)
		if !ok || latest.BizEnd.After(end) {
			t.Fatalf("got %s, %v; want a slot that ends by %s", show(latest), ok, end)
		}
		if within := c.Within(latest.BizStart, end); len(within) != 1 || within[0] != latest {
			t.Fatalf("within: got %v, want only %s", numbers(within), show(latest))
		}
		if after, ok := c.Step(latest, 1); !ok || !after.BizEnd.After(end) {
			t.Fatalf("got %s after the latest, want one that ends after %s", show(after), end)
		}
	})
}

func TestNowIsNumberedOneToOne(t *testing.T) {
	names := zoneNames()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCycle(t, names)
		now := drawTime(t, c.Zone(), "now")
		s := c.Now(now)
		got, err := c.ByWorkNo(s.WorkNo)
		if err != nil {
			t.Fatalf("%s: %v", s.WorkNo, err)
		}
		// Two seconds of a repeated hour share a cron number; the first has it.
		if shared := c.Kind() == period.Cron && got.Base.Before(s.Base); got != s && !shared {
			t.Fatalf("got %s, want %s", show(got), show(s))
		}
		if c.Kind() != period.Cron && s.BizEnd.After(now) {
			t.Fatalf("got %s, want its business interval over at %s", show(s), now)
		}
	})
}

func TestAfterBaseShowsTheClockTimeThatWasAskedFor(t *testing.T) {
	names := zoneNames()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCycle(t, names)
		s, _ := c.Latest(drawTime(t, c.Zone(), "end"))
		minutes := rapid.IntRange(0, 3000).Draw(t, "minutes")
		got := period.AfterBase(s.Base, minutes, c.Zone())
		wall := time.Date(s.Base.Year(), s.Base.Month(), s.Base.Day(), s.Base.Hour(), s.Base.Minute()+minutes, s.Base.Second(), 0, time.UTC)
		shown := time.Date(got.Year(), got.Month(), got.Day(), got.Hour(), got.Minute(), got.Second(), 0, time.UTC)
		if got.Before(s.Base) || shown.Before(wall) {
			t.Fatalf("got %s, want the clock at %s, not before %s", got, wall, s.Base)
		}
		if _, offset := got.Add(-time.Second).Zone(); shown.After(wall) && offset == zoneOffset(got) {
			t.Fatalf("got %s, want %s, which the clock does not skip", got, wall)
		}
	})
}

func zoneOffset(t time.Time) int {
	_, offset := t.Zone()
	return offset
}
