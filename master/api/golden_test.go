package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// TestReads reads every list and object of one small, fully determined history.
func TestReads(t *testing.T) {
	reads := map[string]string{
		"tasks":           "/api/v1/tasks",
		"tasks-page":      "/api/v1/tasks?project=weblog&limit=2",
		"tasks-period":    "/api/v1/tasks?period=day",
		"task":            "/api/v1/tasks/dwd_access_d",
		"batches":         "/api/v1/batches",
		"batches-page":    "/api/v1/batches?limit=2",
		"batches-failed":  "/api/v1/batches?state=failed",
		"batches-range":   "/api/v1/batches?task=ods_access_h&from=2000-01-01T02:00&to=2000010102&latest=true",
		"batch-done":      "/api/v1/batches/ods_access_h/2000010101",
		"batch-waiting":   "/api/v1/batches/dwd_access_d/20000101.0",
		"batch-retried":   "/api/v1/batches/ods_access_h/2000010102.0",
		"batch-events":    "/api/v1/batches/ods_access_h/2000010102/events",
		"batch-depends":   "/api/v1/batches/dwd_access_d/20000101/depends",
		"batch-attempts":  "/api/v1/batches/ods_access_h/2000010102/attempts",
		"operations":      "/api/v1/operations",
		"operations-page": "/api/v1/operations?limit=1",
		"hosts":           "/api/v1/hosts",
		"services":        "/api/v1/services",
		"status":          "/api/v1/status",
	}
	answers := map[string][]byte{}
	synctest.Test(t, func(t *testing.T) {
		r := history(t)
		for name, path := range reads {
			got := r.send(http.MethodGet, path, "viewer", nil)
			if got.Code != http.StatusOK {
				t.Errorf("%s: got %d %s, want 200", path, got.Code, got.Body)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, got.Body.Bytes(), "", "  "); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			answers[name] = pretty.Bytes()
		}
	})
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) { golden(t, name+".json", answer) })
	}
}

// history lets three hours of a cluster pass.
func history(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.request = "the-story"
	r.apply(taskFiles)
	<-time.After(3*time.Hour + 30*time.Minute) // virtual: this bubble's clock is what the goldens show
	r.coldStart("hour", "2000010101", "2000010103", "ods_access_h")
	r.coldStart("day", "20000101", "20000101")
	r.beat("http://w1:9000")
	exit, code := 0, 3
	r.run(r.batchID("ods_access_h/2000010101"), &wire.Fact{Kind: wire.FactFinished, ExitCode: &exit, Tail: "hello\n", LogBytes: 6, PeakMemory: 1 << 20})
	r.run(r.batchID("ods_access_h/2000010102"), &wire.Fact{Kind: wire.FactFinished, ExitCode: &code, ResultCode: 3, Tail: "no\n", LogBytes: 3})
	r.run(r.batchID("ods_access_h/2000010103"), nil)
	var made wire.ExecuteReply
	r.must(http.MethodPost, "/api/v1/tasks/tidy/run", "developer", struct{}{}, &made)
	r.run(made.ID, &wire.Fact{Kind: wire.FactFinished, ExitCode: &code, ResultCode: 3})
	r.must(http.MethodPost, "/api/v1/third-parties", "operator", wire.ThirdPartyRequest{Code: "pay-settle", Key: "19991231"}, nil)
	err := r.world.Lead.Tx(t.Context(), "depend", func(tx *store.LeaderTx) error {
		return errors.Join(
			tx.PutServiceRun(t.Context(), store.ServiceRun{Name: "depend", StartedAt: 946_695_600_000, EndedAt: 946_695_600_120, Rows: 7}),
			tx.PutServiceRun(t.Context(), store.ServiceRun{Name: "assign", StartedAt: 946_695_600_000, EndedAt: 946_695_600_005, Error: "no worker fits"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.send(http.MethodGet, pathOpenAPI, "", nil)
	if got.Code != http.StatusOK {
		t.Fatalf("got %d, want 200", got.Code)
	}
	golden(t, "openapi.json", append(got.Body.Bytes(), '\n'))
	golden(t, "docs.html", r.send(http.MethodGet, pathDocs, "", nil).Body.Bytes())
}
