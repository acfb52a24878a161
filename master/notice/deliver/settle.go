package deliver

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"capricornus/common/store"
	"capricornus/master/notice"
	"capricornus/master/notice/rule"
	"capricornus/master/notice/text"
)

// settle records the answers that have come, together, with the alerts about
// messages that have failed for good. Answers stay until they are recorded.
func (p *pass) settle(ctx context.Context) error {
	if len(p.unsettled) == 0 {
		return nil
	}
	now := p.DB.Now()
	ends := make([]store.MessageEnd, len(p.unsettled))
	alerts := map[int64]store.Alert{} // by message
	for i := range p.unsettled {
		a := &p.unsettled[i]
		ends[i] = a.end(now)
		if alert, tell := a.alert(&ends[i], now.In(p.Zone), p.Senders.None()); tell {
			alerts[a.message.ID] = alert
		}
	}
	ids, err := p.DB.IDs(ctx, len(alerts))
	if err != nil {
		return err
	}
	var settled []int64
	err = p.lead.Tx(ctx, Duty, func(t *store.LeaderTx) (err error) {
		if settled, err = t.SettleMessages(ctx, ends); err != nil {
			return err
		}
		var raised []store.Alert
		for _, id := range settled {
			if alert, ok := alerts[id]; ok {
				alert.ID = ids[len(raised)]
				raised = append(raised, alert)
			}
		}
		return t.Raise(ctx, raised...)
	})
	if err != nil {
		return err
	}
	p.count(ends)
	p.rows += len(settled)
	p.unsettled = nil
	return nil
}

// count tells what became of the tries.
func (p *pass) count(ends []store.MessageEnd) {
	for i := range ends {
		result := map[int]string{store.MessageSent: ResultSent, store.MessageWaits: ResultAgain, store.MessageFailed: ResultFailed}[ends[i].State]
		p.Counted(p.unsettled[i].message.Channel, result)
	}
}

// longestSubject is how much is kept of what was sent.
const longestSubject = 200

// end is what is recorded of a try.
func (a *answer) end(now time.Time) store.MessageEnd {
	e := store.MessageEnd{ID: a.message.ID, Tries: a.message.Tries, State: store.MessageSent, DueAt: a.message.DueAt, Answer: a.receipt, Subject: a.subject()}
	if a.err == nil {
		return e
	}
	e.State, e.Answer = store.MessageFailed, a.err.Error()
	if a.message.Purpose == text.PurposeTest {
		return e // whoever tries a channel wants its first answer
	}
	if pause, again := after(a.message.Tries, a.err); again {
		e.State, e.DueAt = store.MessageWaits, now.Add(pause).UnixMilli()
	}
	return e
}

// subject is that of a mail, and of others what they say, on one line.
func (a *answer) subject() string {
	said := a.text.Subject
	if said == "" {
		said = strings.Join(strings.Fields(a.text.Plain), " ")
	}
	if said == "" {
		return a.message.Subject
	}
	runes := []rune(said)
	return string(runes[:min(len(runes), longestSubject)])
}

// alert is what administrators are told of a message that has failed for good;
// false: they are not. That a message about failures has failed is told by
// nothing more, or it would never end; who tries a channel sees the answer. A
// channel that is not there is told of once a day, and nothing where there is none.
func (a *answer) alert(e *store.MessageEnd, now time.Time, none bool) (store.Alert, bool) {
	if e.State != store.MessageFailed || a.echo || a.message.Purpose == text.PurposeTest || a.unset && none {
		return store.Alert{}, false
	}
	out := store.Alert{
		Kind: store.AlertSendFailed, Object: laneOf(&a.message).name(), Occurrence: strconv.FormatInt(a.message.ID, 10), Level: store.LevelImportant,
		Text: fmt.Sprintf("a message by %s to %s was not taken in %s, and is not tried again: %s", a.message.Channel, who(&a.message), times(a.message.Tries), e.Answer),
	}
	if a.unset {
		out.Occurrence = "unset-" + now.Format("20060102")
		out.Text = fmt.Sprintf("people are to be told by %s, and %s: messages fail, the first today was to %s", a.message.Channel, e.Answer, who(&a.message))
	}
	return out, true
}

func times(n int) string {
	if n == 1 {
		return "one try"
	}
	return strconv.Itoa(n) + " tries"
}

// who names a recipient for everybody to read: addresses of nobody's are masked.
func who(m *store.Message) string {
	if address, nobody := strings.CutPrefix(m.Recipient, "addr:"); nobody {
		return notice.Masked(address, rule.Channel(m.Channel))
	}
	return strings.TrimPrefix(m.Recipient, hookPrefix)
}
