package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// homed is a session of a person with a home of their own, which holds a file
// of contexts unless it is empty.
func homed(t *testing.T, file string) (session, string) {
	t.Helper()
	home := t.TempDir()
	path := filepath.Join(home, ".config", "capri", "config.yaml")
	if file != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return session{environ: map[string]string{"HOME": home, "USER": "ann"}}, path
}

// both writes a file with two contexts: test, which is current, and prod.
func both(test, prod string) string {
	return "current: test\ncontexts:\n- {name: test, addr: [\"" + test + "\"], token: tested}\n" +
		"- {name: prod, addr: [\"" + prod + "\"], token: proven, production: true}\n"
}

func TestWhatCountsMore(t *testing.T) {
	test, testSaw := tokens(t)
	prod, prodSaw := tokens(t)
	other, otherSaw := tokens(t)
	dir := t.TempDir()
	if _, err := leaveSession(dir, other.URL, "dev-token"); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		environ string
		args    string
		saw     *[]string
		token   string
	}{
		"TheCurrentContext":              {"", "", testSaw, "tested"},
		"AVariableNamesAContext":         {"CAPRI_CONTEXT=prod", "", prodSaw, "proven"},
		"AFlagBeforeTheVariable":         {"CAPRI_CONTEXT=prod CAPRI_TOKEN=loose", "--context test", testSaw, "tested"},
		"AFlagBeforeAnAddressVariable":   {"CAPRI_ADDR=" + other.URL, "--context prod", prodSaw, "proven"},
		"AnAddressBeforeAContext":        {"CAPRI_CONTEXT=prod CAPRI_ADDR=" + other.URL, "", otherSaw, ""},
		"ATokenOfTheEnvironment":         {"CAPRI_TOKEN=loose", "", testSaw, "loose"},
		"TheDirectoryOfTheEnvironment":   {"CAPRI_DATA_DIR=" + dir, "", otherSaw, "dev-token"},
		"AContextBeforeThatDirectory":    {"CAPRI_CONTEXT=prod CAPRI_DATA_DIR=" + dir, "", prodSaw, "proven"},
		"ANamedDirectoryBeforeAll":       {"CAPRI_CONTEXT=prod CAPRI_TOKEN=loose", "--data-dir " + dir, otherSaw, "dev-token"},
		"AnAddressOfTheContext":          {"", "--addr " + test.URL, testSaw, "tested"},
		"AnotherAddressGetsNoToken":      {"", "--addr " + other.URL, otherSaw, ""},
		"AnAddressOfAnotherContextToo":   {"", "--addr " + prod.URL, prodSaw, ""},
		"OneStrangerAmongThemIsEnough":   {"", "--addr " + other.URL + "," + test.URL, otherSaw, ""},
		"AnAddressOfTheContextThatIsSet": {"CAPRI_CONTEXT=prod", "--addr " + prod.URL, prodSaw, "proven"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, _ := homed(t, both(test.URL, prod.URL))
			for pair := range strings.FieldsSeq(c.environ) {
				key, value, _ := strings.Cut(pair, "=")
				s.environ[key] = value
			}
			before := len(*c.saw)
			got := s.run(t, append([]string{"host", "list"}, strings.Fields(c.args)...)...)
			if got.code != exitDone || len(*c.saw) != before+1 || (*c.saw)[before] != c.token {
				t.Errorf("got %+v and tokens %q, want %q sent there", got, (*c.saw)[before:], c.token)
			}
		})
	}
}

func TestAContextThatCannotBeMeant(t *testing.T) {
	m, seen := tokens(t)
	file := both(m.URL, "http://127.0.0.1:1")
	cases := map[string]struct {
		args string
		code int
		want string
	}{
		"Unknown":           {"host list --context prd", exitNotFound, "did you mean prod?"},
		"UnknownAndFar":     {"host list --context elsewhere", exitNotFound, "there are: test, prod"},
		"AddressOfAnother":  {"host list --context prod --addr " + m.URL, exitUsage, "its token goes nowhere else"},
		"DirectoryToo":      {"host list --context prod --data-dir x", exitUsage, "give one of them"},
		"UseOfNone":         {"context use prd", exitNotFound, "did you mean prod?"},
		"SetWithoutAddress": {"context set new", exitUsage, "wants --addr"},
		"SetOfABadName":     {"context set ../x --addr http://m1:8080", exitUsage, "is no name of a context"},
		"SetOfABadAddress":  {"context set new --addr ftp://m1", exitUsage, "http://host:port"},
		"NotReachable":      {"host list --context prod", exitNoMaster, "the address comes from the context prod in"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, _ := homed(t, file)
			if got := s.run(t, strings.Fields(c.args)...); got.code != c.code || !strings.Contains(got.err, c.want) {
				t.Errorf("got %+v, want %d, %q", got, c.code, c.want)
			}
		})
	}
	if len(*seen) > 0 {
		t.Errorf("got tokens %q, want none sent", *seen)
	}
}

