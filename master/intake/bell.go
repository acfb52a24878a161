package intake

import "sync"

// bells holds one bell for each host whose worker waits for something to do.
type bells struct {
	mu  sync.Mutex
	all map[string]chan struct{}
}

func newBells() *bells { return &bells{all: map[string]chan struct{}{}} }

// of returns the bell of a host. A ring that nobody waits for is kept, so that
// none is lost between two looks.
func (b *bells) of(host string) chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all[host] == nil {
		b.all[host] = make(chan struct{}, 1)
	}
	return b.all[host]
}

func (b *bells) ring(host string) {
	select {
	case b.of(host) <- struct{}{}:
	default:
	}
}
