package store

import (
	"context"
	"fmt"
)

// Child is a batch that waits, or has waited, for another one.
type Child struct {
	Node
	Met bool `db:"met"` // it does not wait any more
}

// ChildBatches reads the batches that wait, or have waited, for runs of these work
// numbers: limit of each page of keys at most. Those that wait for "the last"
// batch of a task name no work number and are not among them.
func (t *ViewTx) ChildBatches(ctx context.Context, keys []ParentKey, limit int) (map[ParentKey][]Child, error) {
	out := map[ParentKey][]Child{}
	for page := range pages(keys, 100) {
		var rows []struct {
			ParentTaskID int64  `db:"parentTaskId"`
			ParentNo     string `db:"parentNo"`
			Child
		}
		// ix_parent_need (state, lastRule, parentTaskId, parentTaskWorkNo, taskWorkId), once for each state
		if err := t.all(ctx, &rows, "SELECT k.taskId AS parentTaskId, k.workNo AS parentNo, d.state <> 0 AS met, "+nodeCols+" FROM ("+t.keyList(len(page))+") k "+t.d.inOrder+
			" (SELECT 0 AS state UNION ALL SELECT 1 UNION ALL SELECT 2) s "+t.d.inOrder+
			" capri_tparent_data d"+t.d.byIndex("ix_parent_need")+" ON d.state = s.state AND d.lastRule = 0 AND d.parentTaskId = k.taskId AND d.parentTaskWorkNo = k.workNo "+t.d.inOrder+
			" capri_task_work w ON w.id = d.taskWorkId "+nodeTask+" WHERE w.latest = 1 LIMIT ?", append(keyArgs(page), limit)...); err != nil {
			return nil, fmt.Errorf("walk to children: %w", err)
		}
		for _, r := range rows {
			key := ParentKey{r.ParentTaskID, r.ParentNo}
			out[key] = append(out[key], r.Child)
		}
	}
	return out, nil
}

// ReadingBatches reads the batches that read what these batches make, by the
// maker's id: limit of each page of makers at most.
func (t *ViewTx) ReadingBatches(ctx context.Context, makers []int64, limit int) (map[int64][]Child, error) {
	out := map[int64][]Child{}
	for page := range pages(sorted(makers), 100) {
		var rows []struct {
			Maker int64 `db:"maker"`
			Child
		}
		// the outputs by the primary key, the inputs by ix_data_path (type, state, pathHash), once for each state
		if err := t.all(ctx, &rows, "SELECT o.taskWorkId AS maker, d.state <> 0 AS met, "+nodeCols+" FROM capri_task_data o "+t.d.inOrder+" (SELECT 0 AS state UNION ALL SELECT 1) s "+t.d.inOrder+
			" capri_task_data d ON d.type = 1 AND d.state = s.state AND d.pathHash = o.pathHash AND d.path = o.path "+t.d.inOrder+
			" capri_task_work w ON w.id = d.taskWorkId "+nodeTask+" WHERE o.type + 0 = 2 AND o.taskWorkId IN ("+placeholders(len(page))+") AND w.latest = 1 LIMIT ?",
			append(anys(page), limit)...); err != nil {
			return nil, fmt.Errorf("walk to readers: %w", err)
		}
		for _, r := range rows {
			out[r.Maker] = append(out[r.Maker], r.Child)
		}
	}
	return out, nil
}
