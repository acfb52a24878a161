package weblog_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"capricornus/examples/weblog"
)

// countLines counts, without awk, the lines stamped in [from, to).
func countLines(t *testing.T, log string, from, to time.Time) int {
	t.Helper()
	count := 0
	for line := range strings.Lines(log) {
		_, rest, _ := strings.Cut(line, "[")
		stamp, _, _ := strings.Cut(rest, "]")
		at, err := time.Parse("02/Jan/2006:15:04:05 -0700", stamp)
		if err != nil {
			t.Fatalf("time stamp of %q: %v", line, err)
		}
		if !at.Before(from) && at.Before(to) {
			count++
		}
	}
	return count
}

func TestDaysHoldTheirLinesInEveryZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Asia/Kolkata", "America/New_York"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			day := time.Date(2026, 2, 28, 0, 0, 0, 0, zone)
			next := day.AddDate(0, 0, 1)
			log := generated(t, day.Add(-2*time.Hour), next.Add(2*time.Hour), 7)
			h := localHouse(t)
			h.lines(t, log)
			h.hours(t, day, next)
			h.days(t, day, next)
			h.wantFigure(t, "ads/day/2026/02/28", "requests", countLines(t, log, day, next))
		})
	}
}

func TestStampsOfAnyOffsetCount(t *testing.T) {
	t.Parallel()
	const format = `192.0.2.1 - - [%s] "GET / HTTP/1.1" 200 10 "-" "a"` + "\n"
	hour := time.Date(2024, 2, 29, 23, 0, 0, 0, time.UTC)
	var log strings.Builder
	for _, stamp := range []string{
		"29/Feb/2024:22:59:59 +0000", // before
		"01/Mar/2024:04:30:00 +0530", // the first instant
		"29/Feb/2024:18:59:59 -0500", // the last second
		"01/Mar/2024:00:00:00 +0000", // after
		"29/Feb/2024:23:10:00 +0000", // late in the file, as servers write it
		"no time at all",
	} {
		fmt.Fprintf(&log, format, stamp)
	}
	h := localHouse(t)
	h.lines(t, log.String())
	h.run(t, "ods_access_h", hour, hour.Add(time.Hour))
	if got := h.read(t, "ods/2024/02/29/23", "lines"); got != "3\n" {
		t.Errorf("got %q lines, want 3", got)
	}
}

func TestEveryMonthIsFound(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	for at := time.Date(2023, 12, 31, 23, 30, 0, 0, time.UTC); at.Year() < 2025; at = at.AddDate(0, 0, 15) {
		for _, late := range []time.Duration{0, time.Minute} {
			fmt.Fprintf(&log, "192.0.2.1 - - [%s] \"GET / HTTP/1.1\" 200 1 \"-\" \"a\"\n", at.Add(late).Format("02/Jan/2006:15:04:05 -0700"))
		}
	}
	h := localHouse(t)
	h.lines(t, log.String())
	for at := time.Date(2023, 12, 31, 23, 0, 0, 0, time.UTC); at.Year() < 2025; at = at.AddDate(0, 0, 15) {
		h.run(t, "ods_access_h", at, at.Add(time.Hour))
		if got := h.read(t, at.Format("ods/2006/01/02/15"), "lines"); got != "2\n" {
			t.Errorf("%s: got %q lines, want 2", at, got)
		}
	}
}

func TestAnEmptyHourSucceeds(t *testing.T) {
	t.Parallel()
	for name, open := range houses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			h.lines(t, "")
			hour := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
			h.hours(t, hour, hour.Add(time.Hour))
			if got := h.read(t, "ods/2026/11/20/09", "lines"); got != "0\n" {
				t.Errorf("got %q lines, want 0", got)
			}
			if got := h.read(t, "dwd/hour/2026/11/20/09", "access.tsv"); got != "" {
				t.Errorf("got detail %q, want none", got)
			}
		})
	}
}

