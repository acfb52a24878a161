package election

import (
	"context"
	"errors"
	"fmt"
	"time"

	"capricornus/common/logs"
)

const (
	claimTimeout = 10 * time.Second // for raft and the database to answer a claim
	leadGrace    = 15 * time.Second // for lead to return after its term
	diskGrace    = time.Second      // the same when the disk is gone: others wait for our end
	firstDelay   = 200 * time.Millisecond
	lastDelay    = time.Second
	tellEvery    = time.Minute
)

// reign turns one leadership of raft into terms. Usually that is one; a node
// alone, which can give leadership to nobody, claims again.
func (e *Election) reign(ctx context.Context, lead Lead) error {
	for e.wait(ctx) {
		term, err := e.claim(ctx)
		if err != nil {
			e.refused(ctx, err)
		} else if err := e.lead(ctx, term, lead); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // a refusal was told by refused; the reign ends in order
		}
		e.giveAway(ctx)
	}
	return nil
}

// wait holds back a claim that follows a refusal; false when the reign is over.
func (e *Election) wait(ctx context.Context) bool {
	timer := time.NewTimer(time.Until(e.retryAt))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// holdBack makes the next claim wait, longer each time up to a second: once
// the database is back there must be a leader soon.
func (e *Election) holdBack() {
	e.delay = min(max(2*e.delay, firstDelay), lastDelay)
	e.retryAt = time.Now().Add(e.delay)
}

func (e *Election) claim(ctx context.Context) (*Term, error) {
	n := e.node.Load()
	claiming, cancel := context.WithTimeout(ctx, claimTimeout)
	defer cancel()
	index, err := n.claim(claiming, e.cfg.Advertise)
	if err != nil {
		return nil, err
	}
	claim := Claim{ClusterID: n.machine.cluster(), RaftIndex: index, Holder: e.cfg.Node, Adopt: e.adopt}
	epoch, err := e.claimer.Claim(claiming, claim)
	if err != nil {
		return nil, fmt.Errorf("claim at raft index %d: %w", index, err)
	}
	// Adopting is for the first claim: two clusters that kept the wish would
	// take the database from each other for ever.
	e.adopt = false
	e.delay, e.retryAt = 0, time.Time{}
	e.refusal.Store(nil)
	e.toldAt = time.Time{}
	return NewTerm(ctx, epoch, e.cfg.Node), nil
}

// refused notes why there is no term, aloud once a minute.
func (e *Election) refused(ctx context.Context, err error) {
	if ctx.Err() != nil {
		e.logger.Debug("leadership ended before its term began", logs.Node, e.cfg.Node, logs.Error(err))
		return
	}
	e.holdBack()
	reason := err.Error()
	e.refusal.Store(&reason)
	log := e.logger.Debug
	if time.Since(e.toldAt) >= tellEvery {
		log, e.toldAt = e.logger.Warn, time.Now()
	}
	log("claim refused, giving leadership away", logs.Node, e.cfg.Node, logs.Error(err))
}

// lead runs one term to its end. It returns an error only when the lead
// function outlives its term: then this process can lead no more.
func (e *Election) lead(ctx context.Context, term *Term, lead Lead) error {
	e.term.Store(term)
	began := time.Now()
	e.logger.Info("term begins", logs.Node, e.cfg.Node, logs.Term, term.Epoch)
	done := make(chan error, 1)
	go func() {
		err := lead(term.Context(), term)
		term.End(ErrReturned)
		done <- err
	}()
	<-term.Context().Done()
	e.term.Store(nil)

	cause := context.Cause(term.Context())
	grace := time.NewTimer(graceFor(cause))
	defer grace.Stop()
	var err error
	select {
	case err = <-done:
	case <-grace.C:
		return fmt.Errorf("term %d: its work did not stop within %v: %w", term.Epoch, graceFor(cause), cause)
	}
	e.logEnd(term, time.Since(began), errors.Join(cause, err))
	if ctx.Err() == nil {
		e.holdBack()
	}
	return nil
}

func graceFor(cause error) time.Duration {
	if errors.Is(cause, ErrDisk) {
		return diskGrace
	}
	return leadGrace
}

func (e *Election) logEnd(term *Term, lasted time.Duration, cause error) {
	log := e.logger.Warn
	if errors.Is(cause, ErrStopping) {
		log = e.logger.Info
	}
	log("term ended", logs.Node, e.cfg.Node, logs.Term, term.Epoch, "lasted", lasted.Round(time.Millisecond), logs.Error(cause))
}

// giveAway offers leadership to another member. Nobody taking it is no error:
// this node then claims again after its pause.
func (e *Election) giveAway(ctx context.Context) {
	if e.cfg.alone() {
		return
	}
	if err := e.node.Load().pass(ctx); err != nil {
		e.logger.Debug("leadership not taken", logs.Node, e.cfg.Node, logs.Error(err))
	}
}
