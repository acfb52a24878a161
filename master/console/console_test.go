package console_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"capricornus/master/console"
)

func build() fstest.MapFS {
	return fstest.MapFS{
		"index.html":          {Data: []byte(`<meta name="csp-nonce" content="__NONCE__"><script src="/assets/a-1.js"></script>`)},
		"assets/a-1.js":       {Data: []byte(strings.Repeat("console.log(1);\n", 100))},
		"secret/not-an-asset": {Data: []byte("x")},
	}
}

func open(t *testing.T, files fstest.MapFS) *console.Console {
	t.Helper()
	c, err := console.From(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answer is what came back.
type answer struct {
	header http.Header
	body   []byte
}

// ask returns the answer, or nil when the console has none.
func ask(t *testing.T, c *console.Console, method, path string, header http.Header) *answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	maps.Copy(r.Header, header)
	w := httptest.NewRecorder()
	if !c.Serve(w, r) {
		return nil
	}
	return &answer{w.Header(), w.Body.Bytes()}
}

func browser() http.Header { return http.Header{"Accept": {"text/html,*/*"}} }

func TestEveryPageIsTheOnePageWithANonceOfItsOwn(t *testing.T) {
	t.Parallel()
	c := open(t, build())
	seen := map[string]bool{}
	nonce := regexp.MustCompile(`content="([A-Z0-9]{26})"`)
	for _, path := range []string{"/", "/batches/dwd_access_d%2F20150518.0", "/no/such/page", "/batches/../assets"} {
		r := ask(t, c, http.MethodGet, path, browser())
		if r == nil {
			t.Fatalf("%s: got no answer, want the page", path)
		}
		policy, page := r.header.Get("Content-Security-Policy"), string(r.body)
		found := nonce.FindStringSubmatch(page)
		if found == nil || !strings.Contains(policy, "'nonce-"+found[1]+"'") {
			t.Fatalf("%s: got the page %q with the policy %q, want one nonce in both", path, page, policy)
		}
		if seen[found[1]] {
			t.Errorf("%s: got a nonce for the second time", path)
		}
		seen[found[1]] = true
		if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "script-src 'self';") || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got the policy %q and Cache-Control %q", path, policy, r.header.Get("Cache-Control"))
		}
	}
}

func TestOnlyBrowsersGetAPageForAnyPath(t *testing.T) {
	t.Parallel()
	if r := ask(t, open(t, build()), http.MethodGet, "/metrics", http.Header{"Accept": {"application/json"}}); r != nil {
		t.Errorf("got %q for a program, want no answer", r.body)
	}
}

func TestFilesAreKeptForeverAndCompressed(t *testing.T) {
	t.Parallel()
	c := open(t, build())
	plain := ask(t, c, http.MethodGet, "/assets/a-1.js", nil)
	if plain == nil || !strings.Contains(plain.header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(plain.header.Get("Content-Type"), "text/javascript") {
		t.Fatalf("got %+v, want a script to be kept", plain)
	}
	// The file that reads the events for all pages is bound by its own policy, not by theirs.
	if policy := plain.header.Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self'") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("got the policy %q, want one that reads from here and nowhere else", policy)
	}
	want := string(plain.body)
	for range 2 {
		r := ask(t, c, http.MethodGet, "/assets/a-1.js", http.Header{"Accept-Encoding": {"br, gzip"}})
		z, err := gzip.NewReader(bytes.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if err != nil || string(got) != want {
			t.Errorf("got %d bytes, %v; want the %d of the file", len(got), err, len(want))
		}
	}
	if r := ask(t, c, http.MethodHead, "/assets/a-1.js", nil); r == nil || len(r.body) > 0 {
		t.Error("HEAD has a body")
	}
}

func TestWhatIsNotAnAssetIsNotServed(t *testing.T) {
	t.Parallel()
	c := open(t, build())
	for _, path := range []string{"/assets/missing.js", "/assets/../secret/not-an-asset", "/secret/not-an-asset"} {
		if r := ask(t, c, http.MethodGet, path, nil); r != nil {
			t.Errorf("%s: got %q, want no answer", path, r.body)
		}
	}
}

func TestWithoutABuildThereIsNoConsole(t *testing.T) {
	t.Parallel()
	c := open(t, fstest.MapFS{})
	if c != nil {
		t.Fatalf("got %v, want none", c)
	}
	if r := ask(t, c, http.MethodGet, "/", browser()); r != nil {
		t.Errorf("got %q, want no answer", r.body)
	}
}

func TestABuildWithoutAPlaceForANonceIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := console.From(fstest.MapFS{"index.html": {Data: []byte("<p>")}}); err == nil || !strings.Contains(err.Error(), "nonce") {
		t.Errorf("got %v, want an error about the nonce", err)
	}
}
