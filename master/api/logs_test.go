package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/worker/logserver"
	"capricornus/worker/workdir"
)

// logWorker is the log server of a worker with one attempt.
type logWorker struct {
	*httptest.Server
	root    *workdir.Root
	attempt *workdir.Attempt
}

func newLogWorker(t *testing.T, workID int64, text string) *logWorker {
	t.Helper()
	root, err := workdir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	attempt, err := root.Create(wire.Held{WorkID: workID, Attempt: 1})
	if err != nil {
		t.Fatal(err)
	}
	w := &logWorker{httptest.NewServer(logserver.New(root, "worker").Handler()), root, attempt}
	t.Cleanup(func() {
		w.Close()
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	})
	w.write(t, text)
	return w
}

func (w *logWorker) write(t *testing.T, text string) {
	t.Helper()
	log, err := w.attempt.OpenLog()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.WriteString(text); err != nil || log.Close() != nil {
		t.Fatal(err)
	}
}

const pathLog = "/api/v1/batches/tidy/"

// attempted makes one batch of a manual task with one attempt, ended or not.
func attempted(t *testing.T, end *wire.Fact) (r *rig, id int64, path string) {
	t.Helper()
	r = newRig(t)
	r.apply(taskFiles)
	r.beatQuietly("")
	var made wire.ExecuteReply
	r.must(http.MethodPost, "/api/v1/tasks/tidy/run", "developer", struct{}{}, &made)
	r.run(made.ID, end)
	_, run, _ := strings.Cut(made.Ref, "/")
	return r, made.ID, pathLog + run + "/logs"
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

// read gets a part of a log and holds its head against what is wanted.
func (r *rig) read(path, want string, head map[string]string) {
	r.t.Helper()
	got := r.send(http.MethodGet, path, "viewer", nil)
	if got.Code != http.StatusOK || got.Body.String() != want {
		r.t.Fatalf("%s: got %d with %d bytes %.80q, want 200 with %d", path, got.Code, got.Body.Len(), got.Body, len(want))
	}
	if h := got.Header(); h.Get("Content-Type") != logType || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Length") != strconv.Itoa(len(want)) {
		r.t.Errorf("%s: got %v, want plain text that is not sniffed, with its length", path, h)
	}
	for name, value := range head {
		if got := got.Header().Get(name); got != value {
			r.t.Errorf("%s: got %s %q, want %q", path, name, got, value)
		}
	}
}

func TestLogsArePassedOnFromTheWorker(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	text := strings.Repeat("0123456789\n", 100_000)
	r.beat(newLogWorker(t, id, text).URL)
	for name, c := range map[string]struct{ query, want, offset, next string }{
		"FromTheStart":  {"", text[:logDefault], "0", "1048576"},
		"Everything":    {"?limit=9000000000000000000", text, "0", "1100000"},
		"Range":         {"?offset=11&limit=10", "0123456789", "11", "21"},
		"FromTheEnd":    {"?offset=-3", "89\n", "1099997", "1100000"},
		"AttemptByName": {"?attempt=1&limit=3", "012", "0", "3"},
		"BeyondTheEnd":  {"?offset=9999999", "", "1100000", "1100000"},
		"Tail":          {"?tail=2", "0123456789\n0123456789\n", "1099978", "1100000"},
		"LongTail":      {"?tail=9999", text[:9999*11], "990011", "1100000"},
		"NoWait":        {"?wait=30&limit=1", "0", "0", "1"},
		"WaitInVain":    {"?wait=1&offset=1100000", "", "1100000", "1100000"},
	} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			r.read(path+c.query, c.want, map[string]string{
				wire.HeaderSize: "1100000", wire.HeaderAttempt: "1", wire.HeaderHost: storetest.Host, wire.HeaderDone: "false",
				wire.HeaderOffset: c.offset, wire.HeaderNext: c.next, wire.HeaderPartial: "", wire.HeaderFrom: "",
			})
		})
	}
	r.t = t
	if p := r.problem(http.MethodGet, path+"?attempt=7", "viewer", nil); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want NOT_FOUND for another attempt", p)
	}
	for _, query := range []string{"?limit=0", "?wait=31", "?tail=0", "?tail=10001", "?offset=x", "?attempt=0", "?follow=maybe", "?unknown=1"} {
		if p := r.problem(http.MethodGet, path+query, "viewer", nil); p.Status/100 != 4 || p.Code == string(fault.NotFound) {
			t.Errorf("%s: got %+v, want it refused", query, p)
		}
	}
}

func TestAnEndedAttemptIsDoneBeforeItsWorkerSaysSo(t *testing.T) {
	t.Parallel()
	exit := 0
	r, id, path := attempted(t, &wire.Fact{Kind: wire.FactFinished, ExitCode: &exit, Tail: "one\n", LogBytes: 4})
	w := newLogWorker(t, id, "one\n")
	r.beat(w.URL)
	r.read(path, "one\n", map[string]string{wire.HeaderDone: "true", wire.HeaderPartial: ""})
}

func TestAnAttemptIsDoneWhenItsWorkerHasReportedIt(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	w := newLogWorker(t, id, "one\n")
	r.beat(w.URL)
	if err := w.attempt.MarkReported(); err != nil {
		t.Fatal(err)
	}
	r.read(path+"?wait=30&offset=4", "", map[string]string{wire.HeaderDone: "true"})
}

func TestLogsOfAWorkerThisMasterHasNotHeardOf(t *testing.T) {
	t.Parallel()
	r, id, path := attempted(t, nil)
	r.beatQuietly(newLogWorker(t, id, "hello").URL)
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
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }))
	t.Cleanup(page.Close)
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(wire.HeaderLogSize, "10")
		w.Header().Set(wire.HeaderLogOffset, "-5")
		w.Header().Set(wire.HeaderLogNext, "99")
		_, _ = io.WriteString(w, "text")
	}))
	t.Cleanup(odd.Close)
	for name, c := range map[string]struct {
		address string
		want    fault.Code
	}{
		"Gone": {gone.URL, fault.Unavailable}, "Redirects": {strange.URL, fault.Unavailable}, "HasItNoMore": {lost.URL, fault.NotFound},
		"IsNoWorker": {page.URL, fault.Unavailable}, "MakesNoSense": {odd.URL, fault.Unavailable},
	} {
		r, _, path := attempted(t, nil)
		r.beat(c.address)
		for _, query := range []string{"", "/search?q=x", "?follow=true"} {
			if query == "?follow=true" && c.want == fault.NotFound {
				continue // it may not have begun: see TestFollowingALogThatIsNotThereYet
			}
			if p := r.problem(http.MethodGet, path+query, "viewer", nil); p.Code != string(c.want) {
				t.Errorf("%s %s: got %+v, want %s", name, query, p, c.want)
			}
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
