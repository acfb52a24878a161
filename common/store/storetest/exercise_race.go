package storetest

import (
	"testing"

	"golang.org/x/sync/errgroup"

	"capricornus/common/store"
)

// raceCases lay out two transactions statement by statement: what many
// goroutines at once meet only sometimes. SQLite has one writer.
func raceCases() []exercise {
	return []exercise{
		{name: "CountsWhatAnOpenTransactionHasMet", alone: countsAfterOpen},
		{name: "LocksInTheOrderOfIds", alone: locksInOrder},
		{name: "DoesNotMeetTheNewestBatchWhileANewerOneIsMade", alone: newestWhileMade},
	}
}

// countsAfterOpen: the second transaction waits for the first, and must count
// after it, not as of when it began to wait: that was before another batch of
// its page, which nobody else has (exactly.md 21).
func countsAfterOpen(t *testing.T, cfg store.Config) {
	w := NewWorld(t, migrated(t, cfg))
	if cfg.Driver == SQLite {
		return
	}
	a, b := w.Task(), w.Task()
	free, child := w.child("20150518", store.DepUnmet, b), w.child("20150518", store.DepUnmet, a, b)
	w.Succeed(w.Batch(a, "20150518"), w.Batch(b, "20150518"))
	var group errgroup.Group
	ctx := t.Context()
	w.ok("meet the first", w.Lead.Tx(ctx, "depend", func(tx *store.LeaderTx) error {
		if _, err := tx.MeetParents(ctx, keyOf(a, "20150518")); err != nil {
			return err
		}
		group.Go(func() error { return w.meet(keyOf(b, "20150518")[0]) })
		eventually(t, "second transaction that waits for the first", func() bool { return waitsForLock(t, tx, w.DB) })
		return nil
	}))
	w.ok("meet the second", group.Wait())
	wantEqual(t, "unmet of the batch that waits for the second alone", w.Work(free).Unmet, 0)
	wantEqual(t, "unmet of the batch that waits for both", w.Work(child).Unmet, 0)
	Sound(t, w.DB)
}

// locksInOrder: whoever waits for a batch holds none of a higher id, so that
// two transactions never wait for each other.
func locksInOrder(t *testing.T, cfg store.Config) {
	w := NewWorld(t, migrated(t, cfg))
	if cfg.Driver == SQLite {
		return
	}
	task := w.Task()
	low, high := w.Batch(task, "20150517"), w.Batch(task, "20150518")
	var group errgroup.Group
	ctx := t.Context()
	first, second := 0, 0
	w.ok("lock one after the other", w.Lead.Tx(ctx, "test", func(tx *store.LeaderTx) error {
		first++
		if _, err := tx.Lock(ctx, []int64{low}); err != nil {
			return err
		}
		if first == 1 {
			group.Go(func() error {
				return w.Lead.Tx(ctx, "test", func(tx *store.LeaderTx) error {
					second++
					_, err := tx.Lock(ctx, []int64{high, low})
					return err
				})
			})
			eventually(t, "second transaction that waits for the first", func() bool { return waitsForLock(t, tx, w.DB) })
		}
		_, err := tx.Lock(ctx, []int64{high})
		return err
	}))
	w.ok("lock both at once", group.Wait())
	if first != 1 || second != 1 {
		t.Errorf("got %d and %d tries, want one each: a deadlock was met", first, second)
	}
}

// newestWhileMade: who would call a parent's newest batch successful waits for
// a newer one that is just being made, and then finds it.
func newestWhileMade(t *testing.T, cfg store.Config) {
	w := NewWorld(t, migrated(t, cfg))
	if cfg.Driver == SQLite {
		return
	}
	parent := w.Task()
	child := w.Task(func(s *store.TaskSave) { s.Edges = []store.Edge{{ParentID: parent, Kind: "logic", Window: "last"}} })
	at := func(n int64) func(*store.NewBatch) { return func(b *store.NewBatch) { b.ScheduleTime = n } }
	w.Succeed(w.Batch(parent, "20150517", at(100)))
	waiting := w.Batch(child, "20150518", func(b *store.NewBatch) { b.Parents = []store.NewParent{{TaskID: parent, Last: true}} })
	newer := w.Draft(parent, "20150518", at(200))
	var group errgroup.Group
	ctx := t.Context()
	w.ok("make a newer batch", w.Lead.Tx(ctx, "generate", func(tx *store.LeaderTx) error {
		if err := tx.InsertBatches(ctx, []store.NewBatch{newer}); err != nil {
			return err
		}
		group.Go(func() error {
			return w.Lead.Tx(ctx, "depend", func(tx *store.LeaderTx) error {
				_, err := tx.MeetLasts(ctx, []int64{parent})
				return err
			})
		})
		eventually(t, "second transaction that waits for the first", func() bool { return waitsForLock(t, tx, w.DB) })
		return nil
	}))
	w.ok("meet", group.Wait())
	wantEqual(t, "unmet of the batch that waits for the newest one", w.Work(waiting).Unmet, 1)
	Sound(t, w.DB)
}
