package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"capricornus/examples/weblog"
)

// realLog names the public example log of May 2015 (examples/weblog/README.md).
const realLog = "CAPRI_WEBLOG_LOG"

// The hours that the log covers.
func logSpan() (from, to time.Time) {
	return time.Date(2015, 5, 17, 10, 0, 0, 0, time.UTC), time.Date(2015, 5, 20, 22, 0, 0, 0, time.UTC)
}

func TestWeblogFromTheLogToTheMonth(t *testing.T) {
	onEngines(t, func(s *site) {
		log := s.accessLog()
		s.applyWeblog(log)
		starts := []struct {
			period, span string
			tasks        map[string]int // and how many batches each gets
		}{
			{"hour", "2015051711..2015052022", map[string]int{"ods_access_h": 84, "dwd_access_h": 84}},
			{"day", "20150518..20150521", map[string]int{"dwd_access_d": 4, "ads_access_report_d": 4}},
			{"week", "20150518..20150525", map[string]int{"ads_access_report_w": 2}},
			{"month", "201506..201506", map[string]int{"ads_access_report_m": 1}},
		}
		for _, start := range starts {
			s.capri("coldstart", "--project", "weblog", "--period", start.period, "--range", start.span, "--yes", "--reason", "the log of May 2015")
		}
		var all []string
		for _, start := range starts {
			for task, want := range start.tasks {
				var names []string // they are made after the cold start's call has ended
				s.await(fmt.Sprintf("%d batches of %s", want, task), func() bool {
					names = s.lines("batch", "list", "--task", task, "--to", "2015-07-01", "--limit", "500")
					return len(names) >= want
				})
				if len(names) != want {
					s.Errorf("got %d batches of %s, want %d: %v", len(names), task, want, names)
				}
				all = append(all, names...)
			}
		}
		s.capri(append([]string{"batch", "wait", "--timeout", "3m"}, all...)...)
		s.ranOnce([]string{"start"}, all...)
		s.holdsEveryLine(log)
		s.sound()
	})
}

// accessLog is the real log if the environment names one, else a generated one.
func (s *site) accessLog() string {
	s.Helper()
	if name := os.Getenv(realLog); name != "" {
		return name
	}
	s.Logf("%s names no log: a generated one is used", realLog)
	from, to := logSpan()
	file, err := os.Create(s.path("access.log"))
	if err != nil {
		s.Fatal(err)
	}
	defer file.Close()
	if err := weblog.WriteLog(file, from, to, 1); err != nil {
		s.Fatal(err)
	}
	return file.Name()
}

// applyWeblog starts an empty capri dev and applies the example to it.
func (s *site) applyWeblog(log string) {
	s.Helper()
	s.dev("--demo", "none", "--timezone", "UTC")
	files, err := weblog.Files(weblog.House{Home: "file://" + s.path("house"), Log: "file://" + log})
	if err != nil {
		s.Fatal(err)
	}
	for _, f := range files {
		// A log that ends in the past is not for the timer, wherever the hour turns meanwhile.
		s.write(filepath.Join("weblog", f.Name), strings.Replace(f.Text, "\nspec:\n", "\nspec:\n  valid: {to: 2015-07-01}\n", 1))
	}
	s.wants("what apply says", s.capri("task", "apply", "-f", s.path("weblog")), "ods_access_h", "created", "version 1")
}

// holdsEveryLine compares the warehouse's files with the log, read without any
// of the example's scripts.
func (s *site) holdsEveryLine(log string) {
	s.Helper()
	from, to := logSpan()
	hours := s.countHours(log)
	days := map[string]int{}
	total := 0
	for hour := from; hour.Before(to); hour = hour.Add(time.Hour) {
		got := s.number(hour.Format("ods/2006/01/02/15"), "lines")
		want := hours[hour.Format("2006-01-02T15")]
		if got != want {
			s.Errorf("%s: got %d lines, want %d", hour, got, want)
		}
		days[hour.Format("2006/01/02")] += want
		total += got
	}
	if os.Getenv(realLog) != "" {
		want := map[string]int{"2015/05/17": 1632, "2015/05/18": 2893, "2015/05/19": 2896, "2015/05/20": 2579}
		for day, n := range want {
			if days[day] != n {
				s.Errorf("%s: got %d lines in the log, want %d", day, days[day], n)
			}
		}
		if total != 10_000 {
			s.Errorf("got %d lines in all hours, want 10,000", total)
		}
	}
	for day, want := range days {
		if got := s.requests("ads/day/" + day); got != want {
			s.Errorf("%s: got %d requests in the report, want %d", day, got, want)
		}
	}
	first := days["2015/05/17"]
	for place, want := range map[string]int{"ads/week/2015/05/11": first, "ads/week/2015/05/18": total - first, "ads/month/2015/05": total} {
		if got := s.requests(place); got != want {
			s.Errorf("%s: got %d requests, want %d", place, got, want)
		}
	}
}

// countHours counts a log's lines by the hour, in UTC.
func (s *site) countHours(log string) map[string]int {
	s.Helper()
	hours := map[string]int{}
	for line := range strings.Lines(s.read(log)) {
		_, rest, _ := strings.Cut(line, "[")
		stamp, _, _ := strings.Cut(rest, "]")
		at, err := time.Parse("02/Jan/2006:15:04:05 -0700", stamp)
		if err != nil {
			s.Fatalf("time stamp of %q: %v", line, err)
		}
		hours[at.UTC().Format("2006-01-02T15")]++
	}
	return hours
}

// published reads a file of an output, which must be complete.
func (s *site) published(place, name string) string {
	s.Helper()
	if _, err := os.Stat(s.path("house", place, "_SUCCESS")); err != nil {
		s.Errorf("got %v, want %s published", err, place)
		return ""
	}
	return s.read(s.path("house", place, name))
}

func (s *site) number(place, name string) int {
	s.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(s.published(place, name)))
	if err != nil {
		s.Errorf("%s of %s: %v", name, place, err)
	}
	return n
}

// requests is the sum that a report states.
func (s *site) requests(place string) int {
	s.Helper()
	words := strings.Fields(s.published(place, "report.txt"))
	at := slices.Index(words, "requests")
	if at < 0 || at+1 == len(words) {
		s.Errorf("got report %v of %s, want one with requests", words, place)
		return 0
	}
	n, err := strconv.Atoi(words[at+1])
	if err != nil {
		s.Errorf("requests of %s: %v", place, err)
	}
	return n
}
