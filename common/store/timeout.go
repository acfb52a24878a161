package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// DueKey is a position in the order in which timeouts fall due.
type DueKey struct{ DueAt, ID int64 }

// Due is a batch with a timeout that has passed and is not marked yet.
type Due struct {
	Work
	DueAt   int64 `db:"dueAt"`
	Started bool  `db:"-"` // an attempt of it has begun
}

// Key is the position of the batch in the order of Dues.
func (d *Due) Key() DueKey { return DueKey{DueAt: d.DueAt, ID: d.ID} }

// Dues lists batches whose next timeout was due before an instant, after a
// position. A batch whose dependency timeout may not be marked, because an
// attempt of it had begun, stays in the list: whoever reads it goes on after it.
func (t *ViewTx) Dues(ctx context.Context, before int64, after DueKey, limit int) ([]Due, error) {
	var out []Due
	// ix_work_due (dueAt, id): the generated column holds the next timeout that is not marked
	err := t.all(ctx, &out, "SELECT "+workCols+", dueAt FROM capri_task_work WHERE dueAt >= ? AND dueAt < ? AND (dueAt > ? OR id > ?) ORDER BY dueAt, id LIMIT ?",
		after.DueAt, before, after.DueAt, after.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("list timeouts that are due: %w", err)
	}
	ids := make([]int64, 0, len(out))
	for i := range out {
		ids = append(ids, out[i].ID)
	}
	begun, err := t.Begun(ctx, ids)
	for i := range out {
		out[i].Started = begun[out[i].ID]
	}
	return out, err
}

// Begun tells of which of these batches an attempt has ever begun; one that was
// claimed and given back before it began does not count.
func (t *ViewTx) Begun(ctx context.Context, ids []int64) (map[int64]bool, error) {
	out := map[int64]bool{}
	for page := range pages(sorted(ids), 1000) {
		var rows []int64
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT DISTINCT taskWorkId FROM capri_task_instance WHERE outcome <> ? AND taskWorkId IN ("+placeholders(len(page))+")",
			append([]any{batch.ResultUnstarted}, anys(page)...)...); err != nil {
			return nil, fmt.Errorf("read which batches have begun: %w", err)
		}
		for _, id := range rows {
			out[id] = true
		}
	}
	return out, nil
}

// TaskNames reads the names of tasks, deleted ones included.
func (t *ViewTx) TaskNames(ctx context.Context, ids []int64) (map[int64]string, error) {
	out := make(map[int64]string, len(ids))
	for page := range pages(sorted(ids), 1000) {
		var rows []struct {
			ID   int64  `db:"id"`
			Name string `db:"name"`
		}
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT id, name FROM capri_task WHERE id IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("read names of tasks: %w", err)
		}
		for _, r := range rows {
			out[r.ID] = r.Name
		}
	}
	return out, nil
}
