package store

import (
	"context"
	"errors"
	"fmt"
)

// AlertRow is a recorded alert as people see it.
type AlertRow struct {
	ID          int64  `db:"id"`
	Kind        string `db:"kind"`
	Object      string `db:"object"`
	Occurrence  string `db:"occurrence"`
	Level       string `db:"level"`
	TaskID      int64  `db:"taskId"`
	Task        string `db:"task"` // its name; empty: about no task
	Text        string `db:"text"`
	CreatedAt   int64  `db:"createdAt"`
	DeliveredAt int64  `db:"deliveredAt"`
	RaisedBy    string `db:"raisedBy"`  // empty: the cluster itself
	Incident    string `db:"incident"`  // its code; empty: of none yet
	SilenceID   int64  `db:"silenceId"` // that keeps it from people; 0: none
	DealtAt     int64  `db:"dealtAt"`   // when it was decided whom to tell; 0: not yet
}

const (
	// The code is read apart, so that who locks an alert does not lock its incident.
	alertCols = `SELECT a.id, a.kind, a.object, a.occurrence, a.level, a.taskId, COALESCE(t.name, '') AS task, a.text, a.createdAt, a.deliveredAt, a.raisedBy,
COALESCE((SELECT i.code FROM capri_incident i WHERE i.id = a.incidentId), '') AS incident, a.silenceId, a.dealtAt FROM `
	alertTask    = " LEFT JOIN capri_task t ON t.id = a.taskId"
	selectAlerts = alertCols + "capri_alert a" + alertTask
)

// RaiseOther records an alert that another system raises. It returns the alert
// as it is recorded, and whether it is new.
func (t *OperateTx) RaiseOther(ctx context.Context, a Alert) (row AlertRow, fresh bool, err error) {
	err = t.insert(ctx, "capri_alert", "id, kind, object, occurrence, level, taskId, workId, text, createdAt, deliveredAt, raisedBy",
		[][]any{{a.ID, a.Kind, a.Object, a.Occurrence, a.Level, a.TaskID, a.WorkID, clip(a.Text, textLimit), t.now, 0, t.by.ID}}, "")
	if err != nil && !errors.Is(err, ErrExists) {
		return row, false, err
	}
	fresh = err == nil
	*t.rang = *t.rang || fresh
	// uk_alert_once (kind, object, occurrence); locked, so that what somebody else has just committed is seen
	err = t.get(ctx, &row, selectAlerts+" WHERE a.kind = ? AND a.object = ? AND a.occurrence = ?"+t.d.forUpdate, a.Kind, a.Object, a.Occurrence)
	if err != nil {
		return row, false, fmt.Errorf("read alert %s of %s: %w", a.Kind, a.Object, err)
	}
	return row, fresh, nil
}

// AlertByID reads one alert.
func (t *ViewTx) AlertByID(ctx context.Context, id int64) (AlertRow, error) {
	var row AlertRow
	// by the primary key
	err := t.get(ctx, &row, selectAlerts+" WHERE a.id = ?", id)
	return row, err
}

// AlertFilter selects alerts for a list; zero values select all.
type AlertFilter struct {
	Kind     string
	Level    string
	Object   string
	Task     string
	Incident string // its code
	From, To int64  // of the time they were recorded, both included; 0: open
	Before   AlertKey
	Limit    int
}

// index is that of what there is least of: all end with the order of the list
// but those of an incident and of an object, which have few alerts.
func (f *AlertFilter) index() string {
	switch {
	case f.Incident != "":
		return "ix_alert_incident" // (incidentId, id)
	case f.Object != "" && f.Kind != "":
		return "uk_alert_once" // (kind, object, occurrence)
	case f.Task != "":
		return "ix_alert_task" // (taskId, createdAt, id)
	case f.Kind != "":
		return "ix_alert_kind" // (kind, createdAt, id)
	}
	return "ix_alert_created" // (createdAt, id)
}

// AlertKey is a position in the order of a list: newest first.
type AlertKey struct {
	CreatedAt int64
	ID        int64
}

// Alerts lists alerts, newest first, before a position.
func (t *ViewTx) Alerts(ctx context.Context, f AlertFilter) ([]AlertRow, error) {
	w := where{}
	w.add(f.Kind != "", "a.kind = ?", f.Kind)
	w.add(f.Level != "", "a.level = ?", f.Level)
	w.add(f.Object != "", "a.object = ?", f.Object)
	w.add(f.Task != "", "a.taskId = (SELECT id FROM capri_task WHERE name = ?)", f.Task)
	w.add(f.Incident != "", "a.incidentId = (SELECT id FROM capri_incident WHERE code = ?)", f.Incident)
	w.add(f.From != 0, "a.createdAt >= ?", f.From)
	w.add(f.To != 0, "a.createdAt <= ?", f.To)
	w.add(f.Before.ID != 0, "(a.createdAt < ? OR (a.createdAt = ? AND a.id < ?))", f.Before.CreatedAt, f.Before.CreatedAt, f.Before.ID)
	var out []AlertRow
	from := alertCols + "capri_alert a" + t.d.byIndex(f.index()) + alertTask
	err := t.all(ctx, &out, from+w.text()+" ORDER BY a.createdAt DESC, a.id DESC LIMIT ?", append(w.args, f.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	return out, nil
}
