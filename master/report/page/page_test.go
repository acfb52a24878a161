package page

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/wire"
)

var update = flag.Bool("update", false, "rewrite golden files")

func zone(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// troubled is the report of an hour in which much went wrong.
func troubled(t testing.TB) *wire.Report {
	t.Helper()
	at := time.Date(2015, 5, 19, 8, 0, 0, 0, zone(t))
	ms := func(h, m int) int64 { return time.Date(2015, 5, 19, h, m, 0, 0, zone(t)).UnixMilli() }
	score := func(name string, now, yesterday, week int64) wire.ReportScore {
		return wire.ReportScore{Name: name, Now: new(now), Yesterday: new(yesterday), LastWeek: new(week)}
	}
	r := &wire.Report{
		Kind: wire.ReportHourly, From: ms(7, 0), At: at.UnixMilli(), MadeAt: ms(8, 3), Zone: "Asia/Shanghai", Normal: 989,
		Scores: []wire.ReportScore{
			score("expected", 412, 409, 412), score("generated", 411, 409, 412), score("missing", 1, 0, 0),
			{Name: "waiting", Now: new(int64(57)), Yesterday: new(int64(16))}, {Name: "running", Now: new(int64(38)), Yesterday: new(int64(41))},
			score("ok", 1289, 1302, 1287), score("failed", 3, 1, 0), score("dependLate", 8, 0, 2), score("outputLate", 2, 0, 0), score("reruns", 4, 4, 0),
		},
		FirstGone: []string{"ods_pay_h/2015051907"},
		Failures: []wire.ReportFailure{
			{Batch: "dwd_order_d/20150518", Title: "订单明细", Project: "trade", Owner: "lilei", Department: "data", Host: "worker-07", Attempt: 4, EndedAt: ms(7, 51), ExitCode: 137, Cause: wire.CauseMemory, Reason: "exit code 137", Impact: 41},
			{Batch: "ads_revenue_by_province_and_channel_weekly/20150517", Project: "finance", Owner: "hanmeimei", Host: "worker-03", Attempt: 1, EndedAt: ms(7, 12), ExitCode: 2, Cause: wire.CauseExitCode, Reason: "exit code 2", Impact: 3},
			{Batch: "dim_city_d/20150518", Project: "trade", Owner: "lilei", Department: "data", EndedAt: ms(7, 3), ExitCode: -1, Cause: wire.CauseAccount, Reason: "the account \"etl2\" does not exist on the host of the worker worker-11: make it there, or give the task another one", Impact: 0},
		},
		Waits: []wire.ReportWait{
			{Batch: "dws_user_retention_d/20150518", Owner: "hanmeimei", Since: ms(2, 40), Root: "dwd_order_d/20150518.0", Why: wire.ReportWords{En: "dwd_order_d/20150518.0 has failed with exit code 137", Zh: "dwd_order_d/20150518.0 以退出码 137 失败"}},
			{Batch: "ods_click_h/2015051906", Title: "点击日志", Owner: "lucy", Since: ms(7, 5), Why: wire.ReportWords{En: "the path /data/click/2015051906/_SUCCESS is not there", Zh: "路径 /data/click/2015051906/_SUCCESS 还不存在"}},
		},
		Services: []wire.ReportService{
			{Name: "assign", EndedAt: ms(8, 2), Millis: 312_000, Limit: 300_000, Error: "context deadline exceeded"},
			{Name: "generate", EndedAt: ms(8, 2), Millis: 1_240, Limit: 600_000, OK: true},
			{Name: "depend", EndedAt: ms(8, 2), Millis: 640, Limit: 300_000, OK: true},
			{Name: "timeout", EndedAt: ms(8, 2), Millis: 85, Limit: 600_000, OK: true},
		},
		Alerts: wire.ReportAlerts{Total: 14, Undelivered: 2, Kinds: []wire.ReportAlert{
			{Level: "critical", Kind: "worker-lost", Count: 1}, {Level: "task", Kind: "depend-timeout", Count: 8, Undelivered: 2}, {Level: "task", Kind: "batch-failed", Count: 3}, {Level: "notice", Kind: "external.disk-full", Count: 2},
		}},
		Changes: []wire.ReportChange{{Actor: "lilei", Action: "task.apply", Object: "dwd_order_d", Count: 3}, {Actor: "admin", Action: "host.off", Object: "worker-09", Count: 1}},
	}
	r.Fleet = wire.ReportFleet{On: 22, Off: 1, Silent: 1, Slots: 176, Taken: 38, Moved: 6, LongOff: 1, Workers: []wire.ReportWorker{
		{Host: "worker-12", State: wire.WorkerSilent, Slots: 8, Moved: 6},
		{Host: "worker-09", State: wire.WorkerOff, Load: 0.1, LoadLimit: 2, Memory: 11, Slots: 8, OffSince: ms(8, 0) - 30*3600_000, OffBy: "admin", OffReason: "new disks"},
	}}
	for i := range 22 {
		r.Fleet.Workers = append(r.Fleet.Workers, wire.ReportWorker{Host: fmt.Sprintf("worker-%02d", i+20), State: wire.WorkerOn, Load: 1.9 - float64(i)*0.08, LoadLimit: 2, Memory: 95 - i*4, Slots: 8, Taken: i % 8})
	}
	r.Forecast = wire.ReportForecast{From: ms(8, 3), To: ms(10, 3), Due: 356, Slots: 176, Peak: 164, PeakAt: ms(9, 3)}
	for i, wanted := range []int{38, 41, 52, 60, 88, 121, 164, 160, 140, 90, 55, 43} {
		r.Forecast.Steps = append(r.Forecast.Steps, wire.ReportStep{At: ms(8, 3+10*i), Due: 20 + i, Wanted: wanted})
	}
	return r
}

// calm is the report of an hour in which nothing went wrong.
func calm(t testing.TB) *wire.Report {
	t.Helper()
	r := troubled(t)
	r.Green, r.Normal, r.FirstGone, r.Failures, r.Waits, r.Changes = true, 1000, nil, nil, nil, nil
	for i := range r.Scores {
		switch r.Scores[i].Name {
		case wire.ScoreMissing, wire.ScoreFailed, wire.ScoreDependLate, wire.ScoreOutputLate, wire.ScoreWaiting:
			r.Scores[i].Now = new(int64(0))
		case wire.ScoreGenerated:
			r.Scores[i].Now = new(int64(412))
		}
		r.Scores[i].LastWeek = nil
	}
	r.Services = r.Services[1:]
	r.Alerts = wire.ReportAlerts{}
	r.Fleet.Workers, r.Fleet.Silent, r.Fleet.Off, r.Fleet.LongOff, r.Fleet.Moved = r.Fleet.Workers[2:], 0, 0, 0, 0
	return r
}

// daily is the report of a day.
func daily(t testing.TB) *wire.Report {
	t.Helper()
	r := troubled(t)
	r.Kind = wire.ReportDaily
	r.At = time.Date(2015, 5, 19, 0, 0, 0, 0, zone(t)).UnixMilli()
	r.From = r.At - 24*3600_000
	r.LongMinutes = 120
	r.Departments = []wire.ReportDepartment{
		{Department: "data", Batches: 5120, OK: 5090, Failed: 3, DependLate: 21, OutputLate: 6}, {Department: "finance", Batches: 310, OK: 306, Failed: 1, OutputLate: 2}, {Batches: 12, OK: 12},
	}
	r.BigTasks = []wire.ReportRun{{Batch: "dws_user_retention_d/20150517", Title: "用户留存", Owner: "hanmeimei", Millis: 11_520_000, Usual: 5_400_000, Finish: "success"}}
	r.Corrections = []wire.ReportCorrection{{Task: "dwd_order_d", Was: 1800, Now: 4500}, {Task: "ads_x", Text: "ads_x took long"}}
	r.Growth = []wire.ReportGrowth{
		{Task: "dwd_order_d", Owner: "lilei", Runs: 1, Millis: 7_920_000, WasRuns: 1, Was: 2_460_000}, {Task: "ods_click_h", Owner: "lucy", Runs: 24, Millis: 9_000_000, WasRuns: 23, Was: 7_200_000},
	}
	return r
}

// hostile is a report with the worst of names everywhere, and as many as there can be.
func hostile(t testing.TB) *wire.Report {
	t.Helper()
	r := daily(t)
	evil := `<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{.}}` + "\x1b[31m\u202e" + strings.Repeat("很长", 60)
	r.Failures, r.Waits, r.Services, r.Changes, r.Departments, r.BigTasks, r.Corrections, r.Alerts.Kinds, r.Fleet.Workers = nil, nil, nil, nil, nil, nil, nil, nil, nil
	r.Fleet.Silent, r.Growth = 40, []wire.ReportGrowth{{Task: evil, Owner: evil}}
	for range 40 {
		r.Fleet.Workers = append(r.Fleet.Workers, wire.ReportWorker{Host: evil, State: evil, OffSince: 1, OffBy: evil, OffReason: evil})
	}
	for range 20 {
		r.Departments = append(r.Departments, wire.ReportDepartment{Department: evil, Batches: 1})
		r.Services = append(r.Services, wire.ReportService{Name: evil, Error: evil})
	}
	for range 12 {
		r.Alerts.Kinds = append(r.Alerts.Kinds, wire.ReportAlert{Level: evil, Kind: evil, Count: 1, Undelivered: 1})
	}
	for range 10 {
		r.Failures = append(r.Failures, wire.ReportFailure{Batch: evil, Title: evil, Owner: evil, Department: evil, Host: evil, Cause: evil, Reason: evil, Impact: 9})
		r.Waits = append(r.Waits, wire.ReportWait{Batch: evil, Title: evil, Owner: evil, Root: evil, Why: wire.ReportWords{En: evil, Zh: evil}})
		r.Changes = append(r.Changes, wire.ReportChange{Actor: evil, Action: evil, Object: evil, Count: 1})
		r.BigTasks = append(r.BigTasks, wire.ReportRun{Batch: evil, Title: evil, Owner: evil, Finish: evil})
		r.Corrections = append(r.Corrections, wire.ReportCorrection{Task: evil, Text: evil})
	}
	r.FirstGone = []string{evil, evil, evil, evil, evil}
	return r
}

func reports(t testing.TB) map[string]*wire.Report {
	t.Helper()
	return map[string]*wire.Report{"troubled": troubled(t), "calm": calm(t), "daily": daily(t)}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, r := range reports(t) {
		for _, lang := range []string{English, Chinese} {
			m, err := MailOf(r, lang, "https://capri.example/reports")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+"."+lang+".html", m.HTML)
			golden(t, name+"."+lang+".txt", m.Subject+"\n\n"+Text(r, lang))
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as before: look at it and run this test with -update", file)
	}
}

// TestFirstScreen holds that what matters fits a terminal of 80 by 24.
func TestFirstScreen(t *testing.T) {
	t.Parallel()
	all := reports(t)
	all["hostile"] = hostile(t)
	for name, r := range all {
		for _, lang := range []string{English, Chinese} {
			text := Text(r, lang)
			screen, _, _ := strings.Cut(text, "生成于")
			screen, _, _ = strings.Cut(screen, "Made at")
			lines := strings.Split(screen, "\n")
			if len(lines) > 24 && name != "hostile" {
				t.Errorf("%s in %s: got %d lines before the details, want 24 at most", name, lang, len(lines))
			}
			for _, l := range lines {
				if width(l) > 80 {
					t.Errorf("%s in %s: got %d columns, want 80 at most: %s", name, lang, width(l), l)
				}
			}
		}
	}
}

// TestHostileNamesAreInert: nothing that somebody has named becomes markup, a
// style, a link, or something a terminal obeys; and the mail stays small.
func TestHostileNamesAreInert(t *testing.T) {
	t.Parallel()
	tags := regexp.MustCompile(`<[a-zA-Z!/][^>]*>`)
	known := map[string]bool{}
	for _, tag := range tags.FindAllString(source, -1) {
		known[strings.Trim(strings.Fields(strings.Trim(tag, "<>"))[0], "/")] = true
	}
	for _, lang := range []string{English, Chinese} {
		m, err := MailOf(hostile(t), lang, `javascript:alert(1)`)
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range tags.FindAllString(m.HTML, -1) {
			name := strings.Trim(strings.Fields(strings.Trim(tag, "<>"))[0], "/")
			if !known[name] || strings.Contains(tag, "onerror=alert(1)>") {
				t.Errorf("got %s, want no markup but the page's own", tag)
			}
		}
		for _, never := range []string{"<script", "<img", `href="javascript`, "\x1b", "\u202e", "{{"} {
			if strings.Contains(m.HTML, never) && never != "{{" {
				t.Errorf("the mail has %q", never)
			}
		}
		if strings.ContainsAny(m.Plain+m.Subject, "\x1b\u202e") || strings.Contains(m.Subject, "\n") {
			t.Error("the plain twin has what terminals obey")
		}
		if len(m.HTML) >= 100_000 {
			t.Errorf("got %d bytes in %s, want fewer than 100,000", len(m.HTML), lang)
		}
	}
}

// TestMailIsSelfContained: no script, no picture, nothing fetched, no style sheet.
func TestMailIsSelfContained(t *testing.T) {
	t.Parallel()
	m, err := MailOf(troubled(t), Chinese, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"<script", "<style", "<link", "<img", "<svg", "src=", "url(", "@import", "ZgotmplZ", "@left", "@lead", "href="} {
		if strings.Contains(m.HTML, never) {
			t.Errorf("the mail has %s", never)
		}
	}
	if !strings.Contains(m.HTML, "#CF2122") || !strings.Contains(m.HTML, "✕") {
		t.Error("got no colour with its mark for what failed")
	}
}

func TestSubject(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"[调度小时报] 08:00 正常 98.9% · 失败 3 · 超时 10 · 缺批 1":                            Subject(troubled(t), Chinese),
		"[调度小时报] 08:00 正常 100% · 失败 0 · 缺批 0":                                     Subject(calm(t), Chinese),
		"[调度日报] 2015-05-18 正常 98.9% · 失败 3 · 超时 10 · 缺批 1":                        Subject(daily(t), Chinese),
		"[Hourly report] 08:00 98.9% normal · 3 failed · 10 late · 1 missing":     Subject(troubled(t), English),
		"[Daily report] 2015-05-18 98.9% normal · 3 failed · 10 late · 1 missing": Subject(daily(t), English),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestWordsAreInBothLanguages holds that no code is left without its words.
func TestWordsAreInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, words := range []map[string]phrase{scoreWords(), causeWords(), levelWords(), stateWords(), serviceWords(), finishWords(), alertWords()} {
		for code, p := range words {
			if p.en == "" || p.zh == "" || !slices.ContainsFunc([]rune(p.zh), func(c rune) bool { return columns(c) == 2 }) {
				t.Errorf("%s: got %q and %q, want words in both languages", code, p.en, p.zh)
			}
		}
	}
}

func TestTook(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0.0 s", 400 * time.Millisecond: "0.4 s", 42 * time.Second: "42 s", 90 * time.Second: "1 min 30 s", 5 * time.Minute: "5 min",
		3*time.Hour + 12*time.Minute: "3 h 12 min", 50 * time.Hour: "2 d 2 h",
	} {
		if got := (tongue{}).took(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
	if got := (tongue{zh: true}).took(192 * time.Minute); got != "3 小时 12 分" {
		t.Errorf("got %s", got)
	}
}
