package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/go-sql-driver/mysql"
	"golang.org/x/sync/errgroup"

	"capricornus/common/store"
)

func onMariaDB(t *testing.T, test func(t *testing.T, cfg store.Config)) {
	t.Helper()
	t.Parallel()
	for _, engine := range Engines(t) {
		if engine == SQLite {
			continue // one writer: no locks to wait for
		}
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, Fresh(t, engine))
		})
	}
}

// TestLockTimeoutLeavesNoHalf: after 1205 the server keeps the first half of
// the transaction open. It must be gone when the transaction begins again, and
// also when the caller has not looked at the error.
func TestLockTimeoutLeavesNoHalf(t *testing.T) {
	onMariaDB(t, func(t *testing.T, cfg store.Config) {
		t.Helper()
		ctx := t.Context()
		w := NewWorld(t, migrated(t, cfg))
		task := w.Task()
		wanted, draft := w.Batch(task, "20150518"), w.Draft(task, "20150519")
		other, err := Connect(t, cfg).RawReader().BeginTx(ctx, nil) // readers are not ended for idling
		w.ok("begin", err)
		_, err = other.ExecContext(ctx, "SELECT id FROM capri_task_work WHERE id = ? FOR UPDATE", wanted)
		w.ok("lock", err)
		runs := 0
		w.ok("the transaction that waits", w.Lead.Tx(ctx, "generate", func(tx *store.LeaderTx) error {
			if runs++; runs == 2 {
				if _, err := tx.WorkByID(ctx, draft.ID); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("the batch of the first run: got error %v, want it gone", err)
				}
				w.ok("let go", other.Rollback())
			}
			if err := tx.InsertBatches(ctx, []store.NewBatch{draft}); err != nil {
				return err
			}
			_, _ = tx.Lock(ctx, []int64{wanted}) // a caller that does not look
			return nil
		}))
		wantEqual(t, "runs", runs, 2)
		wantEqual(t, "events of the batch", w.Work(draft.ID).Seq, 1)
		Sound(t, w.DB)
	})
}

// TestDeadlockIsMetByBoth: of two transactions that wait for each other the
// server ends one with 1213. Both are done in the end.
func TestDeadlockIsMetByBoth(t *testing.T) {
	onMariaDB(t, func(t *testing.T, cfg store.Config) {
		t.Helper()
		ctx := t.Context()
		w := NewWorld(t, migrated(t, cfg))
		task := w.Task()
		ids := []int64{w.Batch(task, "20150517"), w.Batch(task, "20150518")}
		drafts := []store.NewBatch{w.Draft(task, "20150519"), w.Draft(task, "20150520")}
		runs := make([]int, 2)
		both := [2]chan struct{}{make(chan struct{}), make(chan struct{})}
		var group errgroup.Group
		for i := range 2 {
			group.Go(func() error {
				return w.Lead.Tx(ctx, "generate", func(tx *store.LeaderTx) error {
					runs[i]++
					if err := tx.InsertBatches(ctx, drafts[i:i+1]); err != nil {
						return err
					}
					if _, err := tx.Lock(ctx, ids[i:i+1]); err != nil {
						return err
					}
					if runs[i] == 1 {
						close(both[i])
						<-both[1-i]
					}
					_, err := tx.Lock(ctx, ids[1-i:2-i])
					return err
				})
			})
		}
		w.ok("both", group.Wait())
		wantEqual(t, "runs of both", runs[0]+runs[1], 3)
		for _, d := range drafts {
			wantEqual(t, "events of the batch", w.Work(d.ID).Seq, 1)
		}
		Sound(t, w.DB)
	})
}

// TestCalledOffByTheServer: each statement in turn is answered with a number
// that calls the transaction off; 1020 cannot be had from READ COMMITTED.
func TestCalledOffByTheServer(t *testing.T) {
	onMariaDB(t, func(t *testing.T, cfg store.Config) {
		t.Helper()
		faults := &Faults{}
		cfg.Wrap = faults.Wrap
		w := NewWorld(t, migrated(t, cfg))
		task := w.Task()
		for _, number := range []uint16{1020, 1205, 1213} {
			for k, fired := 1, true; fired; k++ {
				draft := w.Draft(task, fmt.Sprintf("%d%04d", number, k))
				faults.Arm(k, FaultKind{Err: &mysql.MySQLError{Number: number, Message: "injected"}})
				err := w.Insert(draft)
				fired = faults.Disarm()
				w.ok(fmt.Sprintf("error %d at statement %d", number, k), err)
				wantEqual(t, "events of the batch", w.Work(draft.ID).Seq, 1)
				if !fired && k < 5 {
					t.Errorf("got %d statements, want begin, check, inserts and commit", k-1)
				}
			}
		}
		Sound(t, w.DB)
	})
}

// TestGivesUpWhatIsCalledOffAgainAndAgain: a transaction is begun four times.
func TestGivesUpWhatIsCalledOffAgainAndAgain(t *testing.T) {
	onMariaDB(t, func(t *testing.T, cfg store.Config) {
		t.Helper()
		w := NewWorld(t, migrated(t, cfg))
		runs, deadlock := 0, &mysql.MySQLError{Number: 1213, Message: "again"}
		err := w.DB.Work(t.Context(), store.Actor{Kind: "worker", ID: Host}, func(*store.WorkTx) error {
			runs++
			return deadlock
		})
		wantError(t, "the transaction", err, deadlock)
		wantEqual(t, "runs", runs, 4)
		ctx, cancel := context.WithCancel(t.Context())
		runs = 0
		err = w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(*store.WorkTx) error {
			runs++
			cancel()
			return deadlock
		})
		wantError(t, "the transaction of an ended context", err, deadlock)
		wantEqual(t, "runs", runs, 1)
	})
}
