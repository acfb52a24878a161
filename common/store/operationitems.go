package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// ItemFilter selects items of an operation for a list; zero values select all.
type ItemFilter struct {
	Operation int64
	After     int // n; -1: from the first on
	Limit     int
	Decision  string
	State     *batch.State  // of the batch that was made or changed, or that was there
	Finish    *batch.Finish // likewise
}

// Items lists items of an operation in order, after a position. It reads the
// primary key from there on, and of each item the batch at most: an operation
// has no more of them than one plan may hold.
func (t *ViewTx) Items(ctx context.Context, f ItemFilter) ([]OperationItem, error) {
	query := "SELECT " + qualifiedCols("i", itemCols) + " FROM capri_operation_item i"
	where, args := " WHERE i.operationId = ? AND i.n > ?", []any{f.Operation, f.After}
	if f.Decision != "" {
		where, args = where+" AND i.decision = ?", append(args, f.Decision)
	}
	if f.State != nil || f.Finish != nil {
		// by its primary key
		query += " " + t.d.inOrder + " capri_task_work w ON w.id = CASE WHEN i.batchId > 0 THEN i.batchId ELSE i.existingId END"
	}
	if f.State != nil {
		where, args = where+" AND w.state + 0 = ?", append(args, *f.State)
	}
	if f.Finish != nil {
		where, args = where+" AND w.finishState + 0 = ?", append(args, *f.Finish)
	}
	var out []OperationItem
	if err := t.all(ctx, &out, query+where+" ORDER BY i.n LIMIT ?", append(args, f.Limit)...); err != nil {
		return nil, fmt.Errorf("list items: %w", err)
	}
	return out, nil
}
