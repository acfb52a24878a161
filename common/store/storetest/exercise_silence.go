package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"capricornus/common/store"
)

func silenceCases() []exercise {
	return []exercise{
		{name: "KeepsSilencesUntilTheyEnd", run: silences},
		{name: "ReopensWhatSilencesKept", run: reopened},
		{name: "ListsIncidents", run: incidents},
		{name: "ReadsWhatWasSent", run: sent},
	}
}

// silence puts a silence that ends so many milliseconds from now.
func (w *World) silence(s store.Silence, millis int64) int64 {
	w.t.Helper()
	s.ID = w.IDs(1)[0]
	w.operate("silence", func(ctx context.Context, o *store.OperateTx) error {
		s.EndsAt = o.Now() + millis
		return o.PutSilence(ctx, s)
	})
	return s.ID
}

func (w *World) active(id int64) (is bool) {
	w.t.Helper()
	w.view("read silences", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.ActiveSilences(ctx, v.Now())
		is = slices.ContainsFunc(all, func(s store.Silence) bool { return s.ID == id })
		return err
	})
	return is
}

func silences(t *testing.T, w *World) {
	task := w.Task()
	first := w.silence(store.Silence{Kind: "batch-failed", TaskID: task, ProjectID: w.Project, Reason: "moving house"}, 3_600_000)
	second := w.silence(store.Silence{Object: "nas*", Reason: "new disks"}, 3_600_000)
	wantEqual(t, "the first goes on", w.active(first), true)
	var row store.SilenceRow
	w.operate("end the first", func(ctx context.Context, o *store.OperateTx) (err error) {
		if row, err = o.LockSilence(ctx, first); err != nil {
			return err
		}
		return o.EndSilence(ctx, first)
	})
	wantEqual(t, "who and why", fmt.Sprint(row.Author, row.Reason, row.Project, row.EndsAt-row.CreatedAt), fmt.Sprint("admin", "moving house", "web", 3_600_000))
	wantEqual(t, "its task", row.Task != "" && row.TaskID == task && row.EndedBy == "", true)
	wantEqual(t, "the first goes on", w.active(first), false)
	wantEqual(t, "the second goes on", w.active(second), true)
	w.view("list", func(ctx context.Context, v *store.ViewTx) error {
		page, err := v.Silences(ctx, store.SilenceFilter{Ended: true, Before: second, Limit: 1})
		wantEqual(t, "the one before", len(page) == 1 && page[0].ID == first && page[0].EndedBy == "admin" && page[0].EndsAt <= v.Now(), true)
		w.ok("list", err)
		page, err = v.Silences(ctx, store.SilenceFilter{Limit: 100})
		wantEqual(t, "ended ones", slices.ContainsFunc(page, func(s store.SilenceRow) bool { return s.ID == first }), false)
		w.ok("list what goes on", err)
		_, missing := v.SilenceByID(ctx, -1)
		wantError(t, "none", missing, store.ErrNotFound)
		return nil
	})
	rawExec(t, w.DB, "UPDATE capri_silence SET reopenedAt = 5 WHERE id = ?", first)
	w.lead("sweep", func(ctx context.Context, l *store.LeaderTx) error {
		n, err := l.SweepNotices(ctx, 6, 100)
		wantEqual(t, "swept", n, 1)
		return err
	})
	wantEqual(t, "silences of the two", w.figure("SELECT COUNT(*) FROM capri_silence WHERE id IN (?, ?)", first, second), 1)
}

// incidentOf opens an incident of its own, with alerts that are dealt with.
func (w *World) incidentOf(alerts int, silence int64) (store.Incident, []int64) {
	w.t.Helper()
	ids := w.IDs(alerts + 1)
	in := store.Incident{
		ID: ids[0], Code: fmt.Sprintf("c%d", ids[0]), IncidentRoot: store.IncidentRoot{Kind: store.RootPath, Root: fmt.Sprintf("/in/%d", ids[0])},
		Kind: "depend-timeout", Cause: "nobody has written it", Level: store.LevelImportant, Affected: alerts, OpenedAt: 1000, LastAlertAt: 2000,
	}
	w.lead("open an incident", func(ctx context.Context, l *store.LeaderTx) error {
		if err := l.PutIncidents(ctx, []store.Incident{in}); err != nil {
			return err
		}
		var dealt []store.DealtAlert
		for _, id := range ids[1:] {
			dealt = append(dealt, store.DealtAlert{AlertID: id, IncidentID: in.ID, SilenceID: silence})
			if err := l.Raise(ctx, store.Alert{ID: id, Kind: "depend-timeout", Object: fmt.Sprintf("x/%d", id), Occurrence: "once", Level: store.LevelTask, Text: "late"}); err != nil {
				return err
			}
		}
		return l.DealAlerts(ctx, dealt)
	})
	return in, ids[1:]
}

func reopened(t *testing.T, w *World) {
	silence := w.silence(store.Silence{Kind: "depend-timeout", Reason: "known"}, 3_600_000)
	_, open := w.incidentOf(3, silence)
	over, closed := w.incidentOf(2, silence)
	_, told := w.incidentOf(1, 0)
	w.lead("close one", func(ctx context.Context, l *store.LeaderTx) error {
		_, err := l.ResolveIncidents(ctx, []int64{over.ID})
		return err
	})
	reopen := func(limit int) (n int, more bool) {
		w.lead("reopen", func(ctx context.Context, l *store.LeaderTx) (err error) {
			n, more, err = l.ReopenSilenced(ctx, limit)
			return err
		})
		return n, more
	}
	n, _ := reopen(10)
	wantEqual(t, "while it goes on", n, 0)
	w.operate("end it", func(ctx context.Context, o *store.OperateTx) error { return o.EndSilence(ctx, silence) })
	n, more := reopen(2)
	wantEqual(t, "the first two", fmt.Sprint(n, more), "2 true")
	n, more = reopen(2)
	wantEqual(t, "the last one", fmt.Sprint(n, more), "1 false")
	n, _ = reopen(10)
	wantEqual(t, "once more", n, 0)
	w.view("look", func(ctx context.Context, v *store.ViewTx) error {
		for what, c := range map[string]struct {
			ids  []int64
			want string
		}{"open": {open, "false 0"}, "closed": {closed, fmt.Sprint("true ", silence)}, "told": {told, "true 0"}} {
			for _, id := range c.ids {
				row, err := v.AlertByID(ctx, id)
				w.ok("read an alert", err)
				wantEqual(t, what, fmt.Sprint(row.DealtAt > 0, row.SilenceID), c.want)
			}
		}
		return nil
	})
}

