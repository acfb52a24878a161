package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// waitingOf locks the waiting batches that have rows as the query selects them
// and returns their ids.
func (t *tx) waitingOf(ctx context.Context, query string, args ...any) ([]int64, error) {
	var ids []int64
	if err := t.all(ctx, &ids, query, args...); err != nil {
		return nil, err
	}
	return t.lockWaiting(ctx, ids)
}

// lockWaiting locks batches and returns, in order, the ids of those that wait
// or are assigned.
func (t *tx) lockWaiting(ctx context.Context, ids []int64) ([]int64, error) {
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
		// each count by the primary key of its table: state + 0, or SQLite takes the index on
		// state and reads all open rows for every batch
		_, err := t.exec(ctx, `UPDATE capri_task_work SET unmet =
(SELECT COUNT(*) FROM capri_task_data d WHERE d.taskWorkId = capri_task_work.id AND d.type + 0 = 1 AND d.state + 0 = 0) +
(SELECT COUNT(*) FROM capri_tthird_data d WHERE d.taskWorkId = capri_task_work.id AND d.state + 0 = 0) +
(SELECT COUNT(*) FROM capri_tparent_data d WHERE d.taskWorkId = capri_task_work.id AND d.state + 0 = 0)
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
		ok, err := t.succeeded(ctx, page)
		if err != nil {
			return touched, err
		}
		n, err := t.setParents(ctx, rowChange{from: DepUnmet, to: DepMet}, ok)
		if err != nil {
			return touched, err
		}
		touched += n
	}
	return touched, nil
}

// succeeded keeps those keys whose counting run has succeeded; its rows stay
// locked, so that a rerun cannot slip in between.
func (t *tx) succeeded(ctx context.Context, keys []ParentKey) ([]ParentKey, error) {
	var out []ParentKey
	// uk_work_run (taskId, workNo, type)
	err := t.all(ctx, &out, "SELECT w.taskId, w.workNo FROM ("+t.keyList(len(keys))+
		") k "+t.d.inOrder+" capri_task_work w"+t.d.byIndex("uk_work_run")+" ON w.taskId = k.taskId AND w.workNo = k.workNo WHERE w.latest = 1 AND w.state = 3 AND w.finishState = 1 ORDER BY w.id"+t.d.share, keyArgs(keys)...)
	if err != nil {
		return nil, fmt.Errorf("check parents: %w", err)
	}
	return out, nil
}

// keyList makes a derived table of n parent keys, to be read first.
func (t *tx) keyList(n int) string { return t.d.values([]string{"taskId", "workNo"}, n) }

// UnmeetParents makes waiting and assigned batches wait again for these parent batches.
func (t *WorkTx) UnmeetParents(ctx context.Context, keys []ParentKey, reason string) error {
	return t.unmeetParents(ctx, keys, reason)
}

// UnmeetParents makes waiting and assigned batches wait again for these parent batches.
func (t *OperateTx) UnmeetParents(ctx context.Context, keys []ParentKey, reason string) error {
	return t.unmeetParents(ctx, keys, reason)
}

func (t *tx) unmeetParents(ctx context.Context, keys []ParentKey, reason string) error {
	named, _ := splitLasts(keys)
	if _, err := t.setParents(ctx, rowChange{from: DepMet, to: DepUnmet, reason: reason}, named); err != nil {
		return err
	}
	tasks := make([]int64, 0, len(keys))
	for _, k := range keys {
		tasks = append(tasks, k.TaskID)
	}
	return t.unmeetLasts(ctx, sorted(tasks), reason)
}

// rowChange is what happens to dependency rows.
type rowChange struct {
	from, to int
	reason   string
}

// setParents changes the rows of waiting and assigned batches on these parents
// from one state to another; it returns how many batches it changed.
func (t *tx) setParents(ctx context.Context, c rowChange, keys []ParentKey) (int, error) {
	changed := 0
	for page := range pages(keys, 200) {
		// ix_parent_need (state, lastRule, parentTaskId, parentTaskWorkNo, taskWorkId), then capri_task_work by its primary key
		ids, err := t.waitingOf(ctx, "SELECT DISTINCT p.taskWorkId FROM ("+t.keyList(len(page))+`) k
`+t.d.inOrder+` capri_tparent_data p`+t.d.byIndex("ix_parent_need")+` ON p.parentTaskId = k.taskId AND p.parentTaskWorkNo = k.workNo
`+t.d.inOrder+` capri_task_work w ON w.id = p.taskWorkId
WHERE p.state = ? AND p.lastRule = 0 AND w.state < 2`, append(keyArgs(page), c.from)...)
		if err != nil {
			return changed, fmt.Errorf("lock children: %w", err)
		}
		for children := range pages(ids, 500) {
			if err := t.setParentsOf(ctx, c, children, page); err != nil {
				return changed, err
			}
		}
		changed += len(ids)
	}
	return changed, nil
}

func (t *tx) setParentsOf(ctx context.Context, c rowChange, children []int64, keys []ParentKey) error {
	args := append([]any{c.to, boolInt(c.to == DepUnmet), t.now, t.now, clip(c.reason, 400), c.from}, anys(children)...)
	q := "UPDATE capri_tparent_data SET " + changeRow + " WHERE state + 0 = ? AND lastRule = 0 AND taskWorkId IN (" +
		placeholders(len(children)) + ") AND EXISTS (SELECT 1 FROM (" + t.keyList(len(keys)) + ") k WHERE k.taskId = parentTaskId AND k.workNo = parentTaskWorkNo)"
	if _, err := t.exec(ctx, q, append(args, keyArgs(keys)...)...); err != nil {
		return fmt.Errorf("change parent rows: %w", err)
	}
	return t.recount(ctx, children)
}

// changeRow sets a dependency row's state; unmetSince starts anew when it
// becomes unmet. It must not read state: MySQL assigns from left to right and
// would see the new one. The statements that use it compare state + 0: by an
// index on state SQLite would read all open rows for every page of batches.
const changeRow = "state = ?, unmetSince = CASE WHEN ? = 1 THEN ? ELSE unmetSince END, lastCheckedAt = ?, lastError = ?"

// parentsOf lists the met parent rows of batches, in order: for the check a
// start carries. Of "the newest batch" rows the key names no work number.
func (t *tx) parentsOf(ctx context.Context, ids []int64) (map[int64][]ParentKey, error) {
	out := map[int64][]ParentKey{}
	for page := range pages(sorted(ids), 1000) {
		var rows []struct {
			WorkID int64 `db:"taskWorkId"`
			ParentKey
		}
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT taskWorkId, parentTaskId AS taskId, parentTaskWorkNo AS workNo FROM capri_tparent_data WHERE state + 0 = 1 AND taskWorkId IN ("+
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
// counting run, or its newest batch, is still successful; it returns those that
// are not, by batch.
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
	good, err := t.goodParents(ctx, keys)
	if err != nil {
		return nil, err
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
