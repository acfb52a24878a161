package e2e_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"capricornus/common/datapath/hdfstest"
	"capricornus/common/store/storetest"
	"capricornus/examples/weblog"
)

// realLog names the public example log of May 2015 (examples/weblog/README.md).
const realLog = "CAPRI_WEBLOG_LOG"

// The hours that the log covers.
func logSpan() (from, to time.Time) {
	return time.Date(2015, 5, 17, 10, 0, 0, 0, time.UTC), time.Date(2015, 5, 20, 22, 0, 0, 0, time.UTC)
}

// warehouse is the example at a place.
type warehouse struct {
	*site
	place weblog.House
	files interface { // how the place is looked at, without the example's scripts
		Exists(t testing.TB, name string) bool
		Get(t testing.TB, name string) []byte
	}
	home string // a path
}

func TestWeblogFromTheLogToTheMonth(t *testing.T) {
	onEngines(t, func(s *site) {
		log, home := s.accessLog(), s.path("house")
		w := &warehouse{s, weblog.House{Home: "file://" + home, Log: "file://" + log}, disk{}, home}
		s.dev("--demo", "none", "--timezone", "UTC")
		w.compute(log)
	})
}

// The same with the log, the scripts and all inputs and outputs on HDFS: masters
// and workers look there, workers get the scripts, and these use capri dfs.
func TestWeblogOnHDFS(t *testing.T) {
	onEngines(t, func(s *site) {
		log, address := s.accessLog(), hdfstest.Shared(s)
		dir := hdfstest.Dir(s, address)
		root := "hdfs://" + address + dir
		house := weblog.House{Home: root + "/house", Log: root + "/access.log", DFS: os.Getenv(binaryVariable) + " dfs"}
		s.capri("dfs", "-put", log, house.Log)
		s.capri("dfs", "-mkdir", "-p", house.Home+"/app")
		s.capri("dfs", "-put", s.weblogPackage(house), house.Package())
		w := &warehouse{s, house, hdfstest.At(address), dir + "/house"}
		s.dev("--demo", "none", "--timezone", "UTC", "--namenodes", address)
		w.compute(log)
	})
}

// The demo of capri dev is there where its HDFS is, as the user of HADOOP_USER_NAME.
func TestDemoOnHDFS(t *testing.T) {
	t.Parallel()
	s, address := newSite(t, storetest.SQLite), hdfstest.Shared(t)
	user := strings.ToLower("ann-" + rand.Text())
	hdfs, home := hdfstest.At(address), "/user/"+user
	hdfs.Mkdir(t, home)
	hdfs.Chown(t, home, user)
	t.Cleanup(func() { hdfs.Remove(t, home) })
	s.env["HADOOP_USER_NAME"] = user
	s.dev("--namenodes", address)
	s.await("the first cold start", func() bool { return len(s.lines("op", "list")) > 0 })
	var days []string
	s.await("the reports of two days", func() bool {
		days = s.lines("batch", "list", "--task", "ads_access_report_d", "--state", "success")
		return len(days) == 2
	})
	day, err := time.Parse("20060102", strings.TrimSuffix(strings.TrimPrefix(days[0], "ads_access_report_d/"), ".0"))
	if err != nil {
		t.Fatal(err)
	}
	report := home + "/weblog/ads/day/" + day.AddDate(0, 0, -1).Format("2006/01/02")
	s.wants("the report of a day", string(hdfs.Get(t, report+"/report.txt")), "requests", "top urls")
	s.wants("the listing", s.capri("dfs", "-ls", "hdfs://"+address+report), "_SUCCESS", " "+user+" ")
}

// weblogPackage is a file with the scripts of the example.
func (s *site) weblogPackage(house weblog.House) string {
	s.Helper()
	var archive bytes.Buffer
	if err := weblog.WritePackage(&archive, house); err != nil {
		s.Fatal(err)
	}
	return s.write("weblog.tar.gz", archive.String())
}

// disk is the file system of this machine.
type disk struct{}