func TestADayWithoutHoursIsReportedEmpty(t *testing.T) {
	t.Parallel()
	for name, open := range houses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
			h.days(t, day, day.AddDate(0, 0, 1))
			h.wantFigure(t, "ads/day/2026/11/20", "requests", 0)
			h.run(t, "ads_access_report_m", day.AddDate(0, 1, -19), day.AddDate(0, 2, -19))
			h.wantFigure(t, "ads/month/2026/12", "requests", 0)
		})
	}
}

func TestAMissingLogFailsAndPublishesNothing(t *testing.T) {
	t.Parallel()
	for name, open := range houses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			hour := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
			if err := h.attempt(t.Context(), "ods_access_h", hour, hour.Add(time.Hour)); err == nil {
				t.Error("got no error from a log that does not exist, want one")
			}
			if h.Exists(t, h.home+"/ods/2026/11/20/09") {
				t.Error("got an output, want none")
			}
		})
	}
}

func TestARerunReplacesTheOutput(t *testing.T) {
	t.Parallel()
	for name, open := range houses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
			h.lines(t, generated(t, day, day.Add(2*time.Hour), 3))
			h.hours(t, day, day.Add(2*time.Hour))
			h.days(t, day, day.AddDate(0, 0, 1))
			before := h.read(t, "ads/day/2026/11/20", "report.txt")
			left := h.home + "/dwd/day/2026/11/20.new"
			h.Put(t, left+"/part", nil) // of an attempt that was killed
			h.days(t, day, day.AddDate(0, 0, 1))
			if got := h.read(t, "ads/day/2026/11/20", "report.txt"); got != before {
				t.Errorf("got %q after a rerun, want %q", got, before)
			}
			h.lines(t, generated(t, day, day.Add(time.Hour), 3))
			h.hours(t, day, day.Add(2*time.Hour))
			h.days(t, day, day.AddDate(0, 0, 1))
			h.wantFigure(t, "ads/day/2026/11/20", "requests", countLines(t, generated(t, day, day.Add(time.Hour), 3), day, day.AddDate(0, 0, 1)))
			if h.Exists(t, left) {
				t.Error("got the left-over directory still there, want it gone")
			}
		})
	}
}

func TestOddLinesAreKept(t *testing.T) {
	t.Parallel()
	for name, open := range houses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
			h.lines(t, strings.Join([]string{
				`192.0.2.1 - - [20/Nov/2026:00:00:01 +0000] "GET /a?b=1 HTTP/1.1" 200 5 "-" "says \"hi\""`,
				`192.0.2.2 - - [20/Nov/2026:00:00:02 +0000] "GET /a HTTP/1.1" 200 5000000000 "-" "never ends`,
				`192.0.2.3 - - [20/Nov/2026:00:00:03 +0000] "-" 408 - "-" "-"`,
				"192.0.2.4 - - [20/Nov/2026:00:00:04 +0000] \"GET /\tx HTTP/1.1\" 404 7 \"-\" \"tab\"",
			}, "\n")+"\n")
			h.hours(t, day, day.Add(time.Hour))
			h.days(t, day, day.AddDate(0, 0, 1))
			for name, want := range map[string]int{"requests": 4, "visitors": 4, "bytes": 5000000012, "2xx": 2, "4xx": 2} {
				h.wantFigure(t, "ads/day/2026/11/20", name, want)
			}
			want := "2026-11-20T00:00:01+00:00\t192.0.2.1\tGET\t/a?b=1\t200\t5\t-\tsays 'hi'\n"
			if got, _, _ := strings.Cut(h.read(t, "dwd/day/2026/11/20", "access.tsv"), "192.0.2.2"); !strings.HasPrefix(got, want) {
				t.Errorf("got detail %q, want it to begin with %q", got, want)
			}
		})
	}
}

