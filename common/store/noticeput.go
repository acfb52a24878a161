package store

import (
	"context"
	"fmt"
	"strings"
)

// qualifiedCols puts a table's short name before columns.
func qualifiedCols(alias, cols string) string {
	return alias + "." + strings.ReplaceAll(cols, ", ", ", "+alias+".")
}

// PutIncidents opens incidents.
func (t *LeaderTx) PutIncidents(ctx context.Context, all []Incident) error {
	rows := make([][]any, len(all))
	for i := range all {
		in := &all[i]
		rows[i] = []any{
			in.ID, in.Code, in.IncidentRoot.Kind, in.Root, 1, in.Kind, clip(in.Cause, 400), in.Level, in.Affected, in.OpenedAt, in.LastAlertAt, in.ToldAt, 0, "", 0, "",
		}
	}
	return t.insert(ctx, "capri_incident", "id, code, rootKind, root, openKey, kind, cause, level, affected, openedAt, lastAlertAt, toldAt, resolvedAt, ackBy, ackAt, ackNote", rows, "")
}

// GrowIncidents writes the level of incidents and when they were met and told
// last, and counts anew what they are about; their alerts must be dealt with.
func (t *LeaderTx) GrowIncidents(ctx context.Context, all []Incident) error {
	rows := make([][]any, len(all))
	ids := make([]int64, len(all))
	for i := range all {
		rows[i], ids[i] = []any{all[i].ID, all[i].Level, all[i].LastAlertAt, all[i].ToldAt}, all[i].ID
	}
	cols := []string{"id", "level", "lastAlertAt", "toldAt"}
	for page := range t.d.statements(rows) {
		// by the primary key
		if _, err := t.exec(ctx, t.d.updateFrom("capri_incident", t.d.values(cols, len(page)), cols[1:], cols[:1]), flat(page)...); err != nil {
			return fmt.Errorf("grow incidents: %w", err)
		}
	}
	for page := range pages(sorted(ids), 500) {
		// ix_alert_incident (incidentId, id)
		if _, err := t.exec(ctx, `UPDATE capri_incident SET affected = (SELECT COUNT(DISTINCT a.object) FROM capri_alert a WHERE a.incidentId = capri_incident.id)
WHERE id IN (`+placeholders(len(page))+")", anys(page)...); err != nil {
			return fmt.Errorf("count what incidents are about: %w", err)
		}
	}
	return nil
}

// ResolveIncidents closes those of these incidents that are open.
func (t *LeaderTx) ResolveIncidents(ctx context.Context, ids []int64) (int64, error) {
	var n int64
	for page := range pages(sorted(ids), 500) {
		// by the primary key
		closed, err := t.exec(ctx, "UPDATE capri_incident SET openKey = NULL, resolvedAt = ? WHERE openKey = 1 AND id IN ("+placeholders(len(page))+")", append([]any{t.now}, anys(page)...)...)
		if err != nil {
			return n, fmt.Errorf("close incidents: %w", err)
		}
		n += closed
	}
	return n, nil
}

// RepeatIncidents notes that people are told once more of incidents.
func (t *LeaderTx) RepeatIncidents(ctx context.Context, ids []int64) error {
	for page := range pages(sorted(ids), 500) {
		// by the primary key
		if _, err := t.exec(ctx, "UPDATE capri_incident SET toldAt = ? WHERE id IN ("+placeholders(len(page))+")", append([]any{t.now}, anys(page)...)...); err != nil {
			return fmt.Errorf("repeat incidents: %w", err)
		}
	}
	return nil
}

// PutMessages puts messages that wait to be sent.
func (t *LeaderTx) PutMessages(ctx context.Context, all []Message) error {
	return t.putMessages(ctx, all)
}

func (t *tx) putMessages(ctx context.Context, all []Message) error {
	rows := make([][]any, len(all))
	for i := range all {
		m := &all[i]
		rows[i] = []any{
			m.ID, m.Purpose, m.IncidentID, clip(m.Recipient, 200), m.Channel, clip(m.Address, 300), m.Lang, m.Level, m.Alerts, m.Affected, MessageWaits, 0, m.DueAt, "",
			clip(m.Subject, 400), m.Ref, t.now, 0,
		}
	}
	return t.insert(ctx, "capri_message", messageCols, rows, "")
}

// Joined is more alerts for a message that has not left.
type Joined struct {
	MessageID int64
	Alerts    int // that come to it
	Affected  int
	Level     string
	DueAt     int64
}

// JoinMessages adds alerts to messages that have not left; ErrStale means that
// one of them has.
func (t *LeaderTx) JoinMessages(ctx context.Context, all []Joined) error {
	for _, j := range all {
		// by the primary key
		n, err := t.exec(ctx, "UPDATE capri_message SET alerts = alerts + ?, affected = ?, level = ?, dueAt = ? WHERE id = ? AND state = 0 AND tries = 0",
			j.Alerts, j.Affected, j.Level, j.DueAt, j.MessageID)
		if err != nil {
			return fmt.Errorf("add alerts to message %d: %w", j.MessageID, err)
		}
		if n == 0 {
			return fmt.Errorf("message %d has left: %w", j.MessageID, ErrStale)
		}
	}
	return nil
}

// PutDeliveries notes which message tells whom of which alert; an alert is told
// once at a place.
func (t *LeaderTx) PutDeliveries(ctx context.Context, all []Delivery) error {
	rows := make([][]any, len(all))
	for i, d := range all {
		rows[i] = []any{d.AlertID, clip(d.Recipient, 200), d.Channel, d.Rule, d.MessageID}
	}
	return t.insert(ctx, "capri_alert_delivery", "alertId, recipient, channel, rule, messageId", rows, t.d.ignore("rule"))
}

// DealtAlert is what became of an alert.
type DealtAlert struct{ AlertID, IncidentID, SilenceID int64 }

// DealAlerts notes the incident of alerts that nobody had been chosen for.
func (t *LeaderTx) DealAlerts(ctx context.Context, all []DealtAlert) error {
	rows := make([][]any, len(all))
	for i, d := range all {
		rows[i] = []any{d.AlertID, 0, d.IncidentID, d.SilenceID, t.now}
	}
	cols := []string{"id", "was_dealtAt", "incidentId", "silenceId", "dealtAt"}
	for page := range t.d.statements(rows) {
		// by the primary key
		if _, err := t.exec(ctx, t.d.updateFrom("capri_alert", t.d.values(cols, len(page)), cols[2:], cols[:2]), flat(page)...); err != nil {
			return fmt.Errorf("deal alerts: %w", err)
		}
	}
	return nil
}
