package api

import (
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/master/graph"
)

// views are what the calls that look at many tasks at once share.
type views struct {
	catalog *store.Catalog
	graphs  *graph.Graphs
}

func (a *api) newViews() {
	a.catalog = store.NewCatalog(a.DB)
	a.graphs = a.newGraphs()
}

func (a *api) viewRoutes() {
	a.graphRoutes()
}

// changed makes what a call has changed show in the views of this master at once.
func (a *api) changed(r route) {
	if r.method == http.MethodGet {
		return
	}
	if r.may == permit.EditTasks || r.may == permit.EditProjects {
		a.catalog.Forget()
	}
}
