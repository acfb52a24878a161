package run

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"capricornus/common/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func specOf(kind, script string, command ...string) Spec {
	return Spec{Assignment: wire.Assignment{
		WorkID: 1, Attempt: 2, Task: "etl\nrm -rf /", WorkNo: "20261120", Type: kind, Script: script, Command: command,
	}, Incarnation: "abc"}
}

func TestAppIsCleanShell(t *testing.T) {
	for name, j := range map[string]job{
		"Subshell":  {spec: specOf("shell", "echo hello")},
		"Arguments": {spec: specOf("exec", "", "/bin/true")},
		"FileLimit": {spec: specOf("shell", "echo hello"), fileLimit: 1000},
	} {
		t.Run(name, func(t *testing.T) {
			wrapped, err := wrap(j, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("shellcheck", "--shell=sh", "--enable=all", "--exclude=SC2250,SC2310", "-")
			cmd.Stdin = strings.NewReader(string(wrapped.text))
			if findings, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("got %v: %s", err, findings)
			}
		})
	}
}

func TestWrapChoosesTheInterpreter(t *testing.T) {
	tests := map[string]struct {
		spec Spec
		want []string
	}{
		"PlainScriptNeedsNoShellOfItsOwn": {specOf("shell", "echo hello"), nil},
		"ShebangWithArgument":             {specOf("shell", "#!/bin/bash -eu x\necho"), []string{"/bin/bash", "-eu x", "/d/script"}},
		"ShebangWithoutLineEnd":           {specOf("shell", "#! /bin/bash"), []string{"/bin/bash", "/d/script"}},
		"EmptyShebangIsNone":              {specOf("shell", "#!\necho"), nil},
		"ScriptThatAsksForItsPid":         {specOf("shell", "echo $$"), []string{"/bin/sh", "/d/script"}},
		"ScriptThatAsksForItsName":        {specOf("shell", "cd ${0%/*}"), []string{"/bin/sh", "/d/script"}},
		"Python":                          {specOf("python", "print()"), []string{"python3", "/d/script"}},
		"CommandIsTakenAsItIs":            {specOf("exec", "", "a", "$b c"), []string{"a", "$b c"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := wrap(job{spec: test.spec}, "/d")
			if err != nil || !slices.Equal(got.args, test.want) {
				t.Errorf("got %q, %v, want %q", got.args, err, test.want)
			}
			if text := test.spec.Script; text != "" && strings.Contains(string(got.text), text) {
				t.Errorf("got the user's text in app.sh: %s", got.text)
			}
		})
	}
}

// TestAppLeavesTheExitCodeWithoutAnyWorker runs app.sh of a worker that is dead.
func TestAppLeavesTheExitCodeWithoutAnyWorker(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/work", 0o755); err != nil {
		t.Fatal(err)
	}
	wrapped, err := wrap(job{spec: specOf("shell", "pwd; exit 42")}, dir)
	if err != nil {
		t.Fatal(err)
	}
	dead := exec.Command("/bin/true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	text := bytes.ReplaceAll(wrapped.text, strconv.AppendInt([]byte("/proc/"), int64(os.Getpid()), 10), strconv.AppendInt([]byte("/proc/"), int64(dead.Process.Pid), 10))
	for name, text := range map[string][]byte{appName: text, scriptName: wrapped.script} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	output, err := exec.Command("/bin/sh", dir+"/"+appName).CombinedOutput()
	if err != nil || string(output) != dir+"/work\n" {
		t.Errorf("got output %q, %v, want the working directory", output, err)
	}
	code, err := os.ReadFile(dir + "/exit")
	if err != nil || string(code) != "42\n" {
		t.Errorf("got exit file %q, %v, want 42", code, err)
	}
	if _, err := os.Stat(dir + "/exit.tmp"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want no temporary file left", err)
	}
}

func TestEnvironRefusesImpossibleNames(t *testing.T) {
	for _, env := range []map[string]string{{"": "x"}, {"A=B": "x"}, {"A": "x\x00y"}} {
		spec := specOf("shell", "")
		spec.Env = env
		if _, err := environ(spec, nil); err == nil {
			t.Errorf("%q: got no error", env)
		}
	}
}

func TestEnvironInheritsNothingOfTheDaemon(t *testing.T) {
	t.Setenv("CAPRI_WORKER_TOKEN_FILE", "/secret")
	t.Setenv("CAPRI_TOKEN", "capri_secret")
	t.Setenv("LD_PRELOAD", "/secret.so")
	env, err := environ(specOf("shell", ""), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range env {
		if name, value, _ := strings.Cut(entry, "="); strings.Contains(value, "secret") {
			t.Errorf("got %s of the worker", name)
		}
	}
}

func TestEnvironCannotHideTheAttempt(t *testing.T) {
	spec := specOf("shell", "")
	spec.Env = map[string]string{"CAPRI_TAG": "other", "PATH": "/mine"}
	env, err := environ(spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CAPRI_TAG=abc.1-2", "PATH=/mine"} {
		if !slices.Contains(env, want) {
			t.Errorf("got %q, want %q in it", env, want)
		}
	}
}
