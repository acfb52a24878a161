package hdfs

import (
	"context"
	"errors"
	"sync"
	"time"

	"capricornus/common/datapath"
)

const (
	askSafeModeEvery = 10 * time.Second
	quietAfter       = 20 * time.Second // without an answer, a file system is probed
)

// state is the breaker of a file system: while it is down, nobody asks but its
// prober, and everybody else gets the outage as their answer at once.
type state struct {
	lock     sync.Mutex
	outage   *datapath.Outage // not nil: down
	since    time.Time
	tries    int
	last     time.Time // last answer
	safeMode time.Time // when it was last asked whether it is in safe mode
}

// refusal is the error of all calls while the file system is down.
func (s *state) refusal() error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.outage == nil {
		return nil
	}
	return s.outage
}

func (s *state) answered() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.last = time.Now()
}

// fail notes the outage of a call that began then, and reports whether it is a
// new one. It is none when somebody got an answer meanwhile.
func (s *state) fail(began time.Time, outage *datapath.Outage) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.outage != nil || s.last.After(began) {
		return false
	}
	s.outage, s.since, s.tries = outage, time.Now(), 1
	return true
}

// tryFailed notes one more failure while it is down, and returns how many there
// were.
func (s *state) tryFailed(outage *datapath.Outage) int {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.tries++
	s.outage = outage
	return s.tries
}

func (s *state) recovered() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.outage, s.tries, s.last = nil, 0, time.Now()
}

// safeModeDue reports whether it is time to ask for the safe mode again, to one
// caller only.
func (s *state) safeModeDue() bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if !s.safeMode.IsZero() && time.Since(s.safeMode) < askSafeModeEvery {
		return false
	}
	s.safeMode = time.Now()
	return true
}

// askSafeModeSoon lets the next call ask: the namenode may have been restarted.
func (s *state) askSafeModeSoon() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.safeMode = time.Time{}
}

// quiet reports whether it is up and nobody got an answer for some time.
func (s *state) quiet() bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.outage == nil && (s.last.IsZero() || time.Since(s.last) >= quietAfter)
}

func (s *state) health(name string) datapath.Health {
	s.lock.Lock()
	defer s.lock.Unlock()
	h := datapath.Health{Name: name, Known: s.outage != nil || !s.last.IsZero(), Down: s.outage != nil, Tries: s.tries}
	if h.Down {
		h.Since, h.Err = s.since, s.outage.Cause
	}
	return h
}

// startProber asks until the file system answers again. It outlives the call
// that failed, and ends with the cluster.
func (c *cluster) startProber(ctx context.Context) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if !c.isClosed() {
		c.probing.Go(func() { c.probeUntilUp(ctx) })
	}
}

func (c *cluster) probeUntilUp(ctx context.Context) {
	for wait := time.Second; ; wait = nextWait(wait) {
		timer := time.NewTimer(wait)
		select {
		case <-c.closed:
			timer.Stop()
			return
		case <-timer.C:
		}
		c.state.askSafeModeSoon()
		err := c.attempt(ctx, (*line).alive, none, c.pool.put)
		if c.isClosed() {
			return
		}
		var outage *datapath.Outage
		if !errors.As(err, &outage) {
			c.state.recovered()
			c.changed()
			return
		}
		if c.state.tryFailed(outage) == datapath.Tries {
			c.changed()
		}
	}
}

// nextWait is 1 s, 2 s, 3 s, and then every 5 s.
func nextWait(wait time.Duration) time.Duration {
	if wait < 3*time.Second {
		return wait + time.Second
	}
	return 5 * time.Second
}
