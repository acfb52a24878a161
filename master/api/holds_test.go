package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// TestHoldsOfAnObject holds that a page about a task, a project or a batch reads
// what holds that one, and nothing else.
func TestHoldsOfAnObject(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			holdsOfAnObject(t, newRigOn(t, engine))
		})
	}
}

func holdsOfAnObject(t *testing.T, r *rig) {
	t.Helper()
	r.apply(taskFiles)
	r.coldStart("hour", "2015051801", "2015051802", "ods_access_h")
	for _, path := range []string{"/batches/ods_access_h/2015051801/hold", "/batches/ods_access_h/2015051802/hold", "/tasks/ods_access_h/hold", "/projects/weblog/hold"} {
		r.must(http.MethodPost, root+path, "operator", wire.CommandRequest{Reason: "look"}, nil)
	}
	for _, task := range []string{"ods_access_h", "tidy"} {
		r.must(http.MethodPost, root+"/breakers/trip", "operator", wire.BreakerRequest{Task: task, Reason: "storm"}, nil)
	}
	held := func(path string) string {
		var got []string
		for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
			var list wire.HoldList
			r.must(http.MethodGet, root+path+"&limit=1&cursor="+url.QueryEscape(cursor), "viewer", nil, &list)
			for _, h := range list.Items {
				got = append(got, h.Source+" "+h.Object)
			}
			if cursor = list.Next; pages > 10 {
				t.Fatalf("%s: got no end of pages", path)
			}
		}
		return strings.Join(got, ", ")
	}
	for path, want := range map[string]string{
		"/holds?kind=task&object=ods_access_h":                "person ods_access_h, breaker ods_access_h",
		"/holds?kind=task&object=dwd_access_d":                "",
		"/holds?kind=task":                                    "person ods_access_h, breaker ods_access_h, breaker tidy",
		"/holds?kind=project&object=weblog":                   "person weblog",
		"/holds?kind=batch&object=ods_access_h/2015051801":    "person ods_access_h/2015051801.0",
		"/holds?kind=batch&object=ods_access_h/2015051802.0":  "person ods_access_h/2015051802.0",
		"/breakers?kind=task&object=ods_access_h":             "breaker ods_access_h",
		"/breakers?kind=project&object=weblog":                "",
		"/breakers?kind=batch&object=ods_access_h/2015051801": "",
	} {
		if got := held(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	for query, code := range map[string]fault.Code{
		"object=ods_access_h": fault.Invalid, "kind=host&object=w1": fault.Invalid, "kind=batch&object=nonsense": fault.Invalid,
		"kind=task&object=ghost": fault.NotFound, "kind=project&object=ghost": fault.NotFound, "kind=batch&object=ods_access_h/2015051809": fault.NotFound,
	} {
		if p := r.problem(http.MethodGet, root+"/holds?"+query, "viewer", nil); p.Code != string(code) {
			t.Errorf("%s: got %+v, want %s", query, p, code)
		}
	}
}
