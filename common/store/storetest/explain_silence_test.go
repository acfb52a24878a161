package storetest

import (
	"context"

	"capricornus/common/store"
)

// fillSilenced makes an incident of every fifth batch's alerts, a message to
// somebody of each and a delivery of each alert, and silences.
func fillSilenced(l large) {
	for _, q := range []string{
		`INSERT INTO capri_incident (id, code, rootKind, root, openKey, kind, cause, level, affected, openedAt, lastAlertAt, toldAt, resolvedAt, ackBy, ackAt, ackNote)
SELECT id, CAST(id AS CHAR), 'path', CAST(id AS CHAR), CASE WHEN id % 50 = 0 THEN 1 ELSE NULL END, 'late', '', 'important', 1, 1, 1, 1, 1, '', 0, '' FROM capri_task_work WHERE id % 5 = 0`,
		`UPDATE capri_alert SET incidentId = id - id % 5, dealtAt = 1, silenceId = CASE WHEN id % 7 = 0 THEN 1 + id % 3 ELSE 0 END`,
		`INSERT INTO capri_message (id, purpose, incidentId, recipient, channel, address, lang, level, alerts, affected, state, tries, dueAt, answer, subject, ref, createdAt, endedAt)
SELECT id, 'alert', id - id % 5, CAST(id % 90 AS CHAR), CASE WHEN id % 2 = 0 THEN 'sms' ELSE 'mail' END, '', '', 'important', 1, 1, 1, 1, 1, '', '', '', scheduleTime, 1 FROM capri_task_work`,
		`INSERT INTO capri_alert_delivery (alertId, recipient, channel, rule, messageId) SELECT id, CAST(id % 90 AS CHAR), 'sms', 'x', id FROM capri_task_work`,
		`INSERT INTO capri_silence (id, kind, object, taskId, projectId, reason, author, createdAt, endsAt, endedBy, reopenedAt) VALUES (1, 'late', '', 0, 0, 'r', 'admin', 1, 2, '', 0), (2, 'late', '', 0, 0, 'r', 'admin', 1, 2, '', 0)`,
	} {
		rawExec(l.t, l.DB, q)
	}
}

// silenceQueries are those of lists of incidents, of what was sent of them, and
// of silences.
func silenceQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	list := func(name string, f store.IncidentFilter) hotQuery {
		f.Limit = 50
		return view("Incidents "+name, func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Incidents(ctx, f)
			return err
		})
	}
	code := l.Text("SELECT MAX(code) FROM capri_incident")
	return []hotQuery{
		list("all", store.IncidentFilter{}), list("open", store.IncidentFilter{Open: true}), list("ended", store.IncidentFilter{Ended: true, Before: l.first + 100}),
		list("by text", store.IncidentFilter{Open: true, Text: "7", Level: "important"}),
		view("IncidentByCode and Alerts by incident", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.IncidentByCode(ctx, code); err != nil {
				return err
			}
			_, err := v.Alerts(ctx, store.AlertFilter{Incident: code, Limit: 50})
			return err
		}),
		view("MessagesOfIncident, DeliveriesOf and MessagesTo", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.MessagesOfIncident(ctx, l.first, 0, 50); err != nil {
				return err
			}
			if _, err := v.DeliveriesOf(ctx, l.first, 50); err != nil {
				return err
			}
			_, err := v.MessagesTo(ctx, "7", []string{"sms", "mail"}, 1_100_000, 50)
			return err
		}),
		view("ActiveSilences and Silences", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.ActiveSilences(ctx, 1); err != nil {
				return err
			}
			_, err := v.Silences(ctx, store.SilenceFilter{Ended: true, Limit: 50})
			return err
		}),
		{"LockIncident and AckIncident", func(ctx context.Context) error {
			return l.DB.Operate(ctx, store.Actor{ID: "admin"}, func(t *store.OperateTx) error {
				in, err := t.LockIncident(ctx, code)
				if err != nil {
					return err
				}
				return t.AckIncident(ctx, in.ID, "seen")
			})
		}},
		{"ReopenSilenced", func(ctx context.Context) error {
			return l.Lead.Tx(ctx, "test", func(t *store.LeaderTx) error {
				_, _, err := t.ReopenSilenced(ctx, 100)
				return err
			})
		}},
	}
}
