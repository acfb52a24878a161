package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"capricornus/common/store"
)

func noticeSendCases() []exercise {
	return []exercise{
		{name: "ListsMessagesThatAreDue", run: dueMessages},
		{name: "ClaimsAMessageOnce", run: claimMessages},
		{name: "SettlesTheTryThatItWas", run: settleMessages},
		{name: "ReadsWhatMessagesTellOf", run: toldAlerts},
		{name: "ReadsIncidentsOfMessages", run: toldIncidents},
	}
}

// message puts a message that is due, and returns it as it is read.
func (w *World) message(change ...func(*store.Message)) store.Message {
	w.t.Helper()
	m := store.Message{ID: w.IDs(1)[0], Purpose: "alert", Recipient: "ann", Channel: "mail", Address: "ann@x", Lang: "zh", Level: "task", Alerts: 1, DueAt: 1}
	for _, c := range change {
		c(&m)
	}
	w.lead("put a message", func(ctx context.Context, t *store.LeaderTx) error { return t.PutMessages(ctx, []store.Message{m}) })
	return w.messageOf(m.ID)
}

func (w *World) messageOf(id int64) (m store.Message) {
	w.t.Helper()
	w.view("read a message", func(ctx context.Context, v *store.ViewTx) (err error) {
		m, err = v.MessageByID(ctx, id)
		return err
	})
	return m
}

// told raises an alert that a message tells a place of.
func (w *World) told(m store.Message, a store.Alert, rules ...string) int64 {
	w.t.Helper()
	if a.ID == 0 {
		a.ID = w.IDs(1)[0]
		a.Occurrence = "o" + m.Recipient + time.Duration(a.ID).String()
		w.lead("raise", func(ctx context.Context, t *store.LeaderTx) error { return t.Raise(ctx, a) })
	}
	for i, rule := range rules {
		d := store.Delivery{AlertID: a.ID, Recipient: m.Recipient, Channel: []string{m.Channel, "phone"}[i], Rule: rule, MessageID: m.ID}
		w.lead("deliver", func(ctx context.Context, t *store.LeaderTx) error { return t.PutDeliveries(ctx, []store.Delivery{d}) })
	}
	return a.ID
}

func ids(all []store.Message) []int64 {
	out := make([]int64, len(all))
	for i := range all {
		out[i] = all[i].ID
	}
	return out
}

func wantIDs(t *testing.T, what string, got []store.Message, want ...int64) {
	t.Helper()
	if !slices.Equal(ids(got), want) {
		t.Errorf("%s: got %v, want %v", what, ids(got), want)
	}
}

func dueMessages(t *testing.T, w *World) {
	hook := func(name string, due int64) func(*store.Message) {
		return func(m *store.Message) { m.Channel, m.Recipient, m.Address, m.DueAt = "webhook", name, "", due }
	}
	later := time.Now().Add(time.Hour).UnixMilli()
	second, first := w.message(hook("hook:b", 6)), w.message(hook("hook:a", 5))
	w.message(hook("hook:a", later))
	call := w.message(func(m *store.Message) { m.Channel, m.DueAt = "phone", later })
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.DueMessages(ctx, "webhook", nil, 10)
		wantIDs(t, "due", got, first.ID, second.ID)
		w.ok("read", err)
		wantEqual(t, "as it was put", got[0], first)
		got, err = v.DueMessages(ctx, "webhook", nil, 1)
		wantIDs(t, "the first", got, first.ID)
		w.ok("read", err)
		got, err = v.DueMessages(ctx, "webhook", []string{"hook:a", "hook:c"}, 10)
		wantIDs(t, "passed over", got, second.ID)
		w.ok("read", err)
		got, err = v.DueMessages(ctx, "phone", nil, 10)
		wantIDs(t, "later", got)
		w.ok("read", err)
		next, err := v.NextDue(ctx, "phone")
		wantEqual(t, "the next call", next, call.DueAt)
		w.ok("read", err)
		next, err = v.NextDue(ctx, "phone", "webhook", "pigeon")
		wantEqual(t, "the next of two", next, 5)
		w.ok("read", err)
		next, err = v.NextDue(ctx, "pigeon")
		wantEqual(t, "the next of none", next, 0)
		return err
	})
}

