package duty_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"capricornus/master/duty"
	"capricornus/master/election"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errFenced = errors.New("fenced")

// elapse lets virtual time go by.
func elapse(d time.Duration) { <-time.After(d) }

// stage is an engine with one term, in a bubble of virtual time.
type stage struct {
	*duty.Engine
	term *election.Term
	log  *lines
	book *book
	over chan error
}

func newEngine(t *testing.T, duties ...duty.Duty) *stage {
	t.Helper()
	s := &stage{log: &lines{}, book: &book{}}
	engine, err := duty.New(duty.Config{
		Duties:   duties,
		Recorder: s.book,
		Zone:     time.UTC,
		Fatal:    func(err error) bool { return errors.Is(err, errFenced) },
		Logger:   slog.New(slog.NewTextHandler(s.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Engine = engine
	return s
}

// lead begins a term.
func (s *stage) lead(t *testing.T) {
	t.Helper()
	s.term, s.over = election.NewTerm(t.Context(), 7, "m1"), make(chan error, 1)
	go func() { s.over <- s.Run(s.term.Context(), s.term) }()
	synctest.Wait()
}

// finish ends the term and waits until the engine has stopped.
func (s *stage) finish(t *testing.T) {
	t.Helper()
	s.term.End(election.ErrLost)
	if err := <-s.over; err != nil {
		t.Errorf("Run: got %v, want no error", err)
	}
}

func (s *stage) only() duty.Status { return s.Status()[0] }

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// book notes what the recorder is told.
type book struct {
	mu             sync.Mutex
	started, ended int
	errs           []error
}

func (b *book) Started(context.Context, string, time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.started++
}

func (b *book) Ended(_ context.Context, _ string, _ time.Time, _ int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended++
	if err != nil {
		b.errs = append(b.errs, err)
	}
}

func (b *book) told() (started, ended int, errs []error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.started, b.ended, b.errs
}

// clocked is a duty that notes when it ran and does what it is told.
type clocked struct {
	mu    sync.Mutex
	times []time.Time
	does  func(ctx context.Context, call int) (duty.Pass, error)
}

func (c *clocked) run(ctx context.Context, _ *election.Term) (duty.Pass, error) {
	c.mu.Lock()
	c.times = append(c.times, time.Now())
	call := len(c.times)
	c.mu.Unlock()
	if c.does == nil {
		return duty.Pass{}, nil
	}
	return c.does(ctx, call)
}

func (c *clocked) calls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.times)
}

// since returns the times of the calls, counted from the first.
func (c *clocked) since() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []time.Duration
	for _, at := range c.times {
		out = append(out, at.Sub(c.times[0]).Round(time.Millisecond))
	}
	return out
}

func every(name string, d time.Duration, c *clocked) duty.Duty {
	return duty.Duty{Name: name, Every: d, Run: c.run}
}
