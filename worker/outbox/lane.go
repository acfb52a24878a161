package outbox

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"capricornus/common/logs"
	"capricornus/common/pause"
	"capricornus/common/wire"
)

// What goes into one request: masters take 16 MiB.
const (
	maxFacts = 500
	maxBytes = 8 << 20
)

// The waits between failed requests.
const (
	firstDelay = 100 * time.Millisecond
	lastDelay  = 5 * time.Second
)

// errUndecided stands for a request after which some facts have no verdict.
var errUndecided = errors.New("a master wants some facts again")

// lane sends facts in order, one request at a time, each with all that
// gathered while the one before was in flight.
type lane struct {
	sender  Sender
	log     *slog.Logger
	settled func([]*entry, []wire.FactVerdict)
	bell    chan struct{}

	mu    sync.Mutex
	ready []*entry
}

func newLane(sender Sender, log *slog.Logger, settled func([]*entry, []wire.FactVerdict)) *lane {
	return &lane{sender: sender, log: log, settled: settled, bell: make(chan struct{}, 1)}
}

func (l *lane) add(entries ...*entry) {
	l.mu.Lock()
	l.ready = append(l.ready, entries...)
	l.mu.Unlock()
	ring(l.bell)
}

func (l *lane) forget(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ready = slices.DeleteFunc(l.ready, func(other *entry) bool { return other == e })
}

func (l *lane) drop() []*entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	dropped := l.ready
	l.ready = nil
	return dropped
}

// run sends until ctx ends. After a failure everything stays in place and is
// tried again, without limit.
func (l *lane) run(ctx context.Context) error {
	delay := firstDelay
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.bell:
		}
		left, err := l.send(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the end; what was not sent is on disk
		}
		if err == nil {
			delay = firstDelay
		} else {
			l.log.Warn("facts are reported again later", logs.Error(err), logs.Left, left)
			_ = pause.For(ctx, delay/2+rand.N(delay)) //nolint:gosec // spreads the workers, hides nothing
			delay = min(2*delay, lastDelay)
		}
		if left > 0 {
			ring(l.bell)
		}
	}
}

// send makes one request and returns how many facts are left.
func (l *lane) send(ctx context.Context) (left int, err error) {
	l.mu.Lock()
	batch := slices.Clone(l.ready[:fitting(l.ready)])
	l.mu.Unlock()
	if len(batch) == 0 {
		return 0, nil
	}
	facts := make([]wire.Fact, len(batch))
	for i, e := range batch {
		facts[i] = e.fact
	}
	verdicts, err := l.sender.Facts(ctx, facts)
	if err != nil {
		return len(batch), err
	}
	settled := make(map[*entry]bool, len(batch))
	var order []*entry
	var answers []wire.FactVerdict
	for i, e := range batch {
		if !final(verdicts[i]) {
			err = errUndecided
			continue
		}
		settled[e] = true
		order, answers = append(order, e), append(answers, verdicts[i])
	}
	l.settled(order, answers)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ready = slices.DeleteFunc(l.ready, func(e *entry) bool { return settled[e] })
	return len(l.ready), err
}

// fitting is how many facts, from the first, go into one request.
func fitting(ready []*entry) int {
	bytes := 0
	for i, e := range ready {
		bytes += encoded(&e.fact)
		if i == maxFacts || i > 0 && bytes > maxBytes {
			return i
		}
	}
	return len(ready)
}

// encoded is about how long a fact is as JSON at most: control characters take
// six bytes each, what is JSON already has none.
func encoded(f *wire.Fact) int {
	return 1000 + 6*(len(f.Tail)+len(f.Reason)) + 2*(len(f.Result)+len(f.LogEnd))
}

// final reports whether a fact with this verdict may be forgotten. A verdict
// this version does not know is not one.
func final(v wire.FactVerdict) bool {
	return v == wire.VerdictOK || v == wire.VerdictStale || v == wire.VerdictNo
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}
