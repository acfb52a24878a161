package macro_test

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the tests must not depend on the machine's zone files

	"capricornus/common/macro"
	"capricornus/common/period"
)

func parse(t testing.TB, text string) *macro.Template {
	t.Helper()
	tmpl, err := macro.Parse(text)
	if err != nil {
		t.Fatalf("parse %q: %v", text, err)
	}
	return tmpl
}

func cycle(t testing.TB, kind period.Kind, expr, zone string) period.Cycle {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatalf("load %s: %v", zone, err)
	}
	c, err := period.NewCycle(kind, expr, location)
	if err != nil {
		t.Fatalf("new cycle: %v", err)
	}
	return c
}

// values are those of one batch, its third run at its second attempt.
func values(t testing.TB, c period.Cycle, no string) macro.Values {
	t.Helper()
	slot, err := c.ByWorkNo(no)
	if err != nil {
		t.Fatalf("by work number %s: %v", no, err)
	}
	return macro.Values{Slot: slot, Zone: c.Zone(), Task: "dwd_access_d", Run: 2, Attempt: 7}
}

func TestExpand(t *testing.T) {
	day := values(t, cycle(t, period.Day, "", "Asia/Shanghai"), "20260401") // business day 31 March
	tests := []struct{ name, text, want string }{
		{"PlainText", "/data/ods", "/data/ods"},
		{"Empty", "", ""},
		{"BizDate", "hdfs:///ods/{{ biz_date }}/x", "hdfs:///ods/20260331/x"},
		{"WithoutSpaces", "{{biz_date}}", "20260331"},
		{"BizHour", "{{ biz_hour }}", "00"},
		{"BizDateOfTheDayBefore", "{{ biz_date -1d }}", "20260330"},
		{"BizHourLater", "{{ biz_hour +3h }}", "03"},
		{"NamesOfTheBatch", "{{ task }}/{{ work_no }}.{{ run }}#{{ attempt }}", "dwd_access_d/20260401.2#7"},
		{"Schedule", "{{ schedule yyyy-MM-dd HH:mm:ss }}", "2026-04-01 00:01:00"},
		{"BizEnd", "{{ biz_end yyyyMMdd }}", "20260401"},
		{"PatternWithSlashes", "{{ biz yyyy/MM/dd/HH }}", "2026/03/31/00"},
		{"PatternWithQuotedText", `{{ biz "dt="yyyyMMdd'T'HH }}`, "dt=20260331T00"},
		{"QuotedBracesInAPattern", `{{ biz "}}"yyyy }}`, "}}2026"},
		{"PatternWithOtherScript", "{{ biz yyyy年MM月dd日 }}", "2026年03月31日"},
		{"LiteralBraces", `docker ps --format '{{ "{{" }}.ID}}'`, "docker ps --format '{{.ID}}'"},
		{"LonelyClosing", "a }} b", "a }} b"},
		{"BracesOfTheShell", "${X} {a,b} {{ biz_date }}}", "${X} {a,b} 20260331}"},
		{"HourBegin", "{{ schedule.hour_begin HHmmss }}", "000000"},
		{"DayBegin", "{{ schedule.day_begin yyyyMMddHHmmss }}", "20260401000000"},
		{"WeekBeginIsMonday", "{{ biz.week_begin yyyyMMdd }}", "20260330"},
		{"MonthBegin", "{{ biz.month_begin yyyyMMdd }}", "20260301"},
		{"MonthEndIsTheLastDay", "{{ biz.month_end -1M yyyyMMdd }}", "20260228"},
		{"QuarterBegin", "{{ biz_end.quarter_begin yyyyMMdd }} {{ biz.quarter_begin yyyyMMdd }}", "20260401 20260101"},
		{"YearBegin", "{{ biz.year_begin yyyyMMdd }}", "20260101"},
		{"MonthClampsToItsLastDay", "{{ biz -1M yyyyMMdd }}", "20260228"},
		{"YearClampsFromALeapDay", "{{ biz.month_begin -2y +1M -1d -2M yyyyMMdd }}", "20240131"},
		{"OffsetsFromLeftToRight", "{{ biz -1M +1d yyyyMMdd }} {{ biz +1d -1M yyyyMMdd }}", "20260301 20260301"},
		{"LastDayOfTheMonthBefore", "{{ biz_end.month_begin -1d yyyyMMdd }}", "20260331"},
		{"Weeks", "{{ biz -1w yyyyMMdd }}", "20260324"},
		{"MinutesAndHours", "{{ biz +90m -1h HHmm }}", "0030"},
		{"SpacesInAnOffset", "{{ biz - 1 d yyyyMMdd }}", "20260330"},
		{"OffsetsWithoutSpaces", "{{ biz -1d-2h yyyyMMddHH }}", "2026032922"},
		{"SignBeforeLettersIsPattern", "{{ biz -1d -yyyy }}", "-2026"},
		{"ZeroOffset", "{{ biz +0d yyyy }}", "2026"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parse(t, tt.text).Expand(day); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestExpandOverJumpsOfTheClock(t *testing.T) {
	tests := []struct {
		name string
		kind period.Kind
		zone string
		no   string
		text string
		want string
	}{
		{"HourBeforeTheEndIsInsideTheIntervalInSpring", period.Hour, "America/New_York", "2026030803", "{{ biz_end -1h HH }}", "01"},
		{"HourBeforeTheEndIsInsideTheIntervalInAutumn", period.Hour, "America/New_York", "2026110102", "{{ biz_end -1h HH }} {{ biz_end -2h HH }} {{ biz_end -3h HH }}", "01 01 00"},
		{"DaysKeepTheClockTime", period.Day, "America/New_York", "20260309", "{{ biz_end -1d HH }} {{ biz +1d HH }}", "00 00"},
		{"HoursPass", period.Day, "America/New_York", "20260309", "{{ biz +23h yyyyMMddHH }}", "2026030900"},
		{"SkippedTimeIsTheNextValid", period.Day, "America/New_York", "20260308", "{{ biz_end.day_begin +0d +2h HHmm }} {{ schedule +119m HHmm }}", "0300 0300"},
		{"CalendarStepsThroughAGapKeepTheClockTime", period.Day, "America/Sao_Paulo", "20171015", "{{ biz +1d HH }} {{ biz +1d +1d HH }}", "01 00"},
		{"DayBeginWithoutMidnight", period.Hour, "America/Sao_Paulo", "2017101512", "{{ biz.day_begin yyyyMMddHH }}", "2017101501"},
		{"SkippedDay", period.Day, "Pacific/Apia", "20111231", "{{ biz_date }} {{ biz_date +1d }}", "20111229 20111231"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := values(t, cycle(t, tt.kind, "", tt.zone), tt.no)
			if got := parse(t, tt.text).Expand(v); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestExpandEach(t *testing.T) {
	day := cycle(t, period.Day, "", "America/New_York")
	hours := func(from, to int, but ...int) []string {
		var all []string
		for h := from; h <= to; h++ {
			if !slices.Contains(but, h) {
				all = append(all, string(rune('0'+h/10))+string(rune('0'+h%10)))
			}
		}
		return all
	}
	tests := []struct {
		name   string
		c      period.Cycle
		no     string
		text   string
		window string
		want   []string
	}{
		{"WithoutWindowOnce", day, "20261120", "{{ biz HH }}", "", []string{"00"}},
		{"UnknownWindowOnce", day, "20261120", "{{ biz HH }}", "weeks", []string{"00"}},
		{"HoursOfADay", day, "20261120", "{{ biz HH }}", macro.WindowHours, hours(0, 23)},
		{"HoursOfADayWithAGap", day, "20260309", "{{ biz HH }}", macro.WindowHours, hours(0, 23, 2)},
		{"RepeatedHourOnce", day, "20261102", "{{ biz HH }}", macro.WindowHours, hours(0, 23)},
		{"EndOfEachHour", cycle(t, period.Hour, "", "UTC"), "2026112010", "{{ biz HH }}-{{ biz_end HH }}", macro.WindowHours, []string{"09-10"}},
		{"DaysOfAWeek", cycle(t, period.Week, "", "UTC"), "20261116", "{{ biz_date }}", macro.WindowDays, []string{"20261109", "20261110", "20261111", "20261112", "20261113", "20261114", "20261115"}},
		{"DayOfAnHour", cycle(t, period.Hour, "", "UTC"), "2026112010", "{{ biz_date }}", macro.WindowDays, []string{"20261120"}},
		{"DayOfTheLastHour", cycle(t, period.Hour, "", "UTC"), "2026112000", "{{ biz_date }}", macro.WindowDays, []string{"20261119"}},
		{"PartsOfHoursOfACron", cycle(t, period.Cron, "45 */2 * * *", "UTC"), "20261120104500", "{{ biz HH }}", macro.WindowHours, []string{"08", "09", "10"}},
		{"QuarterOfAnHour", cycle(t, period.Cron, "*/15 * * * *", "UTC"), "20261120104500", "{{ biz HHmm }}", macro.WindowHours, []string{"1000"}},
		{"ManualHasNoIntervalOnce", cycle(t, period.Manual, "", "UTC"), "20261120104501000", "{{ biz HHmm }}", macro.WindowHours, []string{"1045"}},
		{"DuplicatesRemoved", day, "20261120", "{{ biz yyyyMMdd }}", macro.WindowHours, []string{"20261119"}},
		{"ScheduleAndWorkNoStayTheBatchs", day, "20261120", "{{ schedule HHmm }} {{ work_no }}", macro.WindowHours, []string{"0001 20261120"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parse(t, tt.text).ExpandEach(values(t, tt.c, tt.no), tt.window); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTemplateTellsWhatItUses(t *testing.T) {
	for _, tt := range []struct {
		text          string
		hasDate, runs bool
	}{
		{"/data/ods", false, false}, {"{{ biz_date }}", true, false}, {"{{ schedule HH }}", true, false},
		{"{{ work_no }}", true, false}, {"{{ task }}", false, false}, {"{{ run }}", false, true},
		{"{{ attempt }}", false, true}, {`{{ "{{" }}biz_date}}`, false, false},
	} {
		tmpl := parse(t, tt.text)
		if tmpl.HasDate() != tt.hasDate || tmpl.UsesRun() != tt.runs {
			t.Errorf("%s: got date %v, run %v; want %v, %v", tt.text, tmpl.HasDate(), tmpl.UsesRun(), tt.hasDate, tt.runs)
		}
	}
}
