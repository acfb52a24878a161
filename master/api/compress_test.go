package api

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"capricornus/common/wire"
)

func TestLargeAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(warehouse)
	ask := func(path, accept string) *httptest.ResponseRecorder {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		request.Header.Set("Authorization", "Bearer viewer")
		request.Header.Set("Accept-Encoding", accept)
		got := httptest.NewRecorder()
		r.handler.ServeHTTP(got, request)
		return got
	}
	got := ask("/api/v1/graph", "gzip, deflate, br")
	if got.Header().Get("Content-Encoding") != "gzip" || got.Header().Get("Vary") != "Accept-Encoding" || got.Header().Get("ETag") == "" {
		t.Fatalf("got %v, want it compressed", got.Header())
	}
	reader, err := gzip.NewReader(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	var g wire.Graph
	if err := json.NewDecoder(reader).Decode(&g); err != nil || len(g.Nodes) != 6 {
		t.Errorf("got %d tasks, %v, want all", len(g.Nodes), err)
	}
	if _, err := io.Copy(io.Discard, reader); err != nil {
		t.Errorf("got %v, want a whole body", err)
	}
	for path, accept := range map[string]string{
		"/api/v1/graph":             "deflate",
		"/api/v1/graph?group=layer": "gzip;q=0, *",
		"/api/v1/search?q=zzz":      "gzip", // small
		"/api/v1/nothing":           "gzip", // small, and an error
		"/healthz":                  "gzip", // no JSON
	} {
		if got := ask(path, accept); got.Header().Get("Content-Encoding") != "" || got.Body.Len() == 0 || got.Code == 0 {
			t.Errorf("%s for %s: got %v and %d bytes, want it as it is", path, accept, got.Header(), got.Body.Len())
		}
	}
	if got := ask("/api/v1/nothing", "gzip"); got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), "NOT_FOUND") {
		t.Errorf("got %d %s, want the error", got.Code, got.Body)
	}
}

func TestWhoTakesGzip(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"": false, "gzip": true, "GZIP;q=0.5": true, "deflate, gzip;q=1.0, *;q=0.5": true, "gzip;q=0": false, "*": true, "*;q=0": false, "gzip; q=0, *": false, "br": false, "identity;q=1, *;q=0": false,
	} {
		if got := takesGzip(accept); got != want {
			t.Errorf("%q: got %t, want %t", accept, got, want)
		}
	}
}
