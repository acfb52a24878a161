package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// AckQuiet is how long nobody is reminded of an incident that somebody has
// acknowledged (console.md §3.3).
const AckQuiet = time.Hour

// IncidentFilter selects incidents for a list; zero values select all.
type IncidentFilter struct {
	Open, Ended bool // only those that are; not both
	Level       string
	RootKind    string
	Text        string // in the root or the cause
	Before      int64  // id; 0: from the newest on
	Limit       int
}

// Incidents lists incidents, newest first.
func (t *ViewTx) Incidents(ctx context.Context, f IncidentFilter) ([]Incident, error) {
	w := where{}
	w.add(f.Open, "openKey = 1")
	w.add(f.Ended, "openKey IS NULL")
	w.add(f.Level != "", "level = ?", f.Level)
	w.add(f.RootKind != "", "rootKind = ?", f.RootKind)
	w.add(f.Text != "", "(INSTR(root, ?) > 0 OR INSTR(cause, ?) > 0)", f.Text, f.Text)
	before := f.Before
	if before == 0 {
		before = math.MaxInt64
	}
	w.add(true, "id < ?", before)
	by := "" // the primary key, backwards
	if f.Open || f.Ended {
		by = t.d.byIndex("ix_incident_open") // (openKey, id)
	}
	var out []Incident
	if err := t.all(ctx, &out, "SELECT "+incidentCols+" FROM capri_incident"+by+w.text()+" ORDER BY id DESC LIMIT ?", append(w.args, f.Limit)...); err != nil {
		return nil, fmt.Errorf("list incidents: %w", err)
	}
	return out, nil
}

// IncidentByCode reads one incident.
func (t *ViewTx) IncidentByCode(ctx context.Context, code string) (Incident, error) {
	var out Incident
	// uk_incident_code
	err := t.get(ctx, &out, "SELECT "+incidentCols+" FROM capri_incident WHERE code = ?", code)
	return out, err
}

// LockIncident reads one incident and keeps others from changing it.
func (t *OperateTx) LockIncident(ctx context.Context, code string) (Incident, error) {
	var out Incident
	// uk_incident_code
	err := t.get(ctx, &out, "SELECT "+incidentCols+" FROM capri_incident WHERE code = ?"+t.d.forUpdate, code)
	return out, err
}

// AckIncident writes that the caller has seen an incident that is locked.
func (t *OperateTx) AckIncident(ctx context.Context, id int64, note string) error {
	if _, err := t.exec(ctx, "UPDATE capri_incident SET ackBy = ?, ackAt = ?, ackNote = ? WHERE id = ?", t.by.ID, t.now, note, id); err != nil {
		return fmt.Errorf("acknowledge incident %d: %w", id, err)
	}
	return nil
}

// MessagesOfIncident reads messages that tell of one incident alone, in the
// order in which they were put.
func (t *ViewTx) MessagesOfIncident(ctx context.Context, incident, after int64, limit int) ([]Message, error) {
	var out []Message
	// ix_message_incident (incidentId, id)
	if err := t.all(ctx, &out, "SELECT "+messageCols+" FROM capri_message WHERE incidentId = ? AND id > ? ORDER BY id LIMIT ?", incident, after, limit); err != nil {
		return nil, fmt.Errorf("read messages of incident %d: %w", incident, err)
	}
	return out, nil
}

// DeliveryRow is who is told of an alert, by which rule, with its message.
type DeliveryRow struct {
	Rule string `db:"rule"`
	Message
}

// DeliveriesOf reads who is told of an alert, by recipient and channel.
func (t *ViewTx) DeliveriesOf(ctx context.Context, alert int64, limit int) ([]DeliveryRow, error) {
	var out []DeliveryRow
	// capri_alert_delivery by its primary key (alertId, recipient, channel), capri_message by its own
	if err := t.all(ctx, &out, "SELECT d.rule, "+qualifiedCols("m", messageCols)+`
FROM capri_alert_delivery d JOIN capri_message m ON m.id = d.messageId WHERE d.alertId = ? ORDER BY d.recipient, d.channel LIMIT ?`, alert, limit); err != nil {
		return nil, fmt.Errorf("read deliveries of alert %d: %w", alert, err)
	}
	return out, nil
}

// MessagesTo reads what a recipient was sent, or is to be, on channels since an
// instant, newest first.
func (t *ViewTx) MessagesTo(ctx context.Context, recipient string, channels []string, since int64, limit int) ([]Message, error) {
	var out []Message
	for _, channel := range channels {
		var rows []Message
		// ix_message_person (recipient, channel, createdAt)
		if err := t.all(ctx, &rows, "SELECT "+messageCols+" FROM capri_message WHERE recipient = ? AND channel = ? AND createdAt >= ? ORDER BY createdAt DESC, id DESC LIMIT ?",
			recipient, channel, since, limit); err != nil {
			return nil, fmt.Errorf("read messages to %s: %w", recipient, err)
		}
		out = append(out, rows...)
	}
	slices.SortFunc(out, func(a, b Message) int { return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(b.ID, a.ID)) })
	return out[:min(len(out), limit)], nil
}
