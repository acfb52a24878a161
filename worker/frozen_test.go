package worker

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"capricornus/common/wire"
)

// frozenPair is a worker with a short lease and a keeper, and two attempts that
// wait to be released: one of a fence task, one of a task that waits.
type frozenPair struct {
	*testing.T
	m            *master
	cfg          Config
	worker       *exec.Cmd
	keeper       int
	fenced, wait wire.Assignment
	mark         string // in the command lines of the fenced attempt's processes
}

func newFrozenPair(t *testing.T) *frozenPair {
	t.Helper()
	t.Parallel() // they wait more than they work
	p := &frozenPair{T: t, m: newMaster(t), mark: fmt.Sprintf("86437.%d", time.Now().UnixNano())}
	cfg := testConfig(t, p.m)
	cfg.Heartbeat, cfg.CheckInterval, cfg.Lease = 50*time.Millisecond, 200*time.Millisecond, time.Second
	p.cfg = withKeeper(t, cfg)
	p.worker = spawnWorker(t, p.cfg)
	p.wait, p.fenced = shell(1, waitForGo+"exit 4"), shell(2, "setsid sleep "+p.mark+"; sleep "+p.mark)
	p.fenced.OnWorkerLost = fencePolicy
	started(t, p.m, p.cfg, p.wait)
	p.m.assign(p.fenced)
	awaitThat(t, "the fenced script", func() bool { return processesOf(p.mark) > 0 })
	awaitWritten(t, p.cfg.Root+"/keeper.lock")
	p.keeper = pidIn(t, p.cfg.Root+"/keeper.lock")
	return p
}

func (p *frozenPair) signal(which syscall.Signal, pids ...int) {
	p.Helper()
	for _, pid := range pids {
		if err := syscall.Kill(pid, which); err != nil {
			p.Fatal(err)
		}
	}
}

// pastTheLease waits until the last contact is a lease ago.
func (p *frozenPair) pastTheLease() {
	p.Helper()
	awaitThat(p.T, "the end of the lease", func() bool {
		text, err := os.ReadFile(p.cfg.Root + "/contact")
		at, wrong := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		return err == nil && wrong == nil && time.Since(time.UnixMilli(at)) > p.cfg.Lease+p.cfg.Lease/2
	})
}

// bothEnd holds that the fenced attempt has ended by the lease and the other one
// by itself.
func (p *frozenPair) bothEnd() {
	p.Helper()
	fact := p.m.fact(p.T, wire.FactFinished, keyOf(p.fenced))
	if !fact.Infra || fact.Killed || !strings.Contains(fact.Reason, "lease") {
		p.Errorf("got %+v, want an infrastructure failure by the lease", fact)
	}
	if n := processesOf(p.mark); n != 0 {
		p.Errorf("got %d processes left, want 0", n)
	}
	release(p.T, p.cfg, 1)
	if fact := p.m.fact(p.T, wire.FactFinished, keyOf(p.wait)); fact.ResultCode != 4 || fact.Infra {
		p.Errorf("got %+v of the task that waits, want result 4", fact)
	}
	if n := p.m.count(wire.FactStarted); n != 2 {
		p.Errorf("got %d starts, want 2", n)
	}
}

func TestKeeperKeepsTheLeaseOfAWorkerThatIsFrozen(t *testing.T) {
	p := newFrozenPair(t)
	p.signal(syscall.SIGSTOP, p.worker.Process.Pid)
	awaitThat(t, "the end of the fenced script", func() bool { return processesOf(p.mark) == 0 })
	if n := p.m.count(wire.FactFinished); n != 0 {
		t.Errorf("got %d ends while the worker is frozen, want them from the worker", n)
	}
	p.signal(syscall.SIGCONT, p.worker.Process.Pid)
	p.bothEnd()
}

// What the keeper has ended under a frozen worker counts as ended by the lease,
// whoever reports it.
func TestKeeperReportsWhatItEndedUnderAFrozenWorker(t *testing.T) {
	p := newFrozenPair(t)
	p.signal(syscall.SIGSTOP, p.worker.Process.Pid)
	awaitThat(t, "the end of the fenced script", func() bool { return processesOf(p.mark) == 0 })
	kill9(p.worker)
	p.bothEnd()
}

// Masters answer the first heartbeat after the pause: that must not make anybody
// forget it.
func TestWorkerAndKeeperFrozenPastTheLease(t *testing.T) {
	for name, order := range map[string]func(p *frozenPair) []int{
		"WorkerFirst": func(p *frozenPair) []int { return []int{p.worker.Process.Pid, p.keeper} },
		"WorkerAlone": func(p *frozenPair) []int { return []int{p.worker.Process.Pid} },
		"KeeperFirst": func(p *frozenPair) []int { return []int{p.keeper, p.worker.Process.Pid} },
	} {
		t.Run(name, func(t *testing.T) {
			p := newFrozenPair(t)
			p.signal(syscall.SIGSTOP, p.worker.Process.Pid, p.keeper)
			p.pastTheLease()
			if processesOf(p.mark) == 0 {
				t.Error("got the fenced script ended while everybody is frozen, want the test to show something")
			}
			p.signal(syscall.SIGCONT, order(p)...)
			p.bothEnd()
		})
	}
}

// Worker and keeper were both away for longer than the lease, or for nobody knows
// how long.
func TestNextWorkerEndsFencedAttemptsAfterALongSilence(t *testing.T) {
	for name, away := range map[string]func(p *frozenPair){
		"LongerThanTheLease": func(p *frozenPair) { p.pastTheLease() },
		"NobodyKnows": func(p *frozenPair) {
			if err := os.Remove(p.cfg.Root + "/contact"); err != nil {
				p.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newFrozenPair(t)
			p.signal(syscall.SIGKILL, p.worker.Process.Pid, p.keeper)
			kill9(p.worker)
			away(p)
			p.cfg.KeeperCommand = nil
			p.worker = spawnWorker(t, p.cfg)
			p.bothEnd()
		})
	}
}
