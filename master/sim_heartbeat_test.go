package master_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"capricornus/master"
)

// TestSimTheOutsideMonitorIsCalledByTheLeader once a minute, whoever leads and
// whatever it answered; not without a leader; a monitor that hangs holds up
// nothing else.
func TestSimTheOutsideMonitorIsCalledByTheLeader(t *testing.T) {
	t.Parallel()
	type answer = func(context.Context) error
	var calls atomic.Int64
	var answers atomic.Value // answer
	s := setup{heartbeat: master.Heartbeat{Every: time.Minute, Call: func(ctx context.Context) error {
		calls.Add(1)
		return answers.Load().(answer)(ctx)
	}}}
	fine := func(context.Context) error { return nil }
	answers.Store(fine)
	simulate(t, s, func(t *testing.T, c *cluster) {
		within := func(length time.Duration, least, most int64) {
			t.Helper()
			before := calls.Load()
			c.pass(length)
			if n := calls.Load() - before; n < least || n > most {
				t.Errorf("got %d calls within %s, want %d to %d", n, length, least, most)
			}
		}
		wrong := func() string { return c.written("SELECT error FROM capri_service_run WHERE name = 'heartbeat'") }
		c.startMaster("m2")
		within(10*time.Minute, 10, 10)
		c.depose()
		within(5*time.Minute, 0, 0)
		c.elect("m2")
		within(10*time.Minute, 9, 11)

		answers.Store(func(context.Context) error { return errors.New("the monitor answered 500") })
		within(10*time.Minute, 10, 20)
		if got := wrong(); got != "the monitor answered 500" {
			t.Errorf("got %q, want what is wrong", got)
		}
		answers.Store(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		c.addWorker("w1")
		c.define("f", "period: hour")
		c.pass(2 * time.Hour)
		if n := c.number("SELECT COUNT(*) FROM capri_task_work WHERE state = 3"); n == 0 {
			t.Error("got no batch ended while the monitor hangs")
		}
		answers.Store(fine)
		c.pass(2 * time.Minute)
		within(10*time.Minute, 10, 10)
		if got := wrong(); got != "" {
			t.Errorf("got %q, want nothing wrong any more", got)
		}
	})
}
