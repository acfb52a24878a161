package deliver

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/rule"
	"capricornus/master/notice/text"
)

// answer is how a try ended.
type answer struct {
	message store.Message
	text    text.Text
	receipt string
	err     error
	broken  bool // whether it was taken is not known, and nobody waits for it any more
	unset   bool // nobody sends on its channel
	echo    bool // it tells that another message could not be sent
}

// send makes one try. A message that makes this program fail is its own trouble
// and holds up no other.
func (p *pass) send(ctx context.Context, m store.Message, f *facts) (a answer) {
	a = answer{message: m, echo: f.tellsOfFailures(m.ID)}
	defer func() {
		if r := recover(); r != nil {
			p.Log.Error("a message cannot be made", logs.Message, m.ID, logs.Error(fmt.Errorf("%v\n%s", r, debug.Stack())))
			a.err = fault.New(fault.Internal, "the message cannot be made: %v", r)
		}
	}()
	l := laneOf(&m)
	sender, copied := p.Senders.For(l.channel, l.webhook)
	if sender == nil {
		a.unset, a.err = true, useless("%s", l.unset(p.Senders.None()))
		return a
	}
	if m.Tries > mostBegun {
		a.err = useless("it was begun %d times, and no answer was seen", m.Tries-1)
		return a
	}
	var said text.Text
	if said, a.err = p.write(ctx, &m, f); a.err == nil {
		a.text = said
		e := f.envelope(&m, said)
		if p.DB.Now().Add(channel.Longest(sender)).UnixMilli() > m.DueAt {
			a.broken = true // another master may begin before this try would be over
			return a
		}
		a.receipt, a.err = sender.Send(ctx, e)
		if a.err == nil && copied != nil {
			p.copy(ctx, copied, e)
		}
	}
	a.broken = a.err != nil && ctx.Err() != nil
	return a
}

// unset says in words that nobody sends on a lane.
func (l lane) unset(all bool) string {
	if all {
		return "the masters' configuration has no section alerts: nobody can be told"
	}
	if l.webhook != "" {
		return "alerts.webhooks." + l.webhook + " is not configured"
	}
	return "alerts." + string(l.channel) + " is not configured"
}

// copy writes what was sent into the file. It was sent, whatever becomes of the copy.
func (p *pass) copy(ctx context.Context, to channel.Sender, e channel.Envelope) {
	if _, err := to.Send(ctx, e); err != nil {
		p.Log.Warn("what was sent is not in the file of alerts", logs.Message, e.Key, logs.Error(err))
	}
}

// write is what a message says.
func (p *pass) write(ctx context.Context, m *store.Message, f *facts) (text.Text, error) {
	if m.Purpose == store.PurposeReport {
		spoken := *m
		spoken.Lang = f.lang(m)
		return p.report(ctx, &spoken)
	}
	c := rule.Channel(m.Channel)
	told := compose(f, m, p.Link)
	if c == rule.Mail {
		p.explain(ctx, m, f, &told)
	}
	return text.Render(c, f.lang(m), told), nil
}

func (p *pass) report(ctx context.Context, m *store.Message) (text.Text, error) {
	if p.Report == nil {
		return text.Text{}, useless("reports are not sent by this master")
	}
	out, err := p.Report(ctx, *m)
	if errors.Is(err, store.ErrNotFound) || fault.CodeOf(err) == fault.NotFound {
		return out, useless("the report is not there any more")
	}
	return out, err
}
