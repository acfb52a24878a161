package workdir

import "sync"

// flusher makes many callers share one fsync: those that come while one is
// under way wait for the next, which serves them all. No timer is involved.
type flusher struct {
	flush func() error

	mu      sync.Mutex
	running bool
	waiting *round
}

type round struct {
	done chan struct{}
	err  error
}

// Flush returns after a flush that began after the call.
func (f *flusher) Flush() error {
	f.mu.Lock()
	if f.waiting == nil {
		f.waiting = &round{done: make(chan struct{})}
	}
	mine := f.waiting
	if f.running {
		f.mu.Unlock()
		<-mine.done
		return mine.err
	}
	f.running = true
	for f.waiting != nil {
		current := f.waiting
		f.waiting = nil
		f.mu.Unlock()
		current.err = f.flush()
		close(current.done)
		f.mu.Lock()
	}
	f.running = false
	f.mu.Unlock()
	return mine.err
}
