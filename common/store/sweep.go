package store

import (
	"context"
	"fmt"
)

// SweepAlerts deletes the oldest alerts that were recorded before an instant,
// delivered or not, and tells how many.
func (t *LeaderTx) SweepAlerts(ctx context.Context, before int64, limit int) (int, error) {
	// ix_alert_created (createdAt, id)
	return t.sweep(ctx, "capri_alert", "SELECT id FROM capri_alert WHERE createdAt < ? ORDER BY createdAt, id LIMIT ?", before, limit)
}

// SweepPlans deletes plans that could not be applied any more from an instant on.
func (t *LeaderTx) SweepPlans(ctx context.Context, before int64, limit int) (int, error) {
	// ix_plan_expiry (expiresAt)
	return t.sweep(ctx, "capri_plan", "SELECT id FROM capri_plan WHERE expiresAt < ? ORDER BY expiresAt, id LIMIT ?", before, limit)
}

// SweepHolds deletes holds that were released, or had run out, before an instant.
func (t *LeaderTx) SweepHolds(ctx context.Context, before int64, limit int) (int, error) {
	// ix_hold_active (releasedAt, kind, objectId)
	released, err := t.sweep(ctx, "capri_hold", "SELECT id FROM capri_hold WHERE releasedAt > 0 AND releasedAt < ? ORDER BY releasedAt, id LIMIT ?", before, limit)
	if err != nil {
		return 0, err
	}
	over, err := t.sweep(ctx, "capri_hold", "SELECT id FROM capri_hold WHERE releasedAt = 0 AND until > 0 AND until < ? ORDER BY id LIMIT ?", before, limit)
	return released + over, err
}

// sweep deletes the rows whose ids a query lists.
func (t *tx) sweep(ctx context.Context, table, query string, args ...any) (int, error) {
	var ids []int64
	if err := t.all(ctx, &ids, query, args...); err != nil {
		return 0, fmt.Errorf("list old rows of %s: %w", table, err)
	}
	for page := range pages(sorted(ids), 1000) {
		// by the primary key
		if _, err := t.exec(ctx, "DELETE FROM "+table+" WHERE id IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return 0, fmt.Errorf("delete old rows of %s: %w", table, err)
		}
	}
	return len(ids), nil
}

// OldOperation is an operation with what decides whether it may go.
type OldOperation struct {
	ID        int64  `db:"id"`
	State     string `db:"state"`
	CreatedAt int64  `db:"createdAt"`
	EndedAt   int64  `db:"endedAt"`
	Batches   bool   `db:"batches"` // some of its own are there still
}

// OldOperations lists operations in the order of their ids, after one.
func (t *ViewTx) OldOperations(ctx context.Context, after int64, limit int) ([]OldOperation, error) {
	var out []OldOperation
	// by the primary key; ix_work_operation (operationId, state, finishState)
	err := t.all(ctx, &out, `SELECT id, state, createdAt, endedAt, EXISTS (SELECT 1 FROM capri_task_work w WHERE w.operationId = o.id) AS batches
FROM capri_operation o WHERE id > ? ORDER BY id LIMIT ?`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list old operations: %w", err)
	}
	return out, nil
}

// DeleteOperation takes an operation away, with its items.
func (t *LeaderTx) DeleteOperation(ctx context.Context, id int64) error {
	// by the primary keys
	for _, from := range []string{"capri_operation_item WHERE operationId", "capri_operation WHERE id"} {
		if _, err := t.exec(ctx, "DELETE FROM "+from+" = ?", id); err != nil {
			return fmt.Errorf("delete operation %d: %w", id, err)
		}
	}
	return nil
}
