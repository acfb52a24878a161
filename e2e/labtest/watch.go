package labtest

import (
	"context"
	"sync"
	"time"
)

// Term is one leadership, as its leader tells of it.
type Term struct {
	Leader *Process // nil: none
	Epoch  int64
	At     time.Time // when it was seen first
}

// watcher asks every master all the time who leads. One that is frozen or cut
// off does not keep it from hearing the others.
type watcher struct {
	c    *Cluster
	stop context.CancelFunc
	all  sync.WaitGroup

	mu    sync.Mutex
	says  map[*Process]int64 // epoch of the term that a master leads now; 0: none
	terms []Term             // in the order they were seen
}

const watchInterval = 20 * time.Millisecond

func newWatcher(c *Cluster) *watcher {
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.Context()))
	w := &watcher{c: c, stop: cancel, says: map[*Process]int64{}}
	for i, m := range c.Masters {
		w.all.Go(func() {
			ticker := time.NewTicker(watchInterval)
			defer ticker.Stop()
			for ctx.Err() == nil {
				w.heard(m, w.ask(ctx, i, m))
				select {
				case <-ctx.Done():
				case <-ticker.C:
				}
			}
		})
	}
	return w
}

func (w *watcher) end() {
	w.stop()
	w.all.Wait()
}

// ask returns the epoch of the term that a master leads; 0: none, or no answer.
func (w *watcher) ask(ctx context.Context, i int, m *Process) int64 {
	if !m.Alive() {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	status, err := w.c.calls.clients[i].Status(ctx)
	if err != nil || status.Leader != m.Name {
		return 0
	}
	return status.Epoch
}

func (w *watcher) heard(m *Process, epoch int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.says[m]
	w.says[m] = epoch
	switch epoch {
	case before:
	case 0:
		w.c.Event("%s does not lead any more, or does not answer", m.Name)
	default:
		w.c.Event("%s leads term %d", m.Name, epoch)
		w.terms = append(w.terms, Term{Leader: m, Epoch: epoch, At: time.Now()})
	}
}

// Term is the newest term that a master which runs leads now. It is safe for
// concurrent use.
func (c *Cluster) Term() Term {
	w := c.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	var newest Term
	for _, t := range w.terms {
		if t.Epoch > newest.Epoch && w.says[t.Leader] == t.Epoch && t.Leader.Alive() {
			newest = t
		}
	}
	return newest
}

// Terms are all terms that were seen, oldest first; one whose leader was not
// heard of for a while may be there twice. It is safe for concurrent use.
func (c *Cluster) Terms() []Term {
	c.watch.mu.Lock()
	defer c.watch.mu.Unlock()
	return append([]Term(nil), c.watch.terms...)
}
