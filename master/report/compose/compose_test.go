package compose

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/wire"
)

func in(t testing.TB, zone, text string) time.Time {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, z)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func show(spans []Span) string {
	var out []string
	for _, s := range spans {
		out = append(out, s.Kind+" "+s.From.Format("02 15:04")+"-"+s.At.Format("02 15:04"))
	}
	return strings.Join(out, ", ")
}

func TestSpanOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, at, kind, want string }{
		{"Asia/Shanghai", "2015-05-19 08:03", "hourly", "hourly 19 07:00-19 08:00"},
		{"Asia/Shanghai", "2015-05-19 08:00", "hourly", "hourly 19 07:00-19 08:00"},
		{"Asia/Shanghai", "2015-05-19 00:59", "hourly", "hourly 18 23:00-19 00:00"},
		{"Asia/Kolkata", "2015-05-19 08:03", "hourly", "hourly 19 07:00-19 08:00"},
		{"Asia/Shanghai", "2015-05-19 00:00", "daily", "daily 18 00:00-19 00:00"},
		{"Europe/Berlin", "2015-03-30 09:00", "daily", "daily 29 00:00-30 00:00"},
		{"Europe/Berlin", "2015-03-29 03:10", "hourly", "hourly 29 01:00-29 03:00"},
	} {
		if got := show([]Span{SpanOf(c.kind, in(t, c.zone, c.at))}); got != c.want {
			t.Errorf("%s of %s in %s: got %s, want %s", c.kind, c.at, c.zone, got, c.want)
		}
	}
	s := SpanOf(wire.ReportHourly, in(t, "Europe/Berlin", "2015-03-30 08:00")).Earlier(7)
	if got := show([]Span{s}); got != "hourly 23 07:00-23 08:00" {
		t.Errorf("a week before, over a change of the clock: got %s", got)
	}
	if got := show([]Span{SpanOf(wire.ReportDaily, in(t, "Europe/Berlin", "2015-03-30 08:00")).Earlier(1)}); got != "daily 28 00:00-29 00:00" {
		t.Errorf("a day before: got %s", got)
	}
}

