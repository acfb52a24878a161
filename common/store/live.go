package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// EventKey names one row of the journal and says when it was written: the
// instant its transaction began, so that rows may become visible out of order.
type EventKey struct {
	At     int64 `db:"at"`
	WorkID int64 `db:"workId"`
	Seq    int   `db:"seq"`
}

// EventKeys lists rows of the journal after a position, oldest first.
func (t *ViewTx) EventKeys(ctx context.Context, after EventKey, limit int) ([]EventKey, error) {
	var out []EventKey
	// ix_event_at (at, workId, seq) alone
	err := t.all(ctx, &out, `SELECT at, workId, seq FROM capri_batch_event
WHERE at >= ? AND (at > ? OR (at = ? AND (workId > ? OR (workId = ? AND seq > ?)))) ORDER BY at, workId, seq LIMIT ?`,
		after.At, after.At, after.At, after.WorkID, after.WorkID, after.Seq, limit)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return out, nil
}

// Happening is one row of the journal with the names of its batch.
type Happening struct {
	EventKey
	FromState batch.State  `db:"fromState"`
	ToState   batch.State  `db:"toState"`
	Finish    batch.Finish `db:"finishState"`
	Attempt   int          `db:"attempt"`
	Task      string       `db:"task"`
	Project   string       `db:"project"`
	WorkNo    string       `db:"workNo"`
	Type      int          `db:"type"`
	Host      string       `db:"host"` // where the batch is now
}

// Ref names the batch.
func (h *Happening) Ref() batch.Ref {
	return batch.Ref{Task: h.Task, WorkNo: h.WorkNo, Run: h.Type}
}

// Happenings reads rows of the journal, oldest first.
func (t *ViewTx) Happenings(ctx context.Context, keys []EventKey) ([]Happening, error) {
	out := make([]Happening, 0, len(keys))
	for page := range pages(keys, 500) {
		args := make([]any, 0, 2*len(page))
		for _, k := range page {
			args = append(args, k.WorkID, k.Seq)
		}
		var rows []Happening
		// all by primary keys
		if err := t.all(ctx, &rows, `SELECT e.at, e.workId, e.seq, e.fromState, e.toState, e.finishState, e.attempt, n.name AS task, p.name AS project, w.workNo, w.type, w.host
FROM (`+t.d.values([]string{"workId", "seq"}, len(page))+") k "+t.d.inOrder+" capri_batch_event e ON e.workId = k.workId AND e.seq = k.seq "+t.d.inOrder+
			" capri_task_work w ON w.id = e.workId "+t.d.inOrder+" capri_task n ON n.id = w.taskId "+t.d.inOrder+` capri_project p ON p.id = w.projectId
ORDER BY e.at, e.workId, e.seq`, args...); err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Raised is an alert as it is told to people who watch.
type Raised struct {
	ID        int64  `db:"id"`
	Kind      string `db:"kind"`
	Object    string `db:"object"`
	Level     string `db:"level"`
	Text      string `db:"text"`
	CreatedAt int64  `db:"createdAt"`
}

// RaisedSince lists alerts raised at or after an instant, oldest first; those of
// the instant itself behind an id, to go on where a page ended.
func (t *ViewTx) RaisedSince(ctx context.Context, since, behind int64, limit int) ([]Raised, error) {
	var out []Raised
	// ix_alert_created (createdAt, id)
	if err := t.all(ctx, &out, "SELECT id, kind, object, level, text, createdAt FROM capri_alert"+t.d.byIndex("ix_alert_created")+
		" WHERE createdAt >= ? AND (createdAt > ? OR id > ?) ORDER BY createdAt, id LIMIT ?", since, since, behind, limit); err != nil {
		return nil, fmt.Errorf("list new alerts: %w", err)
	}
	return out, nil
}

// RosterChange is a change of the duty roster, by a person or by the leader.
type RosterChange struct {
	ID     int64  `db:"id"`
	At     int64  `db:"at"`
	Actor  string `db:"actor"`
	Action string `db:"action"` // duty.set
	Object string `db:"object"` // a department, with days behind a slash; or "import", "rotations"
}

// RosterChangesSince lists changes of the duty roster made at or after an
// instant, oldest first.
func (t *ViewTx) RosterChangesSince(ctx context.Context, since int64, limit int) ([]RosterChange, error) {
	var out []RosterChange
	// ix_audit_at (at)
	if err := t.all(ctx, &out, "SELECT id, at, actor, action, object FROM capri_audit_log"+t.d.byIndex("ix_audit_at")+" WHERE at >= ? AND action LIKE 'duty.%' ORDER BY at, id LIMIT ?", since, limit); err != nil {
		return nil, fmt.Errorf("list changes of the duty roster: %w", err)
	}
	return out, nil
}

// IncidentStand is how an incident stands.
type IncidentStand struct {
	ID    int64  `db:"id"`
	Code  string `db:"code"`
	Level string `db:"level"`
	AckBy string `db:"ackBy"`
	AckAt int64  `db:"ackAt"`
}

// StandingIncidents lists the newest incidents that are open, newest first.
func (t *ViewTx) StandingIncidents(ctx context.Context, limit int) ([]IncidentStand, error) {
	var out []IncidentStand
	// ix_incident_open (openKey, id)
	if err := t.all(ctx, &out, "SELECT id, code, level, ackBy, ackAt FROM capri_incident"+t.d.byIndex("ix_incident_open")+" WHERE openKey = 1 ORDER BY id DESC LIMIT ?", limit); err != nil {
		return nil, fmt.Errorf("list open incidents: %w", err)
	}
	return out, nil
}
