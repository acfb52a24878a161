package hdfs

import (
	"context"
	"slices"
	"sync"
	"time"
)

// idleFor is how long an unused client is kept: each one makes the library ask
// its namenode every second.
const idleFor = 10 * time.Second

// pool holds the clients that nobody uses now, and bounds how many calls there
// are at a time.
type pool struct {
	slots chan struct{}

	lock sync.Mutex
	idle []*line // the one used last is at the end
	ends map[*line]*time.Timer
}

func newPool(size int) *pool {
	return &pool{slots: make(chan struct{}, size), ends: map[*line]*time.Timer{}}
}

// enter waits for a turn.
func (p *pool) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *pool) leave() { <-p.slots }

// take returns the idle client that was used last; nil when there is none.
func (p *pool) take() *line {
	for {
		p.lock.Lock()
		n := len(p.idle)
		if n == 0 {
			p.lock.Unlock()
			return nil
		}
		l := p.idle[n-1]
		p.remove(n - 1)
		p.lock.Unlock()
		if !l.broken() {
			return l
		}
		l.close()
	}
}

// put keeps a client for the next call.
func (p *pool) put(l *line) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.idle = append(p.idle, l)
	p.ends[l] = time.AfterFunc(idleFor, func() { p.expire(l) })
}

func (p *pool) expire(l *line) {
	p.lock.Lock()
	i := slices.Index(p.idle, l)
	if i >= 0 {
		p.remove(i)
	}
	p.lock.Unlock()
	if i >= 0 {
		l.close()
	}
}

func (p *pool) remove(i int) {
	l := p.idle[i]
	p.idle = slices.Delete(p.idle, i, i+1)
	p.ends[l].Stop()
	delete(p.ends, l)
}

// drain closes all idle clients.
func (p *pool) drain() {
	p.lock.Lock()
	idle := slices.Clone(p.idle)
	for len(p.idle) > 0 {
		p.remove(0)
	}
	p.lock.Unlock()
	for _, l := range idle {
		l.close()
	}
}
