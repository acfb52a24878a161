package master_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// errNetwork is what a caller sees of a call that a network lost.
var errNetwork = errors.New("simulated network: connection broke")

// network joins workers and masters in place of sockets: a call is a call of
// the master's handler, unless the network loses it.
type network struct {
	mu     sync.Mutex
	doors  map[string]*door             // masters that are up, by host of their URL
	silent map[string]bool              // machines that nobody hears, nor do they
	lose   func(from, path string) loss // what becomes of the next call; nil: it arrives
	now    time.Time                    // of the last call
	calls  int                          // at that instant
	lag    time.Duration                // before a caller hears that a call failed: it tries again at once
}

// door is one life of a master, as the network sees it.
type door struct{ http.Handler }

// loss is what the network does to one call.
type loss int

const (
	arrives   loss = iota
	refused        // not delivered, and the caller knows at once
	vanished       // not delivered, and the caller waits for its deadline
	replyLost      // delivered, and the answer is not
)

func newNetwork() *network {
	return &network{doors: map[string]*door{}, silent: map[string]bool{}}
}

// serve puts a master into the network, or takes it out when handler is nil.
func (n *network) serve(node string, handler http.Handler) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if handler == nil {
		delete(n.doors, node)
		return
	}
	n.doors[node] = &door{handler}
}

// silence cuts a machine off, or joins it again.
func (n *network) silence(machine string, cut bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.silent[machine] = cut
}

// faulty sets how calls are lost; nil: none is.
func (n *network) faulty(lose func(from, path string) loss) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lose = lose
}

// route says where a call goes and what becomes of it.
func (n *network) route(from, node, path string) (*door, loss) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.count()
	to := n.doors[node]
	switch {
	case n.silent[from]:
		return nil, vanished
	case to == nil:
		return nil, refused
	case n.lose != nil:
		return to, n.lose(from, path)
	}
	return to, arrives
}

// callsAtOnce is far more than a cluster needs at one instant.
const callsAtOnce = 3000

// count ends a cluster that goes round in circles: while somebody always has
// something to do, virtual time stands still, and memory is all that grows.
func (n *network) count() {
	if now := time.Now(); !now.Equal(n.now) {
		n.now, n.calls = now, 0
	}
	if n.calls++; n.calls > callsAtOnce {
		panic("simulated cluster: time does not go on, it is " + n.now.String())
	}
}

// back says what becomes of the answer of a call.
func (n *network) back(from, node string, to *door) loss {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.silent[from]:
		return vanished
	case n.doors[node] != to:
		return refused // the master died meanwhile
	}
	return arrives
}

// link is the network as one machine has it.
type link struct {
	net  *network
	from string
}

// RoundTrip implements http.RoundTripper.
func (l link) RoundTrip(r *http.Request) (*http.Response, error) {
	defer func() {
		if r.Body != nil {
			_ = r.Body.Close()
		}
	}()
	to, fate := l.net.route(l.from, r.URL.Host, r.URL.Path)
	if fate == refused || fate == vanished {
		return nil, l.failed(r.Context(), fate)
	}
	recorder := httptest.NewRecorder()
	to.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if back := l.net.back(l.from, r.URL.Host, to); back != arrives || fate == replyLost {
		return nil, l.failed(r.Context(), back)
	}
	if recorder.Code >= http.StatusInternalServerError {
		l.wait(r.Context(), l.net.lag)
	}
	return recorder.Result(), nil
}

// failed is what a caller gets of a call that was lost, when it gets it.
func (l link) failed(ctx context.Context, how loss) error {
	if how == vanished {
		<-ctx.Done()
		return ctx.Err()
	}
	l.wait(ctx, l.net.lag)
	return errNetwork
}

func (l link) wait(ctx context.Context, length time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(length):
	}
}
