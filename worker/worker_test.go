package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker/keeper"
)

const roleVariable = "CAPRI_TEST_ROLE"

// TestMain lets this binary be a worker or a keeper of its own, so that a test
// can kill one without dying with it.
func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "worker":
		os.Exit(exitCode(roleWorker()))
	case "keeper":
		os.Exit(exitCode(keeper.Run(context.Background(), os.Args[len(os.Args)-1], keeper.Deps{Log: logs.New(os.Stderr, nil)})))
	}
	goleak.VerifyTestMain(m)
}

func exitCode(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func roleWorker() error {
	var cfg Config
	if err := json.Unmarshal([]byte(os.Getenv("CAPRI_TEST_CONFIG")), &cfg); err != nil {
		return err
	}
	w, err := New(cfg, Deps{Log: logs.New(os.Stderr, nil)})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return w.Run(ctx)
}

func testConfig(t *testing.T, m *master) Config {
	t.Helper()
	cfg := Default()
	cfg.Host, cfg.Masters, cfg.Token = "w1", []string{m.server.URL}, testToken
	cfg.Root = t.TempDir()
	cfg.Heartbeat, cfg.Grace, cfg.Drain = 200*time.Millisecond, 2*time.Second, 2*time.Second
	return cfg
}

// startWorker runs a worker in this process until the test or stop ends it.
func startWorker(t *testing.T, cfg Config) (w *Worker, stop func() error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	w, err := New(cfg, Deps{Log: logs.New(t.Output(), nil), HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		defer client.CloseIdleConnections()
		return <-done
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("worker ended with %v", err)
		}
	})
	return w, stop
}

func shell(workID int64, script string) wire.Assignment {
	return wire.Assignment{
		WorkID: workID, Attempt: 1, Task: "etl", WorkNo: "20261120", Type: "shell",
		Script: script, Success: "exit-code", Env: map[string]string{"CAPRI_TASK": "etl"},
	}
}

func TestAttemptEndsWithItsExitCode(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	startWorker(t, cfg)
	python := shell(5, "import sys, os\nprint('py', os.environ['CAPRI_ATTEMPT'])\nsys.exit(4)\n")
	python.Type = "python"
	direct := shell(6, "")
	direct.Type, direct.Command = "exec", []string{"/bin/echo", "$HOME", "a b", `"; exit 9`}
	broken := shell(8, "if then")
	spliced := shell(9, `printf '%s' "$P"`)
	spliced.Env["P"] = "$(exit 9)`exit 9`\n'\""
	tests := map[string]struct {
		assignment wire.Assignment
		code       int
		tail       string
	}{
		"Success":              {shell(1, "echo hello; pwd"), 0, "hello\n" + cfg.Root + "/attempts/1-1/work\n"},
		"Failure":              {shell(2, "echo oops >&2; exit 3"), 3, "oops\n"},
		"ShebangIsHonoured":    {shell(3, "#!/bin/bash -e\nx=(1 2); echo ${#x[@]}; false; echo no"), 1, "2\n"},
		"OwnShellForPid":       {shell(4, "kill -9 $$; echo no"), 137, ""},
		"Python":               {python, 4, "py etl/20261120.0#1\n"},
		"ExecHasNoShell":       {direct, 0, "$HOME a b \"; exit 9\n"},
		"WorkMayBeDeleted":     {shell(7, `rm -rf "$PWD"; exit 5`), 5, ""},
		"SyntaxError":          {broken, 2, ""},
		"ValuesAreNotExecuted": {spliced, 0, spliced.Env["P"]},
	}
	for _, test := range tests {
		m.assign(test.assignment)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			key := keyOf(test.assignment)
			fact := m.fact(t, wire.FactFinished, key)
			if fact.ExitCode == nil || *fact.ExitCode != test.code || fact.ResultCode != test.code {
				t.Errorf("got exit %v, result %d, want %d: %s", fact.ExitCode, fact.ResultCode, test.code, fact.Reason)
			}
			if test.tail != "" && fact.Tail != test.tail {
				t.Errorf("got tail %q, want %q", fact.Tail, test.tail)
			}
			if fact.Host != "w1" || fact.Incarnation == "" || fact.Pid == 0 || fact.StartedAt == 0 || fact.EndedAt < fact.StartedAt {
				t.Errorf("got incomplete fact %+v", fact)
			}
			if m.fact(t, wire.FactStarted, key).Kind == "" {
				t.Error("got no started fact")
			}
		})
	}
}

