package e2e_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"capricornus/common/wire"
)

// shortTimes is what a worker's configuration gets so that a test need not wait
// for half a minute of silence, or for ten of a lease.
const shortTimes = "times: {heartbeat: 200ms, check_interval: 1s, lease: 3s, grace: 2s}\n"

// lease is the one in shortTimes.
const lease = 3 * time.Second

// fleetWorker is one of several workers of a cluster.
type fleetWorker struct {
	*daemon
	host, root string
}

// fleet starts workers with short times and waits until all of them are known.
func (c *cluster) fleet(hosts ...string) map[string]*fleetWorker {
	c.Helper()
	return c.fleetWith(shortTimes, hosts...)
}

// fleetWith is fleet with other times.
func (c *cluster) fleetWith(times string, hosts ...string) map[string]*fleetWorker {
	c.Helper()
	workers := map[string]*fleetWorker{}
	config := c.read(c.path("worker.yaml"))
	for _, host := range hosts {
		w := &fleetWorker{host: host, root: c.path("work-" + host)}
		own := strings.ReplaceAll(config, "host: w1", "host: "+host)
		own = strings.ReplaceAll(own, "root: "+c.path("work"), "root: "+w.root)
		w.daemon = c.start(host, "worker", "--config", c.write(host+".yaml", own+times), "--listen", "127.0.0.1:0", "--advertise", "http://127.0.0.1:1")
		workers[host] = w
	}
	c.await("all workers and their keepers", func() bool {
		alive := 0
		for _, h := range show[wire.HostList](c.site, "host", "list").Items {
			if _, err := os.Stat(c.path("work-"+h.Host, "keeper.lock")); err == nil && h.Alive {
				alive++
			}
		}
		return alive == len(hosts)
	})
	return workers
}

// again starts a worker that has ended.
func (w *fleetWorker) again() {
	w.Helper()
	w.daemon = w.start(w.host, "worker", "--config", w.path(w.host+".yaml"), "--listen", "127.0.0.1:0", "--advertise", "http://127.0.0.1:1")
}

func (w *fleetWorker) keeper() int {
	w.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(w.read(w.root + "/keeper.lock")))
	if err != nil {
		w.Fatal(err)
	}
	return pid
}

// freeze stops processes without ending them, thaw lets them go on.
func (w *fleetWorker) freeze(pids ...int) { w.signal(syscall.SIGSTOP, pids) }
func (w *fleetWorker) thaw(pids ...int)   { w.signal(syscall.SIGCONT, pids) }

func (w *fleetWorker) signal(which syscall.Signal, pids []int) {
	w.Helper()
	for _, pid := range pids {
		if err := syscall.Kill(pid, which); err != nil {
			w.Fatalf("send %s to %d: %v", which, pid, err)
		}
	}
}

// silentFor makes the masters believe that they have not heard of this worker
// for a time.
func (w *fleetWorker) silentFor(length time.Duration) {
	w.Helper()
	w.exec(w.open(), fmt.Sprintf("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - %d WHERE host = '%s'", length.Milliseconds(), w.host))
}

// pastTheLease waits until the worker's last contact is a lease ago.
func (w *fleetWorker) pastTheLease() {
	w.Helper()
	w.await("the end of the lease of "+w.host, func() bool {
		at, err := strconv.ParseInt(strings.TrimSpace(w.read(w.root+"/contact")), 10, 64)
		return err == nil && time.Since(time.UnixMilli(at)) > lease+lease/4
	})
}

// watched is a script that notes the begin and the end of each attempt, and
// "overlap" when a process of an attempt before it is alive. It waits between
// both until it is released.
const watched = `  period: manual
  onWorkerLost: POLICY
  retry: {times: 0, interval: 1s}
  env: {SITE: SITE_DIR}
  run:
    type: shell
    script: |
      note() { printf '%s %s\n' "$1" "$CAPRI_ATTEMPT" >>"$SITE/journal"; }
      for before in $(cat "$SITE/pids.$CAPRI_TASK" 2>/dev/null); do
        if grep -q . "/proc/$before/cmdline" 2>/dev/null; then note overlap; fi
      done
      echo $$ >>"$SITE/pids.$CAPRI_TASK"
      note start
      while [ ! -e "$SITE/released/$CAPRI_TASK" ]; do sleep 0.05; done
      note end
`

// watchedTask applies a task with the script watched and runs it.
func (s *site) watchedTask(name, policy string) (batch string) {
	s.Helper()
	s.write("tasks/project.yaml", projectText)
	s.taskFile(name, strings.NewReplacer("SITE_DIR", s.dir, "POLICY", policy).Replace(watched))
	s.capri("task", "apply", "-f", s.path("tasks"))
	batch = s.runAll(name)[0]
	s.awaitNoted("start", batch)
	return batch
}

// at is the worker that runs a batch, and another one.
func (s *site) at(batch string, workers map[string]*fleetWorker) (here, there *fleetWorker) {
	s.Helper()
	for host, w := range workers {
		if host == s.batches()[batch].Host {
			here = w
		} else {
			there = w
		}
	}
	if here == nil || there == nil {
		s.Fatalf("got %+v, want it on one of two workers", s.batches()[batch])
	}
	return here, there
}

// attemptNoted waits until an attempt has noted something.
func (s *site) attemptNoted(kind, batch string, attempt int) {
	s.Helper()
	line := entry{kind, batch, strconv.Itoa(attempt)}
	s.await(fmt.Sprintf("%v in the journal", line), func() bool { return s.journal()[line] == 1 })
}

// ranInOrder holds that these attempts of a batch have begun, once each, that
// only the last one has come to its end, and that none began while one before it
// was there.
func (s *site) ranInOrder(batch string, attempts int) {
	s.Helper()
	want := map[entry]int{{"end", batch, strconv.Itoa(attempts)}: 1}
	for i := range attempts {
		want[entry{"start", batch, strconv.Itoa(i + 1)}] = 1
	}
	for line, n := range s.journal() {
		if line.batch == batch && want[line] != n {
			s.Errorf("got %d lines %v in the journal, want %d", n, line, want[line])
		}
		delete(want, line)
	}
	if len(want) > 0 {
		s.Errorf("got no %v in the journal", want)
	}
}

// awaitFor waits until some time has gone by since an instant: what is tested is
// that something lasts.
func (s *site) awaitFor(length time.Duration, since time.Time) {
	s.Helper()
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	for time.Since(since) < length {
		select {
		case <-ticker.C:
		case <-s.Context().Done():
			s.Fatal("the test was ended")
		}
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
