package run

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/wire"
)

// bareDir is the directory of an attempt that has written nothing.
type bareDir struct{ Dir }

func (bareDir) Read(string, int64) ([]byte, error)      { return nil, fs.ErrNotExist }
func (bareDir) Tail(int64) (string, int64, error)       { return "", 0, nil }
func (bareDir) Path() string                            { return "/d" }
func (bareDir) Write(string, []byte, fs.FileMode) error { return nil }

// ended is a process that has ended, with that code.
type ended struct {
	Process
	code *int
}

func (e ended) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

func (e ended) Exit() Exit { return Exit{Code: e.code, At: time.Now()} }

func (e ended) Kill(context.Context, time.Duration) error {
	return errors.New("nothing is left to kill")
}

// lookFunc looks as a test says, by path and how long it has been looking.
type lookFunc func(path string, after time.Duration) (datapath.Identity, error)

type looks struct {
	began time.Time
	at    []time.Duration // when each look was
	find  lookFunc
}

// Stat implements Looker.
func (l *looks) Stat(_ context.Context, path, _ string) (datapath.Identity, error) {
	after := time.Since(l.began)
	l.at = append(l.at, after)
	return l.find(path, after)
}

const written = datapath.Identity("written")

// awayFor is a file system that does not answer for so long; then the output is there.
func awayFor(length time.Duration) lookFunc {
	return func(_ string, after time.Duration) (datapath.Identity, error) {
		if after < length {
			return datapath.Absent, datapath.ErrUnavailable
		}
		return written, nil
	}
}

func byOutput(before ...datapath.Identity) Spec {
	s := Spec{Assignment: wire.Assignment{WorkID: 7, Attempt: 1, Success: SuccessByOutput, RunTimeout: time.Minute.Milliseconds()}, Before: before, StartedAt: time.Now().UnixMilli()}
	for i := range before {
		s.Outputs = append(s.Outputs, wire.PathCheck{Path: string(rune('a' + i)), Ready: "exists"})
	}
	return s
}

// An attempt whose script has ended is judged when its outputs can be looked at,
// however long that takes: not knowing is never an answer.
func TestAnEndedAttemptIsJudgedWhenItsOutputsCanBeLookedAt(t *testing.T) {
	denied := errors.New("permission denied")
	yes, no := true, false
	tests := map[string]struct {
		exit  *int
		spec  []datapath.Identity // of the outputs before the start
		find  lookFunc
		ready *bool
		kind  wire.FactKind
		after time.Duration
		told  int
	}{
		"AtOnce":        {new(0), []datapath.Identity{""}, awayFor(0), &yes, wire.FactFinished, 0, 0},
		"AfterAMoment":  {new(0), []datapath.Identity{""}, awayFor(13 * time.Second), &yes, wire.FactFinished, 13 * time.Second, 0},
		"AfterSixHours": {new(0), []datapath.Identity{""}, awayFor(6 * time.Hour), &yes, wire.FactFinished, 6*time.Hour + 13*time.Second, 1},
		"WithoutACode":  {nil, []datapath.Identity{""}, awayFor(time.Hour), &yes, wire.FactLost, time.Hour + 13*time.Second, 1},
		"AsItWasBefore": {new(0), []datapath.Identity{written}, awayFor(time.Hour), &no, wire.FactFinished, time.Hour + 13*time.Second, 1},
		"AllOfThem":     {new(0), []datapath.Identity{"", "", ""}, awayFor(time.Hour), &yes, wire.FactFinished, time.Hour + 13*time.Second, 1},
		"TheDeadlineOfALook": {new(0), []datapath.Identity{""}, func(_ string, after time.Duration) (datapath.Identity, error) {
			if after < 40*time.Second {
				return datapath.Absent, datapath.ErrTimeout
			}
			return written, nil
		}, &yes, wire.FactFinished, 43 * time.Second, 0},
		"OneIsNotThere": {new(3), []datapath.Identity{"", ""}, func(path string, _ time.Duration) (datapath.Identity, error) {
			if path == "a" {
				return datapath.Absent, nil
			}
			return written, nil
		}, &no, wire.FactFinished, 0, 0},
		"WhatIsMissingIsEnough": {new(0), []datapath.Identity{"", ""}, func(path string, _ time.Duration) (datapath.Identity, error) {
			if path == "a" {
				return datapath.Absent, nil
			}
			return datapath.Absent, datapath.ErrUnavailable
		}, &no, wire.FactFinished, 0, 0},
		"DeniedIsNoOutage": {new(0), []datapath.Identity{""}, func(string, time.Duration) (datapath.Identity, error) {
			return datapath.Absent, denied
		}, nil, wire.FactFinished, 13 * time.Second, 0},
		"DeniedForAMoment": {new(0), []datapath.Identity{""}, func(_ string, after time.Duration) (datapath.Identity, error) {
			if after < 13*time.Second {
				return datapath.Absent, denied
			}
			return written, nil
		}, &yes, wire.FactFinished, 13 * time.Second, 0},
		"AnOutageDoesNotCountAsDenied": {new(0), []datapath.Identity{""}, func(_ string, after time.Duration) (datapath.Identity, error) {
			switch {
			case after < time.Hour:
				return datapath.Absent, datapath.ErrUnavailable
			case after < time.Hour+40*time.Second: // three looks of four
				return datapath.Absent, denied
			}
			return written, nil
		}, &yes, wire.FactFinished, time.Hour + 43*time.Second, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told, l := 0, &looks{began: time.Now(), find: test.find}
				w := &Warden{Looker: l, Unseen: func(spec Spec, err error) {
					told++
					if spec.WorkID != 7 || !datapath.Unavailable(err) || time.Since(l.began) < time.Minute {
						t.Errorf("got told of %s after %s: %v, want of batch 7 after a minute", spec.Code(), time.Since(l.began), err)
					}
				}}
				fact, err := w.See(t.Context(), bareDir{}, byOutput(test.spec...), ended{code: test.exit}, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got := time.Since(l.began); got != test.after {
					t.Errorf("got it judged after %s, want %s; looks at %v", got, test.after, l.at[:min(9, len(l.at))])
				}
				if fact.Kind != test.kind || fact.TimedOut || fact.Killed || fact.Infra || told != test.told {
					t.Errorf("got %+v, told %d times, want %s by itself, told %d times", fact, told, test.kind, test.told)
				}
				if got := fact.OutputReady; (got == nil) != (test.ready == nil) || got != nil && *got != *test.ready {
					t.Errorf("got ready %v, want %v", show(got), show(test.ready))
				}
			})
		})
	}
}

