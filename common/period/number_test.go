package period_test

import (
	"slices"
	"strings"
	"testing"

	"capricornus/common/period"
)

func TestByWorkNoSaysWhatWouldBeRight(t *testing.T) {
	tests := []struct {
		name string
		kind period.Kind
		zone string
		no   string
		want string // part of the message
	}{
		{"DayNumberOfAnHourTask", period.Hour, "UTC", "20261120", "write yyyyMMddHH, for example 2026112010"},
		{"Empty", period.Day, "UTC", "", "write yyyyMMdd, for example 20261120"},
		{"Letters", period.Day, "UTC", "2026112x", "write yyyyMMdd"},
		{"Sign", period.Month, "UTC", "-20261", "write yyyyMM"},
		{"OtherDigits", period.Month, "UTC", "٢٠٢", "write yyyyMM"},
		{"NoSuchDay", period.Day, "UTC", "20150230", "is no date or time of the calendar; write yyyyMMdd"},
		{"NoSuchHourOfADay", period.Hour, "UTC", "2026112024", "is no date or time of the calendar"},
		{"NoMonday", period.Week, "UTC", "20261120", "is a Friday; a week is numbered by its Monday, 20261116"},
		{"HourInAGap", period.Hour, "America/New_York", "2026030802", "an hour that does not exist in America/New_York, the clock skips it; the next one is 2026030803"},
		{"SkippedDay", period.Day, "Pacific/Apia", "20111230", "a day that does not exist in Pacific/Apia, the clock skips it; the next one is 20111231"},
		{"CronSecondInAGap", period.Cron, "America/New_York", "20260308023000", "a time that does not exist in America/New_York, the clock skips it; the next one is 20260308030000"},
		{"ManualInAGap", period.Manual, "America/New_York", "20260308023000000", "does not exist"},
		{"ManualWithoutMilliseconds", period.Manual, "UTC", "20261120101533", "write yyyyMMddHHmmss and milliseconds"},
		{"TooEarly", period.Day, "UTC", "15000101", "the years 1900 to 9999 are known"},
		{"TooLate", period.Day, "UTC", "99991231", "the years 1900 to 9999 are known"},
		{"YearZero", period.Month, "UTC", "000001", "the years 1900 to 9999 are known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expr := ""
			if tt.kind == period.Cron {
				expr = "0 6 * * *"
			}
			s, err := cycle(t, tt.kind, expr, tt.zone).ByWorkNo(tt.no)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, error %v; want an error with %q", show(s), err, tt.want)
			}
		})
	}
}

func TestRangeHasBothEnds(t *testing.T) {
	tests := []struct {
		name     string
		kind     period.Kind
		expr     string
		from, to string
		want     []string
	}{
		{"One", period.Day, "", "20261120", "20261120", []string{"20261120"}},
		{"OverTheSpringGap", period.Hour, "", "2026030800", "2026030804", []string{"2026030800", "2026030801", "2026030803", "2026030804"}},
		{"OverTheRepeatedHour", period.Hour, "", "2026110100", "2026110103", []string{"2026110100", "2026110101", "2026110102", "2026110103"}},
		{"Months", period.Month, "", "202611", "202702", []string{"202611", "202612", "202701", "202702"}},
		{"Weeks", period.Week, "", "20261221", "20270104", []string{"20261221", "20261228", "20270104"}},
		{"FiresOnBothEnds", period.Cron, "0 6,18 * * *", "20261120060000", "20261121060000", []string{"20261120060000", "20261120180000", "20261121060000"}},
		{"FiresBetweenOtherTimes", period.Cron, "0 6,18 * * *", "20261120060001", "20261121055959", []string{"20261120180000"}},
		{"NoFires", period.Cron, "0 6,18 * * *", "20261120060001", "20261120060002", []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := cycle(t, tt.kind, tt.expr, "America/New_York").Range(tt.from, tt.to, 4)
			if err != nil || !slices.Equal(numbers(got), tt.want) {
				t.Errorf("got %v, error %v; want %v", numbers(got), err, tt.want)
			}
		})
	}
}

