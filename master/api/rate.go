package api

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"capricornus/common/fault"
	"capricornus/common/permit"
)

// Limits of the rate of calls.
const (
	burstSeconds = 4    // of calls at once, for who has made none for as long
	maxBuckets   = 4096 // credentials whose rate is remembered
)

// bucket holds how many calls a credential may make at once.
type bucket struct {
	left float64
	at   time.Time // when that was so
}

// rates bounds the calls of each credential of people and programs.
type rates struct {
	perSecond float64 // 0: not bounded
	mu        sync.Mutex
	buckets   map[string]bucket
}

func newRates(perSecond int) *rates {
	return &rates{perSecond: float64(perSecond), buckets: map[string]bucket{}}
}

func (l *rates) burst() float64 { return l.perSecond * burstSeconds }

// filled is a bucket as it stands a while later. It is pure.
func (l *rates) filled(b bucket, now time.Time) bucket {
	passed := max(now.Sub(b.at), 0).Seconds()
	return bucket{left: min(l.burst(), b.left+passed*l.perSecond), at: now}
}

// take takes a call from a credential's bucket, or tells how long until there
// is one.
func (l *rates) take(credential string, now time.Time) (wait time.Duration, ok bool) {
	if l.perSecond <= 0 {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets[credential]
	if !known {
		l.room(now)
		b = bucket{left: l.burst(), at: now}
	}
	b = l.filled(b, now)
	defer func() { l.buckets[credential] = b }()
	if b.left < 1 {
		return time.Duration((1 - b.left) / l.perSecond * float64(time.Second)), false
	}
	b.left--
	return 0, true
}

// room makes room for one more credential: those that have been quiet are as
// good as new ones, and of the others any must go.
func (l *rates) room(now time.Time) {
	if len(l.buckets) < maxBuckets {
		return
	}
	for credential, b := range l.buckets {
		if l.filled(b, now).left >= l.burst() {
			delete(l.buckets, credential)
		}
	}
	for credential := range l.buckets {
		if len(l.buckets) < maxBuckets {
			return
		}
		delete(l.buckets, credential)
	}
}

// tooMany refuses a call that is one too many, and says when it would not be.
// Workers are as many as they are: their protocol paces itself.
func (a *api) tooMany(w http.ResponseWriter, r *http.Request, who caller) bool {
	if who.holder.Role == permit.Worker {
		return false
	}
	credential := who.tokenHash
	if credential == "" {
		credential = "user " + who.name
	}
	wait, ok := a.rates.take(credential, time.Now())
	if ok {
		return false
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	a.refuse(w, r, fault.New(fault.TooMany, "too many calls with this credential: more than %g a second for longer than %d s", a.rates.perSecond, burstSeconds).
		WithHint("wait as long as Retry-After says; ask for lists in pages of 500"))
	return true
}
