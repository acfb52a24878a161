package worker

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/cgroup"
)

// nastyConfig is a worker that looks often at what runs.
func nastyConfig(t *testing.T, m *master) Config {
	t.Helper()
	cfg := testConfig(t, m)
	cfg.Sample, cfg.Grace = 300*time.Millisecond, 300*time.Millisecond
	return cfg
}

// beside runs an attempt while a quiet one waits, and returns its end. The
// neighbour must end well afterwards, and heartbeats must have gone on.
func beside(t *testing.T, m *master, cfg Config, nasty wire.Assignment, during ...func()) wire.Fact {
	t.Helper()
	quiet := shell(1, waitForGo+"exit 0")
	m.assign(quiet)
	m.fact(t, wire.FactStarted, keyOf(quiet))
	awaitFile(t, cfg.Root+"/attempts/1-1/work")
	m.mu.Lock()
	beats := m.beats
	m.mu.Unlock()
	m.assign(nasty)
	for _, do := range during {
		do()
	}
	fact := m.fact(t, wire.FactFinished, keyOf(nasty))
	if n := m.count(wire.FactFinished); n != 1 {
		t.Errorf("got %d ends, want the neighbour alive", n)
	}
	release(t, cfg, 1)
	if neighbour := m.fact(t, wire.FactFinished, keyOf(quiet)); neighbour.ResultCode != 0 || neighbour.Over {
		t.Errorf("got neighbour %+v, want it well", neighbour)
	}
	m.await(t, "further heartbeat", func([]wire.Fact) (wire.Fact, bool) { return wire.Fact{}, m.beats > beats })
	return fact
}

func wantOver(t *testing.T, fact wire.Fact, reasons ...string) {
	t.Helper()
	named := slices.ContainsFunc(reasons, func(reason string) bool { return reason != "" && strings.Contains(fact.Reason, reason) })
	if !fact.Over || fact.Killed || fact.Infra || !named {
		t.Errorf("got over %v, reason %q, want over with %q", fact.Over, fact.Reason, reasons)
	}
}

// offered are the control groups of the host that runs the test. Where it has
// none of a kind, the worker measures, and the reason says so.
func offered() *cgroup.Host {
	host := cgroup.Find("/proc", "offered")
	host.Sweep()
	return host
}

func TestProcessesThatHideAreKilled(t *testing.T) {
	for name, cgroups := range map[string]bool{"Cgroups": true, "Without": false} {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t)
			cfg := nastyConfig(t, m)
			cfg.Cgroups = cgroups
			startWorker(t, cfg)
			marker := "8645" + map[bool]string{true: "1", false: "2"}[cgroups]
			hidden := "trap '' TERM; sleep " + marker + " & sleep " + marker + " & touch up; sleep " + marker + "; :"
			a := shell(2, "trap '' TERM; (setsid env -i PATH=$PATH sh -c \""+hidden+"\" >/dev/null 2>&1 &); while :; do sleep 1; done")
			fact := beside(t, m, cfg, a, func() {
				awaitFile(t, cfg.Root+"/attempts/2-1/work/up")
				m.update(func() { m.kills = append(m.kills, wire.Kill{WorkID: 2, Attempt: 1, Reason: "by alice"}) })
			})
			if !fact.Killed || fact.Over || fact.Reason != "by alice" {
				t.Errorf("got %+v, want killed by alice", fact)
			}
			if n := processesOf(marker); n != 0 {
				t.Errorf("got %d processes left, want 0", n)
			}
		})
	}
}

func TestTooManyProcessesEndOnlyThemselves(t *testing.T) {
	t.Run("InAGroup", func(t *testing.T) {
		m := newMaster(t)
		cfg := nastyConfig(t, m)
		cfg.Limits.Processes = 200
		bomb, reason := "while :; do sleep 86453 & done", ""
		if offered().LimitsProcesses() {
			bomb, reason = "bomb() { bomb | bomb & }; bomb; sleep 86453", "it had 200 processes and threads, its limit, and wanted more"
		}
		startWorker(t, cfg)
		fact := beside(t, m, cfg, shell(2, bomb))
		wantOver(t, fact, "processes and threads; its limit is 200", reason)
	})
	t.Run("Sampled", func(t *testing.T) {
		m := newMaster(t)
		cfg := nastyConfig(t, m)
		cfg.Limits.Processes, cfg.Cgroups = 200, false
		startWorker(t, cfg)
		fact := beside(t, m, cfg, shell(2, "while :; do sleep 86454 & done"))
		wantOver(t, fact, "processes and threads; its limit is 200")
		if n := processesOf("86454"); n != 0 {
			t.Errorf("got %d processes left, want 0", n)
		}
	})
}