func TestRangeRefusesWhatItCannotGive(t *testing.T) {
	tests := []struct {
		name     string
		kind     period.Kind
		from, to string
		want     string
	}{
		{"Backwards", period.Day, "20261121", "20261120", "runs backwards; write the earlier work number first"},
		{"OverTheLimit", period.Hour, "2026112000", "2026112010", "holds more than 10 periods, the limit"},
		{"BadStart", period.Day, "2026", "20261120", "write yyyyMMdd"},
		{"BadEnd", period.Day, "20261120", "20261131", "is no date"},
		{"Manual", period.Manual, "20261120101533042", "20261120101533042", "a manual task has no range"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := cycle(t, tt.kind, "", "UTC").Range(tt.from, tt.to, 10)
			if err == nil || !strings.Contains(err.Error(), tt.want) || got != nil {
				t.Errorf("got %v, error %v; want an error with %q", numbers(got), err, tt.want)
			}
		})
	}
}

func TestNewCycleSaysWhatWouldBeRight(t *testing.T) {
	utc := load(t, "UTC")
	for _, tt := range []struct {
		name string
		kind period.Kind
		expr string
		want string
	}{
		{"ExpressionOfADayTask", period.Day, "0 6 * * *", "a day task takes no cron expression"},
		{"NoExpression", period.Cron, " ", "needs a cron expression, for example"},
		{"FourFields", period.Cron, "0 6 * *", "has 4 fields; write 5"},
		{"SevenFields", period.Cron, "0 0 6 * * * 2026", "has 7 fields; write 5"},
		{"Descriptor", period.Cron, "@daily", "has 1 fields; write 5"},
		{"OnlyAZone", period.Cron, "TZ=UTC", "has 0 fields; write 5"},
		{"NoSuchZone", period.Cron, "CRON_TZ=Mars/Base 0 6 * * *", "time zone \"Mars/Base\" is unknown"},
		{"ZoneOfTheHost", period.Cron, "CRON_TZ=Local 0 6 * * *", "names no time zone"},
		{"EmptyZone", period.Cron, "TZ= 0 6 * * *", "names no time zone"},
		{"SeventhWeekday", period.Cron, "0 6 * * 7", "weekday 0-6 with 0 = Sunday"},
		{"MinuteSixty", period.Cron, "60 6 * * *", "minute 0-59"},
		{"ThirtiethOfFebruary", period.Cron, "0 6 30 2 *", "never fires"},
		{"ThirtyFirstOfShortMonths", period.Cron, "0 6 31 2,4,6,9,11 *", "never fires"},
		{"NothingInAField", period.Cron, ", 6 * * *", "never fires"},
		{"NoSuchKind", period.Kind(9), "", "period \"kind 9\" is unknown; write hour, day, week, month, cron or manual"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := period.NewCycle(tt.kind, tt.expr, utc)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
	if _, err := period.NewCycle(period.Day, "", nil); err == nil || !strings.Contains(err.Error(), "needs a time zone") {
		t.Errorf("no zone: got error %v, want one that asks for a zone", err)
	}
}

func TestKindsAreNamedAsInTaskFiles(t *testing.T) {
	for kind, name := range map[period.Kind]string{
		period.Manual: "manual", period.Cron: "cron", period.Hour: "hour",
		period.Day: "day", period.Week: "week", period.Month: "month",
	} {
		if got, err := period.ParseKind(name); err != nil || got != kind || kind.String() != name {
			t.Errorf("%s: got %s, error %v, want %s", name, got, err, kind)
		}
	}
	if _, err := period.ParseKind("daily"); err == nil || !strings.Contains(err.Error(), "write hour, day, week, month, cron or manual") {
		t.Errorf("daily: got error %v, want one that lists the kinds", err)
	}
}
