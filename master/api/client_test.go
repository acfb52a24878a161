package api

import (
	"net/http/httptest"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

// TestTheClientsCallsAreServed makes every call of the product's own client
// over a real connection.
func TestTheClientsCallsAreServed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	server := httptest.NewServer(r.handler)
	defer server.Close()
	ctx, client := t.Context(), &wire.Client{Base: server.URL, Token: "superadmin", HTTP: server.Client()}
	must := func(call string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", call, err)
		}
	}
	request := wire.ApplyRequest{Files: []wire.File{{Name: "tasks.yaml", Text: taskFiles}}, Note: "first"}
	reply, err := client.Apply(ctx, request)
	must("apply", err)
	if !reply.Applied || len(reply.Items) != 5 {
		t.Errorf("got %+v, want five definitions applied", reply)
	}
	_, err = client.Lint(ctx, request)
	must("lint", err)
	tasks, err := client.Tasks(ctx, wire.TaskQuery{Project: "weblog", Limit: 2})
	must("tasks", err)
	_, err = client.Tasks(ctx, wire.TaskQuery{Cursor: tasks.Next})
	must("tasks, next page", err)
	_, err = client.Task(ctx, "tidy")
	must("task", err)
	made, err := client.RunTask(ctx, "tidy")
	must("run", err)
	ref, err := batch.ParseRef(made.Ref)
	must("ref", err)
	list, err := client.Batches(ctx, wire.BatchQuery{Task: "tidy", Project: "weblog", State: "waiting", From: "2015-05-18", To: "2100-01-01", Limit: 5})
	must("batches", err)
	if len(list.Items) != 1 || list.Items[0].Ref != made.Ref {
		t.Errorf("got %+v, want %s", list, made.Ref)
	}
	_, err = client.Batches(ctx, wire.BatchQuery{Late: true})
	must("late batches", err)
	_, err = client.Batch(ctx, ref)
	must("batch", err)
	why, err := client.Why(ctx, batch.Ref{Task: ref.Task, WorkNo: ref.WorkNo, Run: batch.AnyRun})
	must("why", err)
	if why.Verdict != "waiting" {
		t.Errorf("got %+v, want it waiting", why)
	}
	_, err = client.Events(ctx, ref)
	must("events", err)
	if _, err = client.Logs(ctx, ref, wire.LogQuery{}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("logs: got %v, want NOT_FOUND", err)
	}
	plan, err := client.Plan(ctx, wire.PlanRequest{Kind: "coldstart", Period: "hour", From: "2015051801", To: "2015051802"})
	must("plan", err)
	operation, err := client.ApplyPlan(ctx, plan)
	must("apply plan", err)
	_, err = client.Operation(ctx, operation.ID)
	must("operation", err)
	operations, err := client.Operations(ctx, "", 3)
	must("operations", err)
	if len(operations.Items) != 1 || operations.Items[0].ID != operation.ID {
		t.Errorf("got %+v, want the one operation", operations)
	}
	plan.Fingerprint = "other"
	if _, err = client.ApplyPlan(ctx, plan); fault.CodeOf(err) != fault.PlanStale {
		t.Errorf("apply again: got %v, want PLAN_STALE", err)
	}
	must("announce", client.Announce(ctx, wire.ThirdPartyRequest{Code: "pay", Key: "1"}))
	_, err = client.Hosts(ctx)
	must("hosts", err)
	_, err = client.Services(ctx)
	must("services", err)
	must("run service", client.RunService(ctx, "depend"))
	status, err := client.Status(ctx)
	must("status", err)
	if status != (wire.Status{Version: "1.2.3", Node: "m1", Leader: "m1", Zone: "UTC"}) {
		t.Errorf("got %+v, want who serves and leads", status)
	}
}

// TestTheWorkersCallsAreServed makes the calls of the worker's client.
func TestTheWorkersCallsAreServed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	server := httptest.NewServer(r.handler)
	defer server.Close()
	client := &wire.WorkerClient{HTTP: server.Client(), Token: "worker", Masters: []string{server.URL}}
	beat := wire.Heartbeat{Host: "w9", Incarnation: "i9", Address: "http://w9:9000", Group: "default", Slots: 1, CheckInterval: 30_000}
	if _, err := client.Heartbeat(t.Context(), beat); err != nil {
		t.Fatal(err)
	}
	if _, known := r.api.hosts.of("w9"); !known {
		t.Error("got no key of w9, want the one of its token")
	}
	claims := &wire.WorkerClient{HTTP: server.Client(), Token: "worker", Masters: []string{server.URL}} // the other one goes to the leader's address
	if _, err := claims.Claim(t.Context(), wire.Claim{Host: "w9", Incarnation: "i9", Free: 1, First: true}); err != nil {
		t.Error(err)
	}
	verdicts, err := claims.Facts(t.Context(), []wire.Fact{{Kind: wire.FactStarted, WorkID: 1, Attempt: 1, Host: "w9", Incarnation: "i9"}})
	if err != nil || len(verdicts) != 1 || verdicts[0] != wire.VerdictStale {
		t.Errorf("got %v, %v, want stale", verdicts, err)
	}
}
