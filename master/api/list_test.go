package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func TestParseInstant(t *testing.T) {
	t.Parallel()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		end  edge
		want string // RFC 3339 in UTC, with milliseconds
	}{
		{"2015-05-18", from, "2015-05-17T16:00:00.000Z"},
		{"2015-05-18", to, "2015-05-18T15:59:59.999Z"},
		{"20150518", from, "2015-05-17T16:00:00.000Z"},
		{"20150518", to, "2015-05-18T15:59:59.999Z"},
		{"2015051808", from, "2015-05-18T00:00:00.000Z"},
		{"2015051808", to, "2015-05-18T00:59:59.999Z"},
		{"201502", from, "2015-01-31T16:00:00.000Z"},
		{"201502", to, "2015-02-28T15:59:59.999Z"},
		{"2015-05-18T08:00", from, "2015-05-18T00:00:00.000Z"},
		{"2015-05-18T08:00", to, "2015-05-18T00:00:00.000Z"},
		{"2015-05-18T08:00:01", to, "2015-05-18T00:00:01.000Z"},
		{"20150518080001", from, "2015-05-18T00:00:01.000Z"},
		{"2015-05-18T08:00:00Z", from, "2015-05-18T08:00:00.000Z"},
		{"2015-05-18T08:00:00.5+08:00", to, "2015-05-18T00:00:00.500Z"},
		{"1431907200123", from, "2015-05-18T00:00:00.123Z"},
		{"", from, "1970-01-01T00:00:00.000Z"},
	} {
		got, err := parseInstant(c.text, c.end, shanghai)
		if text := time.UnixMilli(got).UTC().Format("2006-01-02T15:04:05.000Z"); err != nil || text != c.want {
			t.Errorf("%q at end %d: got %s, %v, want %s", c.text, c.end, text, err, c.want)
		}
	}
	for _, text := range []string{"today", "2015", "20150230", "2015-5-8", "20150518240000", "-431907200123"} {
		if got, err := parseInstant(text, from, shanghai); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

// TestPagesMeet walks lists page by page and finds everything once.
func TestPagesMeet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	r.coldStart("hour", "2015051801", "2015051812", "ods_access_h")
	seen := map[string]bool{}
	last := int64(1 << 62)
	for cursor := ""; ; {
		var list wire.BatchList
		r.must(http.MethodGet, "/api/v1/batches?limit=5&from=2015-05-18&cursor="+cursor, "viewer", nil, &list)
		for _, b := range list.Items {
			if seen[b.Ref] || b.ScheduledAt > last {
				t.Errorf("got %s twice or out of order", b.Ref)
			}
			seen[b.Ref], last = true, b.ScheduledAt
		}
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	if len(seen) != 12 {
		t.Errorf("got %d batches, want 12", len(seen))
	}
	names := 0
	for cursor := ""; ; {
		var list wire.TaskList
		r.must(http.MethodGet, "/api/v1/tasks?limit=3&cursor="+cursor, "viewer", nil, &list)
		names += len(list.Items)
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	if names != 4 {
		t.Errorf("got %d tasks, want 4", names)
	}
}

func TestNextBaseStaysWithinTheValidity(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		valid task.Validity
		want  string
	}{
		"Unbounded":     {task.Validity{}, "2026-11-21T00:01:00Z"},
		"NotYetValid":   {task.Validity{From: "2027-01-01"}, "2027-01-02T00:01:00Z"},
		"NoMore":        {task.Validity{To: "2026-11-20"}, ""},
		"LastSlotAhead": {task.Validity{To: "2026-11-21"}, "2026-11-21T00:01:00Z"},
	} {
		def := &task.Task{Spec: task.Spec{Period: "day", Valid: c.valid}}
		got := ""
		if at := nextBase(def, time.UTC, now); at != 0 {
			got = time.UnixMilli(at).UTC().Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	manual := &task.Task{Spec: task.Spec{Period: "manual"}}
	if got := nextBase(manual, time.UTC, now); got != 0 {
		t.Errorf("manual: got %d, want none", got)
	}
}

func TestDependsOfABatchWithoutAny(t *testing.T) {
	t.Parallel()
	if got := viewDepends(nil); got == nil || len(got) != 0 {
		t.Errorf("got %v, want an empty list", got)
	}
	got := viewDepends(&store.Depends{
		Paths:   []store.Path{{Type: store.DataOutput, Path: "o"}, {Type: store.DataInput, Path: "i", State: store.DepMet}},
		Parents: []store.Parent{{Task: "p", Last: true, State: store.DepNotApplicable}},
	})
	want := []wire.Depend{{Kind: dependData, What: "i", State: "met"}, {Kind: dependParent, What: "p/last", State: "not-applicable"}, {Kind: dependOutput, What: "o", State: "not-applicable"}}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}

// TestEveryListHasAPageOfItsOwn asks every list for nothing in particular: it
// answers with a page.
func TestEveryListHasAPageOfItsOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for path, item := range r.api.huma.OpenAPI().Paths {
		if item.Get == nil || strings.Contains(path, "{") || !slices.ContainsFunc(item.Get.Parameters, func(p *huma.Param) bool { return p.Name == "limit" && !p.Required }) {
			continue
		}
		if got := r.send(http.MethodGet, path, "superadmin", nil); got.Code >= http.StatusInternalServerError {
			t.Errorf("%s: got %d %s, want a page", path, got.Code, got.Body)
		}
		limit := item.Get.Parameters[slices.IndexFunc(item.Get.Parameters, func(p *huma.Param) bool { return p.Name == "limit" })]
		if limit.Schema.Default == nil || limit.Schema.Maximum == nil || *limit.Schema.Maximum > 1000 {
			t.Errorf("%s: got a limit of %v, want one with a default and a maximum", path, limit.Schema)
		}
	}
}
