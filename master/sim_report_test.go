package master_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/notice/channel"
)

// letterbox takes all mails.
type letterbox struct {
	mu   sync.Mutex
	keys map[string]channel.Envelope
}

// Send is channel.Sender's.
func (b *letterbox) Send(_ context.Context, e channel.Envelope) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys[e.Key] = e
	return "taken", nil
}

// readers makes people who read reports.
func (c *cluster) readers() {
	c.t.Helper()
	ids, err := c.db.IDs(c.t.Context(), 3)
	c.must(err)
	c.operate(func(ctx context.Context, o *store.OperateTx) error {
		for i, r := range []struct {
			name, kind, lang string
			always           bool
		}{{"ann", wire.ReportHourly, "zh", true}, {"bob", wire.ReportHourly, "", false}, {"dan", wire.ReportDaily, "en", false}} {
			p := store.Person{ID: ids[i], Name: r.name, Role: "viewer", Mail: r.name + "@x", Lang: r.lang, IsEnabled: true}
			if err := o.AddPerson(ctx, p); err != nil {
				return err
			}
			if err := o.PutReader(ctx, r.kind, store.Reader{UserID: p.ID, Always: r.always}); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestSimReportsAreMailedOnceThroughChangesOfLeader changes the leader around
// the minute in which reports are made; the first report is that of the hour
// that was over when the cluster began.
func TestSimReportsAreMailedOnceThroughChangesOfLeader(t *testing.T) {
	t.Parallel()
	box := &letterbox{keys: map[string]channel.Envelope{}}
	simulate(t, setup{senders: channel.Senders{Mail: box}}, func(t *testing.T, c *cluster) {
		c.readers()
		c.startMaster("m2")
		const rounds = 5
		for round := range rounds {
			c.pass(time.Until(time.Now().Truncate(time.Hour).Add(time.Hour + 3*time.Minute + time.Duration(round%5-2)*time.Second)))
			c.depose()
			c.pass(time.Duration(round%3) * time.Second)
			c.elect([]string{"m2", "m1"}[round%2])
			c.pass(5 * time.Minute)
		}
		for about, n := range map[string]struct{ got, want int }{
			"hourly reports":      {c.number("SELECT COUNT(*) FROM capri_report WHERE kind = 'hourly' AND sentAt > 0"), rounds + 1},
			"daily reports":       {c.number("SELECT COUNT(*) FROM capri_report WHERE kind = 'daily' AND sentAt > 0"), 1},
			"mails to ann":        {c.number("SELECT COUNT(DISTINCT ref) FROM capri_message WHERE recipient = 'ann'"), rounds + 1},
			"mails to bob":        {c.number("SELECT COUNT(*) FROM capri_message WHERE recipient = 'bob'"), c.number("SELECT COUNT(*) FROM capri_report WHERE kind = 'hourly' AND (quiet = 0 OR at / 3600000 % 24 IN (8, 20))")},
			"mails to dan":        {c.number("SELECT COUNT(DISTINCT ref) FROM capri_message WHERE recipient = 'dan'"), 1},
			"messages of reports": {c.number("SELECT COUNT(*) FROM capri_message WHERE purpose = 'report'"), c.number("SELECT COUNT(*) FROM capri_message WHERE purpose = 'report' AND state = 1 AND tries = 1")},
		} {
			if n.got != n.want {
				t.Errorf("got %d %s, want %d", n.got, about, n.want)
			}
		}
		got := map[string]int{}
		for _, e := range box.keys {
			kind, _, _ := strings.Cut(e.Text.Subject, " ")
			got[e.Address+" "+kind]++
			if e.Text.HTML == "" || e.Text.Plain == "" {
				t.Errorf("got %+v, want a page and its plain twin", e)
			}
		}
		if got["ann@x [调度小时报]"] != rounds+1 || got["dan@x [Daily"] != 1 || got["bob@x [Hourly"] < 1 {
			t.Errorf("got %v, want every report in the language of its reader", got)
		}
	})
}
