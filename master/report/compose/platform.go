package compose

import (
	"cmp"
	"slices"
	"time"

	"capricornus/common/wire"
)

// overdue is how many of its intervals a duty may be silent (domain.md §9: a
// service not run for 3 periods).
const overdue = 3

// levelTask is that of alerts that go by the task's own rule.
const levelTask = "task"

// services shows the duties people ask for and those that are not as they
// should be, these first.
func services(all []Service, led, now time.Time) []wire.ReportService {
	out := []wire.ReportService{}
	for _, s := range all {
		r := wire.ReportService{Name: s.Name, EndedAt: s.Ended, Limit: s.Limit.Milliseconds(), Error: s.Error, OK: s.well(led, now)}
		if s.Ended > 0 {
			r.Millis = max(s.Ended-s.Began, 0)
		}
		if s.Core || !r.OK {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b wire.ReportService) int { return cmp.Compare(order(a.OK), order(b.OK)) })
	return out
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}

// well tells whether a duty does its work: it has ended without an error, in
// time, and not too long ago. One that goes by the clock may not have run yet,
// and a new leader is given as long before a duty is missed.
func (s Service) well(led, now time.Time) bool {
	if s.Error != "" {
		return false
	}
	if s.Ended > 0 && !s.inTime() {
		return false
	}
	silence := max(overdue*s.Every+s.Limit, time.Minute)
	return s.Every == 0 || now.UnixMilli()-max(s.Ended, led.UnixMilli()) <= silence.Milliseconds()
}

func (s Service) inTime() bool {
	return s.Limit == 0 || s.Ended-s.Began <= s.Limit.Milliseconds()
}

// fleet adds workers up and lists the most troubled: silent ones, those that
// are off, those that batches were taken away from, then by load.
func fleet(all []wire.ReportWorker, now time.Time) wire.ReportFleet {
	f := wire.ReportFleet{}
	for _, w := range all {
		f.Moved += w.Moved
		switch w.State {
		case wire.WorkerOn:
			f.On++
			f.Slots += w.Slots
		case wire.WorkerSilent:
			f.Silent++
		case wire.WorkerDead:
			f.Dead++
		default:
			f.Off++
		}
		f.Taken += w.Taken
		if LongOff(w, now) {
			f.LongOff++
		}
	}
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b wire.ReportWorker) int {
		return cmp.Or(cmp.Compare(troubled(a), troubled(b)), cmp.Compare(b.Moved, a.Moved), cmp.Compare(b.Load, a.Load), cmp.Compare(a.Host, b.Host))
	})
	f.Workers = top(sorted, topWorkers)
	f.More = len(all) - len(f.Workers)
	return f
}

// LongOff tells whether a worker is switched off for so long that it may have
// been forgotten.
func LongOff(w wire.ReportWorker, now time.Time) bool {
	return w.OffSince > 0 && now.UnixMilli()-w.OffSince > longOff.Milliseconds()
}

func troubled(w wire.ReportWorker) int {
	return slices.Index([]string{wire.WorkerSilent, wire.WorkerDead, wire.WorkerOff, wire.WorkerOn}, w.State)
}

// alerts orders what was raised by how grave it is; what is beyond the list is
// in the sums.
func alerts(all []wire.ReportAlert) wire.ReportAlerts {
	var out wire.ReportAlerts
	for _, a := range all {
		out.Total += a.Count
		out.Undelivered += a.Undelivered
	}
	grave := []string{wire.LevelCritical, wire.LevelImportant, levelTask, wire.LevelNotice}
	out.Kinds = top(slices.SortedStableFunc(slices.Values(all), func(a, b wire.ReportAlert) int {
		return cmp.Or(cmp.Compare(slices.Index(grave, a.Level), slices.Index(grave, b.Level)), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind))
	}), topAlerts)
	return out
}
