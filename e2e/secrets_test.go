package e2e_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/e2e/labtest"
)

// TestSecretsAreNowhere makes, uses and loses every kind of secret, and then
// looks for each of them in everything that others may come to see: what the
// daemons and commands have said, what they have left on disk, what the
// interface answers, a backup of the database, and the processes' arguments.
func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	engines := storetest.Engines(t)
	s := newSite(t, engines[len(engines)-1])
	c := newCluster(s)
	s.env["CAPRI_MASTER_LOG_LEVEL"], s.env["CAPRI_WORKER_LOG_LEVEL"] = "debug", "debug"
	c.master()
	c.worker()
	secrets := s.useSecrets(c)
	s.notedTasks("quick")
	name := s.runAll("quick")[0]
	s.awaitNoted("start", name)
	arguments := s.arguments()
	s.release("quick")
	s.capri("batch", "wait", "--timeout", patience.String(), name)

	found := func(where string, text []byte) {
		for what, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("got the %s in %s, want it nowhere", what, where)
			}
		}
	}
	found("the arguments of processes", arguments)
	for path, text := range s.answers(c) {
		found(path, text)
	}
	s.needsDump()
	backup := s.ends(s.script("backup.sh", "--config", s.path("master.yaml"), "--to", s.path("backups")), 0)
	found("a backup", unpacked(t, backup))
	own := []string{s.path("dsn"), s.path("master.yaml"), s.path("worker.token"), s.path("admin.token"), s.path("work", "keeper.json")}
	for _, name := range own[1:] {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got %v %v, want a file for its owner alone", name, info, err)
		}
	}
	err := filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || slices.Contains(own, path) || path == backup {
			return err
		}
		text, err := os.ReadFile(path)
		found(path, text)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// useSecrets returns every secret that was made or given, with what it is.
func (s *site) useSecrets(c *cluster) map[string]string {
	s.Helper()
	ctx := s.Context()
	admin := &wire.Client{Base: "http://" + c.address, Token: s.env["CAPRI_TOKEN"]}
	secrets := map[string]string{
		"administrator's token": admin.Token, "workers' token": strings.TrimSpace(s.read(s.path("worker.token"))),
		"first password": "canary-first-Rk93-zebra", "second password": "canary-second-Tq17-okapi", "wrong password": "canary-wrong-Wm55-tapir",
	}
	if s.db.Driver == storetest.MySQL {
		_, rest, _ := strings.Cut(s.db.DSN, ":")
		secrets["database's password"], _, _ = strings.Cut(rest, "@")
	}
	must := func(err error) {
		s.Helper()
		if err != nil {
			s.Fatal(err)
		}
	}
	_, err := admin.CreateUser(ctx, wire.UserRequest{Name: "canary", Role: "operator", Password: secrets["first password"], KeepIt: true, Reason: "test"})
	must(err)
	if _, err := admin.Login(ctx, wire.LoginRequest{Name: "canary", Password: secrets["wrong password"]}); fault.CodeOf(err) != fault.Unauthed {
		s.Fatalf("got %v, want a wrong password refused", err)
	}
	login, err := admin.Login(ctx, wire.LoginRequest{Name: "canary", Password: secrets["first password"], Client: "test"})
	must(err)
	secrets["token of a login"] = login.Token
	canary := &wire.Client{Base: admin.Base, Token: login.Token}
	created, err := canary.CreateToken(ctx, wire.TokenRequest{Name: "program", Reason: "test"})
	must(err)
	secrets["created token"] = created.Secret
	must(canary.ChangePassword(ctx, wire.PasswordRequest{Old: secrets["first password"], New: secrets["second password"]}))
	secrets["session"] = s.session(admin.Base, "canary", secrets["second password"])
	return secrets
}

// session logs a browser in and returns what its cookie holds.
func (s *site) session(base, name, password string) string {
	s.Helper()
	body := fmt.Sprintf(`{"name": %q, "password": %q, "session": true}`, name, password)
	response, err := http.Post(base+"/api/v1/login", "application/json", strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	for _, cookie := range response.Cookies() {
		if cookie.Name == "capri_session" {
			return cookie.Value
		}
	}
	s.Fatalf("got %s without a session", response.Status)
	return ""
}

// answers are those of every call that only looks and needs no name.
func (s *site) answers(c *cluster) map[string][]byte {
	s.Helper()
	all := map[string][]byte{}
	for _, path := range []string{
		"users", "users/canary", "tokens?all=true", "sessions?all=true", "audit", "accounts", "settings", "hosts", "hosts/w1", "cluster", "services", "tasks", "tasks/quick", "batches", "operations", "alerts", "openapi.json", "status", "permissions",
	} {
		request, err := http.NewRequestWithContext(s.Context(), http.MethodGet, "http://"+c.address+"/api/v1/"+path, nil)
		if err != nil {
			s.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+s.env["CAPRI_TOKEN"])
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			s.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			s.Errorf("%s: got %s %v, want an answer to look at", path, response.Status, err)
		}
		all[path] = text
	}
	return all
}

// arguments are those of all processes of the site, with their environment as
// far as scripts have it.
func (s *site) arguments() []byte {
	var all []byte
	for _, pid := range labtest.ProcessesOf(s.dir) {
		dir := filepath.Join("/proc", fmt.Sprint(pid))
		call, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		all = append(all, call...)
		environ, _ := os.ReadFile(filepath.Join(dir, "environ"))
		if bytes.Contains(environ, []byte("CAPRI_ATTEMPT=")) {
			all = append(all, environ...)
		}
	}
	return all
}

// unpacked is the text of a backup.
func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var from io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if from, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(from)
	if err != nil || len(text) < 1000 {
		t.Fatalf("got %d bytes of %s and %v, want a backup", len(text), name, err)
	}
	return text
}
