package hdfs

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"capricornus/common/datapath"
)

// cluster is one file system and its namenodes.
type cluster struct {
	access    *access
	name      string   // in texts, hdfs://…
	addresses []string // of its namenodes, as configured
	changed   func()   // to call at down and at up
	pool      *pool
	state     *state
	listings  *listings
	calls     atomic.Int64
	probing   sync.WaitGroup

	lock   sync.Mutex
	order  []string           // addresses: the active one first, those that failed last
	lines  map[*line]struct{} // all that are open
	closed chan struct{}
}

func newCluster(access *access, name string, addresses []string, changed func()) *cluster {
	return &cluster{
		access: access, name: name, addresses: addresses, changed: changed,
		pool: newPool(access.Clients), state: &state{}, listings: newListings(),
		order: slices.Clone(addresses), lines: map[*line]struct{}{}, closed: make(chan struct{}),
	}
}

// call asks the namenodes something. Its error is an answer about the path, an
// outage, or the cause why ctx ended.
func (c *cluster) call(ctx context.Context, ask func(*line) error) error {
	if err := c.state.refusal(); err != nil {
		return err
	}
	if err := c.pool.enter(ctx); err != nil {
		return err
	}
	defer c.pool.leave()
	// Those who waited for others to time out do not have to find out themselves.
	if err := c.state.refusal(); err != nil {
		return err
	}
	began := time.Now()
	return c.judge(ctx, began, c.attempt(ctx, ask, c.pool.take, c.pool.put))
}

// attempt asks with a client from take, or a fresh one, until there is an answer
// or no namenode is left that might give one. An idle connection that the
// namenode closed is no outage, so a failed old client is followed by a fresh
// one. The client that got the answer goes to keep.
func (c *cluster) attempt(ctx context.Context, ask func(*line) error, take func() *line, keep func(*line)) error {
	failures := failures{}
	for {
		if c.isClosed() {
			return c.outage(errClosed.Error())
		}
		l := take()
		reused := l != nil
		if !reused {
			l = c.connect(failures)
		}
		err := c.ask(ctx, l, ask)
		if err == nil || l.refused == nil && definite(err) { // a missing keytab is no missing path
			c.promote(l.address())
			c.state.answered()
			l.release(keep)
			return c.plain(err)
		}
		l.close()
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, errSafeMode):
			return c.outage(errSafeMode.Error())
		case l.refused != nil:
			return c.outage(stable(l.refused))
		}
		hung := l.hung()
		if !reused || len(hung) > 0 {
			failures.add(l, err)
			c.demote(append(hung, l.address())...)
		}
		if failures.all(c.addresses) || !reused && !l.hasDialled() {
			return c.outage(failures.text(c.addresses, c.access.Timeout, err))
		}
		c.state.askSafeModeSoon() // whoever answers next may have been restarted
		take = none               // other old clients are as old as this one
	}
}

func none() *line { return nil }

// ask has a client ask, and ends its connections when ctx ends.
func (c *cluster) ask(ctx context.Context, l *line, ask func(*line) error) error {
	stop := context.AfterFunc(ctx, l.cut)
	defer stop()
	if err := l.start(ctx); err != nil {
		return err
	}
	if c.state.safeModeDue() {
		if err := l.askSafeMode(); err != nil {
			c.state.askSafeModeSoon()
			return err
		}
	}
	return ask(l)
}

// judge opens the breaker when a call that began then ended in an outage.
func (c *cluster) judge(ctx context.Context, began time.Time, err error) error {
	var outage *datapath.Outage
	if !errors.As(err, &outage) || c.isClosed() {
		return err
	}
	if outage.Cause == errSafeMode.Error() {
		began = time.Now() // it said so itself: what it answered before does not count
	}
	if !c.state.fail(began, outage) {
		return err
	}
	c.listings.clear()
	c.pool.drain()
	c.startProber(context.WithoutCancel(ctx))
	c.changed()
	return err
}

func (c *cluster) outage(cause string) error {
	return &datapath.Outage{Name: c.name, Cause: cause}
}

// connect returns a client that is not connected yet, for the namenodes that
// have not failed.
func (c *cluster) connect(failed failures) *line {
	c.lock.Lock()
	defer c.lock.Unlock()
	l := newLine(c, slices.DeleteFunc(slices.Clone(c.order), failed.has))
	c.lines[l] = struct{}{}
	if c.isClosed() {
		l.cut()
	}
	return l
}

// gone forgets a client that was closed.
func (c *cluster) gone(l *line) {
	c.lock.Lock()
	defer c.lock.Unlock()
	delete(c.lines, l)
}

// promote lets new clients begin with the namenode that answered: one on standby
// costs them a round trip.
func (c *cluster) promote(address string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if i := slices.Index(c.order, address); i > 0 {
		c.order = append([]string{address}, slices.Delete(slices.Clone(c.order), i, i+1)...)
	}
}

// demote lets new clients begin with other namenodes than the one that failed:
// a namenode that hangs would be the first for ever.
func (c *cluster) demote(addresses ...string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	for _, address := range addresses {
		if i := slices.Index(c.order, address); i >= 0 {
			c.order = append(slices.Delete(slices.Clone(c.order), i, i+1), address)
		}
	}
}

func (c *cluster) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

// close ends all connections, of calls as well, and the prober.
func (c *cluster) close() {
	c.lock.Lock()
	if c.isClosed() {
		c.lock.Unlock()
		return
	}
	close(c.closed)
	open := slices.Collect(maps.Keys(c.lines))
	c.lock.Unlock()
	for _, l := range open {
		l.cut()
	}
	c.pool.drain()
	c.probing.Wait()
}
