package run

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/wire"
)

// Warden sees attempts through to their end and makes the fact about it. The
// worker and, while there is none, the keeper use it alike.
type Warden struct {
	Launcher    Launcher
	Looker      Looker
	Grace       time.Duration // between TERM and KILL
	Host        string
	Incarnation string
	Guard       *Guard                     // keeps the limits; nil: there are none
	Point       Point                      // nil: nobody is told
	Ended       func(spec Spec, code int)  // told what a script returned, before its attempt is judged; nil: nobody is
	Unseen      func(spec Spec, err error) // told once that an attempt has not been judged for a while, because a file system does not answer; nil: nobody is
}

// Find takes up an attempt that was started before. A spec that a crash of the
// host spoiled is replaced by the bare name: enough to report it as lost.
func (w *Warden) Find(ctx context.Context, dir Dir, key wire.Held) (Spec, Process, error) {
	spec, err := Load(dir)
	if err != nil || spec.Key() != key {
		spec = Spec{Assignment: wire.Assignment{WorkID: key.WorkID, Attempt: key.Attempt}}
	}
	spec.Host, spec.Incarnation = w.Host, w.Incarnation
	process, err := w.Launcher.Adopt(ctx, dir, spec)
	if err != nil {
		return Spec{}, nil, fmt.Errorf("adopt attempt %s: %w", spec.Code(), err)
	}
	return spec, process, nil
}

// See waits for the end of an attempt, or brings it about at its deadline or
// on an order, and returns the fact to report. An attempt that its outputs decide
// about is seen until they could be looked at, or a kill is ordered. When ctx
// ends first, it returns an error and leaves the processes alone.
func (w *Warden) See(ctx context.Context, dir Dir, spec Spec, process Process, orders <-chan Order) (wire.Fact, error) {
	over, forget := w.Guard.watch(dir, spec, process)
	ending, err := follow(ctx, process, w.Grace, causes{deadline: spec.Deadline(), orders: orders, over: over})
	forget()
	if err != nil {
		return wire.Fact{}, err
	}
	w.Guard.last(dir, spec, &ending)
	if w.Ended != nil && ending.Code != nil {
		w.Ended(spec, *ending.Code)
	}
	fact, err := w.report(ctx, dir, spec, ending.fenced(dir), orders)
	if err == nil {
		w.Point.reached("judged")
	}
	return fact, err
}

// Stillborn makes the fact about an attempt that could not run at all.
func (w *Warden) Stillborn(spec Spec, cause error) wire.Fact {
	now := time.Now().UnixMilli()
	return wire.Fact{
		Kind: wire.FactFinished, WorkID: spec.WorkID, Attempt: spec.Attempt,
		Host: w.Host, Incarnation: w.Incarnation, At: now,
		Reason: cause.Error(), Infra: true, StartedAt: spec.StartedAt, EndedAt: now,
	}
}
