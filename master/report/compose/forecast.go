package compose

import (
	"time"

	"capricornus/common/wire"
)

// Ahead is how far a forecast looks, and aheadStep how long its steps are.
const (
	Ahead     = 2 * time.Hour
	aheadStep = 10 * time.Minute
)

// Load is one batch that takes, or will take, a slot.
type Load struct {
	From  time.Time
	Takes time.Duration
	Due   bool // it is to come; false: it is on a worker
}

// Forecast adds up the slots that are wanted in each step of the next hours: the
// most at one time if every batch begins when it is due and takes as long as
// usual. What has run longer than usual is expected to run for a step more.
func Forecast(now time.Time, slots int, loads []Load) wire.ReportForecast {
	steps := int(Ahead / aheadStep)
	out := wire.ReportForecast{From: now.UnixMilli(), To: now.Add(Ahead).UnixMilli(), Slots: slots, Steps: make([]wire.ReportStep, steps)}
	for i := range out.Steps {
		out.Steps[i].At = now.Add(time.Duration(i) * aheadStep).UnixMilli()
	}
	for _, l := range loads {
		end := l.From.Add(max(l.Takes, time.Second))
		if !l.Due && end.Before(now.Add(aheadStep)) {
			end = now.Add(aheadStep)
		}
		first, last := int(l.From.Sub(now)/aheadStep), int((end.Sub(now)-1)/aheadStep)
		if l.Due && first >= 0 && first < steps && !l.From.Before(now) {
			out.Due++
			out.Steps[first].Due++
		}
		for i := max(first, 0); i <= min(last, steps-1); i++ {
			out.Steps[i].Wanted++
		}
	}
	for _, s := range out.Steps {
		if s.Wanted > out.Peak {
			out.Peak, out.PeakAt = s.Wanted, s.At
		}
	}
	return out
}
