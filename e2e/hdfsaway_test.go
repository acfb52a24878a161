package e2e_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/datapath/hdfstest"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

var hdfsAway = flag.Duration("hdfs.away", 3*time.Second, "how long HDFS is away in TestHDFSGoesAway after everybody has noticed; 3m is what we promise")

// onHDFS is a cluster whose data lies on an HDFS of its own.
type onHDFS struct {
	*cluster
	hdfs *hdfstest.Cluster
	db   *store.DB
	base string // directory of this test
}

// newOnHDFS configures a cluster that knows the HDFS, and starts its master.
func newOnHDFS(s *site, h *hdfstest.Cluster) *onHDFS {
	s.Helper()
	o := &onHDFS{cluster: newCluster(s), hdfs: h, base: "/" + s.db.Driver}
	known := fmt.Sprintf("hdfs: {namenodes: [%q], timeout: 2s}\n", h.Address())
	for _, name := range []string{"master.yaml", "worker.yaml"} {
		s.write(name, s.read(s.path(name))+known)
	}
	o.master()
	o.db = s.open()
	s.write("tasks/project.yaml", projectText)
	return o
}

// reads is a task with an input on HDFS that notes its start, and its end when
// it is released.
func (o *onHDFS) reads(name, needs string) {
	o.Helper()
	const spec = `  period: manual
  NEEDS
  retry: {times: 0, interval: 1s}
  env: {SITE: SITE_DIR}
  run:
    type: shell
    script: |
`
	script := "      " + strings.ReplaceAll(strings.TrimSpace(noted), "\n", "\n      ") + "\n"
	o.taskFile(name, strings.NewReplacer("SITE_DIR", o.dir, "NEEDS", needs).Replace(spec)+script)
}

func (o *onHDFS) input(path string) string {
	return fmt.Sprintf("inputs: [{path: \"hdfs://%s\"}]", o.base+path)
}

func (o *onHDFS) output(path string) string {
	return fmt.Sprintf("outputs: [{path: \"hdfs://%s\"}]\n  success: output-path", o.base+path)
}

// complete writes an output whole, as soon as HDFS lets it.
func (o *onHDFS) complete(path string) {
	o.Helper()
	dir := "hdfs://" + o.base + path
	o.await(dir+" to be written", func() bool {
		return o.try("dfs", "--namenodes", o.hdfs.Address(), "-mkdir", "-p", dir).code == 0 &&
			o.try("dfs", "--namenodes", o.hdfs.Address(), "-touchz", dir+"/_SUCCESS").code == 0
	})
}

// alerts are the levels at which a kind of alerts was raised about an object.
func (o *onHDFS) alerts(kind string) (levels []string) {
	o.Helper()
	for _, row := range o.rows(o.db, "SELECT level FROM capri_alert WHERE kind = '"+kind+"'", 1) {
		levels = append(levels, row[0])
	}
	return levels
}

// away is a way in which an HDFS can be away.
type away struct {
	name        string
	leave, back func(t testing.TB, h *hdfstest.Cluster)
	answers     bool // until it is asked whether it is in safe mode, what it says is true
}

// asked is after how long everybody who looks has asked for the safe mode again.
const asked = 11 * time.Second

func waysAway() []away {
	return []away{
		{
			name:  "Stopped",
			leave: func(t testing.TB, h *hdfstest.Cluster) { t.Helper(); h.PauseNamenode(t) },
			back:  func(t testing.TB, h *hdfstest.Cluster) { t.Helper(); h.ResumeNamenode(t) },
		},
		{
			name:  "Killed",
			leave: func(t testing.TB, h *hdfstest.Cluster) { t.Helper(); h.KillNamenode(t) },
			back:  func(t testing.TB, h *hdfstest.Cluster) { t.Helper(); h.StartNamenode(t) },
		},
		{
			name:    "InSafeMode",
			leave:   func(t testing.TB, h *hdfstest.Cluster) { t.Helper(); h.SafeMode(t, true) },
			back:    func(t testing.TB, h *hdfstest.Cluster) { t.Helper(); h.SafeMode(t, false) },
			answers: true,
		},
	}
}

