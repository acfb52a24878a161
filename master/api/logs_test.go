package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// logWorker serves the log of any attempt as a worker does: signed calls only,
// by byte range.
func logWorker(t *testing.T, text string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := wire.VerifyCall(r.Header.Get("Authorization"), wire.TokenHash("worker"), r.Method, r.URL.RequestURI(), time.Now()); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		w.Header().Set(wire.HeaderLogSize, strconv.Itoa(len(text)))
		w.Header().Set("Content-Type", "text/html")
		offset = min(offset, len(text))
		_, _ = io.WriteString(w, text[offset:min(offset+limit, len(text))])
	}))
	t.Cleanup(server.Close)
	return server
}

const pathLog = "/api/v1/batches/tidy/"

// attempted makes one batch of a manual task with one attempt, ended or not.
func attempted(t *testing.T, end *wire.Fact) (*rig, string) {
	t.Helper()
	r := newRig(t)
	r.apply(taskFiles)
	r.beatQuietly("")
	var made wire.ExecuteReply
	r.must(http.MethodPost, "/api/v1/tasks/tidy/run", "developer", struct{}{}, &made)
	r.run(made.ID, end)
	_, run, _ := strings.Cut(made.Ref, "/")
	return r, pathLog + run + "/logs"
}

// beatQuietly announces an address as another master would have taken it: this
// one learns no key from it.
func (r *rig) beatQuietly(address string) {
	r.t.Helper()
	err := r.world.DB.Work(r.t.Context(), store.Actor{Kind: "worker", ID: storetest.Host}, func(t *store.WorkTx) error {
		return t.Beat(r.t.Context(), []store.Host{{
			Host: storetest.Host, CheckInterval: 30000, Incarnation: storetest.Incarnation, Group: "default", Labels: "{}", Features: "[]", Slots: 9, Address: address,
		}})
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestLogsArePassedOnFromTheWorker(t *testing.T) {
	t.Parallel()
	r, path := attempted(t, nil)
	text := strings.Repeat("0123456789\n", 100_000)
	r.beat(logWorker(t, text).URL)
	cases := map[string]struct{ query, want string }{
		"FromTheStart":  {"", text[:logDefault]},
		"Range":         {"?offset=11&limit=10", "0123456789"},
		"AttemptByName": {"?attempt=1&limit=3", "012"},
		"BeyondTheEnd":  {"?offset=9999999", ""},
		"Tail":          {"?tail=2", "0123456789\n0123456789\n"},
	}
	for name, c := range cases {
		got := r.send(http.MethodGet, path+c.query, "viewer", nil)
		if got.Code != http.StatusOK || got.Body.String() != c.want {
			t.Fatalf("%s: got %d with %d bytes, want 200 with %d", name, got.Code, got.Body.Len(), len(c.want))
		}
		head := got.Header()
		if head.Get("Content-Type") != logType || head.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %v, want plain text that is not sniffed", name, head)
		}
		if head.Get(wire.HeaderSize) != strconv.Itoa(len(text)) || head.Get(wire.HeaderAttempt) != "1" || head.Get(wire.HeaderDone) != "false" || head.Get("X-Log-Partial") != "" {
			t.Errorf("%s: got %v, want size, attempt 1, not done", name, head)
		}
	}
	if p := r.problem(http.MethodGet, path+"?attempt=7", "viewer", nil); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want NOT_FOUND for another attempt", p)
	}
}

func TestLogsOfAWorkerThisMasterHasNotHeardOf(t *testing.T) {
	t.Parallel()
	r, path := attempted(t, nil)
	r.beatQuietly(logWorker(t, "hello").URL)
	p := r.problem(http.MethodGet, path, "viewer", nil)
	if p.Code != string(fault.Unavailable) || !strings.Contains(p.Detail, "has not heard of worker w1") || !strings.Contains(p.Hint, "next heartbeat") {
		t.Errorf("got %+v, want that the next heartbeat is waited for", p)
	}
	r.leading = false
	if p := r.problem(http.MethodGet, path, "viewer", nil); !strings.Contains(p.Hint, leaderAddress) {
		t.Errorf("got %+v, want the leader named", p)
	}
}

func TestLogsOfAWorkerOutOfReach(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	strange := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound))
	t.Cleanup(strange.Close)
	lost := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(lost.Close)
	for name, c := range map[string]struct {
		address string
		want    fault.Code
	}{
		"Gone": {gone.URL, fault.Unavailable}, "Redirects": {strange.URL, fault.Unavailable}, "HasItNoMore": {lost.URL, fault.NotFound},
	} {
		r, path := attempted(t, nil)
		r.beat(c.address)
		if p := r.problem(http.MethodGet, path, "viewer", nil); p.Code != string(c.want) {
			t.Errorf("%s: got %+v, want %s", name, p, c.want)
		}
	}
}

