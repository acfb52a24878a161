package notice

import (
	"context"
	"errors"
	"sync"
	"time"

	"capricornus/common/store"
	"capricornus/master/duty"
	"capricornus/master/notice/group"
	"capricornus/master/notice/root"
	"capricornus/master/notice/rule"
)

// Duty is the name of the duty that decides whom to tell, Every how often it
// looks for alerts if nobody wakes it: whoever records one does.
const (
	Duty  = "notice"
	Every = 10 * time.Second
)

// Bounds of one transaction.
const (
	dealPage      = 500
	deliveryPage  = 4000 // deliveries
	closePage     = 500  // incidents
	reopenPage    = 1000
	lookAtOpenFor = 9 * time.Second  // between two looks at open incidents
	patience      = 45 * time.Second // of an alert, before pages follow each other at once
	cappedOver    = time.Hour        // how far back what people got is counted
)

// Channels are the ways to tell somebody that are configured.
type Channels struct {
	Mail, SMS, Phone bool
	Hooks            []Hook
}

// Hook is a webhook; Wants says whether it is told of alerts of a level about a
// department's tasks, or with an empty department about the platform.
type Hook struct {
	Name  string
	Wants func(level, department string) bool
}

// Config is what a Notifier works with.
type Config struct {
	Reader

	Channels Channels
	Put      func() // messages have been put; may be nil
}

// Notifier decides which message tells whom of which alert. It is the only one
// that opens and closes incidents; package deliver sends what it puts.
type Notifier struct {
	Config

	mu     sync.Mutex // held for a pass: what follows is of the last one
	looked time.Time  // at open incidents
	oldest time.Time  // when the first alert of the last page was recorded
	after  int64      // the last open incident that was looked at in this round
}

// New wires a Notifier.
func New(cfg Config) *Notifier { return &Notifier{Config: cfg} }

// Notice deals with a page of alerts, and every ten seconds with the incidents
// that are open: whose end there is to tell, and which go on.
func (n *Notifier) Notice(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	began := time.Now()
	dealt, more, err := n.deal(ctx, lead)
	if err != nil || more {
		if len(dealt) > 0 && n.DB.Now().Sub(n.oldest) < patience {
			duty.Rest(ctx, time.Since(began))
		}
		return duty.Pass{Rows: len(dealt), More: more}, err
	}
	now := n.DB.Now()
	if n.after == 0 && now.Sub(n.looked) < lookAtOpenFor && !duty.ByHand(ctx) {
		return duty.Pass{Rows: len(dealt)}, nil
	}
	if n.after == 0 {
		n.looked = now
	}
	changed, more, err := n.follow(ctx, lead)
	return duty.Pass{Rows: len(dealt) + changed, More: more}, err
}

// deal chooses incidents and messages for the first alerts that have none.
func (n *Notifier) deal(ctx context.Context, lead *store.Lead) (dealt []store.DealtAlert, more bool, err error) {
	var plan group.Plan
	err = n.DB.View(ctx, func(t *store.ViewTx) error {
		alerts, err := t.UndealtAlerts(ctx, dealPage)
		if err != nil || len(alerts) == 0 {
			return err
		}
		ready, limits, err := n.prepare(ctx, t, alerts)
		if err != nil {
			return err
		}
		n.oldest = time.UnixMilli(alerts[0].CreatedAt)
		more = len(ready) < len(alerts) || len(alerts) == dealPage
		known, err := n.known(ctx, t, ready)
		if err != nil {
			return err
		}
		plan = group.Deal(n.DB.Now().UnixMilli(), ready, known, limits)
		return nil
	})
	if err != nil || len(plan.Dealt) == 0 {
		return nil, false, err
	}
	err = n.write(ctx, lead, &plan)
	if errors.Is(err, store.ErrStale) {
		return nil, true, nil // a message has left meanwhile: look again
	}
	return plan.Dealt, more, err
}

