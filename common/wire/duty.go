package wire

import (
	"context"
	"net/url"
	"strconv"
)

// DutyPerson is somebody who is on duty. Below the role operator the number
// shows its end alone.
type DutyPerson struct {
	Name    string `json:"name"`
	Title   string `json:"title,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Enabled bool   `json:"enabled"`
}

// DutyDay is who is on duty in a department on a day, which begins and ends at
// midnight in the cluster's zone.
type DutyDay struct {
	Department string      `json:"department"`
	Day        string      `json:"day"`                 // yyyyMMdd
	Primary    *DutyPerson `json:"primary,omitempty"`   // absent: nobody
	Secondary  *DutyPerson `json:"secondary,omitempty"` // absent: nobody
	Source     string      `json:"source,omitempty"`    // rotation | manual | import; empty: nobody has said who
	Note       string      `json:"note,omitempty"`
	ChangedBy  string      `json:"changedBy,omitempty"`
	ChangedAt  int64       `json:"changedAt,omitempty"`
	Gaps       []string    `json:"gaps,omitempty"` // what is wrong with it, from today on: nobody, no-secondary, same-person, disabled, no-phone
}

// DutyList is a page of the roster, by day and department.
type DutyList struct {
	Today string    `json:"today"` // yyyyMMdd
	Items []DutyDay `json:"items"`
	Next  string    `json:"next,omitempty"`
}

// DutyRequest sets who is on duty on a day, or on all days up to another one.
type DutyRequest struct {
	Primary   string `json:"primary"`
	Secondary string `json:"secondary,omitempty"`
	Note      string `json:"note,omitempty"`
	Until     string `json:"until,omitempty"` // yyyyMMdd, included; empty: this day alone
	Reason    string `json:"reason"`
}

// DutyClearRequest gives days back to the rotation.
type DutyClearRequest struct {
	Until  string `json:"until,omitempty"` // yyyyMMdd, included; empty: this day alone
	Reason string `json:"reason"`
}

// DutyChange is what days of a department are after a change.
type DutyChange struct {
	Department string    `json:"department"`
	Changed    int       `json:"changed"` // days that are not what they were
	Items      []DutyDay `json:"items"`
}

// DutyRotation is who is on duty in turn.
type DutyRotation struct {
	Department string       `json:"department"`
	StartDay   string       `json:"startDay"` // yyyyMMdd, the first of the first member
	EveryDays  int          `json:"everyDays"`
	Members    []DutyPerson `json:"members"` // in their order; the secondary is the next one
	ChangedBy  string       `json:"changedBy,omitempty"`
	ChangedAt  int64        `json:"changedAt,omitempty"`
	Changed    int          `json:"changed"` // days of the next month that a change has rewritten
}

// DutyRotationList is a page of rotations, by department.
type DutyRotationList struct {
	Items []DutyRotation `json:"items"`
	Next  string         `json:"next,omitempty"`
}

// DutyRotationRequest puts the rotation of a department.
type DutyRotationRequest struct {
	StartDay  string   `json:"startDay,omitempty"` // yyyyMMdd; empty: today
	EveryDays int      `json:"everyDays"`
	Members   []string `json:"members"` // users
	Reason    string   `json:"reason"`
}

// DutyImportRequest is a roster as CSV: department,day,primary,secondary[,note].
type DutyImportRequest struct {
	File   string `json:"file,omitempty"` // named in what is found wrong
	Text   string `json:"text"`
	DryRun bool   `json:"dryRun,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// DutyNames is who is on duty, by name, and by whose word.
type DutyNames struct {
	Primary   string `json:"primary,omitempty"`
	Secondary string `json:"secondary,omitempty"`
	Source    string `json:"source,omitempty"`
	Note      string `json:"note,omitempty"`
}

// DutyImportItem is a day that an import adds or changes.
type DutyImportItem struct {
	Line       int       `json:"line"`
	Department string    `json:"department"`
	Day        string    `json:"day"`
	Action     string    `json:"action"` // add | change
	Before     DutyNames `json:"before"`
	After      DutyNames `json:"after"`
}

// DutyImportReply says what an import has done, or would do; with findings,
// nothing.
type DutyImportReply struct {
	Imported bool             `json:"imported"`
	Added    int              `json:"added"`
	Changed  int              `json:"changed"`
	Same     int              `json:"same"` // lines that say what is so
	Past     int              `json:"past"` // lines of days that are over, which are left alone
	Items    []DutyImportItem `json:"items"`
	Findings []Finding        `json:"findings,omitempty"`
}

// DutyGap is one thing that is wrong with a day of the roster.
type DutyGap struct {
	Department string `json:"department"`
	Day        string `json:"day"`
	What       string `json:"what"`             // nobody | no-secondary | same-person | disabled | no-phone
	Person     string `json:"person,omitempty"` // whom it is about
	Platform   bool   `json:"platform"`         // the department is the platform's
	Text       string `json:"text"`
}

// DutyGapList are the gaps from today on.
type DutyGapList struct {
	From     string    `json:"from"`
	To       string    `json:"to"`
	Platform string    `json:"platform"` // setting platform_department; empty: nobody is on duty for the platform
	Items    []DutyGap `json:"items"`
	More     bool      `json:"more,omitempty"` // there are more than one answer holds
}

// DutyQuery chooses days of the roster; empty: today, of all departments.
type DutyQuery struct {
	Department string
	From, To   string // days
	Cursor     string
	Limit      int // 0: the master's own
}

func dutyDay(department, day, verb string) string {
	path := "/duty/" + url.PathEscape(department) + "/" + url.PathEscape(day)
	if verb != "" {
		path += "/" + verb
	}
	return path
}

func dutyRotation(department, verb string) string {
	path := "/duty-rotations/" + url.PathEscape(department)
	if verb != "" {
		path += "/" + verb
	}
	return path
}

// Duty returns one page of the roster.
func (c *Client) Duty(ctx context.Context, query DutyQuery) (DutyList, error) {
	var list DutyList
	err := c.get(ctx, "/duty", params("department", query.Department, "from", query.From, "to", query.To, "cursor", query.Cursor, "limit", number(int64(query.Limit))), &list)
	return list, err
}

// MyDuty returns the days on which the caller is on duty.
func (c *Client) MyDuty(ctx context.Context, from, to string) (DutyList, error) {
	var list DutyList
	err := c.get(ctx, "/duty/me", params("from", from, "to", to), &list)
	return list, err
}

// DutyGaps returns what is wrong with the roster of the days to come; negative
// days: as many as people are told of.
func (c *Client) DutyGaps(ctx context.Context, department string, days int) (DutyGapList, error) {
	var list DutyGapList
	values := params("department", department)
	if days >= 0 {
		values.Set("days", strconv.Itoa(days))
	}
	err := c.get(ctx, "/duty/gaps", values, &list)
	return list, err
}

// DutyRotations returns one page of rotations, by department.
func (c *Client) DutyRotations(ctx context.Context, cursor string, limit int) (DutyRotationList, error) {
	var list DutyRotationList
	err := c.get(ctx, "/duty-rotations", page(cursor, limit), &list)
	return list, err
}

// SetDuty sets who is on duty.
func (c *Client) SetDuty(ctx context.Context, department, day string, request DutyRequest) (DutyChange, error) {
	var change DutyChange
	err := c.post(ctx, dutyDay(department, day, ""), request, &change)
	return change, err
}

// ClearDuty gives days back to the rotation.
func (c *Client) ClearDuty(ctx context.Context, department, day string, request DutyClearRequest) (DutyChange, error) {
	var change DutyChange
	err := c.post(ctx, dutyDay(department, day, "clear"), request, &change)
	return change, err
}

// ImportDuty writes a roster, all of it or nothing.
func (c *Client) ImportDuty(ctx context.Context, request DutyImportRequest) (DutyImportReply, error) {
	var reply DutyImportReply
	err := c.post(ctx, "/duty/import", request, &reply)
	return reply, err
}

// DutyRotation returns the rotation of a department.
func (c *Client) DutyRotation(ctx context.Context, department string) (DutyRotation, error) {
	var rotation DutyRotation
	err := c.get(ctx, dutyRotation(department, ""), nil, &rotation)
	return rotation, err
}

// PutDutyRotation puts the rotation of a department.
func (c *Client) PutDutyRotation(ctx context.Context, department string, request DutyRotationRequest) (DutyRotation, error) {
	var rotation DutyRotation
	err := c.post(ctx, dutyRotation(department, ""), request, &rotation)
	return rotation, err
}

// DropDutyRotation takes the rotation of a department away, with the days that
// it has filled.
func (c *Client) DropDutyRotation(ctx context.Context, department string, request ReasonRequest) (DutyChange, error) {
	var change DutyChange
	err := c.post(ctx, dutyRotation(department, "delete"), request, &change)
	return change, err
}
