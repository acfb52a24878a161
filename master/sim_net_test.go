package master_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// errNetwork is what a caller sees of a call that a network lost.
var errNetwork = errors.New("simulated network: connection broke")

// network joins workers and masters in place of sockets: a call is a call of
// the master's handler, unless the network loses it.
type network struct {
	mu     sync.Mutex
	doors  map[string]*door                                    // masters that are up, by host of their URL
	silent map[string]bool                                     // machines that nobody hears, nor do they
	lose   func(from, path string) loss                        // what becomes of the next call; nil: it arrives
	slow   func(from, path string) (there, back time.Duration) // how long the next call takes; nil: no time
	now    time.Time                                           // of the last call
	calls  int                                                 // at that instant
	asked  map[string]int                                      // calls of people that were answered with success, by what they ask
	lag    time.Duration                                       // before a caller hears that a call failed: it tries again at once
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
	return &network{doors: map[string]*door{}, silent: map[string]bool{}, asked: map[string]int{}}
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

// slowly sets how long calls take; nil: no time.
func (n *network) slowly(slow func(from, path string) (there, back time.Duration)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.slow = slow
}

func (n *network) delays(from, path string) (there, back time.Duration) {
	n.mu.Lock()
	slow := n.slow
	n.mu.Unlock()
	if slow == nil {
		return 0, 0
	}
	return slow(from, path)
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
	there, back := l.net.delays(l.from, r.URL.Path)
	if err := l.travels(r.Context(), there); err != nil {
		return nil, err
	}
	to, fate := l.net.route(l.from, r.URL.Host, r.URL.Path)
	if fate == refused || fate == vanished {
		return nil, l.failed(r.Context(), fate)
	}
	recorder := httptest.NewRecorder()
	to.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if err := l.travels(r.Context(), back); err != nil {
		return nil, err
	}
	if back := l.net.back(l.from, r.URL.Host, to); back != arrives || fate == replyLost {
		return nil, l.failed(r.Context(), back)
	}
	if l.from == "admin" && r.Method != http.MethodGet && recorder.Code < http.StatusMultipleChoices {
		l.net.asks(r.URL.Path)
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

// travels is the time a call or its answer is on its way.
func (l link) travels(ctx context.Context, length time.Duration) error {
	if length <= 0 {
		return nil
	}
	l.wait(ctx, length)
	return ctx.Err()
}

func (l link) wait(ctx context.Context, length time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(length):
	}
}

// asks counts a call of a person that may have changed something.
func (n *network) asks(path string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked[path]++
}

// changes is how many calls of people may have changed something.
func (n *network) changes() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	total := 0
	for path, k := range n.asked {
		if path != "/api/v1/tasks/apply" {
			total += k
		}
	}
	return total
}

// told sums up the calls of people by their kind.
func (n *network) told() map[string]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := map[string]int{}
	for path, k := range n.asked {
		parts := strings.Split(strings.TrimPrefix(path, "/api/v1/"), "/")
		out[parts[0]+" "+parts[len(parts)-1]] += k
	}
	return out
}
