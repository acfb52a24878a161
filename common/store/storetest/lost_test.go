package storetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// lostCommits runs a test for both fates of a commit whose answer is lost.
func lostCommits(t *testing.T, test func(t *testing.T, w *World, direct *store.DB, p *proxy, f fault)) {
	t.Helper()
	for _, engine := range Engines(t) {
		if engine == SQLite {
			continue // no connection that could break
		}
		for name, f := range map[string]fault{"ItTookPlace": loseAnswer, "ItDidNot": loseCommit} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				cfg, through, p := proxied(t)
				direct := migrated(t, cfg)
				w := NewWorld(t, Connect(t, through))
				test(t, w, direct, p, f)
				Sound(t, direct)
			})
		}
	}
}

// TestLostAnswerOfADecision: the leader is told that nobody knows, and the
// transaction is not begun again by itself, which would do everything twice.
func TestLostAnswerOfADecision(t *testing.T) {
	t.Parallel()
	lostCommits(t, func(t *testing.T, w *World, _ *store.DB, p *proxy, f fault) {
		t.Helper()
		ctx := t.Context()
		draft := w.Draft(w.Task(), "20150518")
		p.set(f)
		runs := 0
		err := w.Lead.Tx(ctx, "generate", func(tx *store.LeaderTx) error {
			runs++
			return tx.InsertBatches(ctx, []store.NewBatch{draft})
		})
		wantError(t, "insert", err, store.ErrUnclear)
		wantEqual(t, "runs", runs, 1)
		again := w.Insert(draft) // what a caller does that has not looked
		if f == loseAnswer {
			wantError(t, "insert again", again, store.ErrExists)
		} else {
			wantError(t, "insert again", again, nil)
		}
		wantEqual(t, "events of the batch", w.Work(draft.ID).Seq, 1)
	})
}

// TestLostAnswerOfAClaim: the claim is made again at once and takes one epoch.
func TestLostAnswerOfAClaim(t *testing.T) {
	t.Parallel()
	lostCommits(t, func(t *testing.T, w *World, direct *store.DB, p *proxy, f fault) {
		t.Helper()
		p.set(f)
		epoch, err := w.DB.Claim(t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
		if err != nil || epoch != 2 {
			t.Fatalf("got epoch %d and error %v, want 2", epoch, err)
		}
		wantError(t, "a write of the term before", w.Insert(w.Draft(w.Task(), "20150518")), store.ErrFenced)
		w.Lead = w.DB.Lead(epoch, "m2")
		w.Batch(w.Task(), "20150518")
		epoch, err = direct.Claim(t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: 3, Holder: "m3"})
		if err != nil || epoch != 3 {
			t.Fatalf("got epoch %d and error %v of the next claim, want 3", epoch, err)
		}
	})
}

// TestLostAnswerOfFacts: a start and an end are said again by the worker, as
// long as nobody has acknowledged them, and count once.
func TestLostAnswerOfFacts(t *testing.T) {
	t.Parallel()
	lostCommits(t, func(t *testing.T, w *World, _ *store.DB, p *proxy, f fault) {
		t.Helper()
		id := w.Batch(w.Task(), "20150518")
		for _, step := range []struct {
			name string
			say  func() error
		}{
			{"assign", func() error { return w.Assign(Host, id) }},
			{"start", func() error { return w.Start(id) }},
			{"finish", func() error { return w.Finish(0, id) }},
		} {
			p.set(f)
			wantError(t, step.name, step.say(), store.ErrUnclear)
			w.ok(step.name+" again", step.say())
		}
		got := w.Work(id)
		wantEqual(t, "the batch", fmt.Sprint(got.State, got.Finish, got.Seq, got.Attempt), fmt.Sprint(batch.Done, batch.Success, 4, 1))
	})
}

// TestLostAnswerOfAllottedIDs: a block of ids may be lost, never given twice.
func TestLostAnswerOfAllottedIDs(t *testing.T) {
	t.Parallel()
	lostCommits(t, func(t *testing.T, w *World, direct *store.DB, p *proxy, f fault) {
		t.Helper()
		before := w.IDs(1)[0]
		p.set(f)
		_, err := w.DB.IDs(context.WithoutCancel(t.Context()), 5000)
		wantError(t, "allot ids", err, store.ErrUnclear)
		ids, err := direct.IDs(t.Context(), 1)
		w.ok("allot ids elsewhere", err)
		for _, id := range append(w.IDs(3000), before) {
			if id == ids[0] {
				t.Fatalf("got id %d twice", id)
			}
		}
	})
}

// TestCommitThatBrokeIsNotBegunAgain: the driver's "bad connection" invites to
// begin anew, at a commit too, and there it may have taken place.
func TestCommitThatBrokeIsNotBegunAgain(t *testing.T) {
	onMariaDB(t, func(t *testing.T, cfg store.Config) {
		t.Helper()
		faults := &Faults{}
		cfg.Wrap = faults.Wrap
		w := NewWorld(t, migrated(t, cfg))
		task, unclear := w.Task(), 0
		for k, fired := 1, true; fired; k++ {
			draft := w.Draft(task, fmt.Sprintf("1%04d", k))
			faults.Arm(k, FaultKind{After: true, Broken: true, Err: driver.ErrBadConn})
			err := w.Insert(draft)
			if fired = faults.Disarm(); errors.Is(err, store.ErrUnclear) {
				unclear++
			} else {
				w.ok(fmt.Sprintf("connection broken after statement %d", k), err)
			}
			wantEqual(t, "events of the batch", w.Work(draft.ID).Seq, 1)
		}
		wantEqual(t, "commits that nobody knows of", unclear, 1)
		Sound(t, w.DB)
	})
}
