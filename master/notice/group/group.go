package group

import (
	"time"

	"capricornus/common/store"
	"capricornus/master/notice/rule"
	"capricornus/master/notice/text"
)

// Times of messages.
const (
	wait         = 30 * time.Second // an incident gathers so long before it is told
	waitCritical = 10 * time.Second
	digestWait   = 90 * time.Second // with what sending takes, below the two minutes of domain.md §10
	digestGap    = 10 * time.Minute // between two digests by SMS to somebody who has the same by mail
	leastWait    = 5 * time.Second  // for what is late already: alerts of one outage come together
	leaving      = 2 * time.Second  // a message that leaves so soon takes nothing more
	growth       = 5 * time.Minute  // between two messages about an incident that grows
)

// Place is where somebody is told.
type Place struct {
	Recipient string
	Channel   rule.Channel
}

// At is what a place is told of an incident.
type At struct {
	Incident int64
	Place
}

// Target is a place that the rules name for an alert.
type Target struct {
	Place
	Address string // a number or a mail address; empty for webhooks
	Mail    string // the person's mail address, if mail can be sent; else empty
	Lang    string
	Rule    string
}

// Alert is one that is to be told.
type Alert struct {
	store.UndealtAlert

	Root    store.IncidentRoot
	Cause   string
	Ends    bool     // it tells that its root is over
	Silence int64    // that keeps it from people; 0: none
	Targets []Target // each place once
}

// Limits are how many messages a person gets in an hour, by channel, before the
// rest leaves in digests.
type Limits map[rule.Channel]int

// Last is the last message that told a place of an incident alone.
type Last struct {
	store.Message

	Gathering bool // it has not left
}

// Known is what has been told so far.
type Known struct {
	Incidents map[store.IncidentRoot]store.Incident // open ones
	Objects   map[int64]map[string]bool             // that these are about already, of those of the page
	Last      map[At]Last
	Digests   map[Place]store.Message // those that have not left
	Digested  map[Place]int64         // when the last digest left, or will
	Told      map[Place]int           // messages of the last hour, without digests
	SMS       bool                    // short messages can be sent
	Muted     bool                    // the platform itself is in trouble: tasks' alerts ring nobody
}

// Plan is what is to be written. New incidents and messages have negative ids,
// each its own, for which Plan.Number puts real ones.
type Plan struct {
	Opened     []store.Incident
	Grown      []store.Incident
	Messages   []store.Message
	Joins      []store.Joined
	Deliveries []store.Delivery
	Dealt      []store.DealtAlert
}

// Add appends another plan's messages and deliveries.
func (p *Plan) Add(o Plan) {
	before := int64(p.New())
	for i := range o.Messages {
		o.Messages[i].ID -= before
	}
	for i := range o.Deliveries {
		o.Deliveries[i].MessageID -= before
	}
	p.Messages, p.Deliveries = append(p.Messages, o.Messages...), append(p.Deliveries, o.Deliveries...)
}

// New is how many ids Number takes.
func (p *Plan) New() int { return len(p.Opened) + len(p.Messages) }

// Number puts ids for the negative ones, and gives incidents their codes.
func (p *Plan) Number(ids []int64) {
	at := func(id int64) int64 {
		if id < 0 {
			return ids[-id-1]
		}
		return id
	}
	for i := range p.Opened {
		p.Opened[i].ID = at(p.Opened[i].ID)
		p.Opened[i].Code = Code(p.Opened[i].ID)
	}
	for i := range p.Messages {
		p.Messages[i].ID, p.Messages[i].IncidentID = at(p.Messages[i].ID), at(p.Messages[i].IncidentID)
	}
	for i := range p.Deliveries {
		p.Deliveries[i].MessageID = at(p.Deliveries[i].MessageID)
	}
	for i := range p.Dealt {
		p.Dealt[i].IncidentID = at(p.Dealt[i].IncidentID)
	}
}

// codeDigits are those of incidents' codes: none that is easily read as another.
const codeDigits = "0123456789abcdefghjkmnpqrstvwxyz"

// Code is an incident's code: its id in base 32, at least four digits.
func Code(id int64) string {
	var out []byte
	for ; id > 0 || len(out) < 4; id /= 32 {
		out = append(out, codeDigits[id%32])
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return string(out)
}

// Rank orders levels: critical is the highest.
func Rank(level string) int {
	switch level {
	case store.LevelCritical:
		return 3
	case store.LevelImportant:
		return 2
	case store.LevelTask:
		return 1
	}
	return 0
}

// due is when what has happened at an instant leaves.
func due(now, at int64, w time.Duration) int64 {
	return max(now+leastWait.Milliseconds(), at+w.Milliseconds())
}

// waitOf is how long a message of a level gathers.
func waitOf(level string) time.Duration {
	if level == store.LevelCritical {
		return waitCritical
	}
	return wait
}

// alone says that a message tells of one incident by itself.
func alone(purpose string) bool { return purpose == text.PurposeAlert || purpose == text.PurposeUpdate }
