package logserver

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/wire"
	"capricornus/worker/workdir"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "token of w1"

// rig is a server for the logs of one root, and a master that calls it.
type rig struct {
	t      *testing.T
	root   *workdir.Root
	server *Server
	base   string
	client *http.Client
}

func newRig(t *testing.T) *rig {
	t.Helper()
	root, err := workdir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server := New(root, token)
	listener := httptest.NewServer(server.Handler())
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		listener.Close()
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rig{t: t, root: root, server: server, base: listener.URL, client: client}
}

// attempt makes an attempt with a log.
func (r *rig) attempt(workID int64, text string) *workdir.Attempt {
	r.t.Helper()
	a, err := r.root.Create(wire.Held{WorkID: workID, Attempt: 1})
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(a, text)
	return a
}

func (r *rig) write(a *workdir.Attempt, text string) {
	r.t.Helper()
	log, err := a.OpenLog()
	if err != nil {
		r.t.Fatal(err)
	}
	_, err = log.WriteString(text)
	if err != nil || log.Close() != nil {
		r.t.Fatal(err)
	}
}

type answer struct {
	status int
	head   http.Header
	text   string
}

// send makes a signed call.
func (r *rig) send(target string) answer {
	r.t.Helper()
	got, err := r.try(r.t.Context(), target)
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

func (r *rig) try(ctx context.Context, target string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+target, nil)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Authorization", wire.SignCall(wire.TokenHash(token), http.MethodGet, target, time.Now()))
	response, err := r.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(text)}, err
}

func (r *rig) ask(call wire.LogCall) answer {
	r.t.Helper()
	call.Attempt = 1
	return r.send(call.Target())
}

func (a answer) describes(size, offset, next int64) bool {
	return a.head.Get(wire.HeaderLogSize) == decimal(size) && a.head.Get(wire.HeaderLogOffset) == decimal(offset) && a.head.Get(wire.HeaderLogNext) == decimal(next)
}

func TestPartsOfALog(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const text = "one\ntwo\xff\nthree\x00\x1b[2J\n<script>"
	r.attempt(1, text)
	r.attempt(2, "")
	if _, err := r.root.Create(wire.Held{WorkID: 3, Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	whole := int64(len(text))
	for name, c := range map[string]struct {
		call               wire.LogCall
		want               string
		size, offset, next int64
	}{
		"AllOfIt":            {wire.LogCall{Held: wire.Held{WorkID: 1}}, text, whole, 0, whole},
		"APart":              {wire.LogCall{Held: wire.Held{WorkID: 1}, Offset: 4, Limit: 3}, "two", whole, 4, 7},
		"FromTheEnd":         {wire.LogCall{Held: wire.Held{WorkID: 1}, Offset: -8}, "<script>", whole, whole - 8, whole},
		"BeyondTheEnd":       {wire.LogCall{Held: wire.Held{WorkID: 1}, Offset: 999}, "", whole, whole, whole},
		"LastLines":          {wire.LogCall{Held: wire.Held{WorkID: 1}, Tail: 2}, text[9:], whole, 9, whole},
		"MoreLinesThanThere": {wire.LogCall{Held: wire.Held{WorkID: 1}, Tail: 99}, text, whole, 0, whole},
		"AnEmptyLog":         {wire.LogCall{Held: wire.Held{WorkID: 2}, Tail: 3}, "", 0, 0, 0},
		"NoLogYet":           {wire.LogCall{Held: wire.Held{WorkID: 3}}, "", 0, 0, 0},
	} {
		got := r.ask(c.call)
		if got.status != http.StatusOK || got.text != c.want || !got.describes(c.size, c.offset, c.next) {
			t.Errorf("%s: got %d %q %v, want %q of %d from %d to %d", name, got.status, got.text, got.head, c.want, c.size, c.offset, c.next)
		}
		if got.head.Get("Content-Type") != "text/plain; charset=utf-8" || got.head.Get("X-Content-Type-Options") != "nosniff" || got.head.Get(wire.HeaderLogSettled) != "false" {
			t.Errorf("%s: got %v, want plain text that is not sniffed, of an attempt that is not settled", name, got.head)
		}
	}
}

func TestCallsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.attempt(1, "text\n")
	for target, status := range map[string]int{
		"/logs/1-1": 200, "/logs/2-1": 404, "/logs/1-2": 404, "/": 404, "/logs/": 404, "/logs/1-1/log": 404,
		"/logs/..%2F..%2Fidentity.json": 400, "/logs/1-1%2F..%2F..": 400, "/logs/%2e%2e": 400, "/logs/.shared": 400, "/logs/01-1": 400, "/logs/1--1": 400, "/logs/1-1%00": 400,
		"/logs/1-1?offset=x": 400, "/logs/1-1?limit=-1": 400, "/logs/1-1?tail=-1": 400, "/logs/1-1?wait=30001": 400, "/logs/1-1?offset=99999999999999999999": 400,
		"/logs/1-1?search=%28&regexp=true": 400, "/logs/1-1?search=x&regexp=1": 400, "/logs/1-1?search=x&limit=1001": 400,
		"/logs/1-1?search=" + strings.Repeat("x", 201): 400,
	} {
		if got := r.send(target); got.status != status {
			t.Errorf("%s: got %d %q, want %d", target, got.status, got.text, status)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.base+"/logs/1-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", wire.SignCall(wire.TokenHash(token), http.MethodPost, "/logs/1-1", time.Now()))
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d, want 405", response.StatusCode)
	}
}

// TestAPlantedLogIsNotFollowed puts into the place of the log what a script
// that may write there could.
func TestAPlantedLogIsNotFollowed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	secret := t.TempDir() + "/secret"
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, plant := range map[string]func(path string) error{
		"Link":      func(path string) error { return os.Symlink(secret, path) },
		"APipe":     func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"Directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"Zeroes":    func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		a := r.attempt(int64(len(name)), "")
		path := a.Path() + "/log"
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := plant(path); err != nil {
			t.Fatal(err)
		}
		for _, call := range []wire.LogCall{{}, {Tail: 1}, {Search: "secret"}, {Wait: time.Second, Offset: 7}} {
			call.WorkID = int64(len(name))
			if got := r.ask(call); got.status != http.StatusInternalServerError || strings.Contains(got.text, "secret") {
				t.Errorf("%s %+v: got %d %q, want that it cannot be read", name, call, got.status, got.text)
			}
		}
	}
}

