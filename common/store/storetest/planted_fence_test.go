package storetest

import (
	"strconv"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func replaceID(query, name string, id int64) string {
	return strings.ReplaceAll(query, ":"+name, strconv.FormatInt(id, 10))
}

// TestFenceWithoutLockIsCaught plays an old leader whose check does not lock:
// the claim does not wait for it, and what it writes shows as an epoch that
// goes back.
func TestFenceWithoutLockIsCaught(t *testing.T) {
	t.Parallel()
	for _, engine := range Engines(t) {
		if engine == SQLite {
			continue // its one writer is a lock
		}
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			w := NewWorld(t, Open(t, engine))
			id := w.Batch(w.Task(), "20150518")
			old, err := w.DB.Raw().BeginTx(ctx, nil)
			w.ok("begin", err)
			var epoch int64
			w.ok("unlocked check", old.QueryRowContext(ctx, "SELECT epoch FROM capri_master_epoch WHERE id = 1").Scan(&epoch))
			wantEqual(t, "epoch", epoch, w.Lead.Epoch())
			epoch, err = w.DB.Claim(ctx, store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
			w.ok("a claim that does not wait", err)
			w.Lead = w.DB.Lead(epoch, "m2")
			w.ok("assign", w.Assign(Host, id))
			for _, q := range []string{
				"UPDATE capri_task_work SET attempt = 2, seq = 3 WHERE id = :id AND state = 1",
				"INSERT INTO capri_batch_event VALUES (:id, 3, 'reassign', 1, 1, 0, 2, 'assign', 'm1', 1, 5, '')",
			} {
				_, err = old.ExecContext(ctx, replaceID(q, "id", id))
				w.ok("the old leader's write", err)
			}
			w.ok("commit", old.Commit())
			wantViolation(t, w.DB, "I7")
		})
	}
}

// TestStartWithoutAttemptIsCaught plays a start that compares the state alone:
// an attempt that was taken back starts all the same.
func TestStartWithoutAttemptIsCaught(t *testing.T) {
	t.Parallel()
	w := NewWorld(t, Open(t, SQLite))
	id := w.Batch(w.Task(), "20150518")
	w.ok("assign", w.Assign("w0", id))
	ctx := t.Context()
	w.ok("reassign", w.Lead.Tx(ctx, "assign", func(tx *store.LeaderTx) error {
		changes, err := changesFrom(ctx, tx, batch.MoveReassign, batch.Assigned, []int64{id})
		if err != nil {
			return err
		}
		changes[0].To.Attempt, changes[0].To.Host = 2, Host
		return tx.Move(ctx, batch.Place, changes)
	}))
	Sound(t, w.DB)
	for _, q := range []string{
		"UPDATE capri_task_work SET state = 2, host = 'w0', seq = 4 WHERE id = :id AND state = 1",
		"INSERT INTO capri_batch_event VALUES (:id, 4, 'start', 1, 2, 0, 1, 'worker', 'w0', 0, 5, '')",
		"INSERT INTO capri_task_instance SELECT :id, 1, '', 'w0', '', 0, 5, 0, 0, 0, 0, '', '', '', 0, 0, 0, 0, 0, 0, '', ''",
	} {
		rawExec(t, w.DB, replaceID(q, "id", id))
	}
	wantViolation(t, w.DB, "I3")
	wantViolation(t, w.DB, "I4")
}
