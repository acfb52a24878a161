package store

import (
	"context"
	"fmt"
)

// ToldAlert is an alert that a message tells of, with what its batch and task
// are called.
type ToldAlert struct {
	MessageID  int64  `db:"messageId"`
	Rule       string `db:"rule"` // by which the recipient is told; empty: by none of its own
	ID         int64  `db:"id"`
	Kind       string `db:"kind"`
	Object     string `db:"object"`
	Occurrence string `db:"occurrence"`
	Level      string `db:"level"`
	CreatedAt  int64  `db:"createdAt"`
	TaskID     int64  `db:"taskId"` // 0: about none; so are the fields of the task empty
	Task       string `db:"task"`
	Title      string `db:"title"`
	Project    string `db:"project"`
	Owner      string `db:"owner"`
	WorkID     int64  `db:"workId"` // 0: about no batch
	WorkNo     string `db:"workNo"`
	Run        int    `db:"run"`
}

const (
	toldCols = `a.id, a.kind, a.object, a.occurrence, a.level, a.createdAt, a.taskId, COALESCE(t.name, '') AS task, COALESCE(t.title, '') AS title,
COALESCE(p.name, '') AS project, COALESCE(u.name, '') AS owner, a.workId, COALESCE(w.workNo, '') AS workNo, COALESCE(w.type, 0) AS run`
	toldJoins = ` LEFT JOIN capri_task t ON t.id = a.taskId LEFT JOIN capri_project p ON p.id = t.projectId LEFT JOIN capri_user u ON u.id = t.ownerId
LEFT JOIN capri_task_work w ON w.id = a.workId`
)

// AlertsOfMessages reads the alerts that messages tell of, by message and alert,
// limit of all together at most. An alert that a message tells of by several
// rules has the first of them.
func (t *ViewTx) AlertsOfMessages(ctx context.Context, messages []int64, limit int) (map[int64][]ToldAlert, error) {
	out := make(map[int64][]ToldAlert, len(messages))
	for page := range pages(sorted(messages), 500) {
		var rows []ToldAlert
		// ix_delivery_message (messageId), the others by their primary keys
		if err := t.all(ctx, &rows, "SELECT d.messageId, d.rule, "+toldCols+" FROM capri_alert_delivery d"+t.d.byIndex("ix_delivery_message")+" "+t.d.inOrder+
			" capri_alert a ON a.id = d.alertId"+toldJoins+" WHERE d.messageId IN ("+placeholders(len(page))+") ORDER BY d.messageId, d.alertId, d.rule LIMIT ?", append(anys(page), limit)...); err != nil {
			return nil, fmt.Errorf("read alerts of messages: %w", err)
		}
		for _, r := range rows {
			have := out[r.MessageID]
			if len(have) == 0 || have[len(have)-1].ID != r.ID {
				out[r.MessageID] = append(have, r)
			}
		}
	}
	return out, nil
}

// AlertsToldOf reads the first alerts of an incident that a place was told of,
// by whatever message, in the order of their ids.
func (t *ViewTx) AlertsToldOf(ctx context.Context, incident int64, recipient, channel string, limit int) ([]ToldAlert, error) {
	var out []ToldAlert
	// ix_alert_incident (incidentId, id), deliveries and the others by their primary keys
	if err := t.all(ctx, &out, "SELECT d.messageId, d.rule, "+toldCols+" FROM capri_alert a"+t.d.byIndex("ix_alert_incident")+" "+t.d.inOrder+
		" capri_alert_delivery d ON d.alertId = a.id AND d.recipient = ? AND d.channel = ?"+toldJoins+" WHERE a.incidentId = ? ORDER BY a.id LIMIT ?", recipient, channel, incident, limit); err != nil {
		return nil, fmt.Errorf("read what was told of incident %d: %w", incident, err)
	}
	return out, nil
}

// FirstAlerts reads the first alerts of an incident, whoever was told of them.
func (t *ViewTx) FirstAlerts(ctx context.Context, incident int64, limit int) ([]ToldAlert, error) {
	var out []ToldAlert
	// ix_alert_incident (incidentId, id), the others by their primary keys
	if err := t.all(ctx, &out, "SELECT 0 AS messageId, '' AS rule, "+toldCols+" FROM capri_alert a"+t.d.byIndex("ix_alert_incident")+toldJoins+
		" WHERE a.incidentId = ? ORDER BY a.id LIMIT ?", incident, limit); err != nil {
		return nil, fmt.Errorf("read the first alerts of incident %d: %w", incident, err)
	}
	return out, nil
}

