package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"capricornus/common/store"
)

func onceCases() []exercise {
	return []exercise{
		{name: "MakesACallOnce", run: makesOnce},
		{name: "TakesADeadCallOver", run: takesOver},
		{name: "BeginsOnceOfMany", run: beginsOnceOfMany},
		{name: "ForgetsExpiredCalls", run: forgetsCalls},
	}
}

func (w *World) caller() store.Actor { return store.Actor{Kind: "person", ID: "admin"} }

// key is a call nobody has made yet.
func (w *World) key() store.OnceCall {
	return store.OnceCall{KeyHash: fmt.Sprint("key", w.IDs(1)[0]), RequestHash: "asked", Actor: "admin"}
}

// begin begins a call; its lease is a millisecond, or an hour.
func (w *World) begin(call store.OnceCall, lease time.Duration) (store.OnceCall, bool) {
	w.t.Helper()
	row, begun, err := w.DB.BeginOnce(w.t.Context(), w.caller(), call, time.Hour, lease)
	w.ok("begin", err)
	return row, begun
}

// act does what a call is about, with its audit row.
func (w *World) act(ctx context.Context, row store.OnceCall) error {
	id := w.IDs(1)[0]
	return w.DB.Operate(store.WithOnce(ctx, row), w.caller(), func(o *store.OperateTx) error {
		return o.Audit(store.WithOnce(ctx, row), store.Audit{ID: id, Action: "test.once", Object: row.KeyHash, Detail: "{}"})
	})
}

func (w *World) acts(call store.OnceCall) int {
	return w.figure("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'test.once' AND object = ?", call.KeyHash)
}

func makesOnce(t *testing.T, w *World) {
	call := w.key()
	row, begun := w.begin(call, time.Hour)
	wantEqual(t, "begun", begun, true)
	other := call
	other.RequestHash = "something else"
	seen, again := w.begin(other, 0)
	wantEqual(t, "begun with another request", again, false)
	wantEqual(t, "request of the row", seen.RequestHash, "asked")
	seen, again = w.begin(call, time.Hour)
	wantEqual(t, "begun again within the lease", again, false)
	wantEqual(t, "status", seen.Status, store.OnceBegun)
	w.ok("act", w.act(t.Context(), row))
	seen, again = w.begin(call, 0)
	wantEqual(t, "begun after it was done", again, false)
	wantEqual(t, "status of what is done", seen.Status, store.OnceDone)
	w.ok("drop", w.DB.DropOnce(t.Context(), w.caller(), row))
	row.Status, row.ContentType, row.Body = 200, "application/json", []byte(`{"a":"ü"}`)
	w.ok("end", w.DB.EndOnce(t.Context(), w.caller(), row))
	seen, again = w.begin(call, 0)
	wantEqual(t, "begun after its end", again, false)
	wantEqual(t, "answer", fmt.Sprintln(seen.Status, seen.ContentType, string(seen.Body)), `200 application/json {"a":"ü"}`+"\n")
	wantEqual(t, "acts", w.acts(call), 1)
}

// takesOver: a call that died before it had done anything is made again, and
// when it was only slow, it does nothing any more.
func takesOver(t *testing.T, w *World) {
	call := w.key()
	slow, _ := w.begin(call, time.Hour)
	next, begun := slow, false
	for !begun || next.CreatedAt == slow.CreatedAt { // a millisecond later at the latest
		next, begun = w.begin(call, time.Millisecond)
	}
	if err := w.act(t.Context(), slow); err == nil || !strings.Contains(err.Error(), "begun once more") {
		t.Errorf("the slow one: got %v, want it refused", err)
	}
	wantEqual(t, "acts of the slow one", w.acts(call), 0)
	w.ok("act", w.act(t.Context(), next))
	slow.Status, slow.Body = 200, []byte("slow")
	w.ok("end of the slow one", w.DB.EndOnce(t.Context(), w.caller(), slow))
	seen, _ := w.begin(call, 0)
	wantEqual(t, "status", seen.Status, store.OnceDone)
	fresh := w.key()
	row, _ := w.begin(fresh, time.Hour)
	w.ok("drop", w.DB.DropOnce(t.Context(), w.caller(), row))
	_, begun = w.begin(fresh, time.Hour)
	wantEqual(t, "begun after it came to nothing", begun, true)
}

func beginsOnceOfMany(t *testing.T, w *World) {
	call := w.key()
	var begun atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			_, mine, err := w.DB.BeginOnce(t.Context(), w.caller(), call, time.Hour, time.Hour)
			if err != nil {
				t.Errorf("begin: %v", err)
			}
			if mine {
				begun.Add(1)
			}
		})
	}
	group.Wait()
	wantEqual(t, "begun", begun.Load(), 1)
}

func forgetsCalls(t *testing.T, w *World) {
	call := w.key()
	row, _ := w.begin(call, time.Hour)
	w.lead("sweep early", func(ctx context.Context, l *store.LeaderTx) error {
		_, err := l.SweepOnce(ctx, row.ExpiresAt, 100)
		return err
	})
	_, begun := w.begin(call, time.Hour)
	wantEqual(t, "begun before it expired", begun, false)
	rawExec(t, w.DB, "UPDATE capri_idempotency SET expiresAt = 1 WHERE keyHash = ?", call.KeyHash)
	_, begun = w.begin(call, time.Hour)
	wantEqual(t, "begun after it expired", begun, true)
	rawExec(t, w.DB, "UPDATE capri_idempotency SET expiresAt = 1 WHERE keyHash = ?", call.KeyHash)
	w.lead("sweep", func(ctx context.Context, l *store.LeaderTx) error {
		n, err := l.SweepOnce(ctx, 2, 100)
		wantEqual(t, "swept", n, 1)
		return err
	})
	wantEqual(t, "rows", w.figure("SELECT COUNT(*) FROM capri_idempotency WHERE keyHash = ?", call.KeyHash), 0)
}

// callingOnce makes a call with a key, as the API does, over again until it is
// said to be done. Whatever statement fails, it is done once.
func callingOnce() Scenario {
	return Scenario{
		Prepare: func(w *World) any { return w.key() },
		Run: func(ctx context.Context, w *World, given any) error {
			for {
				row, begun, err := w.DB.BeginOnce(ctx, w.caller(), given.(store.OnceCall), time.Hour, time.Millisecond)
				if err != nil || row.Status != store.OnceBegun {
					return err
				}
				if !begun {
					continue // for a millisecond
				}
				if err := w.act(ctx, row); err != nil {
					return errors.Join(err, w.DB.DropOnce(ctx, w.caller(), row))
				}
				row.Status = 200
				return w.DB.EndOnce(ctx, w.caller(), row)
			}
		},
		Result: func(w *World, given any) string { return fmt.Sprint(w.acts(given.(store.OnceCall))) },
	}
}
