package store

import (
	"context"
	"fmt"
	"sync"
)

// idBlockSize is how many ids one visit to capri_sequence takes (exactly.md 22).
const idBlockSize = 1000

// idBlock is what is left of the block this process took last.
type idBlock struct {
	mu    sync.Mutex
	next  int64
	until int64
}

// IDs allots n new ids, ascending, in a transaction of its own: call it before
// a writing transaction, never inside one. Ids that end up unused are gaps.
func (db *DB) IDs(ctx context.Context, n int) ([]int64, error) {
	db.ids.mu.Lock()
	defer db.ids.mu.Unlock()
	if have := db.ids.until - db.ids.next; have < int64(n) {
		if err := db.takeBlock(ctx, int64(n)); err != nil {
			return nil, err
		}
	}
	out := make([]int64, n)
	for i := range out {
		out[i] = db.ids.next
		db.ids.next++
	}
	return out, nil
}

// ID allots one id; see IDs.
func (db *DB) ID(ctx context.Context) (int64, error) {
	ids, err := db.IDs(ctx, 1)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

func (db *DB) takeBlock(ctx context.Context, n int64) error {
	size := (n + idBlockSize - 1) / idBlockSize * idBlockSize
	var end int64
	err := db.run(ctx, db.write, nil, Actor{}, func(t tx) error {
		if _, err := t.exec(ctx, "UPDATE capri_sequence SET nextId = nextId + ? WHERE id = 1", size); err != nil {
			return err
		}
		return t.get(ctx, &end, "SELECT nextId FROM capri_sequence WHERE id = 1")
	})
	if err != nil {
		return fmt.Errorf("allot ids: %w", err)
	}
	db.ids.next, db.ids.until = end-size, end
	return nil
}
