package why

import (
	"context"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// What a worker gave back says so, with the file system's error, and not that an
// attempt has failed.
func TestWhatAWorkerGaveBackSaysWhy(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		work := r.Batch(r.Define("a"), "20150518")
		r.must(r.Assign(storetest.Host, work))
		r.must(r.DB.Work(t.Context(), store.Actor{Kind: "worker", ID: storetest.Host}, func(tx *store.WorkTx) error {
			works, err := tx.Lock(t.Context(), []int64{work})
			if err != nil {
				return err
			}
			to := *works[work]
			to.State, to.Host, to.Incarnation, to.AssignTime = batch.Waiting, "", "", 0
			to.RetryAt = time.Now().Add(time.Hour).UnixMilli()
			return giveBack(t.Context(), tx, store.Change{Move: batch.MoveUnready, From: *works[work], To: to})
		}))
		why := r.ask("a/20150518")
		if !strings.HasPrefix(why.Summary, "a worker could not begin it and gave it back; the next one may have it at ") {
			t.Errorf("got %q, want that it was given back", why.Summary)
		}
		wantEvidence(t, gateOf(why, batch.GateRetry), "attempt 1 was taken from w1: no answer from a file system: look at hdfs://nn/in")
	})
}

func giveBack(ctx context.Context, tx *store.WorkTx, c store.Change) error {
	if err := tx.Move(ctx, []store.Change{c}); err != nil {
		return err
	}
	return tx.InsertReassignments(ctx, []store.Reassignment{{
		WorkID: c.From.ID, Attempt: c.From.Attempt, OldHost: c.From.Host, OldAssignTime: c.From.AssignTime, Reason: wire.ReassignedForLook + "a file system: look at hdfs://nn/in",
	}})
}
