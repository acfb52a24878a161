package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"capricornus/common/store"
)

func noticeCases() []exercise {
	return []exercise{
		{name: "DealsWithAlerts", run: dealsWithAlerts},
		{name: "AddsToMessagesThatHaveNotLeft", run: joinsMessages},
		{name: "KnowsWhatPlacesWereTold", run: toldPlaces},
		{name: "ClosesAndSweepsIncidents", run: closesIncidents},
	}
}

// opened opens one of its own.
func (w *World) opened(change ...func(*store.Incident)) store.Incident {
	w.t.Helper()
	id := w.IDs(1)[0]
	in := store.Incident{
		ID: id, Code: fmt.Sprint("c", id), IncidentRoot: store.IncidentRoot{Kind: store.RootPath, Root: fmt.Sprint("/in/", id)},
		Kind: store.AlertDependTimeout, Level: store.LevelTask, Affected: 1, OpenedAt: 5, LastAlertAt: 5,
	}
	for _, c := range change {
		c(&in)
	}
	w.lead("open an incident", func(ctx context.Context, l *store.LeaderTx) error { return l.PutIncidents(ctx, []store.Incident{in}) })
	return in
}

// aboutIncident puts one about an incident.
func (w *World) aboutIncident(in store.Incident, purpose, recipient, channel string) store.Message {
	w.t.Helper()
	m := store.Message{
		ID: w.IDs(1)[0], Purpose: purpose, IncidentID: in.ID, Recipient: recipient, Channel: channel, Address: "a", Lang: "zh", Level: store.LevelTask, Alerts: 1, Affected: 1, DueAt: 9,
	}
	w.lead("put a message", func(ctx context.Context, l *store.LeaderTx) error { return l.PutMessages(ctx, []store.Message{m}) })
	return m
}

func (w *World) openIncident(in store.Incident) (found store.Incident, open bool) {
	w.t.Helper()
	w.view("open incidents", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.OpenIncidents(ctx, []store.IncidentRoot{in.IncidentRoot, {Kind: "path", Root: "none"}})
		found, open = all[in.IncidentRoot]
		return err
	})
	return found, open
}

func dealsWithAlerts(t *testing.T, w *World) {
	in, ids := w.opened(), w.IDs(3)
	object := fmt.Sprint("x", ids[0])
	var alerts []store.Alert
	for i, id := range ids {
		alerts = append(alerts, store.Alert{ID: id, Kind: fmt.Sprint("external.k", i), Object: object, Occurrence: "1", Level: store.LevelNotice, WorkID: 7, Text: "t"})
	}
	w.lead("raise", func(ctx context.Context, l *store.LeaderTx) error { return l.Raise(ctx, alerts...) })
	undealt := func() (n int) {
		w.view("undealt", func(ctx context.Context, v *store.ViewTx) error {
			rows, err := v.UndealtAlerts(ctx, 100_000)
			n = 0
			for _, r := range rows {
				if r.Object == object && r.WorkID == 7 && r.Text == "t" && r.CreatedAt > 0 {
					n++
				}
			}
			return err
		})
		return n
	}
	wantEqual(t, "undealt", undealt(), 3)
	for range 2 {
		w.lead("deal", func(ctx context.Context, l *store.LeaderTx) error {
			return l.DealAlerts(ctx, []store.DealtAlert{{AlertID: ids[1], IncidentID: in.ID, SilenceID: 4}, {AlertID: ids[0], IncidentID: in.ID}})
		})
	}
	wantEqual(t, "left", undealt(), 1)
	wantEqual(t, "silenced", w.figure("SELECT silenceId FROM capri_alert WHERE id = ?", ids[1]), 4)
	in.Level, in.LastAlertAt, in.ToldAt = store.LevelCritical, 8, 6
	w.lead("grow", func(ctx context.Context, l *store.LeaderTx) error { return l.GrowIncidents(ctx, []store.Incident{in}) })
	got, open := w.openIncident(in)
	wantEqual(t, "grown", got, in) // two alerts about one object
	wantEqual(t, "open", open, true)
	w.view("objects and end", func(ctx context.Context, v *store.ViewTx) error {
		objects, err := v.IncidentObjects(ctx, []int64{in.ID}, []string{object, "none"})
		w.ok("objects", err)
		wantEqual(t, "objects", fmt.Sprint(objects), fmt.Sprintf("map[%d:map[%s:true]]", in.ID, object))
		ends, err := v.EndAlerts(ctx, []int64{in.ID, 1 << 40})
		wantEqual(t, "the alert of the end", fmt.Sprint(ends), fmt.Sprintf("map[%d:%d]", in.ID, max(ids[0], ids[1])))
		return err
	})
}

