package store

import (
	"context"
	"fmt"
)

// Kinds of objects that can be held.
const (
	HoldBatch   = "batch"
	HoldTask    = "task"
	HoldProject = "project"
)

// Hold keeps a batch, a task or a project from being assigned: a person's
// hold, a tripped breaker or a quality block, by its source.
type Hold struct {
	ID       int64  `db:"id"`
	Kind     string `db:"kind"`
	ObjectID int64  `db:"objectId"`
	Actor    string `db:"actor"`
	Reason   string `db:"reason"`
	Source   string `db:"source"`
	Since    int64  `db:"since"`
	Until    int64  `db:"until"` // 0: until released
}

// Holds lists the holds in force.
func (t *ViewTx) Holds(ctx context.Context) ([]Hold, error) {
	var out []Hold
	// ix_hold_active (releasedAt, kind, objectId)
	err := t.all(ctx, &out, "SELECT id, kind, objectId, actor, reason, source, since, until FROM capri_hold WHERE releasedAt = 0 AND (until = 0 OR until > ?) ORDER BY id LIMIT 100000", t.now)
	if err != nil {
		return nil, fmt.Errorf("list holds: %w", err)
	}
	return out, nil
}

// PutHold writes a hold.
func (t *OperateTx) PutHold(ctx context.Context, h Hold) error {
	return t.insert(ctx, "capri_hold", "id, kind, objectId, actor, reason, source, since, until, releasedAt, releasedBy",
		[][]any{{h.ID, h.Kind, h.ObjectID, h.Actor, clip(h.Reason, 400), h.Source, t.now, h.Until, 0, ""}}, "")
}

// ReleaseHolds ends the holds of an object; it returns how many there were.
func (t *OperateTx) ReleaseHolds(ctx context.Context, kind string, objectID int64) (int, error) {
	n, err := t.exec(ctx, "UPDATE capri_hold SET releasedAt = ?, releasedBy = ? WHERE kind = ? AND objectId = ? AND releasedAt = 0", t.now, t.by.ID, kind, objectID)
	if err != nil {
		return 0, fmt.Errorf("release holds: %w", err)
	}
	return int(n), nil
}
