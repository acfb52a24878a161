package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
)

// Cancel stops an operation: what is not made is not made any more, batches
// that wait or are assigned are ended by the leader, those that run go on.
// Cancelling twice is the same as once.
func (p *Planner) Cancel(ctx context.Context, by Caller, id int64, reason string) (store.Operation, error) {
	return p.turn(ctx, by, turn{id, "operation.cancel", reason}, func(t *store.OperateTx, op store.Operation) error {
		switch op.State {
		case store.OperationCancelled:
			return nil
		case store.OperationDone:
			return fault.New(fault.Conflict, "operation %d is done: there is nothing left to cancel", id).
				WithHint("capri batch kill ends single batches")
		}
		return t.CancelOperation(ctx, id, reason)
	})
}

// Resume lets a cancelled operation be made on: what it had made and was ended
// unstarted gets a new run. Resuming one that is not cancelled changes nothing.
func (p *Planner) Resume(ctx context.Context, by Caller, id int64, reason string) (store.Operation, error) {
	return p.turn(ctx, by, turn{id, "operation.resume", reason}, func(t *store.OperateTx, op store.Operation) error {
		switch {
		case op.State == store.OperationDone:
			return fault.New(fault.Conflict, "operation %d is done: there is nothing left to resume", id).WithHint("plan again")
		case op.State != store.OperationCancelled:
			return nil
		case op.EndedAt == 0:
			return fault.New(fault.Conflict, "operation %d is still being cancelled", id).WithHint("try again in a moment")
		}
		return t.ResumeOperation(ctx, id)
	})
}

// turn is a command about an operation.
type turn struct {
	id     int64
	action string // for the audit
	reason string
}

// turn changes an operation that is locked, with the audit row of the command.
func (p *Planner) turn(ctx context.Context, by Caller, what turn, change func(*store.OperateTx, store.Operation) error) (store.Operation, error) {
	ids, err := p.db.IDs(ctx, 1)
	if err != nil {
		return store.Operation{}, err
	}
	var out store.Operation
	err = p.db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		op, err := t.LockOperation(ctx, what.id)
		if errors.Is(err, store.ErrNotFound) {
			return fault.New(fault.NotFound, "there is no operation %d", what.id).WithHint("capri op list shows the operations")
		}
		if err != nil {
			return err
		}
		if op.Author != by.ID && !by.Everywhere {
			return fault.New(fault.Forbidden, "operation %d is %s's", what.id, op.Author).WithHint("ask %s, or somebody on duty", op.Author)
		}
		if err := change(t, op); err != nil {
			return err
		}
		if out, err = t.OperationByID(ctx, what.id); err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]string{"before": op.State, "after": out.State, "reason": what.reason})
		if err != nil {
			return fmt.Errorf("encode what is audited: %w", err)
		}
		return t.Audit(ctx, store.Audit{ID: ids[0], Action: what.action, Object: fmt.Sprintf("operation %d", what.id), Source: by.Source, Detail: string(detail)})
	})
	if err != nil {
		return store.Operation{}, err
	}
	p.notify.Operation()
	return out, nil
}

// takeBack ends the next page of batches that a cancelled operation made and
// that have not begun; their items have no batch again, so that resuming makes
// new ones. With none left the operation is at rest, and its gate opens.
func (p *Planner) takeBack(ctx context.Context, lead *store.Lead, op store.Operation) error {
	freed := false
	err := lead.Tx(ctx, DutyCreate, func(t *store.LeaderTx) error {
		works, err := t.LockUnstarted(ctx, op.ID, p.page)
		if err != nil {
			return err
		}
		var changes []store.Change
		var ids []int64
		for _, w := range works {
			if w.State != batch.Waiting && w.State != batch.Assigned {
				continue
			}
			freed = freed || w.State == batch.Assigned
			changes = append(changes, killed(w, op, t.Now()))
			ids = append(ids, w.ID)
		}
		if len(works) > 0 && len(ids) == 0 {
			return nil // all of them began in this moment; look again
		}
		if err := t.Move(ctx, batch.Operator, changes); err != nil {
			return err
		}
		return t.ItemsUnmade(ctx, op.ID, ids)
	})
	if err == nil && freed {
		p.notify.Freed()
	}
	return err
}

// killed is the end of a batch whose operation was cancelled.
func killed(w *store.Work, op store.Operation, now int64) store.Change {
	to := *w
	to.State, to.Finish, to.EndTime = batch.Done, batch.Killed, now
	to.KillBy, to.KillAt, to.KillReason = op.CancelledBy, now, store.CancelledReason(op.ID)
	to.Gate, to.GateSince, to.Message = "", 0, batch.KilledBy(op.CancelledBy, to.KillReason)
	detail := fmt.Sprintf("%s by %s", to.KillReason, op.CancelledBy)
	if op.CancelReason != "" {
		detail += ": " + op.CancelReason
	}
	return store.Change{Move: batch.MoveKill, From: *w, To: to, Detail: detail, Actor: op.CancelledBy}
}
