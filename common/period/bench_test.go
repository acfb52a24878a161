package period_test

import (
	"testing"
	"time"

	"capricornus/common/period"
)

func BenchmarkDueOf62DaysOfHours(b *testing.B) {
	c := cycle(b, period.Hour, "", "America/New_York")
	upTo := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		c.Due(upTo.AddDate(0, 0, -62), upTo, 10_000)
	}
}

func BenchmarkWithinAMonthOfHours(b *testing.B) {
	c := cycle(b, period.Hour, "", "America/New_York")
	start := time.Date(2026, 10, 1, 0, 0, 0, 0, c.Zone())
	for b.Loop() {
		c.Within(start, start.AddDate(0, 1, 0))
	}
}

func BenchmarkByWorkNo(b *testing.B) {
	c := cycle(b, period.Day, "", "America/New_York")
	for b.Loop() {
		if _, err := c.ByWorkNo("20261120"); err != nil {
			b.Fatal(err)
		}
	}
}