func TestLogsFallBackOnTheTail(t *testing.T) {
	t.Parallel()
	exit := 0
	r, path := attempted(t, &wire.Fact{Kind: wire.FactFinished, ExitCode: &exit, Tail: "eight\nnine\nten\n", LogBytes: 100})
	cases := map[string]struct{ query, want, size string }{
		"FromTheStartItIsAll":     {"", "eight\nnine\nten\n", "15"},
		"GoingOnFromBefore":       {"?offset=96", "ten\n", "100"},
		"InTheMiddleThereIsNone":  {"?offset=50", "", "50"},
		"AtTheEndThereIsNone":     {"?offset=100", "", "100"},
		"FarBeyond":               {"?offset=5000", "", "100"},
		"LastLine":                {"?tail=1", "ten\n", "100"},
		"Limited":                 {"?limit=5", "eight", "15"},
		"MoreLinesThanThereAre":   {"?tail=50", "eight\nnine\nten\n", "100"},
		"ReadingOnFromWhatWasAll": {"?offset=15", "", "15"},
	}
	for name, c := range cases {
		got := r.send(http.MethodGet, path+c.query, "viewer", nil)
		head := got.Header()
		if got.Body.String() != c.want || head.Get(wire.HeaderSize) != c.size || head.Get("X-Log-Partial") != "tail" || head.Get(wire.HeaderDone) != "true" {
			t.Errorf("%s: got %d %q %v, want %q of %s", name, got.Code, got.Body, head, c.want, c.size)
		}
	}
}

func TestLogsOfABatchThatNeverRan(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	var made wire.ExecuteReply
	r.must(http.MethodPost, "/api/v1/tasks/tidy/run", "developer", struct{}{}, &made)
	if p := r.problem(http.MethodGet, "/api/v1/batches/"+made.Ref+"/logs", "viewer", nil); p.Code != string(fault.NotFound) || !strings.Contains(p.Detail, "no attempt") {
		t.Errorf("got %+v, want that no attempt started", p)
	}
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		n    int
		want string
	}{{"", 3, ""}, {"a", 1, "a"}, {"a\n", 1, "a\n"}, {"a\nb", 1, "b"}, {"a\nb\n", 1, "b\n"}, {"a\nb\nc\n", 2, "b\nc\n"}, {"a\n\n", 1, "\n"}, {"a\nb", 9, "a\nb"}} {
		if got := string(lastLines([]byte(c.text), c.n)); got != c.want {
			t.Errorf("last %d of %q: got %q, want %q", c.n, c.text, got, c.want)
		}
	}
}

func TestWorkerAddressIsAHostAndAPort(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"http://w1:9000": true, "https://10.0.0.1:9000/": true, "": false, "w1:9000": false, "ftp://w1": false, "file:///etc/passwd": false,
		"http://user:pw@w1": false, "http://w1/path": false, "http://w1?x=1": false, "http://": false, "http://w1#x": false,
	} {
		if _, err := workerAddress(text); (err == nil) != good {
			t.Errorf("%q: got %v, want accepted: %v", text, err, good)
		}
	}
}