func TestEnvironmentIsClean(t *testing.T) {
	t.Setenv("SECRET_OF_THE_WORKER", "x")
	m := newMaster(t)
	startWorker(t, testConfig(t, m))
	m.assign(shell(1, "env; ls -l /proc/self/fd | wc -l; cat"))
	fact := m.fact(t, wire.FactFinished, wire.Held{WorkID: 1, Attempt: 1})
	for _, want := range []string{"CAPRI_ATTEMPT=etl/20261120.0#1\n", "CAPRI_TASK=etl\n", "PATH="} {
		if !strings.Contains(fact.Tail, want) {
			t.Errorf("got environment %q, want %q in it", fact.Tail, want)
		}
	}
	if strings.Contains(fact.Tail, "SECRET") {
		t.Errorf("got the worker's own variables: %q", fact.Tail)
	}
}

// processesOf counts living processes with a marker in their command line.
func processesOf(marker string) int {
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	n := 0
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), marker) {
			n++
		}
	}
	return n
}

func TestRunTimeoutEndsTheWholeTree(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.Grace = 300 * time.Millisecond
	startWorker(t, cfg)
	a := shell(1, "setsid sleep 86431 & trap '' TERM; env -i setsid sleep 86431 & nohup sleep 86431 & wait; sleep 86431")
	a.RunTimeout = 700
	m.assign(a)
	fact := m.fact(t, wire.FactFinished, keyOf(a))
	if !fact.TimedOut || fact.Killed || fact.ResultCode != batch.ResultTimeout {
		t.Errorf("got %+v, want a timeout with result %d", fact, batch.ResultTimeout)
	}
	if n := processesOf("86431"); n != 0 {
		t.Errorf("got %d processes left, want 0", n)
	}
}

func TestKillEndsTheAttemptAndNothingElse(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	startWorker(t, cfg)
	victim, other := shell(1, "echo up; setsid sleep 86432"), shell(2, waitForGo+"exit 6")
	m.assign(victim, other)
	m.fact(t, wire.FactStarted, keyOf(victim))
	m.update(func() { m.kills = append(m.kills, wire.Kill{WorkID: 1, Attempt: 1, Reason: "by alice"}) })
	fact := m.fact(t, wire.FactFinished, keyOf(victim))
	if !fact.Killed || fact.TimedOut || fact.Reason != "by alice" {
		t.Errorf("got %+v, want killed by alice", fact)
	}
	if n := processesOf("86432"); n != 0 {
		t.Errorf("got %d processes left, want 0", n)
	}
	if n := m.count(wire.FactFinished); n != 1 {
		t.Errorf("got %d ends, want the other attempt alive", n)
	}
	release(t, cfg, 2)
	if fact := m.fact(t, wire.FactFinished, keyOf(other)); fact.ResultCode != 6 {
		t.Errorf("got result %d, want 6", fact.ResultCode)
	}
}

func TestChecksKeepAnAttemptFromStarting(t *testing.T) {
	dir := t.TempDir()
	gone := shell(1, "true")
	gone.Inputs = []wire.PathCheck{{Path: "file://" + dir, Ready: "exists"}, {Path: "file://" + dir + "/in", Ready: "_SUCCESS"}}
	unknown := shell(2, "true")
	unknown.Inputs = []wire.PathCheck{{Path: "hdfs://nn/in", Ready: "_SUCCESS"}}
	huge := shell(3, "true")
	huge.Memory = 1 << 50
	m := newMaster(t)
	startWorker(t, testConfig(t, m))
	m.assign(gone, unknown, huge)
	if fact := m.fact(t, wire.FactUnready, keyOf(gone)); len(fact.Unmet) != 1 || fact.Unmet[0] != gone.Inputs[1] {
		t.Errorf("got unmet %v, want %v", fact.Unmet, gone.Inputs[1])
	}
	if fact := m.fact(t, wire.FactRefused, keyOf(unknown)); !strings.Contains(fact.Reason, "hdfs is not configured") {
		t.Errorf("got reason %q", fact.Reason)
	}
	if fact := m.fact(t, wire.FactRefused, keyOf(huge)); !strings.Contains(fact.Reason, "1073741824 MiB for the batch") {
		t.Errorf("got reason %q", fact.Reason)
	}
	if n := m.count(wire.FactStarted); n != 0 {
		t.Errorf("got %d starts, want 0", n)
	}
}

