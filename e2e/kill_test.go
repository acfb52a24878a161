package e2e_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"capricornus/common/store/storetest"
)

// killed orders a kill, waits until no process is left, and logs how long that
// took from the command on.
func (c *cluster) killed(task, batch string) {
	c.Helper()
	began := time.Now()
	c.capri("batch", "kill", batch, "--reason", "wrong input", "--yes")
	c.gone(task)
	c.Logf("no process of %s is left %s after the command began", batch, time.Since(began).Round(time.Millisecond))
	c.refuses(20, []string{batch, "killed"}, "batch", "wait", batch, "--timeout", patience.String())
}

// A kill ends a script that does not resist at once, also one that the worker
// before had started.
func TestKillIsQuick(t *testing.T) {
	t.Parallel()
	c := newCluster(newSite(t, storetest.SQLite))
	c.master()
	worker := c.fleet("w1")["w1"]
	first := c.watchedTask("first", "wait")
	second, third := c.watchedTask("second", "wait"), c.watchedTask("third", "wait")
	c.killed("first", first)

	worker.kill()
	worker.again()
	c.await("the worker taking up what runs", func() bool { return strings.Contains(c.read(worker.err), "are taken up") })
	c.killed("second", second)

	worker.kill()
	c.capri("batch", "kill", third, "--reason", "wrong input", "--yes") // nobody is there to do it
	worker.again()
	c.gone("third")
	for _, name := range []string{first, second, third} {
		c.refuses(20, []string{name, "killed"}, "batch", "wait", name, "--timeout", patience.String())
		c.attemptNoted("start", name, 1)
	}
	c.ranOnce([]string{"start"}, first, second, third)
	c.sound()
}

// Stopping a worker ends nothing: the keeper reports what ends after it.
func TestStoppedWorkerLeavesItsScriptsToTheKeeper(t *testing.T) {
	t.Parallel()
	c := newCluster(newSite(t, storetest.SQLite))
	c.master()
	worker := c.fleet("w1")["w1"]
	name := c.watchedTask("left", "wait")
	worker.signal(syscall.SIGTERM, []int{worker.cmd.Process.Pid})
	c.await("the end of the worker", worker.ended)
	if code := worker.cmd.ProcessState.ExitCode(); code != 0 {
		c.Errorf("got exit code %d after SIGTERM, want 0:\n%s", code, c.read(worker.err))
	}
	if left := c.alive("pids.left"); len(left) != 1 {
		c.Errorf("got processes %v after the worker was stopped, want the script alive", left)
	}
	c.release("left")
	c.capri("batch", "wait", "--timeout", patience.String(), name)
	c.ranOnce([]string{"start", "end"}, name)
	c.sound()
}

// A worker that is stopped tries to report what it has; asked twice, it goes at
// once, and the next one reports it.
func TestWorkerStoppedTwiceGoesAtOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(newSite(t, storetest.SQLite))
	master := c.master()
	worker := c.fleet("w1")["w1"]
	name := c.watchedTask("unreported", "wait")
	master.kill()
	c.release("unreported")
	c.attemptNoted("end", name, 1)
	c.await("the result in the outbox", func() bool {
		return strings.Contains(c.read(filepath.Join(worker.root, "outbox", "worker")), `"kind":"finished"`)
	})
	c.await("the end of the worker", func() bool {
		_ = worker.cmd.Process.Signal(syscall.SIGTERM)
		return worker.ended()
	})
	if status, ok := worker.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGTERM {
		c.Errorf("got %s, want it ended by the second SIGTERM", worker.cmd.ProcessState)
	}
	c.master()
	worker.again()
	c.capri("batch", "wait", "--timeout", patience.String(), name)
	c.ranOnce([]string{"start", "end"}, name)
	c.sound()
}
