// Package why explains batches from what the database holds: every gate in
// order for one that waits, where it is for one that is on a worker, where its
// time went for one that has ended, and why there is none for a work number
// that has no batch. It reads only.
package why

import (
	"context"
	"errors"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/place"
)

// States of a gate in an explanation.
const (
	met          = "met"
	unmet        = "unmet"
	notEvaluated = "not-evaluated"
)

// Explainer answers "why is it not running".
type Explainer struct {
	db        *store.DB
	defs      *store.Definitions
	zone      *time.Location
	termSince func() time.Time
}

// New wires an explainer; termSince tells when the present term began.
func New(db *store.DB, defs *store.Definitions, zone *time.Location, termSince func() time.Time) *Explainer {
	return &Explainer{db: db, defs: defs, zone: zone, termSince: termSince}
}

// Explain explains the batch, or the work number that has none.
func (e *Explainer) Explain(ctx context.Context, ref batch.Ref) (wire.Why, error) {
	var out wire.Why
	err := e.db.View(ctx, func(t *store.ViewTx) error {
		b, err := t.BatchByRef(ctx, ref)
		if errors.Is(err, store.ErrNotFound) {
			out, err = e.missing(ctx, t, ref)
			return err
		}
		if err != nil {
			return err
		}
		out, err = e.explain(ctx, t, &b)
		return err
	})
	out.AsOf = time.Now().UnixMilli()
	return out, err
}

func (e *Explainer) explain(ctx context.Context, t *store.ViewTx, b *store.Batch) (wire.Why, error) {
	switch b.State {
	case batch.Waiting:
		return e.waiting(ctx, t, b)
	case batch.Assigned:
		return e.assigned(ctx, t, b)
	case batch.Running:
		return e.running(b), nil
	case batch.Done, batch.Nothing:
	}
	return e.done(ctx, t, b)
}

func (e *Explainer) waiting(ctx context.Context, t *store.ViewTx, b *store.Batch) (wire.Why, error) {
	out := wire.Why{Batch: b.Ref().String(), Verdict: b.State.String()}
	gates, err := e.dependencies(ctx, t, b)
	if err != nil {
		return out, err
	}
	s, err := place.ReadSnapshot(ctx, t, e.termSince().UnixMilli())
	if err != nil {
		return out, err
	}
	if err := s.Facts(ctx, t, e.defs, []store.Work{b.Work}); err != nil {
		return out, err
	}
	shut := b.Unmet > 0
	for _, v := range s.Case(&b.Work).Gates(t.Now()) {
		gates = append(gates, e.gate(b, v))
		shut = shut || !v.Open
	}
	worker, err := e.worker(ctx, t, s, b, shut)
	if err != nil {
		return out, err
	}
	out.Gates = append(gates, worker)
	if out.Roots, out.Cut, err = e.roots(ctx, t, b); err != nil {
		return out, err
	}
	out.Summary = summary(out)
	return out, nil
}

func summary(w wire.Why) string {
	n := 0
	first := ""
	for _, g := range w.Gates {
		if g.State == unmet {
			n++
			if first == "" {
				first = g.Sentence
			}
		}
	}
	switch {
	case n == 0:
		return "nothing stands in its way: it is assigned in the next moment"
	case len(w.Roots) == 1:
		return fmt.Sprintf("%s; the root cause is %s: %s", first, w.Roots[0].Batch, w.Roots[0].Sentence)
	case len(w.Roots) > 1:
		return fmt.Sprintf("%s; %d root causes block it", first, len(w.Roots))
	}
	return first
}

// gate shows one verdict of the pure list.
func (e *Explainer) gate(b *store.Batch, v batch.Verdict) wire.WhyGate {
	g := wire.WhyGate{Code: string(v.Gate), State: met, Sentence: openSentence(v.Gate)}
	if v.Open {
		return g
	}
	g.State = unmet
	g.Sentence = batch.Say(batch.Message(v.Gate, v.Args...), "en", e.zone)
	g.Help = help(v.Gate)
	if b.Gate == string(v.Gate) {
		g.Since = b.GateSince
	}
	if v.OpensAt > 0 {
		g.Evidence = append(g.Evidence, "opens by itself at "+e.clock(v.OpensAt))
	}
	return g
}

func (e *Explainer) clock(ms int64) string {
	return time.UnixMilli(ms).In(e.zone).Format(time.DateTime)
}

