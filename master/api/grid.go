package api

import (
	"context"
	"net/http"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/grid"
)

type gridQuery struct {
	Period  string `query:"period" required:"true" enum:"hour,day,week,month" doc:"of the tasks, and of the columns"`
	From    string `query:"from" maxLength:"40" doc:"base times then or later: RFC 3339, a date, a work number or milliseconds; without it the last 48 hours, 30 days, 14 weeks or months"`
	To      string `query:"to" maxLength:"40" doc:"then or before; a date includes its whole day; now"`
	Project string `query:"project" maxLength:"100" doc:"only of this project"`
	Rows    int    `query:"rows" default:"200" minimum:"1" maximum:"500" doc:"at most so many tasks"`
	Cursor  string `query:"cursor" maxLength:"400" doc:"next of the page before"`
}

func (a *api) gridRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/grid", may: permit.View, id: "show-grid", tag: tagViews,
		summary: "Tasks by work numbers, a character for each batch"}, a.showGrid)
}

func (a *api) showGrid(ctx context.Context, q *gridQuery) (wire.Grid, error) {
	query := grid.Query{Period: q.Period, Project: q.Project, Rows: q.Rows}
	var err error
	if query.From, err = parseInstant(q.From, from, a.Zone); err != nil {
		return wire.Grid{}, err
	}
	if query.To, err = parseInstant(q.To, to, a.Zone); err != nil {
		return wire.Grid{}, err
	}
	if query.From != 0 && query.To != 0 && query.From > query.To {
		return wire.Grid{}, fault.New(fault.Invalid, "the range from %s to %s is empty", q.From, q.To)
	}
	after, err := position(q.Cursor, 1)
	if err != nil {
		return wire.Grid{}, err
	}
	if after != nil {
		query.After = after[0]
	}
	shown, more, err := grid.Show(ctx, grid.Config{DB: a.DB, Catalog: a.catalog, Zone: a.Zone}, query)
	if err != nil {
		return shown, err
	}
	if more {
		shown.Next = cursorOf(grid.Key(shown.Rows[len(shown.Rows)-1]))
	}
	if len(shown.Rows) > 0 || q.Project == "" {
		return shown, nil
	}
	return shown, a.DB.View(ctx, func(t *store.ViewTx) error { return knownProject(ctx, t, strings.TrimSpace(q.Project)) })
}
