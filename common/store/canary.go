package store

import (
	"context"
	"errors"
	"fmt"
)

// NewestSuccess is the schedule time of the newest batch of a task that counts
// and was successful, of those scheduled after an instant; 0: there is none.
func (t *ViewTx) NewestSuccess(ctx context.Context, taskID, after int64) (int64, error) {
	var at int64
	// ix_work_task (taskId, scheduleTime, id), backwards
	err := t.get(ctx, &at, `SELECT scheduleTime FROM capri_task_work
WHERE taskId = ? AND scheduleTime > ? AND latest = 1 AND state + 0 = 3 AND finishState + 0 = 1 ORDER BY scheduleTime DESC, id DESC LIMIT 1`, taskID, after)
	switch {
	case errors.Is(err, ErrNotFound):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("find the newest success of task %d: %w", taskID, err)
	}
	return at, nil
}
