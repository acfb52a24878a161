package wire

import (
	"context"
	"net/url"
)

// AlertRight says of which alerts about a task a user hears besides the task's
// owner and department.
type AlertRight struct {
	User      string `json:"user"`
	Title     string `json:"title,omitempty"`
	SMS       bool   `json:"sms"`  // at priority 0 to 4: texted and mailed to
	Mail      bool   `json:"mail"` // mailed to
	GrantedBy string `json:"grantedBy"`
	GrantedAt int64  `json:"grantedAt"`
}

// AlertRightList is a page of a task's alert rights, by user.
type AlertRightList struct {
	Items []AlertRight `json:"items"`
	Next  string       `json:"next,omitempty"`
}

// AlertRightRequest gives a user rights of a task's alerts, instead of those
// the user had.
type AlertRightRequest struct {
	SMS    bool   `json:"sms,omitempty"`
	Mail   bool   `json:"mail,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// ExplainAlertRequest asks who would be told of an alert.
type ExplainAlertRequest struct {
	Task  string `json:"task,omitempty"`  // what it is about; empty: no task
	Kind  string `json:"kind,omitempty"`  // such as batch-failed; empty: any
	Level string `json:"level,omitempty"` // critical, important, notice, task; empty: that of the kind, or task
	Lang  string `json:"lang,omitempty"`  // of the reasons: en or zh
}

// AlertExplanation is who would be told of an alert if it were recorded now.
type AlertExplanation struct {
	Task     string        `json:"task,omitempty"`
	Kind     string        `json:"kind,omitempty"`
	Level    string        `json:"level"`
	ByTask   bool          `json:"byTask"` // the task's own rule counts; false: administrators alone are told
	Owner    string        `json:"owner,omitempty"`
	Priority int           `json:"priority"`       // the task's
	Day      string        `json:"day"`            // whose duty counts
	Duty     *AlertDuty    `json:"duty,omitempty"` // of the owner's department
	Platform AlertDuty     `json:"platform"`       // of the department that setting platform_department names
	Told     []AlertTold   `json:"told"`
	Untold   []AlertUntold `json:"untold"`
}

// AlertDuty is who is on duty for a department; empty: nobody.
type AlertDuty struct {
	Department string `json:"department,omitempty"`
	Primary    string `json:"primary,omitempty"`
	Secondary  string `json:"secondary,omitempty"`
}

// AlertTold is somebody who would be told on a channel.
type AlertTold struct {
	Channel    string `json:"channel"`        // phone sms mail
	User       string `json:"user,omitempty"` // empty: an address that the task lists and that is no user's
	Title      string `json:"title,omitempty"`
	Department string `json:"department,omitempty"`
	Address    string `json:"address"` // a number or a mail address; masked for who is no operator
	Rule       string `json:"rule"`    // code of the first rule that names this recipient
	Because    string `json:"because"` // the rule in words
}

// AlertUntold is somebody who would be told on a channel and cannot be.
type AlertUntold struct {
	Channel string `json:"channel"`
	User    string `json:"user,omitempty"` // or what the task lists; empty: the rule finds nobody
	Rule    string `json:"rule"`
	Because string `json:"because"`
	Reason  string `json:"reason"` // code of the reason
	Why     string `json:"why"`    // the reason in words
}

// AlertRights returns one page of a task's alert rights, by user.
func (c *Client) AlertRights(ctx context.Context, task, cursor string, limit int) (AlertRightList, error) {
	var list AlertRightList
	err := c.get(ctx, alertRightsOf(task), page(cursor, limit), &list)
	return list, err
}

func alertRightsOf(task string) string { return "/tasks/" + url.PathEscape(task) + "/alert-rights" }

// PutAlertRight gives a user rights of a task's alerts, instead of those the
// user had.
func (c *Client) PutAlertRight(ctx context.Context, task, user string, request AlertRightRequest) (CommandReply, error) {
	var reply CommandReply
	err := c.post(ctx, alertRightsOf(task)+"/"+url.PathEscape(user), request, &reply)
	return reply, err
}

// RemoveAlertRight takes a user's rights of a task's alerts.
func (c *Client) RemoveAlertRight(ctx context.Context, task, user string, request ReasonRequest) (CommandReply, error) {
	var reply CommandReply
	err := c.post(ctx, alertRightsOf(task)+"/"+url.PathEscape(user)+"/remove", request, &reply)
	return reply, err
}

// ExplainAlert says who would be told of an alert.
func (c *Client) ExplainAlert(ctx context.Context, request ExplainAlertRequest) (AlertExplanation, error) {
	var out AlertExplanation
	err := c.post(ctx, "/alerts/explain", request, &out)
	return out, err
}