// write puts what was decided, in one transaction.
func (n *Notifier) write(ctx context.Context, lead *store.Lead, p *group.Plan) error {
	ids, err := n.DB.IDs(ctx, max(p.New(), 1))
	if err != nil {
		return err
	}
	p.Number(ids)
	err = lead.Tx(ctx, Duty, func(t *store.LeaderTx) error {
		for _, put := range []func() error{
			func() error { return t.JoinMessages(ctx, p.Joins) }, // first: it may find that one has left
			func() error { return t.PutIncidents(ctx, p.Opened) },
			func() error { return t.PutMessages(ctx, p.Messages) },
			func() error { return t.PutDeliveries(ctx, p.Deliveries) },
			func() error { return t.DealAlerts(ctx, p.Dealt) },
			func() error { return t.GrowIncidents(ctx, p.Grown) },
		} {
			if err := put(); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && len(p.Messages)+len(p.Joins) > 0 && n.Put != nil {
		n.Put()
	}
	return err
}

// prepare finds out about alerts what decides: their roots, silences, and whom
// the rules name. It leaves out the last ones when there are too many to tell
// for one transaction.
func (n *Notifier) prepare(ctx context.Context, t *store.ViewTx, alerts []store.UndealtAlert) ([]group.Alert, group.Limits, error) {
	settings, err := t.Settings(ctx)
	if err != nil {
		return nil, nil, err
	}
	roots, err := root.Find(ctx, t, alerts)
	if err != nil {
		return nil, nil, err
	}
	silences, err := t.ActiveSilences(ctx, n.DB.Now().UnixMilli())
	if err != nil {
		return nil, nil, err
	}
	var tasks []int64
	for i := range alerts {
		tasks = append(tasks, alerts[i].TaskID)
	}
	audience, err := n.Audience(ctx, t, tasks)
	if err != nil {
		return nil, nil, err
	}
	targets := newTargets(audience, &n.Channels)
	out := make([]group.Alert, 0, len(alerts))
	deliveries := 0
	for i := range alerts {
		r := roots[alerts[i].ID]
		a := group.Alert{UndealtAlert: alerts[i], Root: r.IncidentRoot, Cause: r.Cause, Ends: root.Ended(&alerts[i])}
		for s := range silences {
			if silences[s].Covers(&alerts[i]) {
				a.Silence = silences[s].ID
				break
			}
		}
		if a.Silence == 0 {
			a.Targets = targets.of(&alerts[i])
		}
		if deliveries += len(a.Targets); deliveries > deliveryPage && len(out) > 0 {
			break
		}
		out = append(out, a)
	}
	return out, limitsOf(settings), nil
}

// known reads what the places of alerts have been told so far.
func (n *Notifier) known(ctx context.Context, t *store.ViewTx, alerts []group.Alert) (*group.Known, error) {
	k := &group.Known{
		Last: map[group.At]group.Last{}, Digests: map[group.Place]store.Message{}, Digested: map[group.Place]int64{}, Told: map[group.Place]int{}, SMS: n.Channels.SMS,
	}
	roots, recipients := map[store.IncidentRoot]bool{}, map[string]bool{}
	for i := range alerts {
		roots[alerts[i].Root] = true
		for j := range alerts[i].Targets {
			recipients[alerts[i].Targets[j].Recipient] = true
		}
	}
	var err error
	if k.Incidents, err = t.OpenIncidents(ctx, keysOf(roots)); err != nil {
		return nil, err
	}
	var ids []int64
	for _, in := range k.Incidents {
		ids = append(ids, in.ID)
	}
	if k.Objects, err = t.IncidentObjects(ctx, ids, objectsOf(alerts)); err != nil {
		return nil, err
	}
	lasts, err := t.LastMessages(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range lasts {
		m := lasts[i]
		k.Last[group.At{Incident: m.IncidentID, Place: placeOf(&m)}] = group.Last{Message: m, Gathering: m.State == store.MessageWaits && m.Tries == 0}
	}
	return k, n.knownPlaces(ctx, t, k, keysOf(recipients))
}

// knownPlaces reads how much people have been told of late.
func (n *Notifier) knownPlaces(ctx context.Context, t *store.ViewTx, k *group.Known, recipients []string) error {
	since := n.DB.Now().Add(-cappedOver).UnixMilli()
	digests, err := t.Digests(ctx, recipients, since)
	if err != nil {
		return err
	}
	for i := range digests {
		m := digests[i]
		if m.State == store.MessageWaits && m.Tries == 0 {
			k.Digests[placeOf(&m)] = m
		}
		k.Digested[placeOf(&m)] = max(k.Digested[placeOf(&m)], m.DueAt)
	}
	told, err := t.ToldSince(ctx, recipients, since)
	if err != nil {
		return err
	}
	for _, p := range told {
		k.Told[group.Place{Recipient: p.Recipient, Channel: rule.Channel(p.Channel)}] = p.Messages
	}
	critical, err := t.CriticalKinds(ctx)
	k.Muted = mutes(critical)
	return err
}

func objectsOf(alerts []group.Alert) []string {
	out := make([]string, len(alerts))
	for i := range alerts {
		out[i] = alerts[i].Object
	}
	return out
}

func placeOf(m *store.Message) group.Place {
	return group.Place{Recipient: m.Recipient, Channel: rule.Channel(m.Channel)}
}
