package election

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"

	"capricornus/common/logs"
)

const (
	claimTimeout = 5 * time.Second  // for raft and the database to answer a claim
	leadGrace    = 15 * time.Second // for lead to return after its term
	diskGrace    = time.Second      // the same when the disk is gone: others wait for our end
	firstDelay   = 200 * time.Millisecond
	lastDelay    = time.Second
	stuckAfter   = 30 // claims in a row, of which one a second follows another
	tellEvery    = time.Minute
)

// reign turns one leadership of raft into terms. Usually that is one; a node
// that finds nobody to give leadership to claims again.
func (e *Election) reign(ctx context.Context, lead Lead) error {
	e.trying = time.Time{}
	for e.wait(ctx) {
		again, err := e.try(ctx, lead)
		switch {
		case err != nil:
			return err
		case again || ctx.Err() != nil:
			continue
		default:
			e.giveAway(ctx)
		}
	}
	return nil
}

// try claims a term once and leads it to its end. It says whether this node,
// whose claim failed, has patience left to claim again. An error means that
// this process can lead no more.
func (e *Election) try(ctx context.Context, lead Lead) (again bool, err error) {
	term, err := e.claim(ctx)
	if err == nil {
		return false, e.lead(ctx, term, lead)
	}
	if ctx.Err() != nil {
		e.logger.Debug("leadership ended before its term began", logs.Node, e.cfg.Node, logs.Error(err))
		return false, nil //nolint:nilerr // told here; the leadership ends in order
	}
	if e.isStuck(err) {
		return false, fmt.Errorf("raft takes no entries any more: %w", err)
	}
	e.refused(err)
	return e.keepsTrying(), nil
}

// isStuck notices that raft goes on believing that it hands leadership over: it
// then takes no entries and hands nothing over, and only a restart helps.
func (e *Election) isStuck(refusal error) bool {
	if !errors.Is(refusal, raft.ErrLeadershipTransferInProgress) {
		e.stuck = 0
		return false
	}
	e.stuck++
	return e.stuck > stuckAfter
}

// keepsTrying says whether this node, whose claim failed, has patience left.
func (e *Election) keepsTrying() bool {
	if e.trying.IsZero() {
		e.trying = time.Now()
	}
	if time.Since(e.trying) < patience(e.defeats) {
		return true
	}
	e.defeats++
	e.trying = time.Time{}
	return false
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

// holdBack makes the next claim wait.
func (e *Election) holdBack() {
	e.delay = holdBackAfter(e.delay)
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
	if err := n.correctAddress(claiming); err != nil {
		e.logger.Warn("the cluster does not know this node's new address", logs.Node, e.cfg.Node, logs.Error(err))
	}
	claim := Claim{ClusterID: n.machine.cluster(), RaftIndex: index, Holder: e.cfg.Node, Adopt: e.adopt}
	epoch, err := e.claimer.Claim(claiming, claim)
	if err != nil {
		return nil, fmt.Errorf("claim at raft index %d: %w", index, err)
	}
	// Adopting is for the first claim: two clusters that kept the wish would
	// take the database from each other for ever.
	e.adopt = false
	e.delay, e.retryAt, e.defeats = 0, time.Time{}, 0
	e.refusal.Store(nil)
	e.toldAt = time.Time{}
	return NewTerm(ctx, epoch, e.cfg.Node), nil
}

// refused notes why there is no term, aloud once a minute.
func (e *Election) refused(err error) {
	e.holdBack()
	reason := err.Error()
	e.refusal.Store(&reason)
	log := e.logger.Debug
	if time.Since(e.toldAt) >= tellEvery {
		log, e.toldAt = e.logger.Warn, time.Now()
	}
	log("claim refused", logs.Node, e.cfg.Node, logs.Error(err))
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
	if err := e.node.Load().pass(ctx); err != nil {
		e.logger.Debug("leadership not taken", logs.Node, e.cfg.Node, logs.Error(err))
	}
}
