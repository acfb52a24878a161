package api

import (
	"net/http"
	"testing"

	"capricornus/common/wire"
)

// BenchmarkGetBatch is one look at one batch, without the network.
func BenchmarkGetBatch(b *testing.B) {
	r := newRig(b)
	r.apply(taskFiles)
	var made wire.ExecuteReply
	r.must(http.MethodPost, "/api/v1/tasks/tidy/run", "developer", struct{}{}, &made)
	path := "/api/v1/batches/" + made.Ref
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if got := serve(b, r.handler, request{method: http.MethodGet, path: path, token: "viewer"}); got.Code != http.StatusOK {
				b.Errorf("got %d, want 200", got.Code)
			}
		}
	})
}
