package hdfs

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/datapath"
)

// want fails the test unless the error is an outage with that cause.
func want(t *testing.T, err error, cause string) {
	t.Helper()
	outage, is := errors.AsType[*datapath.Outage](err)
	if !is || outage.Cause != cause || outage.Name != "hdfs://main" {
		t.Errorf("got %v, want the outage of hdfs://main: %s", err, cause)
	}
	if !datapath.Unavailable(err) {
		t.Errorf("got %v, want an error that says nothing about the path", err)
	}
}

// pass lets time pass, and everything happen that is due then.
func pass(length time.Duration) {
	<-time.After(length)
	synctest.Wait()
}

func TestOutages(t *testing.T) {
	tests := map[string]struct {
		ways  []string // of each namenode
		cause string   // empty: there is an answer
		took  time.Duration
	}{
		"OneAnswers":                      {[]string{answers}, "", 0},
		"OneHangs":                        {[]string{hangs}, "nn1:8020: no answer within 900ms", rigTimeout},
		"OneIsGone":                       {[]string{vanished}, "nn1:8020: no answer within 900ms", rigTimeout},
		"OneIsStopped":                    {[]string{refuses}, "nn1:8020: connection refused", 0},
		"OneClosesConnections":            {[]string{slams}, "nn1:8020: it closed the connection", 0},
		"OneIsInSafeMode":                 {[]string{safeMode}, "it is in safe mode", 0},
		"OneLetsNobodyIn":                 {[]string{stranger}, "nn1:8020: " + errStranger.Error(), 0},
		"FirstOnStandby":                  {[]string{standby, answers}, "", 0},
		"FirstStopped":                    {[]string{refuses, answers}, "", 0},
		"FirstHangsAndSecondTakesOver":    {[]string{hangs, answers}, "", rigTimeout},
		"BothOnStandby":                   {[]string{standby, standby}, "nn1:8020, nn2:8020: on standby", 0},
		"FirstStoppedAndSecondOnStandby":  {[]string{refuses, standby}, "nn1:8020: connection refused; nn2:8020: on standby", 0},
		"FirstHangsAndSecondIsStopped":    {[]string{hangs, refuses}, "nn1:8020: no answer within 900ms; nn2:8020: connection refused", rigTimeout},
		"FirstOnStandbyAndSecondHangs":    {[]string{standby, hangs}, "nn1:8020: on standby; nn2:8020: no answer within 900ms", rigTimeout},
		"FirstOnStandbyAndSecondIsInSafe": {[]string{standby, safeMode}, "it is in safe mode", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, len(test.ways))
				for i, way := range test.ways {
					r.nodes[r.access.Namenodes[i]].set(way)
				}
				began := time.Now()
				err := r.look(t)
				if took := time.Since(began); took != test.took {
					t.Errorf("got %s, want %s", took, test.took)
				}
				if test.cause == "" {
					if err != nil {
						t.Errorf("got %v, want an answer", err)
					}
					return
				}
				want(t, err, test.cause)
				began = time.Now()
				want(t, r.look(t), test.cause)
				if took := time.Since(began); took != 0 {
					t.Errorf("got %s for the second look, want the same at once", took)
				}
			})
		})
	}
}

func TestAnOutageEndsWhenTheNamenodeAnswersAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		changes := make(chan bool, 10)
		r.OnChange(func() { changes <- r.Health()[0].Down })
		if err := r.look(t); err != nil {
			t.Fatal(err)
		}
		r.all(hangs)
		want(t, r.look(t), "nn1:8020: no answer within 900ms")
		down := time.Now()
		if !<-changes {
			t.Error("got a change to up, want down")
		}
		pass(3 * time.Second) // asked after 1 s, and again 2 s after that has failed
		h := r.Health()[0]
		if !h.Known || !h.Down || h.Tries != 2 || !h.Since.Equal(down) || h.Err != "nn1:8020: no answer within 900ms" {
			t.Errorf("got %+v, want it down since %s, twice tried", h, down)
		}
		r.all(safeMode)
		pass(5 * time.Second) // two more
		want(t, r.look(t), "it is in safe mode")
		if !<-changes || r.Health()[0].Tries != datapath.Tries {
			t.Errorf("got %+v, want the news that four tries have failed", r.Health()[0])
		}
		r.all(answers)
		back := time.Now()
		if <-changes {
			t.Error("got a change to down, want up")
		}
		if took := time.Since(back); took > 5*time.Second {
			t.Errorf("got %s until its return was known, want 5 s at most", took)
		}
		if err := r.look(t); err != nil || r.Health()[0].Down {
			t.Errorf("got %v, %+v, want it up", err, r.Health()[0])
		}
		if len(changes) != 0 {
			t.Errorf("got %d more changes, want one down, one after four tries and one up", len(changes))
		}
	})
}

