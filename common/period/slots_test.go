package period_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/period"
)

func TestByWorkNoGivesTheSlot(t *testing.T) {
	tests := []struct {
		name string
		kind period.Kind
		zone string
		want string // the work number is its first word
	}{
		{"HourIsTheHourBefore", period.Hour, "Asia/Shanghai", "2026112010 base 2026-11-20T10:01:00+08:00 biz 2026-11-20T09:00:00+08:00 to 2026-11-20T10:00:00+08:00"},
		{"DayIsTheDayBefore", period.Day, "Asia/Shanghai", "20261120 base 2026-11-20T00:01:00+08:00 biz 2026-11-19T00:00:00+08:00 to 2026-11-20T00:00:00+08:00"},
		{"WeekIsMondayToSundayBefore", period.Week, "Asia/Shanghai", "20261116 base 2026-11-16T00:02:00+08:00 biz 2026-11-09T00:00:00+08:00 to 2026-11-16T00:00:00+08:00"},
		{"MonthIsTheMonthBefore", period.Month, "Asia/Shanghai", "202611 base 2026-11-01T00:05:00+08:00 biz 2026-10-01T00:00:00+08:00 to 2026-11-01T00:00:00+08:00"},
		{"JanuaryIsDecember", period.Month, "UTC", "202701 base 2027-01-01T00:05:00Z biz 2026-12-01T00:00:00Z to 2027-01-01T00:00:00Z"},
		{"OddOffset", period.Hour, "Asia/Kathmandu", "2026112010 base 2026-11-20T10:01:00+05:45 biz 2026-11-20T09:00:00+05:45 to 2026-11-20T10:00:00+05:45"},
		{"HourAfterSpringGap", period.Hour, "America/New_York", "2026030803 base 2026-03-08T03:01:00-04:00 biz 2026-03-08T01:00:00-05:00 to 2026-03-08T03:00:00-04:00"},
		{"HourThatOccursTwiceIsGeneratedInItsFirstPass", period.Hour, "America/New_York", "2026110101 base 2026-11-01T01:01:00-04:00 biz 2026-11-01T00:00:00-04:00 to 2026-11-01T01:00:00-04:00"},
		{"BatchOfTheHourThatOccursTwiceHasTwoHours", period.Hour, "America/New_York", "2026110102 base 2026-11-01T02:01:00-05:00 biz 2026-11-01T01:00:00-04:00 to 2026-11-01T02:00:00-05:00"},
		{"HalfHourGap", period.Hour, "Australia/Lord_Howe", "2026100402 base 2026-10-04T02:30:00+11:00 biz 2026-10-04T01:00:00+10:30 to 2026-10-04T02:30:00+11:00"},
		{"HalfHourAfterHalfHourGap", period.Hour, "Australia/Lord_Howe", "2026100403 base 2026-10-04T03:01:00+11:00 biz 2026-10-04T02:30:00+11:00 to 2026-10-04T03:00:00+11:00"},
		{"HalfHourOverlap", period.Hour, "Australia/Lord_Howe", "2026040502 base 2026-04-05T02:01:00+10:30 biz 2026-04-05T01:00:00+11:00 to 2026-04-05T02:00:00+10:30"},
		{"DayWithoutMidnightBeginsAtOne", period.Day, "America/Sao_Paulo", "20171015 base 2017-10-15T01:00:00-02:00 biz 2017-10-14T00:00:00-03:00 to 2017-10-15T01:00:00-02:00"},
		{"DayOf23Hours", period.Day, "America/Sao_Paulo", "20171016 base 2017-10-16T00:01:00-02:00 biz 2017-10-15T01:00:00-02:00 to 2017-10-16T00:00:00-02:00"},
		{"MidnightOccursTwice", period.Day, "America/Havana", "20261102 base 2026-11-02T00:01:00-05:00 biz 2026-11-01T00:00:00-04:00 to 2026-11-02T00:00:00-05:00"},
		{"MidnightRepeatedIntoTheDayBefore", period.Day, "America/Sao_Paulo", "20180218 base 2018-02-18T00:01:00-03:00 biz 2018-02-17T00:00:00-02:00 to 2018-02-18T00:00:00-03:00"},
		{"CairoWithoutMidnight", period.Day, "Africa/Cairo", "20260424 base 2026-04-24T01:00:00+03:00 biz 2026-04-23T00:00:00+02:00 to 2026-04-24T01:00:00+03:00"},
		{"BeirutWithoutMidnight", period.Day, "Asia/Beirut", "20260329 base 2026-03-29T01:00:00+03:00 biz 2026-03-28T00:00:00+02:00 to 2026-03-29T01:00:00+03:00"},
		{"DayAfterTheSkippedDay", period.Day, "Pacific/Apia", "20111231 base 2011-12-31T00:01:00+14:00 biz 2011-12-29T00:00:00-10:00 to 2011-12-31T00:00:00+14:00"},
		{"HourAfterTheSkippedDay", period.Hour, "Pacific/Apia", "2011123100 base 2011-12-31T00:01:00+14:00 biz 2011-12-29T23:00:00-10:00 to 2011-12-31T00:00:00+14:00"},
		{"GapAtOneMinutePastMidnight", period.Hour, "America/St_Johns", "2006040200 base 2006-04-02T00:00:00-03:30 biz 2006-04-01T23:00:00-03:30 to 2006-04-02T00:00:00-03:30"},
		{"HourThatGapEndsIn", period.Hour, "America/St_Johns", "2006040201 base 2006-04-02T01:01:00-02:30 biz 2006-04-02T00:00:00-03:30 to 2006-04-02T01:01:00-02:30"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := cycle(t, tt.kind, "", tt.zone)
			no, _, _ := strings.Cut(tt.want, " ")
			if got := show(slotOf(t, c, no)); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestDueTakesBasesAfterTheMarkUpToNow(t *testing.T) {
	c := cycle(t, period.Hour, "", "UTC")
	after, upTo := at(t, "2026-11-20T08:01:00Z"), at(t, "2026-11-20T11:01:00Z")
	if got, want := numbers(c.Due(after, upTo, 100)), []string{"2026112009", "2026112010", "2026112011"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := numbers(c.Due(after, upTo.Add(-time.Millisecond), 100)), []string{"2026112009", "2026112010"}; !slices.Equal(got, want) {
		t.Errorf("a base a moment ahead: got %v, want %v", got, want)
	}
	if got, want := numbers(c.Due(after, upTo, 2)), []string{"2026112009", "2026112010"}; !slices.Equal(got, want) {
		t.Errorf("limit 2: got %v, want %v", got, want)
	}
	if got := c.Due(upTo, after, 100); len(got) != 0 {
		t.Errorf("mark after now: got %v, want none", numbers(got))
	}
	if got := c.Due(after, upTo, 0); len(got) != 0 {
		t.Errorf("limit 0: got %v, want none", numbers(got))
	}
}

func TestManualTasksHaveNoTimedSlots(t *testing.T) {
	c := cycle(t, period.Manual, "", "UTC")
	now := at(t, "2026-11-20T10:15:33Z").Add(42 * time.Millisecond)
	if got := c.Due(time.Time{}, now, 10); len(got) != 0 {
		t.Errorf("due: got %v, want none", got)
	}
	if got := c.Within(time.Time{}, now); len(got) != 0 {
		t.Errorf("within: got %v, want none", got)
	}
	if _, ok := c.Next(now); ok {
		t.Error("next: got a slot, want none")
	}
	if _, ok := c.Latest(now); ok {
		t.Error("latest: got a slot, want none")
	}
	if _, ok := c.Step(c.Now(now), 0); ok {
		t.Error("step: got a slot, want none")
	}
	s := c.Now(now.Add(300 * time.Microsecond))
	if s.WorkNo != "20261120101533042" || !s.Base.Equal(now) || s.BizStart != s.Base || s.BizEnd != s.Base {
		t.Errorf("now: got %s, want 20261120101533042 without an interval", show(s))
	}
	if got := slotOf(t, c, s.WorkNo); got != s {
		t.Errorf("by work number: got %s, want %s", show(got), show(s))
	}
}

func TestNowTruncatesToThePeriod(t *testing.T) {
	tests := []struct {
		name string
		kind period.Kind
		expr string
		now  string
		want string
	}{
		{"HalfAMinuteIntoTheDayIsTodays", period.Day, "", "2026-11-20T00:00:30Z", "20261120 base 2026-11-20T00:01:00Z biz 2026-11-19T00:00:00Z to 2026-11-20T00:00:00Z"},
		{"LastSecondOfTheDay", period.Day, "", "2026-11-19T23:59:59Z", "20261119 base 2026-11-19T00:01:00Z biz 2026-11-18T00:00:00Z to 2026-11-19T00:00:00Z"},
		{"SundayIsLastMondays", period.Week, "", "2026-11-22T12:00:00Z", "20261116 base 2026-11-16T00:02:00Z biz 2026-11-09T00:00:00Z to 2026-11-16T00:00:00Z"},
		{"CronReachesFromTheLastFireToNow", period.Cron, "0 6 * * *", "2026-11-20T10:15:33Z", "20261120101533 base 2026-11-20T10:15:33Z biz 2026-11-20T06:00:00Z to 2026-11-20T10:15:33Z"},
		{"CronAtAFireIsThatFire", period.Cron, "0 6 * * *", "2026-11-20T06:00:00Z", "20261120060000 base 2026-11-20T06:00:00Z biz 2026-11-19T06:00:00Z to 2026-11-20T06:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := show(cycle(t, tt.kind, tt.expr, "UTC").Now(at(t, tt.now))); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestWindowOfADependency(t *testing.T) {
	hour, day := cycle(t, period.Hour, "", "America/New_York"), cycle(t, period.Day, "", "America/New_York")
	week, month := cycle(t, period.Week, "", "America/New_York"), cycle(t, period.Month, "", "America/New_York")
	fires := cycle(t, period.Cron, "0 6,18 * * *", "America/New_York")
	tests := []struct {
		name        string
		child       period.Cycle
		childNo     string
		parent      period.Cycle
		count       int
		first, last string
	}{
		{"SamePeriodSameInterval", day, "20261120", day, 1, "20261120", "20261120"},
		{"DayWaitsFor24Hours", day, "20261120", hour, 24, "2026111901", "2026112000"},
		{"DayOf23HoursWaitsFor23", day, "20260309", hour, 23, "2026030801", "2026030900"},
		{"DayOf25HoursWaitsForTheRepeatedHourOnce", day, "20261102", hour, 24, "2026110101", "2026110200"},
		{"WeekWaitsFor7Days", week, "20261116", day, 7, "20261110", "20261116"},
		{"MonthWaitsForItsHours", month, "202611", hour, 744, "2026100101", "2026110100"},
		{"MonthWaitsForWeeksThatEndInIt", month, "202611", week, 4, "20261005", "20261026"},
		{"HourTakesTheLatestDay", hour, "2026112010", day, 1, "20261120", "20261120"},
		{"HourOfMidnightTakesTheDayThatEndsWithIt", hour, "2026112000", day, 1, "20261120", "20261120"},
		{"WeekTakesTheLatestMonth", week, "20261116", month, 1, "202611", "202611"},
		{"DayWaitsForItsFires", day, "20261120", fires, 2, "20261119060000", "20261119180000"},
		{"FireTakesTheLatestDay", fires, "20261120180000", day, 1, "20261120", "20261120"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := numbers(period.Window(slotOf(t, tt.child, tt.childNo), tt.parent))
			if len(got) != tt.count || got[0] != tt.first || got[len(got)-1] != tt.last {
				t.Errorf("got %d: %v, want %d from %s to %s", len(got), got, tt.count, tt.first, tt.last)
			}
		})
	}
}

func TestWithinLimitTellsThatThereIsMore(t *testing.T) {
	c := cycle(t, period.Cron, "* * * * * *", "UTC")
	slots, all := c.WithinLimit(at(t, "2026-11-01T00:00:00Z"), at(t, "2026-12-01T00:00:00Z"), 1000)
	if all || len(slots) != 1000 {
		t.Errorf("got %d slots, all %v; want 1000 and more", len(slots), all)
	}
	slots, all = c.WithinLimit(at(t, "2026-11-01T00:00:00Z"), at(t, "2026-11-01T00:16:40Z"), 1000)
	if !all || len(slots) != 1000 {
		t.Errorf("got %d slots, all %v; want 1000 and all", len(slots), all)
	}
}

func TestStepCountsPeriodsThatExist(t *testing.T) {
	hour := cycle(t, period.Hour, "", "America/New_York")
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2026030801", 1, "2026030803"}, {"2026030803", -1, "2026030801"},
		{"2026110101", 1, "2026110102"}, {"2026110102", -2, "2026110100"}, {"2026112010", 0, "2026112010"},
	} {
		if got, ok := hour.Step(slotOf(t, hour, tt.from), tt.n); !ok || got != slotOf(t, hour, tt.want) {
			t.Errorf("%s stepped %d: got %s, want %s", tt.from, tt.n, show(got), tt.want)
		}
	}
	for _, n := range []int{1 << 40, -1 << 40, -999_999} {
		if got, ok := hour.Step(slotOf(t, hour, "1950010100"), n); ok {
			t.Errorf("stepped %d: got %s, want none", n, show(got))
		}
	}
}
