package compose

import (
	"cmp"
	"math"
	"slices"
	"time"

	"capricornus/common/wire"
)

// How much of each section a report lists.
const (
	topFailures    = 10
	topWaits       = 5
	topWorkers     = 40
	topAlerts      = 12
	topChanges     = 10
	topDepartments = 20
	topRuns        = 10
	topGone        = 5
	longOff        = 24 * time.Hour
)

// TopWaits is how many waiting batches are explained.
const TopWaits = topWaits

// Counts are the figures of one hour or day; what is not known is nil.
type Counts struct {
	Expected, Missing                  *int64
	Waiting, Running                   *int64
	OK, Failed, DependLate, OutputLate int64
	Reruns                             int64
}

// Service is the last run of a duty, with what is expected of it.
type Service struct {
	Name         string
	Every, Limit time.Duration // 0: it goes by the clock
	Began, Ended int64         // 0: it has not run yet
	Error        string
	Core         bool // one of those people ask for: shown when it is well, too
}

// Figures are what a report is made of. Lists may be in any order, and longer
// than what a report lists.
type Figures struct {
	Span
	MadeAt      time.Time
	Now         Counts
	Yesterday   *Counts // nil: nothing is known
	LastWeek    *Counts
	FirstGone   []string
	Failures    []wire.ReportFailure
	Waits       []wire.ReportWait
	Services    []Service
	Led         time.Time // when the present term began
	Workers     []wire.ReportWorker
	Alerts      []wire.ReportAlert
	Forecast    wire.ReportForecast
	Changes     []wire.ReportChange
	Departments []wire.ReportDepartment
	BigTasks    []wire.ReportRun
	Corrections []wire.ReportCorrection
	Growth      []wire.ReportGrowth // in their order
	LongMinutes int
}

// Report makes a report.
func Report(f Figures) wire.Report {
	r := wire.Report{
		Kind: f.Kind, From: f.From.UnixMilli(), At: f.At.UnixMilli(), MadeAt: f.MadeAt.UnixMilli(), Zone: f.At.Location().String(),
		Scores: scores(f), Services: services(f.Services, f.Led, f.MadeAt), Fleet: fleet(f.Workers, f.MadeAt), Alerts: alerts(f.Alerts), Forecast: f.Forecast,
		FirstGone: top(f.FirstGone, topGone),
	}
	r.Failures = top(slices.SortedStableFunc(slices.Values(f.Failures), worstFailure), topFailures)
	r.Unlisted = len(f.Failures) - len(r.Failures)
	r.Waits = top(slices.SortedStableFunc(slices.Values(f.Waits), func(a, b wire.ReportWait) int { return cmp.Compare(a.Since, b.Since) }), topWaits)
	r.Changes = top(slices.SortedStableFunc(slices.Values(f.Changes), func(a, b wire.ReportChange) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Action, b.Action))
	}), topChanges)
	if f.Kind == wire.ReportDaily {
		r.LongMinutes = f.LongMinutes
		r.Departments = top(slices.SortedStableFunc(slices.Values(f.Departments), worstDepartment), topDepartments)
		r.BigTasks = top(slices.SortedStableFunc(slices.Values(f.BigTasks), func(a, b wire.ReportRun) int { return cmp.Compare(b.Millis, a.Millis) }), topRuns)
		r.Corrections = top(f.Corrections, topRuns)
		r.Growth = top(f.Growth, TopGrowth)
	}
	r.Normal = normal(f.Now)
	r.Green = green(f.Now, &r)
	return r
}

// top is the beginning of a list; never nil, so that it is a list in JSON.
func top[T any](all []T, n int) []T {
	return append([]T{}, all[:min(n, len(all))]...)
}

func worstFailure(a, b wire.ReportFailure) int {
	return cmp.Or(cmp.Compare(b.Impact, a.Impact), cmp.Compare(a.EndedAt, b.EndedAt), cmp.Compare(a.Batch, b.Batch))
}

func worstDepartment(a, b wire.ReportDepartment) int {
	late := func(d wire.ReportDepartment) int { return d.OutputLate + d.DependLate }
	return cmp.Or(cmp.Compare(late(b), late(a)), cmp.Compare(b.Failed, a.Failed), cmp.Compare(b.Batches, a.Batches), cmp.Compare(a.Department, b.Department))
}

func value(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}

// normal is the share, in thousandths, of what went well among what could have
// gone wrong. It is rounded down, so that 100 % means all.
func normal(c Counts) int {
	bad := c.Failed + c.DependLate + c.OutputLate + value(c.Missing)
	if bad == 0 {
		return 1000
	}
	return int(math.Floor(float64(c.OK) * 1000 / float64(c.OK+bad)))
}

// green tells whether nothing is wrong that somebody ought to look at. Notices
// are no trouble, nor are workers that somebody has switched off.
func green(c Counts, r *wire.Report) bool {
	grave := slices.ContainsFunc(r.Alerts.Kinds, func(a wire.ReportAlert) bool { return a.Level != wire.LevelNotice })
	broken := slices.ContainsFunc(r.Services, func(s wire.ReportService) bool { return !s.OK })
	return c.Failed+c.DependLate+c.OutputLate+value(c.Missing) == 0 && !grave && !broken && r.Fleet.Silent == 0
}

func scores(f Figures) []wire.ReportScore {
	known := func(n int64) *int64 { return &n }
	figures := []struct {
		name string
		of   func(c *Counts) *int64
	}{
		{wire.ScoreExpected, func(c *Counts) *int64 { return c.Expected }},
		{wire.ScoreGenerated, func(c *Counts) *int64 {
			if c.Expected == nil || c.Missing == nil {
				return nil
			}
			return known(*c.Expected - *c.Missing)
		}},
		{wire.ScoreMissing, func(c *Counts) *int64 { return c.Missing }},
		{wire.ScoreWaiting, func(c *Counts) *int64 { return c.Waiting }},
		{wire.ScoreRunning, func(c *Counts) *int64 { return c.Running }},
		{wire.ScoreOK, func(c *Counts) *int64 { return known(c.OK) }},
		{wire.ScoreFailed, func(c *Counts) *int64 { return known(c.Failed) }},
		{wire.ScoreDependLate, func(c *Counts) *int64 { return known(c.DependLate) }},
		{wire.ScoreOutputLate, func(c *Counts) *int64 { return known(c.OutputLate) }},
		{wire.ScoreReruns, func(c *Counts) *int64 { return known(c.Reruns) }},
	}
	out := make([]wire.ReportScore, len(figures))
	for i, s := range figures {
		out[i] = wire.ReportScore{Name: s.name, Now: s.of(&f.Now)}
		if f.Yesterday != nil {
			out[i].Yesterday = s.of(f.Yesterday)
		}
		if f.LastWeek != nil {
			out[i].LastWeek = s.of(f.LastWeek)
		}
	}
	return out
}

// CountsOf are the figures that a report shows as its own.
func CountsOf(r *wire.Report) *Counts {
	byName := map[string]*int64{}
	for _, s := range r.Scores {
		byName[s.Name] = s.Now
	}
	return &Counts{
		Expected: byName[wire.ScoreExpected], Missing: byName[wire.ScoreMissing], Waiting: byName[wire.ScoreWaiting], Running: byName[wire.ScoreRunning],
		OK: value(byName[wire.ScoreOK]), Failed: value(byName[wire.ScoreFailed]), DependLate: value(byName[wire.ScoreDependLate]),
		OutputLate: value(byName[wire.ScoreOutputLate]), Reruns: value(byName[wire.ScoreReruns]),
	}
}
