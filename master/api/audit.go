package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

type auditQuery struct {
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor string `query:"cursor" maxLength:"400" doc:"next of the page before"`
	Actor  string `query:"actor" maxLength:"100" doc:"who did it"`
	Action string `query:"action" maxLength:"60" doc:"what was done; the beginning will do: user."`
	Object string `query:"object" maxLength:"400" doc:"to what"`
	From   string `query:"from" maxLength:"40" doc:"not before this day or instant"`
	To     string `query:"to" maxLength:"40" doc:"not after this day or instant"`
}

func (a *api) auditRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/audit", may: permit.ReadAudit, id: "list-audit", tag: tagIdentity,
		summary: "Who did what to what from where, newest first"}, a.listAudit)
}

func (a *api) listAudit(ctx context.Context, q *auditQuery) (wire.AuditList, error) {
	list := wire.AuditList{Items: []wire.AuditEntry{}}
	f, err := q.filter(a)
	if err != nil {
		return list, err
	}
	var rows []store.AuditRow
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		rows, err = t.Audits(ctx, f)
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(r *store.AuditRow) string { return strconv.FormatInt(r.ID, 10) })
	for i := range rows {
		list.Items = append(list.Items, viewAudit(&rows[i]))
	}
	return list, err
}

func (q *auditQuery) filter(a *api) (store.AuditFilter, error) {
	f := store.AuditFilter{Actor: q.Actor, Action: q.Action, Object: q.Object, Limit: q.Limit + 1}
	var err error
	if f.Before, err = idPosition(q.Cursor); err != nil {
		return f, err
	}
	if f.From, err = parseInstant(q.From, from, a.Zone); err != nil {
		return f, err
	}
	f.To, err = parseInstant(q.To, to, a.Zone)
	return f, err
}

// viewAudit shows a row; a detail that was cut for its length is shown as text.
func viewAudit(r *store.AuditRow) wire.AuditEntry {
	e := wire.AuditEntry{ID: r.ID, At: r.At, Actor: r.Actor, Action: r.Action, Object: r.Object, Source: r.Source, RequestID: r.Request}
	if json.Valid([]byte(r.Detail)) {
		e.Detail = json.RawMessage(r.Detail)
	} else if r.Detail != "" {
		e.Detail = r.Detail
	}
	return e
}
