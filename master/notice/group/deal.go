package group

import (
	"capricornus/common/store"
	"capricornus/master/notice/rule"
	"capricornus/master/notice/text"
)

// dealing is the work on one page of alerts.
type dealing struct {
	now    int64
	limits Limits
	known  *Known
	plan   Plan

	opened  map[int64]int // incident: place in plan.Opened
	grown   map[int64]int
	fresh   map[int64]int // message: place in plan.Messages
	joined  map[int64]int
	objects map[int64]map[string]bool // that incidents are about
	counted map[int64]map[int64]bool  // message: alerts
	mailed  map[string]int64          // of the alert at hand: recipient to message
}

// Deal chooses incident and messages for a page of alerts, in the order of their
// ids. What known holds is changed on the way.
func Deal(now int64, alerts []Alert, known *Known, limits Limits) Plan {
	d := &dealing{
		now: now, limits: limits, known: known, opened: map[int64]int{}, grown: map[int64]int{}, fresh: map[int64]int{}, joined: map[int64]int{},
		objects: known.Objects, counted: map[int64]map[int64]bool{},
	}
	for i := range alerts {
		d.alert(&alerts[i])
	}
	return d.plan
}

func (d *dealing) next() int64 { return -int64(d.plan.New()) - 1 }

func (d *dealing) alert(a *Alert) {
	_, open := d.known.Incidents[a.Root]
	if a.Ends && open {
		// The incident's end tells it, see Recoveries.
		d.plan.Dealt = append(d.plan.Dealt, store.DealtAlert{AlertID: a.ID, IncidentID: d.known.Incidents[a.Root].ID, SilenceID: a.Silence})
		return
	}
	if a.Ends {
		// Nobody was told that it began: an event of its own.
		a.Root = store.IncidentRoot{Kind: store.RootEvent, Root: a.Root.Root}
	}
	in := d.incident(a)
	d.plan.Dealt = append(d.plan.Dealt, store.DealtAlert{AlertID: a.ID, IncidentID: in.ID, SilenceID: a.Silence})
	if a.Silence != 0 {
		return
	}
	d.mailed = map[string]int64{}
	for _, mails := range []bool{true, false} { // mails first: what a call leaves out is in them
		for i := range a.Targets {
			if t := &a.Targets[i]; mails == (t.Channel == rule.Mail) {
				d.target(a, in, t)
			}
		}
	}
}

// incident is the open one of an alert's root, which grows by it, or a new one.
func (d *dealing) incident(a *Alert) store.Incident {
	in, open := d.known.Incidents[a.Root]
	if !open {
		in = store.Incident{
			ID: d.next(), IncidentRoot: a.Root, Kind: a.Kind, Cause: a.Cause, Level: a.Level, OpenedAt: a.CreatedAt, LastAlertAt: a.CreatedAt,
		}
		d.plan.Opened = append(d.plan.Opened, in)
		d.opened[in.ID] = len(d.plan.Opened) - 1
	}
	if d.objects[in.ID] == nil {
		d.objects[in.ID] = map[string]bool{}
	}
	if !d.objects[in.ID][a.Object] {
		d.objects[in.ID][a.Object] = true
		in.Affected++
	}
	if Rank(a.Level) > Rank(in.Level) {
		in.Level = a.Level
	}
	in.LastAlertAt = max(in.LastAlertAt, a.CreatedAt)
	d.keep(in)
	return in
}

// keep notes how an incident is now.
func (d *dealing) keep(in store.Incident) {
	d.known.Incidents[in.IncidentRoot] = in
	if i, ok := d.opened[in.ID]; ok {
		d.plan.Opened[i] = in
		return
	}
	i, ok := d.grown[in.ID]
	if !ok {
		i = len(d.plan.Grown)
		d.plan.Grown, d.grown[in.ID] = append(d.plan.Grown, in), i
	}
	d.plan.Grown[i] = in
}

// target chooses the message that tells one place of an alert.
func (d *dealing) target(a *Alert, in store.Incident, t *Target) {
	key := At{in.ID, t.Place}
	last, told := d.known.Last[key]
	if told && last.Gathering && last.DueAt > d.now+leaving.Milliseconds() {
		d.join(a, t, last.Message, in.Affected)
		return
	}
	if told && !d.again(a, in, &last) {
		d.digest(a, t, false)
		return
	}
	if d.held(a, t) {
		d.digest(a, t, true)
		return
	}
	purpose := text.PurposeAlert
	if told {
		purpose = text.PurposeUpdate
	}
	d.put(a, t, t, store.Message{Purpose: purpose, IncidentID: in.ID, DueAt: due(d.now, a.CreatedAt, waitOf(a.Level)), Affected: in.Affected})
	d.known.Told[t.Place]++
	in.ToldAt = d.now
	d.keep(in)
}

