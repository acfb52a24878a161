package weblog_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"capricornus/examples/weblog"
)

func generated(t *testing.T, from, to time.Time, seed uint64) string {
	t.Helper()
	var out bytes.Buffer
	if err := weblog.WriteLog(&out, from, to, seed); err != nil {
		t.Fatalf("write the log: %v", err)
	}
	return out.String()
}

func TestWriteLog(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	week := generated(t, monday, monday.AddDate(0, 0, 7), 1)

	t.Run("WrittenInPiecesIsTheSame", func(t *testing.T) {
		t.Parallel()
		cut := monday.Add(17*time.Hour + 23*time.Minute + 5*time.Second)
		zone := time.FixedZone("half", 5*3600+1800)
		pieces := generated(t, monday, cut.In(zone), 1) + generated(t, cut.In(zone), monday.AddDate(0, 0, 7), 1)
		if pieces != week {
			t.Errorf("got %d bytes in two pieces that differ, want the %d bytes written at once", len(pieces), len(week))
		}
	})
	t.Run("AnotherSeedIsAnotherLog", func(t *testing.T) {
		t.Parallel()
		if generated(t, monday, monday.AddDate(0, 0, 7), 2) == week {
			t.Error("got the same log for seeds 1 and 2, want different ones")
		}
	})
	t.Run("IsInTheCombinedFormatAndInOrder", func(t *testing.T) {
		t.Parallel()
		checkLines(t, week)
	})
	t.Run("HasRealisticDays", func(t *testing.T) {
		t.Parallel()
		for day := monday; day.Before(monday.AddDate(0, 0, 7)); day = day.AddDate(0, 0, 1) {
			lines := strings.Count(generated(t, day, day.AddDate(0, 0, 1), 1), "\n")
			if lines < 1500 || lines > 3000 {
				t.Errorf("%s: got %d lines, want 1,500 to 3,000", day.Weekday(), lines)
			}
		}
	})
}

func checkLines(t *testing.T, log string) {
	t.Helper()
	combined := regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+ - - \[(\S+ \+0000)\] "(?:GET|POST) /\S* HTTP/1\.1" \d{3} (?:\d+|-) "[^"]+" "[^"]+"$`)
	var last time.Time
	for line := range strings.Lines(log) {
		found := combined.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if found == nil {
			t.Fatalf("got line %q, want the combined format", line)
		}
		at, err := time.Parse("02/Jan/2006:15:04:05 -0700", found[1])
		if err != nil {
			t.Fatalf("parse the time stamp: %v", err)
		}
		if at.Before(last) {
			t.Fatalf("got %s after %s, want the order of time", at, last)
		}
		last = at
	}
}
