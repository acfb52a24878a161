package store

import (
	"context"
	"errors"
	"fmt"

	"capricornus/common/batch"
)

// MeetLasts marks rows that wait for the newest batch of these tasks as met,
// where it really has succeeded. It returns how many batches it touched.
func (t *LeaderTx) MeetLasts(ctx context.Context, tasks []int64) (int, error) {
	touched := 0
	for _, task := range sorted(tasks) {
		if err := t.lockTasks(ctx, []int64{task}); err != nil {
			return touched, err
		}
		ok, err := t.newestSucceeded(ctx, task)
		if err != nil {
			return touched, err
		}
		if !ok {
			continue
		}
		// ix_parent_need (state, lastRule, parentTaskId, parentTaskWorkNo, taskWorkId): a "last" row names no work number
		ids, err := t.waitingOf(ctx, `SELECT DISTINCT p.taskWorkId FROM capri_tparent_data p
`+t.d.inOrder+` capri_task_work w ON w.id = p.taskWorkId
WHERE p.state = 0 AND p.parentTaskId = ? AND p.parentTaskWorkNo = '' AND p.lastRule = 1 AND w.state < 2`, task)
		if err != nil {
			return touched, fmt.Errorf("lock children: %w", err)
		}
		for children := range pages(ids, 500) {
			if _, err := t.exec(ctx, "UPDATE capri_tparent_data SET state = 1, lastCheckedAt = ?, lastError = '' WHERE state + 0 = 0 AND lastRule = 1 AND parentTaskId = ? AND taskWorkId IN ("+
				placeholders(len(children))+")", append([]any{t.now, task}, anys(children)...)...); err != nil {
				return touched, fmt.Errorf("change parent rows: %w", err)
			}
			if err := t.recount(ctx, children); err != nil {
				return touched, err
			}
		}
		touched += len(ids)
	}
	return touched, nil
}

// newestSucceeded tells whether a task's newest batch has succeeded; it stays locked.
func (t *tx) newestSucceeded(ctx context.Context, task int64) (bool, error) {
	var w struct {
		State  batch.State  `db:"state"`
		Finish batch.Finish `db:"finishState"`
	}
	// ix_work_task (taskId, scheduleTime, id)
	err := t.get(ctx, &w, "SELECT state, finishState FROM capri_task_work WHERE taskId = ? ORDER BY scheduleTime DESC, id DESC LIMIT 1"+t.d.share, task)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the newest batch of task %d: %w", task, err)
	}
	return w.State == batch.Done && w.Finish == batch.Success, nil
}

// splitLasts parts the keys of "the newest batch" rows, which name no work
// number, from the others.
func splitLasts(keys []ParentKey) (named []ParentKey, tasks []int64) {
	for _, k := range keys {
		if k.WorkNo == "" {
			tasks = append(tasks, k.TaskID)
			continue
		}
		named = append(named, k)
	}
	return named, sorted(tasks)
}

// goodParents tells which of these parents are successful now; they stay locked.
func (t *tx) goodParents(ctx context.Context, keys []ParentKey) (map[ParentKey]bool, error) {
	good := map[ParentKey]bool{}
	named, tasks := splitLasts(keys)
	for page := range pages(named, 400) {
		ok, err := t.succeeded(ctx, page)
		if err != nil {
			return nil, err
		}
		for _, k := range ok {
			good[k] = true
		}
	}
	for _, task := range tasks {
		ok, err := t.newestSucceeded(ctx, task)
		if err != nil {
			return nil, err
		}
		good[ParentKey{TaskID: task}] = ok
	}
	return good, nil
}

