package labtest

import (
	"context"
	"sync"
	"time"
)

// restarter starts what has ended by itself again, a second later.
type restarter struct {
	c    *Cluster
	stop context.CancelFunc
	all  sync.WaitGroup

	mu    sync.Mutex
	exits []string // names of what has ended by itself
}

const restartAfter = time.Second

func newRestarter(c *Cluster) *restarter {
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.Context()))
	r := &restarter{c: c, stop: cancel}
	for _, p := range append(append([]*Process{}, c.Masters...), c.Workers...) {
		r.all.Go(func() { r.watch(ctx, p) })
	}
	return r
}

func (r *restarter) end() {
	r.stop()
	r.all.Wait()
}

func (r *restarter) watch(ctx context.Context, p *Process) {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	var since time.Time // when it was seen gone
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		switch {
		case !p.failed():
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
			r.note(p)
		case time.Since(since) > restartAfter:
			p.restart()
		}
	}
}

func (r *restarter) note(p *Process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exits = append(r.exits, p.Name)
	r.c.Event("%s has ended by itself: %s", p.Name, tail(p.LogFile(), 300))
}

// Exits names the processes that have ended by themselves, of a cluster with
// Options.Restart. It is safe for concurrent use.
func (c *Cluster) Exits() []string {
	c.restarter.mu.Lock()
	defer c.restarter.mu.Unlock()
	return append([]string(nil), c.restarter.exits...)
}

// failed says that the process has ended and nobody wanted it to.
func (p *Process) failed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wanted && !p.Alive()
}

func (p *Process) restart() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wanted && !p.Alive() {
		p.launch()
	}
}
