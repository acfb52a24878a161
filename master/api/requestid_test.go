package api

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/trace"
	"capricornus/common/wire"
)

// TestRequestsAreFoundAgain follows the id of a request through all that it
// leaves behind: the operation, its batches, the audit row, the environment.
func TestRequestsAreFoundAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.request = "night-run.7"
	r.apply(taskFiles)
	r.coldStart("hour", "2000010101", "2000010101", "ods_access_h")
	var operations wire.OperationList
	r.must(http.MethodGet, "/api/v1/operations", "viewer", nil, &operations)
	if len(operations.Items) != 1 || operations.Items[0].RequestID != "night-run.7" {
		t.Errorf("got %+v, want an operation of the request", operations.Items)
	}
	var detail wire.BatchDetail
	r.must(http.MethodGet, "/api/v1/batches/ods_access_h/2000010101", "viewer", nil, &detail)
	if detail.RequestID != "night-run.7" {
		t.Errorf("got a batch of the request %q, want that of its operation", detail.RequestID)
	}
	var audit []store.AuditRow
	err := r.world.DB.View(t.Context(), func(v *store.ViewTx) (err error) {
		audit, err = v.Audits(t.Context(), store.AuditFilter{Limit: 100})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, row := range audit {
		if row.Request == "night-run.7" {
			named++
		}
	}
	if named < 2 {
		t.Errorf("got %d audit rows of the request in %+v, want those of applying twice", named, audit)
	}
	r.beat("http://w1:9000")
	if err := r.world.Assign(storetest.Host, detail.ID); err != nil {
		t.Fatal(err)
	}
	var reply wire.ClaimReply
	r.must(http.MethodPost, wire.PathClaim, "worker", wire.Claim{Host: storetest.Host, Incarnation: storetest.Incarnation, Free: 4}, &reply)
	if len(reply.Assignments) != 1 || reply.Assignments[0].Request != "night-run.7" || reply.Assignments[0].Env["CAPRI_REQUEST_ID"] != "night-run.7" {
		t.Errorf("got %+v, want the request in assignment and environment", reply.Assignments)
	}
}

// TestTracesGoThroughTheMaster: what came with the claim goes with the assignment.
func TestTracesGoThroughTheMaster(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	r.coldStart("hour", "2000010101", "2000010101", "ods_access_h")
	r.beat("http://w1:9000")
	if err := r.world.Assign(storetest.Host, r.batchID("ods_access_h/2000010101")); err != nil {
		t.Fatal(err)
	}
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	server := httptest.NewServer(r.handler)
	defer server.Close()
	client := &wire.WorkerClient{HTTP: server.Client(), Token: "worker", Masters: []string{server.URL}}
	reply, err := client.Claim(trace.Under(t.Context(), parent), wire.Claim{Host: storetest.Host, Incarnation: storetest.Incarnation, Free: 4})
	if err != nil || len(reply.Assignments) != 1 || reply.Assignments[0].Trace != parent {
		t.Errorf("got %+v, %v, want an assignment in the trace of its claim", reply, err)
	}
}