func TestWeekAndMonthAddTheirDaysUp(t *testing.T) {
	t.Parallel()
	for name, open := range houses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			first := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) // a Friday
			log := generated(t, first, first.AddDate(0, 0, 4), 5)
			h.lines(t, log)
			for day := first; day.Before(first.AddDate(0, 0, 4)); day = day.AddDate(0, 0, 1) {
				h.hours(t, day.Add(10*time.Hour), day.Add(12*time.Hour))
				h.days(t, day, day.AddDate(0, 0, 1))
			}
			monday := first.AddDate(0, 0, -4)
			h.run(t, "ads_access_report_w", monday, monday.AddDate(0, 0, 7))
			h.run(t, "ads_access_report_m", first.AddDate(0, 0, -19), first.AddDate(0, 1, -19))
			days, everyDay := 0, 0
			for day := range 4 {
				requests := h.figure(t, first.AddDate(0, 0, day).Format("ads/day/2006/01/02"), "requests")
				everyDay += requests
				if day < 3 { // Monday is the next week's
					days += requests
				}
			}
			h.wantFigure(t, "ads/week/2026/11/16", "requests", days)
			h.wantFigure(t, "ads/month/2026/11", "requests", everyDay)
		})
	}
}

// A month whose days cannot be looked at must not be reported as one without days.
func TestOnlyANoOfHDFSMeansThatNothingIsThere(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]bool{1: true, 255: false} {
		dir := t.TempDir()
		program := fmt.Sprintf("#!/bin/sh\necho \"$2\" >>%s/calls\n[ \"$2\" != -test ] || exit %d\n", dir, code)
		if err := os.WriteFile(dir+"/hdfs", []byte(program), 0o700); err != nil {
			t.Fatal(err)
		}
		where := weblog.House{Home: "hdfs:///house", Log: "hdfs:///access.log", DFS: "sh " + dir + "/hdfs dfs"}
		h := &house{work: t.TempDir(), tasks: warehouse(t, where)}
		unpack(t, where, h.work)
		first := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		err := h.attempt(t.Context(), "ads_access_report_m", first, first.AddDate(0, 1, 0))
		calls := string(disk{}.Get(t, dir+"/calls"))
		if published := strings.Contains(calls, "-mv"); published != want || (err == nil) != want {
			t.Errorf("-test ends with %d: got published %v, %v and calls %q, want %v", code, published, err, calls, want)
		}
	}
}

// TestARealLog computes the warehouse of the log named by CAPRI_WEBLOG_LOG, the
// public example of 10,000 lines from May 2015; `make test` says when none is.
func TestARealLog(t *testing.T) {
	t.Parallel()
	log := os.Getenv("CAPRI_WEBLOG_LOG")
	if log == "" {
		t.Log("CAPRI_WEBLOG_LOG names no log: nothing checked")
		return
	}
	h := localHouse(t)
	h.lines(t, string(h.Get(t, log)))
	first := time.Date(2015, 5, 17, 0, 0, 0, 0, time.UTC)
	h.hours(t, first.Add(10*time.Hour), first.Add(94*time.Hour))
	h.days(t, first, first.AddDate(0, 0, 4))
	h.run(t, "ads_access_report_w", first.AddDate(0, 0, -6), first.AddDate(0, 0, 1))
	h.run(t, "ads_access_report_w", first.AddDate(0, 0, 1), first.AddDate(0, 0, 8))
	h.run(t, "ads_access_report_m", first.AddDate(0, 0, -16), first.AddDate(0, 1, -16))
	for dir, want := range map[string]int{
		"ads/day/2015/05/17":  1632,
		"ads/day/2015/05/18":  2893,
		"ads/day/2015/05/19":  2896,
		"ads/day/2015/05/20":  2579,
		"ads/week/2015/05/11": 1632,
		"ads/week/2015/05/18": 8368,
		"ads/month/2015/05":   10000,
	} {
		h.wantFigure(t, dir, "requests", want)
	}
}
