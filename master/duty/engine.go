package duty

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/master/election"
)

// stopGrace is how long duties may take to notice the end of their term.
const stopGrace = 10 * time.Second

// Config is what an engine runs and with what.
type Config struct {
	Duties   []Duty
	Recorder Recorder         // may be nil
	Zone     *time.Location   // of the cron expressions
	Fatal    func(error) bool // which errors end the term, such as a fenced write; may be nil
	Logger   *slog.Logger
	// Ahead is how far the clock that Pass.Next is told by is ahead of this
	// process's; nil: they are the same.
	Ahead func() time.Duration
}

// Engine runs the duties, one term after the other.
type Engine struct {
	cfg     Config
	runners []*runner

	mu      sync.Mutex
	leading bool
}

// New checks the duties; nothing runs before Run.
func New(cfg Config) (*Engine, error) {
	if cfg.Zone == nil {
		return nil, errors.New("duty engine: no time zone")
	}
	if cfg.Ahead == nil {
		cfg.Ahead = func() time.Duration { return 0 }
	}
	if cfg.Recorder == nil {
		cfg.Recorder = nobody{}
	}
	if cfg.Fatal == nil {
		cfg.Fatal = func(error) bool { return false }
	}
	e := &Engine{cfg: cfg}
	for _, d := range cfg.Duties {
		if err := d.validate(cfg.Zone); err != nil {
			return nil, fmt.Errorf("duty engine: %w", err)
		}
		if e.find(d.Name) != nil {
			return nil, fmt.Errorf("duty engine: two duties are named %s", d.Name)
		}
		e.runners = append(e.runners, newRunner(d, cfg))
	}
	return e, nil
}

// Run runs all duties until the term or ctx is over. Each begins with a pass.
// It returns an error when the clock could not be started, or when a duty did
// not stop in time; such a duty is not run again before its old pass is over.
func (e *Engine) Run(ctx context.Context, term *election.Term) error {
	if !e.begin() {
		return errors.New("duty engine: a term is running already")
	}
	// Under the term's context, so that ending the term stops all at once.
	work, cancel := context.WithCancelCause(term.Context())
	defer cancel(nil)
	unlink := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	defer unlink()

	clock, err := e.startClock()
	if err != nil {
		e.end(err)
		return err
	}
	var running sync.WaitGroup
	for _, r := range e.runners {
		running.Go(func() { r.lead(work, term) })
	}
	<-work.Done()
	err = errors.Join(clock.Shutdown(), e.await(&running))
	e.end(fmt.Errorf("the term ended: %w", context.Cause(work)))
	return err
}

// Wake asks for a pass of a duty as soon as its back-off allows. It never
// blocks and may be called at any time; without a term it changes nothing,
// because a term begins with a pass.
func (e *Engine) Wake(name string) {
	r := e.find(name)
	if r == nil {
		e.cfg.Logger.Warn("no such duty to wake", logs.Duty, name)
		return
	}
	r.bell.ring()
}

// RunNow asks for a pass of a duty at once and waits for its end: a pass that
// began after the call. It returns what the pass returned.
func (e *Engine) RunNow(ctx context.Context, name string) error {
	r := e.find(name)
	if r == nil {
		return fault.New(fault.NotFound, "there is no service %q", name).WithHint("one of: %s", strings.Join(e.Names(), ", "))
	}
	result, err := e.enlist(r)
	if err != nil {
		return err
	}
	r.urgent.ring()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for duty %s: %w", name, context.Cause(ctx))
	}
}

// Names lists the duties in their given order.
func (e *Engine) Names() []string {
	names := make([]string, len(e.runners))
	for i, r := range e.runners {
		names[i] = r.duty.Name
	}
	return names
}

// Intervals are the times between the ticks of the duties, by name; 0 for those
// that go by a cron expression.
func (e *Engine) Intervals() map[string]time.Duration {
	out := make(map[string]time.Duration, len(e.runners))
	for _, r := range e.runners {
		out[r.duty.Name] = r.duty.Every
	}
	return out
}

// Status describes each duty, in the given order.
func (e *Engine) Status() []Status {
	out := make([]Status, len(e.runners))
	for i, r := range e.runners {
		out[i] = r.snapshot()
	}
	return out
}

func (e *Engine) find(name string) *runner {
	i := slices.IndexFunc(e.runners, func(r *runner) bool { return r.duty.Name == name })
	if i < 0 {
		return nil
	}
	return e.runners[i]
}

func (e *Engine) begin() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.leading {
		return false
	}
	e.leading = true
	return true
}

// end answers those who still wait for a pass; nobody can join them any more.
func (e *Engine) end(cause error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.leading = false
	for _, r := range e.runners {
		answer(r.takeWaiters(), cause)
	}
}

func (e *Engine) enlist(r *runner) (<-chan error, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.leading {
		return nil, fault.New(fault.NotLeader, "this master leads no term now")
	}
	return r.enlist(), nil
}

// startClock makes a fresh scheduler for a term. It only rings bells: gocron
// knows neither missed ticks nor what a tick was for.
func (e *Engine) startClock() (gocron.Scheduler, error) {
	clock, err := gocron.NewScheduler(gocron.WithLocation(e.cfg.Zone), gocron.WithStopTimeout(time.Second))
	if err != nil {
		return nil, fmt.Errorf("duty engine: make clock: %w", err)
	}
	for _, r := range e.runners {
		when := gocron.DurationJob(r.duty.Every)
		if r.duty.Cron != "" {
			when = gocron.CronJob(r.duty.Cron, true)
		}
		if _, err := clock.NewJob(when, gocron.NewTask(r.tick), gocron.WithName(r.duty.Name)); err != nil {
			return nil, errors.Join(fmt.Errorf("duty engine: clock of %s: %w", r.duty.Name, err), clock.Shutdown())
		}
	}
	clock.Start()
	return clock, nil
}

func (e *Engine) await(running *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	timer := time.NewTimer(stopGrace)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return fmt.Errorf("duty engine: %s did not stop within %v", strings.Join(e.running(), ", "), stopGrace)
	}
}

func (e *Engine) running() []string {
	var names []string
	for _, s := range e.Status() {
		if s.Running {
			names = append(names, s.Name)
		}
	}
	return names
}

type nobody struct{}

func (nobody) Started(context.Context, string, time.Time)           {}
func (nobody) Ended(context.Context, string, time.Time, int, error) {}
