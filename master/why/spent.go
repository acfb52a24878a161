package why

import (
	"cmp"
	"context"
	"slices"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Phases that are no gates.
const (
	PhaseScheduling = "SCHEDULING" // nothing was in its way
	PhaseAssigned   = "ASSIGNED"
	PhaseRunning    = "RUNNING"
)

// wait is until when one kind of dependency was waited for.
type wait struct {
	code  batch.GateCode
	until int64
}

// waits tells, by kind, when the last dependency was met that was not met from
// the beginning: every met row says when that was. What is still unmet is
// waited for until now, or until the end.
func (a *asking) waits() []wait {
	end := a.end()
	var paths, thirds, parents int64
	until := func(sum *int64, state int, checked int64) {
		switch state {
		case store.DepMet:
			*sum = max(*sum, min(checked, end))
		case store.DepUnmet:
			*sum = end
		default:
		}
	}
	for _, p := range a.deps.Paths {
		if p.Type == store.DataInput {
			until(&paths, p.State, p.LastCheckedAt)
		}
	}
	for _, p := range a.deps.Thirds {
		until(&thirds, p.State, p.LastCheckedAt)
	}
	for _, p := range a.deps.Parents {
		until(&parents, p.State, p.LastCheckedAt)
	}
	var out []wait
	for _, w := range []wait{{batch.GateData, paths}, {batch.GateThird, thirds}, {batch.GateParent, parents}} {
		if w.until > a.b.CreatedAt {
			out = append(out, w)
		}
	}
	return out
}

// end is when the batch ended, or now.
func (a *asking) end() int64 {
	if a.b.State == batch.Done && a.b.EndTime > 0 {
		return a.b.EndTime
	}
	return a.now
}

// spent is spentBy with the journal read.
func (a *asking) spent(ctx context.Context, attempts []store.Instance) ([]wire.WhySpent, error) {
	events, err := a.t.Events(ctx, a.b.ID)
	if err != nil {
		return nil, err
	}
	return a.spentBy(ctx, events, attempts)
}

// spentBy tells where a batch's time went, in the order in which it passed:
// each kind of dependency, each gate of the scheduler's, the waits between
// attempts, and its time on workers.
func (a *asking) spentBy(ctx context.Context, events []store.Event, attempts []store.Instance) ([]wire.WhySpent, error) {
	gates, err := a.t.GatesSpent(ctx, a.b.ID)
	if err != nil {
		return nil, err
	}
	states := inStates(events, a.end())
	p := phases{speech: a.speech}
	var depends int64
	for _, w := range a.waits() {
		millis := w.until - a.b.CreatedAt
		p.out = append(p.out, wire.WhySpent{Phase: string(w.code), Label: p.of(phaseWord(string(w.code))), Millis: millis})
		depends = max(depends, millis)
	}
	depends = min(depends, states[batch.Waiting])
	p.from = depends
	rest := states[batch.Waiting] - depends
	slices.SortFunc(gates, func(x, y store.GateSpent) int { return cmp.Compare(gateRank(x.Gate), gateRank(y.Gate)) })
	for _, g := range gates {
		if g.Gate != string(batch.GateRetry) { // attempts tell that exactly
			rest -= p.add(g.Gate, min(g.Millis, rest))
		}
	}
	retries := min(retryMillis(attempts, a.end()), rest)
	p.add(PhaseScheduling, rest-retries)
	p.add(string(batch.GateRetry), retries)
	p.add(PhaseAssigned, states[batch.Assigned])
	p.add(PhaseRunning, states[batch.Running])
	return p.out, nil
}

// phases lines up phases one after another.
type phases struct {
	speech
	out  []wire.WhySpent
	from int64
}

func (p *phases) add(code string, millis int64) int64 {
	if millis <= 0 {
		return 0
	}
	p.out = append(p.out, wire.WhySpent{Phase: code, Label: p.of(phaseWord(code)), From: p.from, Millis: millis})
	p.from += millis
	return millis
}

// inStates sums up how long a batch was in each state, by its journal, up to its
// end: what is written later, such as the report of that end, took none of its time.
func inStates(events []store.Event, end int64) map[batch.State]int64 {
	out := map[batch.State]int64{}
	for i, e := range events {
		until := end
		if i+1 < len(events) {
			until = min(events[i+1].At, end)
		}
		if e.ToState != batch.Done {
			out[e.ToState] += max(until-e.At, 0)
		}
	}
	return out
}

// retryMillis sums up the planned waits between attempts.
func retryMillis(attempts []store.Instance, end int64) int64 {
	var sum int64
	for i, a := range attempts {
		until := end
		if i+1 < len(attempts) {
			until = attempts[i+1].StartTime
		}
		if a.NextRetryAt > 0 && a.EndTime > 0 {
			sum += max(min(a.NextRetryAt, until)-a.EndTime, 0)
		}
	}
	return sum
}

// gateRank is the place of a gate in the scheduler's order.
func gateRank(code string) int {
	order := []batch.GateCode{
		batch.GateOperation, batch.GateLatest, batch.GateDisabled, batch.GateHeld, batch.GateQuality, batch.GateEarliest,
		batch.GateRetry, batch.GateMaximum, batch.GateAccount, batch.GateWorker, batch.GateQueue,
	}
	if i := slices.Index(order, batch.GateCode(code)); i >= 0 {
		return i
	}
	return len(order)
}
