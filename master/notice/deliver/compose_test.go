package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/deliver"
	"capricornus/master/notice/text"
)

// incident opens an incident.
func (r *rig) incident(kind, root string, change ...func(*store.Incident)) store.Incident {
	r.t.Helper()
	id := r.IDs(1)[0]
	in := store.Incident{ID: id, Code: fmt.Sprintf("c%d", id), IncidentRoot: store.IncidentRoot{Kind: kind, Root: root}, Kind: store.AlertBatchFailed, Level: "task", Affected: 3, OpenedAt: r.DB.Now().UnixMilli()}
	for _, c := range change {
		c(&in)
	}
	r.Decide("open an incident", func(ctx context.Context, t *store.LeaderTx) error { return t.PutIncidents(ctx, []store.Incident{in}) })
	return in
}

// of makes a message one about an incident.
func of(in store.Incident) func(*store.Message) {
	return func(m *store.Message) { m.IncidentID, m.Affected = in.ID, in.Affected }
}

func (r *rig) person(p store.Person) int64 {
	r.t.Helper()
	p.ID, p.IsEnabled = r.IDs(1)[0], true
	if p.Role == "" {
		p.Role = "developer"
	}
	r.Operate("save a user", func(ctx context.Context, t *store.OperateTx) error { return t.AddPerson(ctx, p) })
	return p.ID
}

// deal makes alerts ones of an incident.
func (r *rig) deal(in store.Incident, alerts []int64) {
	r.t.Helper()
	r.Decide("deal", func(ctx context.Context, t *store.LeaderTx) error {
		all := make([]store.DealtAlert, len(alerts))
		for i, id := range alerts {
			all[i] = store.DealtAlert{AlertID: id, IncidentID: in.ID}
		}
		return t.DealAlerts(ctx, all)
	})
}

// failedBatch is a batch that has failed, with the end of its log, and the alert
// about it.
func (r *rig) failedBatch(owner int64) store.Alert {
	r.t.Helper()
	task := r.Task(func(s *store.TaskSave) { s.Name, s.Title, s.OwnerID = "dwd_order_d", "Orders", owner })
	id := r.Batch(task, "20240612")
	if err := errors.Join(r.Assign(storetest.Host, id), r.Start(id), r.Finish(137, id)); err != nil {
		r.t.Fatal(err)
	}
	r.Change("UPDATE capri_task_instance SET tail = ? WHERE taskWorkId = ?", "first line\nout of memory\n", id)
	return store.Alert{
		Kind: store.AlertBatchFailed, Object: "dwd_order_d/20240612.0", Occurrence: "1", Level: store.LevelTask, TaskID: task, WorkID: id, Text: "dwd_order_d/20240612.0 failed",
	}
}

// told sends one message and returns it as it was sent.
func (r *rig) told(mail *fake, id int64) channel.Envelope {
	r.t.Helper()
	r.pass(r.deliverer())
	for _, e := range mail.sent() {
		if strings.HasSuffix(e.Key, strings.TrimPrefix(deliver.Key("", id), "d")) {
			return e
		}
	}
	r.t.Fatalf("got message %d not sent, %q", id, r.message(id).Answer)
	return channel.Envelope{}
}

func wantParts(t *testing.T, what, whole string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(whole, part) {
			t.Errorf("%s: got no %q in\n%s", what, part, whole)
		}
	}
}

