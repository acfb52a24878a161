package store

import (
	"context"
	"fmt"
)

// ReadersOf lists distinct unmet input paths of waiting batches that equal an
// output of these finished batches: what a finish may have made ready.
func (t *ViewTx) ReadersOf(ctx context.Context, finished []int64) ([]UnmetPath, error) {
	var out []UnmetPath
	for page := range pages(sorted(finished), 1000) {
		var rows []UnmetPath
		// the outputs by the primary key, the inputs by ix_data_path
		if err := t.all(ctx, &rows, "SELECT d.path, d.ready, "+unmetPathNotes+` FROM capri_task_data o
`+t.d.inOrder+` capri_task_data d ON d.type = 1 AND d.state = 0 AND d.pathHash = o.pathHash AND d.path = o.path
WHERE o.type + 0 = 2 AND o.taskWorkId IN (`+placeholders(len(page))+") GROUP BY d.path, d.ready ORDER BY d.path, d.ready", anys(page)...); err != nil {
			return nil, fmt.Errorf("list readers: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// UnmetPathsOf lists distinct unmet input paths of these batches.
func (t *ViewTx) UnmetPathsOf(ctx context.Context, ids []int64) ([]UnmetPath, error) {
	var out []UnmetPath
	for page := range pages(sorted(ids), 1000) {
		var rows []UnmetPath
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT d.path, d.ready, "+unmetPathNotes+" FROM capri_task_data d WHERE d.type + 0 = 1 AND d.state + 0 = 0 AND d.taskWorkId IN ("+
			placeholders(len(page))+") GROUP BY d.path, d.ready ORDER BY d.path, d.ready", anys(page)...); err != nil {
			return nil, fmt.Errorf("list unmet paths: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}
