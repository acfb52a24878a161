package store

import (
	"context"
	"fmt"
)

// HeadsAfter lists tasks by id, after an id, disabled ones too, without their
// definitions: of one project, or of all.
func (t *ViewTx) HeadsAfter(ctx context.Context, project string, after int64, limit int) ([]Task, error) {
	var out []Task
	// by the primary key
	err := t.all(ctx, &out, selectHeads+" AND t.id > ? AND (? = '' OR p.name = ?) ORDER BY t.id LIMIT ?", after, project, project, limit)
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	return out, nil
}
