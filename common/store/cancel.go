package store

import (
	"context"
	"fmt"
)

// LockOperation reads an operation and keeps it locked until the transaction ends.
func (t *OperateTx) LockOperation(ctx context.Context, id int64) (Operation, error) {
	return t.lockOperation(ctx, id)
}

// LockOperation reads an operation and keeps it locked until the transaction ends.
func (t *LeaderTx) LockOperation(ctx context.Context, id int64) (Operation, error) {
	return t.lockOperation(ctx, id)
}

func (t *tx) lockOperation(ctx context.Context, id int64) (Operation, error) {
	var o Operation
	err := t.get(ctx, &o, "SELECT "+operationCols+" FROM capri_operation WHERE id = ?"+t.d.forUpdate, id)
	return o, err
}

// CancelOperation stops an operation that is locked: nothing more is made, and
// the leader ends what waits.
func (t *OperateTx) CancelOperation(ctx context.Context, id int64, reason string) error {
	_, err := t.exec(ctx, "UPDATE capri_operation SET state = ?, endedAt = 0, cancelledBy = ?, cancelReason = ? WHERE id = ?",
		OperationCancelled, t.by.ID, clip(reason, 400), id)
	return err
}

// ResumeOperation lets a cancelled operation that is locked be made on.
func (t *OperateTx) ResumeOperation(ctx context.Context, id int64) error {
	_, err := t.exec(ctx, "UPDATE capri_operation SET state = ?, endedAt = 0 WHERE id = ? AND state = ?", OperationCreating, id, OperationCancelled)
	return err
}

// Cancelling lists cancelled operations whose waiting batches have not all been
// ended yet.
func (t *ViewTx) Cancelling(ctx context.Context, limit int) ([]Operation, error) {
	var out []Operation
	// ix_operation_state (state, id)
	err := t.all(ctx, &out, "SELECT "+operationCols+" FROM capri_operation WHERE state = ? AND endedAt = 0 ORDER BY id LIMIT ?", OperationCancelled, limit)
	if err != nil {
		return nil, fmt.Errorf("list cancelled operations: %w", err)
	}
	return out, nil
}

// LockUnstarted locks the next batches of an operation that wait or are
// assigned, in the order of their ids.
func (t *LeaderTx) LockUnstarted(ctx context.Context, operationID int64, limit int) ([]*Work, error) {
	var ids []int64
	// ix_work_operation (operationId, state, finishState)
	if err := t.all(ctx, &ids, "SELECT id FROM capri_task_work WHERE operationId = ? AND state < 2 ORDER BY id LIMIT ?", operationID, limit); err != nil {
		return nil, fmt.Errorf("find what operation %d has waiting: %w", operationID, err)
	}
	works, err := t.lock(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]*Work, 0, len(ids))
	for _, id := range ids {
		if w := works[id]; w != nil {
			out = append(out, w)
		}
	}
	return out, nil
}

// ItemsUnmade notes that batches of a cancelled operation were ended before
// they ran: their items have none again. Without any, all have been ended.
func (t *LeaderTx) ItemsUnmade(ctx context.Context, operationID int64, batches []int64) error {
	if len(batches) == 0 {
		_, err := t.exec(ctx, "UPDATE capri_operation SET endedAt = ? WHERE id = ? AND state = ? AND endedAt = 0", t.now, operationID, OperationCancelled)
		return err
	}
	var unmade int64
	for page := range pages(sorted(batches), 1000) {
		// by the primary key's first column
		n, err := t.exec(ctx, "UPDATE capri_operation_item SET batchId = 0, result = '' WHERE operationId = ? AND batchId IN ("+
			placeholders(len(page))+")", append([]any{operationID}, anys(page)...)...)
		if err != nil {
			return fmt.Errorf("take items back: %w", err)
		}
		unmade += n
	}
	_, err := t.exec(ctx, "UPDATE capri_operation SET created = created - ? WHERE id = ?", unmade, operationID)
	return err
}
