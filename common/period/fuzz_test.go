package period_test

import (
	"testing"
	"time"

	"capricornus/common/period"
)

// FuzzNewCycleCron holds that an accepted expression has fires, in order.
func FuzzNewCycleCron(f *testing.F) {
	for _, expr := range expressions() {
		f.Add(expr, int64(1_792_000_000))
	}
	for _, expr := range []string{"TZ=UTC", "TZ=", "CRON_TZ= * * * * *", "@every 1s", "0 0 30 2 *", ",,,,,", "*/0 * * * *", "1/99999999999 * * * *", "*-5 * * * *", "-1 * * * *", "? ? ? ? ?", "0 0 29 2 1-5/3", "jan * * JAN sun"} {
		f.Add(expr, int64(0))
	}
	zone := load(f, "America/New_York")
	f.Fuzz(func(t *testing.T, expr string, from int64) {
		c, err := period.NewCycle(period.Cron, expr, zone)
		if err != nil {
			return
		}
		after := time.Unix(from%4_000_000_000, 0)
		slots := c.Due(after, after.AddDate(40, 0, 0), 4)
		if len(slots) != 4 {
			t.Fatalf("%q: got %d fires in 40 years, want at least 4", expr, len(slots))
		}
		checkTiling(t, c, slots)
		checkNumbers(t, c, slots)
	})
}

// FuzzByWorkNo holds that a work number is refused, or names its own slot.
func FuzzByWorkNo(f *testing.F) {
	for _, no := range []string{"2026112010", "20261120", "20261116", "202611", "20261120101533", "20261120101533042", "20150230", "2026030802", "20111230", "00000000", "99999999", "189912", "１２３４５６", "-20261", "+2026111"} {
		for kind := range 6 {
			f.Add(no, kind, kind)
		}
	}
	names := zoneNames()
	f.Fuzz(func(t *testing.T, no string, kind, zone int) {
		k := period.Kind(uint(kind) % 6)
		expr := ""
		if k == period.Cron {
			expr = "30 2 * * *"
		}
		c := cycle(t, k, expr, names[uint(zone)%uint(len(names))])
		s, err := c.ByWorkNo(no)
		if err != nil {
			return
		}
		if s.WorkNo != no {
			t.Fatalf("got %s, want %s", show(s), no)
		}
		if k == period.Manual {
			return
		}
		if !s.BizStart.Before(s.BizEnd) || s.Base.Before(s.BizEnd) {
			t.Fatalf("got %s, want an interval that ends by the base", show(s))
		}
		if now := c.Now(s.Base); now != s {
			t.Fatalf("now: got %s, want %s", show(now), show(s))
		}
	})
}
