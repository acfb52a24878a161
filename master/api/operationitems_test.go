package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// TestItemsAreFiltered pages through the items of one rerun of which some batches
// are made, some left out, and which have come to different ends.
func TestItemsAreFiltered(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			itemsAreFiltered(t, newRigOn(t, engine))
		})
	}
}

func itemsAreFiltered(t *testing.T, r *rig) {
	t.Helper()
	r.apply(taskFiles)
	r.coldStart("hour", "2015051801", "2015051805", "ods_access_h")
	for _, at := range []string{"01", "02", "03"} {
		r.run(r.batchID("ods_access_h/20150518"+at), &wire.Fact{Kind: wire.FactFinished, ExitCode: new(int)})
	}
	request := wire.PlanRequest{Kind: "rerun", Tasks: []string{"ods_access_h"}, From: "2015051801", To: "2015051805", Reason: "again"}
	var plan wire.Plan
	r.must(http.MethodPost, "/api/v1/plans", "superadmin", request, &plan)
	var op wire.Operation
	r.must(http.MethodPost, fmt.Sprintf("/api/v1/plans/%d/apply", plan.ID), "superadmin", wire.ApplyPlanRequest{Fingerprint: plan.Fingerprint}, &op)
	for range 3 {
		if _, err := r.planner.CreateBatches(t.Context(), r.world.Lead); err != nil {
			t.Fatal(err)
		}
	}
	r.run(r.batchID("ods_access_h/2015051802.1"), &wire.Fact{Kind: wire.FactFinished, ExitCode: new(int)})
	path := fmt.Sprintf("/api/v1/operations/%d", op.ID)
	for query, want := range map[string]string{
		"":                                 "01 02 03 04 05",
		"decision=create":                  "01 02 03",
		"decision=skip":                    "04 05",
		"decision=fail":                    "",
		"state=waiting":                    "01 03 04 05",
		"state=waiting&decision=create":    "01 03",
		"state=done":                       "02",
		"state=failed":                     "",
		"state=success&decision=skip":      "",
		"state=success":                    "02",
		"state=waiting&decision=skip":      "04 05",
		"state=assigned&decision=create":   "",
		"decision=create&state=":           "01 02 03",
		"state=waiting&limit=500&cursor=":  "01 03 04 05",
		"decision=block&state=running":     "",
		"limit=500":                        "01 02 03 04 05",
		"decision=skip&limit=2&state=done": "",
	} {
		got := r.pagesOfItems(path+"/items?"+query, strings.Contains(query, "limit"))
		if got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"decision=maybe", "state=odd"} {
		if p := r.problem(http.MethodGet, path+"/items?"+query, "viewer", nil); p.Code != string(fault.Invalid) {
			t.Errorf("%s: got %+v, want INVALID", query, p)
		}
	}
	var shown wire.Operation
	r.must(http.MethodGet, path, "viewer", nil, &shown)
	if got := shown.Request; got == nil || got.Kind != "rerun" || got.From != request.From || got.To != request.To || strings.Join(got.Tasks, " ") != "ods_access_h" {
		t.Errorf("got %+v, want what was asked for", got)
	}
	var again wire.Plan
	r.must(http.MethodPost, "/api/v1/plans", "superadmin", shown.Request, &again)
	if len(again.Items) != 5 {
		t.Errorf("got %+v, want the same to be asked for once more", again)
	}
}

// pagesOfItems reads pages of one item each, and gives the hours of all.
func (r *rig) pagesOfItems(path string, whole bool) string {
	r.t.Helper()
	var hours []string
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		page := path
		if !whole {
			page += "&limit=1&cursor=" + cursor
		}
		var list wire.OperationItemList
		r.must(http.MethodGet, page, "viewer", nil, &list)
		for _, i := range list.Items {
			hours = append(hours, strings.TrimPrefix(i.WorkNo, "20150518"))
		}
		if cursor = list.Next; pages > 10 {
			r.t.Fatalf("%s: got no end of pages", path)
		}
	}
	return strings.Join(hours, " ")
}
