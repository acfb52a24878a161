package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/store"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/deliver"
)

func TestAMessageHasFourTriesThenAdministratorsAreTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mail := &fake{answer: refuse}
		r := newRig(t, channel.Senders{Mail: mail})
		id := r.put()
		alerts := r.tell(id, "admins-mail", lost("w1"))
		d := r.deliverer()
		r.until(d)
		m := r.want(id, store.MessageFailed, 4, "not now")
		if m.EndedAt == 0 || !strings.Contains(m.Subject, "w1") {
			t.Errorf("got %+v, want it ended, with what was to be sent", m)
		}
		at := mail.times()
		var pauses []time.Duration
		for i := range at[1:] {
			pauses = append(pauses, at[i+1].Sub(at[i]).Truncate(time.Second))
		}
		if fmt.Sprint(pauses) != "[10s 30s 1m0s]" || keys(mail.sent()) != deliver.Key("", id) {
			t.Errorf("got pauses %v with keys %s, want 10s, 30s, 1m with one key", pauses, keys(mail.sent()))
		}
		if n := r.Figure("SELECT deliveredAt FROM capri_alert WHERE id = ?", alerts[0]); n != 0 {
			t.Errorf("got the alert told at %d, want it not told", n)
		}
		text := r.Text("SELECT text FROM capri_alert WHERE kind = 'send-failed' AND object = 'mail' AND level = 'important' AND occurrence = ?", id)
		if text != "a message by mail to admin was not taken in 4 tries, and is not tried again: not now" {
			t.Errorf("got alert %q", text)
		}
		if r.counted["mail again"] != 3 || r.counted["mail failed"] != 1 {
			t.Errorf("got %v counted, want 3 again and 1 failed", r.counted)
		}
		// What tells of this fails as well, and that is all.
		failure := r.Figure("SELECT id FROM capri_alert WHERE kind = 'send-failed'")
		echo := r.put()
		r.Decide("tell", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutDeliveries(ctx, []store.Delivery{{AlertID: int64(failure), Recipient: "admin", Channel: "mail", Rule: "admins-mail", MessageID: echo}})
		})
		r.until(d)
		r.want(echo, store.MessageFailed, 4, "not now")
		if n := r.failures(); n != 1 {
			t.Errorf("got %d alerts about messages, want the first one alone", n)
		}
	})
}

func TestOneThatHangsHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sms, mail, ops, other := &fake{takes: longest, answer: refuse}, &fake{takes: 100 * time.Millisecond}, &fake{takes: longest, answer: refuse}, &fake{}
		r := newRig(t, channel.Senders{SMS: sms, Mail: mail, Webhooks: []channel.Hook{{Name: "ops", Sender: ops}, {Name: "other", Sender: other}}})
		for range 9 {
			r.put(by("sms", "admin", "138"))
			r.put(by("webhook", "hook:ops", ""))
		}
		chat, early := r.put(by("webhook", "hook:other", "")), r.put()
		began := time.Now()
		var late int64
		time.AfterFunc(3*time.Second, func() { late = r.put(func(m *store.Message) { m.Level = "critical" }) })
		r.until(r.deliverer())
		for _, id := range []int64{chat, early, late} {
			r.want(id, store.MessageSent, 1, "taken as")
		}
		if took := mail.times()[1].Sub(began); took > 4*time.Second {
			t.Errorf("got the mail that came later sent after %s, want it at once", took)
		}
		if took := other.times()[0].Sub(began); took > time.Second {
			t.Errorf("got the other group told after %s, want it at once", took)
		}
		if sms.most != 4 || ops.most != 2 || len(sms.sent()) != 4*9 || len(ops.sent()) != 4*9 {
			t.Errorf("got %d of %d short messages and %d of %d calls of the webhook at once, want 4 and 2 of 36", sms.most, len(sms.sent()), ops.most, len(ops.sent()))
		}
	})
}