func TestWhatAMailSays(t *testing.T) {
	t.Parallel()
	mail := &fake{}
	r := newRig(t, channel.Senders{Mail: mail, SMS: mail})
	ann := r.person(store.Person{Name: "ann", Title: "Ann Lee", Mail: "ann@example.com"})
	r.deps.Why = func(_ context.Context, ref batch.Ref, lang string) (wire.Why, error) {
		return wire.Why{Summary: ref.String() + " failed, it is said in " + lang, Roots: []wire.WhyRoot{{Sentence: "it wants memory"}}, Gates: []wire.WhyGate{{State: "met", Sentence: "no"}, {State: "unmet", Sentence: "it may not run"}}}, nil
	}
	alert := r.failedBatch(ann)
	for up := alert.TaskID; up != 0; { // two wait for it, and two for one of them
		next := int64(0)
		for range 2 {
			task := r.Task()
			r.Batch(task, "20240612", func(b *store.NewBatch) { b.Parents = []store.NewParent{{TaskID: up, WorkNo: "20240612"}} })
			if up == alert.TaskID {
				next = task
			}
		}
		up = next
	}
	in := r.incident(store.RootBatch, "dwd_order_d/20240612")
	other := r.put(of(in), by("sms", "admin", "138"))
	first := r.put(of(in), by("mail", "ann", "ann@example.com"))
	r.deal(in, r.tell(first, "owner-only", alert))
	e := r.told(mail, first)
	if e.Key != in.Code+strings.TrimPrefix(deliver.Key("", first), "d") || e.Name != "Ann Lee" || e.Lang != "en" || e.References != "" || e.Address != "ann@example.com" {
		t.Errorf("got %+v, want it for Ann Lee, the first of its thread", e)
	}
	wantParts(t, "mail", e.Text.Plain, "dwd_order_d/20240612", "Orders", "project web", "owner Ann Lee", "cause: dwd_order_d/20240612", "affected batches: 4", "Attempt 1", "exit code 137",
		"out of memory", "failed, it is said in en", "it wants memory", "it may not run", "owner of the task, told alone", "Administrator (short message)", "https://capri.example/a/"+in.Code, "incident "+in.Code)
	// That it goes on, and that it is over.
	update := r.put(of(in), by("mail", "ann", "ann@example.com"), func(m *store.Message) { m.Purpose, m.Lang, m.Alerts = text.PurposeUpdate, "zh", 0 })
	e = r.told(mail, update)
	wantParts(t, "update", e.Text.Plain, "dwd_order_d/20240612", "同时通知 Administrator（短信）", "it is said in zh")
	if e.References != in.Code+strings.TrimPrefix(deliver.Key("", first), "d") {
		t.Errorf("got references %q, want the first mail", e.References)
	}
	r.Change("UPDATE capri_incident SET openKey = NULL, resolvedAt = openedAt + 180000 WHERE id = ?", in.ID)
	over := r.put(of(in), by("mail", "ann", "ann@example.com"), func(m *store.Message) { m.Purpose, m.Alerts = text.PurposeRecovered, 0 })
	e = r.told(mail, over)
	wantParts(t, "recovery", e.Text.Subject+e.Text.Plain, "dwd_order_d/20240612", "lasted 3 min", "recovered")
	if len(strings.Fields(e.References)) != 1 {
		t.Errorf("got references %q, want the thread's first", e.References)
	}
	r.want(other, store.MessageSent, 1, "")
}

func TestWhoIsOnDutyIsSaid(t *testing.T) {
	t.Parallel()
	mail := &fake{}
	r := newRig(t, channel.Senders{Mail: mail})
	departments := r.IDs(2)
	r.Operate("make departments", func(ctx context.Context, o *store.OperateTx) error {
		return errors.Join(o.PutDepartment(ctx, departments[0], "ops"), o.PutDepartment(ctx, departments[1], "dwh"), o.PutSetting(ctx, store.SettingPlatformDepartment, "ops"))
	})
	owner := r.person(store.Person{Name: "ann", DepartmentID: departments[1]})
	now := r.DB.Now().UTC()
	day := now.Year()*10_000 + int(now.Month())*100 + now.Day()
	for i, name := range []string{"Pia", "Dan"} {
		id := r.person(store.Person{Name: strings.ToLower(name), Title: name})
		r.Operate("put on duty", func(ctx context.Context, o *store.OperateTx) error {
			return o.PutDuties(ctx, []store.Duty{{DepartmentID: departments[i], Day: day, PrimaryID: id, Source: store.DutyByHand}})
		})
	}
	platform := r.incident(store.RootWorker, "w1")
	about := r.put(of(platform))
	r.tell(about, "admins-mail", lost("w1"))
	task := r.incident(store.RootBatch, "dwd_order_d/20240612")
	failed := r.put(of(task))
	r.tell(failed, "default-department", r.failedBatch(owner))
	wantParts(t, "of the platform", r.told(mail, about).Text.Plain, "on duty Pia", "Worker w1 is lost", "administrator of the platform")
	wantParts(t, "of a task", r.told(mail, failed).Text.Plain, "on duty Dan")
}

// TestADigestNamesEveryBatch of ten thousand.
func TestADigestNamesEveryBatch(t *testing.T) {
	t.Parallel()
	mail := &fake{}
	r := newRig(t, channel.Senders{Mail: mail})
	const many = 10_000
	alerts := make([]store.Alert, many)
	for i := range alerts {
		alerts[i] = store.Alert{Kind: store.AlertDependTimeout, Object: fmt.Sprintf("dws_table_%d_d/20240612.0", i), Level: store.LevelTask, Text: "late"}
	}
	id := r.put(func(m *store.Message) { m.Purpose, m.Alerts = text.PurposeDigest, many })
	r.tell(id, "default-department", alerts...)
	e := r.told(mail, id)
	for i := range many {
		if name := fmt.Sprintf(" dws_table_%d_d/20240612", i); !strings.Contains(e.Text.Plain, name) {
			t.Fatalf("got no%s among the %d bytes, want every batch named", name, len(e.Text.Plain))
		}
	}
	if len(e.Text.HTML) > 100_000 {
		t.Errorf("got %d bytes of HTML, want less than mail programs clip", len(e.Text.HTML))
	}
	if n := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE deliveredAt > 0"); n != many {
		t.Errorf("got %d alerts told, want all", n)
	}
}

