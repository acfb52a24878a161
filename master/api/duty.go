package api

import (
	"context"
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/wire"
	"capricornus/master/notice"
	"capricornus/master/notice/rule"
	"capricornus/master/roster"
)

const tagDuty = "duty"

type dutyQuery struct {
	Department string `query:"department" maxLength:"100" doc:"only of this department; all that have a roster"`
	From       string `query:"from" maxLength:"40" doc:"first day, yyyyMMdd; today"`
	To         string `query:"to" maxLength:"40" doc:"last day, included; from, or today"`
	Limit      int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor     string `query:"cursor" maxLength:"400" doc:"next of the page before"`
}

type dutySelfQuery struct {
	From string `query:"from" maxLength:"40" doc:"first day, yyyyMMdd; today"`
	To   string `query:"to" maxLength:"40" doc:"last day, included; a month from today"`
}

type dutyGapQuery struct {
	Department string `query:"department" maxLength:"100" doc:"only of this department; all that have a roster"`
	Days       int    `query:"days" default:"-1" minimum:"-1" maximum:"30" doc:"so many after today; -1: as the setting duty_gap_days says"`
}

type dutyDayBody struct {
	Department string `path:"department" maxLength:"100"`
	Day        string `path:"day" maxLength:"10" doc:"yyyyMMdd, the first day"`
	RawBody    []byte
}

type dutyRotationParam struct {
	Department string `path:"department" maxLength:"100"`
}

type dutyRotationBody struct {
	Department string `path:"department" maxLength:"100"`
	RawBody    []byte
}

func (a *api) dutyRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/duty", may: permit.View, id: "list-duty", tag: tagDuty,
		summary: "Who is on duty, by day and department; today when no days are given"}, a.listDuty)
	call(a, route{method: http.MethodGet, path: root + "/duty/me", may: permit.View, id: "list-my-duty", tag: tagDuty,
		summary: "The days on which the caller is on duty"}, a.listMyDuty)
	call(a, route{method: http.MethodGet, path: root + "/duty/gaps", may: permit.View, id: "list-duty-gaps", tag: tagDuty,
		summary: "Days to come on which nobody is on duty, or somebody who cannot be"}, a.listDutyGaps)
	post(a, route{method: http.MethodPost, path: root + "/duty/import", may: permit.EditDuty, id: "import-duty", tag: tagDuty,
		summary: "Write a roster given as CSV, all of it or nothing; with dryRun, say what would change"}, a.importDuty)
	dutyCall(a, "", "set-duty", "Say who is on duty on a day, or on all up to another one, whatever the rotation says",
		func(ctx context.Context, by roster.By, days roster.Days, q *wire.DutyRequest) (wire.DutyChange, error) {
			return a.roster.Set(ctx, by, days, *q)
		})
	dutyCall(a, "/clear", "clear-duty", "Give a day, or all up to another one, back to the rotation",
		func(ctx context.Context, by roster.By, days roster.Days, q *wire.DutyClearRequest) (wire.DutyChange, error) {
			days.Until = q.Until
			return a.roster.Clear(ctx, by, days, q.Reason)
		})
	call(a, route{method: http.MethodGet, path: root + "/duty-rotations", may: permit.View, id: "list-duty-rotations", tag: tagDuty,
		summary: "The rotations there are, by department"}, a.listRotations)
	call(a, route{method: http.MethodGet, path: root + "/duty-rotations/{department}", may: permit.View, id: "get-duty-rotation", tag: tagDuty,
		summary: "Who is on duty in a department in turn"}, a.getRotation)
	rotationCall(a, "", "put-duty-rotation", "Put the rotation of a department; the days of the next month that nobody has set follow it",
		func(ctx context.Context, by roster.By, department string, q *wire.DutyRotationRequest) (wire.DutyRotation, error) {
			return a.roster.PutRotation(ctx, by, department, *q)
		})
	rotationCall(a, "/delete", "delete-duty-rotation", "Take the rotation of a department away, with the days to come that it has filled",
		func(ctx context.Context, by roster.By, department string, q *wire.ReasonRequest) (wire.DutyChange, error) {
			return a.roster.DropRotation(ctx, by, department, q.Reason)
		})
}

// dutyCall registers a call that changes days of a department.
func dutyCall[Body any](a *api, path, id, summary string, do func(context.Context, roster.By, roster.Days, *Body) (wire.DutyChange, error)) {
	r := route{method: http.MethodPost, path: root + "/duty/{department}/{day}" + path, may: permit.EditDuty, id: id, tag: tagDuty, summary: summary}
	call(a, r, func(ctx context.Context, in *dutyDayBody) (wire.DutyChange, error) {
		body, err := decode[Body](in.RawBody, false)
		if err != nil {
			return wire.DutyChange{}, err
		}
		change, err := do(ctx, rosterBy(ctx), roster.Days{Department: in.Department, Day: in.Day}, body)
		return change, a.rosteredUnless(err)
	})
	describeBody[Body](a, r)
}

