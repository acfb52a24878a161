package master

import (
	"context"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/notice/deliver"
	"capricornus/master/notice/text"
	"capricornus/master/why"
)

// newDeliverer wires the sending of messages; the reports must be there.
func (m *Master) newDeliverer(explainer *why.Explainer) *deliver.Deliverer {
	return deliver.New(deliver.Deps{
		DB: m.db, Zone: m.zone, Senders: m.cfg.Senders, Link: m.cfg.Advertise, Why: explainer.Explain, Counted: m.metrics.Sent, Log: m.log,
		Report: func(ctx context.Context, message store.Message) (text.Text, error) {
			mail, err := m.reports.MailOf(ctx, &message)
			return text.Text{Subject: mail.Subject, Plain: mail.Plain, HTML: mail.HTML}, err
		},
	})
}

// deliverDuties are the duties that send people what they are to be told.
func (m *Master) deliverDuties(lead func(*election.Term) *store.Lead) []duty.Duty {
	return []duty.Duty{
		{
			Name: deliver.Duty, Every: m.cfg.stretched(deliver.Every), Timeout: deliver.Timeout,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
				return m.deliverer.Deliver(ctx, lead(t))
			},
		},
	}
}

// posted: there are messages to be sent.
func (m *Master) posted() { m.tell(wire.News{Duties: []string{deliver.Duty}}) }
