package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// patience is how long a test waits for something before it fails. It is no
// measure of speed: machines that run tests are busy.
const patience = 60 * time.Second

// site is one installation: a directory with a database, daemons and what they
// leave, and a user with a clean environment.
type site struct {
	*testing.T
	dir     string
	db      store.Config
	env     map[string]string
	daemons []*daemon
}

// onEngines runs a test on SQLite and on MariaDB.
func onEngines(t *testing.T, test func(s *site)) {
	t.Helper()
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(newSite(t, engine))
		})
	}
}

func newSite(t *testing.T, engine string) *site {
	t.Helper()
	return newSiteOn(t, storetest.Fresh(t, engine))
}

// newSiteOn is newSite with a database that is empty.
func newSiteOn(t *testing.T, db store.Config) *site {
	t.Helper()
	s := &site{T: t, dir: t.TempDir(), db: db}
	s.env = map[string]string{
		"PATH": s.toolbox(), "HOME": s.dir, "TZ": "UTC", "NO_COLOR": "1",
		"CAPRI_DATA_DIR": s.path("data"), "CAPRI_DEV_DATABASE": s.db.DSN,
	}
	t.Cleanup(s.clear)
	return s
}

func (s *site) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

func (s *site) environment() []string {
	env := make([]string, 0, len(s.env))
	for name, value := range s.env {
		env = append(env, name+"="+value)
	}
	return env
}

func (s *site) write(name, text string) string {
	s.Helper()
	name = s.path(name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
	return name
}

func (s *site) read(name string) string {
	s.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}

// await looks until a condition holds.
func (s *site) await(what string, holds func() bool) {
	s.Helper()
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(patience)
	for !holds() {
		select {
		case <-ticker.C:
		case <-timeout:
			s.describe()
			s.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// describe says how things stand, for whoever reads why a test failed.
func (s *site) describe() {
	for _, about := range []string{"batch list --limit 20", "op list", "service list", "host list"} {
		if r := s.try(strings.Fields(about)...); r.code == 0 {
			s.Logf("%s:\n%s", r.call, r.out)
		}
	}
}

// result is how a command ended.
type result struct {
	call     string
	code     int
	out, err string
}

func (r result) String() string {
	return fmt.Sprintf("%s: exit code %d\nstdout:\n%s\nstderr:\n%s", r.call, r.code, r.out, r.err)
}

// try runs a command to its end, whatever that is.
func (s *site) try(args ...string) result {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), os.Getenv(binaryVariable), args...)
	var out, talk bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = s.environment(), s.dir, &out, &talk
	err := cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		s.Fatalf("run capri %s: %v", strings.Join(args, " "), err)
	}
	return result{"capri " + strings.Join(args, " "), cmd.ProcessState.ExitCode(), out.String(), talk.String()}
}

// capri runs a command that must succeed and returns what it printed.
func (s *site) capri(args ...string) string {
	s.Helper()
	r := s.try(args...)
	if r.code != 0 {
		s.Fatalf("got %s\nwant success", r)
	}
	return r.out
}

// lines are the words of a command run with -o name.
func (s *site) lines(args ...string) []string {
	s.Helper()
	return strings.Fields(s.capri(append(args, "-o", "name")...))
}

// show decodes what a command prints with -o json.
func show[T any](s *site, args ...string) T {
	s.Helper()
	var reply T
	text := s.capri(append(args, "-o", "json")...)
	if err := json.Unmarshal([]byte(text), &reply); err != nil {
		s.Fatalf("capri %s: %v in\n%s", strings.Join(args, " "), err, text)
	}
	return reply
}

// led reports whether the master that answers leads a term: one that raft has
// made leader has yet to claim it.
func (s *site) led() bool {
	s.Helper()
	type versions struct{ Master *wire.Status }
	status := show[versions](s, "version").Master
	return status != nil && status.Leader == status.Node && status.Epoch > 0
}

// wants holds that a command's output says all of this.
func (s *site) wants(what, text string, parts ...string) {
	s.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			s.Errorf("got %s:\n%s\nwant %q in it", what, text, part)
		}
	}
}

// refuses runs a command that must fail with an exit code and one sentence,
// perhaps with a hint on a second line, that says all of parts.
func (s *site) refuses(code int, parts []string, args ...string) result {
	s.Helper()
	r := s.try(args...)
	if r.code != code {
		s.Errorf("got %s\nwant exit code %d", r, code)
	}
	said := strings.Split(strings.TrimSuffix(r.err, "\n"), "\n")
	for len(said) > 0 && (strings.HasPrefix(said[len(said)-1], "  the address comes from ") || strings.HasPrefix(said[len(said)-1], "  the token comes from ")) {
		said = said[:len(said)-1] // what is refused has come from somewhere
	}
	at := slices.IndexFunc(said, func(line string) bool { return strings.HasPrefix(line, "capri: ") })
	if at < 0 || len(said)-at > 2 || strings.Contains(r.err, "goroutine ") {
		s.Errorf("got %s\nwant one sentence and perhaps a hint at the end of stderr", r)
	}
	s.wants(r.String(), strings.Join(said[max(at, 0):], "\n"), parts...)
	return r
}

// open is the site's database, for looking at it from outside.
func (s *site) open() *store.DB {
	s.Helper()
	return storetest.Connect(s, s.db)
}

// sound judges the whole database.
func (s *site) sound() {
	s.Helper()
	db, err := store.Open(s.Context(), s.db)
	if err != nil {
		s.Fatal(err)
	}
	defer db.Close()
	storetest.Sound(s, db)
}
