package worker

import (
	"time"

	"capricornus/common/batch"
	"capricornus/common/metrics"
	"capricornus/common/wire"
)

// Metrics are the figures of this worker, to be served.
func (w *Worker) Metrics() *metrics.Worker { return w.metrics }

// figures are what this worker shows of itself: of its host, as the last
// heartbeat has measured it.
func (w *Worker) figures() metrics.HostFigures {
	out := metrics.HostFigures{Slots: w.cfg.Slots, Running: w.hand.size()}
	if box := w.shown.Load(); box != nil {
		out.Outbox = box.Len()
	}
	if v := w.vitals.Load(); v != nil {
		out.FreeMemory, out.FreeDisk, out.Load = v.FreeMemory, v.FreeDisk, v.Load
	}
	if at := w.contact.Load(); at != nil {
		out.Contact = *at
	}
	return out
}

// counted notes the end of an attempt.
func (w *Worker) counted(f *wire.Fact) {
	w.metrics.Ended(outcomeOf(f), time.Duration(f.EndedAt-f.StartedAt)*time.Millisecond)
}

// outcomeOf is how an attempt ended as its worker sees it; masters may judge
// otherwise, by the outputs for example.
func outcomeOf(f *wire.Fact) string {
	switch {
	case f.Kind == wire.FactLost:
		return batch.ResultLost
	case f.Killed:
		return batch.ResultKilled
	case f.TimedOut:
		return batch.ResultTimedOut
	case f.Over:
		return "over"
	case f.Infra:
		return "infra"
	case f.ExitCode != nil && *f.ExitCode == 0:
		return batch.ResultSuccess
	}
	return batch.ResultFailed
}
