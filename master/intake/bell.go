package intake

import "sync"

// bells holds one bell for each host whose worker waits for something to do.
type bells struct {
	mu  sync.Mutex
	all map[string]chan struct{}
}

func newBells() *bells { return &bells{all: map[string]chan struct{}{}} }

// of returns the bell of a host as it hangs now; a ring closes it. Whoever takes
// it before looking misses nothing, and there may be many: a claim that the
// worker has given up waits on until the broken connection is noticed, and must
// not hear a ring in place of the claim that has come after it.
func (b *bells) of(host string) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all[host] == nil {
		b.all[host] = make(chan struct{})
	}
	return b.all[host]
}

func (b *bells) ring(host string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bell := b.all[host]; bell != nil {
		close(bell)
		delete(b.all, host)
	}
}