// lockLasts locks those of the batches' tasks whose newest batch somebody may
// rely on, before the batches are there, and returns them: whoever is about to
// call a newest batch successful has done so, or sees the newer ones.
func (t *tx) lockLasts(ctx context.Context, coming []NewBatch) ([]int64, error) {
	tasks := make([]int64, 0, len(coming))
	for i := range coming {
		tasks = append(tasks, coming[i].TaskID)
	}
	var relied []int64
	for page := range pages(sorted(tasks), 1000) {
		var rows []int64
		// ix_depend_parent (parentTaskId)
		if err := t.all(ctx, &rows, "SELECT DISTINCT parentTaskId FROM capri_task_depend WHERE kind = 'logic' AND dependWindow = 'last' AND parentTaskId IN ("+
			placeholders(len(page))+") ORDER BY parentTaskId", anys(page)...); err != nil {
			return nil, fmt.Errorf("find tasks whose newest batch counts: %w", err)
		}
		relied = append(relied, rows...)
	}
	return relied, t.lockTasks(ctx, relied)
}

// lockTasks keeps task rows locked until the transaction ends, in the order of their ids.
func (t *tx) lockTasks(ctx context.Context, tasks []int64) error {
	for page := range pages(tasks, 1000) {
		var ids []int64
		// by the primary key
		if err := t.all(ctx, &ids, "SELECT id FROM capri_task WHERE id IN ("+placeholders(len(page))+") ORDER BY id"+t.d.forUpdate, anys(page)...); err != nil {
			return fmt.Errorf("lock %d tasks: %w", len(page), err)
		}
	}
	return nil
}

// settleLasts makes waiting batches wait again that rely on the newest batch of
// one of these tasks, of which there is a newer one now (exactly.md 2).
func (t *tx) settleLasts(ctx context.Context, relied []int64) error {
	return t.unmeetLasts(ctx, relied, "the parent has a newer batch")
}

// unmeetLasts makes waiting and assigned batches wait for the newest batch of
// these tasks, where it has not succeeded.
func (t *tx) unmeetLasts(ctx context.Context, tasks []int64, reason string) error {
	for page := range pages(tasks, 400) {
		var found []struct {
			WorkID int64 `db:"taskWorkId"`
			TaskID int64 `db:"parentTaskId"`
		}
		// ix_depend_parent (parentTaskId), then the open batches of those tasks by uk_work_open, then their rows by the primary key
		if err := t.all(ctx, &found, `SELECT DISTINCT p.taskWorkId, p.parentTaskId FROM capri_task_depend e
`+t.d.inOrder+` capri_task_work w ON w.taskId = e.childTaskId AND w.openKey > ''
`+t.d.inOrder+` capri_tparent_data p ON p.taskWorkId = w.id AND p.parentTaskId = e.parentTaskId
WHERE e.kind = 'logic' AND e.dependWindow = 'last' AND w.state + 0 < 2 AND p.lastRule + 0 = 1 AND p.state + 0 = 1 AND e.parentTaskId IN (`+
			placeholders(len(page))+") ORDER BY p.parentTaskId, p.taskWorkId", anys(page)...); err != nil {
			return fmt.Errorf("find batches that rely on the newest one: %w", err)
		}
		children := map[int64][]int64{}
		for _, f := range found {
			children[f.TaskID] = append(children[f.TaskID], f.WorkID)
		}
		for _, task := range page {
			if err := t.unmeetLast(ctx, task, children[task], reason); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) unmeetLast(ctx context.Context, task int64, children []int64, reason string) error {
	if len(children) == 0 {
		return nil
	}
	if ok, err := t.newestSucceeded(ctx, task); ok || err != nil {
		return err
	}
	works, err := t.lock(ctx, children)
	if err != nil {
		return err
	}
	var open []int64
	for _, id := range sorted(children) {
		if w := works[id]; w != nil && (w.State == batch.Waiting || w.State == batch.Assigned) {
			open = append(open, id)
		}
	}
	for ids := range pages(open, 500) {
		if _, err := t.exec(ctx, "UPDATE capri_tparent_data SET state = 0, unmetSince = ?, lastCheckedAt = ?, lastError = ? WHERE state + 0 = 1 AND lastRule + 0 = 1 AND parentTaskId = ? AND taskWorkId IN ("+
			placeholders(len(ids))+")", append([]any{t.now, t.now, clip(reason, 400), task}, anys(ids)...)...); err != nil {
			return fmt.Errorf("change parent rows: %w", err)
		}
		if err := t.recount(ctx, ids); err != nil {
			return err
		}
	}
	return nil
}