func show(b *bool) any {
	if b == nil {
		return nil
	}
	return *b
}

// What was brought to its end has its result whatever the outputs are.
func TestOutputsAreNotLookedAtWhenTheyDoNotDecide(t *testing.T) {
	t.Parallel()
	l := &looks{began: time.Now(), find: func(string, time.Duration) (datapath.Identity, error) {
		return datapath.Absent, datapath.ErrUnavailable
	}}
	w := &Warden{Looker: l}
	for name, ending := range map[string]Ending{"Killed": {Killed: true}, "TimedOut": {TimedOut: true}, "Fenced": {Fenced: true}, "Over": {Over: true}} {
		fact, err := w.report(t.Context(), bareDir{}, byOutput(""), ending, nil)
		if err != nil || fact.OutputReady != nil || len(l.at) != 0 {
			t.Errorf("%s: got %v, %v after %d looks, want none", name, show(fact.OutputReady), err, len(l.at))
		}
	}
	unnoted := byOutput("")
	unnoted.Before = nil
	exits := unnoted
	exits.Success = "exit-code"
	for _, spec := range []Spec{unnoted, exits} {
		fact, err := w.See(t.Context(), bareDir{}, spec, ended{code: new(0)}, nil)
		if err != nil || fact.OutputReady != nil || len(l.at) != 0 {
			t.Errorf("%s: got %v, %v after %d looks, want none", spec.Success, show(fact.OutputReady), err, len(l.at))
		}
	}
}

// A kill ends the looking at once; the lease has nothing left to end, and being
// passed over it leaves room for a kill.
func TestAKillEndsTheLooking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &looks{began: time.Now(), find: awayFor(100 * time.Hour)}
		w, orders := &Warden{Looker: l}, make(chan Order, 1)
		go func() {
			for range 3 {
				<-time.After(time.Hour)
				orders <- Order{Lease: true, Reason: "no master answered"}
			}
			<-time.After(time.Hour)
			orders <- Order{Reason: "killed by ann"}
		}()
		fact, err := w.See(t.Context(), bareDir{}, byOutput(""), ended{code: new(0)}, orders)
		if err != nil || !fact.Killed || fact.Infra || fact.OutputReady != nil || fact.Reason != "killed by ann" || fact.ExitCode == nil {
			t.Errorf("got %+v, %v, want it killed by ann, with its exit code", fact, err)
		}
		if got := time.Since(l.began); got != 4*time.Hour {
			t.Errorf("got it ended after %s, want at once when the kill came", got)
		}
	})
}

// When the worker stops, nothing is said: the keeper or the next worker looks on.
func TestNothingIsSaidOfWhatIsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &Warden{Looker: &looks{began: time.Now(), find: awayFor(time.Hour)}}
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Minute)
		defer stop()
		if fact, err := w.See(ctx, bareDir{}, byOutput(""), ended{code: new(0)}, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %+v, %v, want no fact", fact, err)
		}
	})
}

// An attempt that is taken up after its end is not ended again, by whatever is
// waiting for it: its deadline has passed, somebody has ordered something.
func TestWhatHasEndedIsTooLateForADeadline(t *testing.T) {
	t.Parallel()
	for range 100 { // a choice between two that are ready is made by chance
		orders := make(chan Order, 1)
		orders <- Order{Lease: true}
		ending, err := follow(t.Context(), ended{code: new(0)}, 0, causes{deadline: time.Now().Add(-time.Hour), orders: orders})
		if err != nil || !ending.byItself() || ending.Code == nil {
			t.Fatalf("got %+v, %v, want that it ended by itself", ending, err)
		}
	}
}
