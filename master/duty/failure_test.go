package duty_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/master/duty"
)

func TestFailuresAreTriedThreeTimesAndThenWithTheTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocked{does: func(_ context.Context, call int) (duty.Pass, error) {
			if call < 6 {
				return duty.Pass{}, errors.New("database is away")
			}
			return duty.Pass{}, nil
		}}
		s := newEngine(t, every("assign", 2*time.Minute, c))
		s.lead(t)
		elapse(6*time.Minute + 30*time.Second)
		want := []time.Duration{0, time.Second, 6 * time.Second, 36 * time.Second, 2 * time.Minute, 4 * time.Minute, 6 * time.Minute}
		if got := c.since(); !slices.Equal(got, want) {
			t.Errorf("calls: got %v, want %v", got, want)
		}
		log := s.log.String()
		for line, want := range map[string]int{"level=WARN": 3, "level=ERROR": 2, "duty works again": 1} {
			if got := strings.Count(log, line); got != want {
				t.Errorf("log lines with %q: got %d, want %d:\n%s", line, got, want, log)
			}
		}
		if got := s.only(); got.Failures != 5 || got.Err != nil {
			t.Errorf("status: got %+v, want 5 failures and no present error", got)
		}
		if _, _, errs := s.book.told(); len(errs) != 5 {
			t.Errorf("errors recorded: got %v, want 5", errs)
		}
		s.finish(t)
	})
}

func TestFailuresHoldBackWakesButLoseNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocked{does: func(_ context.Context, call int) (duty.Pass, error) {
			if call <= 4 {
				return duty.Pass{}, errors.New("database is away")
			}
			return duty.Pass{}, nil
		}}
		s := newEngine(t, every("assign", time.Hour, c))
		s.lead(t)
		for range 60 {
			s.Wake("assign")
			elapse(time.Second)
		}
		want := []time.Duration{0, time.Second, 6 * time.Second, 36 * time.Second}
		if got := c.since(); !slices.Equal(got, want) {
			t.Errorf("calls in a minute of wakes: got %v, want %v", got, want)
		}
		elapse(10 * time.Second)
		if got := c.since(); len(got) != 5 || got[4] != 66*time.Second {
			t.Errorf("calls: got %v, want the fifth after the back-off of 30 s", got)
		}
		s.finish(t)
	})
}

func TestFailuresAreMadeOfPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocked{does: func(_ context.Context, call int) (duty.Pass, error) {
			if call == 1 {
				panic("no such state")
			}
			return duty.Pass{}, nil
		}}
		s := newEngine(t, every("depend", time.Hour, c))
		s.lead(t)
		elapse(2 * time.Second)
		if got := s.only(); got.Panics != 1 || got.Failures != 1 || got.Passes != 2 {
			t.Errorf("status: got %+v, want 1 panic, 1 failure, 2 passes", got)
		}
		for _, want := range []string{"level=ERROR", "no such state", "failure_test.go"} {
			if !strings.Contains(s.log.String(), want) {
				t.Errorf("log: got %q, want it to contain %q", s.log.String(), want)
			}
		}
		s.finish(t)
	})
}

func TestFailuresAreMadeOfPagesThatTakeTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocked{does: func(ctx context.Context, _ int) (duty.Pass, error) {
			<-ctx.Done()
			return duty.Pass{}, ctx.Err()
		}}
		s := newEngine(t, duty.Duty{Name: "depend", Every: time.Hour, Timeout: 5 * time.Second, Run: c.run})
		s.lead(t)
		elapse(5500 * time.Millisecond)
		if got := s.only().Err; got == nil || !strings.Contains(got.Error(), "longer than 5s") {
			t.Errorf("error: got %v, want one that names the limit", got)
		}
		s.finish(t)
	})
}

func TestFencedWriteEndsTheTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fenced := &clocked{does: func(context.Context, int) (duty.Pass, error) {
			elapse(time.Second)
			return duty.Pass{}, errFenced
		}}
		other := &clocked{}
		s := newEngine(t, every("assign", time.Hour, fenced), every("depend", time.Second, other))
		s.lead(t)
		elapse(time.Minute)
		if err := <-s.over; err != nil {
			t.Errorf("Run: got %v, want no error", err)
		}
		if got := context.Cause(s.term.Context()); !errors.Is(got, errFenced) {
			t.Errorf("cause of the term's end: got %v, want %v", got, errFenced)
		}
		if a, b := fenced.calls(), other.calls(); a != 1 || b > 2 {
			t.Errorf("passes: got %d and %d, want 1 and none after the end", a, b)
		}
		if got := strings.Count(s.log.String(), "level="); got != 1 {
			t.Errorf("log: got %q, want one line", s.log.String())
		}
	})
}

func TestDutyThatIgnoresTheEndOfItsTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var together atomic.Int64
		release := make(chan struct{})
		c := &clocked{does: func(_ context.Context, call int) (duty.Pass, error) {
			defer together.Add(-1)
			if together.Add(1) > 1 {
				t.Error("two passes of one duty at once")
			}
			if call == 1 {
				<-release
			}
			return duty.Pass{}, nil
		}}
		s := newEngine(t, every("depend", time.Hour, c), every("assign", time.Hour, &clocked{}))
		s.lead(t)
		s.term.End(nil)
		if err := <-s.over; err == nil || !strings.Contains(err.Error(), "depend did not stop") {
			t.Errorf("Run: got %v, want an error naming the duty", err)
		}
		s.lead(t)
		elapse(time.Minute)
		if got := c.calls(); got != 1 {
			t.Errorf("passes while the old one hangs: got %d, want 1", got)
		}
		close(release)
		elapse(time.Minute)
		if got := c.calls(); got != 2 {
			t.Errorf("passes after the old one ended: got %d, want 2", got)
		}
		s.finish(t)
	})
}
