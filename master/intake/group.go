package intake

import (
	"context"
	"errors"
	"sync"
)

// group gathers calls while one flush is in flight and answers them together:
// group commit without a timer (exactly.md 25). At most maxGroup items go into
// one flush.
type group[T, R any] struct {
	flush   func(ctx context.Context, items []T) ([]R, error)
	mu      sync.Mutex
	waiting []call[T, R]
	busy    bool
}

type call[T, R any] struct {
	ctx    context.Context //nolint:containedctx // the caller's, for as long as it waits
	items  []T
	answer chan<- answer[R]
}

type answer[R any] struct {
	results []R
	err     error
}

const maxGroup = 500

func newGroup[T, R any](flush func(ctx context.Context, items []T) ([]R, error)) *group[T, R] {
	return &group[T, R]{flush: flush}
}

// do hands items in and waits for their results, or for the caller to give up:
// then the items may or may not be written, which is why facts are idempotent.
func (g *group[T, R]) do(ctx context.Context, items []T) ([]R, error) {
	if len(items) == 0 {
		return nil, nil
	}
	ready := make(chan answer[R], 1)
	g.mu.Lock()
	g.waiting = append(g.waiting, call[T, R]{ctx: ctx, items: items, answer: ready})
	lead := !g.busy
	g.busy = true
	g.mu.Unlock()
	if lead {
		go g.drain(context.WithoutCancel(ctx))
	}
	select {
	case a := <-ready:
		return a.results, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// drain flushes until nothing waits any more.
func (g *group[T, R]) drain(ctx context.Context) {
	for {
		calls := g.next()
		if len(calls) == 0 {
			return
		}
		g.serve(ctx, calls)
	}
}

// next takes the calls of one flush; it leaves the group idle when there are none.
func (g *group[T, R]) next() []call[T, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, items := 0, 0
	for n < len(g.waiting) && (n == 0 || items+len(g.waiting[n].items) <= maxGroup) {
		items += len(g.waiting[n].items)
		n++
	}
	calls := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.busy = n > 0
	return calls
}

func (g *group[T, R]) serve(ctx context.Context, calls []call[T, R]) {
	var items []T
	live := calls[:0:0]
	for _, c := range calls {
		if c.ctx.Err() == nil {
			items = append(items, c.items...)
			live = append(live, c)
		}
	}
	if len(live) == 0 {
		return
	}
	results, err := g.flush(ctx, items)
	if err == nil && len(results) != len(items) {
		err = errors.New("group: wrong number of results")
	}
	for _, c := range live {
		if err != nil {
			c.answer <- answer[R]{err: err}
			continue
		}
		c.answer <- answer[R]{results: results[:len(c.items):len(c.items)]}
		results = results[len(c.items):]
	}
}
