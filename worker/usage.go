package worker

import (
	"context"
	"slices"
	"sync"
	"time"

	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker/run"
	"capricornus/worker/vitals"
)

const (
	// usageEvery is how often masters are told of peaks that have risen.
	usageEvery = 10 * time.Second
	// usageAfter spares short attempts: their end tells their peaks.
	usageAfter = 10 * time.Second
	// usageStep is by how much memory must have risen to be told of, unless it
	// is by a tenth.
	usageStep = 16 << 20
	// maxCodes bounds the codes that wait to be told: the end tells them as well.
	maxCodes = 1000
)

// returned are the codes of scripts that have ended while their outputs are
// still looked at. It is safe for concurrent use.
type returned struct {
	mu    sync.Mutex
	facts []wire.Fact
	bell  chan struct{}
}

func newReturned() *returned { return &returned{bell: make(chan struct{}, 1)} }

func (r *returned) add(fact wire.Fact) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.facts = append(r.facts, fact)
	r.facts = r.facts[max(0, len(r.facts)-maxCodes):]
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

func (r *returned) all() []wire.Fact {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.facts)
}

// told forgets the first n, which are told.
func (r *returned) told(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.facts = slices.Delete(r.facts, 0, min(n, len(r.facts)))
}

// ended hears of scripts that have ended and tells the masters what those
// returned, before the outputs decide.
func (w *Worker) ended(spec run.Spec, code int) {
	if spec.Success != run.SuccessByOutput {
		return // its end is told at once
	}
	fact := w.fact(wire.FactCode, spec.Key())
	fact.ExitCode = &code
	w.returned.add(*fact)
}

// tellUsage tells the masters what attempts have used and returned so far. All
// of it is fleeting: what cannot be told now is told later, or by the end.
func (w *Worker) tellUsage(ctx context.Context) error {
	ticker := time.NewTicker(usageEvery)
	defer ticker.Stop()
	for {
		var facts []wire.Fact
		var rising []rise
		select {
		case <-ctx.Done():
			return nil
		case <-w.returned.bell:
		case <-ticker.C:
			rising = w.hand.rising(usageAfter)
		}
		codes := w.returned.all()
		facts = append(facts, codes...)
		for _, r := range rising {
			facts = append(facts, w.usage(r))
		}
		if len(facts) == 0 {
			continue
		}
		if _, err := w.client.Facts(ctx, facts); err != nil {
			w.log.Debug("usage is told again later", logs.Count, len(facts), logs.Error(err))
			continue
		}
		w.returned.told(len(codes))
		for _, r := range rising {
			r.grip.tell(r.peak)
		}
	}
}

func (w *Worker) usage(r rise) wire.Fact {
	fact := w.fact(wire.FactUsage, r.key)
	fact.PeakMemory, fact.PeakProcesses, fact.CPUMillis = r.peak.Memory, r.peak.Processes, r.peak.CPU.Milliseconds()
	return *fact
}

// rise is an attempt whose peak has risen since the masters were told.
type rise struct {
	key  wire.Held
	grip *grip
	peak vitals.Usage
}

// rising lists the attempts in hand that have run for some time and of which
// there is something new to tell.
func (h *hand) rising(atLeast time.Duration) []rise {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []rise
	for key, g := range h.held {
		if peak, news := g.news(atLeast); news {
			out = append(out, rise{key: key, grip: g, peak: peak})
		}
	}
	return out
}

func (g *grip) news(atLeast time.Duration) (vitals.Usage, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	old := g.process == nil || time.Since(g.since) < atLeast
	return g.peak, !old && risen(g.told, g.peak)
}

func (g *grip) tell(peak vitals.Usage) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.told = peak
}

// risen says that a peak is worth telling after another one.
func risen(told, peak vitals.Usage) bool {
	byMemory := peak.Memory-told.Memory >= min(max(told.Memory/10, 1), usageStep)
	return byMemory || peak.Processes > told.Processes
}