func TestTooMuchMemoryEndsOnlyItself(t *testing.T) {
	const hog = "(head -c 300000000 /dev/zero; sleep 86455) | tail -c 300000000 >/dev/null"
	t.Run("InAGroup", func(t *testing.T) {
		reason := "MiB of memory; its limit is 64 MiB"
		if offered().LimitsMemory() {
			reason = "it used all of its limit of 64 MiB of memory, and the kernel killed 1 of its processes"
		}
		m := newMaster(t)
		cfg := nastyConfig(t, m)
		cfg.Limits.AttemptMemory = 64 << 20
		startWorker(t, cfg)
		fact := beside(t, m, cfg, shell(2, hog))
		wantOver(t, fact, reason)
	})
	t.Run("Sampled", func(t *testing.T) {
		m := newMaster(t)
		cfg := nastyConfig(t, m)
		cfg.Cgroups = false
		startWorker(t, cfg)
		a := shell(2, hog)
		a.Memory = 32 << 20 // twice of that is allowed
		fact := beside(t, m, cfg, a)
		wantOver(t, fact, "MiB of memory; its limit is 64 MiB")
		if n := processesOf("86455"); n != 0 {
			t.Errorf("got %d processes left, want 0", n)
		}
	})
}

// TestSharedMemoryCountsOnce lets ten processes share what one has made.
func TestSharedMemoryCountsOnce(t *testing.T) {
	m := newMaster(t)
	cfg := nastyConfig(t, m)
	cfg.Cgroups, cfg.Limits.AttemptMemory = false, 400<<20
	w, _ := startWorker(t, cfg)
	const share = `import os, time
data = b"x" * 60_000_000
for i in range(10):
    if os.fork() == 0:
        while not os.path.exists("go"): time.sleep(0.02)
        os._exit(0)
for i in range(10): os.wait()
`
	a := shell(2, share)
	a.Type = "python"
	fact := beside(t, m, cfg, a, func() {
		awaitThat(t, "a measurement of all", func() bool {
			g := w.hand.get(keyOf(a))
			if g == nil {
				return false
			}
			g.mu.Lock()
			defer g.mu.Unlock()
			return g.peak.Processes > 10 && g.peak.Memory > 500<<20
		})
		release(t, cfg, 2)
	})
	if fact.ResultCode != 0 || fact.Over {
		t.Errorf("got result %d, %q, want success", fact.ResultCode, fact.Reason)
	}
}

func TestLongLogLosesItsMiddleOrEndsItsAttempt(t *testing.T) {
	const flood = "yes 0123456789012345678901234567890123456789 | head -c 200000000; echo; echo end"
	t.Run("Kept", func(t *testing.T) {
		m := newMaster(t)
		cfg := nastyConfig(t, m)
		cfg.Limits.LogKeep = 4 << 20
		startWorker(t, cfg)
		fact := beside(t, m, cfg, shell(2, flood))
		if fact.ResultCode != 0 || fact.Over || fact.LogBytes < 200_000_000 || !strings.HasSuffix(fact.Tail, "\nend\n") {
			t.Errorf("got result %d, %q, %d bytes, want success", fact.ResultCode, fact.Reason, fact.LogBytes)
		}
		var log syscall.Stat_t
		if err := syscall.Stat(cfg.Root+"/attempts/2-1/log", &log); err != nil || log.Blocks*512 > 5<<20 {
			t.Errorf("got %d bytes on disk, %v, want 4 MiB", log.Blocks*512, err)
		}
	})
	t.Run("Over", func(t *testing.T) {
		m := newMaster(t)
		cfg := nastyConfig(t, m)
		cfg.Limits.Log = 50 << 20
		startWorker(t, cfg)
		fact := beside(t, m, cfg, shell(2, flood+"; sleep 86456"))
		wantOver(t, fact, "its log grew over 50 MiB")
	})
}

func TestLongFileEndsOnlyItsScript(t *testing.T) {
	m := newMaster(t)
	cfg := nastyConfig(t, m)
	cfg.Limits.File = 1 << 20
	startWorker(t, cfg)
	fact := beside(t, m, cfg, shell(2, "head -c 1000000 /dev/zero >small && head -c 2000000 /dev/zero >big"))
	wantOver(t, fact, "a file reached the limit of 1 MiB")
	if info, err := os.Stat(cfg.Root + "/attempts/2-1/work/big"); err != nil || info.Size() != 1<<20 {
		t.Errorf("got %v, %v, want a file of the limit", info, err)
	}
}

