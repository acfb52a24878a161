package gate

import (
	"sync"
	"time"

	"capricornus/common/store"
)

// madeLimit is how many new batches are looked at one by one; more are everything.
const madeLimit = 1000

// hints are what a duty is to look at before its next full pass.
type hints struct {
	all      bool
	made     []int64           // new batches: what they need may be there already
	finished []int64           // batches whose outputs may be somebody's inputs
	parents  []store.ParentKey // work numbers that have succeeded
}

// inbox gathers the hints for one duty. It is safe for concurrent use.
type inbox struct {
	mu       sync.Mutex
	hints    hints
	lastFull time.Time
}

// put adds hints.
func (b *inbox) put(h hints) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hints.all = b.hints.all || h.all
	b.hints.made = append(b.hints.made, h.made...)
	b.hints.finished = append(b.hints.finished, h.finished...)
	b.hints.parents = append(b.hints.parents, h.parents...)
	if len(b.hints.made) > madeLimit {
		b.hints.all, b.hints.made = true, nil
	}
}

// take takes the hints; a pass that was asked for looks at everything.
func (b *inbox) take(now time.Time, asked bool) hints {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.hints
	b.hints = hints{}
	if asked || now.Sub(b.lastFull) >= Every {
		h.all = true
	}
	if h.all {
		b.lastFull = now
	}
	return h
}
