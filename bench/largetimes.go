package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"capricornus/common/wire"
)

// timed is one question, asked some times.
type timed struct {
	what string
	took []time.Duration
}

func (t *timed) quantile(q int) time.Duration {
	slices.Sort(t.took)
	return t.took[min(len(t.took)*q/100, len(t.took)-1)]
}

func (t *timed) print() {
	fmt.Fprintf(os.Stdout, "%-66s %9.1f %9.1f\n", t.what, ms(t.quantile(50)), ms(t.quantile(99)))
}

// read fetches a path and decodes the answer.
func (l *large) read(ctx context.Context, path string, reply any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.client.Base+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+adminToken)
	answer, err := l.client.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s %s", path, answer.Status, text)
	}
	if reply == nil {
		return nil
	}
	return json.Unmarshal(text, reply)
}

// ask times one question asked about each of the paths.
func (l *large) ask(ctx context.Context, what string, paths ...string) error {
	t := timed{what: what}
	for _, path := range paths {
		begin := time.Now()
		if err := l.read(ctx, path, nil); err != nil {
			return err
		}
		t.took = append(t.took, time.Since(begin))
	}
	t.print()
	return nil
}

// The page that is far down, and how often each list is asked for.
const (
	farPage   = 50
	listTimes = 8
)

// lists asks for every combination of filters, the first page and the fiftieth.
func (l *large) lists(ctx context.Context) error {
	first, far := timed{what: "list, first page, all filters together"}, timed{what: fmt.Sprintf("list, page %d, all filters together", farPage)}
	for _, filter := range listFilters() {
		took, err := l.pageTimes(ctx, filter, "")
		if err != nil {
			return err
		}
		first.took = append(first.took, took...)
		l.note("list "+or(filter.Encode(), "everything"), took)
		cursor, err := l.farCursor(ctx, filter)
		if err != nil {
			return err
		}
		if cursor == "" {
			continue
		}
		if took, err = l.pageTimes(ctx, filter, cursor); err != nil {
			return err
		}
		far.took = append(far.took, took...)
		l.note(fmt.Sprintf("list %s, page %d", or(filter.Encode(), "everything"), farPage), took)
	}
	first.print()
	far.print()
	slices.SortFunc(l.slow, func(x, y timed) int { return int(y.quantile(99) - x.quantile(99)) })
	for i := range l.slow[:min(12, len(l.slow))] {
		l.slow[i].print()
	}
	return nil
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (l *large) note(what string, took []time.Duration) {
	t := timed{what: what, took: took}
	if l.verbose {
		t.print()
	}
	l.slow = append(l.slow, t)
}

// listFilters are all combinations of what the list can be narrowed by, and
// what nothing matches.
func listFilters() []url.Values {
	day := 24 * time.Hour
	past := time.Now().UTC().Truncate(day).Add(-30 * day)
	span := url.Values{"from": {past.Format(time.RFC3339)}, "to": {past.Add(day).Format(time.RFC3339)}}
	out := []url.Values{{}}
	for _, more := range [][]url.Values{
		{{}, {"task": {"large_h_0007"}}, {"task": {"large_d_0007"}}},
		{{}, {"project": {largeProject(7)}}},
		{{}, {"state": {"waiting"}}, {"state": {"running"}}, {"state": {"done"}}, {"state": {"success"}}, {"state": {"failed"}}, {"state": {"killed"}}},
		{{}, span},
		{{}, {"late": {"true"}}},
	} {
		var next []url.Values
		for _, have := range out {
			for _, add := range more {
				next = append(next, merged(have, add))
			}
		}
		out = next
	}
	return append(out, url.Values{"latest": {"true"}}, url.Values{"host": {"old7"}}, url.Values{"host": {"nobody"}}, url.Values{"host": {"nobody"}, "late": {"true"}},
		url.Values{"operation": {"77"}}, url.Values{"project": {largeProject(7)}, "host": {"old7"}}, url.Values{"project": {largeProject(7)}, "operation": {"77"}})
}

func merged(a, b url.Values) url.Values {
	out := url.Values{}
	for _, m := range []url.Values{a, b} {
		maps.Copy(out, m)
	}
	return out
}

func listPath(filter url.Values, cursor string, limit int) string {
	q := merged(filter, url.Values{"limit": {fmt.Sprint(limit)}})
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	return "/api/v1/batches?" + q.Encode()
}

// pageTimes asks for one page some times.
func (l *large) pageTimes(ctx context.Context, filter url.Values, cursor string) ([]time.Duration, error) {
	var took []time.Duration
	for range listTimes {
		begin := time.Now()
		if err := l.read(ctx, listPath(filter, cursor, 100), nil); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begin))
	}
	return took, nil
}

// farCursor walks to the far page; empty: the list ends before.
func (l *large) farCursor(ctx context.Context, filter url.Values) (string, error) {
	cursor := ""
	for range (farPage - 1) * 100 / 490 { // as many batches, in pages of almost the most
		var page wire.BatchList
		if err := l.read(ctx, listPath(filter, cursor, 490), &page); err != nil {
			return "", err
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	return cursor, nil
}

// ones asks about single batches.
func (l *large) ones(ctx context.Context) error {
	some, err := l.sample(ctx, 300)
	if err != nil {
		return err
	}
	waiting, err := l.inState(ctx, "waiting")
	if err != nil {
		return err
	}
	running, err := l.inState(ctx, "running")
	if err != nil {
		return err
	}
	failed, err := l.inState(ctx, "failed")
	if err != nil {
		return err
	}
	for _, q := range []struct {
		what, end string
		of        []wire.Batch
	}{
		{"GET a done batch", "", some},
		{"GET a waiting batch", "", waiting},
		{"why of a waiting batch", "/why", waiting},
		{"why of a running batch", "/why", running},
		{"why of a batch that is done", "/why", some},
		{"why of a failed batch", "/why", failed},
		{"events", "/events", some},
		{"depends", "/depends", some},
		{"attempts", "/attempts", some},
	} {
		if err := l.ask(ctx, q.what, batchPaths(q.of, q.end)...); err != nil {
			return err
		}
	}
	return nil
}

func (l *large) inState(ctx context.Context, state string) ([]wire.Batch, error) {
	var page wire.BatchList
	err := l.read(ctx, "/api/v1/batches?limit=300&state="+state, &page)
	if err == nil && len(page.Items) == 0 {
		err = fmt.Errorf("no batch is %s", state)
	}
	return page.Items, err
}

func batchPaths(of []wire.Batch, end string) []string {
	var out []string
	for i := range of {
		out = append(out, "/api/v1/batches/"+strings.TrimSuffix(of[i].Ref, ".0")+end)
	}
	return out
}
