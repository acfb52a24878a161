package store

import (
	"context"
	"fmt"
)

// OldRun is a batch that has ended long ago.
type OldRun struct {
	ID      int64 `db:"id"`
	EndTime int64 `db:"endTime"`
	ParentKey
}

// EndedBefore lists batches that were due and had ended before an instant, in
// the order of their ends, after a position.
func (t *ViewTx) EndedBefore(ctx context.Context, before int64, after EndKey, limit int) ([]OldRun, error) {
	var out []OldRun
	// ix_work_end (endTime)
	err := t.all(ctx, &out, `SELECT id, endTime, taskId, workNo FROM capri_task_work
WHERE endTime >= ? AND endTime < ? AND (endTime > ? OR id > ?) AND state + 0 = 3 AND scheduleTime + 0 < ? ORDER BY endTime, id LIMIT ?`,
		max(after.EndTime, 1), before, after.EndTime, after.ID, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list old batches: %w", err)
	}
	return out, nil
}

// OldNumber is one work number of a task with what decides whether it may go.
type OldNumber struct {
	Runs     []*Work
	Newest   int64 // the schedule time of the task's newest batch
	Referred bool  // an unfinished batch has it as a parent
	Planned  bool  // an operation that still makes batches means it
}

// LockOldNumbers locks all runs of these work numbers. One that somebody runs
// again in this very moment is left out.
func (t *LeaderTx) LockOldNumbers(ctx context.Context, keys []ParentKey) (map[ParentKey]*OldNumber, error) {
	before, err := t.runsOf(ctx, keys)
	if err != nil {
		return nil, err
	}
	works, err := t.lock(ctx, before)
	if err != nil {
		return nil, err
	}
	after, err := t.runsOf(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make(map[ParentKey]*OldNumber, len(keys))
	for _, w := range works {
		key := ParentKey{TaskID: w.TaskID, WorkNo: w.WorkNo}
		if out[key] == nil {
			out[key] = &OldNumber{}
		}
		out[key].Runs = append(out[key].Runs, w)
	}
	if len(after) != len(before) {
		return nil, nil // the next page, or the next night, finds them again
	}
	return out, t.judgeOld(ctx, keys, out)
}

// runsOf lists the ids of all runs of these work numbers.
func (t *tx) runsOf(ctx context.Context, keys []ParentKey) ([]int64, error) {
	var out []int64
	for page := range pages(keys, 400) {
		var rows []int64
		// uk_work_run (taskId, workNo, type)
		if err := t.all(ctx, &rows, "SELECT w.id FROM ("+t.keyList(len(page))+") k "+t.d.inOrder+
			" capri_task_work w"+t.d.byIndex("uk_work_run")+" ON w.taskId = k.taskId AND w.workNo = k.workNo", keyArgs(page)...); err != nil {
			return nil, fmt.Errorf("list runs: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// judgeOld fills in what decides about work numbers.
func (t *tx) judgeOld(ctx context.Context, keys []ParentKey, out map[ParentKey]*OldNumber) error {
	tasks := make([]int64, 0, len(keys))
	for _, k := range keys {
		tasks = append(tasks, k.TaskID)
	}
	newest, err := t.newestOf(ctx, tasks)
	if err != nil {
		return err
	}
	for key, o := range out {
		o.Newest = newest[key.TaskID]
	}
	for page := range pages(keys, 400) {
		referred, err := t.referred(ctx, page)
		if err != nil {
			return err
		}
		for _, key := range referred {
			out[key].Referred = true
		}
		var planned []ParentKey
		// ix_item_slot (taskId, workNo), capri_operation by its primary key
		if err := t.all(ctx, &planned, "SELECT DISTINCT i.taskId, i.workNo FROM ("+t.keyList(len(page))+") k "+t.d.inOrder+
			" capri_operation_item i"+t.d.byIndex("ix_item_slot")+" ON i.taskId = k.taskId AND i.workNo = k.workNo "+t.d.inOrder+
			" capri_operation o ON o.id = i.operationId WHERE o.state = 'creating'", keyArgs(page)...); err != nil {
			return fmt.Errorf("list planned work numbers: %w", err)
		}
		for _, key := range planned {
			out[key].Planned = true
		}
	}
	return nil
}

// newestOf reads the schedule time of the newest batch of each task.
func (t *tx) newestOf(ctx context.Context, tasks []int64) (map[int64]int64, error) {
	out := make(map[int64]int64, len(tasks))
	for page := range pages(sorted(tasks), 1000) {
		var rows []struct {
			ID     int64  `db:"id"`
			Newest *int64 `db:"newest"`
		}
		// ix_work_task (taskId, scheduleTime, id), the end of each task's part
		if err := t.all(ctx, &rows, `SELECT k.id, (SELECT w.scheduleTime FROM capri_task_work w WHERE w.taskId = k.id ORDER BY w.scheduleTime DESC, w.id DESC LIMIT 1) AS newest
FROM capri_task k WHERE k.id IN (`+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("read the newest batches: %w", err)
		}
		for _, r := range rows {
			if r.Newest != nil {
				out[r.ID] = *r.Newest
			}
		}
	}
	return out, nil
}

// referred lists those work numbers that an unfinished batch has as a parent,
// in whatever state that dependency is: a worker looks at them once more.
func (t *tx) referred(ctx context.Context, keys []ParentKey) ([]ParentKey, error) {
	var out []ParentKey
	for _, state := range []int{DepUnmet, DepMet, DepNotApplicable} {
		var rows []ParentKey
		// ix_parent_need (state, lastRule, parentTaskId, parentTaskWorkNo, taskWorkId), the children by their primary key
		if err := t.all(ctx, &rows, "SELECT DISTINCT k.taskId, k.workNo FROM ("+t.keyList(len(keys))+") k "+t.d.inOrder+
			" capri_tparent_data p"+t.d.byIndex("ix_parent_need")+" ON p.state = ? AND p.lastRule = 0 AND p.parentTaskId = k.taskId AND p.parentTaskWorkNo = k.workNo "+t.d.inOrder+
			" capri_task_work c ON c.id = p.taskWorkId WHERE c.state + 0 < 3", append(keyArgs(keys), state)...); err != nil {
			return nil, fmt.Errorf("list parents of unfinished batches: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// DeleteBatches takes batches locked in this transaction away, with all that
// belongs to them.
func (t *LeaderTx) DeleteBatches(ctx context.Context, ids []int64) error {
	for page := range pages(sorted(ids), 500) {
		in, args := " IN ("+placeholders(len(page))+")", anys(page)
		var codes []string
		// by the primary key
		if err := t.all(ctx, &codes, "SELECT task_instance_code FROM capri_task_instance WHERE taskWorkId"+in+" ORDER BY task_instance_code", args...); err != nil {
			return fmt.Errorf("read attempts of old batches: %w", err)
		}
		for some := range pages(codes, 1000) {
			// ix_user_code_instance (task_instance_code)
			if _, err := t.exec(ctx, "DELETE FROM capri_user_code_log WHERE task_instance_code IN ("+placeholders(len(some))+")", anys(some)...); err != nil {
				return fmt.Errorf("delete codes of old batches: %w", err)
			}
		}
		// by the primary keys, which begin with the batch; the holds by ix_hold_active (releasedAt, kind, objectId)
		for _, from := range []string{
			"capri_task_data WHERE taskWorkId", "capri_tthird_data WHERE taskWorkId", "capri_tparent_data WHERE taskWorkId",
			"capri_task_instance WHERE taskWorkId", "capri_attempt_log WHERE taskWorkId", "capri_reschedule_log WHERE taskWorkId", "capri_batch_event WHERE workId",
			"capri_gate_spent WHERE workId", "capri_hold WHERE releasedAt = 0 AND kind = 'batch' AND objectId", "capri_task_work WHERE id",
		} {
			if _, err := t.exec(ctx, "DELETE FROM "+from+in, args...); err != nil {
				return fmt.Errorf("delete old batches: %w", err)
			}
		}
	}
	return nil
}
