package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/wire"
	"capricornus/worker/httpcall"
)

func TestHTTPCallEndsWithTheCodesOfCalls(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer server.Close()
	for path, want := range map[string]struct {
		hosts []string
		code  int
		last  string
	}{
		"/yes":  {[]string{"127.0.0.1"}, httpcall.ExitSuccess, "success\n"},
		"/no":   {[]string{"127.0.0.1"}, httpcall.ExitUnwanted, "failed: status 418 is not one of 200 to 299\n"},
		"/away": {[]string{"localhost"}, httpcall.ExitNoAnswer, "is not among the hosts that may be called; the worker's http_hosts says which\n"},
	} {
		text, err := json.Marshal(httpcall.Request{Call: wire.HTTPCall{Method: http.MethodGet, URL: server.URL + path}, Hosts: want.hosts})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), httpcall.RequestName)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := nowhere(t).run(t, httpCallName, file); got.code != want.code || !strings.HasSuffix(got.out, want.last) {
			t.Errorf("%s: got %+v, want %d and %q", path, got, want.code, want.last)
		}
	}
}
