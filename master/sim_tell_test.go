package master_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/notice/channel"
)

// post takes messages: each takes seconds, and some are taken and the answer is
// lost, or are not taken at all.
type post struct {
	mu     sync.Mutex
	random *rand.Rand
	taken  map[string][]channel.Envelope // by key
}

func newPost(seed uint64) *post {
	return &post{random: rand.New(rand.NewPCG(seed, 1)), taken: map[string][]channel.Envelope{}}
}

// Send is channel.Sender's.
func (p *post) Send(ctx context.Context, e channel.Envelope) (string, error) {
	p.mu.Lock()
	takes, luck := time.Duration(1+p.random.IntN(5))*time.Second, p.random.IntN(20)
	if luck > 0 {
		p.taken[e.Key] = append(p.taken[e.Key], e)
	}
	p.mu.Unlock()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(takes):
	}
	if luck < 2 {
		return "", errors.New("the connection is gone")
	}
	return "taken", nil
}

// folk makes two people who are on duty for the platform; the first is an administrator.
func (c *cluster) folk() {
	c.t.Helper()
	ids, err := c.db.IDs(c.t.Context(), 3)
	c.must(err)
	c.operate(func(ctx context.Context, o *store.OperateTx) error {
		if err := o.PutDepartment(ctx, ids[0], "ops"); err != nil {
			return err
		}
		for i, role := range []string{"admin", "operator"} {
			p := store.Person{ID: ids[i+1], Name: fmt.Sprint("duty", i), Role: role, DepartmentID: ids[0], Mail: fmt.Sprintf("duty%d@x", i), Phone: fmt.Sprint(13800000000 + i), IsEnabled: true}
			if err := o.AddPerson(ctx, p); err != nil {
				return err
			}
		}
		var days []store.Duty
		for day := range 5 {
			days = append(days, store.Duty{DepartmentID: ids[0], Day: 20261120 + day, PrimaryID: ids[1], SecondaryID: ids[2], Source: store.DutyByHand})
		}
		return o.PutDuties(ctx, days)
	})
	c.setting(store.SettingPlatformDepartment, "ops")
	c.setting("notice_sms_per_hour", "10000")
	c.setting("notice_mail_per_hour", "10000")
}

// TestSimEverybodyIsToldThroughChangesOfLeader changes the leader a hundred times,
// or ten times under the race detector, while messages are on their way. Everybody
// is told of everything; a message is sent again only when its answer was lost,
// and always under its key.
func TestSimEverybodyIsToldThroughChangesOfLeader(t *testing.T) {
	t.Parallel()
	mails, texts := newPost(1), newPost(2)
	simulate(t, setup{senders: channel.Senders{Mail: mails, SMS: texts}}, func(t *testing.T, c *cluster) {
		c.folk()
		c.startMaster("m2")
		random := rand.New(rand.NewPCG(3, 1))
		for round := range leaderChanges {
			_, err := c.admin.RaiseAlert(t.Context(), wire.RaiseAlertRequest{Kind: "disk", Object: fmt.Sprintf("disk-%03d", round), Level: store.LevelImportant, Text: "it is full"})
			c.must(err)
			c.pass(time.Duration(20+random.IntN(20)) * time.Second)
			c.depose()
			c.pass(time.Duration(random.IntN(3)) * time.Second)
			c.elect([]string{"m2", "m1"}[round%2])
		}
		c.pass(15 * time.Minute)
		if n := c.number("SELECT COUNT(*) FROM capri_message WHERE state != 1"); n != 0 {
			t.Errorf("got %d messages that were not sent, want none", n)
		}
		told := map[string]int{} // object and address: messages
		again := 0
		for _, p := range []*post{mails, texts} {
			for key, all := range p.taken {
				id, tries := c.messageOf(key)
				if len(all) > tries {
					t.Errorf("message %d was taken %d times in %d tries", id, len(all), tries)
				}
				again += len(all) - 1
				for _, e := range all {
					if e.Address != all[0].Address || objectOf(e) != objectOf(all[0]) {
						t.Errorf("key %s told %s of %s, and %s of %s", key, e.Address, objectOf(e), all[0].Address, objectOf(all[0]))
					}
				}
				told[objectOf(all[0])+" "+all[0].Address]++
			}
		}
		for round := range leaderChanges {
			for _, address := range []string{"duty0@x", "13800000000", "13800000001"} {
				if n := told[fmt.Sprintf("disk-%03d %s", round, address)]; n != 1 {
					t.Errorf("round %d: got %d messages to %s, want one", round, n, address)
				}
			}
		}
		if again == 0 {
			t.Error("no answer was lost: the test proves nothing")
		}
	})
}

// objectOf is the disk that a message is about.
func objectOf(e channel.Envelope) string {
	_, after, found := strings.Cut(e.Text.Subject+" "+e.Text.Plain, "disk-")
	if !found || len(after) < 3 {
		return ""
	}
	return "disk-" + after[:3]
}

// messageOf reads the message of a key and how many tries it took.
func (c *cluster) messageOf(key string) (id int64, tries int) {
	c.t.Helper()
	_, digits, _ := strings.Cut(key, "-")
	for _, r := range digits {
		id = id*36 + int64(strings.IndexRune("0123456789abcdefghijklmnopqrstuvwxyz", r))
	}
	return id, c.number("SELECT tries FROM capri_message WHERE id = ?", id)
}