// AlertDetail is what an alert told by itself says besides: as it was recorded,
// and the last attempt of its batch.
type AlertDetail struct {
	ID        int64  `db:"id"`
	Text      string `db:"text"`
	Attempt   int    `db:"attempt"` // 0: its batch has had none, or it is about none
	Host      string `db:"host"`
	StartTime int64  `db:"startTime"`
	EndTime   int64  `db:"endTime"` // 0: it runs
	ExitCode  int    `db:"exitCode"`
	Tail      string `db:"tail"` // the end of its log, once it has ended
	Expect    int64  `db:"expectSeconds"`
}

// AlertDetails reads them by alert.
func (t *ViewTx) AlertDetails(ctx context.Context, alerts []int64) (map[int64]AlertDetail, error) {
	out := make(map[int64]AlertDetail, len(alerts))
	for page := range pages(sorted(alerts), 500) {
		var rows []AlertDetail
		// each by its primary key
		if err := t.all(ctx, &rows, `SELECT a.id, a.text, COALESCE(i.attempt, 0) AS attempt, COALESCE(i.host, '') AS host, COALESCE(i.startTime, 0) AS startTime,
COALESCE(i.endTime, 0) AS endTime, COALESCE(i.exitCode, 0) AS exitCode, COALESCE(i.tail, '') AS tail, COALESCE(t.expectSeconds, 0) AS expectSeconds
FROM capri_alert a LEFT JOIN capri_task t ON t.id = a.taskId LEFT JOIN capri_task_work w ON w.id = a.workId
LEFT JOIN capri_task_instance i ON i.taskWorkId = w.id AND i.attempt = w.attempt WHERE a.id IN (`+placeholders(len(page))+") ORDER BY a.id", anys(page)...); err != nil {
			return nil, fmt.Errorf("read details of alerts: %w", err)
		}
		for _, r := range rows {
			out[r.ID] = r
		}
	}
	return out, nil
}

// IncidentsByID reads incidents.
func (t *ViewTx) IncidentsByID(ctx context.Context, ids []int64) (map[int64]Incident, error) {
	out := make(map[int64]Incident, len(ids))
	for page := range pages(sorted(ids), 500) {
		var rows []Incident
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT "+incidentCols+" FROM capri_incident WHERE id IN ("+placeholders(len(page))+") ORDER BY id", anys(page)...); err != nil {
			return nil, fmt.Errorf("read incidents: %w", err)
		}
		for i := range rows {
			out[rows[i].ID] = rows[i]
		}
	}
	return out, nil
}

// PlaceOfIncident is who is told of an incident by itself, on which channel.
type PlaceOfIncident struct {
	IncidentID int64  `db:"incidentId"`
	Recipient  string `db:"recipient"`
	Channel    string `db:"channel"`
	Address    string `db:"address"`
	First      int64  `db:"firstId"` // of its messages there
	Last       int64  `db:"lastId"`
}

// PlacesOfIncidents reads them by incident, recipient and channel, limit of all
// together at most.
func (t *ViewTx) PlacesOfIncidents(ctx context.Context, incidents []int64, limit int) (map[int64][]PlaceOfIncident, error) {
	out := make(map[int64][]PlaceOfIncident, len(incidents))
	for page := range pages(sorted(incidents), 500) {
		var rows []PlaceOfIncident
		// ix_message_incident (incidentId, id)
		if err := t.all(ctx, &rows, "SELECT incidentId, recipient, channel, MAX(address) AS address, MIN(id) AS firstId, MAX(id) AS lastId FROM capri_message"+t.d.byIndex("ix_message_incident")+
			" WHERE incidentId IN ("+placeholders(len(page))+") GROUP BY incidentId, recipient, channel ORDER BY incidentId, recipient, channel LIMIT ?", append(anys(page), limit)...); err != nil {
			return nil, fmt.Errorf("read who is told of incidents: %w", err)
		}
		for _, r := range rows {
			out[r.IncidentID] = append(out[r.IncidentID], r)
		}
	}
	return out, nil
}
