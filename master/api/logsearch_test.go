package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func TestLogsAreSearchedAtTheWorker(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	r.beat(newLogWorker(t, id, strings.Repeat("fine\nError <1>\n", 150)).URL)
	for _, c := range []struct {
		query string
		want  string
	}{
		{"q=error&ignoreCase=true&limit=2", "[{5 Error <1>} {20 Error <1>}] 30 false"},
		{"q=%5EError&regexp=true&from=2230", "[{2240 Error <1>}] 2250 true"},
		{"q=%5EError&from=2230", "[] 2250 true"},
		{"q=Error&from=-12", "[{2240 Error <1>}] 2250 true"},
		{"q=Error&from=99999", "[] 2250 true"},
	} {
		var got wire.LogMatches
		r.must(http.MethodGet, path+"/search?"+c.query, "viewer", nil, &got)
		if text := fmt.Sprint(got.Items, got.Next, got.Complete); text != c.want || got.Attempt != 1 || got.Host != "w1" || got.Partial != "" {
			t.Errorf("%s: got %+v, want %s", c.query, got, c.want)
		}
	}
	var all wire.LogMatches
	r.must(http.MethodGet, path+"/search?q=Error", "viewer", nil, &all)
	if len(all.Items) != 100 || all.Complete {
		t.Errorf("got %d lines, want 100 and more to come", len(all.Items))
	}
}

func TestSearchesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	r.beat(newLogWorker(t, id, "text\n").URL)
	for query, want := range map[string]fault.Code{
		"": fault.Usage, "?q=": fault.Usage, "?q=%28&regexp=true": fault.Usage, "?q=" + strings.Repeat("x", 201): fault.Usage, "?q=a%0Ab": fault.Usage,
		"?q=%28x%7B30%7D%29%7B33%7D%7B2%7D&regexp=true": fault.Usage, "?q=x&limit=1001": fault.Invalid, "?q=x&limit=0": fault.Invalid, "?q=x&attempt=9": fault.NotFound,
	} {
		if p := r.problem(http.MethodGet, path+"/search"+query, "viewer", nil); p.Code != string(want) {
			t.Errorf("%s: got %+v, want %s", query, p, want)
		}
	}
	if got := r.send(http.MethodGet, path+"/search?q=text", "worker", nil); got.Code != http.StatusForbidden {
		t.Errorf("got %d for a worker, want 403", got.Code)
	}
}
