package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
)

// silent runs a test with a leader that reaches MariaDB through a proxy.
func silent(t *testing.T, test func(t *testing.T, w *World, cfg store.Config, p *proxy)) {
	t.Helper()
	t.Parallel()
	for _, engine := range Engines(t) {
		if engine == SQLite {
			continue // no network
		}
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			cfg, through, p := proxied(t)
			w := NewWorld(t, migrated(t, cfg))
			w.DB = Connect(t, through)
			w.Lead = w.DB.Lead(w.Lead.Epoch(), "m1")
			test(t, w, cfg, p)
		})
	}
}

// returned waits for what must not last as long as the driver would wait for an
// answer, which is a minute.
func returned(t *testing.T, what string, result <-chan error) error {
	t.Helper()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	select {
	case err := <-result:
		return err
	case <-limit.C:
		t.Fatalf("%s: got no end in 30 s, want it", what)
		return nil
	}
}

// idle waits until the store has no transaction open.
func idle(t *testing.T, db *store.DB) {
	t.Helper()
	eventually(t, "pool without an open transaction", func() bool { return db.Raw().Stats().InUse == 0 })
}

// TestVanishedLeader: the leader's host is gone in mid-transaction and nobody
// is told, between two statements, in the middle of one, or while it reads a
// great deal. The next leader gets the fence and the batch all the same.
func TestVanishedLeader(t *testing.T) {
	for name, vanish := range map[string]func(ctx context.Context, w *World, tx *store.LeaderTx, p *proxy) error{
		"BetweenTwoStatements": func(_ context.Context, _ *World, _ *store.LeaderTx, p *proxy) error {
			p.set(silence)
			return nil
		},
		"InTheMiddleOfAStatement": func(ctx context.Context, w *World, tx *store.LeaderTx, p *proxy) error {
			p.set(stopHalf)
			return tx.InsertBatches(ctx, wide(w))
		},
	} {
		t.Run(name, func(t *testing.T) {
			silent(t, func(t *testing.T, w *World, cfg store.Config, p *proxy) {
				t.Helper()
				vanishes(t, w, cfg, p, vanish)
			})
		})
	}
}

func vanishes(t *testing.T, w *World, cfg store.Config, p *proxy, vanish func(context.Context, *World, *store.LeaderTx, *proxy) error) {
	t.Helper()
	ctx, endTerm := context.WithCancel(t.Context())
	defer endTerm()
	task := w.Task()
	locked, draft := w.Batch(task, "20150517"), w.Draft(task, "20150518")
	inside, result := make(chan struct{}), make(chan error, 1)
	old := *w
	go func() {
		result <- old.Lead.Tx(ctx, "generate", func(tx *store.LeaderTx) error {
			if _, err := tx.Lock(ctx, []int64{locked}); err != nil {
				return err
			}
			if err := tx.InsertBatches(ctx, []store.NewBatch{draft}); err != nil {
				return err
			}
			close(inside)
			if err := vanish(ctx, &old, tx, p); err != nil {
				return err
			}
			<-ctx.Done()
			return nil
		})
	}()
	<-inside
	takeOver(t, w, cfg, locked)
	endTerm()
	if err := returned(t, "the old leader's transaction", result); err == nil {
		t.Error("got the old leader's transaction committed, want it ended by the server or with its term")
	}
	p.set(pass)
	idle(t, old.DB)
	wantEqual(t, "batches of the old leader", w.figure("SELECT COUNT(*) FROM capri_task_work WHERE id = ? OR workNo LIKE '9%'", draft.ID), 0)
	Sound(t, w.DB)
}

// wide is a page whose statements are long.
func wide(w *World) []store.NewBatch {
	task, detail := w.Task(), strings.Repeat("x", 1000)
	out := make([]store.NewBatch, 0, 500)
	for i := range 500 {
		out = append(out, w.Draft(task, fmt.Sprintf("9%07d", i), func(b *store.NewBatch) { b.Detail = detail }))
	}
	return out
}

