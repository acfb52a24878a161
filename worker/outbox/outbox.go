// Package outbox carries facts to the masters. A durable fact (the end of an
// attempt) is in a file and synced before it is sent and until a master gave a
// final verdict, so that neither a restart nor an outage of any length loses
// it. A fleeting one (started, refused) can be told again from scratch and is
// only kept in memory; its teller waits for the verdict.
//
// While Run lasts, one goroutine writes and syncs what has gathered since the
// last sync, and one for each kind sends what has gathered while its last
// request was in flight. None waits on a timer unless sending fails. Sending
// again after an unknown outcome is harmless: masters take a fact once.
package outbox

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"capricornus/common/logs"
	"capricornus/common/wire"
)

// ErrClosed is returned to those who still wait for a verdict when Run ends.
var ErrClosed = errors.New("outbox is closed")

// Sender delivers facts and returns a verdict for each; wire.WorkerClient does.
type Sender interface {
	Facts(ctx context.Context, facts []wire.Fact) ([]wire.FactVerdict, error)
}

// Done is told the final verdict of a durable fact before it leaves the file.
// It runs on the sending goroutine and must not block.
type Done func(wire.Fact, wire.FactVerdict)

// Box is one outbox. Only one process may use its file at a time.
type Box struct {
	// Point is told, when it is set before Run, where durable facts have got
	// to, so that a test can end the process there: "boxed" when they are
	// synced and nobody has them, "sent" when a master has answered and nothing
	// here says so.
	Point func(name string)

	file     *journal
	log      *slog.Logger
	ends     *lane // durable facts
	fleeting *lane // so that a start does not queue behind a thousand ends

	mu      sync.Mutex
	unsaved []*entry
	open    map[string]wire.Held // durable facts without a final verdict
	idle    chan struct{}        // closed while open is empty
	save    chan struct{}
}

type entry struct {
	id      string
	fact    wire.Fact
	saved   chan struct{}         // durable: closed when the box has taken over
	verdict chan wire.FactVerdict // fleeting: the final verdict
}

// Open reads the outbox file name below root. Facts left in it are sent when
// Run starts.
func Open(root *os.Root, name string, sender Sender, done Done, log *slog.Logger) (*Box, error) {
	file, left, err := openJournal(root, name)
	if err != nil {
		return nil, err
	}
	b := &Box{
		file: file, log: log,
		open: make(map[string]wire.Held),
		idle: make(chan struct{}),
		save: make(chan struct{}, 1),
	}
	b.ends = newLane(sender, log, func(settled []*entry, verdicts []wire.FactVerdict) {
		b.acknowledged(settled, verdicts, done)
	})
	b.fleeting = newLane(sender, log, func(settled []*entry, verdicts []wire.FactVerdict) {
		for i, e := range settled {
			e.verdict <- verdicts[i]
		}
	})
	for _, fact := range left {
		id := factID(fact)
		b.open[id] = keyOf(fact)
		b.ends.add(&entry{id: id, fact: fact})
	}
	b.updateIdle()
	return b, nil
}

// Pending returns the durable facts a file holds, without changing it. It is
// for the keeper, who reports what a dead worker had not.
func Pending(root *os.Root, name string) ([]wire.Fact, error) { return readJournal(root, name) }

// Put takes over a durable fact. It returns when the fact is synced; sending
// goes on by itself. A fact that is already in the box is taken once.
func (b *Box) Put(ctx context.Context, fact wire.Fact) error {
	e := &entry{id: factID(fact), fact: fact, saved: make(chan struct{})}
	b.mu.Lock()
	if _, there := b.open[e.id]; there {
		b.mu.Unlock()
		return nil
	}
	b.open[e.id] = keyOf(fact)
	b.unsaved = append(b.unsaved, e)
	b.updateIdle()
	b.mu.Unlock()
	ring(b.save)
	select {
	case <-e.saved:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ask sends a fleeting fact and returns the final verdict, however long the
// masters are away.
func (b *Box) Ask(ctx context.Context, fact wire.Fact) (wire.FactVerdict, error) {
	e := &entry{fact: fact, verdict: make(chan wire.FactVerdict, 1)}
	b.fleeting.add(e)
	select {
	case verdict, open := <-e.verdict:
		if !open {
			return "", ErrClosed
		}
		return verdict, nil
	case <-ctx.Done():
		b.fleeting.forget(e)
		return "", ctx.Err()
	}
}

// Holds reports whether the end of the attempt is in the box.
func (b *Box) Holds(key wire.Held) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, there := b.open[keyID(key)]
	return there
}

// Keys lists the attempts whose ends are in the box: the masters do not know
// them yet.
func (b *Box) Keys() []wire.Held {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.open))
}

// Idle returns a channel that is closed once no durable fact is left. It is
// outdated when something is put in meanwhile.
func (b *Box) Idle() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.idle
}

// Len is how many durable facts have no final verdict yet.
func (b *Box) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open)
}

// Run saves and sends until ctx ends, then closes the file. What was put in by
// then is saved, not necessarily sent.
func (b *Box) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return b.saveAll(ctx) })
	group.Go(func() error { return b.ends.run(ctx) })
	group.Go(func() error { return b.fleeting.run(ctx) })
	err := group.Wait()
	for _, e := range b.fleeting.drop() {
		close(e.verdict)
	}
	return errors.Join(err, b.file.close())
}

// saveAll writes and syncs what has gathered, then lets it be sent. On a disk
// that refuses, facts are sent from memory: late durability is none, but a
// master that has the result is better than nobody having it.
func (b *Box) saveAll(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			b.saveGathered()
			return nil
		case <-b.save:
			b.saveGathered()
		}
	}
}

func (b *Box) saveGathered() {
	b.mu.Lock()
	gathered := b.unsaved
	b.unsaved = nil
	b.mu.Unlock()
	if len(gathered) == 0 {
		return
	}
	facts := make([]wire.Fact, len(gathered))
	for i, e := range gathered {
		facts[i] = e.fact
	}
	if err := b.file.put(facts); err != nil {
		b.log.Error("results are not on disk yet", logs.Error(err), logs.Count, len(facts))
	}
	b.at("boxed")
	for _, e := range gathered {
		close(e.saved)
	}
	b.ends.add(gathered...)
}

// acknowledged forgets durable facts with a final verdict.
func (b *Box) acknowledged(settled []*entry, verdicts []wire.FactVerdict, done Done) {
	if len(settled) == 0 {
		return
	}
	b.at("sent")
	ids := make([]string, len(settled))
	for i, e := range settled {
		done(e.fact, verdicts[i])
		ids[i] = e.id
	}
	if err := b.file.remove(ids); err != nil {
		b.log.Error("reported results stay in the outbox file", logs.Error(err))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		delete(b.open, id)
	}
	b.updateIdle()
}

func (b *Box) at(point string) {
	if b.Point != nil {
		b.Point(point)
	}
}

// updateIdle keeps the channel's state in step; b.mu is held.
func (b *Box) updateIdle() {
	select {
	case <-b.idle:
		if len(b.open) > 0 {
			b.idle = make(chan struct{})
		}
	default:
		if len(b.open) == 0 {
			close(b.idle)
		}
	}
}

// factID names what a durable fact is about. An attempt ends once, so its end
// needs no more than its key.
func factID(fact wire.Fact) string {
	return keyID(keyOf(fact))
}

func keyOf(fact wire.Fact) wire.Held {
	return wire.Held{WorkID: fact.WorkID, Attempt: fact.Attempt}
}

func keyID(key wire.Held) string {
	return strconv.FormatInt(key.WorkID, 10) + "-" + strconv.Itoa(key.Attempt)
}