func TestWhoHasChosenNoLanguageHearsTheClusters(t *testing.T) {
	t.Parallel()
	mail := &fake{}
	r := newRig(t, channel.Senders{Mail: mail})
	r.deps.Report = func(_ context.Context, m store.Message) (text.Text, error) { return text.Text{Plain: m.Lang}, nil }
	none := func(m *store.Message) { m.Lang = "" }
	first := r.put(none)
	r.tell(first, "admins-mail", lost("w1"))
	wantParts(t, "at first", r.told(mail, first).Text.Plain, "Worker w1 is lost")
	r.Operate("set the language", func(ctx context.Context, o *store.OperateTx) error {
		return o.PutSetting(ctx, store.SettingNoticeLanguage, "zh")
	})
	second, own, report := r.put(none), r.put(), r.put(none, func(m *store.Message) { m.Purpose = store.PurposeReport })
	r.tell(second, "admins-mail", lost("w2"))
	r.tell(own, "admins-mail", lost("w3"))
	wantParts(t, "by the setting", r.told(mail, second).Text.Plain, "机器 w2 失联")
	wantParts(t, "by choice", r.told(mail, own).Text.Plain, "Worker w3 is lost")
	if e := r.told(mail, report); e.Text.Plain != "zh" || e.Lang != "zh" {
		t.Errorf("got a report in %q, want it in zh", e.Text.Plain)
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	mail := &fake{}
	r := newRig(t, channel.Senders{Mail: mail})
	report := func(m *store.Message) { m.Purpose, m.Ref = store.PurposeReport, "hourly/1" }
	nobody := r.put(report)
	r.pass(r.deliverer())
	r.want(nobody, store.MessageFailed, 1, "reports are not sent by this master")
	gone, later := r.put(report), r.put(report, func(m *store.Message) { m.Ref = "hourly/2" })
	r.deps.Report = func(_ context.Context, m store.Message) (text.Text, error) {
		if m.ID == gone {
			return text.Text{}, fault.New(fault.NotFound, "it is gone")
		}
		if m.Tries == 1 {
			return text.Text{}, errors.New("the database is busy")
		}
		return text.Text{Subject: "Report", Plain: m.Ref}, nil
	}
	d := r.deliverer()
	r.pass(d)
	r.want(gone, store.MessageFailed, 1, "the report is not there any more")
	r.want(later, store.MessageWaits, 1, "busy")
	r.due(later)
	r.pass(d)
	r.want(later, store.MessageSent, 2, "taken as 1")
	if got := mail.sent(); len(got) != 1 || got[0].Text.Plain != "hourly/2" {
		t.Errorf("got %+v, want the report", got)
	}
}

func TestAMessageThatCannotBeMadeHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	mail := &fake{}
	r := newRig(t, channel.Senders{Mail: mail})
	r.deps.Report = func(context.Context, store.Message) (text.Text, error) { panic("ouch") }
	bad, good := r.put(func(m *store.Message) { m.Purpose = store.PurposeReport }), r.put()
	r.pass(r.deliverer())
	r.want(bad, store.MessageWaits, 1, "cannot be made: ouch")
	r.want(good, store.MessageSent, 1, "taken")
}

func TestChannelsThatAreNotThere(t *testing.T) {
	t.Parallel()
	mail := &fake{}
	r := newRig(t, channel.Senders{Mail: mail})
	for range 3 {
		r.put(by("sms", "admin", "138"))
	}
	hook := r.put(by("webhook", "hook:ops", ""))
	r.pass(r.deliverer())
	r.want(hook, store.MessageFailed, 1, "alerts.webhooks.ops is not configured")
	if n := r.failures(); n != 2 {
		t.Errorf("got %d alerts, want one for the gateway and one for the webhook", n)
	}
	none := newRig(t, channel.Senders{})
	id := none.put()
	none.pass(none.deliverer())
	none.want(id, store.MessageFailed, 1, "nobody can be told")
	if n := none.failures(); n != 0 {
		t.Errorf("got %d alerts where nobody can be told of them, want none", n)
	}
}

func TestATestHasOneTry(t *testing.T) {
	t.Parallel()
	r := newRig(t, channel.Senders{SMS: &fake{answer: refuse}})
	id := r.put(by("sms", "admin", "138"), func(m *store.Message) { m.Purpose, m.Alerts = text.PurposeTest, 0 })
	r.pass(r.deliverer())
	if m := r.want(id, store.MessageFailed, 1, "not now"); !strings.Contains(m.Subject, "test") || r.failures() != 0 {
		t.Errorf("got %q and %d alerts, want a test that nobody else is told of", m.Subject, r.failures())
	}
}
