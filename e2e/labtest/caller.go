package labtest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// callTimeout bounds one call of a person: masters may be frozen or cut off.
const callTimeout = 5 * time.Second

// caller makes the administrator's calls from a host that is never cut off.
type caller struct {
	http    *http.Client
	masters []*Process
	clients []*wire.Client // in the order of masters
}

func newCaller(c *Cluster) *caller {
	k := &caller{masters: c.Masters, http: &http.Client{Transport: &http.Transport{
		DialContext: (&net.Dialer{Timeout: time.Second}).DialContext, MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * time.Second,
	}}}
	for _, m := range c.Masters {
		k.clients = append(k.clients, &wire.Client{Base: "http://" + m.Address, Token: c.admin, HTTP: k.http})
	}
	return k
}

func (k *caller) close() { k.http.CloseIdleConnections() }

// Client makes the administrator's calls to one master.
func (c *Cluster) Client(master *Process) *wire.Client {
	for i, m := range c.Masters {
		if m == master {
			return c.calls.clients[i]
		}
	}
	return nil
}

// AwaitLeader waits until a master leads a term.
func (c *Cluster) AwaitLeader() Term {
	c.Helper()
	return c.AwaitTermAfter(0)
}

// AwaitTermAfter waits until a master leads a term that is newer than an epoch.
func (c *Cluster) AwaitTermAfter(epoch int64) Term {
	c.Helper()
	var term Term
	c.Await("a leader of a new term", func() bool {
		term = c.Term()
		return term.Epoch > epoch
	})
	return term
}

// Leader waits until a master leads a term and returns it.
func (c *Cluster) Leader() *Process {
	c.Helper()
	return c.AwaitLeader().Leader
}

// AwaitWorkers waits until every worker and its keeper are known and alive.
func (c *Cluster) AwaitWorkers() {
	c.Helper()
	c.Await("all workers and their keepers", func() bool {
		ctx, cancel := c.soon()
		defer cancel()
		hosts, err := c.calls.any().Hosts(ctx)
		alive := 0
		for _, h := range hosts.Items {
			if h.Alive {
				alive++
			}
		}
		for _, w := range c.Workers {
			if w.Keeper() == 0 {
				return false
			}
		}
		return err == nil && alive == len(c.Workers)
	})
}

func (c *Cluster) soon() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(c.Context()), callTimeout)
}

// any is the client of some master that runs.
func (k *caller) any() *wire.Client {
	for _, i := range rand.Perm(len(k.masters)) { //nolint:gosec // no secret
		if k.masters[i].Alive() {
			return k.clients[i]
		}
	}
	return k.clients[0]
}

// Apply saves task files, one text with documents of YAML.
func (c *Cluster) Apply(text string) {
	c.Helper()
	request := wire.ApplyRequest{Files: []wire.File{{Name: "lab.yaml", Text: text}}}
	c.Await("a master that takes the task files", func() bool {
		ctx, cancel := c.soon()
		defer cancel()
		reply, err := c.calls.any().Apply(ctx, request)
		if err == nil && !reply.Applied {
			c.Fatalf("task files refused: %v", reply.Findings)
		}
		return err == nil
	})
}

// Run starts a task by hand: it asks the masters that run in turn, until one has
// accepted or ctx ends. What it returns is promised: that batch must run. It is
// safe for concurrent use.
func (c *Cluster) Run(ctx context.Context, task string) (wire.ExecuteReply, error) {
	for {
		reply, err := c.runOnce(ctx, task)
		if err == nil || !passes(err) {
			return reply, err
		}
		select {
		case <-ctx.Done():
			return reply, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (c *Cluster) runOnce(ctx context.Context, task string) (wire.ExecuteReply, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.calls.any().RunTask(ctx, task)
}

// passes says that another try, or another master, may do better.
func passes(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Unavailable, fault.NotLeader, fault.Timeout, fault.Internal, fault.Conflict: // two starts in one millisecond conflict
		return true
	default:
		return errors.Is(err, context.DeadlineExceeded)
	}
}