// TestReaderOfTheFenceVanishes: while the server sends a leader more than the
// network takes in one go, it is not idle, and yet it must not wait for ever.
func TestReaderOfTheFenceVanishes(t *testing.T) {
	silent(t, func(t *testing.T, w *World, cfg store.Config, p *proxy) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		tx, err := w.DB.Raw().BeginTx(ctx, nil)
		w.ok("begin", err)
		var epoch int64
		w.ok("lock the fence", tx.QueryRowContext(ctx, "SELECT epoch FROM capri_master_epoch WHERE id = 1 LOCK IN SHARE MODE").Scan(&epoch))
		locked := w.Batch(w.Task(), "20150518")
		p.set(deafness)
		result := make(chan error, 1)
		go func() {
			result <- readAll(ctx, tx, "SELECT REPEAT('x', 1000000) FROM information_schema.COLUMNS LIMIT 100")
		}()
		p2 := *w
		takeOver(t, &p2, cfg, locked)
		cancel()
		if err := returned(t, "the query", result); err == nil {
			t.Error("got the whole result, want none: nothing came through")
		}
		p.set(pass)
		idle(t, w.DB)
	})
}

func readAll(ctx context.Context, tx *sql.Tx, query string) error {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		continue
	}
	return rows.Err()
}

// TestTermEndsWhileTheDatabaseIsSilent: whatever a transaction is doing when
// the database goes silent, it ends soon after its term.
func TestTermEndsWhileTheDatabaseIsSilent(t *testing.T) {
	broken := errors.New("a duty's own error")
	for _, c := range []struct {
		name   string
		fault  fault
		within func(ctx context.Context, tx *store.LeaderTx, endTerm func()) error
		want   error
	}{
		{"InAStatement", silence, func(ctx context.Context, tx *store.LeaderTx, endTerm func()) error {
			endTerm()
			_, err := tx.Settings(ctx)
			return err
		}, context.Canceled},
		{"BetweenTwoStatements", silence, func(_ context.Context, _ *store.LeaderTx, endTerm func()) error {
			endTerm()
			return nil
		}, context.Canceled},
		{"InACommit", stopCommit, func(context.Context, *store.LeaderTx, func()) error { return nil }, store.ErrUnclear},
		{"InARollback", silence, func(context.Context, *store.LeaderTx, func()) error { return broken }, broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			silent(t, func(t *testing.T, w *World, _ store.Config, p *proxy) {
				t.Helper()
				ctx, endTerm := context.WithCancel(t.Context())
				defer endTerm()
				result := make(chan error, 1)
				draft := w.Draft(w.Task(), "20150518")
				lead := w.Lead
				go func() {
					result <- lead.Tx(ctx, "generate", func(tx *store.LeaderTx) error {
						if err := tx.InsertBatches(ctx, []store.NewBatch{draft}); err != nil {
							return err
						}
						p.set(c.fault)
						return c.within(ctx, tx, endTerm)
					})
				}()
				if c.fault == stopCommit {
					eventually(t, "commit on its way", func() bool { return p.is() == silence })
					endTerm()
				}
				wantError(t, "the transaction", returned(t, "the transaction", result), c.want)
				idle(t, w.DB)
				p.set(pass)
				w.ok("the next one", w.Lead.Tx(t.Context(), "test", func(*store.LeaderTx) error { return nil }))
			})
		})
	}
}

// TestPanicLeavesNothingOpen: a duty's bug must not keep the fence locked.
func TestPanicLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	for _, engine := range Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			w := NewWorld(t, Open(t, engine))
			draft := w.Draft(w.Task(), "20150518")
			func() {
				defer func() { wantEqual(t, "panic", recover(), any("a bug")) }()
				_ = w.Lead.Tx(t.Context(), "generate", func(tx *store.LeaderTx) error {
					w.ok("insert", tx.InsertBatches(t.Context(), []store.NewBatch{draft}))
					panic("a bug")
				})
			}()
			wantEqual(t, "open transactions", w.DB.Raw().Stats().InUse, 0)
			wantEqual(t, "batches", w.figure("SELECT COUNT(*) FROM capri_task_work"), 0)
			_, err := w.DB.Claim(t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
			w.ok("claim", err)
		})
	}
}