func claimMessages(t *testing.T, w *World) {
	m, begun, later := w.message(), w.message(), w.message(func(m *store.Message) { m.DueAt = time.Now().Add(time.Hour).UnixMilli() })
	until := time.Now().Add(time.Minute).UnixMilli()
	claims := []store.MessageClaim{{ID: later.ID, Until: until}, {ID: begun.ID, Tries: 1, Until: until}, {ID: m.ID, Until: until}, {ID: -1, Until: until}}
	for i, want := range [][]int64{{m.ID}, nil} {
		w.lead("claim", func(ctx context.Context, l *store.LeaderTx) error {
			got, err := l.ClaimMessages(ctx, claims)
			wantIDs(t, "claimed", got, want...)
			if i == 0 && len(got) == 1 {
				wantEqual(t, "as it is returned", got[0].Tries == 1 && got[0].DueAt == until && got[0].Address == "ann@x", true)
			}
			return err
		})
	}
	now := w.messageOf(m.ID)
	wantEqual(t, "as it is", now.Tries == 1 && now.DueAt == until && now.State == store.MessageWaits, true)
	wantEqual(t, "the other", w.messageOf(begun.ID), begun)
	w.lead("join", func(ctx context.Context, l *store.LeaderTx) error {
		wantError(t, "a message that has left", l.JoinMessages(ctx, []store.Joined{{MessageID: m.ID, Alerts: 1}}), store.ErrStale)
		return nil
	})
}

// claim begins a try.
func (w *World) claimMessage(m store.Message) {
	w.t.Helper()
	w.lead("claim", func(ctx context.Context, l *store.LeaderTx) error {
		_, err := l.ClaimMessages(ctx, []store.MessageClaim{{ID: m.ID, Tries: m.Tries, Until: 2}})
		return err
	})
}

func settleMessages(t *testing.T, w *World) {
	m, failed, again, other := w.message(), w.message(), w.message(), w.message()
	alert := w.told(m, store.Alert{Kind: "worker-lost", Object: "w1", Level: "critical"}, "admins-mail")
	untold := w.told(failed, store.Alert{Kind: "worker-lost", Object: "w2", Level: "critical"}, "admins-mail")
	for _, one := range []store.Message{m, failed, again, other} {
		w.claimMessage(one)
	}
	told := w.IDs(1)[0]
	ends := []store.MessageEnd{
		{ID: other.ID, Tries: 2, State: store.MessageSent}, {ID: again.ID, Tries: 1, DueAt: 77, Answer: "busy", Subject: "s"},
		{ID: failed.ID, Tries: 1, State: store.MessageFailed, Answer: "never"}, {ID: m.ID, Tries: 1, State: store.MessageSent, Answer: "250", Subject: "s"},
	}
	for i, want := range [][]int64{{again.ID, failed.ID, m.ID}, {again.ID}} {
		w.lead("settle", func(ctx context.Context, l *store.LeaderTx) error {
			if err := l.Raise(ctx, store.Alert{ID: told, Kind: store.AlertSendFailed, Object: "mail", Occurrence: fmt.Sprint(failed.ID), Level: store.LevelImportant}); err != nil {
				return err
			}
			got, err := l.SettleMessages(ctx, ends)
			if !slices.Equal(got, want) {
				t.Errorf("got %v settled at the %d. time, want %v", got, i+1, want)
			}
			return err
		})
	}
	now := w.messageOf(m.ID)
	wantEqual(t, "sent", now.State == store.MessageSent && now.Answer == "250" && now.Subject == "s" && now.EndedAt > 0, true)
	now = w.messageOf(failed.ID)
	wantEqual(t, "failed", now.State == store.MessageFailed && now.Answer == "never" && now.EndedAt > 0, true)
	now = w.messageOf(again.ID)
	wantEqual(t, "again", now.State == store.MessageWaits && now.DueAt == 77 && now.EndedAt == 0 && now.Answer == "busy" && now.Tries == 1, true)
	now = w.messageOf(other.ID)
	wantEqual(t, "another try", now.State == store.MessageWaits && now.Answer == "", true)
	w.view("read alerts", func(ctx context.Context, v *store.ViewTx) error {
		row, err := v.AlertByID(ctx, alert)
		wantEqual(t, "told", row.DeliveredAt > 0, true)
		w.ok("read", err)
		row, err = v.AlertByID(ctx, untold)
		wantEqual(t, "not told", row.DeliveredAt, 0)
		return err
	})
}

