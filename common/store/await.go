package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// AwaitParents lets batches that wait or are assigned wait for more parent
// batches than their definition names: for new runs of those whose data they
// read. It returns, for each batch that still could be told, how many there
// were that it did not wait for before.
func (t *LeaderTx) AwaitParents(ctx context.Context, needs map[int64][]ParentKey, reason string) (map[int64]int, error) {
	ids := make([]int64, 0, len(needs))
	for id := range needs {
		ids = append(ids, id)
	}
	works, err := t.lock(ctx, ids)
	if err != nil {
		return nil, err
	}
	told := map[int64]int{}
	for id, w := range works {
		if w.State == batch.Waiting || w.State == batch.Assigned {
			told[id] = 0
		}
	}
	ids = ids[:0]
	for id := range told {
		ids = append(ids, id)
	}
	known, err := t.parentRows(ctx, ids)
	if err != nil {
		return nil, err
	}
	var rows [][]any
	for _, id := range sorted(ids) {
		have := known[id]
		for _, key := range needs[id] {
			if have.keys[key] {
				continue
			}
			rows = append(rows, []any{id, have.next, key.TaskID, key.WorkNo, 0, DepUnmet, t.now, 0, clip(reason, 400)})
			have.next++
			told[id]++
		}
	}
	if err := t.insert(ctx, "capri_tparent_data", parentCols, rows, ""); err != nil {
		return nil, err
	}
	return told, t.recount(ctx, ids)
}

const parentCols = "taskWorkId, n, parentTaskId, parentTaskWorkNo, lastRule, state, unmetSince, lastCheckedAt, lastError"

// knownParents are the parent rows of one batch.
type knownParents struct {
	keys map[ParentKey]bool
	next int // the first free number
}

func (t *tx) parentRows(ctx context.Context, ids []int64) (map[int64]knownParents, error) {
	out := make(map[int64]knownParents, len(ids))
	for page := range pages(sorted(ids), 1000) {
		var rows []struct {
			WorkID int64 `db:"taskWorkId"`
			N      int   `db:"n"`
			Last   bool  `db:"lastRule"`
			ParentKey
		}
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT taskWorkId, n, parentTaskId AS taskId, parentTaskWorkNo AS workNo, lastRule FROM capri_tparent_data WHERE taskWorkId IN ("+
			placeholders(len(page))+") ORDER BY taskWorkId, n", anys(page)...); err != nil {
			return nil, fmt.Errorf("read parents: %w", err)
		}
		for _, r := range rows {
			have := out[r.WorkID]
			if have.keys == nil {
				have.keys = map[ParentKey]bool{}
			}
			if !r.Last {
				have.keys[r.ParentKey] = true
			}
			have.next = r.N + 1
			out[r.WorkID] = have
		}
	}
	return out, nil
}