func TestTheFileOfContextsIsGuarded(t *testing.T) {
	s, path := homed(t, both("http://m1:8080", "http://p1:8080"))
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if got := s.run(t, "context", "list"); got.code != exitInvalid || !strings.Contains(got.err, "holds tokens and others on this machine can read it") || !strings.Contains(got.err, "chmod 600") {
		t.Errorf("got %+v, want a file that others can read refused", got)
	}
	for name, c := range map[string]struct{ file, want string }{
		"NotYAML":      {"contexts: [{name: a, token: hidden-secret", "is not a file of contexts"},
		"AnUnknownKey": {"contexts:\n- {name: a, tokn: hidden-secret}\n", "is not a file of contexts"},
		"ABadName":     {"contexts:\n- {name: a b}\n", "is no name"},
		"Twice":        {"contexts:\n- {name: a}\n- {name: a}\n", "stands there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			s, path := homed(t, c.file)
			got := s.run(t, "context", "list")
			if got.code != exitInvalid || !strings.Contains(got.err, c.want) || !strings.Contains(got.err, path) || strings.Contains(got.err, "hidden-secret") {
				t.Errorf("got %+v, want %q, the file named and no secret", got, c.want)
			}
		})
	}
	s, path = homed(t, "")
	for _, args := range []string{"context set a --addr m1:8080,http://m2:8080/ --production", "context set b --addr http://b:1", "context use b"} {
		if got := s.run(t, strings.Fields(args)...); got.code != exitDone {
			t.Fatalf("%s: got %+v", args, got)
		}
	}
	for at, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(at); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got %v, %v, want %o", at, info, err, want)
		}
	}
	golden(t, "context-list", s.run(t, "context", "list").out)
	if got := s.run(t, "context", "delete", "b"); got.code != exitDone || s.run(t, "context", "list", "-o", "name").out != "a\n" {
		t.Errorf("got %+v, want b gone and a left", got)
	}
	if got := (session{}).run(t, "context", "set", "a", "--addr", "m1:1"); got.code != exitInvalid || !strings.Contains(got.err, "HOME") {
		t.Errorf("got %+v, want a person without a home told so", got)
	}
}

func TestAContextShowsNoToken(t *testing.T) {
	s, _ := homed(t, both("http://m1:8080", "http://p1:8080"))
	for _, args := range []string{"context list", "context show", "context show prod", "context list -o json", "context show -o yaml", "context show --context prod -o json"} {
		if got := s.run(t, strings.Fields(args)...); got.code != exitDone || strings.Contains(got.out+got.err, "tested") || strings.Contains(got.out+got.err, "proven") {
			t.Errorf("%s: got %+v, want everything but the tokens", args, got)
		}
	}
}

func TestAnotherAddressForgetsTheLogin(t *testing.T) {
	s, path := homed(t, both("http://m1:8080", "http://p1:8080"))
	if got := s.run(t, "context", "set", "test", "--addr", "http://m1:8080", "--ca", "ca.crt"); got.code != exitDone {
		t.Fatalf("got %+v", got)
	}
	if text, _ := os.ReadFile(path); !strings.Contains(string(text), "tested") {
		t.Errorf("got %s, want the login kept while the address stays", text)
	}
	s.run(t, "context", "set", "test", "--addr", "http://evil:8080")
	if text, _ := os.ReadFile(path); strings.Contains(string(text), "tested") || !strings.Contains(string(text), "proven") {
		t.Errorf("got %s, want that token gone and no other", text)
	}
}

