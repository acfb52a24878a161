package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// QueueShare is how many batches of one version of a task wait for nothing but a
// worker.
type QueueShare struct {
	TaskID      int64 `db:"taskId"`
	TaskVersion int   `db:"taskVersion"`
	Priority    int   `db:"priority"`
	Count       int   `db:"n"`
	Since       int64 `db:"since"` // since when the oldest of them does
}

// QueueShares counts the batches that wait for nothing but a worker.
func (t *ViewTx) QueueShares(ctx context.Context) ([]QueueShare, error) {
	var out []QueueShare
	// ix_work_ready (state, unmet, …): what waits for dependencies is not looked at
	err := t.all(ctx, &out, `SELECT taskId, taskVersion, priority, COUNT(*) AS n, MIN(CASE WHEN gateSince > 0 THEN gateSince ELSE scheduleTime END) AS since
FROM capri_task_work WHERE state = 0 AND unmet = 0 AND gate IN ('', ?, ?) AND retryAt <= ? AND earliestAt <= ?
GROUP BY taskId, taskVersion, priority ORDER BY taskId, taskVersion, priority LIMIT 100000`,
		string(batch.GateWorker), string(batch.GateQueue), t.now, t.now)
	if err != nil {
		return nil, fmt.Errorf("count ready batches: %w", err)
	}
	return out, nil
}

// TaskStanding is how the batches of a task stand.
type TaskStanding struct {
	Running bool         // one runs
	Ended   batch.Finish // how the newest one that ended has; None: none has
}

// TaskStandings reads how the batches of tasks stand, all of them at once.
func (t *ViewTx) TaskStandings(ctx context.Context, tasks []int64) (map[int64]TaskStanding, error) {
	out := make(map[int64]TaskStanding, len(tasks))
	for page := range pages(sorted(tasks), recordTasks) {
		var running []int64
		// uk_work_open (taskId, openKey): the unfinished ones only
		if err := t.all(ctx, &running, "SELECT DISTINCT taskId FROM capri_task_work WHERE taskId IN ("+placeholders(len(page))+") AND openKey IS NOT NULL AND state + 0 = 2", anys(page)...); err != nil {
			return nil, fmt.Errorf("read running tasks: %w", err)
		}
		var ended []struct {
			TaskID int64        `db:"taskId"`
			Finish batch.Finish `db:"finishState"`
		}
		// ix_work_task (taskId, scheduleTime, id), once for each task
		if err := t.all(ctx, &ended, unionOf(len(page), `SELECT taskId, finishState FROM capri_task_work WHERE taskId = ? AND state + 0 = 3
ORDER BY scheduleTime DESC, id DESC LIMIT 1`), anys(page)...); err != nil {
			return nil, fmt.Errorf("read ends of tasks: %w", err)
		}
		for _, e := range ended {
			out[e.TaskID] = TaskStanding{Ended: e.Finish}
		}
		for _, id := range running {
			s := out[id]
			s.Running = true
			out[id] = s
		}
	}
	return out, nil
}
