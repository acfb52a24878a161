package master_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
)

// errNetwork is what a caller sees of a call that a network lost.
var errNetwork = errors.New("simulated network: connection broke")

// network joins workers and masters in place of sockets: a call is a call of
// the master's handler, unless the network loses it.
type network struct {
	mu     sync.Mutex
	doors  map[string]*door       // masters that are up, by host of their URL
	silent map[string]bool        // machines that nobody hears, nor do they
	lose   func(from string) loss // what becomes of the next call; nil: it arrives
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
func (n *network) faulty(lose func(from string) loss) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lose = lose
}

// route says where a call goes and what becomes of it.
func (n *network) route(from, node string) (*door, loss) {
	n.mu.Lock()
	defer n.mu.Unlock()
	to := n.doors[node]
	switch {
	case n.silent[from]:
		return nil, vanished
	case to == nil:
		return nil, vanished
	case n.lose != nil:
		return to, n.lose(from)
	}
	return to, arrives
}

// cut tells whether the answer of a call can come back.
func (n *network) cut(from, node string, to *door) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.silent[from] || n.doors[node] != to
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
	to, fate := l.net.route(l.from, r.URL.Host)
	switch fate {
	case refused:
		return nil, errNetwork
	case vanished:
		return nil, forever(r.Context())
	case arrives, replyLost:
	}
	recorder := httptest.NewRecorder()
	to.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if l.net.cut(l.from, r.URL.Host, to) {
		return nil, forever(r.Context())
	}
	if fate == replyLost {
		return nil, errNetwork
	}
	return recorder.Result(), nil
}

func forever(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