// While HDFS is away nothing starts and nothing fails for it, other work goes on,
// people are told once, and when it is back everything that waited for it runs.
func TestHDFSGoesAway(t *testing.T) {
	t.Parallel()
	for _, way := range waysAway() {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			h := hdfstest.Start(t)
			for _, engine := range storetest.Engines(t) {
				t.Run(engine, func(t *testing.T) { endureAway(newOnHDFS(newSite(t, engine), h), way) })
			}
		})
	}
}

func endureAway(o *onHDFS, way away) {
	o.Helper()
	workers := o.fleetWith("times: {heartbeat: 200ms, check_interval: 2m, lease: 10m, grace: 2s}\n", "w1", "w2")
	o.complete("/in/there")
	o.reads("waits", o.input("/in/later"))     // its input comes when HDFS is back
	o.reads("finds", o.input("/in/there"))     // its input is there, and nobody can look
	o.reads("chosen", o.input("/in/there"))    // is assigned when HDFS goes away
	o.reads("judged", o.output("/out/judged")) // runs when HDFS goes away, and ends
	o.reads("writes", o.output("/out/writes")) // its output as it was cannot be noted
	o.reads("local", "inputs: [{path: \"file://"+o.dir+"\", ready: exists}]")
	o.reads("child", "parents: [{task: local, last: true}]")
	o.capri("task", "apply", "-f", o.path("tasks"))
	judged := o.runAll("judged")
	o.awaitNoted("start", judged...)
	for _, w := range workers {
		w.freeze(w.cmd.Process.Pid)
	}
	chosen := o.runAll("chosen")
	o.await("the assignment", func() bool { return o.batches()[chosen[0]].State == "assigned" })
	o.complete("/out/judged")

	way.leave(o, o.hdfs)
	left := time.Now()
	for _, w := range workers {
		w.thaw(w.cmd.Process.Pid)
	}
	o.release("judged", "chosen", "finds", "waits", "local", "child")
	o.awaitNoted("end", judged...)
	o.await("the alert that HDFS does not answer", func() bool { return len(o.alerts("hdfs-not-answering")) > 0 })
	o.awaitFor(asked, left)
	waiting := o.runAll("finds", "waits", "writes")
	o.await("the alert that batches wait for HDFS", func() bool { return slices.Contains(o.alerts("hdfs-not-answering"), "critical") })
	o.wants("why", o.capri("batch", "why", waiting[0]), "/in/there", "cannot be looked at")
	o.goesOn(3)
	o.awaitFor(*hdfsAway, time.Now())
	all := o.batches()
	for _, name := range waiting {
		if b := all[name]; b.State != "waiting" && b.State != "assigned" {
			o.Errorf("got %s %s %s while HDFS is away, want it waiting", name, b.State, b.Finish)
		}
	}
	if b := all[chosen[0]]; b.State != "waiting" && b.State != "assigned" && !way.answers {
		o.Errorf("got %s %s %s while HDFS is away, want it given back", chosen[0], b.State, b.Finish)
	}
	if b := all[judged[0]]; b.State != "running" && !way.answers {
		o.Errorf("got %s %s %s while nobody can look at its output, want it running", judged[0], b.State, b.Finish)
	}

	way.back(o, o.hdfs)
	began := time.Now()
	o.complete("/in/later")
	o.awaitNoted("start", waiting...)
	o.complete("/out/writes")
	o.release("writes")
	everything := slices.Concat(judged, chosen, waiting)
	o.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, everything...)...)
	o.Logf("everything had run %s after HDFS was back", time.Since(began).Round(100*time.Millisecond))
	o.await("the notice that it is over", func() bool { return slices.Contains(o.alerts("hdfs-not-answering"), "notice") })
	o.untouched(everything...)
	o.sound()
}

// goesOn runs work that has nothing to do with HDFS, one after the other.
func (o *onHDFS) goesOn(times int) {
	o.Helper()
	for range times {
		for _, task := range []string{"local", "child"} {
			o.capri("batch", "wait", "--timeout", patience.String(), o.runAll(task)[0])
		}
	}
}

