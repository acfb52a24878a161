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

	"capricornus/common/fault"
	"capricornus/master/duty"
	"capricornus/master/election"
)

func TestTicks(t *testing.T) {
	t.Run("ComeAtOnceAndThenEachInterval", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := &clocked{}
			s := newEngine(t, every("depend", 10*time.Second, c))
			s.lead(t)
			elapse(time.Hour + time.Second)
			if got := c.calls(); got != 361 {
				t.Errorf("passes in an hour at 10 s: got %d, want 361", got)
			}
			s.finish(t)
		})
	})
	t.Run("FollowACronExpressionInTheEnginesZone", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			zone, err := time.LoadLocation("Asia/Shanghai")
			if err != nil {
				t.Fatal(err)
			}
			c := &clocked{}
			engine, err := duty.New(duty.Config{
				Duties: []duty.Duty{{Name: "report", Cron: "0 10 * * *", Run: c.run}},
				Zone:   zone, Logger: quiet(),
			})
			if err != nil {
				t.Fatal(err)
			}
			term, over := election.NewTerm(t.Context(), 1, "m1"), make(chan error, 1)
			go func() { over <- engine.Run(t.Context(), term) }()
			elapse(72 * time.Hour)
			term.End(nil)
			<-over
			if got := c.calls(); got != 4 {
				t.Errorf("passes in three days: got %d, want the first and 3", got)
			}
			for _, at := range c.times[1:] {
				if at.In(zone).Format("15:04:05") != "10:00:00" {
					t.Errorf("pass: got %v, want 10:00 in Shanghai", at.In(zone))
				}
			}
		})
	})
	t.Run("StopWithTheTermAndStartWithTheNext", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := &clocked{}
			s := newEngine(t, every("depend", time.Minute, c))
			s.lead(t)
			elapse(30 * time.Second)
			s.finish(t)
			elapse(time.Hour)
			if got := c.calls(); got != 1 {
				t.Errorf("passes after the term: got %d, want 1", got)
			}
			s.lead(t)
			elapse(61 * time.Second)
			s.finish(t)
			if got := c.calls(); got != 3 {
				t.Errorf("passes with a second term: got %d, want 3", got)
			}
		})
	})
}

func TestPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocked{does: func(_ context.Context, call int) (duty.Pass, error) {
			return duty.Pass{Rows: 10, More: call < 5}, nil
		}}
		s := newEngine(t, every("generate", time.Hour, c))
		s.lead(t)
		if got := s.only(); got.Passes != 1 || got.Rows != 50 || c.calls() != 5 {
			t.Errorf("pass of five pages: got %+v in %d calls, want 1 pass, 50 rows, 5 calls", got, c.calls())
		}
		if got := strings.Count(s.log.String(), "duty pass"); got != 1 || !strings.Contains(s.log.String(), "rows=50 pages=5") {
			t.Errorf("log: got %q, want one line of the pass", s.log.String())
		}
		s.finish(t)
	})
}

func TestNextWakesTheDuty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocked{does: func(_ context.Context, call int) (duty.Pass, error) {
			switch call {
			case 1: // two pages: the earlier wish counts
				return duty.Pass{More: true, Next: time.Now().Add(90 * time.Second)}, nil
			case 2:
				return duty.Pass{Next: time.Now().Add(3 * time.Minute)}, nil
			case 3: // a wish in the past must not spin
				return duty.Pass{Next: time.Now().Add(-time.Minute)}, nil
			}
			return duty.Pass{}, nil
		}}
		s := newEngine(t, every("guard", time.Hour, c))
		s.lead(t)
		elapse(30 * time.Minute)
		want := []time.Duration{0, 0, 90 * time.Second, 90*time.Second + 10*time.Millisecond}
		if got := c.since(); !slices.Equal(got, want) {
			t.Errorf("calls: got %v, want %v", got, want)
		}
		s.finish(t)
	})
}

func TestFailures(t *testing.T) {
	t.Run("AreTriedThreeTimesAndThenWithTheTick", func(t *testing.T) {
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
	})
	t.Run("HoldBackWakesButLoseNone", func(t *testing.T) {
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
	})
	t.Run("AreMadeOfPanics", func(t *testing.T) {
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
			for _, want := range []string{"level=ERROR", "no such state", "engine_test.go"} {
				if !strings.Contains(s.log.String(), want) {
					t.Errorf("log: got %q, want it to contain %q", s.log.String(), want)
				}
			}
			s.finish(t)
		})
	})
	t.Run("AreMadeOfPagesThatTakeTooLong", func(t *testing.T) {
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
		if got := context.Cause(s.term.Context()); got != errFenced {
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

func TestRunNow(t *testing.T) {
	t.Run("WaitsForAPassThatBeganAfterIt", func(t *testing.T) {
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
			if err := s.RunNow(t.Context(), "depend"); err != second {
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
	})
	t.Run("EndsWithTheTermOrTheCaller", func(t *testing.T) {
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
	})
	t.Run("IsRefusedWithoutATermOrADuty", func(t *testing.T) {
		s := newEngine(t, every("depend", time.Hour, &clocked{}))
		if got := fault.CodeOf(s.RunNow(t.Context(), "depend")); got != fault.NotLeader {
			t.Errorf("RunNow without a term: got %v, want %v", got, fault.NotLeader)
		}
		if got := fault.CodeOf(s.RunNow(t.Context(), "depnd")); got != fault.NotFound {
			t.Errorf("RunNow of an unknown duty: got %v, want %v", got, fault.NotFound)
		}
		s.Wake("depnd") // must not block
	})
}

func TestRecorderIsSparedTheHotPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocked{}
		s := newEngine(t, every("depend", time.Minute, c))
		s.lead(t)
		for range 6000 { // a minute of wakes each 10 ms
			s.Wake("depend")
			elapse(10 * time.Millisecond)
		}
		if got := c.calls(); got < 6000 {
			t.Errorf("passes: got %d, want 6000", got)
		}
		if started, ended, _ := s.book.told(); started < 6 || started > 8 || ended != started {
			t.Errorf("passes recorded: got %d started, %d ended, want 6 to 8 of each", started, ended)
		}
		s.finish(t)
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

func TestNewRefusesWrongDuties(t *testing.T) {
	run := (&clocked{}).run
	cases := map[string][]duty.Duty{
		"has no name":             {{Every: 1, Run: run}},
		"nothing to run":          {{Name: "a", Every: 1}},
		"either an interval or":   {{Name: "a", Run: run}},
		"or a cron expression":    {{Name: "a", Every: 1, Cron: "* * * * *", Run: run}},
		`cron "61 * * * *"`:       {{Name: "a", Cron: "61 * * * *", Run: run}},
		"must not be negative":    {{Name: "a", Every: -1, Run: run}},
		"two duties are named ab": {{Name: "ab", Every: 1, Run: run}, {Name: "ab", Every: 1, Run: run}},
	}
	for want, duties := range cases {
		_, err := duty.New(duty.Config{Duties: duties, Zone: time.UTC, Logger: quiet()})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New: got %v, want it to mention %q", err, want)
		}
	}
	if _, err := duty.New(duty.Config{}); err == nil {
		t.Error("New without a zone: got no error, want one")
	}
}