func TestADroppedMiddleIsPassedOver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const from, to = 10_010, 1_500_000
	text := strings.Repeat("beginning\n", 1000) + "[dropped]\n" + strings.Repeat("\x00", to-from) + strings.Repeat("end of it\n", 50_000)
	a := r.attempt(1, text)
	if err := a.Write("log.gap", fmt.Appendf(nil, "%d %d\n", from, to), 0o600); err != nil {
		t.Fatal(err)
	}
	first := r.ask(wire.LogCall{Held: wire.Held{WorkID: 1}})
	if !first.describes(2_000_000, 0, to) || len(first.text) != from || !strings.HasSuffix(first.text, "]\n") {
		t.Errorf("got %d bytes %v, want those up to %d and to go on from %d", len(first.text), first.head, from, to)
	}
	defer func() {
		if err := os.Truncate(a.Path()+"/log", from+100); err != nil {
			t.Fatal(err)
		}
		if got := r.ask(wire.LogCall{Held: wire.Held{WorkID: 1}, Offset: from + 5}); got.text != "" || !got.describes(from+100, from+100, from+100) {
			t.Errorf("got %+v, want nothing of a log that was cut in its gap", got)
		}
	}()
	second := r.ask(wire.LogCall{Held: wire.Held{WorkID: 1}, Offset: from + 5})
	if !second.describes(2_000_000, to, 2_000_000) || strings.Contains(second.text, "\x00") || !strings.HasSuffix(second.text, "end of it\n") {
		t.Errorf("got %d bytes %v, want those from %d", len(second.text), second.head, to)
	}
}

