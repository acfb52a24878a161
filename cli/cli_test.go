package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// update rewrites the golden files: go test ./cli -update.
var update = flag.Bool("update", false, "rewrite golden files")

// noon is when the tests run, by the clock of the command line.
func noon() time.Time { return time.Date(2015, 5, 20, 4, 0, 0, 0, time.UTC) }

// fakeMaster answers calls by "METHOD path" with a value, a wire.Problem, or by a
// function. It remembers what it was asked.
type fakeMaster struct {
	*httptest.Server
	mu      sync.Mutex
	calls   []string
	bodies  map[string]string
	answers map[string]any
}

func newMaster(t *testing.T, answers map[string]any) *fakeMaster {
	t.Helper()
	m := &fakeMaster{answers: answers, bodies: map[string]string{}}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

func (m *fakeMaster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/api/v1")
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	m.calls = append(m.calls, r.Method+" "+strings.TrimPrefix(r.URL.RequestURI(), "/api/v1"))
	m.bodies[call] = string(body)
	answer, found := m.answers[call]
	m.mu.Unlock()
	if !found && call == "GET /status" {
		answer = wire.Status{Version: "v1", Node: "m1", Leader: "m1", Epoch: 3, Zone: "Asia/Shanghai"}
	} else if !found {
		answer = problem(fault.NotFound, http.StatusNotFound, "there is no "+call)
	}
	switch v := answer.(type) {
	case http.HandlerFunc:
		v(w, r)
	case wire.Problem:
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(v.Status)
		_ = json.NewEncoder(w).Encode(v)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
}

func (m *fakeMaster) asked(call string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Contains(m.calls, call)
}

// body is what was last sent with this call.
func (m *fakeMaster) body(call string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bodies[call]
}

func problem(code fault.Code, status int, detail string) wire.Problem {
	return wire.Problem{Title: http.StatusText(status), Status: status, Detail: detail, Code: string(code)}
}

// result is how a command ended.
type result struct {
	code     int
	out, err string
}

// session is a command line in a world of its own.
type session struct {
	environ  map[string]string
	stdin    string
	terminal bool
	hidden   []string // what is written where a terminal does not show it
}

func (s session) run(t *testing.T, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	a := newApp(strings.NewReader(s.stdin), &out, &err)
	a.environ = func(name string) (string, bool) { text, found := s.environ[name]; return text, found }
	a.isTerminal = func(any) bool { return s.terminal }
	a.now = noon
	a.hidden = func() (string, error) {
		if len(s.hidden) == 0 {
			return "", io.EOF
		}
		line := s.hidden[0]
		s.hidden = s.hidden[1:]
		return line, nil
	}
	a.poll = time.Millisecond
	code := a.run(t.Context(), args)
	return result{code, out.String(), err.String()}
}

func at(m *fakeMaster) session {
	return session{environ: map[string]string{"CAPRI_ADDR": m.URL, "CAPRI_TOKEN": "sesame"}}
}

// nowhere is a session that finds no master, whatever the directory of the
// test holds.
func nowhere(t *testing.T) session {
	t.Helper()
	return session{environ: map[string]string{"CAPRI_DATA_DIR": t.TempDir()}}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

// ms is an instant of the API, in the cluster's zone.
func ms(t *testing.T, text string) int64 {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	instant, err := time.ParseInLocation("2006-01-02T15:04:05", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return instant.UnixMilli()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
