package wire

import (
	"context"
	"net/url"
	"strconv"
)

// Levels of alerts that other systems may raise.
const (
	LevelCritical  = "critical"
	LevelImportant = "important"
	LevelNotice    = "notice"
)

// ExternalPrefix stands before the kinds of alerts that other systems raise.
const ExternalPrefix = "external."

// Alert is something that people are told of.
type Alert struct {
	ID          int64  `json:"id"`
	Kind        string `json:"kind"`
	Object      string `json:"object"`     // what it is about: a batch, a worker, a duty, …
	Occurrence  string `json:"occurrence"` // kind, object and occurrence together come once
	Level       string `json:"level"`      // critical, important, notice; task: as the task's own rule says
	Task        string `json:"task,omitempty"`
	Text        string `json:"text"`               // plain
	RaisedBy    string `json:"raisedBy,omitempty"` // who has raised it from another system; empty: the cluster itself
	CreatedAt   int64  `json:"createdAt"`
	Incident    string `json:"incident,omitempty"`    // its code; absent: of none yet
	Silence     int64  `json:"silence,omitempty"`     // id of the silence that keeps it from people
	DealtAt     int64  `json:"dealtAt,omitempty"`     // when it was decided whom to tell; absent: not yet
	DeliveredAt int64  `json:"deliveredAt,omitempty"` // when the first message with it was sent
}

// AlertList is a page of alerts, newest first.
type AlertList struct {
	Items []Alert `json:"items"`
	Next  string  `json:"next,omitempty"`
}

// RaiseAlertRequest raises an alert from another system.
type RaiseAlertRequest struct {
	Kind       string `json:"kind"`                 // recorded as external.<kind>
	Object     string `json:"object"`               // what it is about
	Occurrence string `json:"occurrence,omitempty"` // the same one is recorded once; empty: every call is another
	Level      string `json:"level"`                // notice, important or critical
	Text       string `json:"text"`                 // plain
	Task       string `json:"task,omitempty"`       // the task it is about: its people hear of it
}

// RaiseAlertReply is the alert as it is recorded.
type RaiseAlertReply struct {
	Alert

	Raised bool `json:"raised"` // false: it was recorded before, and nothing was done
}

// AlertQuery chooses alerts. From and To bound when they were recorded.
type AlertQuery struct {
	Kind, Level, Object, Task string
	Incident                  string // its code
	From, To                  string
	Limit                     int // 0: the master's own
	Cursor                    string
}

// Alerts returns one page of alerts, newest first.
func (c *Client) Alerts(ctx context.Context, q AlertQuery) (AlertList, error) {
	var list AlertList
	values := params("kind", q.Kind, "level", q.Level, "object", q.Object, "task", q.Task, "incident", q.Incident,
		"from", q.From, "to", q.To, "cursor", q.Cursor, "limit", number(int64(q.Limit)))
	err := c.get(ctx, "/alerts", values, &list)
	return list, err
}

// Alert returns one alert.
func (c *Client) Alert(ctx context.Context, id int64) (Alert, error) {
	var alert Alert
	err := c.get(ctx, "/alerts/"+url.PathEscape(strconv.FormatInt(id, 10)), nil, &alert)
	return alert, err
}

// RaiseAlert raises an alert from another system.
func (c *Client) RaiseAlert(ctx context.Context, request RaiseAlertRequest) (RaiseAlertReply, error) {
	var reply RaiseAlertReply
	err := c.post(ctx, "/alerts", request, &reply)
	return reply, err
}
