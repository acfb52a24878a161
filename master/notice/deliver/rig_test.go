package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/master/duty"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/deliver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a deliverer over a world.
type rig struct {
	*storetest.World
	t       *testing.T
	deps    deliver.Deps
	mu      sync.Mutex
	counted map[string]int
}

func newRig(t *testing.T, senders channel.Senders) *rig {
	t.Helper()
	return newRigOn(t, storetest.Open(t, storetest.SQLite), senders)
}

func newRigOn(t *testing.T, db *store.DB, senders channel.Senders) *rig {
	t.Helper()
	r := &rig{World: storetest.NewWorld(t, db), t: t, counted: map[string]int{}}
	r.deps = deliver.Deps{DB: r.DB, Zone: time.UTC, Senders: senders, Link: "https://capri.example", Log: slog.New(slog.DiscardHandler), Counted: func(channel, result string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.counted[channel+" "+result]++
	}}
	return r
}

func (r *rig) deliverer() *deliver.Deliverer { return deliver.New(r.deps) }

// put puts a message that is due.
func (r *rig) put(change ...func(*store.Message)) int64 {
	r.t.Helper()
	m := store.Message{
		ID: r.IDs(1)[0], Purpose: "alert", Recipient: "admin", Channel: "mail", Address: "ann@example.com", Lang: "en", Level: "important", Alerts: 1, DueAt: r.DB.Now().UnixMilli(),
	}
	for _, c := range change {
		c(&m)
	}
	r.Decide("put a message", func(ctx context.Context, t *store.LeaderTx) error { return t.PutMessages(ctx, []store.Message{m}) })
	return m.ID
}

func by(channel, recipient, address string) func(*store.Message) {
	return func(m *store.Message) { m.Channel, m.Recipient, m.Address = channel, recipient, address }
}

// tell raises alerts that a message tells of.
func (r *rig) tell(message int64, rule string, alerts ...store.Alert) []int64 {
	r.t.Helper()
	ids := r.IDs(len(alerts))
	m := r.message(message)
	deliveries := make([]store.Delivery, len(alerts))
	for i := range alerts {
		alerts[i].ID = ids[i]
		if alerts[i].Occurrence == "" {
			alerts[i].Occurrence = fmt.Sprint(ids[i])
		}
		deliveries[i] = store.Delivery{AlertID: ids[i], Recipient: m.Recipient, Channel: m.Channel, Rule: rule, MessageID: message}
	}
	r.Decide("raise", func(ctx context.Context, t *store.LeaderTx) error {
		if err := t.Raise(ctx, alerts...); err != nil {
			return err
		}
		return t.PutDeliveries(ctx, deliveries)
	})
	return ids
}

func (r *rig) message(id int64) (m store.Message) {
	r.t.Helper()
	r.View("read a message", func(ctx context.Context, v *store.ViewTx) (err error) {
		m, err = v.MessageByID(ctx, id)
		return err
	})
	return m
}

// want holds how a message is, and that its answer says something.
func (r *rig) want(id int64, state, tries int, says string) store.Message {
	r.t.Helper()
	m := r.message(id)
	if m.State != state || m.Tries != tries || !strings.Contains(m.Answer, says) {
		r.t.Errorf("got state %d after %d tries, %q; want %d after %d, %q", m.State, m.Tries, m.Answer, state, tries, says)
	}
	return m
}

// pass runs the duty until it has nothing more to do now.
func (r *rig) pass(d *deliver.Deliverer) duty.Pass {
	r.t.Helper()
	for {
		pass, err := d.Deliver(r.t.Context(), r.Lead)
		if err != nil {
			r.t.Fatal(err)
		}
		if !pass.More {
			return pass
		}
	}
}

// until runs the duty as the engine does until no message waits.
func (r *rig) until(d *deliver.Deliverer) {
	r.t.Helper()
	for next := r.pass(d).Next; !next.IsZero(); next = r.pass(d).Next {
		<-time.After(time.Until(next))
	}
}

// failures are the alerts about messages that could not be sent.
func (r *rig) failures() int {
	r.t.Helper()
	return r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = ?", store.AlertSendFailed)
}

// fake is a sender whose answers a test decides.
type fake struct {
	takes  time.Duration
	answer func(n int) error // to the n-th message, from 1; nil: all are taken
	after  time.Duration     // it is deaf to the end of its context for so long

	mu     sync.Mutex
	got    []channel.Envelope
	at     []time.Time
	flying int
	most   int // at once
}

const longest = 10 * time.Second

// Longest is what real senders are configured with.
func (f *fake) Longest() time.Duration { return longest }

func (f *fake) begin(e channel.Envelope) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got, f.at = append(f.got, e), append(f.at, time.Now())
	f.flying++
	f.most = max(f.most, f.flying)
	return len(f.got)
}

// Send takes its time and then answers.
func (f *fake) Send(ctx context.Context, e channel.Envelope) (string, error) {
	n := f.begin(e)
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.flying--
	}()
	select {
	case <-time.After(f.takes):
	case <-ctx.Done():
		<-time.After(f.after)
		return "", errors.New("it was broken off")
	}
	if f.answer != nil {
		if err := f.answer(n); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("taken as %d", n), nil
}

func (f *fake) sent() []channel.Envelope {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]channel.Envelope(nil), f.got...)
}

func (f *fake) times() []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Time(nil), f.at...)
}

// keys are those of what was sent, each once.
func keys(all []channel.Envelope) string {
	var out []string
	for _, e := range all {
		if len(out) == 0 || out[len(out)-1] != e.Key {
			out = append(out, e.Key)
		}
	}
	return strings.Join(out, " ")
}

func refuse(int) error { return errors.New("not now") }

func lost(object string) store.Alert {
	return store.Alert{Kind: store.AlertWorkerLost, Object: object, Level: store.LevelCritical, Text: object + " is lost"}
}