func TestQuestionsNameTheContext(t *testing.T) {
	for current, want := range map[string]struct{ question, yes string }{
		"test": {"test: Kill a/1? [y/N]", "y"},
		"prod": {"prod is production. Kill a/1?\n  write prod to go ahead:", "prod"},
	} {
		m := newMaster(t, map[string]any{"POST /batches/a/1/kill": killed()})
		s, _ := homed(t, both(m.URL, m.URL))
		s.terminal = true
		s.environ["NO_COLOR"] = "1"
		s.stdin = map[string]string{"test": "n\n", "prod": "y\n"}[current]
		args := []string{"batch", "kill", "a/1", "--reason", "r", "--context", current}
		if got := s.run(t, args...); got.code != exitFailed || !strings.Contains(got.err, want.question) || m.asked("POST /batches/a/1/kill") {
			t.Errorf("%s: got %+v, want %q and nothing done", current, got, want.question)
		}
		s.stdin = want.yes + "\n"
		if got := s.run(t, args...); got.code != exitDone || !m.asked("POST /batches/a/1/kill") {
			t.Errorf("%s: got %+v, want it done", current, got)
		}
	}
}

// gate is a master that lets ann in.
func gate(t *testing.T, user wire.User) (*fakeMaster, *[]string) {
	t.Helper()
	var revoked []string
	refuse := problem(fault.Unauthed, http.StatusUnauthorized, "the name or the password is wrong")
	return newMaster(t, map[string]any{
		"POST /login": wire.LoginReply{Token: "capri_fresh", ExpiresAt: noon().Add(12 * time.Hour).UnixMilli(), User: user},
		"POST /logout": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			revoked = append(revoked, r.Header.Get("Authorization"))
			w.WriteHeader(http.StatusNoContent)
		}),
		"GET /me":    wire.Me{User: user, Role: user.Role, Projects: []string{"weblog"}, Actions: []wire.MyDo{{Action: "view", Everywhere: true}, {Action: "task.edit"}}, By: "token", Token: "capri login at laptop", Expires: noon().Add(time.Hour).UnixMilli()},
		"GET /hosts": refuse,
	}), &revoked
}

func TestLogin(t *testing.T) {
	ann := wire.User{Name: "ann", Role: "admin", Enabled: true}
	cases := map[string]struct {
		args     []string
		stdin    string
		terminal bool
		hidden   []string
		sent     string
	}{
		"FromATerminal":        {[]string{}, "\n", true, []string{"sesame"}, `{"name":"ann","password":"sesame","client":`},
		"AsSomebodyElse":       {[]string{}, "bob\n", true, []string{"sesame"}, `{"name":"bob","password":"sesame","client":`},
		"NamedAndTyped":        {[]string{"--user", "eve"}, "", true, []string{"sesame"}, `{"name":"eve","password":"sesame","client":`},
		"FromStdin":            {[]string{"--user", "robot"}, "open sesame \r\n", false, nil, `{"name":"robot","password":"open sesame ","client":`},
		"FromAFile":            {[]string{"--user", "robot", "--password-file", write(t, "password", "filed\n")}, "", false, nil, `{"name":"robot","password":"filed","client":`},
		"ForAnHour":            {[]string{"--user", "robot", "--for", "1h"}, "x", false, nil, `"expiresInSeconds":3600`},
		"WithATokenOfTheirOwn": {[]string{"--token-file", write(t, "token", "given\n")}, "", false, nil, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m, _ := gate(t, ann)
			s, path := homed(t, "")
			s.stdin, s.terminal, s.hidden = c.stdin, c.terminal, c.hidden
			got := s.run(t, append([]string{"login", m.URL}, c.args...)...)
			if got.code != exitDone || got.out != "" || !strings.Contains(got.err, "as ann, admin until ") || !strings.Contains(got.err, "kept as context 127.0.0.1, which is the current one") {
				t.Errorf("got %+v, want a login that is told", got)
			}
			if !strings.Contains(m.body("POST /login"), c.sent) {
				t.Errorf("got %s sent, want %s", m.body("POST /login"), c.sent)
			}
			for _, secret := range []string{"sesame", "filed", "capri_fresh", "given"} {
				if strings.Contains(got.err, secret) {
					t.Errorf("got %q, want no secret shown", got.err)
				}
			}
			if text, err := os.ReadFile(path); err != nil || strings.Contains(string(text), "sesame") || !strings.Contains(string(text), "token: ") {
				t.Errorf("got %s, %v, want the token kept and no password", text, err)
			}
		})
	}
}

