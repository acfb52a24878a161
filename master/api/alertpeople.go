package api

import (
	"context"
	"net/http"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/define"
	"capricornus/master/notice"
)

func (a *api) alertPeopleRoutes() {
	post(a, route{method: http.MethodPost, path: root + "/alerts/explain", may: permit.View, id: "explain-alert", tag: tagAlerts,
		summary: "Who would be told of an alert, on which channel, by which rule, and who would not and why"}, a.explainAlert)
	call(a, route{method: http.MethodGet, path: root + "/tasks/{name}/alert-rights", may: permit.View, id: "list-alert-rights", tag: tagAlerts,
		summary: "Who hears of the alerts of a task besides its owner and department"}, a.listAlertRights)
	put := route{method: http.MethodPost, path: root + "/tasks/{name}/alert-rights/{user}", may: permit.EditTasks, id: "set-alert-right", tag: tagAlerts,
		summary: "Give a user the SMS or mail right of a task's alerts, or both, instead of what the user had"}
	call(a, put, a.setAlertRight)
	describeBody[wire.AlertRightRequest](a, put)
	remove := route{method: http.MethodPost, path: root + "/tasks/{name}/alert-rights/{user}/remove", may: permit.EditTasks, id: "remove-alert-right", tag: tagAlerts,
		summary: "Take a user's rights of a task's alerts"}
	call(a, remove, a.removeAlertRight)
	describeBody[wire.ReasonRequest](a, remove)
}

func (a *api) explainAlert(ctx context.Context, ask *wire.ExplainAlertRequest) (wire.AlertExplanation, error) {
	reader := notice.Reader{DB: a.DB, Defs: a.Defs, Zone: a.Zone}
	return reader.Explain(ctx, *ask, permit.Operator.Allows(callerOf(ctx).holder.Role))
}

func (a *api) listAlertRights(ctx context.Context, q *memberQuery) (wire.AlertRightList, error) {
	list := wire.AlertRightList{Items: []wire.AlertRight{}}
	after, err := Paged{q.Limit, q.Cursor}.after()
	if err != nil {
		return list, err
	}
	var rows []store.AlertRight
	err = a.DB.View(ctx, func(t *store.ViewTx) error {
		heads, err := t.HeadsByName(ctx, []string{q.Name})
		if err != nil {
			return err
		}
		if len(heads) == 0 {
			return named(store.ErrNotFound, "task", q.Name)
		}
		rows, err = t.AlertRights(ctx, heads[0].ID, after, q.Limit+1)
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(r *store.AlertRight) string { return r.User })
	for _, r := range rows {
		list.Items = append(list.Items, wire.AlertRight{User: r.User, Title: r.Title, SMS: r.SMS, Mail: r.Mail, GrantedBy: r.GrantedBy, GrantedAt: r.GrantedAt})
	}
	return list, err
}

func (a *api) setAlertRight(ctx context.Context, in *memberParam) (wire.CommandReply, error) {
	body, err := decode[wire.AlertRightRequest](in.RawBody, false)
	if err != nil {
		return wire.CommandReply{}, err
	}
	if !body.SMS && !body.Mail {
		return wire.CommandReply{}, fault.New(fault.Invalid, "neither sms nor mail is true: that would be no right").WithHint("to take one, call …/alert-rights/%s/remove", in.User)
	}
	return a.defined.SetAlertRight(ctx, callerOf(ctx).editor(), define.AlertRight{Task: in.Name, User: in.User, SMS: body.SMS, Mail: body.Mail, Reason: body.Reason})
}

func (a *api) removeAlertRight(ctx context.Context, in *memberParam) (wire.CommandReply, error) {
	body, err := decode[wire.ReasonRequest](in.RawBody, false)
	if err != nil {
		return wire.CommandReply{}, err
	}
	return a.defined.SetAlertRight(ctx, callerOf(ctx).editor(), define.AlertRight{Task: in.Name, User: in.User, Reason: body.Reason})
}