func TestNothingIsMadeWhenTheMastersSayNo(t *testing.T) {
	for _, verdict := range []wire.FactVerdict{wire.VerdictStale, wire.VerdictNo} {
		t.Run(string(verdict), func(t *testing.T) {
			m := newMaster(t)
			m.verdicts[wire.FactStarted] = verdict
			cfg := testConfig(t, m)
			_, stop := startWorker(t, cfg)
			m.assign(shell(1, "true"))
			m.fact(t, wire.FactStarted, wire.Held{WorkID: 1, Attempt: 1})
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if entries, err := os.ReadDir(cfg.Root + "/attempts"); err != nil || len(entries) != 0 {
				t.Errorf("got %v, %v, want no attempt directory", entries, err)
			}
		})
	}
}

func TestWhatCannotRunIsAnInfrastructureFailure(t *testing.T) {
	m := newMaster(t)
	startWorker(t, testConfig(t, m))
	account, kind := shell(1, "true"), shell(2, "true")
	account.Account = "nobody_here"
	kind.Type = "http"
	m.assign(account, kind)
	for _, a := range []wire.Assignment{account, kind} {
		fact := m.fact(t, wire.FactFinished, keyOf(a))
		if !fact.Infra || fact.ExitCode != nil || fact.Reason == "" {
			t.Errorf("got %+v, want an infrastructure failure with a reason", fact)
		}
	}
}

func TestAttemptRunsAsItsAccount(t *testing.T) {
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.Accounts = []string{"nobody"}
	for _, dir := range []string{filepath.Dir(cfg.Root), cfg.Root} { // the account must get through
		if err := os.Chmod(dir, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	startWorker(t, cfg)
	a := shell(1, `id -u; id -G; echo "$USER"; touch mine; cat ../spec.json 2>/dev/null || echo hidden; exit 3`)
	a.Account = "nobody"
	program := shell(2, "true")
	program.Program = "hdfs://nn/program.tar.gz"
	m.assign(a, program)
	fact := m.fact(t, wire.FactFinished, keyOf(a))
	if os.Geteuid() != 0 {
		if !fact.Infra || !strings.Contains(fact.Reason, "only root can change users") {
			t.Errorf("got %+v, want a refusal", fact)
		}
		return
	}
	want := nobody.Uid + "\n" + nobody.Gid + "\nnobody\nhidden\n"
	if fact.ResultCode != 3 || fact.Tail != want {
		t.Errorf("got result %d, output %q, reason %q, want 3 and %q", fact.ResultCode, fact.Tail, fact.Reason, want)
	}
	if fact := m.fact(t, wire.FactFinished, keyOf(program)); !fact.Infra {
		t.Errorf("got %+v, want what cannot be fetched not to run", fact)
	}
}

func TestSuccessByOutputNeedsANewOutput(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"stale", "touched"} {
		if err := os.MkdirAll(dir+"/"+name, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/"+name+"/_SUCCESS", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(dir+"/"+name+"/_SUCCESS", old, old); err != nil {
			t.Fatal(err)
		}
	}
	m := newMaster(t)
	startWorker(t, testConfig(t, m))
	output := func(workID int64, name, script string) wire.Assignment {
		a := shell(workID, script)
		a.Success = "output-path"
		a.Outputs = []wire.PathCheck{{Path: "file://" + dir + "/" + name, Ready: "_SUCCESS"}}
		return a
	}
	tests := map[string]struct {
		assignment wire.Assignment
		want       bool
	}{
		"NewOutput":          {output(1, "new", "mkdir "+dir+"/new && touch "+dir+"/new/_SUCCESS; exit 7"), true},
		"OutputWrittenAgain": {output(2, "touched", "touch "+dir+"/touched/_SUCCESS"), true},
		"StaleOutput":        {output(3, "stale", "true"), false},
		"NoOutput":           {output(4, "none", "true"), false},
	}
	for _, test := range tests {
		m.assign(test.assignment)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			fact := m.fact(t, wire.FactFinished, keyOf(test.assignment))
			if fact.OutputReady == nil || *fact.OutputReady != test.want || fact.ExitCode == nil {
				t.Errorf("got output ready %v, exit %v, want %v", fact.OutputReady, fact.ExitCode, test.want)
			}
		})
	}
}

