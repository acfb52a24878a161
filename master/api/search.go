package api

import (
	"context"
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/wire"
)

type searchQuery struct {
	Text  string `query:"q" required:"true" maxLength:"200" doc:"a part of a name or title, a batch (task/workNo), a work number, the id of an operation"`
	Limit int    `query:"limit" default:"10" minimum:"1" maximum:"50" doc:"at most so many of each kind"`
}

func (a *api) searchRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/search", may: permit.View, id: "search", tag: tagViews,
		summary: "Tasks, batches, workers, operations, projects and users by what is typed"},
		func(ctx context.Context, q *searchQuery) (wire.SearchReply, error) {
			return a.finder.Find(ctx, q.Text, q.Limit)
		})
}