func TestAPartThatGoesMeanwhileIsBrokenOff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, change := range map[string]func(a *workdir.Attempt) error{
		"Cut": func(a *workdir.Attempt) error { return os.Truncate(a.Path()+"/log", 10) },
		"Dropped": func(a *workdir.Attempt) error {
			return a.Write("log.gap", fmt.Appendf(nil, "%d %d\n", 4096, 16<<20), 0o600)
		},
	} {
		a := r.attempt(int64(len(name)), strings.Repeat("x", 32<<20))
		target := wire.LogCall{Held: wire.Held{WorkID: int64(len(name)), Attempt: 1}}.Target()
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		// A reader that takes nothing: the worker stops where the buffers are full.
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: w1\r\nAuthorization: %s\r\n\r\n", target, wire.SignCall(wire.TokenHash(token), http.MethodGet, target, time.Now()))
		if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		if err := change(a); err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, conn)
		if err != nil && !strings.Contains(err.Error(), "reset") || n >= 32<<20 {
			t.Errorf("%s: got %d bytes, %v, want the connection ended early", name, n, err)
		}
		_ = conn.Close()
	}
}

func TestADeletedLog(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := r.attempt(1, "text\n")
	if err := os.Remove(a.Path() + "/log"); err != nil {
		t.Fatal(err)
	}
	if got := r.ask(wire.LogCall{Held: wire.Held{WorkID: 1}, Offset: 3}); got.status != http.StatusOK || !got.describes(0, 0, 0) {
		t.Errorf("got %+v, want an empty log", got)
	}
	if err := os.RemoveAll(a.Path()); err != nil {
		t.Fatal(err)
	}
	if got := r.ask(wire.LogCall{Held: wire.Held{WorkID: 1}}); got.status != http.StatusNotFound {
		t.Errorf("got %+v, want 404", got)
	}
}

func TestWaitingForALogToGrow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := r.attempt(1, "one\n")
	wait := func(offset int64, wait time.Duration) chan answer {
		out := make(chan answer, 1)
		go func() {
			got, err := r.try(context.Background(), wire.LogCall{Held: a.Key(), Offset: offset, Wait: wait}.Target())
			if err != nil {
				got.text = err.Error()
			}
			out <- got
		}()
		return out
	}
	later := make(chan answer, 1)
	go func() {
		got, err := r.try(context.Background(), wire.LogCall{Held: wire.Held{WorkID: 2, Attempt: 1}, Wait: wire.MaxLogWait}.Target())
		if err != nil {
			got.text = err.Error()
		}
		later <- got
	}()
	r.attempt(2, "late\n")
	if got := <-later; got.text != "late\n" {
		t.Errorf("got %+v, want the log of an attempt that begins meanwhile", got)
	}
	if got := r.ask(wire.LogCall{Held: wire.Held{WorkID: 3}, Wait: 50 * time.Millisecond}); got.status != http.StatusNotFound {
		t.Errorf("got %+v, want 404 after the time", got)
	}
	if got := <-wait(0, wire.MaxLogWait); got.text != "one\n" {
		t.Errorf("got %+v, want what is there already", got)
	}
	if got := <-wait(4, 50*time.Millisecond); got.text != "" || !got.describes(4, 4, 4) || got.head.Get(wire.HeaderLogSettled) != "false" {
		t.Errorf("got %+v, want nothing after the time", got)
	}
	grows := wait(4, wire.MaxLogWait)
	r.write(a, "two\n")
	if got := <-grows; got.text != "two\n" || !got.describes(8, 4, 8) {
		t.Errorf("got %+v, want what was written meanwhile", got)
	}
	shrinks := wait(8, wire.MaxLogWait)
	if err := os.Truncate(a.Path()+"/log", 2); err != nil {
		t.Fatal(err)
	}
	if got := <-shrinks; got.text != "" || !got.describes(2, 2, 2) {
		t.Errorf("got %+v, want the new end", got)
	}
	ends := wait(2, wire.MaxLogWait)
	if err := a.MarkReported(); err != nil {
		t.Fatal(err)
	}
	if got := <-ends; got.text != "" || got.head.Get(wire.HeaderLogSettled) != "true" {
		t.Errorf("got %+v, want that it is settled", got)
	}
}

func TestTargetsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	for _, call := range []wire.LogCall{
		{}, {Offset: -5, Limit: 7}, {Tail: 3, Wait: 1500 * time.Millisecond}, {Search: "a&b=ü %", Regexp: true, IgnoreCase: true, Offset: 1 << 60, Limit: 9},
	} {
		u, err := url.Parse(call.Target())
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := wire.ParseLogQuery(u.Query()); !ok || got != call {
			t.Errorf("got %+v, %v, want %+v", got, ok, call)
		}
	}
}
