package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// Cell is the run that counts of one work number, as a grid shows it.
type Cell struct {
	TaskID        int64        `db:"taskId"`
	WorkNo        string       `db:"workNo"`
	Type          int          `db:"type"`
	State         batch.State  `db:"state"`
	Finish        batch.Finish `db:"finishState"`
	DependTimeout bool         `db:"dependLate"`
	OutputTimeout bool         `db:"outputLate"`
}

// Cells reads the runs that count of tasks of one period, in a range of work
// numbers with both ends.
func (t *ViewTx) Cells(ctx context.Context, tasks []int64, from, to string) ([]Cell, error) {
	var out []Cell
	for page := range pages(sorted(tasks), 500) {
		var rows []Cell
		// uk_work_run (taskId, workNo, type): one range for each task
		if err := t.all(ctx, &rows, `SELECT w.taskId, w.workNo, w.type, w.state, w.finishState, w.dependTimeoutAt > 0 AS dependLate, w.outputTimeoutAt > 0 AS outputLate
FROM capri_task_work w WHERE w.taskId IN (`+placeholders(len(page))+") AND w.workNo >= ? AND w.workNo <= ? AND w.latest = 1", append(anys(page), from, to)...); err != nil {
			return nil, fmt.Errorf("read cells of a grid: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}
