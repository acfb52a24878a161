package wire_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"capricornus/common/logs"
	"capricornus/common/trace"
	"capricornus/common/wire"
)

// TestCallsAreMadeUnderOneRequest: a command's calls have one id, which a bug's
// message repeats, and go on in the trace that the command is in.
func TestCallsAreMadeUnderOneRequest(t *testing.T) {
	t.Parallel()
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(logs.HeaderRequest) != "one" || r.Header.Get(trace.Header) != parent {
			t.Errorf("got %v, want the request one and its trace", r.Header)
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"code": "INTERNAL", "detail": "something went wrong inside", "requestId": "one"}`))
	}))
	defer server.Close()
	c := &wire.Client{Base: server.URL, Request: "one"}
	_, err := c.Status(trace.Under(t.Context(), parent))
	if err == nil || !strings.Contains(err.Error(), "request ID one") {
		t.Errorf("got %v, want the id of the request", err)
	}
}
