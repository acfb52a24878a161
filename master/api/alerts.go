package api

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const tagAlerts = "alerts"

// Limits of what other systems may write into an alert.
const (
	maxAlertObject     = 200
	maxAlertOccurrence = 100
	maxAlertText       = 4000
)

type alertQuery struct {
	Kind     string `query:"kind" maxLength:"40" doc:"only of this kind"`
	Level    string `query:"level" maxLength:"20" doc:"only of this level: critical, important, notice or task"`
	Object   string `query:"object" maxLength:"200" doc:"only about this object"`
	Task     string `query:"task" maxLength:"100" doc:"only about this task"`
	Incident string `query:"incident" maxLength:"20" doc:"only of the incident with this code"`
	From     string `query:"from" maxLength:"40" doc:"recorded then or later"`
	To       string `query:"to" maxLength:"40" doc:"recorded then or before"`
	Limit    int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor   string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

type alertParam struct {
	ID int64 `path:"id" minimum:"1" doc:"number of the alert"`
}

func (a *api) alertRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/alerts", may: permit.View, id: "list-alerts", tag: tagAlerts,
		summary: "Alerts, newest first"}, a.listAlerts)
	call(a, route{method: http.MethodGet, path: root + "/alerts/{id}", may: permit.View, id: "get-alert", tag: tagAlerts,
		summary: "An alert"}, a.getAlert)
	post(a, route{method: http.MethodPost, path: root + "/alerts", may: permit.RaiseAlerts, id: "raise-alert", tag: tagAlerts,
		summary: "Raise an alert from another system; the same kind, object and occurrence are recorded once"}, a.raiseAlert)
}

func (a *api) listAlerts(ctx context.Context, q *alertQuery) (wire.AlertList, error) {
	list := wire.AlertList{Items: []wire.Alert{}}
	f := store.AlertFilter{Kind: q.Kind, Level: q.Level, Object: q.Object, Task: q.Task, Incident: incidentCode(q.Incident), Limit: q.Limit + 1}
	var err error
	if f.Before, err = alertPosition(q.Cursor); err != nil {
		return list, err
	}
	if f.From, err = parseInstant(q.From, from, a.Zone); err != nil {
		return list, err
	}
	if f.To, err = parseInstant(q.To, to, a.Zone); err != nil {
		return list, err
	}
	var rows []store.AlertRow
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		rows, err = t.Alerts(ctx, f)
		return err
	})
	if err != nil {
		return list, err
	}
	rows, list.Next = cut(rows, q.Limit, alertKey)
	for i := range rows {
		list.Items = append(list.Items, viewAlert(&rows[i]))
	}
	return list, nil
}

// alertKey is where an alert stands in the list.
func alertKey(a *store.AlertRow) string {
	return strconv.FormatInt(a.CreatedAt, 10) + "," + strconv.FormatInt(a.ID, 10)
}

func alertPosition(cursor string) (store.AlertKey, error) {
	key, err := batchPosition(cursor) // an instant and a number, too
	return store.AlertKey{CreatedAt: key.ScheduleTime, ID: key.ID}, err
}

func viewAlert(row *store.AlertRow) wire.Alert {
	return wire.Alert{
		ID: row.ID, Kind: row.Kind, Object: row.Object, Occurrence: row.Occurrence, Level: row.Level, Task: row.Task, Text: row.Text,
		RaisedBy: row.RaisedBy, CreatedAt: row.CreatedAt, Incident: row.Incident, Silence: row.SilenceID, DealtAt: row.DealtAt, DeliveredAt: row.DeliveredAt,
	}
}

func (a *api) getAlert(ctx context.Context, p *alertParam) (wire.Alert, error) {
	var row store.AlertRow
	err := a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		row, err = t.AlertByID(ctx, p.ID)
		return err
	})
	if err != nil {
		return wire.Alert{}, named(err, "alert", strconv.FormatInt(p.ID, 10))
	}
	return viewAlert(&row), nil
}

// raiseAlert records an alert, once for its kind, object and occurrence.
func (a *api) raiseAlert(ctx context.Context, req *wire.RaiseAlertRequest) (wire.RaiseAlertReply, error) {
	if err := checkAlert(req); err != nil {
		return wire.RaiseAlertReply{}, err
	}
	ids, err := a.DB.IDs(ctx, 2)
	if err != nil {
		return wire.RaiseAlertReply{}, err
	}
	detail, err := json.Marshal(map[string]any{"after": req})
	if err != nil {
		return wire.RaiseAlertReply{}, err
	}
	who := callerOf(ctx)
	alert := store.Alert{
		ID: ids[0], Kind: wire.ExternalPrefix + req.Kind, Object: req.Object, Occurrence: req.Occurrence, Level: req.Level, Text: req.Text,
	}
	if alert.Occurrence == "" {
		alert.Occurrence = strconv.FormatInt(ids[0], 10) // no other call's
	}
	var reply wire.RaiseAlertReply
	err = a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		if alert.TaskID, err = taskOfAlert(ctx, t, req.Task); err != nil {
			return err
		}
		row, fresh, err := t.RaiseOther(ctx, alert)
		if err != nil {
			return err
		}
		reply = wire.RaiseAlertReply{Alert: viewAlert(&row), Raised: fresh}
		if !fresh {
			return nil // nothing is changed, and the first call's audit row is there
		}
		return t.Audit(ctx, store.Audit{ID: ids[1], Action: "alert.raise", Object: alert.Kind + " " + alert.Object, Source: who.source, Detail: string(detail)})
	})
	return reply, err
}

func taskOfAlert(ctx context.Context, t *store.OperateTx, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	rows, err := t.HeadsByName(ctx, []string{name})
	if err != nil {
		return 0, err
	}
	if len(rows) == 0 {
		return 0, named(store.ErrNotFound, "task", name)
	}
	return rows[0].ID, nil
}

// kindOfAlert is what other systems may call a kind: with the prefix it fits its
// column.
var kindOfAlert = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// checkAlert says everything that is wrong with an alert. It is pure.
func checkAlert(req *wire.RaiseAlertRequest) error {
	var wrong []string
	if !kindOfAlert.MatchString(req.Kind) {
		wrong = append(wrong, "kind is a short name like disk-full: a small letter, then up to 30 small letters, digits and dashes")
	}
	if req.Object == "" || len(req.Object) > maxAlertObject || !plainText(req.Object, false) {
		wrong = append(wrong, "object is one line of 1 to "+strconv.Itoa(maxAlertObject)+" bytes that says what it is about")
	}
	if len(req.Occurrence) > maxAlertOccurrence || !plainText(req.Occurrence, false) {
		wrong = append(wrong, "occurrence is one line of at most "+strconv.Itoa(maxAlertOccurrence)+" bytes, a date for example")
	}
	if levels := []string{wire.LevelNotice, wire.LevelImportant, wire.LevelCritical}; !slices.Contains(levels, req.Level) {
		wrong = append(wrong, "level is one of "+strings.Join(levels, ", "))
	}
	if strings.TrimSpace(req.Text) == "" || len(req.Text) > maxAlertText || !plainText(req.Text, true) {
		wrong = append(wrong, "text is plain text of 1 to "+strconv.Itoa(maxAlertText)+" bytes, in UTF-8 and without control characters")
	}
	if len(wrong) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "%s", strings.Join(wrong, "; "))
}

// plainText tells whether a text can be shown anywhere as it is: no control
// characters, which terminals obey, and nothing that turns the direction of
// what is written after it.
func plainText(text string, lines bool) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(c rune) bool {
		if lines && (c == '\n' || c == '\t') {
			return false
		}
		return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u2029'
	})
}
