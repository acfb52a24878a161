package master_test

import (
	"context"
	"sync"
	"time"

	"capricornus/common/wire"
	"capricornus/master/guard"
)

// rarely is how often the clock looks for timeouts while none is near.
const rarely = 10 * time.Minute

// tickTimeouts is the clock of the timeouts where that of the masters is
// stretched: second 10 of every minute near which one may fall due. Nobody's
// timeouts are shorter than it looks ahead, but after an outage.
func (c *cluster) tickTimeouts() {
	watched := time.Now() // until then every minute is looked at
	for {
		changed := c.terms.Changed()
		node, _, leads := c.terms.Leader()
		now := time.Now()
		wait := nextTick(now).Sub(now)
		if watched.Before(now) {
			wait += rarely
		}
		if !leads {
			wait = time.Hour
		}
		select {
		case <-c.bye:
			return
		case <-changed:
			watched = time.Now().Add(rarely)
			continue
		case <-time.After(wait):
		}
		if !leads {
			continue
		}
		due, err := c.nextDue()
		now = time.Now()
		if err == nil && due.Before(now) {
			leader := &wire.Client{Base: "http://" + node, Token: c.admin.Token, HTTP: c.admin.HTTP}
			_ = leader.RunService(context.Background(), guard.DutyTimeout) // the next tick comes
		}
		if err != nil || due.Before(now.Add(2*rarely)) {
			watched = now.Add(rarely)
		}
	}
}

// nextTick is the next second 10 of a minute.
func nextTick(after time.Time) time.Time {
	tick := after.Truncate(time.Minute).Add(10 * time.Second)
	if !tick.After(after) {
		tick = tick.Add(time.Minute)
	}
	return tick
}

// nextDue is when the next timeout falls due that is not marked.
func (c *cluster) nextDue() (time.Time, error) {
	var at *int64 // NULL when there is none
	err := c.db.RawReader().QueryRow("SELECT MIN(dueAt) FROM capri_task_work").Scan(&at)
	if at == nil {
		return time.Now().AddDate(1, 0, 0), err
	}
	return time.UnixMilli(*at), err
}

// reigns are the times in which somebody led.
type reigns struct {
	mu   sync.Mutex
	from []time.Time
	to   []time.Time // one less while somebody leads
}

// watchTerms notes when somebody leads.
func (c *cluster) watchTerms() {
	for {
		changed := c.terms.Changed()
		_, _, leads := c.terms.Leader()
		c.reigns.note(leads)
		select {
		case <-c.bye:
			return
		case <-changed:
		}
	}
}

func (r *reigns) note(leads bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case leads && len(r.from) == len(r.to):
		r.from = append(r.from, time.Now())
	case !leads && len(r.from) > len(r.to):
		r.to = append(r.to, time.Now())
	}
}

// after is the first instant from which somebody leads for a while, not before
// the given one; false when nobody does any more.
func (r *reigns) after(at time.Time, while time.Duration) (time.Time, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, from := range r.from {
		if from.Before(at) {
			from = at
		}
		if i == len(r.to) || r.to[i].Sub(from) >= while {
			return from, true
		}
	}
	return at, false
}