// rotationCall registers a call that changes the rotation of a department.
func rotationCall[Body, Out any](a *api, path, id, summary string, do func(context.Context, roster.By, string, *Body) (Out, error)) {
	r := route{method: http.MethodPost, path: root + "/duty-rotations/{department}" + path, may: permit.EditDuty, id: id, tag: tagDuty, summary: summary}
	call(a, r, func(ctx context.Context, in *dutyRotationBody) (Out, error) {
		body, err := decode[Body](in.RawBody, false)
		if err != nil {
			var none Out
			return none, err
		}
		out, err := do(ctx, rosterBy(ctx), in.Department, body)
		return out, a.rosteredUnless(err)
	})
	describeBody[Body](a, r)
}

func rosterBy(ctx context.Context) roster.By {
	who := callerOf(ctx)
	return roster.By{Actor: who.actor(), Source: who.source}
}

// rostered tells the duty that keeps the roster that it has something to do.
func (a *api) rostered() {
	if a.Rostered != nil {
		a.Rostered()
	}
}

func (a *api) rosteredUnless(err error) error {
	if err == nil {
		a.rostered()
	}
	return err
}

func (a *api) listDuty(ctx context.Context, q *dutyQuery) (wire.DutyList, error) {
	parts, err := position(q.Cursor, 2)
	if err != nil {
		return wire.DutyList{Items: []wire.DutyDay{}}, err
	}
	query := roster.Query{Department: q.Department, From: q.From, To: q.To, Limit: q.Limit}
	if parts != nil {
		query.AfterDay, query.After = parts[0], parts[1]
		if _, err := roster.ParseDay(query.AfterDay); err != nil {
			return wire.DutyList{Items: []wire.DutyDay{}}, badCursor()
		}
	}
	list, more, err := a.roster.List(ctx, query)
	if err != nil {
		return wire.DutyList{Items: []wire.DutyDay{}}, err
	}
	if more {
		last := list.Items[len(list.Items)-1]
		list.Next = cursorOf(last.Day, last.Department)
	}
	hideNumbers(ctx, list.Items)
	return list, nil
}

func (a *api) listMyDuty(ctx context.Context, q *dutySelfQuery) (wire.DutyList, error) {
	list, err := a.roster.Mine(ctx, callerOf(ctx).name, q.From, q.To)
	hideNumbers(ctx, list.Items)
	return list, err
}

func (a *api) listDutyGaps(ctx context.Context, q *dutyGapQuery) (wire.DutyGapList, error) {
	return a.roster.Gaps(ctx, q.Department, q.Days)
}

func (a *api) importDuty(ctx context.Context, q *wire.DutyImportRequest) (wire.DutyImportReply, error) {
	reply, err := a.roster.Import(ctx, rosterBy(ctx), *q)
	if err == nil && reply.Imported {
		a.rostered()
	}
	return reply, err
}

func (a *api) listRotations(ctx context.Context, q *Paged) (wire.DutyRotationList, error) {
	after, err := q.after()
	if err != nil {
		return wire.DutyRotationList{Items: []wire.DutyRotation{}}, err
	}
	list, more, err := a.roster.Rotations(ctx, after, q.Limit)
	if err != nil {
		return list, err
	}
	if more {
		list.Next = cursorOf(list.Items[len(list.Items)-1].Department)
	}
	for i := range list.Items {
		for j := range list.Items[i].Members {
			hideNumber(ctx, &list.Items[i].Members[j])
		}
	}
	return list, nil
}

func (a *api) getRotation(ctx context.Context, in *dutyRotationParam) (wire.DutyRotation, error) {
	rotation, err := a.roster.Rotation(ctx, in.Department)
	for i := range rotation.Members {
		hideNumber(ctx, &rotation.Members[i])
	}
	return rotation, err
}

// hideNumbers leaves of phone numbers what tells one from another, for who is
// no operator: numbers are for those who call. One's own is one's own.
func hideNumbers(ctx context.Context, days []wire.DutyDay) {
	for i := range days {
		hideNumber(ctx, days[i].Primary)
		hideNumber(ctx, days[i].Secondary)
	}
}

func hideNumber(ctx context.Context, p *wire.DutyPerson) {
	who := callerOf(ctx)
	if p == nil || permit.Operator.Allows(who.holder.Role) || p.Name == who.name {
		return
	}
	p.Phone = notice.Masked(p.Phone, rule.Phone)
}