func TestOwed(t *testing.T) {
	t.Parallel()
	const zone = "Asia/Shanghai"
	kept := func(hours ...string) (all []time.Time) {
		for _, h := range hours {
			all = append(all, in(t, zone, "2015-05-19 "+h))
		}
		return all
	}
	for name, c := range map[string]struct {
		now           string
		hourly, daily []time.Time
		want          string
	}{
		"TheHourAtMinuteThree":        {"07:03", kept("04:00", "05:00", "06:00"), nil, "hourly 19 06:00-19 07:00"},
		"NotBefore":                   {"07:02", kept("03:00", "04:00", "05:00", "06:00"), nil, ""},
		"OnceEach":                    {"07:59", kept("04:00", "05:00", "06:00", "07:00"), nil, ""},
		"MissedHoursAreMadeUp":        {"07:20", kept("02:00", "05:00"), nil, "hourly 19 03:00-19 04:00, hourly 19 05:00-19 06:00, hourly 19 06:00-19 07:00"},
		"ThreeAtTheMost":              {"07:20", kept("01:00"), nil, "hourly 19 03:00-19 04:00, hourly 19 04:00-19 05:00, hourly 19 05:00-19 06:00, hourly 19 06:00-19 07:00"},
		"NoneBeforeTheFirstIs":        {"07:20", kept("06:00"), nil, "hourly 19 06:00-19 07:00"},
		"WhereNoneWasNothingIsMissed": {"07:20", nil, nil, "hourly 19 06:00-19 07:00"},
		"TheDayAtThreePastEight":      {"08:03", kept("05:00", "06:00", "07:00", "08:00"), nil, "daily 18 00:00-19 00:00"},
		"NotBeforeThreePastEight":     {"08:02", kept("04:00", "05:00", "06:00", "07:00"), nil, ""},
		"LaterIfItWasMissed":          {"22:10", kept("19:00", "20:00", "21:00", "22:00"), nil, "daily 18 00:00-19 00:00"},
		"TheDayOnce":                  {"22:10", kept("19:00", "20:00", "21:00", "22:00"), kept("00:00"), ""},
	} {
		if got := show(Owed(in(t, zone, "2015-05-19 "+c.now), Kept{Hourly: c.hourly, Daily: c.daily})); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestQuietRule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, at      string
		green, always bool
		want          bool
	}{
		{wire.ReportHourly, "07:00", true, false, false},
		{wire.ReportHourly, "08:00", true, false, true},
		{wire.ReportHourly, "20:00", true, false, true},
		{wire.ReportHourly, "21:00", true, true, true},
		{wire.ReportHourly, "21:00", false, false, true},
		{wire.ReportDaily, "00:00", true, false, true},
	} {
		if got := Wanted(c.kind, in(t, "Asia/Shanghai", "2015-05-19 "+c.at), c.green, c.always); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

// TestGrowth: the tasks that took longest more, but not what is new.
func TestGrowth(t *testing.T) {
	t.Parallel()
	minutes := func(task int64, runs int, n int64) RunTime {
		return RunTime{TaskID: task, Runs: runs, Millis: n * 60_000}
	}
	then := []RunTime{minutes(1, 24, 100), minutes(2, 1, 30), minutes(3, 1, 60), minutes(4, 1, 5), minutes(6, 1, 1), minutes(7, 1, 1), minutes(8, 1, 1)}
	now := []RunTime{minutes(1, 24, 110), minutes(2, 1, 90), minutes(3, 1, 20), minutes(4, 1, 14), minutes(5, 1, 500), minutes(6, 1, 21), minutes(7, 1, 21), minutes(8, 1, 13)}
	var got []int64
	for _, g := range Growth(now, then) {
		got = append(got, g.Now.TaskID, g.More()/60_000)
	}
	if want := "[2 60 6 20 7 20 8 12 1 10]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if got := Growth(now, nil); len(got) != 0 {
		t.Errorf("got %v, want nothing grown of what is new", got)
	}
}

// TestSent: what is old news is not sent, but for the day's.
func TestSent(t *testing.T) {
	t.Parallel()
	at := in(t, "Asia/Shanghai", "2015-05-19 08:00")
	for _, c := range []struct {
		kind string
		late time.Duration
		want bool
	}{
		{wire.ReportHourly, 3 * time.Minute, true},
		{wire.ReportHourly, 2 * time.Hour, true},
		{wire.ReportHourly, 2*time.Hour + time.Second, false},
		{wire.ReportDaily, 23 * time.Hour, true},
	} {
		if got := Sent(Span{Kind: c.kind, From: at.Add(-time.Hour), At: at}, at.Add(c.late)); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

func TestCauseOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a    Attempt
		want string
	}{
		"TheScriptsOwnCode":  {Attempt{Outcome: "failed", HasExit: true, ExitCode: 2, Reason: "exit code 2"}, wire.CauseExitCode},
		"KilledByTheKernel":  {Attempt{Outcome: "failed", HasExit: true, ExitCode: 137, Reason: "exit code 137"}, wire.CauseMemory},
		"OverItsMemory":      {Attempt{Outcome: "failed", HasExit: true, ExitCode: 143, Reason: "used more memory than the worker has"}, wire.CauseMemory},
		"TooLong":            {Attempt{Outcome: "timeout", HasExit: true, ExitCode: 137, Reason: "run timeout"}, wire.CauseTimeout},
		"Gone":               {Attempt{Outcome: "lost", Reason: "no process and no exit code are left of the attempt"}, wire.CauseLost},
		"NoSuchAccount":      {Attempt{Outcome: "failed", Reason: `the account "etl" does not exist on the host of the worker w1`}, wire.CauseAccount},
		"OutputsAreNotThere": {Attempt{Outcome: "failed", HasExit: true, Reason: "exit code 0, but not every output is ready"}, wire.CausePath},
		"CouldNotRun":        {Attempt{Outcome: "failed", Reason: "the attempt could not run"}, wire.CauseInfrastructure},
		"NothingIsKnown":     {Attempt{}, wire.CauseInfrastructure},
	} {
		if got := CauseOf(c.a); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// TestImpact: who waits by two ways counts once, and circles end.
func TestImpact(t *testing.T) {
	t.Parallel()
	g := Graph{1: {2, 3}, 2: {4}, 3: {4, 5}, 5: {1}, 9: {9}}
	for id, want := range map[int64]int{1: 4, 2: 1, 3: 5 - 1, 4: 0, 9: 0, 77: 0} {
		if got := g.Behind(id); got != want {
			t.Errorf("behind %d: got %d, want %d", id, got, want)
		}
	}
}

func TestForecast(t *testing.T) {
	t.Parallel()
	now := in(t, "UTC", "2015-05-19 08:03")
	at := func(minutes int) time.Time { return now.Add(time.Duration(minutes) * time.Minute) }
	f := Forecast(now, 8, []Load{
		{From: at(-30), Takes: 45 * time.Minute},     // for 15 minutes yet
		{From: at(-90), Takes: time.Minute},          // longer than usual
		{From: at(5), Takes: time.Minute, Due: true}, // in the first step
		{From: at(15), Takes: 20 * time.Minute, Due: true},
		{From: at(119), Takes: time.Hour, Due: true},
		{From: at(120), Takes: time.Hour, Due: true}, // too late to count
	})
	var wanted, due []string
	for _, s := range f.Steps {
		wanted, due = append(wanted, fmt.Sprint(s.Wanted)), append(due, fmt.Sprint(s.Due))
	}
	if got := strings.Join(wanted, " "); got != "3 2 1 1 0 0 0 0 0 0 0 1" {
		t.Errorf("got %s slots wanted", got)
	}
	if got := strings.Join(due, " "); got != "1 1 0 0 0 0 0 0 0 0 0 1" || f.Due != 3 {
		t.Errorf("got %s due, %d in all", got, f.Due)
	}
	if f.Peak != 3 || f.PeakAt != now.UnixMilli() || f.Slots != 8 {
		t.Errorf("got %+v, want the peak at once", f)
	}
}

func TestServices(t *testing.T) {
	t.Parallel()
	now := in(t, "UTC", "2015-05-19 08:03")
	ran := func(ago, took time.Duration) (began, ended int64) {
		end := now.Add(-ago)
		return end.Add(-took).UnixMilli(), end.UnixMilli()
	}
	service := func(name string, every, ago, took time.Duration, failed string) Service {
		s := Service{Name: name, Every: every, Limit: time.Minute, Error: failed, Core: true}
		s.Began, s.Ended = ran(ago, took)
		return s
	}
	all := []Service{
		service("well", 30*time.Second, time.Second, time.Second, ""),
		service("slow", 30*time.Second, time.Second, 2*time.Minute, ""),
		service("silent", 30*time.Second, 4*time.Minute, time.Second, ""),
		service("broken", 0, time.Hour, time.Second, "no such table"),
		service("by the clock", 0, 20*time.Hour, time.Second, ""),
		{Name: "not yet", Core: true}, {Name: "never", Every: time.Second, Core: true},
		{Name: "of no interest"},
	}
	var got []string
	for _, s := range services(all, now.Add(-time.Hour), now) {
		got = append(got, fmt.Sprint(s.Name, " ", s.OK))
	}
	for _, s := range services(all, now.Add(-3*time.Second), now) {
		if s.OK != (s.Name != "slow" && s.Name != "broken") {
			t.Errorf("%s: got %v in a term that has just begun, want time given to it", s.Name, s.OK)
		}
	}
	if want := "slow false, silent false, broken false, never false, well true, by the clock true, not yet true"; strings.Join(got, ", ") != want {
		t.Errorf("got %s", strings.Join(got, ", "))
	}
}

func TestGreenAndNormal(t *testing.T) {
	t.Parallel()
	at := in(t, "UTC", "2015-05-19 08:00")
	base := func() Figures {
		return Figures{Span: Span{Kind: wire.ReportHourly, From: at.Add(-time.Hour), At: at}, MadeAt: at, Now: Counts{OK: 90, Expected: new(int64(10)), Missing: new(int64(0))}}
	}
	for name, c := range map[string]struct {
		change func(*Figures)
		green  bool
		normal int
	}{
		"NothingIsWrong":         {func(*Figures) {}, true, 1000},
		"NothingHappened":        {func(f *Figures) { f.Now.OK = 0 }, true, 1000},
		"AFailure":               {func(f *Figures) { f.Now.Failed = 1 }, false, 989},
		"OnlyFailures":           {func(f *Figures) { f.Now.OK, f.Now.Failed = 0, 3 }, false, 0},
		"OneMissing":             {func(f *Figures) { f.Now.Missing = new(int64(10)) }, false, 900},
		"Late":                   {func(f *Figures) { f.Now.DependLate, f.Now.OutputLate = 5, 5 }, false, 900},
		"Notices":                {func(f *Figures) { f.Alerts = []wire.ReportAlert{{Level: "notice", Count: 3}} }, true, 1000},
		"AnImportantAlert":       {func(f *Figures) { f.Alerts = []wire.ReportAlert{{Level: "important", Count: 1}} }, false, 1000},
		"ASilentWorker":          {func(f *Figures) { f.Workers = []wire.ReportWorker{{Host: "w", State: wire.WorkerSilent}} }, false, 1000},
		"AWorkerSomebodyHasOff":  {func(f *Figures) { f.Workers = []wire.ReportWorker{{Host: "w", State: wire.WorkerOff, OffSince: 1}} }, true, 1000},
		"AServiceThatIsNotWell":  {func(f *Figures) { f.Services = []Service{{Name: "x", Error: "broken"}} }, false, 1000},
		"ManyOfManyIsNotHundred": {func(f *Figures) { f.Now.OK, f.Now.Failed = 99_999, 1 }, false, 999},
	} {
		f := base()
		c.change(&f)
		if got := Report(f); got.Green != c.green || got.Normal != c.normal {
			t.Errorf("%s: got %v and %d, want %v and %d", name, got.Green, got.Normal, c.green, c.normal)
		}
	}
}

// TestReport: the worst comes first, lists are cut and say so, and a report's
// own figures are read back from it.
func TestReport(t *testing.T) {
	t.Parallel()
	at := in(t, "Asia/Shanghai", "2015-05-19 08:00")
	f := Figures{
		Span: Span{Kind: wire.ReportHourly, From: at.Add(-time.Hour), At: at}, MadeAt: at.Add(3 * time.Minute),
		Now: Counts{OK: 7, Failed: 12, Reruns: 2, Expected: new(int64(20)), Missing: new(int64(1)), Waiting: new(int64(5)), Running: new(int64(6))}, Yesterday: &Counts{OK: 3}, LongMinutes: 120,
	}
	for i := range 12 {
		f.Failures = append(f.Failures, wire.ReportFailure{Batch: fmt.Sprint("b", i), Impact: i})
		f.Waits = append(f.Waits, wire.ReportWait{Batch: fmt.Sprint("w", i), Since: int64(100 - i)})
	}
	for i := range 50 {
		f.Workers = append(f.Workers, wire.ReportWorker{Host: fmt.Sprintf("w%02d", i), State: wire.WorkerOn, Load: float64(i), Slots: 2, Taken: 1})
	}
	f.Workers[7].State, f.Workers[8].State = wire.WorkerOff, wire.WorkerSilent
	f.Workers[7].OffSince = at.Add(-25 * time.Hour).UnixMilli()
	r := Report(f)
	if r.Failures[0].Batch != "b11" || len(r.Failures) != 10 || r.Unlisted != 2 || r.Waits[0].Batch != "w11" || len(r.Waits) != 5 {
		t.Errorf("got %+v and %+v, want the worst", r.Failures, r.Waits)
	}
	if r.Fleet.Workers[0].Host != "w08" || r.Fleet.Workers[1].Host != "w07" || r.Fleet.Workers[2].Host != "w49" || r.Fleet.More != 10 || r.Fleet.On != 48 || r.Fleet.Slots != 96 || r.Fleet.LongOff != 1 {
		t.Errorf("got %+v, want the most troubled first", r.Fleet)
	}
	if r.Departments != nil || r.LongMinutes != 0 || r.Zone != "Asia/Shanghai" {
		t.Errorf("got %+v, want no daily section in an hour", r)
	}
	if *r.Scores[1].Now != 19 || r.Scores[1].Yesterday != nil || *r.Scores[5].Yesterday != 3 || r.Scores[5].LastWeek != nil {
		t.Errorf("got %+v", r.Scores)
	}
	c := CountsOf(&r)
	if c.OK != 7 || c.Failed != 12 || c.Reruns != 2 || *c.Expected != 20 || *c.Missing != 1 || *c.Waiting != 5 || *c.Running != 6 {
		t.Errorf("got %+v, want what went in", c)
	}
	f.Kind = wire.ReportDaily
	if r = Report(f); r.Departments == nil || r.BigTasks == nil || r.Corrections == nil || r.LongMinutes != 120 {
		t.Errorf("got %+v, want the daily sections", r)
	}
}
