package api

import (
	"context"
	"net/http"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

type missingQuery struct {
	From    string `query:"from" maxLength:"40" doc:"due after then: RFC 3339, a date, a work number or milliseconds; a day before to"`
	To      string `query:"to" maxLength:"40" doc:"due then or before; a date includes its whole day; now"`
	Project string `query:"project" maxLength:"100" doc:"only of this project"`
	Lang    string `query:"lang" default:"en" enum:"en,zh" doc:"language of the reasons"`
}

func (a *api) missingRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/missing", may: permit.View, id: "list-missing", tag: tagBatches,
		summary: "Batches that should be there and are not, with the reason; of 35 days at most"}, a.listMissing)
}

func (a *api) listMissing(ctx context.Context, q *missingQuery) (wire.MissingList, error) {
	query := wire.MissingQuery{Project: q.Project, Lang: q.Lang}
	var err error
	if query.From, err = parseInstant(q.From, from, a.Zone); err != nil {
		return wire.MissingList{}, err
	}
	if query.To, err = parseInstant(q.To, to, a.Zone); err != nil {
		return wire.MissingList{}, err
	}
	if query.From != 0 && query.To != 0 && query.From > query.To {
		return wire.MissingList{}, fault.New(fault.Invalid, "the range from %s to %s is empty", q.From, q.To)
	}
	list, err := a.Missing(ctx, query)
	if err != nil || len(list.Items) > 0 || q.Project == "" {
		return list, err
	}
	return list, a.DB.View(ctx, func(t *store.ViewTx) error { return knownProject(ctx, t, q.Project) })
}
