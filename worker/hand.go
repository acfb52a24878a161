package worker

import (
	"sync"
	"time"

	"capricornus/common/trace"
	"capricornus/common/wire"
	"capricornus/worker/claim"
	"capricornus/worker/run"
	"capricornus/worker/vitals"
)

// hand is what the worker has in hand: attempts from being handed out to their
// result being in the outbox. It is safe for concurrent use.
type hand struct {
	mu    sync.Mutex
	slots int
	held  map[wire.Held]*grip
	kills map[wire.Held]time.Time // when each kill was ordered
	grown chan struct{}           // closed and replaced when an attempt leaves
}

// killMemory is how long a kill is remembered after its attempt has left: the
// masters order it until they have the result, and need not do so all the time.
const killMemory = 30 * time.Second

// grip is one attempt in hand.
type grip struct {
	orders chan run.Order // at most one; the first order stands

	mu      sync.Mutex
	fence   bool        // of a task that must not outlive the lease
	process run.Process // nil until started
	since   time.Time
	peak    vitals.Usage
	told    vitals.Usage  // of peak, to the masters
	spent   time.Duration // of processor time, as measured last
	spentAt time.Time     // when that was measured; zero: never
	span    *trace.Span   // of the attempt, as long as this worker follows it
}

func newHand(slots int) *hand {
	return &hand{
		slots: slots, held: make(map[wire.Held]*grip),
		kills: make(map[wire.Held]time.Time), grown: make(chan struct{}),
	}
}

// add takes an attempt into the hand; nil when it is there already.
func (h *hand) add(key wire.Held) *grip {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held[key] != nil {
		return nil
	}
	g := &grip{orders: make(chan run.Order, 1)}
	h.held[key] = g
	return g
}

// size is how many attempts are in hand.
func (h *hand) size() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.held)
}

func (h *hand) remove(key wire.Held) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.held, key)
	close(h.grown)
	h.grown = make(chan struct{})
}

func (h *hand) get(key wire.Held) *grip {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.held[key]
}

// killing notes that the masters ordered a kill.
func (h *hand) killing(key wire.Held) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kills[key] = time.Now()
}

// reprieve forgets that a kill was ordered: it came to nothing, and the masters
// shall order it again.
func (h *hand) reprieve(key wire.Held) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.kills, key)
}

// room says what is in hand and how much more fits.
func (h *hand) room() claim.Room {
	h.mu.Lock()
	defer h.mu.Unlock()
	room := claim.Room{Free: max(0, h.slots-len(h.held)), Grown: h.grown}
	for key := range h.held {
		room.Holding = append(room.Holding, key)
	}
	for key, ordered := range h.kills {
		if h.held[key] == nil && time.Since(ordered) > killMemory {
			delete(h.kills, key)
			continue
		}
		room.Killing = append(room.Killing, key)
	}
	return room
}

func (h *hand) grips() []*grip {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*grip, 0, len(h.held))
	for _, g := range h.held {
		all = append(all, g)
	}
	return all
}

// order gives an order unless there is one already.
func (g *grip) order(order run.Order) {
	select {
	case g.orders <- order:
	default:
	}
}

// fences notes whether the attempt must not outlive the lease.
func (g *grip) fences(must bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fence = must
}

func (g *grip) isFenced() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fence
}

// runs notes the process, for sampling.
func (g *grip) runs(process run.Process, since time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.process, g.since = process, since
}

// leader returns the first process of an attempt that has run for some time.
func (g *grip) leader(atLeast time.Duration) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.process == nil || time.Since(g.since) < atLeast {
		return 0
	}
	return g.process.Pid()
}

// sampled raises the peaks; they never fall.
func (g *grip) sampled(usage vitals.Usage) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.peak.Memory = max(g.peak.Memory, usage.Memory)
	g.peak.Processes = max(g.peak.Processes, usage.Processes)
	g.peak.CPU = max(g.peak.CPU, usage.CPU)
	g.spent, g.spentAt = usage.Spent, time.Now()
}

// measured writes the peaks into a result.
func (g *grip) measured(fact *wire.Fact) {
	g.mu.Lock()
	defer g.mu.Unlock()
	fact.PeakMemory = max(fact.PeakMemory, g.peak.Memory) // the kernel may have seen more than the samples
	fact.PeakProcesses = g.peak.Processes
	fact.CPUMillis = max(fact.CPUMillis, g.peak.CPU.Milliseconds())
	if g.process != nil {
		fact.Pid = g.process.Pid()
	}
}
