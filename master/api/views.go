package api

import (
	"net/http"
	"time"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/master/graph"
	"capricornus/master/live"
	"capricornus/master/search"
)

// views are what the calls that look at many tasks at once share.
type views struct {
	catalog *store.Catalog
	graphs  *graph.Graphs
	finder  *search.Searcher
	hub     *live.Hub

	eventsEvery time.Duration // between two flushes to a client
}

func (a *api) newViews() {
	a.catalog = store.NewCatalog(a.DB)
	a.graphs = a.newGraphs()
	a.finder = search.New(search.Config{DB: a.DB, Catalog: a.catalog, Zone: a.Zone})
	a.eventsEvery = time.Second
	if a.hub = a.Live; a.hub == nil {
		a.hub = live.New(live.Config{DB: a.DB, Leader: a.Leader, Log: a.Log})
	}
}

func (a *api) viewRoutes() {
	a.graphRoutes()
	a.gridRoutes()
	a.searchRoutes()
	a.eventRoutes()
}

// changed makes what a call has changed show in the views of this master at once.
func (a *api) changed(r route) {
	if r.method == http.MethodGet {
		return
	}
	a.hub.Wake()
	if r.may == permit.EditTasks || r.may == permit.EditProjects {
		a.catalog.Forget()
	}
}
