// Package why explains batches from what the database holds: every gate in
// order for one that waits, where it is for one that is on a worker, where its
// time went for one that has ended, and why there is none for a work number
// that has no batch. It reads only.
package why

import (
	"context"
	"errors"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/master/place"
)

// States of a gate in an explanation.
const (
	met          = "met"
	unmet        = "unmet"
	notEvaluated = "not-evaluated"
)

// Codes of rows that are no gates of the scheduler's.
const (
	CodePlatform = "PLATFORM"            // nothing schedules
	CodeAssigned = "ASSIGNED_NOT_PICKED" // its worker has not started it yet
	CodeMissing  = "NOT_GENERATED"       // there is no batch
)

// Config is what explanations are made from.
type Config struct {
	DB   *store.DB
	Defs *store.Definitions
	Zone *time.Location
	// Quality tells whether masters are configured to ask a data-quality service.
	Quality bool
	// Silent names the file systems that do not answer this master; nil: none.
	Silent func() []string
}

// Explainer answers "why is it not running".
type Explainer struct{ Config }

// New wires an explainer.
func New(c Config) *Explainer { return &Explainer{c} }

// Explain explains the batch, or the work number that has none, in a language.
func (e *Explainer) Explain(ctx context.Context, ref batch.Ref, lang string) (wire.Why, error) {
	var out wire.Why
	err := e.DB.View(ctx, func(t *store.ViewTx) error {
		a := &asking{Explainer: e, t: t, speech: speech{lang: lang, zone: e.Zone}, now: t.Now()}
		b, err := t.BatchByRef(ctx, ref)
		if errors.Is(err, store.ErrNotFound) {
			out, err = a.missing(ctx, ref)
			return err
		}
		if err != nil {
			return err
		}
		out, err = a.explain(ctx, &b)
		return err
	})
	out.AsOf = e.DB.Now().UnixMilli()
	if out.Gates == nil {
		out.Gates = []wire.WhyGate{}
	}
	return out, err
}

// asking is one question: a snapshot and what was read of it.
type asking struct {
	*Explainer
	speech
	t       *store.ViewTx
	now     int64
	b       *store.Batch
	def     *task.Task
	snap    *place.Snapshot
	deps    *store.Depends
	reign   store.Reign
	masters []store.Master
	runs    map[string]store.ServiceRun
}

func (a *asking) explain(ctx context.Context, b *store.Batch) (wire.Why, error) {
	a.b = b
	out := wire.Why{Batch: b.Ref().String(), Verdict: b.State.String(), Timeouts: a.timeouts()}
	if err := a.read(ctx); err != nil {
		return out, err
	}
	switch b.State {
	case batch.Waiting:
		return out, a.waiting(ctx, &out)
	case batch.Assigned:
		return out, a.assigned(ctx, &out)
	case batch.Running:
		return out, a.running(ctx, &out)
	case batch.Done, batch.Nothing:
	}
	return out, a.done(ctx, &out)
}

// read reads what every explanation of a batch needs.
func (a *asking) read(ctx context.Context) error {
	all, err := a.t.DependsOf(ctx, []int64{a.b.ID})
	if err != nil {
		return err
	}
	if a.deps = all[a.b.ID]; a.deps == nil {
		a.deps = &store.Depends{}
	}
	key := store.VersionKey{TaskID: a.b.TaskID, Version: a.b.TaskVersion}
	defs, err := a.Defs.In(ctx, a.t, []store.VersionKey{key})
	if err != nil {
		return err
	}
	if a.def = defs[key]; a.def == nil {
		a.def = &task.Task{}
	}
	return nil
}

// waiting goes through every gate, then to the root causes.
func (a *asking) waiting(ctx context.Context, out *wire.Why) error {
	if err := a.gates(ctx, out); err != nil {
		return err
	}
	shut := false
	for _, g := range out.Gates {
		shut = shut || g.State == unmet && g.Code != CodePlatform
	}
	worker, err := a.worker(ctx, shut)
	if err != nil {
		return err
	}
	out.Gates = append(out.Gates, worker)
	if err := a.roots(ctx, out); err != nil {
		return err
	}
	out.Summary = a.summary(out)
	return nil
}

// gates shows every gate before the worker's, in the scheduler's order.
func (a *asking) gates(ctx context.Context, out *wire.Why) error {
	if err := a.readServices(ctx); err != nil {
		return err
	}
	out.Gates = append(out.Gates, a.platform())
	depends, err := a.dependencies(ctx)
	if err != nil {
		return err
	}
	out.Gates = append(out.Gates, depends...)
	if a.snap, err = place.ReadSnapshot(ctx, a.t, a.reign.Since); err != nil {
		return err
	}
	if err := a.snap.Facts(ctx, a.t, a.Defs, []store.Work{a.b.Work}); err != nil {
		return err
	}
	if a.Silent != nil {
		a.snap.Silent = a.Silent()
	}
	if err := a.snap.Exclusions(ctx, a.t, []store.Work{a.b.Work}); err != nil {
		return err
	}
	for _, v := range a.snap.Case(&a.b.Work).Gates(a.now) {
		g, err := a.gate(ctx, v)
		if err != nil {
			return err
		}
		out.Gates = append(out.Gates, g)
	}
	return nil
}

// summary says the first thing in the way, and how many causes lie behind it.
func (a *asking) summary(w *wire.Why) string {
	n, first := 0, ""
	for _, g := range w.Gates {
		if g.State != unmet {
			continue
		}
		n++
		if first == "" {
			first = g.Sentence
		}
	}
	if n == 0 {
		return a.of(nothingInTheWay)
	}
	if n > 1 {
		first = a.of(andMoreGates, first, n-1)
	}
	switch len(w.Roots) {
	case 0:
		return first
	case 1:
		return a.of(oneRoot, first, w.Roots[0].Batch, w.Roots[0].Sentence)
	}
	return a.of(manyRoots, first, len(w.Roots))
}

// unknownTask says that no task has this name.
func unknownTask(name string) error {
	return fault.New(fault.NotFound, "there is no task %q", name).WithHint("capri task list shows the tasks")
}