func joinsMessages(t *testing.T, w *World) {
	in := w.opened()
	m := w.aboutIncident(in, "alert", "ann", "mail")
	join := func() error {
		return w.Lead.Tx(t.Context(), "notice", func(l *store.LeaderTx) error {
			return l.JoinMessages(t.Context(), []store.Joined{{MessageID: m.ID, Alerts: 2, Affected: 5, Level: store.LevelCritical, DueAt: 7}})
		})
	}
	w.ok("join", join())
	w.lead("deliveries", func(ctx context.Context, l *store.LeaderTx) error {
		d := store.Delivery{AlertID: m.ID, Recipient: "ann", Channel: "mail", Rule: "x", MessageID: m.ID}
		return l.PutDeliveries(ctx, []store.Delivery{d, {AlertID: m.ID, Recipient: "ann", Channel: "sms", Rule: "x", MessageID: m.ID}})
	})
	wantEqual(t, "deliveries", w.figure("SELECT COUNT(*) FROM capri_alert_delivery WHERE messageId = ?", m.ID), 2)
	w.view("last", func(ctx context.Context, v *store.ViewTx) error {
		rows, err := v.LastMessages(ctx, []int64{in.ID})
		wantEqual(t, "messages", len(rows), 1)
		wantEqual(t, "joined", fmt.Sprintln(rows[0].Alerts, rows[0].Affected, rows[0].Level, rows[0].DueAt), "3 5 critical 7\n")
		return err
	})
	rawExec(t, w.DB, "UPDATE capri_message SET tries = 1 WHERE id = ?", m.ID)
	if err := join(); !errors.Is(err, store.ErrStale) {
		t.Errorf("got %v for a message that has left, want ErrStale", err)
	}
}

func toldPlaces(t *testing.T, w *World) {
	in := w.opened()
	who := fmt.Sprint("p", in.ID)
	first, second := w.aboutIncident(in, "alert", who, "sms"), w.aboutIncident(in, "update", who, "sms")
	w.aboutIncident(in, "recovered", who, "sms")
	digest := w.aboutIncident(store.Incident{}, "digest", who, "mail")
	w.view("places", func(ctx context.Context, v *store.ViewTx) error {
		rows, err := v.LastMessages(ctx, []int64{in.ID})
		w.ok("last", err)
		if len(rows) != 1 || rows[0].ID != second.ID || first.ID >= second.ID || rows[0].Recipient != who || rows[0].Lang != "zh" {
			t.Errorf("got %+v, want the update", rows)
		}
		told, err := v.ToldSince(ctx, []string{who, "none"}, 1)
		w.ok("told", err)
		wantEqual(t, "told", fmt.Sprint(told), fmt.Sprintf("[{%s sms 2}]", who))
		digests, err := v.Digests(ctx, []string{who}, 1)
		if len(digests) != 1 || digests[0].ID != digest.ID {
			t.Errorf("got %+v, want the digest", digests)
		}
		later := v.Now() + 1
		if told, err := v.ToldSince(ctx, []string{who}, later); err != nil || len(told) != 0 {
			t.Errorf("got %v, %v, want nothing since later", told, err)
		}
		return err
	})
}

func closesIncidents(t *testing.T, w *World) {
	in := w.opened(func(in *store.Incident) { in.IncidentRoot.Kind, in.Level = store.RootWatch, store.LevelCritical })
	m := w.aboutIncident(in, "alert", "ann", "mail")
	w.lead("deliver", func(ctx context.Context, l *store.LeaderTx) error {
		if err := l.RepeatIncidents(ctx, []int64{in.ID}); err != nil {
			return err
		}
		return l.PutDeliveries(ctx, []store.Delivery{{AlertID: m.ID, Recipient: "ann", Channel: "mail", MessageID: m.ID}})
	})
	w.view("critical", func(ctx context.Context, v *store.ViewTx) error {
		kinds, err := v.CriticalKinds(ctx)
		wantEqual(t, "critical", fmt.Sprint(kinds), "["+store.AlertDependTimeout+"]")
		open, listErr := v.OpenIncidentsAfter(ctx, in.ID-1, 1)
		if len(open) != 1 || open[0].ID != in.ID || open[0].ToldAt == 0 {
			t.Errorf("got %+v, want the incident, told", open)
		}
		return errors.Join(err, listErr)
	})
	closes := func() (n int64) {
		w.lead("close", func(ctx context.Context, l *store.LeaderTx) (err error) {
			n, err = l.ResolveIncidents(ctx, []int64{in.ID})
			return err
		})
		return n
	}
	wantEqual(t, "closed", closes(), int64(1))
	wantEqual(t, "closed again", closes(), int64(0))
	_, open := w.openIncident(in)
	wantEqual(t, "open", open, false)
	again := w.opened(func(o *store.Incident) { o.IncidentRoot = in.IncidentRoot })
	sweep := func() {
		w.lead("sweep", func(ctx context.Context, l *store.LeaderTx) error {
			_, err := l.SweepNotices(ctx, l.Now()+1, 100_000)
			return err
		})
	}
	sweep()
	wantEqual(t, "a message that waits stays", w.figure("SELECT COUNT(*) FROM capri_message WHERE id = ?", m.ID), 1)
	wantEqual(t, "what is over is gone, what is open stays", w.figure("SELECT COUNT(*) FROM capri_incident WHERE id IN (?, ?)", in.ID, again.ID), 1)
	rawExec(t, w.DB, "UPDATE capri_message SET state = 1 WHERE id = ?", m.ID)
	sweep()
	wantEqual(t, "what was sent is gone", w.figure("SELECT COUNT(*) FROM capri_message WHERE id = ?", m.ID), 0)
	wantEqual(t, "its deliveries too", w.figure("SELECT COUNT(*) FROM capri_alert_delivery WHERE messageId = ?", m.ID), 0)
}
