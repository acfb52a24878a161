package labtest

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Load starts tasks at an even rate, whatever happens to the cluster, and
// remembers what was promised.
type Load struct {
	c       *Cluster
	tasks   []string
	ended   context.CancelFunc
	callers sync.WaitGroup

	mu       sync.Mutex
	promised []Promise
}

// Promise is an accepted start of a task: the batch must run to its end.
type Promise struct {
	Ref   string    // task/workNo.run
	ID    int64     // of the batch
	Asked time.Time // when the first try was made
	At    time.Time // when it was accepted
}

// StartLoad starts these tasks, which must be there, at a rate per second; none
// stands for ManualTasks. A start that is refused because nobody leads or answers
// is tried again until one is accepted.
func (c *Cluster) StartLoad(rate float64, tasks ...string) *Load {
	c.Helper()
	if len(tasks) == 0 {
		for _, d := range ManualTasks() {
			tasks = append(tasks, d.Name)
		}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.Context()))
	l := &Load{c: c, tasks: tasks, ended: cancel}
	c.Event("load: %.1f starts a second", rate)
	l.callers.Go(func() {
		ticker := time.NewTicker(time.Duration(float64(time.Second) / rate))
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				l.callers.Go(func() { l.start(ctx, tasks[rand.IntN(len(tasks))]) }) //nolint:gosec // no secret
			}
		}
	})
	return l
}

func (l *Load) start(ctx context.Context, task string) {
	asked := time.Now()
	reply, err := l.c.Run(ctx, task)
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.promised = append(l.promised, Promise{Ref: reply.Ref, ID: reply.ID, Asked: asked, At: time.Now()})
		return
	}
	if ctx.Err() == nil {
		l.c.Errorf("got start of %s refused: %v", task, err)
	}
}

// Stop ends the load and returns when no call is in flight.
func (l *Load) Stop() {
	l.ended()
	l.callers.Wait()
	l.c.Event("load ended: %d starts accepted", len(l.Promised()))
}

// Promised are the starts accepted so far. It is safe for concurrent use.
func (l *Load) Promised() []Promise {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Promise(nil), l.promised...)
}
