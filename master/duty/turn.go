package duty

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"capricornus/common/logs"
	"capricornus/master/election"
)

const (
	quickTries    = 3                     // after a failure, before the next tick
	shortestNext  = 10 * time.Millisecond // a Next in the past must not spin
	recordEvery   = 10 * time.Second      // passes that only a wake asked for
	recordAtMost  = time.Second           // all passes without error
	recordTimeout = 2 * time.Second
	recordLast    = 50 * time.Millisecond // of it, once the term is over
)

// backOff is the pause after the n-th failure in a row.
func backOff(n int) time.Duration {
	switch n {
	case 1:
		return time.Second
	case 2:
		return 5 * time.Second
	default:
		return 30 * time.Second
	}
}

// turn is one duty in one term. It belongs to the duty's goroutine.
type turn struct {
	*runner
	term     *election.Term
	next     time.Time // when the last pass wants to be followed by another
	failures int       // in a row
	holdTo   time.Time // after a failure: no pass before, but by hand
	recorded time.Time // when the recorder was last told
}

// wait blocks until the next pass is due; false when the term is over.
func (t *turn) wait(ctx context.Context) bool {
	if t.failures > 0 {
		byHand, alive := t.hold(ctx)
		if !alive {
			return false
		}
		if byHand || t.failures <= quickTries {
			return true
		}
	}
	next, stop := alarm(t.next)
	defer stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.bell:
	case <-t.urgent:
	case <-next:
	}
	return ctx.Err() == nil
}

// hold waits for the end of a back-off. Wakes stay in the bell meanwhile.
func (t *turn) hold(ctx context.Context) (byHand, alive bool) {
	over, stop := alarm(t.holdTo)
	defer stop()
	select {
	case <-over:
		return false, ctx.Err() == nil
	case <-t.urgent:
		return true, ctx.Err() == nil
	case <-ctx.Done():
		return false, false
	}
}

// outcome is what all pages of one pass did.
type outcome struct {
	began  time.Time
	took   time.Duration
	rows   int
	pages  int
	next   time.Time
	err    error
	loud   bool // asked for by the clock or by hand, not by a wake
	told   bool // the recorder knows of the beginning
	active bool // the term lasted to the end

	panicked bool
}

// pass runs the duty page by page until there is no more.
func (t *turn) pass(ctx context.Context) {
	// Whoever rang until now is served by this pass, which begins now.
	t.bell.silence()
	t.urgent.silence()
	waiters := t.takeWaiters()
	o := outcome{began: time.Now(), loud: t.ticked.Swap(false) || len(waiters) > 0}
	t.note(func(s *Status) { s.Running, s.Began = true, o.began })
	t.recordStart(ctx, &o)
	pages := ctx
	if o.loud {
		pages = context.WithValue(ctx, asked{}, true)
	}
	if len(waiters) > 0 {
		pages = context.WithValue(pages, byHand{}, true)
	}
	for more := true; more; {
		more = t.page(pages, &o)
	}
	o.took = time.Since(o.began)
	_, o.panicked = errors.AsType[*panicked](o.err)
	o.active = ctx.Err() == nil
	if o.err != nil && !o.active && !o.panicked {
		o.err = fmt.Errorf("the term ended: %w", context.Cause(ctx))
	}
	t.settle(o)
	t.recordEnd(ctx, o)
	answer(waiters, o.err)
}

func (t *turn) page(ctx context.Context, o *outcome) (more bool) {
	p, err := t.call(ctx)
	o.rows += p.Rows
	o.pages++
	o.err = err
	if !p.Next.IsZero() && (o.next.IsZero() || p.Next.Before(o.next)) {
		o.next = p.Next
	}
	return err == nil && p.More && ctx.Err() == nil
}

// call is the one place where a duty is entered, and where its panics end.
func (t *turn) call(ctx context.Context) (p Pass, err error) {
	limit := t.duty.Timeout
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer func() {
		if value := recover(); value != nil {
			p, err = Pass{}, &panicked{value: value, stack: debug.Stack()}
		}
	}()
	p, err = t.duty.Run(limited, t.term)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("took longer than %v: %w", limit, err)
	}
	return p, err
}

// settle draws the consequences of a pass: numbers, log, back-off, or the end
// of the term.
func (t *turn) settle(o outcome) {
	failed := o.panicked || (o.err != nil && o.active)
	t.note(func(s *Status) {
		s.Running, s.Took, s.Err = false, o.took, o.err
		s.Passes++
		s.Rows += int64(o.rows)
		s.Failures += one(failed)
		s.Panics += one(o.panicked)
	})
	if failed {
		t.fail(o)
		return
	}
	if t.failures > 0 && o.err == nil {
		t.logger.Info("duty works again", logs.Failures, t.failures)
	}
	t.failures, t.next = 0, o.next
	if !t.next.IsZero() {
		t.next = t.next.Add(-t.ahead())
	}
	if o.rows == 0 {
		return
	}
	log := t.logger.Debug
	if o.loud {
		log = t.logger.Info
	}
	log("duty pass", logs.Count, o.rows, logs.Pages, o.pages, logs.Took, o.took.Round(time.Microsecond))
}

func (t *turn) fail(o outcome) {
	if t.fatal(o.err) {
		t.logger.Warn("duty ends the term", logs.Term, t.term.Epoch, logs.Error(o.err))
		t.term.End(o.err)
		return
	}
	t.failures++
	t.next = time.Time{}
	pause := backOff(t.failures)
	t.holdTo = time.Now().Add(pause)
	attrs := []any{logs.Failures, t.failures, logs.Count, o.rows, logs.Pause, pause, logs.Error(o.err)}
	if p, ok := errors.AsType[*panicked](o.err); ok {
		t.logger.Error("duty panicked", append(attrs, "stack", string(p.stack))...)
		return
	}
	if t.failures > quickTries {
		t.logger.Error("duty keeps failing", attrs...)
		return
	}
	t.logger.Warn("duty failed, trying again", attrs...)
}

// recordStart tells the recorder, unless nobody could miss it: a wake every few
// milliseconds must not cost a write each.
func (t *turn) recordStart(ctx context.Context, o *outcome) {
	since := o.began.Sub(t.recorded)
	if since < recordAtMost || (!o.loud && since < recordEvery) {
		return
	}
	t.recorded, o.told = o.began, true
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	t.recorder.Started(ctx, t.duty.Name, o.began)
}

// recordEnd outlives the term, but does not hold up its end: what was seen to
// start should be seen to end, and a database that is away is why terms end.
func (t *turn) recordEnd(ctx context.Context, o outcome) {
	if !o.told && (o.err == nil || !o.active) {
		return
	}
	t.recorded = o.began
	term := ctx
	ctx, cancel := context.WithTimeout(context.WithoutCancel(term), recordTimeout)
	defer cancel()
	unlink := context.AfterFunc(term, func() { time.AfterFunc(recordLast, cancel) })
	defer unlink()
	t.recorder.Ended(ctx, t.duty.Name, o.began.Add(o.took), o.rows, o.err)
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// panicked is a panic of a duty, as an error.
type panicked struct {
	value any
	stack []byte
}

// Error names the value that was panicked with.
func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }
