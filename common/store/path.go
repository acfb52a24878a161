package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// PathState is what a look at one path found.
type PathState struct {
	Path  string
	Ready string
	Met   bool
	Error string // why nobody knows how it is; empty: it was looked at
}

// PathGone is the note on a path that was ready once. It stands until the path
// is ready again: a look that does not find it says the same.
const PathGone = "gone when a worker looked before running"

// noteLimit bounds the note on a dependency row.
const noteLimit = 400

// said reports whether a note on a path says what a look found that did not
// find it ready.
func said(note, text string) bool {
	return note == clip(text, noteLimit) || text == "" && note == PathGone
}

// pathRow is one unmet input of a waiting batch.
type pathRow struct {
	WorkID int64  `db:"taskWorkId"`
	N      int    `db:"n"`
	Path   string `db:"path"`
	Ready  string `db:"ready"`
	Note   string `db:"lastError"`

	found PathState
}

// SetPaths writes what was found at paths into the rows of waiting and assigned
// batches: met ones become met, of the others the note is written where it
// reads otherwise. It returns how many batches have something met.
func (t *LeaderTx) SetPaths(ctx context.Context, found []PathState) (int, error) {
	rows, err := t.pathRows(ctx, found)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	ids := make([]int64, 0, len(rows))
	for i := range rows {
		ids = append(ids, rows[i].WorkID)
	}
	open, err := t.lockWaiting(ctx, ids)
	if err != nil {
		return 0, fmt.Errorf("lock readers: %w", err)
	}
	var lines [][]any
	var met []int64
	for i := range rows {
		r := &rows[i]
		if _, still := slices.BinarySearch(open, r.WorkID); !still {
			continue
		}
		state := DepUnmet
		if r.found.Met {
			state, met = DepMet, append(met, r.WorkID)
		}
		lines = append(lines, []any{r.WorkID, r.N, DepUnmet, state, t.now, clip(r.found.Error, noteLimit)})
	}
	// the primary key; a row that was met meanwhile is left alone
	cols := []string{"taskWorkId", "n", "was_state", "state", "lastCheckedAt", "lastError"}
	for page := range t.d.statements(lines) {
		if _, err := t.exec(ctx, t.d.updateFrom("capri_task_data", t.d.values(cols, len(page)), cols[3:], cols[:3]), flat(page)...); err != nil {
			return 0, fmt.Errorf("change path rows: %w", err)
		}
	}
	met = sorted(met)
	return len(met), t.recount(ctx, met)
}

// pathRows lists, in order, the unmet rows that what was found changes.
func (t *tx) pathRows(ctx context.Context, found []PathState) ([]pathRow, error) {
	type key struct{ path, ready string }
	wanted := make(map[key]PathState, len(found))
	hashes := make([]int64, 0, len(found))
	for _, f := range found {
		wanted[key{f.Path, f.Ready}] = f
		hashes = append(hashes, PathHash(f.Path))
	}
	var out []pathRow
	for page := range pages(sorted(hashes), 500) {
		var rows []pathRow
		// ix_data_path (type, state, pathHash), then capri_task_work by its primary key
		if err := t.all(ctx, &rows, `SELECT d.taskWorkId, d.n, d.path, d.ready, d.lastError FROM capri_task_data d `+t.d.inOrder+` capri_task_work w ON w.id = d.taskWorkId
WHERE d.type = 1 AND d.state = 0 AND d.pathHash IN (`+placeholders(len(page))+") AND w.state < 2", anys(page)...); err != nil {
			return nil, fmt.Errorf("find readers: %w", err)
		}
		for i := range rows {
			f, asked := wanted[key{rows[i].Path, rows[i].Ready}]
			if asked && (f.Met || !said(rows[i].Note, f.Error)) {
				rows[i].found = f
				out = append(out, rows[i])
			}
		}
	}
	slices.SortFunc(out, func(a, b pathRow) int { return cmp.Or(cmp.Compare(a.WorkID, b.WorkID), cmp.Compare(a.N, b.N)) })
	return out, nil
}

// setPath changes the input rows of waiting batches with this path, whatever
// makes it ready to them.
func (t *tx) setPath(ctx context.Context, path string, c rowChange) error {
	// ix_data_path (type, state, pathHash), then capri_task_work by its primary key
	ids, err := t.waitingOf(ctx, `SELECT DISTINCT d.taskWorkId FROM capri_task_data d `+t.d.inOrder+` capri_task_work w ON w.id = d.taskWorkId
WHERE d.type = 1 AND d.state = ? AND d.pathHash = ? AND d.path = ? AND w.state < 2`, c.from, PathHash(path), path)
	if err != nil {
		return fmt.Errorf("lock readers of %s: %w", path, err)
	}
	for page := range pages(ids, 500) {
		args := slices.Concat([]any{c.to, boolInt(c.to == DepUnmet), t.now, t.now, clip(c.reason, noteLimit), c.from, PathHash(path), path}, anys(page))
		if _, err := t.exec(ctx, "UPDATE capri_task_data SET "+changeRow+" WHERE type + 0 = 1 AND state + 0 = ? AND pathHash = ? AND path = ? AND taskWorkId IN ("+
			placeholders(len(page))+")", args...); err != nil {
			return fmt.Errorf("change rows of %s: %w", path, err)
		}
		if err := t.recount(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// UnmeetPath makes every waiting batch that reads this path wait for it again:
// the next look tells (seed A3-55).
func (t *WorkTx) UnmeetPath(ctx context.Context, path string) error {
	return t.setPath(ctx, path, rowChange{from: DepMet, to: DepUnmet, reason: PathGone})
}
