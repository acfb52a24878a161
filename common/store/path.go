package store

import (
	"context"
	"fmt"
	"slices"
)

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
		n, err := t.setPath(ctx, f.Path, f.Ready, rowChange{from: DepUnmet, to: DepMet})
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// setPath changes the input rows of waiting batches with this path (ix_data_path):
// those with one way of being ready, or with ready "" all.
func (t *tx) setPath(ctx context.Context, path, ready string, c rowChange) (int, error) {
	here, where := " AND path = ?", []any{PathHash(path), path}
	if ready != "" {
		here, where = here+" AND ready = ?", append(where, ready)
	}
	ids, err := t.waitingOf(ctx, `SELECT DISTINCT d.taskWorkId FROM capri_task_data d `+t.d.inOrder+` capri_task_work w ON w.id = d.taskWorkId
WHERE d.type = 1 AND d.state = ? AND d.pathHash = ?`+here+" AND w.state < 2", append([]any{c.from}, where...)...)
	if err != nil {
		return 0, fmt.Errorf("lock readers of %s: %w", path, err)
	}
	for page := range pages(ids, 500) {
		args := slices.Concat([]any{c.to, boolInt(c.to == DepUnmet), t.now, t.now, clip(c.reason, 400), c.from}, where, anys(page))
		if _, err := t.exec(ctx, "UPDATE capri_task_data SET "+changeRow+" WHERE type + 0 = 1 AND state + 0 = ? AND pathHash = ?"+here+
			" AND taskWorkId IN ("+placeholders(len(page))+")", args...); err != nil {
			return 0, fmt.Errorf("change rows of %s: %w", path, err)
		}
		if err := t.recount(ctx, page); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// UnmeetPath makes every waiting batch that reads this path wait for it again,
// whatever makes it ready to them: the next look tells (seed A3-55).
func (t *WorkTx) UnmeetPath(ctx context.Context, path string) error {
	_, err := t.setPath(ctx, path, "", rowChange{from: DepMet, to: DepUnmet, reason: "gone when a worker looked before running"})
	return err
}
