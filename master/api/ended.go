package api

import (
	"sync"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// What hangs on a batch that ended a while ago, its attempts, dependencies and
// moves, changes with its journal only: it is read once for each length of the
// journal, and the batch itself every time. Facts that come late and move
// nothing are seen when the memory ends.
const (
	endedAfter  = 10 * time.Minute // since the end: what a worker had to say has been said
	endedMemory = time.Minute
	endedRoom   = 2048    // batches of the younger of the two halves
	endedBytes  = 4 << 10 // of texts; a batch with more is read each time
)

// endedKey is a batch with its journal as far as it goes.
type endedKey struct {
	id  int64
	seq int
}

type endedRest struct {
	attempts []wire.Attempt
	depends  []wire.Depend
	moved    []wire.Moved
	until    time.Time
}

// ended remembers in two halves: when the younger is full, the older goes.
type ended struct {
	mu             sync.Mutex
	younger, older map[endedKey]endedRest
}

func newEnded() *ended { return &ended{younger: map[endedKey]endedRest{}} }

// of returns what hangs on a batch, if it is remembered.
func (e *ended) of(b *store.Batch, now time.Time) (endedRest, bool) {
	if !settled(b, now) {
		return endedRest{}, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	key := endedKey{b.ID, b.Seq}
	rest, known := e.younger[key]
	if !known {
		rest, known = e.older[key]
	}
	return rest, known && now.Before(rest.until)
}

// keep remembers what hangs on a batch, read in one snapshot with it.
func (e *ended) keep(b *store.Batch, detail *wire.BatchDetail, now time.Time) {
	if !settled(b, now) || textBytes(detail) > endedBytes {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.younger) >= endedRoom {
		e.older, e.younger = e.younger, make(map[endedKey]endedRest, endedRoom)
	}
	e.younger[endedKey{b.ID, b.Seq}] = endedRest{attempts: detail.Attempts, depends: detail.Depends, moved: detail.Moved, until: now.Add(endedMemory)}
}

func settled(b *store.Batch, now time.Time) bool {
	return b.State == batch.Done && b.EndTime < now.Add(-endedAfter).UnixMilli()
}

func textBytes(d *wire.BatchDetail) int {
	n := 0
	for _, a := range d.Attempts {
		n += len(a.Tail) + len(a.Reason) + len(a.Code)
	}
	for _, p := range d.Depends {
		n += len(p.What)
	}
	return n
}