func incidents(t *testing.T, w *World) {
	first, alerts := w.incidentOf(2, 0)
	second, _ := w.incidentOf(1, 0)
	w.lead("close the first", func(ctx context.Context, l *store.LeaderTx) error {
		_, err := l.ResolveIncidents(ctx, []int64{first.ID})
		return err
	})
	w.operate("acknowledge the second", func(ctx context.Context, o *store.OperateTx) error {
		in, err := o.LockIncident(ctx, second.Code)
		w.ok("lock", err)
		return o.AckIncident(ctx, in.ID, "on it")
	})
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		in, err := v.IncidentByCode(ctx, second.Code)
		wantEqual(t, "acknowledged", fmt.Sprint(in.AckBy, in.AckNote, in.AckAt > 0, in.ResolvedAt, in.Root), fmt.Sprint("admin", "on it", true, 0, second.Root))
		w.ok("by code", err)
		_, missing := v.IncidentByCode(ctx, "nothing")
		wantError(t, "no such code", missing, store.ErrNotFound)
		rows, err := v.Alerts(ctx, store.AlertFilter{Incident: first.Code, Limit: 10})
		wantEqual(t, "its alerts", len(rows) == 2 && rows[0].ID == alerts[1] && rows[1].Incident == first.Code, true)
		return err
	})
	for what, c := range map[string]struct {
		filter store.IncidentFilter
		want   []int64
	}{
		"all":           {store.IncidentFilter{}, []int64{second.ID, first.ID}},
		"open":          {store.IncidentFilter{Open: true}, []int64{second.ID}},
		"ended":         {store.IncidentFilter{Ended: true}, []int64{first.ID}},
		"by root":       {store.IncidentFilter{Text: first.Root}, []int64{first.ID}},
		"by cause":      {store.IncidentFilter{Text: "has written", RootKind: store.RootPath, Level: store.LevelImportant}, []int64{second.ID, first.ID}},
		"another kind":  {store.IncidentFilter{RootKind: store.RootThird}, nil},
		"another level": {store.IncidentFilter{Level: store.LevelCritical}, nil},
		"before":        {store.IncidentFilter{Before: second.ID}, []int64{first.ID}},
	} {
		w.view("list", func(ctx context.Context, v *store.ViewTx) error {
			c.filter.Limit = 1000
			all, err := v.Incidents(ctx, c.filter)
			var got []int64
			for _, in := range all {
				if in.ID == first.ID || in.ID == second.ID {
					got = append(got, in.ID)
				}
			}
			wantEqual(t, what, fmt.Sprint(got), fmt.Sprint(c.want))
			return err
		})
	}
}

func sent(t *testing.T, w *World) {
	in, alerts := w.incidentOf(2, 0)
	p := w.somebody()
	ids := w.IDs(3)
	message := func(n int, channel string) store.Message {
		return store.Message{ID: ids[n], Purpose: "alert", IncidentID: in.ID, Recipient: p.Name, Channel: channel, Address: "1380000", Lang: "zh", Level: store.LevelCritical, Alerts: 2, Affected: 2, DueAt: 5}
	}
	w.lead("put messages", func(ctx context.Context, l *store.LeaderTx) error {
		err := l.PutMessages(ctx, []store.Message{message(0, "sms"), message(1, "mail"), message(2, "sms")})
		w.ok("put messages", err)
		return l.PutDeliveries(ctx, []store.Delivery{
			{AlertID: alerts[0], Recipient: p.Name, Channel: "sms", Rule: "sms-right", MessageID: ids[0]},
			{AlertID: alerts[0], Recipient: p.Name, Channel: "mail", Rule: "owner-only", MessageID: ids[1]},
			{AlertID: alerts[1], Recipient: p.Name, Channel: "sms", Rule: "sms-right", MessageID: ids[0]},
		})
	})
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.MessagesOfIncident(ctx, in.ID, ids[0], 1)
		wantEqual(t, "the second", len(all) == 1 && all[0].ID == ids[1] && all[0].Recipient == p.Name && all[0].State == store.MessageWaits, true)
		w.ok("of the incident", err)
		told, err := v.DeliveriesOf(ctx, alerts[0], 10)
		wantEqual(t, "who is told", len(told) == 2 && told[0].Channel == "mail" && told[0].Rule == "owner-only" && told[1].ID == ids[0] && told[1].Address == "1380000", true)
		w.ok("of the alert", err)
		mine, err := v.MessagesTo(ctx, p.Name, []string{"sms", "mail", "phone"}, 0, 2)
		wantEqual(t, "newest first", len(mine) == 2 && mine[0].ID == ids[2] && mine[1].ID == ids[1], true)
		w.ok("of a person", err)
		none, err := v.MessagesTo(ctx, p.Name, []string{"sms"}, v.Now()+1, 2)
		wantEqual(t, "since later", len(none), 0)
		return err
	})
}
