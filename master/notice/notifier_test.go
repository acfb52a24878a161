package notice_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/master/notice"
)

// notifier is the duty over a rig, with all channels.
func (r *rig) notifier() *notice.Notifier {
	return notice.New(notice.Config{Reader: *r.reader, Channels: notice.Channels{
		Mail: true, SMS: true, Phone: true,
		Hooks: []notice.Hook{{Name: "ops", Wants: func(level, department string) bool { return level == store.LevelCritical && department == "" }}},
	}})
}

// notice runs the duty until there is nothing more to do.
func (r *rig) notice(n *notice.Notifier) {
	r.t.Helper()
	for more := true; more; {
		pass, err := n.Notice(r.t.Context(), r.Lead)
		if err != nil {
			r.t.Fatal(err)
		}
		more = pass.More
	}
}

func (r *rig) raise(all ...store.Alert) {
	r.t.Helper()
	ids := r.IDs(len(all))
	for i := range all {
		all[i].ID = ids[i]
		if all[i].Occurrence == "" {
			all[i].Occurrence = store.OccurredOnce
		}
	}
	r.Decide("raise", func(ctx context.Context, t *store.LeaderTx) error { return t.Raise(ctx, all...) })
}

// messages are what people are told: purpose, recipient, channel, alerts of affected.
func (r *rig) messages() string {
	r.t.Helper()
	rows, err := r.DB.Raw().QueryContext(r.t.Context(), "SELECT purpose, recipient, channel, alerts, affected FROM capri_message ORDER BY purpose, recipient, channel, id")
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var purpose, recipient, channel string
		var alerts, affected int
		if err := rows.Scan(&purpose, &recipient, &channel, &alerts, &affected); err != nil {
			r.t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s %s %s %d/%d", purpose, recipient, channel, alerts, affected))
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return strings.Join(out, ", ")
}

func (r *rig) wantMessages(want string) {
	r.t.Helper()
	if got := r.messages(); got != want {
		r.t.Errorf("got  %s\nwant %s", got, want)
	}
}

// sent is that all messages so far have been sent.
func (r *rig) sent() {
	r.t.Helper()
	r.Change("UPDATE capri_message SET state = 1, tries = 1, endedAt = dueAt WHERE state = 0")
}

// waitingFor makes a path that is not there, and batches of ann's tasks in a
// chain: the first waits for the path, each other one for the one before.
func (r *rig) waitingFor(path string, n int) []store.Alert {
	r.t.Helper()
	var alerts []store.Alert
	parent := int64(0)
	for i := range n {
		name, id := r.task(`{"default":true}`)
		work := r.Batch(id, "20150518", func(b *store.NewBatch) {
			if parent == 0 {
				b.Inputs = []store.NewPath{{Path: path, Ready: "exists"}}
				return
			}
			b.Parents = []store.NewParent{{TaskID: parent, WorkNo: "20150518"}}
		})
		if i%10 == 0 { // chains of ten that hang on the first
			parent = id
		}
		alerts = append(alerts, store.Alert{Kind: store.AlertDependTimeout, Object: name + "/20150518.0", Level: store.LevelTask, TaskID: id, WorkID: work, Text: name + " waits"})
	}
	return alerts
}

func TestOneMissingPathIsToldOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, storetest.Open(t, engine))
			r.onDuty(r.data, "ann", "bob")
			n := r.notifier()
			r.raise(r.waitingFor("file:///none/dt=20150518", 300)...)
			r.notice(n)
			told := "alert ann mail 300/300, alert ann sms 300/300, alert bob mail 300/300"
			r.wantMessages(told)
			if got := r.Text("SELECT rootKind || ' ' || root || ' ' || level FROM capri_incident"); engine == "sqlite" && got != "path file:///none/dt=20150518 task" {
				t.Errorf("got incident %s, want the path", got)
			}
			if got := r.Figure("SELECT affected FROM capri_incident WHERE openKey = 1"); got != 300 {
				t.Errorf("got %d affected, want 300", got)
			}
			if got := r.Figure("SELECT COUNT(*) FROM capri_alert_delivery"); got != 900 {
				t.Errorf("got %d deliveries, want every alert at every place", got)
			}
			r.notice(n)
			r.wantMessages(told)
			r.sent()
			r.Decide("met", func(ctx context.Context, t *store.LeaderTx) error {
				_, err := t.SetPaths(ctx, []store.PathState{{Path: "file:///none/dt=20150518", Ready: "exists", Met: true}})
				return err
			})
			n = r.notifier() // the next leader's
			r.notice(n)
			r.wantMessages(told + ", recovered ann mail 0/300, recovered ann sms 0/300, recovered bob mail 0/300")
			if got := r.Figure("SELECT COUNT(*) FROM capri_incident WHERE openKey = 1"); got != 0 {
				t.Errorf("got %d open incidents, want none", got)
			}
		})
	}
}

func TestPlatformIsToldAndOver(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.Open(t, "sqlite"))
	n := r.notifier()
	r.raise(store.Alert{Kind: "masters-low", Object: "masters", Occurrence: "1", Level: store.LevelCritical, Text: "one master is live"})
	r.notice(n)
	r.wantMessages("alert hook:ops webhook 1/1, alert pri phone 1/1, alert pri sms 1/1, alert sec mail 1/1, alert sec phone 1/1, alert sec sms 1/1")
	r.sent()
	r.raise(store.Alert{Kind: "masters-low", Object: "masters", Occurrence: "2", Level: store.LevelNotice, Text: "three masters are live again"})
	r.notice(r.notifier())
	r.wantMessages("alert hook:ops webhook 1/1, alert pri phone 1/1, alert pri sms 1/1, alert sec mail 1/1, alert sec phone 1/1, alert sec sms 1/1, " +
		"recovered hook:ops webhook 1/1, recovered pri sms 1/1, recovered sec mail 1/1, recovered sec sms 1/1")
	if got := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE dealtAt = 0"); got != 0 {
		t.Errorf("got %d alerts that nobody has dealt with, want none", got)
	}
}

func TestWhatASilenceKeptIsToldWhenItEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.Open(t, "sqlite"))
	silence := r.IDs(1)[0]
	r.operate(func(ctx context.Context, t *store.OperateTx) error {
		return t.PutSilence(ctx, store.Silence{ID: silence, Kind: store.AlertDependTimeout, Reason: "the source moves", EndsAt: r.DB.Now().Add(time.Hour).UnixMilli()})
	})
	r.raise(r.waitingFor("file:///none", 3)...)
	r.notice(r.notifier())
	r.wantMessages("")
	r.operate(func(ctx context.Context, t *store.OperateTx) error { return t.EndSilence(ctx, silence) })
	r.notice(r.notifier())
	r.wantMessages("alert ann mail 3/3, alert bob mail 3/3")
	if got := r.Figure("SELECT affected FROM capri_incident"); got != 3 {
		t.Errorf("got %d affected, want 3", got)
	}
}

// Without a channel nobody can be told, and nothing piles up.
func TestWithoutChannelsAlertsAreDealtWith(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.Open(t, "sqlite"))
	r.raise(r.waitingFor("file:///none", 3)...)
	r.notice(notice.New(notice.Config{Reader: *r.reader}))
	r.wantMessages("")
	if got := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE dealtAt = 0"); got != 0 {
		t.Errorf("got %d alerts that nobody has dealt with, want none", got)
	}
}
