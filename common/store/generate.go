package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"capricornus/common/batch"
)

// Marks reads how far generation has come, per mark.
func (t *ViewTx) Marks(ctx context.Context) (map[string]int64, error) {
	var rows []struct {
		Mark string `db:"mark"`
		Done int64  `db:"doneUntil"`
	}
	if err := t.all(ctx, &rows, "SELECT mark, doneUntil FROM capri_generate_mark ORDER BY mark LIMIT 200000"); err != nil {
		return nil, fmt.Errorf("read generation marks: %w", err)
	}
	out := make(map[string]int64, len(rows))
	for _, r := range rows {
		out[r.Mark] = r.Done
	}
	return out, nil
}

// PutMarks moves marks; in the transaction of the last rows they cover.
func (t *LeaderTx) PutMarks(ctx context.Context, marks map[string]int64) error {
	rows := make([][]any, 0, len(marks))
	for _, mark := range slices.Sorted(maps.Keys(marks)) {
		rows = append(rows, []any{mark, marks[mark]})
	}
	return t.insert(ctx, "capri_generate_mark", "mark, doneUntil", rows, t.d.upsert("mark", "doneUntil"))
}

// GenerateFailure is a slot that could not be generated; later passes try it again.
type GenerateFailure struct {
	TaskID   int64  `db:"taskId"`
	WorkNo   string `db:"workNo"`
	SlotBase int64  `db:"slotBase"`
	Tries    int    `db:"tries"`
	FirstAt  int64  `db:"firstAt"`
	LastAt   int64  `db:"lastAt"`
	Error    string `db:"lastError"`
}

// GenerateFailures lists failed slots, oldest first.
func (t *ViewTx) GenerateFailures(ctx context.Context, limit int) ([]GenerateFailure, error) {
	var out []GenerateFailure
	err := t.all(ctx, &out, "SELECT taskId, workNo, slotBase, tries, firstAt, lastAt, lastError FROM capri_generate_failure ORDER BY taskId, workNo LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("list failed slots: %w", err)
	}
	return out, nil
}

// FailuresOf lists the failed slots of one task.
func (t *ViewTx) FailuresOf(ctx context.Context, taskID int64) ([]GenerateFailure, error) {
	var out []GenerateFailure
	// by the primary key's first column
	err := t.all(ctx, &out, "SELECT taskId, workNo, slotBase, tries, firstAt, lastAt, lastError FROM capri_generate_failure WHERE taskId = ? ORDER BY workNo LIMIT 1000", taskID)
	if err != nil {
		return nil, fmt.Errorf("list failed slots: %w", err)
	}
	return out, nil
}

// PutGenerateFailures notes failed slots.
func (t *LeaderTx) PutGenerateFailures(ctx context.Context, all []GenerateFailure) error {
	rows := make([][]any, 0, len(all))
	for _, f := range all {
		rows = append(rows, []any{f.TaskID, f.WorkNo, f.SlotBase, f.Tries, t.now, t.now, clip(f.Error, 1000)})
	}
	return t.insert(ctx, "capri_generate_failure", "taskId, workNo, slotBase, tries, firstAt, lastAt, lastError", rows,
		t.d.upsert("taskId, workNo", "tries", "lastAt", "lastError"))
}

// DropGenerateFailures forgets slots that are generated, or not wanted any more.
func (t *LeaderTx) DropGenerateFailures(ctx context.Context, all []GenerateFailure) error {
	for _, f := range all {
		if _, err := t.exec(ctx, "DELETE FROM capri_generate_failure WHERE taskId = ? AND workNo = ?", f.TaskID, f.WorkNo); err != nil {
			return fmt.Errorf("forget failed slot: %w", err)
		}
	}
	return nil
}

// Existing is the counting run of a work number that has batches.
type Existing struct {
	ParentKey
	ID      int64        `db:"id"`
	Version int          `db:"taskVersion"`
	Type    int          `db:"type"`
	State   batch.State  `db:"state"`
	Finish  batch.Finish `db:"finishState"`
}

// Existing reads the counting runs of these work numbers; those without a batch are left out.
func (t *ViewTx) Existing(ctx context.Context, keys []ParentKey) (map[ParentKey]Existing, error) {
	out := make(map[ParentKey]Existing, len(keys))
	for page := range pages(keys, 400) {
		var rows []Existing
		// uk_work_run (taskId, workNo, type)
		if err := t.all(ctx, &rows, "SELECT w.taskId, w.workNo, w.id, w.taskVersion, w.type, w.state, w.finishState FROM ("+t.keyList(len(page))+") k "+t.d.inOrder+
			" capri_task_work w"+t.d.byIndex("uk_work_run")+" ON w.taskId = k.taskId AND w.workNo = k.workNo WHERE w.latest = 1", keyArgs(page)...); err != nil {
			return nil, fmt.Errorf("read existing batches: %w", err)
		}
		for _, r := range rows {
			out[r.ParentKey] = r
		}
	}
	return out, nil
}
