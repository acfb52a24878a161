package storetest

import (
	"context"

	"capricornus/common/store"
)

// noticeSendQueries are those of whoever sends messages.
func noticeSendQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	messages := []int64{l.first + 1, l.first + 2, l.first + 7}
	incident := l.first + 5 - l.first%5
	return []hotQuery{
		view("DueMessages and NextDue", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.DueMessages(ctx, "mail", nil, 64); err != nil {
				return err
			}
			if _, err := v.DueMessages(ctx, "webhook", []string{"hook:ops"}, 64); err != nil {
				return err
			}
			_, err := v.NextDue(ctx, "mail", "sms")
			return err
		}),
		view("AlertsOfMessages and AlertDetails", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.AlertsOfMessages(ctx, messages, 100); err != nil {
				return err
			}
			_, err := v.AlertDetails(ctx, messages)
			return err
		}),
		view("IncidentsByID, PlacesOfIncidents, AlertsToldOf and FirstAlerts", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.IncidentsByID(ctx, []int64{incident, incident + 5}); err != nil {
				return err
			}
			if _, err := v.PlacesOfIncidents(ctx, []int64{incident, incident + 5}, 100); err != nil {
				return err
			}
			if _, err := v.AlertsToldOf(ctx, incident, "7", "sms", 100); err != nil {
				return err
			}
			_, err := v.FirstAlerts(ctx, incident, 1)
			return err
		}),
		{"ClaimMessages and SettleMessages", func(ctx context.Context) error {
			return l.Lead.Tx(ctx, "deliver", func(t *store.LeaderTx) error {
				if err := t.PutMessages(ctx, []store.Message{{ID: 1, DueAt: 1, Channel: "mail"}, {ID: 2, DueAt: 1, Channel: "mail"}}); err != nil {
					return err
				}
				if err := t.PutDeliveries(ctx, []store.Delivery{{AlertID: l.first, Recipient: "somebody", Channel: "mail", MessageID: 1}}); err != nil {
					return err
				}
				if _, err := t.ClaimMessages(ctx, []store.MessageClaim{{ID: 1, Until: 5}, {ID: 2, Until: 5}}); err != nil {
					return err
				}
				_, err := t.SettleMessages(ctx, []store.MessageEnd{{ID: 1, Tries: 1, State: store.MessageSent}, {ID: 2, Tries: 1}})
				return err
			})
		}},
	}
}