// untouched holds that these batches have succeeded in one attempt that ran, and
// that people were told of one outage and of no single path.
func (o *onHDFS) untouched(batches ...string) {
	o.Helper()
	for _, name := range batches {
		b := show[wire.BatchDetail](o.site, "batch", "show", name)
		if b.Finish != "success" || len(b.Attempts) != 1 {
			o.Errorf("got %s %s with attempts %+v, want success and one attempt", name, b.Finish, b.Attempts)
		}
	}
	told := map[string]int{}
	for _, level := range o.alerts("hdfs-not-answering") {
		told[level]++
	}
	// On a busy machine a namenode that goes on may be late once more, which nobody waits for.
	if told["critical"] != 1 || told["important"] > 2 || told["notice"] < 1 || told["notice"] > 2 {
		o.Errorf("got alerts %v, want a critical one, and its end told", told)
	}
	o.noOtherAlerts()
}

// noOtherAlerts holds that neither a path nor a host was blamed.
func (o *onHDFS) noOtherAlerts() {
	o.Helper()
	for _, kind := range []string{"depend-check-failed", "moves", "moved-tasks"} {
		if levels := o.alerts(kind); len(levels) > 0 {
			o.Errorf("got alerts %s %v, want none: a file system was away, no path and no host", kind, levels)
		}
	}
}

// A package cannot be fetched while its datanode is away: the batch waits and
// uses up no try. What only asks the namenode goes on.
func TestHDFSLosesItsDatanode(t *testing.T) {
	t.Parallel()
	h := hdfstest.Start(t)
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			o := newOnHDFS(newSite(t, engine), h)
			o.fleet("w1", "w2")
			o.complete("/in")
			o.hdfs.Put(o, o.base+"/apps/tool.sh", []byte("#!/bin/sh\necho the tool ran\n"))
			o.reads("plain", o.input("/in"))
			o.taskFile("packed", "  period: manual\n  retry: {times: 0, interval: 1s}\n  program: hdfs://"+o.base+"/apps/tool.sh\n  run: {type: shell, script: ./tool.sh}\n")
			o.capri("task", "apply", "-f", o.path("tasks"))
			o.release("plain")

			o.hdfs.KillDatanode(o)
			packed := o.runAll("packed")
			o.await("the package to be given up", func() bool {
				return len(show[wire.BatchDetail](o.site, "batch", "show", packed[0]).Moved) > 0
			})
			o.capri("batch", "wait", "--timeout", patience.String(), o.runAll("plain")[0])
			if b := o.batches()[packed[0]]; b.State != "waiting" && b.State != "assigned" {
				o.Errorf("got %s %s %s without a datanode, want it waiting", packed[0], b.State, b.Finish)
			}
			o.hdfs.StartDatanode(o)
			o.capri("batch", "wait", "--timeout", patience.String(), packed[0])
			o.wants("the log", o.capri("batch", "logs", packed[0]), "the tool ran")
			o.sound()
		})
	}
}

// _SUCCESS comes and goes while batches wait for it, are assigned and are
// checked: each runs once, and none while it was never there.
func TestHDFSMarkComesAndGoes(t *testing.T) {
	t.Parallel()
	h := hdfstest.Start(t)
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			o := newOnHDFS(newSite(t, engine), h)
			o.fleet("w1", "w2")
			var tasks []string
			for i := range 6 {
				tasks = append(tasks, fmt.Sprintf("reader_%d", i))
				o.reads(tasks[i], o.input("/in"))
			}
			o.capri("task", "apply", "-f", o.path("tasks"))
			o.hdfs.Mkdir(o, o.base+"/in")
			batches := o.runAll(tasks...)
			o.release(tasks...)
			o.capri("service", "run", "depend")
			if got := o.journal(); len(got) != 0 {
				o.Errorf("got %v in the journal before there was a mark, want nothing", got)
			}
			for range 20 {
				o.hdfs.Touch(o, o.base+"/in/_SUCCESS")
				o.capri("service", "run", "depend")
				o.hdfs.Remove(o, o.base+"/in/_SUCCESS")
			}
			o.hdfs.Touch(o, o.base+"/in/_SUCCESS")
			o.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, batches...)...)
			o.ranOnce([]string{"start", "end"}, batches...)
			o.noOtherAlerts()
			o.sound()
		})
	}
}
