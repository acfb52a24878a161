package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"capricornus/common/batch"
)

// EndedRun is a batch that has ended, by its last run.
type EndedRun struct {
	SuccessRun
	Finish batch.Finish `db:"finishState"`
}

// EndKey is a position in the order of ends: end, id.
type EndKey struct{ EndTime, ID int64 }

// EndedRuns lists batches that ended by themselves, well or badly, within
// [from, to), in the order of their ends, after a position.
func (t *ViewTx) EndedRuns(ctx context.Context, from, to int64, after EndKey, limit int) ([]EndedRun, error) {
	var out []EndedRun
	// ix_work_end (endTime)
	err := t.all(ctx, &out, "SELECT "+successCols+`, finishState FROM capri_task_work
WHERE endTime >= ? AND endTime < ? AND (endTime > ? OR id > ?) AND state + 0 = 3 AND finishState + 0 IN (1, 2) AND startTime > 0 AND markedBy = ''
ORDER BY endTime, id LIMIT ?`, max(from, after.EndTime), to, after.EndTime, after.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("list ended runs: %w", err)
	}
	return out, nil
}

// Expectation is how long a task is expected to take.
type Expectation struct {
	TaskID  int64  `db:"id"`
	Task    string `db:"name"`
	Seconds int64  `db:"expectSeconds"` // 0: nothing is expected
}

// Expectations reads how long tasks are expected to take; deleted ones are left out.
func (t *ViewTx) Expectations(ctx context.Context, ids []int64) (map[int64]Expectation, error) {
	out := make(map[int64]Expectation, len(ids))
	for page := range pages(sorted(ids), 1000) {
		var rows []Expectation
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT id, name, expectSeconds FROM capri_task WHERE isDeleted + 0 = 0 AND id IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("read expected durations: %w", err)
		}
		for _, r := range rows {
			out[r.TaskID] = r
		}
	}
	return out, nil
}

// Expect writes how long tasks are expected to take from now on, in seconds by
// task. The column alone changes: what people wrote stays the version it is.
func (t *LeaderTx) Expect(ctx context.Context, seconds map[int64]int64) error {
	cols := []string{"id", "expectSeconds"}
	rows := make([][]any, 0, len(seconds))
	for _, id := range slices.Sorted(maps.Keys(seconds)) {
		rows = append(rows, []any{id, seconds[id]})
	}
	for page := range t.d.statements(rows) {
		if _, err := t.exec(ctx, t.d.updateFrom("capri_task", t.d.values(cols, len(page)), cols[1:], cols[:1]), flat(page)...); err != nil {
			return fmt.Errorf("write expected durations: %w", err)
		}
	}
	return nil
}
