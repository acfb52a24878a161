package store

import (
	"context"
	"fmt"
)

// ParentKey names the batches of one work number of a task.
type ParentKey struct {
	TaskID int64  `db:"taskId"`
	WorkNo string `db:"workNo"`
}

func keyArgs(keys []ParentKey) []any {
	out := make([]any, 0, 2*len(keys))
	for _, k := range keys {
		out = append(out, k.TaskID, k.WorkNo)
	}
	return out
}

// UnmetPath is one distinct path that waiting batches wait for.
type UnmetPath struct {
	Path  string `db:"path"`
	Ready string `db:"ready"`
	Note  string `db:"note"`  // why it could not be looked at, or that it is gone; of those that differ one
	Mixed bool   `db:"mixed"` // the notes of its rows differ
}

// unmetPathNotes are what a query of unmet paths d tells of the notes on them.
const unmetPathNotes = "MAX(d.lastError) AS note, MIN(d.lastError) <> MAX(d.lastError) AS mixed"

// Says reports whether every row of the path says what a look found that did
// not find it ready; empty: nothing was in the way of looking.
func (u UnmetPath) Says(text string) bool { return !u.Mixed && said(u.Note, text) }

// UnmetPaths lists the distinct input paths that waiting batches lack, after a
// path: in order of a hash, a few more than limit, and fewer only at the end.
func (t *ViewTx) UnmetPaths(ctx context.Context, after UnmetPath, limit int) ([]UnmetPath, error) {
	var out []UnmetPath
	hash := int64(-1)
	if after.Path != "" {
		hash = PathHash(after.Path)
	}
	for len(out) < limit {
		var hashes []int64
		// ix_data_path (type, state, pathHash) alone
		if err := t.all(ctx, &hashes, "SELECT DISTINCT pathHash FROM capri_task_data WHERE type = 1 AND state = 0 AND pathHash > ? ORDER BY pathHash LIMIT ?", hash, limit); err != nil {
			return nil, fmt.Errorf("list unmet paths: %w", err)
		}
		if len(hashes) == 0 {
			return out, nil
		}
		var rows []UnmetPath
		// ix_data_path (type, state, pathHash), then capri_task_work by its primary key
		if err := t.all(ctx, &rows, "SELECT d.path, d.ready, "+unmetPathNotes+" FROM capri_task_data d "+t.d.inOrder+` capri_task_work w ON w.id = d.taskWorkId
WHERE d.type = 1 AND d.state = 0 AND d.pathHash IN (`+placeholders(len(hashes))+`) AND w.state = 0
GROUP BY d.pathHash, d.path, d.ready ORDER BY d.pathHash, d.path, d.ready`, anys(hashes)...); err != nil {
			return nil, fmt.Errorf("list unmet paths: %w", err)
		}
		out = append(out, rows...)
		hash = hashes[len(hashes)-1]
	}
	return out, nil
}

// ReadyParents lists the work numbers that waiting batches still wait for
// although their counting run has succeeded.
func (t *ViewTx) ReadyParents(ctx context.Context, limit int) ([]ParentKey, error) {
	var out []ParentKey
	// ix_parent_need (state, lastRule, …) alone, then uk_work_run, then for the few that are left their children:
	// a count and no EXISTS, which MariaDB would answer by reading all that waits
	err := t.all(ctx, &out, `SELECT w.taskId, w.workNo FROM
(SELECT DISTINCT parentTaskId, parentTaskWorkNo FROM capri_tparent_data WHERE state = 0 AND lastRule = 0) k
`+t.d.inOrder+` capri_task_work w`+t.d.byIndex("uk_work_run")+` ON w.taskId = k.parentTaskId AND w.workNo = k.parentTaskWorkNo
WHERE w.latest = 1 AND w.state = 3 AND w.finishState = 1
AND 0 < (SELECT COUNT(*) FROM capri_tparent_data p `+t.d.inOrder+` capri_task_work c ON c.id = p.taskWorkId
  WHERE p.state = 0 AND p.lastRule = 0 AND p.parentTaskId = w.taskId AND p.parentTaskWorkNo = w.workNo AND c.state = 0)
ORDER BY w.taskId, w.workNo LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list ready parents: %w", err)
	}
	return out, nil
}

// ReadyThirds lists announced third-party data that waiting batches still wait for.
func (t *ViewTx) ReadyThirds(ctx context.Context, limit int) ([]ThirdKey, error) {
	var out []ThirdKey
	// ix_third_need (state, code, dataNo), then capri_third_depend_data by its primary key.
	err := t.all(ctx, &out, `SELECT DISTINCT d.code, d.dataNo FROM capri_tthird_data d
JOIN capri_third_depend_data a ON a.code = d.code AND a.dataNo = d.dataNo
JOIN capri_task_work w ON w.id = d.taskWorkId
WHERE d.state = 0 AND w.state = 0 ORDER BY d.code, d.dataNo LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list announced third parties: %w", err)
	}
	return out, nil
}

// The rows of a "last" dependency name no work number, which ix_parent_need finds.
const readyLasts = `SELECT DISTINCT p.parentTaskId FROM capri_tparent_data p
JOIN capri_task_work c ON c.id = p.taskWorkId
WHERE p.state = 0 AND p.parentTaskWorkNo = '' AND p.lastRule = 1 AND c.state = 0 AND EXISTS (
  SELECT 1 FROM capri_task_work w WHERE w.taskId = p.parentTaskId AND w.latest = 1 AND w.state = 3 AND w.finishState = 1
  AND w.scheduleTime = (SELECT MAX(x.scheduleTime) FROM capri_task_work x WHERE x.taskId = p.parentTaskId))`

// ReadyLasts lists tasks whose newest batch has succeeded while waiting batches wait for "the last one".
func (t *ViewTx) ReadyLasts(ctx context.Context, limit int) ([]int64, error) {
	var out []int64
	if err := t.all(ctx, &out, readyLasts+" ORDER BY p.parentTaskId LIMIT ?", limit); err != nil {
		return nil, fmt.Errorf("list last parents: %w", err)
	}
	return out, nil
}

// ReadyLastsOf is ReadyLasts for some parent tasks only.
func (t *ViewTx) ReadyLastsOf(ctx context.Context, tasks []int64) ([]int64, error) {
	var out []int64
	for page := range pages(sorted(tasks), 1000) {
		var rows []int64
		if err := t.all(ctx, &rows, readyLasts+" AND p.parentTaskId IN ("+placeholders(len(page))+") ORDER BY p.parentTaskId", anys(page)...); err != nil {
			return nil, fmt.Errorf("list last parents: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// ReadyLastsFor is ReadyLasts for the parents that these batches wait for only.
func (t *ViewTx) ReadyLastsFor(ctx context.Context, ids []int64) ([]int64, error) {
	var tasks []int64
	for page := range pages(sorted(ids), 1000) {
		var rows []int64
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT DISTINCT parentTaskId FROM capri_tparent_data WHERE state + 0 = 0 AND lastRule = 1 AND taskWorkId IN ("+
			placeholders(len(page))+") ORDER BY parentTaskId", anys(page)...); err != nil {
			return nil, fmt.Errorf("list last parents: %w", err)
		}
		tasks = append(tasks, rows...)
	}
	if len(tasks) == 0 {
		return nil, nil
	}
	return t.ReadyLastsOf(ctx, tasks)
}

// ThirdKey names data a third party announces.
type ThirdKey struct {
	Code   string `db:"code"`
	DataNo string `db:"dataNo"`
}
