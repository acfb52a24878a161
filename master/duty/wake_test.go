package duty_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"capricornus/master/duty"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestWakes(t *testing.T) {
	t.Run("CoalesceWhileAPassRuns", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := &clocked{does: func(context.Context, int) (duty.Pass, error) {
				elapse(time.Second)
				return duty.Pass{}, nil
			}}
			s := newEngine(t, every("depend", time.Hour, c))
			s.lead(t)
			for range 100 {
				s.Wake("depend")
			}
			elapse(time.Minute)
			if got := c.calls(); got != 2 {
				t.Errorf("passes after 100 wakes in one: got %d, want 2", got)
			}
			s.finish(t)
		})
	})
	t.Run("StartAPassInTheSameInstant", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := &clocked{}
			s := newEngine(t, every("depend", time.Hour, c))
			s.lead(t)
			elapse(time.Minute)
			s.Wake("depend")
			synctest.Wait()
			if got := c.since(); len(got) != 2 || got[1] != time.Minute {
				t.Errorf("calls: got %v, want one at the wake", got)
			}
			s.finish(t)
		})
	})
}

func TestWakeDuringABackOffIsServedByTheRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocked{does: func(_ context.Context, call int) (duty.Pass, error) {
			if call == 1 {
				return duty.Pass{}, errors.New("database is away")
			}
			return duty.Pass{}, nil
		}}
		s := newEngine(t, every("depend", time.Hour, c))
		s.lead(t)
		s.Wake("depend")
		elapse(time.Minute)
		if got := c.since(); len(got) != 2 || got[1] != time.Second {
			t.Errorf("calls: got %v, want the first and the retry after 1s", got)
		}
		s.finish(t)
	})
}

// plan is what a random test does to a duty: pauses between wakes, and how long
// the passes take.
type plan struct {
	pauses []int // ms before each wake
	passes []int // ms of each pass, again from the start after the last
	wakers int
}

// TestEveryWakeIsFollowedByAPass: for each wake, a pass starts after it.
func TestEveryWakeIsFollowedByAPass(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := plan{
			pauses: rapid.SliceOfN(rapid.IntRange(0, 30), 1, 60).Draw(rt, "pauses"),
			passes: rapid.SliceOfN(rapid.IntRange(0, 50), 1, 10).Draw(rt, "passes"),
			wakers: rapid.IntRange(1, 4).Draw(rt, "wakers"),
		}
		var lost, passes, wakes int
		synctest.Test(t, func(t *testing.T) { lost, passes, wakes = play(t, p) })
		if lost > 0 {
			rt.Fatalf("wakes without a pass after them: got %d of %d, want none", lost, wakes)
		}
		if passes > wakes+1 {
			rt.Fatalf("passes: got %d, want at most one for each of %d wakes and the first", passes, wakes)
		}
	})
}

func play(t *testing.T, p plan) (lost, passes, wakes int) {
	t.Helper()
	var mu sync.Mutex
	open := 0 // wakes that no pass has started after
	c := &clocked{does: func(_ context.Context, call int) (duty.Pass, error) {
		mu.Lock()
		open = 0
		mu.Unlock()
		elapse(time.Duration(p.passes[call%len(p.passes)]) * time.Millisecond)
		return duty.Pass{}, nil
	}}
	s := newEngine(t, every("depend", 24*time.Hour, c))
	s.lead(t)
	var wakers sync.WaitGroup
	for range p.wakers {
		wakers.Go(func() {
			for _, pause := range p.pauses {
				elapse(time.Duration(pause) * time.Millisecond)
				mu.Lock()
				open++
				wakes++
				mu.Unlock()
				s.Wake("depend")
			}
		})
	}
	wakers.Wait()
	elapse(time.Second)
	s.finish(t)
	return open, c.calls(), wakes
}