func TestAHungNamenodeCostsOneDeadlineOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		r.all(hangs)
		began := time.Now()
		var looking sync.WaitGroup
		for range 100 {
			looking.Go(func() { want(t, r.look(t), "nn1:8020: no answer within 900ms") })
		}
		looking.Wait()
		if took := time.Since(began); took != rigTimeout {
			t.Errorf("got %s for 100 looks over 4 clients, want one deadline", took)
		}
	})
}

func TestAClosedIdleConnectionIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		r.OnChange(func() { t.Error("got a change, want none") })
		for range 3 {
			if err := r.look(t); err != nil {
				t.Fatal(err)
			}
			r.nodes["nn1:8020"].drop()
		}
		if n := r.nodes["nn1:8020"].heard("setPermission"); n != 3 {
			t.Errorf("got %d questions for the safe mode, want one after each restart, 3", n)
		}
	})
}

func TestAnAnswerMeanwhileMeansThatOnlyThatCallHung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		r.OnChange(func() { t.Error("got a change, want none") })
		if err := r.look(t); err != nil {
			t.Fatal(err)
		}
		r.all(hangs)
		hung := make(chan error)
		go func() { hung <- r.look(t) }()
		synctest.Wait()
		pass(rigTimeout / 2)
		r.all(answers)
		if err := r.look(t); err != nil {
			t.Fatal(err)
		}
		want(t, <-hung, "nn1:8020: no answer within 900ms")
		if err := r.look(t); err != nil {
			t.Errorf("got %v, want an answer", err)
		}
	})
}

func TestContextEndsALookAtOnce(t *testing.T) {
	for _, way := range []string{hangs, vanished} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, 1)
			r.all(way)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
			defer cancel()
			began := time.Now()
			_, err := r.clusters[0].look(ctx, "/a", "exists")
			if !errors.Is(err, context.DeadlineExceeded) || datapath.Unavailable(err) || time.Since(began) != time.Second/2 {
				t.Errorf("%s: got %v after %s, want the end of the context", way, err, time.Since(began))
			}
			if r.Health()[0].Down {
				t.Errorf("%s: got an outage, want nothing known", way)
			}
		})
	}
}

func TestCloseEndsHangingCallsAndTheProber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		r.all(hangs)
		hung := make(chan error)
		go func() { hung <- r.look(t) }()
		synctest.Wait()
		began := time.Now()
		for range 2 {
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-hung; !datapath.Unavailable(err) || time.Since(began) != 0 {
			t.Errorf("got %v after %s, want an end at once", err, time.Since(began))
		}
		if err := r.look(t); !datapath.Unavailable(err) || time.Since(began) != 0 {
			t.Errorf("after the end: got %v after %s, want an error at once", err, time.Since(began))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		r.all(refuses)
		want(t, r.look(t), "nn1:8020: connection refused")
		if err := r.Close(); err != nil { // leaves no prober, or the bubble complains
			t.Fatal(err)
		}
	})
}

func TestIdleClientsAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		if err := r.look(t); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		renewals := r.nodes["nn1:8020"].heard("renewLease")
		if renewals == 0 || renewals > int(idleFor/time.Second) {
			t.Errorf("got %d renewals by the idle client, want it to be closed after %s", renewals, idleFor)
		}
	})
}

func TestAClientThatHangsWhileIdleIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		if err := r.look(t); err != nil {
			t.Fatal(err)
		}
		r.all(hangs)
		pass(1500 * time.Millisecond) // a renewal is sent
		r.all(answers)
		began := time.Now()
		if err := r.look(t); err != nil || time.Since(began) != 0 {
			t.Errorf("got %v after %s, want an answer by a fresh client at once", err, time.Since(began))
		}
	})
}

func TestProbeAsksThoseThatNobodyAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		node := r.nodes["nn1:8020"]
		if h := r.Health()[0]; h.Known {
			t.Errorf("got %+v, want nothing known before anybody asked", h)
		}
		r.Probe(t.Context())
		if got := node.lastMethods(); got != "setPermission getFileInfo" || !r.Health()[0].Known {
			t.Errorf("got %q, want to have been asked", got)
		}
		pass(quietAfter / 2)
		r.Probe(t.Context())
		if got := node.heard("getFileInfo"); got != 1 {
			t.Errorf("got %d questions, want none soon after an answer", got)
		}
		pass(quietAfter / 2)
		r.all(refuses)
		r.Probe(t.Context())
		if h := r.Health()[0]; !h.Down || h.Tries != 1 {
			t.Errorf("got %+v, want it down", h)
		}
		r.Probe(t.Context())
		if h := r.Health()[0]; h.Tries != 1 {
			t.Errorf("got %+v, want that nobody but the prober asks", h)
		}
	})
}
