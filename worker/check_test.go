package worker

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/wire"
)

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
	kind.Type = "cobol"
	m.assign(account, kind)
	for _, a := range []wire.Assignment{account, kind} {
		fact := m.fact(t, wire.FactFinished, keyOf(a))
		if !fact.Infra || fact.ExitCode != nil || fact.Reason == "" {
			t.Errorf("got %+v, want an infrastructure failure with a reason", fact)
		}
	}
}

// withNobody starts a worker that may run scripts as the user nobody.
func withNobody(t *testing.T) (*master, *user.User) {
	t.Helper()
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
	return m, nobody
}

func TestAttemptRunsAsItsAccount(t *testing.T) {
	m, nobody := withNobody(t)
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
