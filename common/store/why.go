package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// What is here is read to explain one batch to a person; nothing decides by it.

// Reign is the term the database knows of.
type Reign struct {
	Epoch  int64  `db:"epoch"` // 0: nobody has ever led
	Holder string `db:"holder"`
	Since  int64  `db:"since"`
}

// Reign reads the present term, or the last one.
func (t *ViewTx) Reign(ctx context.Context) (Reign, error) {
	var r Reign
	err := t.get(ctx, &r, "SELECT epoch, holder, since FROM capri_master_epoch WHERE id = 1")
	return r, err
}

// VersionHead is who saved a version of a task, and how it stood then.
type VersionHead struct {
	TaskID    int64  `db:"taskId"`
	Version   int    `db:"version"`
	IsEnabled bool   `db:"isEnabled"`
	IsDeleted bool   `db:"isDeleted"`
	SavedAt   int64  `db:"savedAt"`
	SavedBy   string `db:"savedBy"`
}

// VersionHeads lists the versions of tasks without their definitions, oldest first.
func (t *ViewTx) VersionHeads(ctx context.Context, ids []int64) (map[int64][]VersionHead, error) {
	out := map[int64][]VersionHead{}
	for page := range pages(sorted(ids), 500) {
		var rows []VersionHead
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT taskId, version, isEnabled, isDeleted, savedAt, savedBy FROM capri_task_version WHERE taskId IN ("+
			placeholders(len(page))+") ORDER BY taskId, version", anys(page)...); err != nil {
			return nil, fmt.Errorf("list versions: %w", err)
		}
		for _, r := range rows {
			out[r.TaskID] = append(out[r.TaskID], r)
		}
	}
	return out, nil
}

// ActiveOf lists the assigned and running batches of a task that reserve a
// place, oldest first.
func (t *ViewTx) ActiveOf(ctx context.Context, taskID int64, limit int) ([]Node, error) {
	var out []Node
	// uk_work_open (taskId, openKey)
	err := t.all(ctx, &out, "SELECT "+nodeCols+" "+nodeFrom+" WHERE w.taskId = ? AND w.openKey IS NOT NULL AND w.state + 0 IN (1, 2) AND w.refusedAt = 0 ORDER BY w.assignTime, w.id LIMIT ?", taskID, limit)
	if err != nil {
		return nil, fmt.Errorf("list active batches of task %d: %w", taskID, err)
	}
	return out, nil
}

// Line is where a ready batch stands among those that wait for a worker, as far
// as they were counted.
type Line struct {
	Ahead      int `db:"ahead"`
	ByPriority int `db:"byPriority"` // of those, of a better priority; the others are older
}

// LineAhead counts ready batches ahead of one that no gate but the worker's
// stops; it counts limit of the ready ones at most.
func (t *ViewTx) LineAhead(ctx context.Context, w *Work, limit int) (Line, error) {
	var out Line
	// ix_work_ready (state, unmet, priority, scheduleTime, id)
	err := t.get(ctx, &out, `SELECT COUNT(*) AS ahead, COALESCE(SUM(CASE WHEN priority < ? THEN 1 ELSE 0 END), 0) AS byPriority FROM
(SELECT priority, gate FROM capri_task_work WHERE state = 0 AND unmet = 0
AND (priority < ? OR (priority = ? AND (scheduleTime < ? OR (scheduleTime = ? AND id < ?))))
ORDER BY priority, scheduleTime, id LIMIT ?) line WHERE gate IN ('', ?)`,
		w.Priority, w.Priority, w.Priority, w.ScheduleTime, w.ScheduleTime, w.ID, limit, batch.GateQueue)
	if err != nil {
		return out, fmt.Errorf("count who is ahead of batch %d: %w", w.ID, err)
	}
	return out, nil
}

// Grantors lists some of the users who may grant execution accounts.
func (t *ViewTx) Grantors(ctx context.Context, limit int) ([]string, error) {
	var out []string
	// a few users
	err := t.all(ctx, &out, "SELECT name FROM capri_user WHERE isEnabled = 1 AND role IN ('admin', 'superadmin') ORDER BY name LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("list administrators: %w", err)
	}
	return out, nil
}

// SlotItem is what an operation decided about a work number of a task.
type SlotItem struct {
	TaskID      int64  `db:"taskId"`
	WorkNo      string `db:"workNo"`
	OperationID int64  `db:"operationId"`
	Kind        string `db:"kind"`
	State       string `db:"state"` // of the operation
	Author      string `db:"author"`
	Decision    string `db:"decision"`
	Code        string `db:"code"`
	CreatedAt   int64  `db:"createdAt"`
}

// SlotItems lists what operations decided about these work numbers, newest first.
func (t *ViewTx) SlotItems(ctx context.Context, keys []ParentKey) ([]SlotItem, error) {
	var out []SlotItem
	for page := range pages(keys, 400) {
		var rows []SlotItem
		// ix_item_slot (taskId, workNo)
		if err := t.all(ctx, &rows, "SELECT i.taskId, i.workNo, i.operationId, o.kind, o.state, o.author, i.decision, i.code, o.createdAt FROM ("+t.keyList(len(page))+") k "+t.d.inOrder+
			" capri_operation_item i"+t.d.byIndex("ix_item_slot")+" ON i.taskId = k.taskId AND i.workNo = k.workNo JOIN capri_operation o ON o.id = i.operationId ORDER BY i.operationId DESC, i.n LIMIT 1000", keyArgs(page)...); err != nil {
			return nil, fmt.Errorf("list items of work numbers: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// SlotFailures reads the failed generations of these work numbers.
func (t *ViewTx) SlotFailures(ctx context.Context, keys []ParentKey) (map[ParentKey]GenerateFailure, error) {
	out := map[ParentKey]GenerateFailure{}
	for page := range pages(keys, 400) {
		var rows []GenerateFailure
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT f.taskId, f.workNo, f.slotBase, f.tries, f.firstAt, f.lastAt, f.lastError FROM ("+t.keyList(len(page))+") k "+t.d.inOrder+
			" capri_generate_failure f ON f.taskId = k.taskId AND f.workNo = k.workNo", keyArgs(page)...); err != nil {
			return nil, fmt.Errorf("read failed slots: %w", err)
		}
		for _, r := range rows {
			out[ParentKey{r.TaskID, r.WorkNo}] = r
		}
	}
	return out, nil
}

// Mark reads how far generation has come by one mark; ErrNotFound before it began.
func (t *ViewTx) Mark(ctx context.Context, mark string) (int64, error) {
	var done int64
	err := t.get(ctx, &done, "SELECT doneUntil FROM capri_generate_mark WHERE mark = ?", mark)
	return done, err
}
