package vitals

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParseStat(t *testing.T) {
	const good = "77 (a) b (c) S 5 77 66 0 -1 4194304 1 2 3 4 30 12 0 0 20 0 1 0 12345 1000 25 rest\n"
	p, ok := parseStat(77, []byte(good))
	want := process{pid: 77, parent: 5, session: 66, cpuTicks: 42, threads: 1, start: 12345, rss: 25 * int64(os.Getpagesize())}
	if !ok || p != want {
		t.Errorf("got %+v, %v, want %+v", p, ok, want)
	}
	for _, bad := range []string{"", "77 (a", "77 (a) S 1 2"} {
		if _, ok := parseStat(77, []byte(bad)); ok {
			t.Errorf("%q: got a process, want none", bad)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("77 (a) S 5 77 66 0 -1 4194304 1 2 3 4 30 12 0 0 20 0 1 0 12345 1000 25 rest"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if p, ok := parseStat(1, text); ok && p.pid != 1 {
			t.Errorf("got pid %d", p.pid)
		}
	})
}

// startTree starts a shell in a session of its own with a child that left it.
func startTree(t *testing.T, tag string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", "setsid sleep 86441 & sleep 86441 & echo up; wait")
	cmd.Env = []string{"PATH=/usr/bin:/bin", tag}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		members, _ := Processes{}.Members(0, 0, tag, "")
		for pid := range members {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		_ = cmd.Wait()
	})
	if _, err := out.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func TestMembersFindsTheWholeTreeAndNobodyElse(t *testing.T) {
	cmd := startTree(t, "CAPRI_TAG=members.1-1")
	members, err := Processes{}.Members(0, 0, "CAPRI_TAG=members.1-1", "")
	if err != nil || len(members) != 3 {
		t.Errorf("got %v, %v, want three processes", members, err)
	}
	if started, alive := (Processes{}).Start(cmd.Process.Pid); !alive || members[cmd.Process.Pid] != started {
		t.Errorf("got start %d of the leader, want %d", members[cmd.Process.Pid], started)
	}
	if others, err := (Processes{}).Members(0, 0, "CAPRI_TAG=members.1-", ""); len(others) != 0 || err != nil {
		t.Errorf("other tag: got %v, %v, want none", others, err)
	}
	if others, err := (Processes{}).Members(cmd.Process.Pid, 1, "CAPRI_TAG=none", ""); len(others) != 0 || err != nil {
		t.Errorf("same pid, other start: got %v, %v, want none", others, err)
	}
}

func TestSampleSumsTheTree(t *testing.T) {
	cmd := startTree(t, "CAPRI_TAG=sample.1-1")
	usage, err := Processes{}.Sample(map[int][]int{cmd.Process.Pid: nil})
	if err != nil || usage[cmd.Process.Pid].Processes != 3 || usage[cmd.Process.Pid].Memory <= 0 {
		t.Errorf("got %+v, %v, want three processes with memory", usage, err)
	}
}

func TestHostHasFigures(t *testing.T) {
	h := NewHost(t.TempDir())
	figures, err := h.Read()
	if err != nil || figures.Memory <= 0 || figures.FreeMemory <= 0 || figures.FreeDisk <= 0 {
		t.Errorf("got %+v, %v, want figures", figures, err)
	}
	if again, err := h.Read(); again != figures || err != nil {
		t.Errorf("got %+v, %v, want the same figures within a second", again, err)
	}
}

func TestBootIDIsStable(t *testing.T) {
	first, err := BootID()
	second, _ := BootID()
	if err != nil || first == "" || first != second {
		t.Errorf("got %q and %q, %v", first, second, err)
	}
}
