package store

import (
	"context"
	"fmt"
)

// What is here is read and written by the duty that decides whom to tell.

// UndealtAlerts reads the first alerts that nobody has been chosen for, by id.
func (t *ViewTx) UndealtAlerts(ctx context.Context, limit int) ([]UndealtAlert, error) {
	var out []UndealtAlert
	// ix_alert_dealt (dealtAt, id); the task by the primary key
	err := t.all(ctx, &out, `SELECT a.id, a.kind, a.object, a.occurrence, a.level, a.taskId, COALESCE(t.projectId, 0) AS projectId, a.workId, a.text, a.createdAt
FROM capri_alert a`+t.d.byIndex("ix_alert_dealt")+` LEFT JOIN capri_task t ON t.id = a.taskId WHERE a.dealtAt = 0 ORDER BY a.id LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("read alerts to tell of: %w", err)
	}
	return out, nil
}

// OpenIncidents reads the open incidents of these roots.
func (t *ViewTx) OpenIncidents(ctx context.Context, roots []IncidentRoot) (map[IncidentRoot]Incident, error) {
	out := make(map[IncidentRoot]Incident, len(roots))
	for page := range pages(roots, 400) {
		args := make([]any, 0, 2*len(page))
		for _, r := range page {
			args = append(args, r.Kind, r.Root)
		}
		var rows []Incident
		// uk_incident_open (rootKind, root, openKey)
		if err := t.all(ctx, &rows, "SELECT "+qualifiedCols("i", incidentCols)+" FROM ("+t.d.values([]string{"rootKind", "root"}, len(page))+") k "+t.d.inOrder+
			" capri_incident i ON i.rootKind = k.rootKind AND i.root = k.root AND i.openKey = 1", args...); err != nil {
			return nil, fmt.Errorf("read open incidents: %w", err)
		}
		for i := range rows {
			out[rows[i].IncidentRoot] = rows[i]
		}
	}
	return out, nil
}

// IncidentObjects reads which of these objects the alerts of incidents are about
// already.
func (t *ViewTx) IncidentObjects(ctx context.Context, incidents []int64, objects []string) (map[int64]map[string]bool, error) {
	out := map[int64]map[string]bool{}
	for page := range pages(sorted(incidents), 200) {
		for some := range pages(sorted(objects), 500) {
			var rows []struct {
				Incident int64  `db:"incidentId"`
				Object   string `db:"object"`
			}
			// ix_alert_incident (incidentId, id)
			if err := t.all(ctx, &rows, "SELECT DISTINCT incidentId, object FROM capri_alert"+t.d.byIndex("ix_alert_incident")+" WHERE incidentId IN ("+placeholders(len(page))+
				") AND object IN ("+placeholders(len(some))+")", append(anys(page), anys(some)...)...); err != nil {
				return nil, fmt.Errorf("read what incidents are about: %w", err)
			}
			for _, r := range rows {
				if out[r.Incident] == nil {
					out[r.Incident] = map[string]bool{}
				}
				out[r.Incident][r.Object] = true
			}
		}
	}
	return out, nil
}

// OpenIncidentsAfter lists open incidents in the order of their ids, after one.
func (t *ViewTx) OpenIncidentsAfter(ctx context.Context, after int64, limit int) ([]Incident, error) {
	var out []Incident
	// ix_incident_open (openKey, id)
	if err := t.all(ctx, &out, "SELECT "+incidentCols+" FROM capri_incident"+t.d.byIndex("ix_incident_open")+" WHERE openKey = 1 AND id > ? ORDER BY id LIMIT ?", after, limit); err != nil {
		return nil, fmt.Errorf("list open incidents: %w", err)
	}
	return out, nil
}

// CriticalKinds are the kinds of what the masters watch that is critical now.
func (t *ViewTx) CriticalKinds(ctx context.Context) ([]string, error) {
	var out []string
	// uk_incident_open (rootKind, root, openKey): one row for each thing that was ever watched
	if err := t.all(ctx, &out, "SELECT DISTINCT kind FROM capri_incident WHERE rootKind = ? AND openKey = 1 AND level = ?", RootWatch, LevelCritical); err != nil {
		return nil, fmt.Errorf("read what is critical: %w", err)
	}
	return out, nil
}

// LastMessages reads, for incidents, the last message to each place that told of
// the incident alone, in the order of their ids.
func (t *ViewTx) LastMessages(ctx context.Context, incidents []int64) ([]Message, error) {
	var out []Message
	for page := range pages(sorted(incidents), 500) {
		var rows []Message
		// ix_message_incident (incidentId, id), then the primary key
		if err := t.all(ctx, &rows, "SELECT "+qualifiedCols("m", messageCols)+" FROM (SELECT MAX(id) AS id FROM capri_message"+t.d.byIndex("ix_message_incident")+
			" WHERE incidentId IN ("+placeholders(len(page))+") AND purpose IN ('alert', 'update') GROUP BY incidentId, recipient, channel) k "+t.d.inOrder+
			" capri_message m ON m.id = k.id ORDER BY m.id", anys(page)...); err != nil {
			return nil, fmt.Errorf("read the last messages of incidents: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Digests reads the digests of recipients that have not left, or left after an
// instant, in the order of their ids.
func (t *ViewTx) Digests(ctx context.Context, recipients []string, since int64) ([]Message, error) {
	var out []Message
	for page := range pages(sorted(recipients), 500) {
		var rows []Message
		// ix_message_person (recipient, channel, createdAt)
		if err := t.all(ctx, &rows, "SELECT "+messageCols+" FROM capri_message"+t.d.byIndex("ix_message_person")+" WHERE recipient IN ("+placeholders(len(page))+
			") AND channel IN ('phone', 'sms', 'mail', 'webhook') AND createdAt >= ? AND purpose = 'digest' ORDER BY id", append(anys(page), since)...); err != nil {
			return nil, fmt.Errorf("read digests: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// ToldPlace is how many messages about one incident each a place has got.
type ToldPlace struct {
	Recipient string `db:"recipient"`
	Channel   string `db:"channel"`
	Messages  int    `db:"n"`
}

// ToldSince counts the messages about one incident each that were put for
// recipients since an instant.
func (t *ViewTx) ToldSince(ctx context.Context, recipients []string, since int64) ([]ToldPlace, error) {
	var out []ToldPlace
	for page := range pages(sorted(recipients), 500) {
		var rows []ToldPlace
		// ix_message_person (recipient, channel, createdAt)
		if err := t.all(ctx, &rows, "SELECT recipient, channel, COUNT(*) AS n FROM capri_message"+t.d.byIndex("ix_message_person")+" WHERE recipient IN ("+placeholders(len(page))+
			") AND channel IN ('phone', 'sms', 'mail', 'webhook') AND createdAt >= ? AND purpose IN ('alert', 'update') GROUP BY recipient, channel", append(anys(page), since)...); err != nil {
			return nil, fmt.Errorf("count messages of people: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// EndAlerts reads which alert told of the end of an incident: the newest one at
// level notice.
func (t *ViewTx) EndAlerts(ctx context.Context, incidents []int64) (map[int64]int64, error) {
	out := map[int64]int64{}
	for page := range pages(sorted(incidents), 500) {
		var rows []struct {
			Incident int64 `db:"incidentId"`
			ID       int64 `db:"id"`
		}
		// ix_alert_incident (incidentId, id)
		if err := t.all(ctx, &rows, "SELECT incidentId, MAX(id) AS id FROM capri_alert"+t.d.byIndex("ix_alert_incident")+" WHERE incidentId IN ("+placeholders(len(page))+
			") AND level = ? GROUP BY incidentId", append(anys(page), LevelNotice)...); err != nil {
			return nil, fmt.Errorf("read what ended incidents: %w", err)
		}
		for _, r := range rows {
			out[r.Incident] = r.ID
		}
	}
	return out, nil
}

// SweepNotices deletes the oldest messages that were put before an instant and
// wait no more, and incidents and silences that were over by then; deliveries go
// with their messages. It tells how many messages, incidents and silences.
func (t *LeaderTx) SweepNotices(ctx context.Context, before int64, limit int) (int, error) {
	var old []int64
	// by the primary key: ids grow with time
	if err := t.all(ctx, &old, "SELECT id FROM capri_message WHERE createdAt < ? AND state > 0 ORDER BY id LIMIT ?", before, limit); err != nil {
		return 0, fmt.Errorf("list old messages: %w", err)
	}
	for page := range pages(old, 500) {
		// ix_delivery_message (messageId)
		if _, err := t.exec(ctx, "DELETE FROM capri_alert_delivery WHERE messageId IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return 0, fmt.Errorf("delete old deliveries: %w", err)
		}
		if _, err := t.exec(ctx, "DELETE FROM capri_message WHERE id IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return 0, fmt.Errorf("delete old messages: %w", err)
		}
	}
	over, err := t.sweep(ctx, "capri_incident", "SELECT id FROM capri_incident WHERE resolvedAt > 0 AND resolvedAt < ? ORDER BY id LIMIT ?", before, limit)
	if err != nil {
		return len(old), err
	}
	heard, err := t.sweep(ctx, "capri_silence", "SELECT id FROM capri_silence WHERE reopenedAt > 0 AND reopenedAt < ? ORDER BY id LIMIT ?", before, limit)
	return len(old) + over + heard, err
}
