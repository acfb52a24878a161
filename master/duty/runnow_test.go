package duty_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/fault"
	"capricornus/master/duty"
	"capricornus/master/election"
)

func TestRunNowWaitsForAPassThatBeganAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		second := errors.New("the second pass")
		c := &clocked{does: func(_ context.Context, call int) (duty.Pass, error) {
			elapse(40 * time.Second)
			if call == 2 {
				return duty.Pass{}, second
			}
			return duty.Pass{}, nil
		}}
		s := newEngine(t, every("depend", time.Hour, c))
		s.lead(t)
		elapse(30 * time.Second)
		began := time.Now()
		if err := s.RunNow(t.Context(), "depend"); !errors.Is(err, second) {
			t.Errorf("RunNow: got %v, want the error of the pass after the call", err)
		}
		if took := time.Since(began); took != 50*time.Second {
			t.Errorf("RunNow: took %v, want the rest of a pass and one more: 50s", took)
		}
		if err := s.RunNow(t.Context(), "depend"); err != nil || time.Since(began) != 90*time.Second {
			t.Errorf("RunNow in a back-off: got %v after %v, want no wait for it", err, time.Since(began))
		}
		s.finish(t)
	})
}

// TestPassesKnowWhetherTheyWereAskedFor tells ticks and runs by hand from wakes.
func TestPassesKnowWhetherTheyWereAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []bool
		c := &clocked{does: func(ctx context.Context, _ int) (duty.Pass, error) {
			got = append(got, duty.Asked(ctx))
			return duty.Pass{}, nil
		}}
		s := newEngine(t, every("depend", time.Minute, c))
		s.lead(t)
		elapse(10 * time.Second)
		s.Wake("depend")
		elapse(10 * time.Second)
		if err := s.RunNow(t.Context(), "depend"); err != nil {
			t.Errorf("RunNow: got %v, want no error", err)
		}
		elapse(41 * time.Second) // a tick
		s.finish(t)
		if want := []bool{true, false, true, true}; !slices.Equal(got, want) {
			t.Errorf("got passes asked for %v, want %v: the first, a wake, by hand, a tick", got, want)
		}
	})
}

func TestRunNowEndsWithTheTermOrTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocked{does: func(ctx context.Context, _ int) (duty.Pass, error) {
			<-ctx.Done()
			return duty.Pass{}, ctx.Err()
		}}
		s := newEngine(t, every("depend", time.Hour, c))
		s.lead(t)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.RunNow(short, "depend"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("RunNow of an impatient caller: got %v, want %v", err, context.DeadlineExceeded)
		}
		result := make(chan error, 1)
		go func() { result <- s.RunNow(t.Context(), "depend") }()
		synctest.Wait()
		s.finish(t)
		if err := <-result; !errors.Is(err, election.ErrLost) {
			t.Errorf("RunNow over the end of a term: got %v, want %v", err, election.ErrLost)
		}
		if strings.Contains(s.log.String(), "fail") {
			t.Errorf("log: got %q, want no failure for the end of a term", s.log.String())
		}
	})
}

func TestRunNowIsRefusedWithoutATermOrADuty(t *testing.T) {
	s := newEngine(t, every("depend", time.Hour, &clocked{}))
	if got := fault.CodeOf(s.RunNow(t.Context(), "depend")); got != fault.NotLeader {
		t.Errorf("RunNow without a term: got %v, want %v", got, fault.NotLeader)
	}
	if got := fault.CodeOf(s.RunNow(t.Context(), "depnd")); got != fault.NotFound {
		t.Errorf("RunNow of an unknown duty: got %v, want %v", got, fault.NotFound)
	}
	s.Wake("depnd") // must not block
}
