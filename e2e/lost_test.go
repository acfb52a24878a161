package e2e_test

import (
	"strings"
	"testing"
	"time"

	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// twoWorkers is a cluster with a master and two workers with short times.
func twoWorkers(t *testing.T) (*cluster, map[string]*fleetWorker) {
	t.Helper()
	t.Parallel()
	c := newCluster(newSite(t, storetest.SQLite))
	c.master()
	return c, c.fleet("w1", "w2")
}

// gone waits until no process that the watched script has noted is left.
func (s *site) gone(task string) {
	s.Helper()
	s.await("the end of the script of "+task, func() bool { return len(s.alive("pids."+task)) == 0 })
}

// A worker is frozen for good. Its keeper ends what must not outlive the lease,
// and only later do the masters start it elsewhere.
func TestFencedAttemptOfAFrozenWorkerGoesElsewhere(t *testing.T) {
	c, workers := twoWorkers(t)
	name := c.watchedTask("fenced", "fence")
	here, there := c.at(name, workers)
	worker := here.cmd.Process.Pid
	here.freeze(worker)
	c.gone("fenced")
	here.pastTheLease()
	c.await("the silence of "+here.host, func() bool { return !c.hostAlive(here.host) })
	c.capri("service", "run", "repair")
	if b := c.batches()[name]; b.State != "running" || b.Attempt != 1 {
		c.Errorf("got %s in attempt %d within the minute beyond the lease, want it running in its first", b.State, b.Attempt)
	}
	here.silentFor(time.Hour)
	c.attemptNoted("start", name, 2)
	if b := c.batches()[name]; b.Host != there.host {
		c.Errorf("got the second attempt on %s, want it on %s", b.Host, there.host)
	}
	here.thaw(worker)
	c.await("the return of "+here.host, func() bool { return c.hostAlive(here.host) })
	c.release("fenced")
	c.capri("batch", "wait", "--timeout", patience.String(), name)
	c.ranInOrder(name, 2)
	got := show[wire.BatchDetail](c.site, "batch", "show", name)
	if got.Finish != "success" || len(got.Attempts) != 2 || !strings.Contains(got.Attempts[0].Reason, "silent for longer than its lease") {
		c.Errorf("got %+v, want the second attempt successful and why the first is over", got)
	}
	c.sound()
}

// Worker and keeper are frozen for longer than the lease, not for longer than
// the minute beyond it: when they go on, they end the attempt before anything
// else, and report it.
func TestFencedAttemptEndsWhenAllGoOnAfterTheLease(t *testing.T) {
	c, workers := twoWorkers(t)
	name := c.watchedTask("fenced", "fence")
	here, _ := c.at(name, workers)
	both := []int{here.cmd.Process.Pid, here.keeper()}
	here.freeze(both...)
	here.pastTheLease()
	if left := c.alive("pids.fenced"); len(left) == 0 {
		c.Error("got the script ended while everybody is frozen, want the test to show something")
	}
	here.thaw(both...)
	c.gone("fenced")
	c.attemptNoted("start", name, 2)
	c.release("fenced")
	c.capri("batch", "wait", "--timeout", patience.String(), name)
	c.ranInOrder(name, 2)
	got := show[wire.BatchDetail](c.site, "batch", "show", name)
	if len(got.Attempts) != 2 || !strings.Contains(got.Attempts[0].Reason, "for the lease of 3s") {
		c.Errorf("got %+v, want the first attempt ended by its lease", got)
	}
	c.sound()
}

func (s *site) hostAlive(host string) bool {
	s.Helper()
	for _, h := range show[wire.HostList](s, "host", "list").Items {
		if h.Host == host {
			return h.Alive
		}
	}
	return false
}

// Silence is no evidence for a task that waits, however long it lasts.
func TestAttemptThatWaitsSurvivesAFrozenWorker(t *testing.T) {
	c, workers := twoWorkers(t)
	name := c.watchedTask("patient", "wait")
	here, _ := c.at(name, workers)
	both := []int{here.cmd.Process.Pid, here.keeper()}
	here.freeze(both...)
	here.pastTheLease()
	here.silentFor(time.Hour)
	db := c.open()
	c.await("the alert", func() bool {
		return len(c.rows(db, "SELECT text FROM capri_alert WHERE kind = 'worker-lost'", 1)) == 1
	})
	c.release("patient")
	c.attemptNoted("end", name, 1)
	if b := c.batches()[name]; b.State != "running" || b.Attempt != 1 || b.Host != here.host {
		c.Errorf("got %+v while its worker is silent, want it running there", b)
	}
	here.thaw(both...)
	c.capri("batch", "wait", "--timeout", patience.String(), name)
	c.ranInOrder(name, 1)
	c.sound()
}

// An operator declares a worker dead that was only cut off. The batch runs
// elsewhere, on the operator's word, and when the worker is back its script is
// ended.
func TestAWorkerWronglyDeclaredDeadEndsItsScript(t *testing.T) {
	c, workers := twoWorkers(t)
	name := c.watchedTask("twice", "wait")
	here, there := c.at(name, workers)
	both := []int{here.cmd.Process.Pid, here.keeper()}
	here.freeze(both...)
	here.silentFor(time.Hour)
	c.await("the silence of "+here.host, func() bool { return !c.hostAlive(here.host) })
	c.capri("host", "dead", here.host, "--reason", "no light on it", "--yes")
	c.attemptNoted("start", name, 2)
	old := c.alive("pids.twice")
	if len(old) != 2 {
		c.Fatalf("got processes %v, want the script of both attempts", old)
	}
	began := time.Now()
	here.thaw(both...)
	c.await("the end of the old script", func() bool { return len(c.alive("pids.twice")) == 1 })
	c.Logf("the old script ended %s after its worker went on", time.Since(began).Round(time.Millisecond))
	if left := c.alive("pids.twice"); len(left) != 1 || left[0] != old[1] {
		c.Errorf("got processes %v, want that of the second attempt, %d", left, old[1])
	}
	if b := c.batches()[name]; b.State != "running" || b.Attempt != 2 || b.Host != there.host {
		c.Errorf("got %+v, want the second attempt running on %s", b, there.host)
	}
	c.release("twice")
	c.capri("batch", "wait", "--timeout", patience.String(), name)
	got := show[wire.BatchDetail](c.site, "batch", "show", name)
	if got.Finish != "success" || len(got.Attempts) != 2 || got.Attempts[0].Outcome != "lost" {
		c.Errorf("got %+v, want one success, of the second attempt, and the first lost", got)
	}
	db := c.open()
	if codes := c.rows(db, "SELECT task_instance_code, user_code FROM capri_user_code_log", 2); len(codes) != 1 || codes[0][0] != name+"#2" {
		c.Errorf("got user codes %v, want that of the second attempt alone", codes)
	}
	c.sound()
}
