package period_test

import (
	"strings"
	"testing"
	"time"

	"capricornus/common/period"
)

// The seed says that a day task at 10:00 stores 9:59*60=559; 9 h 59 min are
// 599 minutes (GAP-08, A3-69).
func TestDayTaskThatMayStartAtTenStores599(t *testing.T) {
	minutes, err := period.MinutesAfterBase(period.Day, "10:00")
	if err != nil || minutes != 599 {
		t.Fatalf("got %d, error %v; want 599", minutes, err)
	}
	c := cycle(t, period.Day, "", "Asia/Shanghai")
	s := slotOf(t, c, "20261120")
	if got, want := c.After(s, minutes), at(t, "2026-11-20T10:00:00+08:00"); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMinutesAfterBase(t *testing.T) {
	for _, tt := range []struct {
		kind  period.Kind
		clock string
		want  int
	}{
		{period.Day, "00:01", 0}, {period.Day, "23:59", 1438}, {period.Week, "00:02", 0},
		{period.Week, "10:00", 598}, {period.Month, "00:05", 0}, {period.Month, "10:00", 595},
	} {
		if got, err := period.MinutesAfterBase(tt.kind, tt.clock); err != nil || got != tt.want {
			t.Errorf("%s %s: got %d, error %v; want %d", tt.kind, tt.clock, got, err, tt.want)
		}
	}
	for _, tt := range []struct {
		kind  period.Kind
		clock string
		want  string
	}{
		{period.Day, "00:00", "before the base time of a day task; write 00:01 or later"},
		{period.Week, "00:01", "write 00:02 or later"},
		{period.Month, "00:04", "write 00:05 or later"},
		{period.Day, "24:00", "write HH:mm from 00:00 to 23:59"},
		{period.Day, "9:30", "write HH:mm"},
		{period.Day, "", "write HH:mm"},
		{period.Hour, "10:00", "write minutes after the base time"},
		{period.Cron, "10:00", "write minutes after the base time"},
		{period.Manual, "10:00", "write minutes after the base time"},
		{period.Kind(9), "10:00", "has no base time"},
	} {
		if got, err := period.MinutesAfterBase(tt.kind, tt.clock); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %q: got %d, error %v; want an error with %q", tt.kind, tt.clock, got, err, tt.want)
		}
	}
}

func TestAfterBaseCountsOnTheWallClock(t *testing.T) {
	tests := []struct {
		name    string
		zone    string
		base    string
		minutes int
		want    string
	}{
		{"NoMinutes", "UTC", "2026-11-20T00:01:00Z", 0, "2026-11-20T00:01:00Z"},
		{"TenStaysTenOnADayOf23Hours", "America/New_York", "2026-03-08T00:01:00-05:00", 599, "2026-03-08T10:00:00-04:00"},
		{"TenStaysTenOnADayOf25Hours", "America/New_York", "2026-11-01T00:01:00-04:00", 599, "2026-11-01T10:00:00-05:00"},
		{"GapMovesToTheNextValidInstant", "America/New_York", "2026-03-08T00:01:00-05:00", 149, "2026-03-08T03:00:00-04:00"},
		{"RepeatedTimeIsTheFirst", "America/New_York", "2026-11-01T00:01:00-04:00", 89, "2026-11-01T01:30:00-04:00"},
		{"NotBeforeABaseInTheSecondPass", "America/New_York", "2026-11-01T01:30:00-05:00", 10, "2026-11-01T01:40:00-05:00"},
		{"NextDay", "Asia/Kathmandu", "2026-11-20T00:01:00+05:45", 1440, "2026-11-21T00:01:00+05:45"},
		{"Backwards", "America/New_York", "2026-03-08T10:00:00-04:00", -600, "2026-03-08T00:00:00-05:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := period.AfterBase(at(t, tt.base), tt.minutes, load(t, tt.zone))
			if got.Format(time.RFC3339) != tt.want {
				t.Errorf("got %s, want %s", got.Format(time.RFC3339), tt.want)
			}
		})
	}
}

func TestAfterKeepsTheClockTimeOfABaseThatMoved(t *testing.T) {
	day := cycle(t, period.Day, "", "America/Sao_Paulo")
	s := slotOf(t, day, "20171015") // begins at 01:00
	if got, want := day.After(s, 599), at(t, "2017-10-15T10:00:00-02:00"); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := day.After(s, 0); !got.Equal(s.Base) {
		t.Errorf("no minutes: got %s, want the base %s", got, s.Base)
	}
	fires := cycle(t, period.Cron, "30 2 * * *", "America/New_York")
	s = slotOf(t, fires, "20261120023000")
	if got, want := fires.After(s, 30), at(t, "2026-11-20T03:00:00-05:00"); !got.Equal(want) {
		t.Errorf("cron: got %s, want %s", got, want)
	}
}

func TestAtResolvesWallTimes(t *testing.T) {
	newYork := load(t, "America/New_York")
	for _, tt := range []struct{ wall, want string }{
		{"2026-11-20T10:00:00Z", "2026-11-20T10:00:00-05:00"},
		{"2026-03-08T02:30:00Z", "2026-03-08T03:00:00-04:00"},
		{"2026-11-01T01:30:00Z", "2026-11-01T01:30:00-04:00"},
		{"2026-11-20T10:00:00+09:00", "2026-11-20T10:00:00-05:00"}, // the zone of the wall time is ignored
	} {
		if got := period.At(at(t, tt.wall), newYork).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.wall, got, tt.want)
		}
	}
}