// worker explains the last gate: which workers fit, step by step.
func (e *Explainer) worker(ctx context.Context, t *store.ViewTx, s *place.Snapshot, b *store.Batch, shut bool) (wire.WhyGate, error) {
	g := wire.WhyGate{Code: string(batch.GateWorker), State: notEvaluated, Sentence: "asked once everything above is met"}
	if shut {
		return g, nil
	}
	if err := s.Exclusions(ctx, t, []store.Work{b.Work}); err != nil {
		return g, err
	}
	worker, funnel := s.Fit(&b.Work)
	g.Evidence = []string{funnel.String()}
	switch {
	case worker != nil:
		g.State, g.Sentence = met, "worker "+worker.Host+" has room"
	case funnel.Full:
		g.Code, g.State, g.Sentence = string(batch.GateQueue), unmet, batch.Say(batch.Message(batch.GateQueue), "en", e.zone)
	case funnel.OnlyExcluded:
		g.State, g.Sentence = unmet, "the only workers that fit failed to start it just now; they are asked again after "+place.ExclusionLife.String()
	default:
		g.State, g.Sentence, g.Help = unmet, "no worker fits", "capri host list shows the workers; start one, switch one on, or ask for less"
	}
	if b.Gate == g.Code {
		g.Since = b.GateSince
	}
	return g, nil
}

func (e *Explainer) assigned(ctx context.Context, t *store.ViewTx, b *store.Batch) (wire.Why, error) {
	out := wire.Why{Batch: b.Ref().String(), Verdict: b.State.String()}
	g := wire.WhyGate{
		Code: "ASSIGNED_NOT_PICKED", State: unmet, Since: b.AssignTime,
		Sentence: fmt.Sprintf("assigned to %s at %s and not started yet", b.Host, e.clock(b.AssignTime)),
		Help:     "it is given to another worker when this one does not start it in time",
	}
	if b.RefusedAt > 0 {
		g.Evidence = append(g.Evidence, b.Host+" refused it: "+b.RefusedReason)
	}
	log, err := t.Reassignments(ctx, []int64{b.ID}, 0)
	if err != nil {
		return out, err
	}
	for _, r := range log {
		g.Evidence = append(g.Evidence, fmt.Sprintf("%s: taken from %s: %s", e.clock(r.At), r.OldHost, r.Reason))
	}
	out.Gates, out.Summary = []wire.WhyGate{g}, g.Sentence
	return out, nil
}

func (e *Explainer) running(b *store.Batch) wire.Why {
	return wire.Why{
		Batch: b.Ref().String(), Verdict: b.State.String(), Gates: []wire.WhyGate{},
		Summary: fmt.Sprintf("running on %s since %s, attempt %d", b.Host, e.clock(b.StartTime), b.Attempt),
	}
}

func (e *Explainer) done(ctx context.Context, t *store.ViewTx, b *store.Batch) (wire.Why, error) {
	out := wire.Why{Batch: b.Ref().String(), Verdict: b.State.String(), Gates: []wire.WhyGate{}}
	events, err := t.Events(ctx, b.ID)
	if err != nil {
		return out, err
	}
	out.Spent = spent(events)
	out.Summary = fmt.Sprintf("ended at %s: %s", e.clock(b.EndTime), b.Finish)
	if text := batch.Say(b.Message, "en", e.zone); text != "" {
		out.Summary += ", " + text
	}
	return out, nil
}

// spent sums up how long a batch stayed in each state, by its journal.
func spent(events []store.Event) []wire.WhySpent {
	var order []string
	sums := map[string]int64{}
	for i := 1; i < len(events); i++ {
		phase := events[i-1].ToState.String()
		if _, seen := sums[phase]; !seen {
			order = append(order, phase)
		}
		sums[phase] += events[i].At - events[i-1].At
	}
	out := make([]wire.WhySpent, 0, len(order))
	for _, phase := range order {
		out = append(out, wire.WhySpent{Phase: phase, Millis: sums[phase]})
	}
	return out
}

func openSentence(g batch.GateCode) string {
	switch g {
	case batch.GateOperation:
		return "no operation holds it back"
	case batch.GateLatest:
		return "within the latest schedule time"
	case batch.GateDisabled:
		return "the task is enabled"
	case batch.GateHeld:
		return "neither batch, task nor project is held"
	case batch.GateQuality:
		return "no data-quality gate is shut"
	case batch.GateEarliest:
		return "the earliest start has passed"
	case batch.GateRetry:
		return "no retry is waited for"
	case batch.GateMaximum:
		return "fewer batches of the task run than its maximum"
	case batch.GateAccount:
		return "the owner may use the execution account"
	case batch.GateData, batch.GateThird, batch.GateParent, batch.GateWorker, batch.GateQueue:
	}
	return ""
}

func help(g batch.GateCode) string {
	switch g {
	case batch.GateLatest:
		return "setting latest_schedule_time freezes newer batches; an administrator can change it"
	case batch.GateDisabled:
		return "enable the task"
	case batch.GateHeld:
		return "release the hold"
	case batch.GateMaximum:
		return "wait for one to end, or raise maxRunning"
	case batch.GateAccount:
		return "ask an administrator to grant the account"
	case batch.GateQuality:
		return "wait for the data-quality service's answer"
	case batch.GateData, batch.GateThird, batch.GateParent, batch.GateOperation, batch.GateEarliest, batch.GateRetry, batch.GateWorker, batch.GateQueue:
	}
	return ""
}

// unknownTask says that no task has this name.
func unknownTask(name string) error {
	return fault.New(fault.NotFound, "there is no task %q", name).WithHint("capri task list shows the tasks")
}
