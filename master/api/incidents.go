package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/notice"
	"capricornus/master/notice/rule"
)

const tagIncidents = "incidents"

// Limits of what one answer about an incident or an alert has.
const (
	incidentAlerts   = 50
	incidentMessages = 200
	alertDeliveries  = 1000
)

// maxRemark bounds what people write about incidents and silences, in characters;
// the columns' own.
const maxRemark = 400

type incidentQuery struct {
	State    string `query:"state" enum:"open,ended" doc:"only those that are; all"`
	Level    string `query:"level" maxLength:"20" doc:"only of this level: critical, important, notice or task"`
	RootKind string `query:"rootKind" maxLength:"20" doc:"only with a root of this kind: path, third, batch, absent, worker, watch, channel or event"`
	Text     string `query:"text" maxLength:"200" doc:"only with this in the root or the cause"`
	Limit    int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor   string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

type incidentParam struct {
	Code string `path:"code" maxLength:"20" doc:"code of the incident"`
}

type incidentBody struct {
	Code    string `path:"code" maxLength:"20" doc:"code of the incident"`
	RawBody []byte
}

type deliveryQuery struct {
	ID   int64  `path:"id" minimum:"1" doc:"number of the alert"`
	Lang string `query:"lang" default:"en" enum:"en,zh" doc:"language of the rules' words"`
}

func (a *api) incidentRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/incidents", may: permit.View, id: "list-incidents", tag: tagIncidents,
		summary: "Incidents, newest first"}, a.listIncidents)
	call(a, route{method: http.MethodGet, path: root + "/incidents/{code}", may: permit.View, id: "get-incident", tag: tagIncidents,
		summary: "An incident with its newest alerts and what was sent about it"}, a.getIncident)
	ack := route{method: http.MethodPost, path: root + "/incidents/{code}/ack", may: permit.AckAlerts, id: "ack-incident", tag: tagIncidents,
		summary: "Say that one has seen an open incident: nobody is reminded of it for an hour"}
	call(a, ack, a.ackIncident)
	describeBody[wire.AckRequest](a, ack)
	call(a, route{method: http.MethodGet, path: root + "/alerts/{id}/deliveries", may: permit.View, id: "list-alert-deliveries", tag: tagAlerts,
		summary: "Who is told of an alert, by which rule, and what has become of the messages"}, a.listDeliveries)
}

// noticed tells the duty that tells people that incidents or silences have
// changed.
func (a *api) noticed() {
	if a.Noticed != nil {
		a.Noticed()
	}
}

func (a *api) listIncidents(ctx context.Context, q *incidentQuery) (wire.IncidentList, error) {
	list := wire.IncidentList{Items: []wire.Incident{}}
	f := store.IncidentFilter{Open: q.State == "open", Ended: q.State == "ended", Level: q.Level, RootKind: q.RootKind, Text: q.Text, Limit: q.Limit + 1}
	var err error
	if f.Before, err = idPosition(q.Cursor); err != nil {
		return list, err
	}
	var rows []store.Incident
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		rows, err = t.Incidents(ctx, f)
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(in *store.Incident) string { return strconv.FormatInt(in.ID, 10) })
	now := a.DB.Now().UnixMilli()
	for i := range rows {
		list.Items = append(list.Items, viewIncident(&rows[i], now))
	}
	return list, err
}

func viewIncident(in *store.Incident, now int64) wire.Incident {
	out := wire.Incident{
		Code: in.Code, RootKind: in.IncidentRoot.Kind, Root: in.Root, Kind: in.Kind, Cause: in.Cause, Level: in.Level, Affected: in.Affected,
		OpenedAt: in.OpenedAt, LastAlertAt: in.LastAlertAt, ToldAt: in.ToldAt, ResolvedAt: in.ResolvedAt, AckBy: in.AckBy, AckAt: in.AckAt, AckNote: in.AckNote,
	}
	if quiet := in.AckAt + store.AckQuiet.Milliseconds(); in.AckAt != 0 && in.ResolvedAt == 0 && quiet > now {
		out.QuietUntil = quiet
	}
	return out
}

// incidentCode is a code as it is kept: people write it as they read it, #X7K2.
func incidentCode(text string) string { return strings.ToLower(strings.TrimPrefix(text, "#")) }

func (a *api) getIncident(ctx context.Context, p *incidentParam) (wire.IncidentDetail, error) {
	out := wire.IncidentDetail{}
	who, now, code := callerOf(ctx), a.DB.Now().UnixMilli(), incidentCode(p.Code)
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		in, err := t.IncidentByCode(ctx, code)
		if err != nil {
			return named(err, "incident", p.Code)
		}
		alerts, err := t.Alerts(ctx, store.AlertFilter{Incident: code, Limit: incidentAlerts + 1})
		if err != nil {
			return err
		}
		messages, err := t.MessagesOfIncident(ctx, in.ID, 0, incidentMessages+1)
		if err != nil {
			return err
		}
		out = wire.IncidentDetail{Incident: viewIncident(&in, now), Alerts: []wire.Alert{}, Messages: []wire.Message{}, More: len(messages) > incidentMessages}
		alerts, out.Next = cut(alerts, incidentAlerts, alertKey)
		for i := range alerts {
			out.Alerts = append(out.Alerts, viewAlert(&alerts[i]))
		}
		for i := range messages[:min(len(messages), incidentMessages)] {
			out.Messages = append(out.Messages, viewMessage(&messages[i], who))
		}
		return nil
	})
	return out, err
}

