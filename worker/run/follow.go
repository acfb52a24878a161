package run

import (
	"context"
	"fmt"
	"time"
)

// Order ends an attempt before its time.
type Order struct {
	Lease  bool // the lease ran out: nobody's wish, so the batch may be tried again
	Over   bool // the attempt went over a limit of the worker: a failure of its own
	Reason string
}

// Ending is how an attempt ended, and why.
type Ending struct {
	Exit
	TimedOut bool
	Killed   bool  // on command
	Fenced   bool  // because the lease ran out
	Over     bool  // because it went over a limit
	Memory   int64 // bytes it is known to have used by that; 0: samples tell
	Reason   string
}

// causes are what may end an attempt before its time.
type causes struct {
	deadline time.Time    // zero: none
	orders   <-chan Order // of the masters, or for the lease
	over     <-chan Order // of the guard
}

// follow waits for the end of an attempt and brings it about for a cause. When
// ctx ends first, it returns its error and leaves the processes alone.
func follow(ctx context.Context, p Process, grace time.Duration, why causes) (Ending, error) {
	var timeout <-chan time.Time
	if !why.deadline.IsZero() {
		timer := time.NewTimer(time.Until(why.deadline))
		defer timer.Stop()
		timeout = timer.C
	}
	var ending Ending
	select {
	case <-p.Done(): // before anything else: what has ended by itself is too late for a deadline or an order
		ending.Exit = p.Exit()
		return ending, nil
	default:
	}
	select {
	case <-p.Done():
		ending.Exit = p.Exit()
		return ending, nil
	case <-ctx.Done():
		return Ending{}, ctx.Err()
	case <-timeout:
		ending.TimedOut = true
		ending.Reason = "run timeout"
	case order := <-why.orders:
		ending.obey(order)
	case order := <-why.over:
		ending.obey(order)
	}
	if err := p.Kill(ctx, grace); err != nil {
		return Ending{}, fmt.Errorf("kill attempt: %w", err)
	}
	<-p.Done()
	ending.Exit = p.Exit()
	return ending, nil
}

func (e *Ending) obey(order Order) {
	e.Killed, e.Fenced, e.Over = !order.Lease && !order.Over, order.Lease, order.Over
	e.Reason = order.Reason
}

// byItself reports whether nobody brought the end about.
func (e *Ending) byItself() bool { return !e.Killed && !e.Fenced && !e.Over && !e.TimedOut }

// Silence is how long it is since the last contact: by the wall clock or by the
// running time of the host, whichever is longer, so that neither a clock set
// back nor a sleeping host makes a lease longer.
func Silence(last, now time.Time) time.Duration {
	return max(now.Sub(last), now.Round(0).Sub(last.Round(0)))
}
