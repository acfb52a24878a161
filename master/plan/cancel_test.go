package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

func (r *rig) operation(id int64) store.Operation {
	r.t.Helper()
	var op store.Operation
	r.View("read an operation", func(ctx context.Context, v *store.ViewTx) (err error) {
		op, err = v.OperationByID(ctx, id)
		return err
	})
	return op
}

func (r *rig) wantOperation(id int64, state string, created int) {
	r.t.Helper()
	if op := r.operation(id); op.State != state || op.Created != created {
		r.t.Errorf("got %+v, want it %s with %d made", op, state, created)
	}
}

// pass is one pass of the duty.
func (r *rig) pass() {
	r.t.Helper()
	_, err := r.CreateBatches(r.t.Context(), r.Lead)
	r.must(err)
}

func (r *rig) cancel(id int64) store.Operation {
	r.t.Helper()
	op, err := r.Cancel(r.t.Context(), ann(), id, "wrong week")
	r.must(err)
	return op
}

func TestACancelledOperationIsTakenBackAndResumed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.page = 2
		a, b, _ := r.chain(plainly)
		op := r.apply(r.plan(again("a", CascadeData, "20150516", "20150518")))
		r.pass()
		r.pass() // four of six are made
		r.wantOperation(op.ID, store.OperationCreating, 4)
		cancelled := r.cancel(op.ID)
		if cancelled.State != store.OperationCancelled || cancelled.CancelledBy != "ann" || cancelled.CancelReason != "wrong week" || cancelled.EndedAt != 0 {
			t.Errorf("got %+v, want who cancelled it and why", cancelled)
		}
		r.wantPending(op.ID, true)
		if _, err := r.Resume(t.Context(), ann(), op.ID, ""); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("resumed while it is taken back: got %v, want CONFLICT", err)
		}
		r.pass()
		r.wantPending(op.ID, true) // a page of two is left
		r.create()
		r.wantPending(op.ID, false)
		r.wantOperation(op.ID, store.OperationCancelled, 0)
		if n := r.Figure("SELECT COUNT(*) FROM capri_task_work WHERE operationId = ? AND state = 3 AND finishState = 5 AND killBy = 'ann' AND killAt > 0 AND killReason = ?", op.ID, fmt.Sprintf("operation %d cancelled", op.ID)); n != 4 {
			t.Errorf("got %d batches ended because of it, want the four that were made", n)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_batch_event WHERE move = 'kill' AND actorId = 'ann' AND detail LIKE '%wrong week%'"); n != 4 {
			t.Errorf("got %d rows of journals that name ann and her reason, want 4", n)
		}
		r.wantProgress(op.ID, store.Progress{})
		resumed, err := r.Resume(t.Context(), ann(), op.ID, "it was the right one")
		r.must(err)
		if resumed.State != store.OperationCreating {
			t.Errorf("got %+v, want it made on", resumed)
		}
		r.create()
		r.wantOperation(op.ID, store.OperationRunning, 6)
		for _, no := range []string{"20150516", "20150517", "20150518"} {
			first, second := r.Work(r.counting(a, no)), r.Work(r.counting(b, no))
			run := 0
			if no == "20150516" {
				run = 1 // of the children only the first had been made
			}
			if first.Type != 1 || second.Type != run || first.State != batch.Waiting {
				t.Errorf("%s: got runs %d and %d, want 1 and %d", no, first.Type, second.Type, run)
			}
			r.wantRows("made again", second.ID, 2, "a/"+no+" 0")
		}
		r.finish(op.ID)
		r.pass()
		r.wantOperation(op.ID, store.OperationDone, 6)
		r.wantProgress(op.ID, store.Progress{Done: 6})
		if n := r.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action IN ('operation.cancel', 'operation.resume') AND object = ?", fmt.Sprintf("operation %d", op.ID)); n != 2 {
			t.Errorf("got %d rows of audit, want one for each command that was obeyed", n)
		}
	})
}

// finish lets every waiting batch of an operation succeed, whatever it waits for.
func (r *rig) finish(operation int64) {
	r.t.Helper()
	r.Change("UPDATE capri_tparent_data SET state = 1")
	r.Change("UPDATE capri_task_data SET state = 1 WHERE type = 1")
	r.Change("UPDATE capri_task_work SET unmet = 0")
	var ids []int64
	r.must(func() error {
		rows, err := r.DB.Raw().QueryContext(r.t.Context(), "SELECT id FROM capri_task_work WHERE operationId = ? AND state = 0", operation)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return rows.Err()
	}())
	r.Succeed(ids...)
}

func (r *rig) wantPending(id int64, want bool) {
	r.t.Helper()
	r.View("pending", func(ctx context.Context, v *store.ViewTx) error {
		pending, err := v.PendingOperations(ctx)
		if pending[id] != want {
			r.t.Errorf("got gate pending %v, want %v", pending[id], want)
		}
		return err
	})
}

func (r *rig) wantProgress(id int64, want store.Progress) {
	r.t.Helper()
	r.View("progress", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.OperationProgress(ctx, id)
		all, err2 := v.Progresses(ctx, []int64{id})
		if got != want || all[id] != want {
			r.t.Errorf("got progress %+v and %+v, want %+v", got, all[id], want)
		}
		return errors.Join(err, err2)
	})
}

func TestCancelLeavesWhatRunsAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a := r.Define("a")
		op := r.apply(r.plan(again("a", CascadeNone, "20150516", "20150519")))
		r.create()
		runs, given, retries := r.counting(a, "20150516"), r.counting(a, "20150517"), r.counting(a, "20150519")
		r.must(r.Assign(storetest.Host, runs, given, retries))
		r.must(r.Start(runs, retries))
		r.cancel(op.ID)
		again := r.cancel(op.ID)
		r.create()
		if again.State != store.OperationCancelled || r.Work(runs).State != batch.Running || r.Work(given).Finish != batch.Killed {
			t.Errorf("got %+v, %+v, %+v, want what runs left alone and what is assigned ended", again, r.Work(runs), r.Work(given))
		}
		r.must(r.Retry(retries))
		r.must(r.Finish(0, runs))
		r.create()
		if b := r.Work(retries); b.State != batch.Waiting {
			t.Errorf("got %+v, want one that ran to be tried again", b)
		}
		r.wantOperation(op.ID, store.OperationCancelled, 2)
		r.wantProgress(op.ID, store.Progress{Done: 1, Open: 1})
	})
}

func TestCancelAndResumeAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a := r.Define("a")
		mine := r.apply(r.plan(again("a", CascadeNone, "20150516", "20150516")))
		r.create()
		bob := Caller{Actor: store.Actor{ID: "bob"}}
		refused := func(what string, err error, code fault.Code, text string) {
			t.Helper()
			if fault.CodeOf(err) != code || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: got %v, want %s that says %q", what, err, code, text)
			}
		}
		_, err := r.Cancel(t.Context(), ann(), 404, "")
		refused("unknown", err, fault.NotFound, "no operation 404")
		_, err = r.Cancel(t.Context(), bob, mine.ID, "")
		refused("somebody else's", err, fault.Forbidden, "ask ann")
		_, err = r.Resume(t.Context(), bob, mine.ID, "")
		refused("somebody else's resumed", err, fault.Forbidden, "ask ann")
		if op, err := r.Resume(t.Context(), ann(), mine.ID, ""); err != nil || op.State != store.OperationRunning {
			t.Errorf("not cancelled: got %+v, %v, want nothing changed", op, err)
		}
		r.Succeed(r.counting(a, "20150516"))
		r.create()
		_, err = r.Cancel(t.Context(), ann(), mine.ID, "")
		refused("done", err, fault.Conflict, "is done")
		_, err = r.Resume(t.Context(), ann(), mine.ID, "")
		refused("done resumed", err, fault.Conflict, "is done")
		if n := r.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action LIKE 'operation.%'"); n != 1 {
			t.Errorf("got %d rows of audit, want that of the one call that was not refused", n)
		}
	})
}

// TestACancelBetweenReadingAndWritingIsNoticed: a page that was prepared before
// the operation was cancelled writes nothing.
func TestACancelBetweenReadingAndWritingIsNoticed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a := r.Define("a")
		op := r.apply(r.plan(again("a", CascadeNone, "20150516", "20150518")))
		var items []store.OperationItem
		r.View("items", func(ctx context.Context, v *store.ViewTx) (err error) {
			items, err = v.ItemsToMake(ctx, op.ID, 10)
			return err
		})
		c, err := r.prepare(t.Context(), op, items)
		r.must(err)
		r.cancel(op.ID)
		if _, err := r.writePage(t.Context(), r.Lead, c); !errors.Is(err, store.ErrStale) {
			t.Errorf("got %v, want it to be stale", err)
		}
		r.create()
		r.wantBatches("cancelled", a, 0)
		r.wantOperation(op.ID, store.OperationCancelled, 0)
	})
}

// TestManyRunningOperationsAreClosed: those that wait for long do not hide the others.
func TestManyRunningOperationsAreClosed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a := r.Define("a")
		stuck := r.apply(r.plan(again("a", CascadeNone, "20150516", "20150516")))
		r.create()
		r.Change("UPDATE capri_task_work SET operationId = ?", stuck.ID)
		for n := range int64(120) {
			r.Change("INSERT INTO capri_operation (id, kind, state, author, reason, request, total, created, createdAt, endedAt) VALUES (?, 'rerun', 'running', 'ann', '', '{}', 0, 0, 1, 0)", n+1)
		}
		r.pass()
		if n := r.Figure("SELECT COUNT(*) FROM capri_operation WHERE state = 'done' AND endedAt > 0"); n != 120 {
			t.Errorf("got %d closed, want the 120 that have nothing open", n)
		}
		r.wantOperation(stuck.ID, store.OperationRunning, 1)
		_ = a
	})
}

// TestABrokenOperationHoldsNoOtherUp: what cannot be made is an error of every
// pass, and those behind it are made all the same.
func TestABrokenOperationHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.Define("a")
		b := r.Define("b")
		broken := r.apply(r.plan(again("a", CascadeNone, "20150518", "20150518")))
		r.Change("UPDATE capri_operation_item SET taskVersion = 99 WHERE operationId = ?", broken.ID)
		r.apply(r.plan(again("b", CascadeNone, "20150518", "20150518")))
		if _, err := r.CreateBatches(t.Context(), r.Lead); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("operation %d: ", broken.ID)) {
			t.Errorf("got %v, want an error that names the operation", err)
		}
		r.wantBatches("behind it", b, 1)
	})
}
