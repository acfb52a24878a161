package wire

import (
	"context"
	"strconv"
)

// States of test messages.
const (
	TestWaiting = "waiting"
	TestSent    = "sent"
	TestFailed  = "failed"
)

// WebhookChannel stands before the name of a webhook where a channel is asked for.
const WebhookChannel = "webhook:"

// TestAlertRequest asks for a test message, which is sent as alerts are.
type TestAlertRequest struct {
	Channel string `json:"channel"`        // phone, sms, mail, or webhook: and the name of a webhook
	To      string `json:"to,omitempty"`   // a user, a number or a mail address; empty: the caller; webhooks have none
	Lang    string `json:"lang,omitempty"` // en or zh; empty: as the user, or the cluster, speaks
}

// AlertTest is a test message and what has become of it.
type AlertTest struct {
	ID      int64  `json:"id"`
	Channel string `json:"channel"`
	To      string `json:"to"` // a user or an address; a webhook's name
	Address string `json:"address,omitempty"`
	State   string `json:"state"`            // waiting, sent, failed
	Answer  string `json:"answer,omitempty"` // what the other side said, or what is wrong
	Text    string `json:"text,omitempty"`   // what was sent: the subject of a mail
	PutAt   int64  `json:"putAt"`
	EndedAt int64  `json:"endedAt,omitempty"`
}

// TestAlert puts a test message.
func (c *Client) TestAlert(ctx context.Context, request TestAlertRequest) (AlertTest, error) {
	var out AlertTest
	err := c.post(ctx, "/alerts/test", request, &out)
	return out, err
}

// AlertTest says what has become of a test message.
func (c *Client) AlertTest(ctx context.Context, id int64) (AlertTest, error) {
	var out AlertTest
	err := c.get(ctx, "/alert-tests/"+strconv.FormatInt(id, 10), nil, &out)
	return out, err
}
