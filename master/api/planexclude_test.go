package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// familyFiles are a task, one that needs its batch of the same day, and one that
// needs those of two days.
const familyFiles = `apiVersion: capri/v1
kind: Project
metadata: {name: family, department: data}
---
apiVersion: capri/v1
kind: Task
metadata: {name: top_d, project: family, owner: admin}
spec: {period: day, valid: {from: 1999-12-01}, run: {type: shell, script: "true"}}
---
apiVersion: capri/v1
kind: Task
metadata: {name: same_d, project: family, owner: admin}
spec: {period: day, valid: {from: 1999-12-01}, parents: [{task: top_d}], run: {type: shell, script: "true"}}
---
apiVersion: capri/v1
kind: Task
metadata: {name: two_d, project: family, owner: admin}
spec: {period: day, valid: {from: 1999-12-01}, parents: [{task: top_d, range: [-1, 0]}], run: {type: shell, script: "true"}}
`

// TestPlansLeaveBatchesOut leaves tasks and single batches out of reruns and cold
// starts, with what only they lead to, and makes what is left.
func TestPlansLeaveBatchesOut(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			plansLeaveBatchesOut(t, newRigOn(t, engine))
		})
	}
}

func plansLeaveBatchesOut(t *testing.T, r *rig) {
	t.Helper()
	r.apply(familyFiles)
	rerun := wire.PlanRequest{Kind: "rerun", Tasks: []string{"top_d"}, From: "20150518", To: "20150520", Cascade: "logic", Reason: "again"}
	cold := wire.PlanRequest{Kind: "coldstart", Period: "day", From: "20150518", To: "20150519", Project: "family", Reason: "again"}
	cases := []struct {
		name    string
		request wire.PlanRequest
		exclude []string
		create  string // all others are left out
		out     string
	}{
		{"ABatchAndWhatHangsOnItAlone", rerun, []string{"top_d/20150519"}, "same_d/18 same_d/20 top_d/18 top_d/20 two_d/18 two_d/19 two_d/20 two_d/21", "top_d/19"},
		{"AllThatAChildHangsOn", rerun, []string{"top_d/20150519", "top_d/20150518"}, "same_d/20 top_d/20 two_d/20 two_d/21", "top_d/18 top_d/19"},
		{"AChild", rerun, []string{"same_d/20150519"}, "same_d/18 same_d/20 top_d/18 top_d/19 top_d/20 two_d/18 two_d/19 two_d/20 two_d/21", "same_d/19"},
		{"ATaskAndABatch", rerun, []string{"two_d", "same_d/20150519"}, "same_d/18 same_d/20 top_d/18 top_d/19 top_d/20", "same_d/19 two_d/18 two_d/19 two_d/20 two_d/21"},
		{"WhatThePlanWouldNotHave", rerun, []string{"top_d/20150617", "two_d"}, "same_d/18 same_d/19 same_d/20 top_d/18 top_d/19 top_d/20", "two_d/18 two_d/19 two_d/20 two_d/21"},
		{"OfAColdStart", cold, []string{"two_d", "top_d/20150519"}, "same_d/18 same_d/19 top_d/18", "top_d/19 two_d/18 two_d/19"},
	}
	prints := map[string]string{}
	for _, c := range cases {
		c.request.Exclude = c.exclude
		var plan wire.Plan
		r.must(http.MethodPost, "/api/v1/plans", "superadmin", c.request, &plan)
		if create, out := decidedIn(t, plan); create != c.create || out != c.out {
			t.Errorf("%s: got %s made and %s left out, want %s and %s", c.name, create, out, c.create, c.out)
		}
		if before := prints[plan.Fingerprint]; before != "" {
			t.Errorf("%s: got the fingerprint of %s, want its own", c.name, before)
		}
		prints[plan.Fingerprint] = c.name
	}
	refusedExclusions(r, rerun)
	rerun.Exclude, rerun.Cascade = []string{"top_d/20150519"}, ""
	appliesWithout(r, rerun)
}

// decidedIn lists what a plan makes and what it leaves out as asked, task by task.
func decidedIn(t *testing.T, plan wire.Plan) (create, out string) {
	t.Helper()
	var made, left []string
	for _, it := range plan.Items {
		short := it.Task + "/" + strings.TrimPrefix(it.WorkNo, "201505")
		switch {
		case it.Decision == "create":
			made = append(made, short)
		case it.Code == "SKIP_EXCLUDED" && it.Sentence == "left out, as you asked":
			left = append(left, short)
		default:
			t.Errorf("got %+v, want it made or left out", it)
		}
	}
	slices.Sort(made)
	slices.Sort(left)
	return strings.Join(made, " "), strings.Join(left, " ")
}

func refusedExclusions(r *rig, rerun wire.PlanRequest) {
	r.t.Helper()
	for ref, want := range map[string]string{
		"nobody_d/20150518": `there is no task "nobody_d"`, "top_d/2015051807": "write yyyyMMdd", "top_d/20150518.0": "write top_d/20150518", "top_d/": "TASK/WORKNO",
	} {
		rerun.Exclude = []string{"top_d/20150519", ref}
		p := r.problem(http.MethodPost, "/api/v1/plans", "superadmin", rerun)
		if text := p.Detail + " " + p.Hint; p.Status != http.StatusUnprocessableEntity || p.Code != string(fault.Invalid) || !strings.Contains(text, want) || !strings.Contains(text, ref) {
			r.t.Errorf("%s: got %+v, want 422 that names it and says %q", ref, p, want)
		}
	}
}

// appliesWithout makes a rerun of three days of which one is left out.
func appliesWithout(r *rig, request wire.PlanRequest) {
	r.t.Helper()
	var plan wire.Plan
	r.must(http.MethodPost, "/api/v1/plans", "superadmin", request, &plan)
	var op wire.Operation
	r.must(http.MethodPost, fmt.Sprintf("/api/v1/plans/%d/apply", plan.ID), "superadmin", wire.ApplyPlanRequest{Fingerprint: plan.Fingerprint}, &op)
	if _, err := r.planner.CreateBatches(r.t.Context(), r.world.Lead); err != nil {
		r.t.Fatal(err)
	}
	r.must(http.MethodGet, fmt.Sprintf("/api/v1/operations/%d", op.ID), "viewer", nil, &op)
	if op.Created != 2 || op.Skipped != 1 || !slices.Equal(op.Request.Exclude, request.Exclude) {
		r.t.Errorf("got %+v, want 2 made, 1 left out, and what was asked for", op)
	}
	var list wire.BatchList
	r.must(http.MethodGet, "/api/v1/batches?task=top_d&from=2015-05-01&to=2015-06-01", "viewer", nil, &list)
	for _, b := range list.Items {
		if b.WorkNo == "20150519" {
			r.t.Errorf("got %s, want no batch of what was left out", b.Ref)
		}
	}
}