func toldAlerts(t *testing.T, w *World) {
	task := w.Task(func(s *store.TaskSave) { s.Title = "Orders" })
	work := w.Batch(task, "20150518")
	w.ok("assign", w.Assign(Host, work))
	w.ok("start", w.Start(work))
	w.ok("finish", w.Finish(3, work))
	one, two, none := w.message(func(m *store.Message) { m.Recipient = "one" }), w.message(func(m *store.Message) { m.Recipient = "two" }), w.message()
	failed := w.told(one, store.Alert{Kind: store.AlertBatchFailed, Object: "x/20150518.0", Level: "task", TaskID: task, WorkID: work, Text: "it failed"}, "owner-only", "phone-switch")
	lost := w.told(one, store.Alert{Kind: store.AlertWorkerLost, Object: "w1", Level: "critical"}, "admins-mail")
	w.told(two, store.Alert{ID: failed}, "mail-right")
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.AlertsOfMessages(ctx, []int64{one.ID, two.ID, none.ID}, 10)
		w.ok("read", err)
		wantEqual(t, "messages", len(all), 2)
		wantEqual(t, "alerts, each once", len(all[one.ID]) == 2 && len(all[two.ID]) == 1, true)
		got := all[one.ID][0]
		wantEqual(t, "of a batch", got.ID == failed && got.Rule == "owner-only" && got.Title == "Orders" && got.Project == "web" && got.Owner == "admin" &&
			got.WorkID == work && got.WorkNo == "20150518" && got.Task != "" && got.TaskID == task && got.CreatedAt > 0, true)
		got = all[one.ID][1]
		wantEqual(t, "of a worker", got.ID == lost && got.Object == "w1" && got.Task == "" && got.WorkNo == "" && got.TaskID == 0, true)
		wantEqual(t, "by another rule", all[two.ID][0].Rule, "mail-right")
		details, err := v.AlertDetails(ctx, []int64{failed, lost, -1})
		wantEqual(t, "details", len(details), 2)
		d := details[failed]
		wantEqual(t, "of its attempt", d.Text == "it failed" && d.Attempt == 1 && d.Host == Host && d.ExitCode == 3 && d.StartTime > 0 && d.EndTime >= d.StartTime, true)
		wantEqual(t, "of none", details[lost].Attempt == 0 && details[lost].Host == "", true)
		return err
	})
}

func toldIncidents(t *testing.T, w *World) {
	id := w.IDs(1)[0]
	in := store.Incident{ID: id, Code: "c" + time.Duration(id).String(), IncidentRoot: store.IncidentRoot{Kind: store.RootWorker, Root: "sent"}, Kind: "worker-lost", Level: "critical", OpenedAt: 5}
	w.lead("open", func(ctx context.Context, l *store.LeaderTx) error { return l.PutIncidents(ctx, []store.Incident{in}) })
	about := func(recipient string) store.Message {
		return w.message(func(m *store.Message) { m.IncidentID, m.Recipient, m.Address = id, recipient, recipient+"@x" })
	}
	first, other := about("ann"), about("bob")
	last := about("ann")
	mine := w.told(first, store.Alert{Kind: "worker-lost", Object: "a", Level: "critical"}, "admins-mail")
	bobs := w.told(other, store.Alert{Kind: "worker-lost", Object: "b", Level: "critical"}, "admins-mail")
	w.lead("deal", func(ctx context.Context, l *store.LeaderTx) error {
		return l.DealAlerts(ctx, []store.DealtAlert{{AlertID: mine, IncidentID: id}, {AlertID: bobs, IncidentID: id}})
	})
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.IncidentsByID(ctx, []int64{id, id, -1})
		wantEqual(t, "incidents", len(all) == 1 && all[id].Code == in.Code && all[id].Root == "sent", true)
		w.ok("read", err)
		places, err := v.PlacesOfIncidents(ctx, []int64{id, -1}, 10)
		wantEqual(t, "places", len(places[id]), 2)
		wantEqual(t, "the first", places[id][0], store.PlaceOfIncident{IncidentID: id, Recipient: "ann", Channel: "mail", Address: "ann@x", First: first.ID, Last: last.ID})
		w.ok("read", err)
		told, err := v.AlertsToldOf(ctx, id, "ann", "mail", 10)
		wantEqual(t, "told", len(told) == 1 && told[0].ID == mine && told[0].Rule == "admins-mail", true)
		w.ok("read", err)
		told, err = v.FirstAlerts(ctx, id, 10)
		wantEqual(t, "all", len(told) == 2 && told[0].ID == mine && told[1].ID == bobs && told[1].Rule == "", true)
		return err
	})
}
