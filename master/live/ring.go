package live

import (
	"capricornus/common/wire"
)

// item is one thing that has happened, or how something stands.
type item struct {
	event wire.LiveEvent
	key   string // of what it is about: of several about the same the last one counts
	at    int64  // when it happened, by the database's clock
	task  string // of a batch
}

// ring keeps the newest items. Positions count from 1 and go on for ever.
type ring struct {
	items []item
	end   uint64 // the position of the newest item
}

func newRing(size int) *ring { return &ring{items: make([]item, size)} }

func (r *ring) add(i item) {
	r.items[r.end%uint64(len(r.items))] = i
	r.end++
}

// after copies the items behind a position; ok is false when the ring has lost
// some of them.
func (r *ring) after(position uint64) (items []item, ok bool) {
	size := uint64(len(r.items))
	if position > r.end || r.end-position > size {
		return nil, false
	}
	for at := position; at < r.end; at++ {
		items = append(items, r.items[at%size])
	}
	return items, true
}