func (disk) Exists(_ testing.TB, name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func (disk) Get(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// compute applies the example, starts everything that the log covers and judges
// what comes out.
func (w *warehouse) compute(log string) {
	w.Helper()
	w.apply()
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
		w.capri("coldstart", "--project", "weblog", "--period", start.period, "--range", start.span, "--yes", "--reason", "the log of May 2015")
	}
	var all []string
	for _, start := range starts {
		for task, want := range start.tasks {
			var names []string // they are made after the cold start's call has ended
			w.await(fmt.Sprintf("%d batches of %s", want, task), func() bool {
				names = w.lines("batch", "list", "--task", task, "--to", "2015-07-01", "--limit", "500")
				return len(names) >= want
			})
			if len(names) != want {
				w.Errorf("got %d batches of %s, want %d: %v", len(names), task, want, names)
			}
			all = append(all, names...)
		}
	}
	w.capri(append([]string{"batch", "wait", "--timeout", "3m"}, all...)...)
	w.ranOnce([]string{"start"}, all...)
	w.holdsEveryLine(log)
	w.sound()
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

// apply applies the example to an empty capri dev.
func (w *warehouse) apply() {
	w.Helper()
	files, err := weblog.Files(w.place)
	if err != nil {
		w.Fatal(err)
	}
	for _, f := range files {
		// A log that ends in the past is not for the timer, wherever the hour turns meanwhile.
		w.write(filepath.Join("weblog", f.Name), strings.Replace(f.Text, "\nspec:\n", "\nspec:\n  valid: {to: 2015-07-01}\n", 1))
	}
	w.wants("what apply says", w.capri("task", "apply", "-f", w.path("weblog")), "ods_access_h", "created", "version 1")
}

// holdsEveryLine compares the warehouse's files with the log, read without any
// of the example's scripts.
func (w *warehouse) holdsEveryLine(log string) {
	w.Helper()
	from, to := logSpan()
	hours := w.countHours(log)
	days := map[string]int{}
	total := 0
	for hour := from; hour.Before(to); hour = hour.Add(time.Hour) {
		got := w.number(hour.Format("ods/2006/01/02/15"), "lines")
		want := hours[hour.Format("2006-01-02T15")]
		if got != want {
			w.Errorf("%s: got %d lines, want %d", hour, got, want)
		}
		days[hour.Format("2006/01/02")] += want
		total += got
	}
	if os.Getenv(realLog) != "" {
		want := map[string]int{"2015/05/17": 1632, "2015/05/18": 2893, "2015/05/19": 2896, "2015/05/20": 2579}
		for day, n := range want {
			if days[day] != n {
				w.Errorf("%s: got %d lines in the log, want %d", day, days[day], n)
			}
		}
		if total != 10_000 {
			w.Errorf("got %d lines in all hours, want 10,000", total)
		}
	}
	for day, want := range days {
		if got := w.requests("ads/day/" + day); got != want {
			w.Errorf("%s: got %d requests in the report, want %d", day, got, want)
		}
	}
	first := days["2015/05/17"]
	for place, want := range map[string]int{"ads/week/2015/05/11": first, "ads/week/2015/05/18": total - first, "ads/month/2015/05": total} {
		if got := w.requests(place); got != want {
			w.Errorf("%s: got %d requests, want %d", place, got, want)
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
func (w *warehouse) published(place, name string) string {
	w.Helper()
	if place = w.home + "/" + place; !w.files.Exists(w, place+"/_SUCCESS") {
		w.Errorf("got no %s, want it published", place)
		return ""
	}
	return string(w.files.Get(w, place+"/"+name))
}

func (w *warehouse) number(place, name string) int {
	w.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(w.published(place, name)))
	if err != nil {
		w.Errorf("%s of %s: %v", name, place, err)
	}
	return n
}

// requests is the sum that a report states.
func (w *warehouse) requests(place string) int {
	w.Helper()
	words := strings.Fields(w.published(place, "report.txt"))
	at := slices.Index(words, "requests")
	if at < 0 || at+1 == len(words) {
		w.Errorf("got report %v of %s, want one with requests", words, place)
		return 0
	}
	n, err := strconv.Atoi(words[at+1])
	if err != nil {
		w.Errorf("requests of %s: %v", place, err)
	}
	return n
}
