package worker

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker/run"
)

// runToItsEnd runs a worker that is to end by itself.
func runToItsEnd(t *testing.T, cfg Config) <-chan error {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	w, err := New(cfg, Deps{Log: logs.New(t.Output(), nil), HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(cancel)
	return done
}

// endsSaying holds that a worker ends with a sentence that has all of parts.
func endsSaying(t *testing.T, done <-chan error, parts ...string) {
	t.Helper()
	select {
	case err := <-done:
		if fault.CodeOf(err) != fault.Conflict {
			t.Errorf("got %v, want a conflict", err)
		}
		for _, part := range parts {
			if err != nil && !strings.Contains(err.Error(), part) {
				t.Errorf("got %q, want %q in it", err, part)
			}
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the worker goes on")
	}
}

func TestAWorkerWithoutItsRootEnds(t *testing.T) {
	for name, test := range map[string]struct {
		harm func(root string) error
		says string
	}{
		"Deleted":  {os.RemoveAll, "was deleted or replaced"},
		"Replaced": {func(root string) error { return os.Rename(root, root+".old") }, "was deleted or replaced"},
		"Emptied":  {func(root string) error { return os.Remove(root + "/identity.json") }, "has lost its identity.json"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t)
			cfg := testConfig(t, m)
			cfg.Root += "/root"
			if err := os.Mkdir(cfg.Root, 0o700); err != nil {
				t.Fatal(err)
			}
			cfg.Drain = 100 * time.Millisecond
			done := runToItsEnd(t, cfg)
			m.assign(shell(1, "exit 0"))
			m.fact(t, wire.FactFinished, wire.Held{WorkID: 1, Attempt: 1})
			awaitFile(t, cfg.Root+"/attempts/1-1/reported.json") // from here on nobody writes there
			if err := test.harm(cfg.Root); err != nil {
				t.Fatal(err)
			}
			endsSaying(t, done, cfg.Root, test.says)
		})
	}
}

// What masters take for running is not called unstarted by a worker whose root
// was wiped meanwhile: it may have been in there.
func TestOnlyAnIntactRootProvesThatNothingBegan(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.Heartbeat, cfg.CheckInterval, cfg.Lease = time.Hour, 2*time.Hour, 3*time.Hour // nobody else notices
	startWorker(t, cfg)
	ask := func(workID int64) {
		m.update(func() { m.kills = append(m.kills, wire.Kill{WorkID: workID, Attempt: 1, Reason: "by alice"}) })
	}
	ask(98)
	m.fact(t, wire.FactUnstarted, wire.Held{WorkID: 98, Attempt: 1})
	identity, err := os.ReadFile(cfg.Root + "/identity.json")
	if err == nil {
		err = os.Remove(cfg.Root + "/identity.json")
	}
	if err != nil {
		t.Fatal(err)
	}
	ask(99)
	fact := m.fact(t, wire.FactLost, wire.Held{WorkID: 99, Attempt: 1})
	if fact.ExitCode != nil || m.count(wire.FactUnstarted) != 1 {
		t.Errorf("got %+v and %d unstarted, want it lost", fact, m.count(wire.FactUnstarted))
	}
	m.assign(shell(1, "exit 0"))
	if fact := m.fact(t, wire.FactRefused, wire.Held{WorkID: 1, Attempt: 1}); !strings.Contains(fact.Reason, "identity.json") {
		t.Errorf("got %+v, want it refused for the root", fact)
	}
	if err := os.WriteFile(cfg.Root+"/identity.json", identity, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Two roots begin under one name at the same moment; the masters hear of the
// other one later.
func TestAWorkerWhoseNameIsTakenEnds(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.Drain = 100 * time.Millisecond
	done := runToItsEnd(t, cfg)
	m.assign(shell(1, "exit 0"))
	m.fact(t, wire.FactFinished, wire.Held{WorkID: 1, Attempt: 1})
	m.update(func() { m.conflict = true })
	endsSaying(t, done, "w1 is taken")
}

// An attempt that is over is ended where it is in hand; nothing is reported of
// one that is not.
func TestWhatIsOverIsEndedAndNotReported(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	startWorker(t, cfg)
	a := shell(1, "sleep 86438")
	started(t, m, cfg, a)
	m.update(func() {
		m.kills = []wire.Kill{
			{WorkID: 97, Attempt: 1, Over: true, Reason: "this attempt is over"}, {WorkID: 1, Attempt: 1, Over: true, Reason: "this attempt is over"},
			{WorkID: 98, Attempt: 1, Reason: "by alice"},
		}
	})
	if fact := m.fact(t, wire.FactFinished, keyOf(a)); !fact.Killed || fact.Reason != "this attempt is over" {
		t.Errorf("got %+v, want it killed because it is over", fact)
	}
	m.fact(t, wire.FactUnstarted, wire.Held{WorkID: 98, Attempt: 1})
	if n := m.count(wire.FactUnstarted); n != 1 {
		t.Errorf("got %d attempts called unstarted, want the one that somebody waits for", n)
	}
	if n := processesOf("86438"); n != 0 {
		t.Errorf("got %d processes left, want 0", n)
	}
}

// A database that has lost its last commits asks again about what was reported.
// The answer is the same, also when the outputs decide.
func TestWhatWasReportedIsReportedAgainTheSame(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	_, stop := startWorker(t, cfg)
	output := t.TempDir() + "/out"
	a := shell(1, "echo done >"+output+"; exit 3")
	a.Success, a.Outputs = run.SuccessByOutput, []wire.PathCheck{{Path: "file://" + output, Ready: "exists"}}
	m.assign(a)
	first := m.fact(t, wire.FactFinished, keyOf(a))
	awaitFile(t, cfg.Root+"/attempts/1-1/reported.json")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	m.update(func() { m.running = []wire.Held{keyOf(a)} })
	startWorker(t, cfg)
	again := m.await(t, "second report", func(journal []wire.Fact) (wire.Fact, bool) {
		last := journal[len(journal)-1]
		return last, last.Kind == wire.FactFinished && last.At > first.At
	})
	for _, fact := range []wire.Fact{first, again} {
		if fact.OutputReady == nil || !*fact.OutputReady || fact.ExitCode == nil || *fact.ExitCode != 3 || fact.StartedAt != first.StartedAt {
			t.Errorf("got %+v, want output ready and exit code 3", fact)
		}
	}
}