// again says that a place that knows of an incident is told of it once more by
// itself: it has become worse, it is critical, or it has doubled.
func (d *dealing) again(a *Alert, in store.Incident, last *Last) bool {
	if Rank(a.Level) > Rank(last.Level) {
		return true
	}
	if a.Level == store.LevelCritical && last.Channel != string(rule.Phone) {
		return true
	}
	return in.Affected >= 2*max(last.Affected, 1) && d.now-last.DueAt >= growth.Milliseconds()
}

// held says that a message of its own would be too much. What is critical never is.
func (d *dealing) held(a *Alert, t *Target) bool {
	if a.Level == store.LevelCritical {
		return false
	}
	rings := t.Channel == rule.SMS || t.Channel == rule.Phone
	if d.known.Muted && rings && a.Level == store.LevelTask {
		return true
	}
	limit, limited := d.limits[t.Channel]
	return limited && d.known.Told[t.Place] >= limit
}

// digest adds an alert to what leaves together. Who has mail gets it by mail,
// where there is room for every name; held says that the place itself would
// have been told, so that it hears at least how many there are.
func (d *dealing) digest(a *Alert, t *Target, held bool) {
	mail, mailed := d.mailed[t.Recipient]
	at, gap := *t, false
	if t.Channel == rule.SMS || t.Channel == rule.Phone {
		switch {
		case mailed && !held:
			d.deliver(a, t, mail)
			return
		case t.Mail != "" && !mailed:
			at.Channel, at.Address = rule.Mail, t.Mail
		case d.known.SMS:
			at.Channel, gap = rule.SMS, mailed
		}
	}
	m, gathering := d.known.Digests[at.Place]
	if gathering && m.DueAt > d.now+leaving.Milliseconds() {
		d.join(a, t, m, 0)
		return
	}
	leaves := due(d.now, a.CreatedAt, digestWait)
	if gap {
		leaves = max(leaves, d.known.Digested[at.Place]+digestGap.Milliseconds())
	}
	d.put(a, t, &at, store.Message{Purpose: text.PurposeDigest, DueAt: leaves})
}

// put makes a message of an alert; at is where it goes, which is another place
// than the target's for some digests.
func (d *dealing) put(a *Alert, t, at *Target, m store.Message) {
	m.ID, m.Recipient, m.Channel, m.Address, m.Lang = d.next(), at.Recipient, string(at.Channel), at.Address, at.Lang
	m.Level, m.Alerts, m.CreatedAt = a.Level, 1, d.now
	d.plan.Messages = append(d.plan.Messages, m)
	d.fresh[m.ID] = len(d.plan.Messages) - 1
	d.counted[m.ID] = map[int64]bool{a.ID: true}
	d.remember(at.Place, m)
	d.deliver(a, t, m.ID)
}

// join adds an alert to a message that has not left.
func (d *dealing) join(a *Alert, t *Target, m store.Message, affected int) {
	d.deliver(a, t, m.ID)
	if d.counted[m.ID] == nil {
		d.counted[m.ID] = map[int64]bool{}
	}
	more := 0
	if !d.counted[m.ID][a.ID] {
		d.counted[m.ID][a.ID] = true
		more = 1
	}
	m.Alerts += more
	m.Affected = max(m.Affected, affected)
	if Rank(a.Level) > Rank(m.Level) {
		m.Level = a.Level
		m.DueAt = min(m.DueAt, due(d.now, a.CreatedAt, waitOf(a.Level)))
	}
	d.remember(Place{m.Recipient, rule.Channel(m.Channel)}, m)
	if i, ok := d.fresh[m.ID]; ok {
		d.plan.Messages[i] = m
		return
	}
	i, ok := d.joined[m.ID]
	if !ok {
		i = len(d.plan.Joins)
		d.plan.Joins, d.joined[m.ID] = append(d.plan.Joins, store.Joined{MessageID: m.ID}), i
	}
	j := &d.plan.Joins[i]
	j.Alerts, j.Affected, j.Level, j.DueAt = j.Alerts+more, m.Affected, m.Level, m.DueAt
}

func (d *dealing) deliver(a *Alert, t *Target, message int64) {
	d.plan.Deliveries = append(d.plan.Deliveries, store.Delivery{
		AlertID: a.ID, Recipient: t.Recipient, Channel: string(t.Channel), Rule: t.Rule, MessageID: message,
	})
	if t.Channel == rule.Mail {
		d.mailed[t.Recipient] = message
	}
}

// remember keeps what gathers.
func (d *dealing) remember(p Place, m store.Message) {
	if m.Purpose == text.PurposeDigest {
		d.known.Digests[p], d.known.Digested[p] = m, m.DueAt
		return
	}
	d.known.Last[At{m.IncidentID, p}] = Last{m, true}
}
