package cli

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"capricornus/common/wire"
)

func newCanceled(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}

// tokens is a master that notes the tokens it was given.
func tokens(t *testing.T) (*fakeMaster, *[]string) {
	t.Helper()
	var seen []string
	m := newMaster(t, map[string]any{"GET /hosts": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		_, _ = w.Write([]byte("{}"))
	})})
	return m, &seen
}

func TestTheDataDirectoryOfDevIsEnough(t *testing.T) {
	m, seen := tokens(t)
	dir := t.TempDir()
	forget, err := leaveSession(dir, m.URL, "dev-token")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{addressFile, tokenFile} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v, %v, want mode 0600", name, info, err)
		}
	}
	if got := (session{environ: map[string]string{"CAPRI_DATA_DIR": dir}}).run(t, "host", "list"); got.code != exitDone {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	if got := (session{environ: map[string]string{"CAPRI_ADDR": "http://127.0.0.1:1", "CAPRI_TOKEN": "other"}}).run(t, "host", "list", "--data-dir", dir); got.code != exitDone {
		t.Errorf("got %+v, want --data-dir to win over the environment", got)
	}
	if got := (session{environ: map[string]string{"CAPRI_DATA_DIR": dir}}).run(t, "host", "list", "--addr", m.URL+"/"); got.code != exitDone {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	if want := []string{"dev-token", "dev-token", "dev-token"}; !slices.Equal(*seen, want) {
		t.Errorf("got tokens %q, want %q", *seen, want)
	}
	forget()
	if got := (session{}).run(t, "host", "list", "--data-dir", dir); got.code != exitNoMaster || !strings.Contains(got.err, dir) {
		t.Errorf("got %+v, want %d once dev has stopped", got, exitNoMaster)
	}
}

func TestTheTokenOfADataDirectoryGoesToNobodyElse(t *testing.T) {
	m, seen := tokens(t)
	dir := t.TempDir()
	if _, err := leaveSession(dir, "http://127.0.0.1:1", "dev-token"); err != nil {
		t.Fatal(err)
	}
	s := session{environ: map[string]string{"CAPRI_DATA_DIR": dir}}
	s.run(t, "host", "list", "--addr", m.URL)
	s.environ["CAPRI_TOKEN"] = "own"
	s.run(t, "host", "list", "--addr", m.URL)
	s.run(t, "host", "list", "--addr", m.URL, "--token-file", write(t, "token", "filed\n"))
	if want := "|own|filed"; strings.Join(*seen, "|") != want {
		t.Errorf("got tokens %q, want %q", *seen, want)
	}
}

func TestSecretsAreNeverFlags(t *testing.T) {
	for _, args := range [][]string{{"host", "list", "--token", "x"}, {"master", "--database-dsn", "x"}} {
		if got := nowhere(t).run(t, args...); got.code != exitUsage || !strings.Contains(got.err, "unknown flag") {
			t.Errorf("%q: got %+v, want an unknown flag", args, got)
		}
	}
	open := write(t, "token", "x")
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	got := nowhere(t).run(t, "host", "list", "--addr", "127.0.0.1:1", "--token-file", open)
	if got.code != exitInvalid || !strings.Contains(got.err, "chmod 600") {
		t.Errorf("got %+v, want a refusal of a file that everybody can read", got)
	}
}

func TestVersionNeedsNoMaster(t *testing.T) {
	got := nowhere(t).run(t, "version")
	if got.code != exitDone || !strings.HasPrefix(got.out, "capri ") || strings.Contains(got.out, "master") {
		t.Errorf("got %+v, want the own version", got)
	}
	m := newMaster(t, map[string]any{})
	got = at(m).run(t, "version")
	if want := "master m1 v1, leader m1, term 3, zone Asia/Shanghai\n"; !strings.HasSuffix(got.out, want) {
		t.Errorf("got %+v, want a last line %q", got, want)
	}
	got = at(m).run(t, "version", "-o", "json")
	if !strings.Contains(got.out, `"node": "m1"`) {
		t.Errorf("got %+v, want JSON with the master", got)
	}
	m = newMaster(t, map[string]any{"GET /status": wire.Problem{Status: 500, Code: "INTERNAL"}})
	if got := at(m).run(t, "version"); got.code != exitDone {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
}

func TestOneOfSeveralMastersIsEnough(t *testing.T) {
	m, seen := tokens(t)
	env := map[string]string{"CAPRI_ADDR": "http://127.0.0.1:1, " + m.URL, "CAPRI_TOKEN": "mine"}
	if got := (session{environ: env}).run(t, "host", "list"); got.code != exitDone || !slices.Equal(*seen, []string{"mine"}) {
		t.Errorf("got %+v with tokens %q, want the answer of the one that is there", got, *seen)
	}
	if got := (session{environ: env}).run(t, "host", "list", "--addr", "127.0.0.1:1,nonsense/path"); got.code != exitUsage || !strings.Contains(got.err, "nonsense/path") {
		t.Errorf("got %+v, want the address that is none named", got)
	}
}
