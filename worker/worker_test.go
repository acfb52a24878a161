package worker

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/wire"
)

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
	awaitFile(t, cfg.Root+"/attempts/1-1/reported.json")
	if err := stop(); err != nil {
		t.Fatal(err)
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
