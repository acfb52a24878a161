package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
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
}

// UnmetPaths lists the distinct input paths that waiting batches lack, after a path, in order.
func (t *ViewTx) UnmetPaths(ctx context.Context, after UnmetPath, limit int) ([]UnmetPath, error) {
	var out []UnmetPath
	// ix_data_path (type, state, pathHash), then capri_task_work by its primary key.
	err := t.SelectContext(ctx, &out, `SELECT DISTINCT d.path, d.ready FROM capri_task_data d
JOIN capri_task_work w ON w.id = d.taskWorkId
WHERE d.type = 1 AND d.state = 0 AND w.state = 0 AND (d.path > ? OR (d.path = ? AND d.ready > ?))
ORDER BY d.path, d.ready LIMIT ?`, after.Path, after.Path, after.Ready, limit)
	if err != nil {
		return nil, fmt.Errorf("list unmet paths: %w", err)
	}
	return out, nil
}

// ReadyParents lists the work numbers that waiting batches still wait for
// although their counting run has succeeded.
func (t *ViewTx) ReadyParents(ctx context.Context, limit int) ([]ParentKey, error) {
	var out []ParentKey
	// ix_parent_need (state, …) distinct, then uk_work_run.
	err := t.SelectContext(ctx, &out, `SELECT w.taskId, w.workNo FROM
(SELECT DISTINCT parentTaskId, parentTaskWorkNo FROM capri_tparent_data WHERE state = 0 AND lastRule = 0) k
JOIN capri_task_work w ON w.taskId = k.parentTaskId AND w.workNo = k.parentTaskWorkNo
WHERE w.latest = 1 AND w.state = 3 AND w.finishState = 1
AND EXISTS (SELECT 1 FROM capri_tparent_data p JOIN capri_task_work c ON c.id = p.taskWorkId
  WHERE p.state = 0 AND p.parentTaskId = w.taskId AND p.parentTaskWorkNo = w.workNo AND c.state = 0)
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
	err := t.SelectContext(ctx, &out, `SELECT DISTINCT d.code, d.dataNo FROM capri_tthird_data d
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
	if err := t.SelectContext(ctx, &out, readyLasts+" ORDER BY p.parentTaskId LIMIT ?", limit); err != nil {
		return nil, fmt.Errorf("list last parents: %w", err)
	}
	return out, nil
}

// ReadyLastsOf is ReadyLasts for some parent tasks only.
func (t *ViewTx) ReadyLastsOf(ctx context.Context, tasks []int64) ([]int64, error) {
	var out []int64
	for page := range pages(sorted(tasks), 1000) {
		var rows []int64
		if err := t.SelectContext(ctx, &rows, readyLasts+" AND p.parentTaskId IN ("+placeholders(len(page))+") ORDER BY p.parentTaskId", anys(page)...); err != nil {
			return nil, fmt.Errorf("list last parents: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// ThirdKey names data a third party announces.
type ThirdKey struct {
	Code   string `db:"code"`
	DataNo string `db:"dataNo"`
}

// waitingOf locks the waiting batches that have rows as the query selects them
// and returns their ids.
func (t *tx) waitingOf(ctx context.Context, query string, args ...any) ([]int64, error) {
	var ids []int64
	if err := t.SelectContext(ctx, &ids, query, args...); err != nil {
		return nil, err
	}
	works, err := t.lock(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, id := range sorted(ids) {
		if w := works[id]; w != nil && (w.State == batch.Waiting || w.State == batch.Assigned) {
			out = append(out, id)
		}
	}
	return out, nil
}

// recount derives the unmet counts of locked batches from their rows, in a
// statement of its own after the rows were changed (exactly.md 21).
func (t *tx) recount(ctx context.Context, ids []int64) error {
	for page := range pages(sorted(ids), 1000) {
		// each count by the primary key of its table
		_, err := t.exec(ctx, `UPDATE capri_task_work SET unmet =
(SELECT COUNT(*) FROM capri_task_data d WHERE d.taskWorkId = capri_task_work.id AND d.type = 1 AND d.state = 0) +
(SELECT COUNT(*) FROM capri_tthird_data d WHERE d.taskWorkId = capri_task_work.id AND d.state = 0) +
(SELECT COUNT(*) FROM capri_tparent_data d WHERE d.taskWorkId = capri_task_work.id AND d.state = 0)
WHERE id IN (`+placeholders(len(page))+")", anys(page)...)
		if err != nil {
			return fmt.Errorf("count unmet dependencies: %w", err)
		}
	}
	return nil
}

// MeetParents marks rows that wait for these parent batches as met, for
// waiting batches, and only where the counting run really has succeeded. It
// returns how many batches it touched.
func (t *LeaderTx) MeetParents(ctx context.Context, keys []ParentKey) (int, error) {
	touched := 0
	for page := range pages(keys, 200) {
		list := t.d.values([]string{"taskId", "workNo"}, len(page))
		ok, err := t.succeeded(ctx, list, page)
		if err != nil {
			return touched, err
		}
		if err := t.setParents(ctx, ok, DepUnmet, DepMet, ""); err != nil {
			return touched, err
		}
		touched += len(ok)
	}
	return touched, nil
}

// succeeded keeps those keys whose counting run has succeeded; its rows stay
// locked, so that a rerun cannot slip in between.
func (t *tx) succeeded(ctx context.Context, list string, keys []ParentKey) ([]ParentKey, error) {
	var out []ParentKey
	// uk_work_run (taskId, workNo, type)
	err := t.SelectContext(ctx, &out, "SELECT w.taskId, w.workNo FROM capri_task_work w JOIN ("+list+
		") k ON w.taskId = k.taskId AND w.workNo = k.workNo WHERE w.latest = 1 AND w.state = 3 AND w.finishState = 1 ORDER BY w.id"+t.d.share, keyArgs(keys)...)
	if err != nil {
		return nil, fmt.Errorf("check parents: %w", err)
	}
	return out, nil
}

// UnmeetParents makes waiting and assigned batches wait again for these parent batches.
func (t *WorkTx) UnmeetParents(ctx context.Context, keys []ParentKey, reason string) error {
	return t.unmeetParents(ctx, keys, reason)
}

func (t *tx) unmeetParents(ctx context.Context, keys []ParentKey, reason string) error {
	return t.setParents(ctx, keys, DepMet, DepUnmet, reason)
}

// setParents changes the rows of waiting batches on these parents from one state to another.
func (t *tx) setParents(ctx context.Context, keys []ParentKey, from, to int, reason string) error {
	for page := range pages(keys, 200) {
		list := t.d.values([]string{"taskId", "workNo"}, len(page))
		// ix_parent_need (state, parentTaskId, parentTaskWorkNo, taskWorkId)
		rows := "FROM capri_tparent_data p JOIN (" + list + ") k ON p.parentTaskId = k.taskId AND p.parentTaskWorkNo = k.workNo WHERE p.state = ?"
		ids, err := t.waitingOf(ctx, "SELECT DISTINCT p.taskWorkId "+rows, append(keyArgs(page), from)...)
		if err != nil {
			return fmt.Errorf("lock children: %w", err)
		}
		for children := range pages(ids, 500) {
			if err := t.setParentsOf(ctx, children, page, from, to, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) setParentsOf(ctx context.Context, children []int64, keys []ParentKey, from, to int, reason string) error {
	match := t.d.values([]string{"taskId", "workNo"}, len(keys))
	args := append([]any{to, t.now, t.now, clip(reason, 400), from}, anys(children)...)
	q := "UPDATE capri_tparent_data SET state = ?, unmetSince = CASE WHEN state = 0 THEN unmetSince ELSE ? END, lastCheckedAt = ?, lastError = ? WHERE state = ? AND taskWorkId IN (" +
		placeholders(len(children)) + ") AND EXISTS (SELECT 1 FROM (" + match + ") k WHERE k.taskId = parentTaskId AND k.workNo = parentTaskWorkNo)"
	if _, err := t.exec(ctx, q, append(args, keyArgs(keys)...)...); err != nil {
		return fmt.Errorf("change parent rows: %w", err)
	}
	return t.recount(ctx, children)
}

// MeetLasts marks rows that wait for the newest batch of these tasks as met.
func (t *LeaderTx) MeetLasts(ctx context.Context, tasks []int64) (int, error) {
	for page := range pages(tasks, 500) {
		ids, err := t.waitingOf(ctx, "SELECT DISTINCT taskWorkId FROM capri_tparent_data WHERE state = 0 AND lastRule = 1 AND parentTaskId IN ("+
			placeholders(len(page))+")", anys(page)...)
		if err != nil {
			return 0, fmt.Errorf("lock children: %w", err)
		}
		for children := range pages(ids, 500) {
			args := append([]any{t.now}, anys(children)...)
			if _, err := t.exec(ctx, "UPDATE capri_tparent_data SET state = 1, lastCheckedAt = ?, lastError = '' WHERE state = 0 AND lastRule = 1 AND taskWorkId IN ("+
				placeholders(len(children))+") AND parentTaskId IN ("+placeholders(len(page))+")", append(args, anys(page)...)...); err != nil {
				return 0, fmt.Errorf("change parent rows: %w", err)
			}
			if err := t.recount(ctx, children); err != nil {
				return 0, err
			}
		}
	}
	return len(tasks), nil
}

// PathState is what a look at one path found.
type PathState struct {
	Path  string
	Ready string
	Met   bool
	Error string // why it could not be looked at; the row stays as it was
}

// SetPaths writes what was found at paths into the rows of waiting batches:
// met ones become met, errors are noted. It returns how many batches have changed.
func (t *LeaderTx) SetPaths(ctx context.Context, found []PathState) (int, error) {
	changed := 0
	for _, f := range found {
		if f.Error != "" {
			if _, err := t.exec(ctx, "UPDATE capri_task_data SET lastCheckedAt = ?, lastError = ? WHERE type = 1 AND state = 0 AND pathHash = ? AND path = ? AND lastError <> ?",
				t.now, clip(f.Error, 400), PathHash(f.Path), f.Path, clip(f.Error, 400)); err != nil {
				return changed, fmt.Errorf("note path error: %w", err)
			}
			continue
		}
		if !f.Met {
			continue
		}
		n, err := t.setPath(ctx, f.Path, f.Ready, DepUnmet, DepMet, "")
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// setPath changes every input row of waiting batches with this path (ix_data_path).
func (t *tx) setPath(ctx context.Context, path, ready string, from, to int, reason string) (int, error) {
	ids, err := t.waitingOf(ctx, "SELECT DISTINCT taskWorkId FROM capri_task_data WHERE type = 1 AND state = ? AND pathHash = ? AND path = ? AND ready = ?",
		from, PathHash(path), path, ready)
	if err != nil {
		return 0, fmt.Errorf("lock readers of %s: %w", path, err)
	}
	for page := range pages(ids, 500) {
		args := append([]any{to, t.now, t.now, clip(reason, 400), from, PathHash(path), path, ready}, anys(page)...)
		if _, err := t.exec(ctx, `UPDATE capri_task_data SET state = ?, unmetSince = CASE WHEN state = 0 THEN unmetSince ELSE ? END, lastCheckedAt = ?, lastError = ?
WHERE type = 1 AND state = ? AND pathHash = ? AND path = ? AND ready = ? AND taskWorkId IN (`+placeholders(len(page))+")", args...); err != nil {
			return 0, fmt.Errorf("change rows of %s: %w", path, err)
		}
		if err := t.recount(ctx, page); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// UnmeetPath makes every waiting batch that reads this path wait for it again.
func (t *WorkTx) UnmeetPath(ctx context.Context, path, ready string) error {
	_, err := t.setPath(ctx, path, ready, DepMet, DepUnmet, "gone when a worker looked before running")
	return err
}

// MeetThirds marks rows that wait for announced data as met.
func (t *LeaderTx) MeetThirds(ctx context.Context, keys []ThirdKey) (int, error) {
	changed := 0
	for _, k := range keys {
		ids, err := t.waitingOf(ctx, "SELECT DISTINCT taskWorkId FROM capri_tthird_data WHERE state = 0 AND code = ? AND dataNo = ?", k.Code, k.DataNo)
		if err != nil {
			return changed, fmt.Errorf("lock batches that need %s/%s: %w", k.Code, k.DataNo, err)
		}
		for page := range pages(ids, 500) {
			args := append([]any{t.now, k.Code, k.DataNo}, anys(page)...)
			if _, err := t.exec(ctx, "UPDATE capri_tthird_data SET state = 1, lastCheckedAt = ?, lastError = '' WHERE state = 0 AND code = ? AND dataNo = ? AND taskWorkId IN ("+
				placeholders(len(page))+")", args...); err != nil {
				return changed, fmt.Errorf("change third-party rows: %w", err)
			}
			if err := t.recount(ctx, page); err != nil {
				return changed, err
			}
		}
		changed += len(ids)
	}
	return changed, nil
}

// ParentsOf lists the parent rows of batches, in order: for the check a start carries.
func (t *tx) parentsOf(ctx context.Context, ids []int64) (map[int64][]ParentKey, error) {
	out := map[int64][]ParentKey{}
	for page := range pages(sorted(ids), 1000) {
		var rows []struct {
			WorkID int64 `db:"taskWorkId"`
			ParentKey
		}
		// by the primary key
		if err := t.SelectContext(ctx, &rows, "SELECT taskWorkId, parentTaskId AS taskId, parentTaskWorkNo AS workNo FROM capri_tparent_data WHERE state = 1 AND lastRule = 0 AND taskWorkId IN ("+
			placeholders(len(page))+") ORDER BY taskWorkId, n", anys(page)...); err != nil {
			return nil, fmt.Errorf("read parents: %w", err)
		}
		for _, r := range rows {
			out[r.WorkID] = append(out[r.WorkID], r.ParentKey)
		}
	}
	return out, nil
}

// BrokenParents checks, for batches about to start, that every parent's
// counting run is still successful; it returns those that are not, by batch.
func (t *WorkTx) BrokenParents(ctx context.Context, ids []int64) (map[int64][]ParentKey, error) {
	parents, err := t.parentsOf(ctx, ids)
	if err != nil || len(parents) == 0 {
		return nil, err
	}
	seen := map[ParentKey]bool{}
	var keys []ParentKey
	for _, ps := range parents {
		for _, p := range ps {
			if !seen[p] {
				seen[p] = true
				keys = append(keys, p)
			}
		}
	}
	good := map[ParentKey]bool{}
	for page := range pages(keys, 400) {
		ok, err := t.succeeded(ctx, t.d.values([]string{"taskId", "workNo"}, len(page)), page)
		if err != nil {
			return nil, err
		}
		for _, k := range ok {
			good[k] = true
		}
	}
	broken := map[int64][]ParentKey{}
	for id, ps := range parents {
		for _, p := range ps {
			if !good[p] {
				broken[id] = append(broken[id], p)
			}
		}
	}
	return broken, nil
}
