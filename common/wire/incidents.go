package wire

import (
	"context"
	"net/url"
	"strconv"
)

// Incident is all alerts with one root, from the first one until it is over.
type Incident struct {
	Code        string `json:"code"`
	RootKind    string `json:"rootKind"` // path, third, batch, absent, worker, watch, channel, event
	Root        string `json:"root"`     // a path, code/dataNo, task/workNo, a host, kind:object
	Kind        string `json:"kind"`     // of the first alert
	Cause       string `json:"cause,omitempty"`
	Level       string `json:"level"`    // the highest so far
	Affected    int    `json:"affected"` // objects that its alerts are about
	OpenedAt    int64  `json:"openedAt"`
	LastAlertAt int64  `json:"lastAlertAt"`
	ToldAt      int64  `json:"toldAt,omitempty"`     // when people were to be told last; absent: nobody was
	ResolvedAt  int64  `json:"resolvedAt,omitempty"` // absent: it is open
	AckBy       string `json:"ackBy,omitempty"`
	AckAt       int64  `json:"ackAt,omitempty"`
	AckNote     string `json:"ackNote,omitempty"`
	QuietUntil  int64  `json:"quietUntil,omitempty"` // nobody is reminded before, since it was acknowledged
}

// IncidentList is a page of incidents, newest first.
type IncidentList struct {
	Items []Incident `json:"items"`
	Next  string     `json:"next,omitempty"`
}

// IncidentDetail is an incident with its newest alerts and with what was sent
// about it alone; digests are with the alerts they tell of.
type IncidentDetail struct {
	Incident
	Alerts   []Alert   `json:"alerts"`         // newest first
	Next     string    `json:"next,omitempty"` // cursor of the next ones, for GET /alerts?incident=
	Messages []Message `json:"messages"`       // in the order in which they were put
	More     bool      `json:"moreMessages,omitempty"`
}

// Message is what a recipient was sent at once on a channel, or is to be.
type Message struct {
	ID        int64  `json:"id"`
	Purpose   string `json:"purpose"`           // alert, update, digest, recovered, failure, test, report
	Recipient string `json:"recipient"`         // a user; hook: and a webhook; addr: and an address of nobody's
	Channel   string `json:"channel"`           // phone, sms, mail, webhook
	Address   string `json:"address,omitempty"` // masked for who is no operator
	Level     string `json:"level"`
	Alerts    int    `json:"alerts"` // that it tells of
	State     string `json:"state"`  // waits, sent, failed
	Tries     int    `json:"tries"`
	DueAt     int64  `json:"dueAt"` // of one that waits: when the next try may begin
	Answer    string `json:"answer,omitempty"`
	Subject   string `json:"subject,omitempty"` // of a mail; of others the text
	CreatedAt int64  `json:"createdAt"`
	EndedAt   int64  `json:"endedAt,omitempty"` // sent, or failed for good
}

// AlertDelivery is who is told of an alert, by which rule, with which message.
type AlertDelivery struct {
	Rule    string  `json:"rule"`    // code of the rule that reaches this recipient
	Because string  `json:"because"` // the rule in words
	Message Message `json:"message"`
}

// AlertDeliveries is who is told of an alert.
type AlertDeliveries struct {
	Alert Alert           `json:"alert"`
	Items []AlertDelivery `json:"items"` // by recipient and channel
	More  bool            `json:"more,omitempty"`
}

// AckRequest acknowledges an incident.
type AckRequest struct {
	Note string `json:"note,omitempty"`
}

// Silence keeps alerts from people until it ends. What it leaves empty may be
// anything.
type Silence struct {
	ID        int64  `json:"id"`
	Kind      string `json:"kind,omitempty"`
	Object    string `json:"object,omitempty"` // with a star at its end: all that begins so
	Task      string `json:"task,omitempty"`
	Project   string `json:"project,omitempty"`
	Reason    string `json:"reason"`
	Author    string `json:"author"`
	CreatedAt int64  `json:"createdAt"`
	EndsAt    int64  `json:"endsAt"`
	EndedBy   string `json:"endedBy,omitempty"` // who has ended it early
	Active    bool   `json:"active"`
}

// SilenceList is a page of silences, newest first.
type SilenceList struct {
	Items []Silence `json:"items"`
	Next  string    `json:"next,omitempty"`
}

