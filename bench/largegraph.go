package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"
)

// The grid that the console shows at once.
const (
	gridTasks  = 200
	gridColumn = 90
	askedTimes = 20
)

// graphs asks for what many batches are behind: the grid, the graph, searches
// and what is missing. A call that this master does not have is named.
func (l *large) graphs(ctx context.Context) error {
	var document struct {
		Paths map[string]any `json:"paths"`
	}
	if err := l.read(ctx, "/api/v1/openapi.json", &document); err != nil {
		return err
	}
	day := 24 * time.Hour
	end := time.Now().UTC().Truncate(day)
	span := func(d time.Duration) url.Values {
		return url.Values{"from": {end.Add(-d).Format(time.RFC3339)}, "to": {end.Format(time.RFC3339)}}
	}
	for _, q := range []struct {
		what, path string
		query      url.Values
	}{
		{"search, a task's name", "/api/v1/search", url.Values{"q": {"large_h_0007"}}},
		{"search, a word of many", "/api/v1/search", url.Values{"q": {"report"}}},
		{"search, nothing", "/api/v1/search", url.Values{"q": {"zebra"}}},
		{"missing, one day", "/api/v1/missing", span(day)},
		{"missing, one day of a project", "/api/v1/missing", merged(span(day), url.Values{"project": {largeProject(7)}})},
		{"operations", "/api/v1/operations", nil},
		{"tasks", "/api/v1/tasks", nil},
		{"tasks of a project", "/api/v1/tasks", url.Values{"project": {largeProject(7)}}},
	} {
		if _, there := document.Paths[q.path]; !there {
			fmt.Fprintf(os.Stdout, "%-66s is not here\n", q.what)
			continue
		}
		if err := l.ask(ctx, q.what, slices.Repeat([]string{q.path + "?" + q.query.Encode()}, askedTimes)...); err != nil {
			return err
		}
	}
	return nil
}