func TestLoginRefused(t *testing.T) {
	m := newMaster(t, map[string]any{"POST /login": problem(fault.Unauthed, http.StatusUnauthorized, "the name or the password is wrong")})
	cases := map[string]struct {
		args  string
		stdin string
		code  int
		want  string
	}{
		"WrongPassword":       {"login " + m.URL + " --user ann", "x\n", exitNotAllowed, "the name or the password is wrong"},
		"NobodyNamed":         {"login " + m.URL, "x\n", exitUsage, "give --user NAME"},
		"NoPassword":          {"login " + m.URL + " --user ann", "", exitUsage, "stdin is empty and no terminal"},
		"Nowhere":             {"login --user ann", "x\n", exitUsage, "log in where?"},
		"ANewContextWithout":  {"login --user ann --context new", "x\n", exitUsage, "a new context wants an address"},
		"TwoAddresses":        {"login m1:1 --addr m2:1", "", exitUsage, "stands there twice"},
		"APasswordIsNoFlag":   {"login m1:1 --password x", "", exitUsage, "unknown flag"},
		"TwoSecrets":          {"login m1:1 --token-file a --password-file b", "", exitUsage, "exclude each other"},
		"AnEndInThePast":      {"login m1:1 --for -1h", "", exitUsage, "seconds to come"},
		"AFileThatAllCanRead": {"login " + m.URL + " --user ann --password-file " + open(t), "", exitInvalid, "chmod 600"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, path := homed(t, "")
			s.stdin = c.stdin
			if got := s.run(t, strings.Fields(c.args)...); got.code != c.code || !strings.Contains(got.err, c.want) {
				t.Errorf("got %+v, want %d, %q", got, c.code, c.want)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("got a file of contexts, want none after a refusal")
			}
		})
	}
}

// open is a secret that everybody can read.
func open(t *testing.T) string {
	t.Helper()
	path := write(t, "open", "x")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoginsLiveAndEnd(t *testing.T) {
	m, revoked := gate(t, wire.User{Name: "ann", Role: "admin", Department: "dw", MustChange: true})
	s, path := homed(t, "contexts: []\n")
	s.stdin = "x\n"
	if got := s.run(t, "login", m.URL, "--user", "ann", "--context", "dw"); got.code != exitDone || !strings.Contains(got.err, "capri user passwd") {
		t.Fatalf("got %+v, want a login and the password to be changed", got)
	}
	got := s.run(t, "whoami")
	for _, want := range []string{"ann", "dw", "weblog", "view", "task.edit", "the context dw in " + path} {
		if !strings.Contains(got.out, want) {
			t.Errorf("got %s, want %q", got.out, want)
		}
	}
	if got := s.run(t, "host", "list"); got.code != exitNotAllowed || !strings.Contains(got.err, "the token comes from the context dw in "+path) || !strings.Contains(got.err, "capri login --context dw gets a new one") {
		t.Errorf("got %+v, want where the refused token came from", got)
	}
	if got := s.run(t, "logout"); got.code != exitDone || !strings.Contains(got.err, "logged out of dw: its token is revoked") || !slices.Equal(*revoked, []string{"Bearer capri_fresh"}) {
		t.Errorf("got %+v and %q, want the token revoked", got, *revoked)
	}
	if text, _ := os.ReadFile(path); strings.Contains(string(text), "capri_fresh") || !strings.Contains(string(text), "name: dw") {
		t.Errorf("got %s, want the context kept and the token gone", text)
	}
	if got := s.run(t, "logout"); got.code != exitDone || !strings.Contains(got.err, "nobody is logged in at dw") {
		t.Errorf("got %+v, want a second logout to be no harm", got)
	}
	if got := s.run(t, "host", "list"); got.code != exitNotAllowed || !strings.Contains(got.err, "no token was sent") {
		t.Errorf("got %+v, want it said that none was sent", got)
	}
	s.stdin = "x\n"
	if got := s.run(t, "login", m.URL, "--user", "ann", "--context", "second"); got.code != exitDone || !strings.Contains(got.err, "capri context use second makes it the current one") {
		t.Errorf("got %+v, want another context left current", got)
	}
}
