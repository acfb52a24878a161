package datapath

import (
	"context"
	"fmt"
	"sync/atomic"
)

// hung counts looks that were given up on and have not come back. A system
// call on a dead file system cannot be interrupted, only abandoned.
type hung struct {
	count atomic.Int64
	limit int64
}

type answer struct {
	identity Identity
	err      error
}

// bounded runs one look with the deadline of this Checker.
func (c *Checker) bounded(ctx context.Context, look func(context.Context) (Identity, error)) (Identity, error) {
	if n := c.hung.count.Load(); n >= c.hung.limit {
		return Absent, fmt.Errorf("%d earlier looks still hang: %w", n, ErrTimeout)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, ErrTimeout)
	defer cancel()
	done := make(chan answer, 1)
	var abandoned, returned atomic.Bool
	go func() {
		identity, err := look(ctx)
		done <- answer{identity, err}
		returned.Store(true)
		if abandoned.CompareAndSwap(true, false) {
			c.hung.count.Add(-1)
		}
	}()
	select {
	case got := <-done:
		return got.identity, got.err
	case <-ctx.Done():
	}
	c.hung.count.Add(1)
	abandoned.Store(true)
	if returned.Load() && abandoned.CompareAndSwap(true, false) {
		c.hung.count.Add(-1)
	}
	return Absent, context.Cause(ctx)
}
