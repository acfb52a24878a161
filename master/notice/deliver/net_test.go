package deliver_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/channel/channeltest"
	"capricornus/master/notice/deliver"
)

// due makes the next try of a message begin now, and says how long it would
// have had to wait.
func (r *rig) due(id int64) time.Duration {
	r.t.Helper()
	wait := time.UnixMilli(r.message(id).DueAt).Sub(r.DB.Now())
	r.Change("UPDATE capri_message SET dueAt = 1 WHERE id = ?", id)
	return wait
}

func between(t *testing.T, what string, got, least, most time.Duration) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s: got %s, want %s to %s", what, got, least, most)
	}
}

func TestAMailServerRefusesTwiceThenTakesIt(t *testing.T) {
	t.Parallel()
	server := channeltest.NewMailServer(t)
	server.Refuse(450, 451)
	r := newRig(t, channel.Senders{Mail: server.Sender(t)})
	id := r.put()
	alerts := r.tell(id, "admins-mail", lost("w1"))
	d := r.deliverer()
	for try, least := range []time.Duration{8 * time.Second, 28 * time.Second} {
		r.pass(d)
		r.want(id, store.MessageWaits, try+1, "refused with 45")
		between(t, "pause", r.due(id), least, least+2*time.Second)
	}
	r.pass(d)
	m := r.want(id, store.MessageSent, 3, "250")
	tried := server.Tried()
	if len(tried) != 3 || len(server.Taken()) != 1 || !strings.Contains(m.Subject, "w1") || r.failures() != 0 {
		t.Fatalf("got %d mails shown and %d taken, %q, %d alerts; want 3, 1 and none", len(tried), len(server.Taken()), m.Subject, r.failures())
	}
	for _, mail := range tried {
		if mail.ID != tried[0].ID || mail.Key != deliver.Key("", id) || mail.To != "ann@example.com" {
			t.Errorf("got %s, %s, %s; want the same message, %s, %s", mail.ID, mail.Key, mail.To, tried[0].ID, deliver.Key("", id))
		}
	}
	if n := r.Figure("SELECT deliveredAt FROM capri_alert WHERE id = ?", alerts[0]); n == 0 {
		t.Error("got the alert not told, want it told")
	}
	// A message whose answer is recorded is never sent again.
	r.Change("UPDATE capri_message SET dueAt = 1 WHERE id = ?", id)
	r.pass(d)
	if n := len(server.Tried()); n != 3 {
		t.Errorf("got %d mails, want no more than 3", n)
	}
}

func TestAGatewayThatDropsTheConnectionIsAskedAgainWithTheSameKey(t *testing.T) {
	t.Parallel()
	gateway := channeltest.NewGateway(t)
	gateway.Answer(channeltest.Drops, channeltest.Says(http.StatusTooManyRequests, "busy"), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "200")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	r := newRig(t, channel.Senders{SMS: gateway.Sender(t)})
	id := r.put(by("sms", "admin", "13800000000"))
	d := r.deliverer()
	for try, c := range []struct {
		says  string
		least time.Duration
	}{{"ended the connection", 8 * time.Second}, {"429", 28 * time.Second}, {"503", 198 * time.Second}} {
		r.pass(d)
		r.want(id, store.MessageWaits, try+1, c.says)
		between(t, "pause", r.due(id), c.least, c.least+2*time.Second)
	}
	r.pass(d)
	r.want(id, store.MessageSent, 4, "r-"+deliver.Key("", id))
	calls := gateway.Calls()
	if len(calls) != 4 || calls[0] != calls[3] || calls[0].Key != deliver.Key("", id) || calls[0].Phone != "13800000000" {
		t.Errorf("got %+v, want four calls that are the same", calls)
	}
}

func TestWhatIsUselessIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	server, gateway := channeltest.NewMailServer(t), channeltest.NewGateway(t)
	server.Refuse(550)
	gateway.Answer(channeltest.Says(http.StatusOK, `{"code": 1001, "msg": "no such number"}`))
	r := newRig(t, channel.Senders{SMS: gateway.Sender(t), Mail: server.Sender(t)})
	mail, sms := r.put(), r.put(by("sms", "addr:13812345678", "13812345678"))
	r.tell(mail, "admins-mail", lost("w1"))
	r.pass(r.deliverer())
	r.want(mail, store.MessageFailed, 1, "refused with 550")
	r.want(sms, store.MessageFailed, 1, "no such number")
	for object, want := range map[string]string{"mail": "a message by mail to admin was not taken in one try", "sms": "a message by sms to ********678 was not taken in one try"} {
		if got := r.Text("SELECT text FROM capri_alert WHERE kind = 'send-failed' AND object = ?", object); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestAHangingGatewayHoldsUpNoMail is what the virtual clock shows, over real
// connections.
func TestAHangingGatewayHoldsUpNoMail(t *testing.T) {
	t.Parallel()
	server, gateway := channeltest.NewMailServer(t), channeltest.NewGateway(t)
	release := make(chan struct{})
	gateway.Answer(channeltest.Hangs(release))
	r := newRig(t, channel.Senders{SMS: gateway.Sender(t), Mail: server.Sender(t)})
	sms, mail := r.put(by("sms", "admin", "138")), r.put()
	ended := make(chan error, 1)
	go func() {
		_, err := r.deliverer().Deliver(t.Context(), r.Lead)
		ended <- err
	}()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for r.message(mail).State != store.MessageSent {
		select {
		case err := <-ended:
			t.Fatalf("got the pass ended, %v, before the mail was sent", err)
		case <-tick.C:
		}
	}
	if m := r.want(sms, store.MessageWaits, 1, ""); m.DueAt-r.DB.Now().UnixMilli() < 15_000 {
		t.Errorf("got the next try due at %d, want it after the longest that a call takes", m.DueAt)
	}
	close(release)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	r.want(sms, store.MessageWaits, 1, "200 OK")
}

func TestTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	server := channeltest.NewMailServer(t)
	server.Refuse(450)
	r := newRig(t, channel.Senders{Mail: server.Sender(t), File: channel.NewFile(path)})
	mail, call, hook := r.put(), r.put(by("phone", "admin", "138")), r.put(by("webhook", "hook:ops", ""))
	d := r.deliverer()
	r.pass(d)
	r.want(hook, store.MessageFailed, 1, "alerts.webhooks.ops is not configured")
	r.want(call, store.MessageSent, 1, "written to "+path)
	r.want(mail, store.MessageWaits, 1, "refused")
	r.due(mail)
	r.pass(d)
	r.want(mail, store.MessageSent, 2, "250")
	text, err := os.ReadFile(path)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if err != nil || len(lines) != 2 || !strings.Contains(lines[0], `"channel":"phone"`) || !strings.Contains(lines[1], `"key":"`+deliver.Key("", mail)+`"`) {
		t.Errorf("got %v, %s, want what has no other way, and a copy of what was sent", err, text)
	}
}
