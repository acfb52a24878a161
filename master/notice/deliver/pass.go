package deliver

import (
	"context"
	"errors"
	"time"

	"capricornus/common/store"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/rule"
)

// pass is one pass of the duty.
type pass struct {
	*Deliverer

	lead    *store.Lead
	until   time.Time // nothing is begun from then on
	flying  flight
	answers chan answer
	rows    int
}

// channels are all there are.
func channels() []string {
	return []string{string(rule.Phone), string(rule.SMS), string(rule.Mail), string(rule.Webhook)}
}

// run begins what there is room for and records answers until nothing is on its
// way. After an error nothing more is begun, and what is on its way may end; but
// not where another master leads.
func (p *pass) run(ctx context.Context) error {
	defer p.land()
	ctx, stop := context.WithCancel(ctx)
	defer stop() // before it lands
	first := p.settle(ctx)
	for {
		if first == nil {
			first = p.begin(ctx)
		}
		if len(p.flying) == 0 || errors.Is(first, store.ErrFenced) {
			return first
		}
		if err := p.hear(ctx); err != nil {
			return errors.Join(first, err)
		}
		if err := p.settle(ctx); first == nil || errors.Is(err, store.ErrFenced) {
			first = err
		}
	}
}

// begin claims as many due messages as there is room for and sends them.
func (p *pass) begin(ctx context.Context) error {
	if !time.Now().Before(p.until) {
		return nil
	}
	due, err := p.due(ctx)
	if err != nil {
		return err
	}
	chosen := choose(due, p.flying)
	if len(chosen) == 0 {
		return nil
	}
	claimed, err := p.claim(ctx, chosen)
	if err != nil || len(claimed) == 0 {
		return err
	}
	f, err := p.gather(ctx, claimed)
	if err != nil {
		return err // they are due again when their claims are over
	}
	for _, m := range claimed {
		p.flying[m.ID] = laneOf(&m)
		go func() { p.answers <- p.send(ctx, m, f) }()
	}
	return nil
}

// due reads what is due where there is room.
func (p *pass) due(ctx context.Context) ([]store.Message, error) {
	var out []store.Message
	err := p.DB.View(ctx, func(t *store.ViewTx) error {
		out = nil
		for _, name := range channels() {
			l := lane{channel: rule.Channel(name)}
			var passed []string
			if l.channel == rule.Webhook {
				passed = p.flying.full()
			} else if p.flying.in(l) >= l.room() {
				continue
			}
			rows, err := t.DueMessages(ctx, name, passed, duePage)
			if err != nil {
				return err
			}
			out = append(out, rows...)
		}
		return nil
	})
	return out, err
}

// claim begins a try of each of them, in one transaction.
func (p *pass) claim(ctx context.Context, chosen []store.Message) ([]store.Message, error) {
	var claimed []store.Message
	err := p.lead.Tx(ctx, Duty, func(t *store.LeaderTx) (err error) {
		claims := make([]store.MessageClaim, len(chosen))
		made := making(chosen)
		for i := range chosen {
			m := &chosen[i]
			claims[i] = store.MessageClaim{ID: m.ID, Tries: m.Tries, Until: t.Now() + (p.longest(m) + made).Milliseconds()}
		}
		claimed, err = t.ClaimMessages(ctx, claims)
		return err
	})
	return claimed, err
}

// making is how long it may take to make messages that are begun together, on a
// machine that has much else to do.
func making(chosen []store.Message) time.Duration {
	alerts := 0
	for i := range chosen {
		alerts += chosen[i].Alerts
	}
	return margin + min(time.Duration(alerts)*perAlert, longestMaking)
}

// longest is how long a try takes at most.
func (p *pass) longest(m *store.Message) time.Duration {
	l := laneOf(m)
	sender, _ := p.Senders.For(l.channel, l.webhook)
	return channel.Longest(sender)
}

// hear waits for an answer and takes all that have come; or until it is time to
// look at what is due.
func (p *pass) hear(ctx context.Context) error {
	timer := time.NewTimer(looks)
	defer timer.Stop()
	select {
	case a := <-p.answers:
		p.keep(a)
	case <-timer.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		select {
		case a := <-p.answers:
			p.keep(a)
		default:
			return nil
		}
	}
}

// keep remembers an answer until it is recorded. What was broken off has none:
// it may have been taken.
func (p *pass) keep(a answer) {
	delete(p.flying, a.message.ID)
	if !a.broken {
		p.unsettled = append(p.unsettled, a)
	}
}

// land waits for what is on its way, which ends with the pass.
func (p *pass) land() {
	for len(p.flying) > 0 {
		p.keep(<-p.answers)
	}
}
