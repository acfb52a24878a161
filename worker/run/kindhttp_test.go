package run

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"capricornus/common/wire"
	"capricornus/worker/httpcall"
)

func TestHTTPKindRunsTheWorkersOwnProgram(t *testing.T) {
	spec := specOf("http", "")
	spec.HTTP = &wire.HTTPCall{Method: "GET", URL: "http://a/$(rm -rf /)"}
	got, err := wrap(job{spec: spec, http: HTTP{Command: []string{"/bin/capri", "http-call"}, Hosts: []string{"a"}}}, "/d")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"/bin/capri", "http-call", "/d/script"}; !slices.Equal(got.args, want) || !slices.Equal(got.filled, []string{"result.json"}) {
		t.Errorf("got %q filling %q, want %q filling result.json", got.args, got.filled, want)
	}
	var request httpcall.Request
	if err := json.Unmarshal(got.script, &request); err != nil || request.Call.URL != spec.HTTP.URL || !slices.Equal(request.Hosts, []string{"a"}) {
		t.Errorf("got %+v, %v, want the call and the hosts", request, err)
	}
	if strings.Contains(string(got.text), "rm -rf") {
		t.Errorf("got the URL in app.sh: %s", got.text)
	}
}

func TestHTTPKindRefuses(t *testing.T) {
	spec := specOf("http", "")
	if _, err := wrap(job{spec: spec, http: HTTP{Command: []string{"/bin/capri"}}}, "/d"); err == nil || !strings.Contains(err.Error(), "no call to make") {
		t.Errorf("got %v, want that there is no call", err)
	}
	spec.HTTP = &wire.HTTPCall{}
	if _, err := wrap(job{spec: spec}, "/d"); err == nil || !strings.Contains(err.Error(), "makes no calls") {
		t.Errorf("got %v, want that this worker makes none", err)
	}
}

func TestAnAccountNeedsTheProgram(t *testing.T) {
	dir := t.TempDir() // its own and the one above are closed to others
	program := filepath.Join(dir, "capri")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	other := &account{name: "etl", uid: 4_000_000_000, gid: 4_000_000_000}
	modes := func(above, own os.FileMode) {
		t.Helper()
		for name, mode := range map[string]os.FileMode{filepath.Dir(dir): above, dir: 0o755, program: own} {
			if err := os.Chmod(name, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	modes(0o700, 0o755)
	if err := other.canExecute(program); err == nil || !strings.Contains(err.Error(), filepath.Dir(dir)+" is closed to it") {
		t.Errorf("got %v, want the directory that is closed", err)
	}
	modes(0o755, 0o750)
	if err := other.canExecute(program); err == nil || !strings.Contains(err.Error(), program+" is closed to it") {
		t.Errorf("got %v, want that the program is closed", err)
	}
	modes(0o755, 0o755)
	if err := other.canExecute(program); err != nil {
		t.Errorf("got %v, want that it may", err)
	}
	if err := other.canExecute(program + ".gone"); err == nil {
		t.Error("got no error about a program that is not there")
	}
	own := &account{name: "own", uid: uint32(os.Getuid()), gid: 4_000_000_000}
	modes(0o700, 0o700)
	if err := own.canExecute(program); err != nil {
		t.Errorf("got %v, want that the owner may", err)
	}
	modes(0o710, 0o710)
	group := &account{name: "group", uid: 4_000_000_000, gid: uint32(os.Getgid())}
	if err := group.canExecute(program); err != nil {
		t.Errorf("got %v, want that the group may", err)
	}
	if err := (*account)(nil).canExecute(program + ".gone"); err != nil {
		t.Errorf("got %v, want the worker's own user not to be asked", err)
	}
}

func TestTheReasonOfACallThatFailed(t *testing.T) {
	one, zero, killed := 1, 0, 143
	fact := func(code *int, tail string) wire.Fact { return wire.Fact{ExitCode: code, Tail: tail} }
	timedOut, known := fact(&one, "failed: x\n"), fact(&one, "failed: x\n")
	timedOut.TimedOut, known.Reason = true, "by alice"
	tests := map[string]struct {
		kind, success string
		fact          wire.Fact
		want          string
	}{
		"TheLastLine":        {"http", "", fact(&one, "GET x\nfailed: a\nfailed: status 500\n"), "exit code 1: status 500"},
		"TheOnlyLine":        {"http", "", fact(&one, "failed: a"), "exit code 1: a"},
		"NotOfASuccess":      {"http", "", fact(&zero, "failed: a\n"), ""},
		"NotOfASignal":       {"http", "", fact(&killed, "failed: a\n"), ""},
		"NotOfAServersWords": {"http", "", fact(&one, "failed: a\nno line of ours"), ""},
		"NotOfAScript":       {"shell", "", fact(&one, "failed: a\n"), ""},
		"NotByOutput":        {"http", SuccessByOutput, fact(&one, "failed: a\n"), ""},
		"NotOfATimeout":      {"http", "", timedOut, ""},
		"NotBesidesAnother":  {"http", "", known, "by alice"},
		"NotWithoutACode":    {"http", "", fact(nil, "failed: a\n"), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec := specOf(test.kind, "")
			spec.Success = test.success
			if got := callReason(spec, test.fact); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