func TestTheNewLeaderWaitsForWhatTheOldOneMayBeSending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sms := &fake{takes: 9 * time.Second}
		r := newRig(t, channel.Senders{SMS: sms})
		id := r.put(by("sms", "admin", "138"))
		began := time.Now()
		var lead *store.Lead
		next := make(chan time.Time, 1)
		fresh := r.deliverer()
		time.AfterFunc(2*time.Second, func() {
			epoch, err := r.DB.Claim(t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
			if err != nil {
				t.Error(err)
			}
			lead = r.DB.Lead(epoch, "m2")
			pass, err := fresh.Deliver(t.Context(), lead)
			if err != nil || pass.More {
				t.Errorf("got %+v, %v, want nothing due", pass, err)
			}
			next <- pass.Next
		})
		pass, err := r.deliverer().Deliver(t.Context(), r.Lead)
		if !errors.Is(err, store.ErrFenced) || pass.Rows != 0 || time.Since(began) != 9*time.Second {
			t.Errorf("got %+v, %v after %s, want its answer refused", pass, err, time.Since(began))
		}
		r.want(id, store.MessageWaits, 1, "")
		at := <-next
		if wait := at.Sub(began).Round(time.Second); wait != longest+5*time.Second {
			t.Errorf("got the next try after %s, want the longest a call takes, and a little", wait)
		}
		<-time.After(time.Until(at))
		if _, err := fresh.Deliver(t.Context(), lead); err != nil {
			t.Error(err)
		}
		r.want(id, store.MessageSent, 2, "taken as 2")
		if n := len(sms.sent()); n != 2 || keys(sms.sent()) != deliver.Key("", id) {
			t.Errorf("got %d short messages with keys %s, want the same twice", n, keys(sms.sent()))
		}
	})
}

func TestAPassEndsWithItsTerm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sms, mail := &fake{takes: 9 * time.Second}, &fake{takes: time.Second}
		r := newRig(t, channel.Senders{SMS: sms, Mail: mail})
		unknown, known := r.put(by("sms", "admin", "138")), r.put()
		ctx, end := context.WithCancel(t.Context())
		began := time.Now()
		time.AfterFunc(3*time.Second, end)
		d := r.deliverer()
		_, err := d.Deliver(ctx, r.Lead)
		if !errors.Is(err, context.Canceled) || time.Since(began) != 3*time.Second {
			t.Errorf("got %v after %s, want it ended with the term after 3s", err, time.Since(began))
		}
		r.want(known, store.MessageSent, 1, "taken as 1")
		if m := r.want(unknown, store.MessageWaits, 1, ""); m.Answer != "" || r.counted["sms again"] != 0 {
			t.Errorf("got answer %q, want none: it is not known", m.Answer)
		}
		r.until(d)
		r.want(unknown, store.MessageSent, 2, "taken as 2")
	})
}

// TestAnAnswerThatIsKnownIsKept: what was sent and could not be recorded is
// recorded by the next pass, and not sent once more.
func TestAnAnswerThatIsKnownIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := &fake{takes: time.Second}
		r := newRig(t, channel.Senders{SMS: slow, Mail: &fake{takes: 5 * time.Second}})
		ctx, end := context.WithCancel(t.Context())
		id, mail := r.put(by("sms", "admin", "138")), r.put()
		slow.answer = func(n int) error {
			if n == 1 {
				end() // the term ends as the answer comes
			}
			return nil
		}
		d := r.deliverer()
		if _, err := d.Deliver(ctx, r.Lead); err == nil {
			t.Fatal("got no error, want the end of the term")
		}
		r.want(id, store.MessageWaits, 1, "")
		r.until(d)
		r.want(id, store.MessageSent, 1, "taken as 1")
		r.want(mail, store.MessageSent, 2, "taken as 2")
		if n := len(slow.sent()); n != 1 {
			t.Errorf("got %d short messages, want one", n)
		}
	})
}

func TestTriesWithoutAnAnswerEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sms := &fake{}
		r := newRig(t, channel.Senders{SMS: sms})
		more, last := r.put(by("sms", "admin", "138")), r.put(by("sms", "admin", "139"))
		r.Change("UPDATE capri_message SET tries = 4 WHERE id = ?", more)
		r.Change("UPDATE capri_message SET tries = 8 WHERE id = ?", last)
		r.until(r.deliverer())
		r.want(more, store.MessageSent, 5, "taken as 1")
		r.want(last, store.MessageFailed, 9, "it was begun 8 times, and no answer was seen")
		if r.failures() != 1 || len(sms.sent()) != 1 {
			t.Errorf("got %d alerts and %d messages, want one each", r.failures(), len(sms.sent()))
		}
	})
}
