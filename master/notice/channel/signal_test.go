package channel_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/master/notice/channel"
)

func TestSignal(t *testing.T) {
	t.Parallel()
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.URL.String()+" "+r.Header.Get("User-Agent"))
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(file, []byte(server.URL+"/ping/secret-token?a=b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"GET", "PUT"} {
		signal, err := channel.NewSignal(config.Heartbeat{URLFile: file, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if err := signal.Call(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if want := "GET /ping/secret-token?a=b capricornus, PUT /ping/secret-token?a=b capricornus"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if signal, err := channel.NewSignal(config.Heartbeat{}); signal != nil || err != nil {
		t.Errorf("got %v and %v, want no signal", signal, err)
	}
}

// TestASignalThatCannotBe: what is wrong is said with its key, and without the URL.
func TestASignalThatCannotBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for want, cfg := range map[string]config.Heartbeat{
		"alerts.heartbeat.url_file: secret file /nowhere/url does not exist": {URLFile: "/nowhere/url"},
		"can be read by everybody": {URLFile: write("open", "https://a.b/secret-token", 0o644)},
		"alerts.heartbeat: this is not a URL: write it as the monitor shows it":  {URLFile: write("odd", "hc.example.com/secret-token", 0o600)},
		"alerts.heartbeat: this is not a URL: write it as the monitor shows it,": {URL: "ftp://hc.example.com/secret-token"},
	} {
		if _, err := channel.NewSignal(cfg); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret-token") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestASignalThatHangs ends with what asked for it.
func TestASignalThatHangs(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer server.Close()
	defer close(hang)
	signal, err := channel.NewSignal(config.Heartbeat{URL: config.Secret(server.URL), Method: "GET"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := signal.Call(ctx); err == nil {
		t.Error("got an answer, want none")
	}
}
