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
	gridTasks   = 200
	gridColumns = 90
	askedTimes  = 20
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
		{"grid, 200 hourly tasks by 90 hours", "/api/v1/grid", merged(span(gridColumns*time.Hour-time.Millisecond), url.Values{"period": {"hour"}, "rows": {fmt.Sprint(gridTasks)}})},
		{"grid, 200 daily tasks by 90 days", "/api/v1/grid", merged(span(gridColumns*day-time.Millisecond), url.Values{"period": {"day"}, "rows": {fmt.Sprint(gridTasks)}})},
		{"graph, around a task", "/api/v1/graph", url.Values{"task": {"large_d_0007"}}},
		{"graph, a project", "/api/v1/graph", url.Values{"project": {largeProject(7)}}},
		{"graph, all tasks, with states", "/api/v1/graph", url.Values{"state": {"now"}}},
		{"search, a task's name", "/api/v1/search", url.Values{"q": {"large_h_0007"}}},
		{"search, a word of many", "/api/v1/search", url.Values{"q": {"report"}}},
		{"search, nothing", "/api/v1/search", url.Values{"q": {"zebra"}}},
		{"search, a batch", "/api/v1/search", url.Values{"q": {"large_d_0007/" + end.Add(-day).Format("20060102")}}},
		{"search, a work number", "/api/v1/search", url.Values{"q": {end.Add(-day).Format("20060102")}}},
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