// tinyDisk mounts a file system of some bytes.
func tinyDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("capri-test", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Fatalf("mount a small file system: %v; run the test as root, or set CAPRI_TEST_SKIP=mount to leave full disks out", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFullDiskFailsOnlyTheScriptThatFillsIt(t *testing.T) {
	const fill = "head -c 64000000 /dev/zero >%/full || { echo cannot write; exit 7; }"
	t.Run("Elsewhere", func(t *testing.T) {
		m := newMaster(t)
		cfg := nastyConfig(t, m)
		startWorker(t, cfg)
		fact := beside(t, m, cfg, shell(2, strings.ReplaceAll(fill, "%", "/dev")))
		if fact.ResultCode != 7 || fact.Over || !strings.Contains(fact.Tail, "cannot write") {
			t.Errorf("got %+v, want result 7", fact)
		}
	})
	t.Run("TheWorkersOwn", func(t *testing.T) {
		if slices.Contains(strings.Split(os.Getenv("CAPRI_TEST_SKIP"), ","), "mount") {
			t.Log("not run: CAPRI_TEST_SKIP names mount")
			return
		}
		m := newMaster(t)
		cfg := nastyConfig(t, m)
		cfg.Root = filepath.Join(tinyDisk(t, "1m"), "root")
		cfg.ListenLogs = ""
		startWorker(t, cfg)
		fact := beside(t, m, cfg, shell(2, strings.ReplaceAll(fill, "%", ".")))
		if fact.ResultCode != 7 || fact.Over {
			t.Errorf("got %+v, want result 7", fact)
		}
	})
}

func TestAttemptsGainNoPrivileges(t *testing.T) {
	m := newMaster(t)
	startWorker(t, testConfig(t, m))
	m.assign(shell(1, "grep NoNewPrivs /proc/self/status; cat /proc/self/oom_score_adj"))
	if fact := m.fact(t, wire.FactFinished, wire.Held{WorkID: 1, Attempt: 1}); fact.Tail != "NoNewPrivs:\t1\n500\n" {
		t.Errorf("got %q, want no new privileges and the first place when memory is short", fact.Tail)
	}
	threads, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil {
		t.Fatal(err)
	}
	bound := 0
	for _, name := range threads {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), "NoNewPrivs:\t1") {
			bound++
		}
	}
	if bound == 0 || bound == len(threads) {
		t.Errorf("got %d of %d threads of the worker without new privileges, want those that start attempts", bound, len(threads))
	}
	self, err := os.ReadFile("/proc/self/status")
	if err != nil || !strings.Contains(string(self), "NoNewPrivs:\t0") {
		t.Errorf("got the whole worker without new privileges, %v", err)
	}
}

func TestLimitsHoldWhoeverWatches(t *testing.T) {
	flood := waitForGo + "yes | head -c 30000000; while :; do sleep 1; done"
	for name, back := range map[string]bool{"Keeper": false, "NextWorker": true} {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t)
			cfg := withKeeper(t, nastyConfig(t, m))
			cfg.Limits.Log, cfg.Limits.LogKeep = 20<<20, 1<<20
			first := spawnWorker(t, cfg)
			a := shell(1, flood)
			started(t, m, cfg, a)
			awaitWritten(t, cfg.Root+"/keeper.lock")
			kill9(first)
			if back {
				spawnWorker(t, cfg)
			}
			release(t, cfg, 1)
			fact := m.fact(t, wire.FactFinished, keyOf(a))
			wantOver(t, fact, "its log grew over 20 MiB")
		})
	}
}

func TestNextWorkerKillsWhatHid(t *testing.T) {
	m := newMaster(t)
	cfg := nastyConfig(t, m)
	first := spawnWorker(t, cfg)
	const marker = "86457"
	hidden := "sleep " + marker + " & touch up; sleep " + marker + "; :"
	a := shell(1, "(setsid env -i PATH=$PATH sh -c '"+hidden+"' >/dev/null 2>&1 &); while :; do sleep 1; done")
	started(t, m, cfg, a)
	awaitFile(t, cfg.Root+"/attempts/1-1/work/up")
	kill9(first)
	spawnWorker(t, cfg)
	m.update(func() { m.kills = append(m.kills, wire.Kill{WorkID: 1, Attempt: 1, Reason: "by alice"}) })
	if fact := m.fact(t, wire.FactFinished, keyOf(a)); !fact.Killed {
		t.Errorf("got %+v, want it killed", fact)
	}
	if n := processesOf(marker); n != 0 {
		t.Errorf("got %d processes left, want 0", n)
	}
}

func TestGroupsAreRemovedWhenAttemptsAreOver(t *testing.T) {
	grouped := len(offered().Features()) > 0
	m := newMaster(t)
	w, stop := startWorker(t, nastyConfig(t, m))
	for id := range int64(20) {
		m.assign(shell(id+1, "cat /proc/self/cgroup"))
	}
	for id := range int64(20) {
		fact := m.fact(t, wire.FactFinished, wire.Held{WorkID: id + 1, Attempt: 1})
		if own := strings.Contains(fact.Tail, "/capri-attempts/"+w.id.Incarnation[:8]+"-"); own != grouped {
			t.Errorf("got groups %q, want some of its own: %v", fact.Tail, grouped)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir("/sys/fs/cgroup", func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && strings.HasPrefix(entry.Name(), w.id.Incarnation[:8]+"-") {
			t.Errorf("got %s left", path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