func TestResultsSurviveAnOutageOfTheMasters(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	_, stop := startWorker(t, cfg)
	m.assign(shell(1, waitForGo+"exit 3"))
	m.fact(t, wire.FactStarted, wire.Held{WorkID: 1, Attempt: 1})
	m.update(func() { m.down = true })
	release(t, cfg, 1)
	awaitFile(t, cfg.Root+"/attempts/1-1/exit")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if n := m.count(wire.FactFinished); n != 0 {
		t.Fatalf("got %d ends during the outage", n)
	}
	m.update(func() { m.down = false })
	_, stop = startWorker(t, cfg)
	if fact := m.fact(t, wire.FactFinished, wire.Held{WorkID: 1, Attempt: 1}); fact.ResultCode != 3 {
		t.Errorf("got result %d, want 3", fact.ResultCode)
	}
	awaitFile(t, cfg.Root+"/attempts/1-1/reported")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// waitForGo is a script that goes on when release says so.
const waitForGo = "while [ ! -e go ]; do sleep 0.02; done; "

func release(t *testing.T, cfg Config, workID int64) {
	t.Helper()
	work := fmt.Sprintf("%s/attempts/%d-1/work", cfg.Root, workID)
	awaitFile(t, work)
	if err := os.WriteFile(work+"/go", nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func awaitFile(t *testing.T, name string) {
	t.Helper()
	awaitThat(t, name, func() bool { _, err := os.Stat(name); return err == nil })
}

// awaitWritten waits for a line in a file.
func awaitWritten(t *testing.T, name string) {
	t.Helper()
	awaitThat(t, name, func() bool {
		text, err := os.ReadFile(name)
		return err == nil && strings.HasSuffix(string(text), "\n")
	})
}

// awaitThat waits for a condition outside this process, which nothing announces.
func awaitThat(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-ticker.C:
		case <-timeout:
			t.Fatalf("waited too long for %s", what)
		}
	}
}

func TestUnstartedAttemptIsGivenBack(t *testing.T) {
	m := newMaster(t)
	m.running = []wire.Held{{WorkID: 7, Attempt: 2}}
	startWorker(t, testConfig(t, m))
	m.fact(t, wire.FactUnstarted, wire.Held{WorkID: 7, Attempt: 2})
}

func TestSecondWorkerOnTheSameRootRefuses(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	w, _ := startWorker(t, cfg)
	<-w.heard
	second, err := New(cfg, Deps{Log: logs.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	err = second.Run(t.Context())
	if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "is in use by another worker (pid ") {
		t.Errorf("got %v, want a refusal that names the other worker", err)
	}
}

func TestWorkerEndsWhenItsNameIsTaken(t *testing.T) {
	m := newMaster(t)
	m.conflict = true
	w, err := New(testConfig(t, m), Deps{Log: logs.Discard(), HTTP: m.server.Client()})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "the host name w1 is taken") {
		t.Errorf("got %v, want the master's sentence", err)
	}
}

func TestLogsAreServedToMastersOnly(t *testing.T) {
	m := newMaster(t)
	w, _ := startWorker(t, testConfig(t, m))
	m.assign(shell(1, "printf 0123456789"))
	m.fact(t, wire.FactFinished, wire.Held{WorkID: 1, Attempt: 1})
	read := func(target, hash string, at time.Time) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.address+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", wire.SignCall(hash, http.MethodGet, target, at))
		response, err := m.server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	hash, now := wire.TokenHash(testToken), time.Now()
	tests := map[string]struct {
		target, hash string
		at           time.Time
		status       int
		text         string
	}{
		"Range":           {"/logs/1-1?offset=3&limit=4", hash, now, 200, "3456"},
		"Whole":           {"/logs/1-1", hash, now, 200, "0123456789"},
		"PastTheEnd":      {"/logs/1-1?offset=99", hash, now, 200, ""},
		"FromTheEnd":      {"/logs/1-1?offset=-2", hash, now, 200, "89"},
		"WrongToken":      {"/logs/1-1", wire.TokenHash("other"), now, 401, "the signature of the call is wrong\n"},
		"OldSignature":    {"/logs/1-1", hash, now.Add(-2 * time.Minute), 401, ""},
		"NoSuchAttempt":   {"/logs/9-1", hash, now, 404, ""},
		"OtherFile":       {"/logs/..%2F..%2Fkeeper.json", hash, now, 400, ""},
		"NothingElseHere": {"/", hash, now, 404, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, text := read(test.target, test.hash, test.at)
			if status != test.status || (test.text != "" || status == 200) && text != test.text {
				t.Errorf("got %d %q, want %d %q", status, text, test.status, test.text)
			}
		})
	}
}
