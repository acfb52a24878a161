package worker

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"capricornus/common/wire"
)

// spawnWorker runs a worker as a process of its own.
func spawnWorker(t *testing.T, cfg Config, env ...string) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(executable)
	cmd.Env = append(append(os.Environ(), env...), roleVariable+"=worker", "CAPRI_TEST_CONFIG="+string(text))
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill9(cmd) })
	return cmd
}

func kill9(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func withKeeper(t *testing.T, cfg Config) Config {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg.KeeperCommand = []string{"/usr/bin/env", roleVariable + "=keeper", executable}
	t.Cleanup(func() { endKeeper(t, cfg.Root) })
	return cfg
}

// endKeeper ends the keepers of a root, also one that has only just been
// started: it would go on writing while the test's directory is removed.
func endKeeper(t *testing.T, root string) {
	t.Helper()
	awaitThat(t, "the keeper's end", func() bool {
		pids := keepersOf(root)
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		return len(pids) == 0
	})
}

// keepersOf finds the keepers of a root by their command lines; a process that
// has ended and was not waited for has none.
func keepersOf(root string) (pids []int) {
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(text), "\x00--root\x00"+root+"\x00") {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// pidIn reads a pid from a lock file or a pid file.
func pidIn(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := leaderIn(text); ok {
		return id
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// leaderIn reads the process from its line: alone, or after the spec.
func leaderIn(text []byte) (pid int, ok bool) {
	for values := json.NewDecoder(bytes.NewReader(text)); ; {
		var id struct{ Pid int }
		if values.Decode(&id) != nil {
			return 0, false
		}
		if id.Pid != 0 {
			return id.Pid, true
		}
	}
}

// fileClock is by how many milliseconds the time of a file, which says when an
// attempt ended that nobody watched, may be early.
const fileClock = 20

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func started(t *testing.T, m *master, cfg Config, a wire.Assignment) {
	t.Helper()
	m.assign(a)
	m.fact(t, wire.FactStarted, keyOf(a))
	awaitThat(t, "the process", func() bool {
		text, err := os.ReadFile(cfg.Root + "/attempts/1-1/spec.json")
		_, there := leaderIn(text)
		return err == nil && there
	})
}

func TestKeeperReportsWhatEndsWhileTheWorkerIsDead(t *testing.T) {
	m := newMaster(t)
	cfg := withKeeper(t, testConfig(t, m))
	worker := spawnWorker(t, cfg)
	a := shell(1, waitForGo+"echo end; exit 4")
	started(t, m, cfg, a)
	awaitWritten(t, cfg.Root+"/keeper.lock")
	keeperPid := pidIn(t, cfg.Root+"/keeper.lock")
	kill9(worker)
	release(t, cfg, 1)
	fact := m.fact(t, wire.FactFinished, keyOf(a))
	if fact.ResultCode != 4 || fact.Tail != "end\n" || fact.Host != "w1" {
		t.Errorf("got %+v, want result 4", fact)
	}
	awaitThat(t, "the keeper's end", func() bool { return !alive(keeperPid) })
	spawnWorker(t, cfg)
	next := shell(2, "exit 5")
	m.assign(next)
	m.fact(t, wire.FactFinished, keyOf(next))
	if n := m.count(wire.FactFinished); n != 2 {
		t.Errorf("got %d ends, want each attempt's once", n)
	}
	awaitThat(t, "the next keeper", func() bool { return len(keepersOf(cfg.Root)) == 1 })
}

func TestKeeperReportsWhatTheWorkerCouldNot(t *testing.T) {
	m := newMaster(t)
	cfg := withKeeper(t, testConfig(t, m))
	worker := spawnWorker(t, cfg)
	a := shell(1, waitForGo+"exit 4")
	started(t, m, cfg, a)
	awaitWritten(t, cfg.Root+"/keeper.lock")
	m.update(func() { m.down = true })
	release(t, cfg, 1)
	awaitThat(t, "the result in the outbox", func() bool {
		text, err := os.ReadFile(cfg.Root + "/outbox/worker")
		return err == nil && strings.Contains(string(text), `"kind":"finished"`)
	})
	kill9(worker)
	m.update(func() { m.down = false })
	if fact := m.fact(t, wire.FactFinished, keyOf(a)); fact.ResultCode != 4 {
		t.Errorf("got %+v, want result 4", fact)
	}
}

func TestKeeperEndsAttemptsOfFenceTasksAfterTheLease(t *testing.T) {
	m := newMaster(t)
	cfg := withKeeper(t, testConfig(t, m))
	cfg.Heartbeat, cfg.CheckInterval, cfg.Lease = 50*time.Millisecond, 200*time.Millisecond, time.Second
	worker := spawnWorker(t, cfg)
	a := shell(1, "setsid sleep 86436; sleep 86436")
	a.OnWorkerLost = "fence"
	started(t, m, cfg, a)
	awaitWritten(t, cfg.Root+"/keeper.lock")
	kill9(worker)
	fact := m.fact(t, wire.FactFinished, keyOf(a))
	if !fact.Infra || fact.Killed || !strings.Contains(fact.Reason, "lease") {
		t.Errorf("got %+v, want an infrastructure failure by the lease", fact)
	}
	if n := processesOf("86436"); n != 0 {
		t.Errorf("got %d processes left, want 0", n)
	}
}

func TestNextWorkerAdoptsWhatStillRuns(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	worker := spawnWorker(t, cfg)
	a := shell(1, waitForGo+"exit 4")
	started(t, m, cfg, a)
	kill9(worker)
	m.update(func() { m.running = []wire.Held{keyOf(a)} })
	spawnWorker(t, cfg)
	m.update(func() { m.kills = []wire.Kill{{WorkID: 99, Attempt: 1}} }) // answered after the first claim
	m.fact(t, wire.FactUnstarted, wire.Held{WorkID: 99, Attempt: 1})
	release(t, cfg, 1)
	if fact := m.fact(t, wire.FactFinished, keyOf(a)); fact.ResultCode != 4 {
		t.Errorf("got %+v, want result 4", fact)
	}
	if n := m.count(wire.FactStarted); n != 1 {
		t.Errorf("got %d starts, want 1", n)
	}
}

func TestNextWorkerReportsWhatEndedMeanwhile(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	worker := spawnWorker(t, cfg)
	a := shell(1, waitForGo+"exit 4")
	started(t, m, cfg, a)
	kill9(worker)
	release(t, cfg, 1)
	awaitFile(t, cfg.Root+"/attempts/1-1/exit")
	restarted := time.Now().UnixMilli()
	spawnWorker(t, cfg)
	fact := m.fact(t, wire.FactFinished, keyOf(a))
	if fact.ResultCode != 4 || fact.EndedAt > restarted || fact.EndedAt < fact.StartedAt-fileClock {
		t.Errorf("got %+v, want result 4 and an end before %d", fact, restarted)
	}
}

func TestNextWorkerKeepsTheRunTimeout(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	worker := spawnWorker(t, cfg)
	a := shell(1, "setsid sleep 86433")
	a.RunTimeout = 1500
	started(t, m, cfg, a)
	kill9(worker)
	spawnWorker(t, cfg)
	fact := m.fact(t, wire.FactFinished, keyOf(a))
	if !fact.TimedOut || fact.EndedAt-fact.StartedAt < 1500-fileClock {
		t.Errorf("got %+v, want a timeout from the first start on", fact)
	}
	if n := processesOf("86433"); n != 0 {
		t.Errorf("got %d processes left, want 0", n)
	}
}

func TestNextWorkerReportsALostAttempt(t *testing.T) {
	for name, forget := range map[string]bool{"WithPid": false, "WithoutSpec": true} {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t)
			cfg := testConfig(t, m)
			worker := spawnWorker(t, cfg)
			a := shell(1, "sleep 86434")
			started(t, m, cfg, a)
			kill9(worker)
			app := pidIn(t, cfg.Root+"/attempts/1-1/spec.json")
			if err := syscall.Kill(-app, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			if forget {
				if err := os.Truncate(cfg.Root+"/attempts/1-1/spec.json", 0); err != nil {
					t.Fatal(err)
				}
			}
			spawnWorker(t, cfg)
			if fact := m.fact(t, wire.FactLost, keyOf(a)); fact.ExitCode != nil {
				t.Errorf("got exit code %d, want none", *fact.ExitCode)
			}
		})
	}
}

func TestKilledAppTakesItsScriptAlong(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	startWorker(t, cfg)
	a := shell(1, "sleep 86435")
	started(t, m, cfg, a)
	awaitThat(t, "the script", func() bool { return processesOf("86435") > 0 })
	if err := syscall.Kill(pidIn(t, cfg.Root+"/attempts/1-1/spec.json"), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if fact := m.fact(t, wire.FactFinished, keyOf(a)); fact.ResultCode != 137 {
		t.Errorf("got %+v, want result 137", fact)
	}
	if n := processesOf("86435"); n != 0 {
		t.Errorf("got %d processes left, want 0", n)
	}
}