// acked is what an audit row says of an acknowledgement.
type acked struct {
	By   string `json:"ackBy"`
	At   int64  `json:"ackAt"`
	Note string `json:"ackNote"`
}

// ackIncident notes that the caller has seen an incident; once more, that the
// caller still does.
func (a *api) ackIncident(ctx context.Context, p *incidentBody) (wire.Incident, error) {
	request, err := decode[wire.AckRequest](p.RawBody, false)
	if err != nil {
		return wire.Incident{}, err
	}
	if utf8.RuneCountInString(request.Note) > maxRemark || !plainText(request.Note, false) {
		return wire.Incident{}, fault.New(fault.Invalid, "note is one line of at most %d characters", maxRemark)
	}
	audit, err := a.DB.ID(ctx)
	if err != nil {
		return wire.Incident{}, err
	}
	who := callerOf(ctx)
	var out wire.Incident
	err = a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		in, err := t.LockIncident(ctx, incidentCode(p.Code))
		if err != nil {
			return named(err, "incident", p.Code)
		}
		if in.ResolvedAt != 0 {
			return fault.New(fault.Conflict, "incident %s is over: there is nothing to acknowledge", in.Code).WithHint("capri incident list shows those that are open")
		}
		before := acked{in.AckBy, in.AckAt, in.AckNote}
		if err := t.AckIncident(ctx, in.ID, request.Note); err != nil {
			return err
		}
		in.AckBy, in.AckAt, in.AckNote = who.name, t.Now(), request.Note
		out = viewIncident(&in, t.Now())
		detail, err := json.Marshal(map[string]any{"before": before, "after": acked{in.AckBy, in.AckAt, in.AckNote}})
		if err != nil {
			return fault.Wrap(fault.Internal, err, "the record of the change cannot be written")
		}
		return t.Audit(ctx, store.Audit{ID: audit, Action: "incident.ack", Object: "incident " + in.Code, Source: who.source, Detail: string(detail)})
	})
	if err == nil {
		a.noticed()
	}
	return out, err
}

func (a *api) listDeliveries(ctx context.Context, q *deliveryQuery) (wire.AlertDeliveries, error) {
	out := wire.AlertDeliveries{}
	who := callerOf(ctx)
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		alert, err := t.AlertByID(ctx, q.ID)
		if err != nil {
			return named(err, "alert", strconv.FormatInt(q.ID, 10))
		}
		rows, err := t.DeliveriesOf(ctx, q.ID, alertDeliveries+1)
		out = wire.AlertDeliveries{Alert: viewAlert(&alert), Items: []wire.AlertDelivery{}, More: len(rows) > alertDeliveries}
		for i := range rows[:min(len(rows), alertDeliveries)] {
			r := &rows[i]
			out.Items = append(out.Items, wire.AlertDelivery{Rule: r.Rule, Because: rule.Rule(r.Rule).In(q.Lang), Message: viewMessage(&r.Message, who)})
		}
		return err
	})
	return out, err
}

// addressOfNobody stands before addresses that are no user's.
const addressOfNobody = "addr:"

// viewMessage is a message as somebody sees it: addresses are for operators, and
// for whose they are.
func viewMessage(m *store.Message, who caller) wire.Message {
	out := wire.Message{
		ID: m.ID, Purpose: m.Purpose, Recipient: m.Recipient, Channel: m.Channel, Address: m.Address, Level: m.Level, Alerts: m.Alerts,
		State: messageState(m.State), Tries: m.Tries, DueAt: m.DueAt, Answer: m.Answer, Subject: m.Subject, CreatedAt: m.CreatedAt, EndedAt: m.EndedAt,
	}
	if permit.Operator.Allows(who.holder.Role) || m.Recipient == who.name {
		return out
	}
	channel := rule.Channel(m.Channel)
	if number, nobodys := strings.CutPrefix(m.Recipient, addressOfNobody); nobodys {
		out.Recipient = addressOfNobody + notice.Masked(number, channel)
	}
	if m.Address != "" {
		out.Address = notice.Masked(m.Address, channel)
		out.Answer = strings.ReplaceAll(m.Answer, m.Address, out.Address) // servers repeat whom they refuse
	}
	return out
}

func messageState(state int) string {
	switch state {
	case store.MessageSent:
		return "sent"
	case store.MessageFailed:
		return "failed"
	}
	return "waits"
}
