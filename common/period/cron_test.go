package period_test

import (
	"slices"
	"testing"
	"time"

	"capricornus/common/period"
)

func TestCronFires(t *testing.T) {
	tests := []struct {
		name string
		expr string
		zone string
		from string // fires after this
		want []string
	}{
		{"FiveFields", "15 10 * * *", "Asia/Shanghai", "2026-11-19T10:15:00+08:00", []string{"20261120101500", "20261121101500"}},
		{"SixFieldsBeginWithSeconds", "*/20 15 10 * * *", "UTC", "2026-11-20T10:15:00Z", []string{"20261120101520", "20261120101540", "20261121101500"}},
		{"EitherDayFieldIsEnough", "0 6 13 * FRI", "UTC", "2026-11-07T00:00:00Z", []string{"20261113060000", "20261120060000", "20261127060000", "20261204060000", "20261211060000", "20261213060000"}},
		{"GapMovesToTheNextValidInstant", "30 2 * * *", "America/New_York", "2026-03-07T12:00:00-05:00", []string{"20260308030000", "20260309023000"}},
		{"FiresInAGapBecomeOne", "*/30 * * * *", "America/New_York", "2026-03-08T01:00:00-05:00", []string{"20260308013000", "20260308030000", "20260308033000"}},
		{"RepeatedHourFiresOnce", "30 1 * * *", "America/New_York", "2026-10-31T12:00:00-04:00", []string{"20261101013000", "20261102013000"}},
		{"SecondPassOfARepeatedHourIsSilent", "*/30 * * * *", "America/New_York", "2026-11-01T00:45:00-04:00", []string{"20261101010000", "20261101013000", "20261101020000"}},
		{"MidnightInAGap", "0 0 * * *", "America/Sao_Paulo", "2017-10-14T12:00:00-03:00", []string{"20171015010000", "20171016000000"}},
		{"SkippedDayMovesToTheNext", "0 12 30 12 *", "Pacific/Apia", "2010-12-31T00:00:00-11:00", []string{"20111231000000", "20121230120000"}},
		{"LeapDayOverACentury", "0 0 29 2 *", "UTC", "2095-01-01T00:00:00Z", []string{"20960229000000", "21040229000000"}},
		{"OwnZoneNumbersTheBatches", "CRON_TZ=Asia/Tokyo 0 9 * * *", "America/New_York", "2026-11-19T23:00:00Z", []string{"20261120090000", "20261121090000"}},
		{"OldSpellingOfTheZone", "TZ=Asia/Tokyo 0 9 * * *", "UTC", "2026-11-19T23:00:00Z", []string{"20261120090000"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := cycle(t, period.Cron, tt.expr, tt.zone)
			slots := c.Due(at(t, tt.from), at(t, tt.from).AddDate(100, 0, 0), len(tt.want))
			if got := numbers(slots); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			for i := 1; i < len(slots); i++ {
				if !slots[i].BizStart.Equal(slots[i-1].BizEnd) {
					t.Errorf("%s does not begin where %s ends", show(slots[i]), show(slots[i-1]))
				}
			}
		})
	}
}

func TestFireInARepeatedHourIsTheFirstPass(t *testing.T) {
	s := slotOf(t, cycle(t, period.Cron, "30 1 * * *", "America/New_York"), "20261101013000")
	want := "20261101013000 base 2026-11-01T01:30:00-04:00 biz 2026-10-31T01:30:00-04:00 to 2026-11-01T01:30:00-04:00"
	if got := show(s); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestZoneOfAnExpressionIsTheCycles(t *testing.T) {
	c := cycle(t, period.Cron, "CRON_TZ=Asia/Tokyo 0 9 * * *", "America/New_York")
	if got := c.Zone().String(); got != "Asia/Tokyo" {
		t.Errorf("got zone %s, want Asia/Tokyo", got)
	}
	s, _ := c.Next(at(t, "2026-11-20T00:00:00Z"))
	if got, want := s.Base.Format(time.RFC3339), "2026-11-21T09:00:00+09:00"; got != want {
		t.Errorf("got base %s, want %s", got, want)
	}
}

func TestExecutedCronBatchHasItsOwnNumber(t *testing.T) {
	c := cycle(t, period.Cron, "0 6 * * *", "UTC")
	want := "20261120101533 base 2026-11-20T10:15:33Z biz 2026-11-20T06:00:00Z to 2026-11-20T10:15:33Z"
	s := slotOf(t, c, "20261120101533")
	if got := show(s); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := c.Now(at(t, "2026-11-20T10:15:33Z").Add(900 * time.Millisecond)); got != s {
		t.Errorf("executed in that second: got %s, want %s", show(got), want)
	}
}
