package intake

import (
	"sync"
	"time"

	"capricornus/common/wire"
)

const (
	// absentFor is how long every claim of a worker must leave an attempt out
	// before it counts as missing there.
	absentFor = 2 * time.Minute
	// askedWithin is how long an attempt is listened for that nobody asks about
	// any more.
	askedWithin = 3 * time.Hour
)

// presence listens, on the leader, for attempts that should be running: the
// claims of their workers name all they have in hand. It is memory only: the
// next leader begins to listen anew.
type presence struct {
	mu      sync.Mutex
	gap     time.Duration // longer between two claims: something may have been missed
	byHost  map[string]map[attemptOf]*heard
	audited map[string]time.Time // when what each host has in hand was compared with the batches
}

// attemptOf is an attempt of one life of a worker's root.
type attemptOf struct {
	incarnation string
	held        wire.Held
}

// heard is what claims have said about one attempt since it was asked about.
type heard struct {
	asked time.Time
	named bool      // the last claim named it
	since time.Time // of the first claim in a row that left it out
	last  time.Time // of the last such claim
}

func newPresence(maxWait time.Duration) *presence {
	return &presence{gap: 4 * maxWait, byHost: map[string]map[attemptOf]*heard{}, audited: map[string]time.Time{}}
}

// claimed takes what a worker says it has in hand.
func (p *presence) claimed(c *wire.Claim, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.byHost[c.Host]) == 0 {
		return
	}
	holding := make(map[wire.Held]bool, len(c.Holding))
	for _, h := range c.Holding {
		holding[h] = true
	}
	for a, h := range p.byHost[c.Host] {
		if a.incarnation == c.Incarnation {
			h.hear(holding[a.held], now, p.gap)
		}
	}
}

func (h *heard) hear(named bool, now time.Time, gap time.Duration) {
	if named {
		*h = heard{asked: h.asked, named: true}
		return
	}
	if h.since.IsZero() || now.Sub(h.last) > gap {
		h.since = now
	}
	h.named, h.last = false, now
}

// absent answers for one attempt, and listens for it from the first question on.
func (p *presence) absent(host string, a attemptOf, now time.Time) (absent, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(host, now)
	if p.byHost[host] == nil {
		p.byHost[host] = map[attemptOf]*heard{}
	}
	h := p.byHost[host][a]
	if h == nil {
		h = &heard{}
		p.byHost[host][a] = h
	}
	h.asked = now
	missing := !h.since.IsZero() && h.last.Sub(h.since) >= absentFor && now.Sub(h.last) <= p.gap
	return missing, missing || h.named
}

// forget drops the attempts of a host that nobody asks about any more.
func (p *presence) forget(host string, now time.Time) {
	for a, h := range p.byHost[host] {
		if now.Sub(h.asked) > askedWithin {
			delete(p.byHost[host], a)
		}
	}
}

// Absent tells whether a running attempt is missing from what its worker has in
// hand: each of its claims over two minutes, all of them received since the
// first question, left it out. known is false while too few were received.
func (in *Intake) Absent(host, incarnation string, held wire.Held) (absent, known bool) {
	return in.presence.absent(host, attemptOf{incarnation: incarnation, held: held}, time.Now())
}
