package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Kinds of objects that can be held.
const (
	HoldBatch   = "batch"
	HoldTask    = "task"
	HoldProject = "project"
)

// Sources of holds: who may end them (exactly.md 20).
const (
	SourcePerson  = "person"  // a person's hold, ended by release
	SourceBreaker = "breaker" // a tripped breaker, ended by reset
	SourceQuality = "quality" // the quality service's block, ended by its answer
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

const holdCols = "id, kind, objectId, actor, reason, source, since, until"

// Holds lists the holds in force.
func (t *ViewTx) Holds(ctx context.Context) ([]Hold, error) {
	var out []Hold
	// ix_hold_active (releasedAt, kind, objectId)
	err := t.all(ctx, &out, "SELECT "+holdCols+" FROM capri_hold WHERE releasedAt = 0 AND (until = 0 OR until > ?) ORDER BY id LIMIT 100000", t.now)
	if err != nil {
		return nil, fmt.Errorf("list holds: %w", err)
	}
	return out, nil
}

// HoldsOf lists the holds in force on objects of one kind, by object and source.
func (t *ViewTx) HoldsOf(ctx context.Context, kind string, objects []int64) ([]Hold, error) {
	return t.holdsOf(ctx, kind, objects, "AND (until = 0 OR until > ?)", t.now)
}

func (t *tx) holdsOf(ctx context.Context, kind string, objects []int64, cond string, args ...any) ([]Hold, error) {
	var out []Hold
	for page := range pages(sorted(objects), 1000) {
		var rows []Hold
		// ix_hold_active (releasedAt, kind, objectId)
		if err := t.all(ctx, &rows, "SELECT "+holdCols+" FROM capri_hold WHERE releasedAt = 0 AND kind = ? AND objectId IN ("+placeholders(len(page))+") "+cond+
			" ORDER BY objectId, source, id", slices.Concat([]any{kind}, anys(page), args)...); err != nil {
			return nil, fmt.Errorf("read holds: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// HoldFilter selects holds in force for a list; zero values select all.
type HoldFilter struct {
	Source string
	Kind   string
	Object int64 // of that kind
	After  int64 // id
	Limit  int
}

// HoldsAfter lists holds in force in the order of their ids after one.
func (t *ViewTx) HoldsAfter(ctx context.Context, f HoldFilter) ([]Hold, error) {
	where, args := "releasedAt = 0 AND id > ? AND (? = '' OR source = ?) AND (until = 0 OR until > ?)", []any{f.After, f.Source, f.Source, t.now}
	if f.Kind != "" {
		where, args = where+" AND kind = ?", append(args, f.Kind)
	}
	if f.Object != 0 {
		where, args = where+" AND objectId = ?", append(args, f.Object)
	}
	var out []Hold
	// ix_hold_active (releasedAt, kind, objectId): the holds in force are few
	if err := t.all(ctx, &out, "SELECT "+holdCols+" FROM capri_hold WHERE "+where+" ORDER BY id LIMIT ?", append(args, f.Limit)...); err != nil {
		return nil, fmt.Errorf("list holds: %w", err)
	}
	return out, nil
}

// LockHeld locks a task or a project that is about to be held or released, so
// that one source never holds it twice. Batches are locked by Lock.
func (t *OperateTx) LockHeld(ctx context.Context, kind string, objectID int64) error {
	table := "capri_task"
	if kind == HoldProject {
		table = "capri_project"
	}
	var id int64
	// by the primary key
	if err := t.get(ctx, &id, "SELECT id FROM "+table+" WHERE id = ?"+t.d.forUpdate, objectID); err != nil {
		return fmt.Errorf("lock %s %d: %w", kind, objectID, err)
	}
	return nil
}

// PutHold holds one object. One source holds an object once: a second hold by
// it changes whose it is, why, and until when. The object must be locked.
func (t *OperateTx) PutHold(ctx context.Context, h Hold) error { return t.putHolds(ctx, []Hold{h}) }

// PutHolds holds objects of one kind for one source, as PutHold does.
func (t *OperateTx) PutHolds(ctx context.Context, holds []Hold) error { return t.putHolds(ctx, holds) }

// PutHolds holds objects of one kind for one source, for a bulk command.
func (t *LeaderTx) PutHolds(ctx context.Context, holds []Hold) error { return t.putHolds(ctx, holds) }

func (t *tx) putHolds(ctx context.Context, holds []Hold) error {
	if len(holds) == 0 {
		return nil
	}
	objects := make([]int64, 0, len(holds))
	for _, h := range holds {
		objects = append(objects, h.ObjectID)
	}
	there, err := t.holdsOf(ctx, holds[0].Kind, objects, "AND source = ?", holds[0].Source)
	if err != nil {
		return err
	}
	inForce, over := map[int64]int64{}, []int64{}
	for _, h := range there {
		if h.Until != 0 && h.Until <= t.now {
			over = append(over, h.ID)
			continue
		}
		inForce[h.ObjectID] = h.ID
	}
	var added, changed [][]any
	for _, h := range slices.SortedFunc(slices.Values(holds), func(a, b Hold) int { return cmp.Compare(a.ID, b.ID) }) {
		if id, held := inForce[h.ObjectID]; held {
			changed = append(changed, []any{id, h.Actor, clip(h.Reason, 400), h.Until})
			continue
		}
		added = append(added, []any{h.ID, h.Kind, h.ObjectID, h.Actor, clip(h.Reason, 400), h.Source, t.now, h.Until, 0, ""})
	}
	if err := t.writeHolds(ctx, over, changed); err != nil {
		return err
	}
	return t.insert(ctx, "capri_hold", holdCols+", releasedAt, releasedBy", added, "")
}

// writeHolds ends the holds whose time is over at that time, and changes others.
func (t *tx) writeHolds(ctx context.Context, over []int64, changed [][]any) error {
	for page := range pages(sorted(over), 1000) {
		// by the primary key
		if _, err := t.exec(ctx, "UPDATE capri_hold SET releasedAt = until WHERE id IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return fmt.Errorf("end holds: %w", err)
		}
	}
	cols := []string{"id", "actor", "reason", "until"}
	slices.SortFunc(changed, func(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) })
	for page := range t.d.statements(changed) {
		if _, err := t.exec(ctx, t.d.updateFrom("capri_hold", t.d.values(cols, len(page)), cols[1:], cols[:1]), flat(page)...); err != nil {
			return fmt.Errorf("change holds: %w", err)
		}
	}
	return nil
}

// HoldEnd says which holds end and who ends them.
type HoldEnd struct {
	Kind    string
	Objects []int64
	Sources []string // none: of every source
	By      string
}

// ReleaseHolds ends the holds of one object, of these sources or of all; it
// returns how many were in force.
func (t *OperateTx) ReleaseHolds(ctx context.Context, kind string, objectID int64, sources ...string) (int, error) {
	return t.endHolds(ctx, HoldEnd{Kind: kind, Objects: []int64{objectID}, Sources: sources, By: t.by.ID})
}

// EndHolds ends holds of many objects.
func (t *OperateTx) EndHolds(ctx context.Context, e HoldEnd) (int, error) { return t.endHolds(ctx, e) }

// EndHolds ends holds of many objects, for a bulk command.
func (t *LeaderTx) EndHolds(ctx context.Context, e HoldEnd) (int, error) { return t.endHolds(ctx, e) }

func (t *tx) endHolds(ctx context.Context, e HoldEnd) (int, error) {
	var ended int64
	for page := range pages(sorted(e.Objects), 1000) {
		args := slices.Concat([]any{t.now, e.By, e.Kind}, anys(page), []any{t.now})
		of := ""
		if len(e.Sources) > 0 {
			of = " AND source IN (" + placeholders(len(e.Sources)) + ")"
			args = append(args, anys(e.Sources)...)
		}
		// ix_hold_active (releasedAt, kind, objectId)
		n, err := t.exec(ctx, "UPDATE capri_hold SET releasedAt = ?, releasedBy = ? WHERE releasedAt = 0 AND kind = ? AND objectId IN ("+
			placeholders(len(page))+") AND (until = 0 OR until > ?)"+of, args...)
		if err != nil {
			return int(ended), fmt.Errorf("end holds: %w", err)
		}
		ended += n
	}
	return int(ended), nil
}

// MootHolds lists batches that are held and have ended, or are gone: nothing is
// held there any more.
func (t *ViewTx) MootHolds(ctx context.Context, limit int) ([]int64, error) {
	var out []int64
	// ix_hold_active (releasedAt, kind, objectId), then the batches by their primary key
	err := t.all(ctx, &out, `SELECT DISTINCT h.objectId FROM capri_hold h LEFT JOIN capri_task_work w ON w.id = h.objectId
WHERE h.releasedAt = 0 AND h.kind = ? AND (w.id IS NULL OR w.state + 0 = 3) ORDER BY h.objectId LIMIT ?`, HoldBatch, limit)
	if err != nil {
		return nil, fmt.Errorf("list holds of ended batches: %w", err)
	}
	return out, nil
}
