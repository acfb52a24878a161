package identity

import (
	"sync"
	"time"
)

// How failed logins are slowed down.
const (
	freeTries   = 5  // of one user, before it is
	sourceTries = 30 // from one address: many people may share it
	firstPause  = time.Second
	longPause   = 15 * time.Minute
	maxPaused   = 10_000 // names or addresses that are remembered
)

// pauseAfter is how long the next try has to wait after so many in a row that
// have failed.
func pauseAfter(failures, free int) time.Duration {
	if failures < free {
		return 0
	}
	pause := firstPause
	for range failures - free {
		if pause *= 2; pause >= longPause {
			return longPause
		}
	}
	return pause
}

// backoff remembers who has failed, in memory.
type backoff struct {
	free int
	mu   sync.Mutex
	of   map[string]failed
}

type failed struct {
	times int
	last  time.Time
	until time.Time
}

func newBackoff(free int) *backoff { return &backoff{free: free, of: map[string]failed{}} }

// until is the instant before which a key has to wait; the past when it need not.
func (b *backoff) until(key string) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.of[key].until
}

// fail notes a failure.
func (b *backoff) fail(key string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.of[key]
	if now.Sub(f.last) > 4*longPause {
		f = failed{}
	}
	f.times++
	f.last, f.until = now, now.Add(pauseAfter(f.times, b.free))
	if _, known := b.of[key]; !known && len(b.of) >= maxPaused {
		b.forget(now)
	}
	b.of[key] = f
}

// forget makes room: those whose pause is over, or all.
func (b *backoff) forget(now time.Time) {
	for key, f := range b.of {
		if !now.Before(f.until) {
			delete(b.of, key)
		}
	}
	if len(b.of) >= maxPaused {
		clear(b.of)
	}
}

// forgive forgets the failures of a key.
func (b *backoff) forgive(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.of, key)
}
