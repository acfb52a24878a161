package duty_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/master/duty"
	"capricornus/master/election"
)

func TestTicksComeAtOnceAndThenEachInterval(t *testing.T) {
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
}

func TestTicksFollowACronExpressionInTheEnginesZone(t *testing.T) {
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
		if err := <-over; err != nil {
			t.Errorf("Run: got %v, want no error", err)
		}
		if got := c.calls(); got != 4 {
			t.Errorf("passes in three days: got %d, want the first and 3", got)
		}
		for _, at := range c.times[1:] {
			if at.In(zone).Format("15:04:05") != "10:00:00" {
				t.Errorf("pass: got %v, want 10:00 in Shanghai", at.In(zone))
			}
		}
	})
}

func TestTicksStopWithTheTermAndStartWithTheNext(t *testing.T) {
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
		if got := strings.Count(s.log.String(), "duty pass"); got != 1 || !strings.Contains(s.log.String(), "n=50 pages=5") {
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
