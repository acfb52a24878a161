package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// Progress counts the ends of an operation's batches. Those that were ended
// because it was cancelled do not count: they are to be made again.
type Progress struct {
	Done, Failed, Open int
}

// CancelledReason is why the waiting batches of a cancelled operation were ended.
func CancelledReason(operationID int64) string {
	return fmt.Sprintf("operation %d cancelled", operationID)
}

// OperationProgress counts how an operation's batches stand.
func (t *ViewTx) OperationProgress(ctx context.Context, id int64) (Progress, error) {
	var rows []struct {
		State  batch.State  `db:"state"`
		Finish batch.Finish `db:"finishState"`
		N      int          `db:"n"`
	}
	// ix_work_operation (operationId, state, finishState)
	if err := t.all(ctx, &rows, "SELECT state, finishState, COUNT(*) AS n FROM capri_task_work WHERE operationId = ? GROUP BY state, finishState", id); err != nil {
		return Progress{}, fmt.Errorf("count operation %d: %w", id, err)
	}
	var p Progress
	for _, r := range rows {
		switch {
		case r.State != batch.Done:
			p.Open += r.N
		case r.Finish == batch.Success:
			p.Done += r.N
		case r.Finish == batch.Killed:
			taken, err := t.takenBack(ctx, id)
			if err != nil {
				return p, err
			}
			p.Failed += r.N - taken
		default:
			p.Failed += r.N
		}
	}
	return p, nil
}

// takenBack counts the batches that were ended because their operation was cancelled.
func (t *ViewTx) takenBack(ctx context.Context, id int64) (int, error) {
	var n int
	// ix_work_operation (operationId, state, finishState), then those that were killed
	err := t.get(ctx, &n, "SELECT COUNT(*) FROM capri_task_work WHERE operationId = ? AND state = 3 AND finishState = ? AND killReason = ?",
		id, batch.Killed, CancelledReason(id))
	if err != nil {
		return 0, fmt.Errorf("count operation %d: %w", id, err)
	}
	return n, nil
}

// EndedOperations lists operations that are all made and have no unfinished
// batch: they are to be closed.
func (t *ViewTx) EndedOperations(ctx context.Context) ([]int64, error) {
	var running, out []int64
	// ix_operation_state (state, id)
	if err := t.all(ctx, &running, "SELECT id FROM capri_operation WHERE state = ? ORDER BY id LIMIT 100000", OperationRunning); err != nil {
		return nil, fmt.Errorf("list operations: %w", err)
	}
	for page := range pages(running, 500) {
		var rows []int64
		// ix_work_operation (operationId, state, finishState) alone
		if err := t.all(ctx, &rows, "SELECT DISTINCT operationId FROM capri_task_work WHERE state < 3 AND operationId IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("find operations that have ended: %w", err)
		}
		open := map[int64]bool{}
		for _, id := range rows {
			open[id] = true
		}
		for _, id := range page {
			if !open[id] {
				out = append(out, id)
			}
		}
	}
	return out, nil
}
