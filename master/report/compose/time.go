package compose

import (
	"slices"
	"time"

	"capricornus/common/wire"
)

// Minute is when in an hour reports are made, and DailyHour the hour of the
// daily one.
const (
	Minute    = 3
	DailyHour = 8
)

// madeUp is how many missed hours are made up.
const madeUp = 3

// quietHours are those whose reports are sent when nothing is wrong, too.
func quietHours() []int { return []int{8, 20} }

// Span is the time a report is about: from From, up to but without At, which
// names it.
type Span struct {
	Kind     string
	From, At time.Time
}

// SpanOf is the hour, or the day, that ended last at an instant; its zone counts.
func SpanOf(kind string, at time.Time) Span {
	y, m, d := at.Date()
	if kind == wire.ReportDaily {
		end := time.Date(y, m, d, 0, 0, 0, 0, at.Location())
		return Span{Kind: kind, From: time.Date(y, m, d-1, 0, 0, 0, 0, at.Location()), At: end}
	}
	// Whole hours of the wall clock: zones may be off by half an hour, and the
	// hour that comes twice comes twice.
	end := at.Add(-time.Duration(at.Minute())*time.Minute - time.Duration(at.Second())*time.Second - time.Duration(at.Nanosecond()))
	return Span{Kind: wire.ReportHourly, From: end.Add(-time.Hour), At: end}
}

// Earlier is the same hour, or day, some days before. An hour that the clock
// left out is the one that came instead.
func (s Span) Earlier(days int) Span {
	if s.Kind == wire.ReportDaily {
		return Span{Kind: s.Kind, From: s.From.AddDate(0, 0, -days), At: s.At.AddDate(0, 0, -days)}
	}
	at := s.At.AddDate(0, 0, -days)
	return Span{Kind: s.Kind, From: at.Add(-time.Hour), At: at}
}

// Kept are the ends of reports that are there already.
type Kept struct {
	Hourly, Daily []time.Time
}

func holds(all []time.Time, at time.Time) bool {
	return slices.ContainsFunc(all, at.Equal)
}

// Owed lists the reports that are to be made now, oldest first: of the last
// hours, each from minute 3 after its end, and of yesterday, from 08:03. What
// lies before the first report that was ever made was not missed.
func Owed(now time.Time, kept Kept) []Span {
	var out []Span
	due := now.Add(-Minute * time.Minute)
	begun := func(at time.Time) bool { return slices.ContainsFunc(kept.Hourly, at.After) }
	for n := madeUp; n >= 0; n-- {
		s := SpanOf(wire.ReportHourly, due.Add(time.Duration(-n)*time.Hour))
		if !holds(kept.Hourly, s.At) && (n == 0 || begun(s.At)) {
			out = append(out, s)
		}
	}
	day := SpanOf(wire.ReportDaily, due)
	if due.Hour() >= DailyHour && !holds(kept.Daily, day.At) {
		out = append(out, day)
	}
	return out
}

// tooOld is from when on an hourly report tells nobody anything any more.
const tooOld = 2 * time.Hour

// Sent tells whether a report that is made now goes to its readers: one of an
// hour that ended long ago is kept and not sent, that of a day always is.
func Sent(s Span, now time.Time) bool {
	return s.Kind == wire.ReportDaily || now.Sub(s.At) <= tooOld
}

// Wanted tells whether a reader gets a report (console.md §3.5, the quiet rule):
// the daily one always; an hourly one in which something is wrong; one in which
// nothing is at 08:00 and 20:00, or for who wants them all.
func Wanted(kind string, at time.Time, green, always bool) bool {
	return kind == wire.ReportDaily || !green || always || slices.Contains(quietHours(), at.Hour())
}
