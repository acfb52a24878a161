package api

import (
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/master/graph"
	"capricornus/master/search"
)

// views are what the calls that look at many tasks at once share.
type views struct {
	catalog *store.Catalog
	graphs  *graph.Graphs
	finder  *search.Searcher
}

func (a *api) newViews() {
	a.catalog = store.NewCatalog(a.DB)
	a.graphs = a.newGraphs()
	a.finder = search.New(search.Config{DB: a.DB, Catalog: a.catalog, Zone: a.Zone})
}

func (a *api) viewRoutes() {
	a.graphRoutes()
	a.gridRoutes()
	a.searchRoutes()
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
