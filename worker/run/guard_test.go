package run

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/worker/cgroup"
)

// quietDir is an attempt's directory of which only the log matters.
type quietDir struct {
	Dir
	log     int64
	trimmed atomic.Int32
}

func (d *quietDir) Path() string            { return "/d" }
func (d *quietDir) LogSize() (int64, error) { return d.log, nil }
func (d *quietDir) TrimLog(int64) error     { d.trimmed.Add(1); return nil }

// figure is a process that only has a number.
type figure struct {
	Process
	pid int
}

func (f figure) Pid() int { return f.pid }

func guardOf(limits Limits, use Use, exact int64) *Guard {
	return &Guard{
		Limits: limits, Every: time.Second, Log: slog.New(slog.DiscardHandler),
		Measure: func(leaders map[int][]int) (map[int]Use, error) {
			uses := make(map[int]Use)
			for pid := range leaders {
				uses[pid] = use
			}
			return uses, nil
		},
		Memory: func(int, []int) (int64, error) { return exact, nil },
	}
}

func TestGuardOrdersTheEndOfWhatGoesOverALimit(t *testing.T) {
	tests := map[string]struct {
		guard *Guard
		log   int64
		want  string
	}{
		"Nothing":          {guardOf(Limits{AttemptMemory: 100 << 20, Processes: 5, Log: 10 << 20}, Use{Memory: 1, Threads: 1}, 1), 10, ""},
		"Log":              {guardOf(Limits{Log: 10 << 20}, Use{}, 0), 11 << 20, "its log grew over 10 MiB"},
		"Memory":           {guardOf(Limits{AttemptMemory: 100 << 20}, Use{Memory: 300 << 20, Threads: 3}, 200<<20), 0, "it used 200 MiB of memory; its limit is 100 MiB"},
		"MemoryIsShared":   {guardOf(Limits{AttemptMemory: 100 << 20}, Use{Memory: 300 << 20, Threads: 3}, 90<<20), 0, ""},
		"Processes":        {guardOf(Limits{Processes: 5}, Use{Threads: 6}, 0), 0, "it had 6 processes and threads; its limit is 5"},
		"NothingIsLimited": {guardOf(Limits{}, Use{Memory: 1 << 50, Threads: 1 << 20}, 1<<50), 1 << 50, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				go func() { _ = test.guard.Run(ctx) }()
				spec := Spec{StartedAt: time.Now().UnixMilli()}
				over, forget := test.guard.watch(&quietDir{log: test.log}, spec, figure{pid: 7})
				defer forget()
				select {
				case order := <-over:
					if !order.Over || order.Reason != test.want {
						t.Errorf("got %+v, want over: %s", order, test.want)
					}
				case <-time.After(time.Minute):
					if test.want != "" {
						t.Errorf("got no order in a minute, want %s", test.want)
					}
				}
			})
		})
	}
}

func TestGuardSparesShortAttemptsAndRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		g := guardOf(Limits{LogKeep: 10}, Use{}, 0)
		go func() { _ = g.Run(ctx) }()
		short, long := &quietDir{log: 99}, &quietDir{log: 99}
		_, forget := g.watch(short, Spec{StartedAt: time.Now().UnixMilli()}, figure{pid: 7})
		<-time.After(guardEvery - time.Millisecond)
		forget()
		_, forget = g.watch(long, Spec{StartedAt: time.Now().UnixMilli()}, figure{pid: 8})
		<-time.After(5 * guardEvery)
		forget()
		if short.trimmed.Load() != 0 || long.trimmed.Load() == 0 {
			t.Errorf("got %d and %d looks, want some at the long one only", short.trimmed.Load(), long.trimmed.Load())
		}
		<-time.After(2 * guardEvery)
		before := long.trimmed.Load()
		<-time.After(time.Hour)
		if long.trimmed.Load() != before {
			t.Error("got looks at an attempt that is over")
		}
	})
}

func TestLastLookNamesTheLimitThatEndedAnAttempt(t *testing.T) {
	code := 137
	oom := Exit{Code: &code, Trouble: cgroup.Trouble{Killed: 1}}
	tests := map[string]struct {
		ending Ending
		log    int64
		want   string
	}{
		"Memory":      {Ending{Exit: oom}, 0, "it used all of its limit of 5 MiB of memory, and the kernel killed 1 of its processes"},
		"Log":         {Ending{Exit: Exit{Code: new(int)}}, 9 << 20, "its log grew over 8 MiB"},
		"Nothing":     {Ending{Exit: Exit{Code: &code}}, 0, ""},
		"KillIsFirst": {Ending{Exit: oom, Killed: true}, 9 << 20, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			g := guardOf(Limits{AttemptMemory: 5 << 20, Log: 8 << 20, LogKeep: 1 << 20}, Use{}, 0)
			dir := &quietDir{log: test.log}
			g.last(dir, Spec{}, &test.ending)
			if test.ending.Reason != test.want || test.ending.Over != (test.want != "") {
				t.Errorf("got over %v, %q, want %q", test.ending.Over, test.ending.Reason, test.want)
			}
			if known := test.ending.Memory == 5<<20; known != (test.ending.Trouble.Killed > 0) {
				t.Errorf("got %d bytes known to be used, want the limit if the kernel kept it", test.ending.Memory)
			}
			if (dir.trimmed.Load() > 0) != (test.log > 1<<20) {
				t.Errorf("got %d trims of a log of %d bytes", dir.trimmed.Load(), test.log)
			}
		})
	}
}
