package worker

import (
	"context"
	"maps"
	"strconv"
	"time"

	"capricornus/common/batch"
	"capricornus/common/metrics"
	"capricornus/common/trace"
	"capricornus/common/wire"
)

// Metrics are the figures of this worker, to be served.
func (w *Worker) Metrics() *metrics.Worker { return w.metrics }

// figures are what this worker shows of itself: of its host, as the last
// heartbeat has measured it.
func (w *Worker) figures() metrics.HostFigures {
	out := metrics.HostFigures{Slots: w.cfg.Slots, Running: w.hand.size(), Stalled: w.stalled.count(stallWorth)}
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

// traced begins the span of an attempt, below the one that handed it out, and
// names it in the attempt's environment: scripts may go on from there.
func (w *Worker) traced(ctx context.Context, a wire.Assignment, g *grip) (context.Context, wire.Assignment) {
	ref := batch.Ref{Task: a.Task, WorkNo: a.WorkNo, Run: a.Run}
	ctx, g.span = w.deps.Trace.Start(trace.Under(ctx, a.Trace), trace.Internal, "attempt",
		"batch", ref.String(), "attempt", strconv.Itoa(a.Attempt), "request.id", a.Request)
	if parent := trace.Parent(ctx); parent != "" {
		a.Env = maps.Clone(a.Env)
		if a.Env == nil {
			a.Env = map[string]string{}
		}
		a.Env[trace.Environ] = parent
	}
	return ctx, a
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
