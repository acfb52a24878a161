package period_test

import (
	"testing"
	"time"

	"capricornus/common/period"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"
)

// TestHoursAgreeWithAClockWatcher watches the clock minute by minute over every
// jump: an hour begins when the clock first shows it or a later one.
func TestHoursAgreeWithAClockWatcher(t *testing.T) {
	for _, name := range zoneNames() {
		zone, c := load(t, name), cycle(t, period.Hour, "", name)
		for _, jump := range transitions(zone, 2000, 2037) {
			from := jump.Add(-27 * time.Hour).Truncate(time.Minute)
			highest := from.In(zone).Format("2006010215")
			for u := from; u.Before(jump.Add(3 * time.Hour)); u = u.Add(time.Minute) {
				shown := u.In(zone).Format("2006010215")
				if shown <= highest {
					continue
				}
				highest = shown
				if s, err := c.ByWorkNo(shown); err != nil || !s.BizEnd.Equal(u) {
					t.Fatalf("%s: the clock first shows %s at %s; got %s, error %v", name, shown, u.In(zone), show(s), err)
				}
			}
		}
	}
}

// drawExpression draws a cron expression of plain numbers, ranges and steps.
func drawExpression(t *rapid.T) string {
	field := func(label string, low, high int) string {
		a, b := rapid.IntRange(low, high).Draw(t, label), rapid.IntRange(low, high).Draw(t, label+" 2")
		first, last := min(a, b), max(a, b)
		step := rapid.IntRange(1, 9).Draw(t, label+" step")
		return rapid.SampledFrom([]string{
			"*", "?", itoa(first), itoa(first) + "-" + itoa(last), itoa(first) + "," + itoa(last),
			"*/" + itoa(step), itoa(first) + "-" + itoa(last) + "/" + itoa(step), itoa(first) + "/" + itoa(step),
		}).Draw(t, label+" form")
	}
	return field("second", 0, 59) + " " + field("minute", 0, 59) + " " + field("hour", 0, 23) + " " +
		field("day", 1, 28) + " " + field("month", 1, 12) + " " + field("weekday", 0, 6)
}

func itoa(n int) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }

// TestFiresAgreeWithRobfigWhereTheClockRunsEvenly takes the library as the
// measure in UTC, where it has no jumps to get wrong.
func TestFiresAgreeWithRobfigWhereTheClockRunsEvenly(t *testing.T) {
	parser := cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	rapid.Check(t, func(t *rapid.T) {
		expr := drawExpression(t)
		spec, err := parser.Parse(expr)
		if err != nil {
			t.Fatalf("parse %q: %v", expr, err)
		}
		c, err := period.NewCycle(period.Cron, expr, time.UTC)
		if err != nil {
			t.Fatalf("new cycle: %v", err)
		}
		now := drawTime(t, time.UTC, "now").UTC()
		for range 5 {
			want := spec.Next(now)
			got, ok := c.Next(now)
			if !ok || !got.Base.Equal(want) {
				t.Fatalf("%q after %s: got %s, want %s", expr, now, show(got), want)
			}
			if back, ok := c.Latest(want); !ok || back != got {
				t.Fatalf("%q: latest up to a fire: got %s, want %s", expr, show(back), show(got))
			}
			now = want
		}
	})
}