// SilenceRequest begins a silence now. It names a kind, an object, a task or a
// project at least.
type SilenceRequest struct {
	Kind    string `json:"kind,omitempty"`
	Object  string `json:"object,omitempty"`
	Task    string `json:"task,omitempty"`
	Project string `json:"project,omitempty"`
	Reason  string `json:"reason"`
	EndsAt  int64  `json:"endsAt"` // at most 30 days from now
}

// SilenceReply is a silence as it is now.
type SilenceReply struct {
	Silence
	Changed bool `json:"changed"` // false: it was so before
}

// SMSTemplate is a text to register at a provider of short messages.
type SMSTemplate struct {
	Code      string        `json:"code"`
	Name      string        `json:"name"`
	Text      string        `json:"text"`
	Unlinked  string        `json:"unlinked,omitempty"` // the same for messages that would be too long with the link
	Variables []SMSVariable `json:"variables"`          // of text, in its order
}

// SMSVariable is a part of a template that changes.
type SMSVariable struct {
	Name    string `json:"name"`
	Most    int    `json:"most"` // characters
	Example string `json:"example"`
}

// SMSTemplateList are all templates of a language.
type SMSTemplateList struct {
	Lang      string        `json:"lang"`
	Provider  string        `json:"provider,omitempty"`
	Signature string        `json:"signature,omitempty"` // that a provider registers apart and puts before every message
	Items     []SMSTemplate `json:"items"`
}

// IncidentQuery chooses incidents.
type IncidentQuery struct {
	State    string // open, ended or empty for all
	Level    string
	RootKind string
	Text     string // in the root or the cause
	Limit    int    // 0: the master's own
	Cursor   string
}

// Incidents returns one page of incidents, newest first.
func (c *Client) Incidents(ctx context.Context, q IncidentQuery) (IncidentList, error) {
	var list IncidentList
	err := c.get(ctx, "/incidents", params("state", q.State, "level", q.Level, "rootKind", q.RootKind, "text", q.Text,
		"cursor", q.Cursor, "limit", number(int64(q.Limit))), &list)
	return list, err
}

// Incident returns one incident with its alerts and messages.
func (c *Client) Incident(ctx context.Context, code string) (IncidentDetail, error) {
	var in IncidentDetail
	err := c.get(ctx, "/incidents/"+url.PathEscape(code), nil, &in)
	return in, err
}

// AckIncident says that the caller has seen an incident.
func (c *Client) AckIncident(ctx context.Context, code string, request AckRequest) (Incident, error) {
	var in Incident
	err := c.post(ctx, "/incidents/"+url.PathEscape(code)+"/ack", request, &in)
	return in, err
}

// AlertDeliveries returns who is told of an alert; the rules are in words of a
// language.
func (c *Client) AlertDeliveries(ctx context.Context, id int64, lang string) (AlertDeliveries, error) {
	var out AlertDeliveries
	err := c.get(ctx, "/alerts/"+strconv.FormatInt(id, 10)+"/deliveries", params("lang", lang), &out)
	return out, err
}

// Silences returns one page of silences, newest first; with ended, those that
// have ended, too.
func (c *Client) Silences(ctx context.Context, ended bool, cursor string, limit int) (SilenceList, error) {
	var list SilenceList
	values := page(cursor, limit)
	if ended {
		values.Set("ended", "true")
	}
	err := c.get(ctx, "/silences", values, &list)
	return list, err
}

// PutSilence begins a silence.
func (c *Client) PutSilence(ctx context.Context, request SilenceRequest) (SilenceReply, error) {
	var reply SilenceReply
	err := c.post(ctx, "/silences", request, &reply)
	return reply, err
}

// EndSilence ends a silence now.
func (c *Client) EndSilence(ctx context.Context, id int64, request ReasonRequest) (SilenceReply, error) {
	var reply SilenceReply
	err := c.post(ctx, "/silences/"+strconv.FormatInt(id, 10)+"/end", request, &reply)
	return reply, err
}

// SMSTemplates returns the texts to register at a provider of short messages.
func (c *Client) SMSTemplates(ctx context.Context, lang, provider, link string) (SMSTemplateList, error) {
	var list SMSTemplateList
	err := c.get(ctx, "/alerts/templates", params("lang", lang, "provider", provider, "link", link), &list)
	return list, err
}
