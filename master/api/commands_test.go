package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// member is a token of somebody with a role, in a department or in none.
func (r *rig) member(name, role string, department int64) {
	r.t.Helper()
	ids := r.world.IDs(2)
	r.world.Change("INSERT INTO capri_user (id, name, title, departmentId, role, phone, mail, isEnabled, createdAt) VALUES (?, ?, '', ?, ?, '', '', 1, 1)", ids[0], name, department, role)
	err := r.world.DB.Operate(r.t.Context(), store.Actor{Kind: "person", ID: "admin"}, func(t *store.OperateTx) error {
		return t.PutToken(r.t.Context(), store.Token{ID: ids[1], Hash: wire.TokenHash(name), Name: name, UserID: ids[0], Role: role})
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestCommandsOverTheWire(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	r.coldStart("hour", "2015051801", "2015051804", "ods_access_h")
	server := httptest.NewServer(r.handler)
	defer server.Close()
	ctx := t.Context()
	as := func(token string) *wire.Client {
		return &wire.Client{Base: server.URL, Token: token, HTTP: server.Client()}
	}
	first := batch.Ref{Task: "ods_access_h", WorkNo: "2015051801", Run: 0}
	until := time.Now().Add(time.Hour).UnixMilli()
	reply, err := as("developer").CommandBatch(ctx, "hold", first, wire.CommandRequest{Reason: "look", Until: until})
	if err != nil || !reply.Changed || reply.Object != first.String() || reply.Code != "HOLD" {
		t.Fatalf("got %+v, %v, want it held", reply, err)
	}
	if _, err = as("developer").CommandTask(ctx, "hold", "ods_access_h", wire.CommandRequest{Reason: "look"}); err != nil {
		t.Fatal(err)
	}
	if _, err = as("operator").CommandProject(ctx, "hold", "weblog", wire.CommandRequest{Reason: "move"}); err != nil {
		t.Fatal(err)
	}
	if _, err = as("operator").Breaker(ctx, "trip", wire.BreakerRequest{Task: "tidy", Reason: "storm"}); err != nil {
		t.Fatal(err)
	}
	holds, err := as("viewer").Holds(ctx, "", 2)
	if err != nil || len(holds.Items) != 2 || holds.Next == "" || holds.Items[0].Object != first.String() || holds.Items[0].Until != until || holds.Items[1].Kind != "task" {
		t.Fatalf("got %+v, %v, want the first two holds", holds, err)
	}
	if holds, err = as("viewer").Holds(ctx, holds.Next, 9); err != nil || len(holds.Items) != 2 || holds.Items[0].Object != "weblog" || holds.Items[1].Source != "breaker" || holds.Next != "" {
		t.Fatalf("got %+v, %v, want the other two", holds, err)
	}
	if breakers, err := as("viewer").Breakers(ctx, "", 0); err != nil || len(breakers.Items) != 1 || breakers.Items[0].Object != "tidy" || breakers.Items[0].Reason != "storm" {
		t.Fatalf("got %+v, %v, want the breaker alone", breakers, err)
	}
	if projects, err := as("viewer").Projects(ctx); err != nil || len(projects.Items) != 2 || projects.Items[1].Name != "weblog" || len(projects.Items[1].Holds) != 1 {
		t.Fatalf("got %+v, %v, want both projects, and what holds the second", projects, err)
	}
	for _, verb := range []string{"release", "kill"} {
		if got, err := as("developer").CommandBatch(ctx, verb, first, wire.CommandRequest{Reason: "wrong input"}); err != nil || !got.Changed {
			t.Errorf("%s: got %+v, %v, want it changed", verb, got, err)
		}
	}
	if _, err := as("developer").CommandBatch(ctx, "mark", batch.Ref{Task: first.Task, WorkNo: "2015051802", Run: batch.AnyRun}, wire.CommandRequest{Reason: "checked", Result: "skipped"}); err != nil {
		t.Errorf("mark: got %v, want no error", err)
	}
	if _, err := as("operator").Breaker(ctx, "reset", wire.BreakerRequest{Task: "tidy"}); err != nil {
		t.Errorf("reset: got %v, want no error", err)
	}
	if _, err := as("operator").CommandProject(ctx, "release", "weblog", wire.CommandRequest{}); err != nil {
		t.Errorf("release: got %v, want no error", err)
	}
	for action, want := range map[string]int{
		"batch.hold": 1, "batch.release": 1, "batch.kill": 1, "batch.mark": 1, "task.hold": 1, "project.hold": 1, "project.release": 1, "breaker.trip": 1, "breaker.reset": 1,
	} {
		if n := r.world.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action = ? AND source = '127.0.0.1'", action); n != want {
			t.Errorf("got %d audit rows of %s, want %d", n, action, want)
		}
	}
}

func TestCommandsAreForThoseWhoMay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	r.coldStart("hour", "2015051801", "2015051801", "ods_access_h")
	department := int64(r.world.Figure("SELECT departmentId FROM capri_project WHERE name = 'weblog'"))
	r.member("colleague", "developer", department)
	r.member("stranger", "developer", department+1)
	r.member("nowhere", "developer", 0)
	r.member("duty", "operator", 0)
	const path = "/api/v1/batches/ods_access_h/2015051801/hold"
	for token, want := range map[string]int{"colleague": http.StatusOK, "stranger": http.StatusForbidden, "nowhere": http.StatusForbidden, "duty": http.StatusOK, "viewer": http.StatusForbidden} {
		if got := r.send(http.MethodPost, path, token, wire.CommandRequest{Reason: "by " + token}); got.Code != want {
			t.Errorf("%s: got %d %s, want %d", token, got.Code, got.Body, want)
		}
	}
	if p := r.problem(http.MethodPost, path, "stranger", wire.CommandRequest{Reason: "look"}); !strings.Contains(p.Detail+p.Hint, "admin") {
		t.Errorf("got %+v, want it to name the owner", p)
	}
	if got := r.send(http.MethodPost, "/api/v1/projects/weblog/hold", "colleague", wire.CommandRequest{Reason: "look"}); got.Code != http.StatusForbidden {
		t.Errorf("got %d, want projects held by people on duty only", got.Code)
	}
}

func TestCommandsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	r.coldStart("hour", "2015051801", "2015051801", "ods_access_h")
	const one = "/api/v1/batches/ods_access_h/2015051801/"
	cases := []struct {
		path string
		body any
		code fault.Code
		says string
	}{
		{one + "kill", wire.CommandRequest{}, fault.Invalid, "reason"},
		{one + "kill", wire.CommandRequest{Reason: "r", Result: "failed"}, fault.Invalid, "no result"},
		{one + "mark", wire.CommandRequest{Reason: "r", Result: "lost"}, fault.Invalid, "lost"},
		{one + "hold", wire.CommandRequest{Reason: "r", Until: 5}, fault.Invalid, "passed"},
		{one + "hold", `{"why":"r"}`, fault.Usage, "why"},
		{one + "hold", "", fault.Usage, "required"},
		{"/api/v1/batches/ods_access_h/x/kill", wire.CommandRequest{Reason: "r"}, fault.Invalid, "digits"},
		{"/api/v1/batches/ods_access_h/2015051899/kill", wire.CommandRequest{Reason: "r"}, fault.NotFound, "2015051899"},
		{"/api/v1/tasks/nothing/hold", wire.CommandRequest{Reason: "r"}, fault.NotFound, "nothing"},
		{"/api/v1/tasks/tidy/hold", wire.CommandRequest{Reason: "r", Result: "failed"}, fault.Invalid, "no result"},
		{"/api/v1/projects/nothing/hold", wire.CommandRequest{Reason: "r"}, fault.NotFound, "nothing"},
		{"/api/v1/breakers/trip", wire.BreakerRequest{Reason: "r"}, fault.Invalid, "one task or of one project"},
		{"/api/v1/breakers/trip", wire.BreakerRequest{Task: "tidy", Project: "weblog", Reason: "r"}, fault.Invalid, "one task or of one project"},
		{"/api/v1/operations/4711/cancel", wire.ReasonRequest{}, fault.NotFound, "4711"},
	}
	for _, c := range cases {
		if p := r.problem(http.MethodPost, c.path, "superadmin", c.body); p.Code != string(c.code) || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s %v: got %+v, want %s that says %q", c.path, c.body, p, c.code, c.says)
		}
	}
	if n := r.world.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action LIKE 'batch.%' OR action LIKE '%.hold'"); n != 0 {
		t.Errorf("got %d audit rows, want none for what was refused", n)
	}
	for _, path := range []string{"/api/v1/operations/4711/items", "/api/v1/operations/1/items?cursor=zzz", "/api/v1/holds?cursor=zzz"} {
		if got := r.send(http.MethodGet, path, "viewer", nil); got.Code != http.StatusNotFound && got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 404 or 422", path, got.Code)
		}
	}
}

func TestOperationsOfCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	r.coldStart("hour", "2015051801", "2015051803", "ods_access_h")
	server := httptest.NewServer(r.handler)
	defer server.Close()
	ctx := t.Context()
	client := &wire.Client{Base: server.URL, Token: "developer", HTTP: server.Client()}
	plan, err := client.Plan(ctx, wire.PlanRequest{Kind: "kill", Refs: []string{"ods_access_h/2015051801", "ods_access_h/2015051802"}, Reason: "wrong input"})
	if err != nil || plan.Counts.Change != 2 {
		t.Fatalf("got %+v, %v, want two to change", plan, err)
	}
	op, err := client.ApplyPlan(ctx, plan)
	if err != nil || op.State != "creating" || op.Total != 2 {
		t.Fatalf("got %+v, %v, want an operation of two", op, err)
	}
	if op, err = client.TurnOperation(ctx, "cancel", op.ID, "wait"); err != nil || op.State != "cancelled" {
		t.Fatalf("got %+v, %v, want it cancelled", op, err)
	}
	if _, err := r.planner.CreateBatches(ctx, r.world.Lead); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CommandBatch(ctx, "kill", batch.Ref{Task: "ods_access_h", WorkNo: "2015051802"}, wire.CommandRequest{Reason: "by hand"}); err != nil {
		t.Fatal(err)
	}
	if op, err = client.TurnOperation(ctx, "resume", op.ID, "go on"); err != nil || op.State != "creating" {
		t.Fatalf("got %+v, %v, want it to go on", op, err)
	}
	for range 3 {
		if _, err := r.planner.CreateBatches(ctx, r.world.Lead); err != nil {
			t.Fatal(err)
		}
	}
	op, err = client.Operation(ctx, op.ID)
	if err != nil || op.State != "done" || op.Created != 1 || op.Failed != 1 || op.EndedAt == 0 {
		t.Errorf("got %+v, %v, want one changed and one that could not be", op, err)
	}
	items, err := client.OperationItems(ctx, op.ID, wire.ItemQuery{Limit: 1})
	if err != nil || len(items.Items) != 1 || items.Next == "" || items.Items[0].Ref != "ods_access_h/2015051801.0" || items.Items[0].State != "killed" {
		t.Fatalf("got %+v, %v, want the first item", items, err)
	}
	items, err = client.OperationItems(ctx, op.ID, wire.ItemQuery{Cursor: items.Next, Limit: 10})
	if err != nil || len(items.Items) != 1 || items.Next != "" || items.Items[0].Decision != "fail" || !strings.Contains(items.Items[0].Result, "killed already") {
		t.Errorf("got %+v, %v, want the second item with why it was left alone", items, err)
	}
	if r := op.Request; r == nil || r.Kind != "kill" || len(r.Refs) != 2 || r.Reason != "wrong input" {
		t.Errorf("got %+v, want what was asked for", op.Request)
	}
	op.Request = nil // not in lists
	list, err := client.Operations(ctx, "", 5)
	if err != nil || len(list.Items) != 2 || list.Items[0] != op || list.Items[1].Kind != "coldstart" || list.Items[1].Failed != 2 {
		t.Errorf("got %+v, %v, want both operations counted alike in the list", list, err)
	}
}
