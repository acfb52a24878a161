package live

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Bounds of the stream.
const (
	MaxClients = 500
	ringSize   = 20_000
	maxFlush   = 5000             // events that a client is sent at once; more are a resync
	overlap    = 20 * time.Second // that is read again: no transaction is open for longer
	oldest     = 10 * time.Minute // that a client can come back to
	lookEvery  = time.Second
	lookApart  = 100 * time.Millisecond // however often somebody writes
	restEvery  = 5                      // looks at what changes slowly: workers, operations
	Heartbeat  = 15 * time.Second

	beginWithin = 10 * time.Second
)

// Config is what happens where.
type Config struct {
	DB     *store.DB
	Leader func() (node, address string, known bool)
	Log    *slog.Logger
	// Every is the time between two looks and between two flushes to a client;
	// 0: a second.
	Every time.Duration
}

// Hub looks at the database for all clients of this master. It is safe for
// concurrent use.
type Hub struct {
	cfg  Config
	name string // of this hub, in ids: another one's positions mean nothing here
	wake chan struct{}

	mu      sync.Mutex
	clients map[*Client]struct{}
	ring    *ring
	stands  map[string]item // how workers, operations, incidents and the cluster stand
	looked  int64           // when the last look was, by the database's clock
	news    chan struct{}   // closed when something is added, and replaced
	begun   chan struct{}   // closed when the present run has looked once
	stop    context.CancelFunc
}

// New makes a hub that does nothing until there is a client.
func New(cfg Config) *Hub {
	var name [4]byte
	_, _ = rand.Read(name[:]) // never fails
	if cfg.Every == 0 {
		cfg.Every = lookEvery
	}
	return &Hub{cfg: cfg, name: hex.EncodeToString(name[:]), wake: make(chan struct{}, 1), clients: map[*Client]struct{}{}, ring: newRing(1), news: make(chan struct{})}
}

// Wake says that this master has written something that clients may wait for.
func (h *Hub) Wake() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Subscribe adds a client, behind the event with the id since when it is given.
// The client must be closed.
func (h *Hub) Subscribe(ctx context.Context, f Filter, since string) (*Client, error) {
	from, err := parseID(since)
	if err != nil {
		return nil, err
	}
	c := &Client{hub: h, filter: f}
	begun, err := h.enter(ctx, c)
	if err != nil {
		return nil, err
	}
	select {
	case <-begun:
	case <-time.After(beginWithin):
		c.Close()
		return nil, fault.New(fault.Unavailable, "the database does not answer").WithHint("try again in a moment")
	case <-ctx.Done():
		c.Close()
		return nil, ctx.Err()
	}
	if err := c.begin(ctx, from); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// enter counts a client in; the first one starts the looking.
func (h *Hub) enter(ctx context.Context, c *Client) (begun <-chan struct{}, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.clients) >= MaxClients {
		return nil, fault.New(fault.Unavailable, "this master sends events to %d clients already", MaxClients).WithHint("ask another master, or list every few seconds")
	}
	h.clients[c] = struct{}{}
	if len(h.clients) == 1 {
		run, stop := context.WithCancel(context.WithoutCancel(ctx)) // it outlives the call that began it
		h.stop, h.begun = stop, make(chan struct{})
		go h.run(run, h.begun)
	}
	return h.begun, nil
}

// Clients is how many follow events at this master.
func (h *Hub) Clients() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}

// leave counts a client out; the last one ends the looking.
func (h *Hub) leave(c *Client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, in := h.clients[c]; !in {
		return
	}
	delete(h.clients, c)
	if len(h.clients) == 0 {
		h.stop()
	}
}

// run looks until there is no client any more. What happened while nobody looked
// is in no ring: positions of before are lost.
func (h *Hub) run(ctx context.Context, begun chan struct{}) {
	h.mu.Lock()
	end := h.ring.end
	h.ring, h.stands = newRing(ringSize), map[string]item{}
	h.ring.end = end + ringSize + 1
	h.mu.Unlock()
	l := newLooker(h)
	ticker := time.NewTicker(h.cfg.Every)
	defer ticker.Stop()
	failing := false
	for looks := 0; ; looks++ {
		items, err := l.look(ctx, failing || looks%restEvery == 0) // whoever waits for the first one that succeeds is told how everything stands
		if ctx.Err() != nil {
			closeOnce(begun)
			return
		}
		if err != nil && !failing {
			h.cfg.Log.Warn("live events: the database does not answer", slog.Any(logs.Err, err))
		}
		failing = err != nil
		if err == nil {
			h.publish(items, l.now)
			closeOnce(begun)
		}
		if !h.pause(ctx, ticker.C) {
			closeOnce(begun)
			return
		}
	}
}

func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// pause waits for the next look: a tick, or that something was written.
func (h *Hub) pause(ctx context.Context, tick <-chan time.Time) bool {
	apart := time.NewTimer(min(lookApart, h.cfg.Every))
	defer apart.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-apart.C:
	}
	select {
	case <-ctx.Done():
		return false
	case <-tick:
	case <-h.wake:
	}
	return true
}

func (h *Hub) publish(items []item, now int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.looked = now
	if len(items) == 0 {
		return
	}
	for _, i := range items {
		h.ring.add(i)
		switch i.event.Topic {
		case wire.TopicOperation, wire.TopicHost, wire.TopicCluster:
			h.stands[i.key] = i
		case wire.TopicIncident:
			h.stands[i.key] = i
			if i.event.Incident.State == incidentEnded {
				delete(h.stands, i.key)
			}
		}
	}
	close(h.news)
	h.news = make(chan struct{})
}
