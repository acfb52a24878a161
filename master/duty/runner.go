package duty

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"capricornus/common/logs"
	"capricornus/master/election"
)

// runner is one duty of an engine. It outlives terms; what belongs to one term
// is in turn.
type runner struct {
	duty     Duty
	recorder Recorder
	fatal    func(error) bool
	ahead    func() time.Duration
	logger   *slog.Logger

	bell   bell          // ticks and wakes
	urgent bell          // runs by hand
	ticked atomic.Bool   // a tick is among what the bell rang for
	busy   chan struct{} // one slot, taken by the goroutine that may run the duty

	mu      sync.Mutex
	waiters []chan<- error // of RunNow, for the next pass to begin
	status  Status
}

func newRunner(d Duty, cfg Config) *runner {
	if d.Timeout == 0 {
		d.Timeout = defaultTimeout
	}
	return &runner{
		duty:     d,
		recorder: cfg.Recorder,
		fatal:    cfg.Fatal,
		ahead:    cfg.Ahead,
		logger:   cfg.Logger.With(logs.Duty, d.Name),
		bell:     make(bell, 1),
		urgent:   make(bell, 1),
		busy:     make(chan struct{}, 1),
		status:   Status{Name: d.Name},
	}
}

// lead is the duty's goroutine for one term.
func (r *runner) lead(ctx context.Context, term *election.Term) {
	select {
	case r.busy <- struct{}{}:
		defer func() { <-r.busy }()
	case <-ctx.Done():
		return
	}
	t := &turn{runner: r, term: term}
	r.ticked.Store(true) // the first pass is as good as a tick
	for ctx.Err() == nil {
		t.pass(ctx)
		if !t.wait(ctx) {
			return
		}
	}
}

func (r *runner) tick() {
	r.ticked.Store(true)
	r.bell.ring()
}

// enlist returns where the end of the next pass that begins is told.
func (r *runner) enlist() <-chan error {
	result := make(chan error, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiters = append(r.waiters, result)
	return result
}

func (r *runner) takeWaiters() []chan<- error {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.waiters
	r.waiters = nil
	return taken
}

func answer(waiters []chan<- error, err error) {
	for _, w := range waiters {
		w <- err // has room for its only value
	}
}

func (r *runner) snapshot() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

func (r *runner) note(change func(*Status)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.status)
}

// bell is rung by many and heard by one. Its only slot makes rings coalesce.
type bell chan struct{}

func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

func (b bell) silence() {
	select {
	case <-b:
	default:
	}
}

// alarm returns a channel that fires at the given time, never for none, and a
// function that stops it.
func alarm(at time.Time) (<-chan time.Time, func()) {
	if at.IsZero() {
		return nil, func() {}
	}
	timer := time.NewTimer(max(time.Until(at), shortestNext))
	return timer.C, func() { timer.Stop() }
}
