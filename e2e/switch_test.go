package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/e2e/labtest"
)

// script runs one of the scripts for operators, with dash where it is there: the
// plainest shell there is.
func (s *site) script(name string, args ...string) result {
	s.Helper()
	path, err := filepath.Abs(filepath.Join("..", "scripts", name))
	if err != nil {
		s.Fatal(err)
	}
	shell := "dash"
	if _, err := exec.LookPath(shell); err != nil {
		shell = "sh"
	}
	cmd := exec.CommandContext(s.Context(), shell, append([]string{path}, args...)...)
	var out, talk bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = append(s.environment(), "CAPRI_BIN="+os.Getenv(binaryVariable)), s.dir, &out, &talk
	err = cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		s.Fatalf("run %s %s: %v", name, strings.Join(args, " "), err)
	}
	return result{name + " " + strings.Join(args, " "), cmd.ProcessState.ExitCode(), out.String(), talk.String()}
}

// scripted runs a script that must end with an exit code and say all of parts.
func (s *site) scripted(code int, parts []string, name string, args ...string) {
	s.Helper()
	r := s.script(name, args...)
	if r.code != code {
		s.Errorf("got %s\nwant exit code %d", r, code)
	}
	s.wants(r.call, r.out+r.err, parts...)
}

// workerNamed starts a worker with a root of its own, and waits until it is alive.
func (c *cluster) workerNamed(name string) *daemon {
	c.Helper()
	config := c.path(name + ".yaml")
	if _, err := os.Stat(config); err != nil {
		logs := fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(c.T))
		c.write(name+".yaml", fmt.Sprintf("host: %s\nmasters: [\"http://%s\"]\ntoken_file: %s\nroot: %s\nlisten: %s\nadvertise: http://%s\nmetrics: {listen: \"\"}\nlimits: {load: 0, free_memory: 0, free_disk: 0}\n%s",
			name, c.address, c.path("worker.token"), c.path("root-"+name), logs, logs, c.account()))
	}
	before := c.host(name).StartedAt
	d := c.start(name, "worker", "--config", config)
	c.await(name, func() bool {
		if d.ended() {
			c.Fatalf("%s ended:\n%s", name, c.read(d.err))
		}
		h := c.host(name)
		return h.Alive && h.StartedAt > before
	})
	return d
}

// host is a worker as the list shows it, empty when it is not there.
func (s *site) host(name string) wire.Host {
	s.Helper()
	for _, h := range show[wire.HostList](s, "host", "list").Items {
		if h.Host == name {
			return h
		}
	}
	return wire.Host{}
}

// isStop is what stands in the table.
func (s *site) isStop(db *store.DB, host string) string {
	s.Helper()
	return s.rows(db, "SELECT isStop FROM capri_schedul_cluster WHERE host = '"+host+"'", 1)[0][0]
}

// audited counts the audit rows of an action on a worker.
func (s *site) audited(db *store.DB, action, host, where string) string {
	s.Helper()
	return s.rows(db, "SELECT COUNT(*) FROM capri_audit_log WHERE action = '"+action+"' AND object = '"+host+"' AND "+where, 1)[0][0]
}

// ranOn holds on which worker a batch has run, in its first attempt that began.
func (s *site) ranOn(host string, batches ...string) {
	s.Helper()
	all := s.batches()
	for _, b := range batches {
		if all[b].Host != host {
			s.Errorf("got %s on %q, want %s", b, all[b].Host, host)
		}
	}
}

func TestAWorkerIsSwitchedOffByScript(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		delete(s.env, "CAPRI_DATA_DIR") // nothing but what is named
		config := s.path("master.yaml")
		master := c.master()
		worker := c.workerNamed("w1")
		s.notedTasks("job_1", "job_2", "job_3", "job_4", "job_5")
		first := s.runAll("job_1")[0]
		s.awaitNoted("start", first)
		c.workerNamed("w2")
		db := s.open()

		// With a master.
		s.scripted(0, []string{"w1 is switched off: it finishes what it runs and gets nothing new; 1 running"}, "worker-off.sh", "w1", "--reason", "new disk")
		if got := s.isStop(db, "w1"); got != "1" {
			s.Errorf("got isStop = %s, want 1", got)
		}
		s.await("the worker's word of it", func() bool { return strings.Contains(s.read(worker.err), "switched off, nothing new is assigned here") })
		others := s.runAll("job_2", "job_3")
		s.awaitNoted("start", others...)
		s.ranOn("w2", others...)
		s.scripted(0, []string{"w1", "off", "new disk (admin)", "w2"}, "worker-status.sh")

		// Neither restart switches it on; what runs is not touched.
		worker.kill()
		c.workerNamed("w1")
		master.kill()
		master = c.master()
		s.await("both workers at the new master", func() bool { return s.host("w1").Alive && s.host("w2").Alive })
		later := s.runAll("job_4")[0]
		s.awaitNoted("start", later)
		s.ranOn("w2", later)
		s.release("job_1")
		s.capri("batch", "wait", "--timeout", patience.String(), first)
		s.ranOn("w1", first)
		if b := s.batches()[first]; !successful(b) || b.Attempt != 1 {
			s.Errorf("got %+v, want the first attempt successful", b)
		}
		if got := s.isStop(db, "w1"); got != "1" {
			s.Errorf("got isStop = %s after restarts, want 1", got)
		}

		// Without a master: nothing is guessed; the database when it is named.
		master.kill()
		s.scripted(7, []string{"no master answers, and no database is named", "CAPRI_DB_CONFIG"}, "worker-on.sh", "w1")
		s.scripted(0, []string{"no master answers: going straight to the database", "w1 is switched on", "no master was asked"}, "worker-on.sh", "w1", "--config", config)
		s.env["CAPRI_DB_CONFIG"] = config
		s.scripted(0, []string{"going straight to the database", "w2 is switched off", "3 running"}, "worker-off.sh", "w2", "--reason=it's the kernel", "--yes")
		s.scripted(0, []string{"going straight to the database", "w2", "it's the kernel", "w1"}, "worker-status.sh")
		s.scripted(0, []string{"State", "off", "job_2/", "running"}, "worker-status.sh", "w2")
		s.scripted(3, []string{`there is no worker "w3"`}, "worker-off.sh", "w3", "--reason", "x")
		if on, off := s.isStop(db, "w1"), s.isStop(db, "w2"); on != "0" || off != "1" {
			s.Errorf("got isStop %s and %s, want w1 on and w2 off", on, off)
		}
		const byDatabase = "source = 'database' AND detail LIKE '%\"before\":%'"
		if on, off := s.audited(db, "host.on", "w1", byDatabase), s.audited(db, "host.off", "w2", byDatabase+" AND detail LIKE '%it''s the kernel%'"); on != "1" || off != "1" {
			s.Errorf("got %s and %s audit rows, want one each", on, off)
		}
		if n := s.audited(db, "host.off", "w1", "source <> 'database' AND actor = 'admin'"); n != "1" {
			s.Errorf("got %s audit rows of what the master did, want 1", n)
		}

		// The master finds it so.
		c.master()
		last := s.runAll("job_5")[0]
		s.awaitNoted("start", last)
		s.ranOn("w1", last)
		s.release("job_2", "job_3", "job_4", "job_5")
		s.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, append(others, later, last)...)...)
		s.ranOnce([]string{"start", "end"}, append(others, first, later, last)...)
		s.sound()
	})
}

func TestAWorkerDrainsAndAnEndPasses(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		c.master()
		c.workerNamed("w1")
		s.notedTasks("job_1", "job_2")
		running := s.runAll("job_1")[0]
		s.awaitNoted("start", running)

		s.refuses(8, []string{"after 100ms w1 is not empty: 1 running"}, "host", "drain", "w1", "--reason", "kernel", "--wait", "--timeout", "100ms")
		drain := s.start("drain", "host", "drain", "w1", "--reason", "kernel", "--wait", "--timeout", patience.String())
		s.await("the count of what is left", func() bool { return strings.Contains(s.read(drain.err), "w1 draining: 1 running") })
		if drain.ended() {
			s.Fatalf("got the end of the drain while a batch runs:\n%s", s.read(drain.err))
		}
		waiting := s.runAll("job_2")[0]
		s.await("the reason why it waits", func() bool {
			why := s.capri("batch", "why", waiting)
			return strings.Contains(why, "every worker that would fit is switched off: w1 drains since") && strings.Contains(why, "by admin: kernel")
		})
		s.wants("host list", s.capri("host", "list"), "draining", "kernel (admin)")
		s.release("job_1", "job_2")
		s.await("the end of the drain", drain.ended)
		if code := drain.cmd.ProcessState.ExitCode(); code != 0 {
			s.Errorf("got exit code %d, want 0:\n%s", code, s.read(drain.err))
		}
		s.wants("what it says", s.read(drain.err), "w1 is drained: nothing is left on it")
		if b := s.batches()[running]; !successful(b) {
			s.Errorf("got %+v, want what ran successful", b)
		}
		s.wants("host list", s.capri("host", "list"), "drained")

		// Off with an end: it is on again by itself, not before.
		off := show[wire.SwitchReply](s, "host", "off", "w1", "--reason", "reboot", "--for", "2s")
		s.capri("batch", "wait", "--timeout", patience.String(), waiting)
		b := s.batches()[waiting]
		if b.Host != "w1" || b.StartedAt < off.Host.StopUntil || off.Host.StopUntil == 0 {
			s.Errorf("got %+v, want it started after %d on w1", b, off.Host.StopUntil)
		}
		if h := s.host("w1"); h.Stopped || h.StopUntil != 0 {
			s.Errorf("got %+v, want it on by itself", h)
		}
		s.sound()
	})
}

func TestSwitchScriptsRefuseAndPretend(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		delete(s.env, "CAPRI_DATA_DIR")
		c.master()
		c.workerNamed("w1")
		db := s.open()
		odd := []string{"w1; touch " + s.path("pwned"), "$(touch " + s.path("pwned") + ")", `it's "odd"`, "w1' OR '1'='1", "../w1", "--yes ", "机器 一"}
		for _, host := range odd {
			for _, script := range []string{"worker-off.sh", "worker-drain.sh"} {
				if strings.HasPrefix(host, "-") {
					s.scripted(2, []string{"is no option"}, script, host, "--reason", "x")
					continue
				}
				s.scripted(3, []string{"there is no worker"}, script, host, "--reason", "x")
			}
			if strings.HasPrefix(host, "-") {
				continue
			}
			s.scripted(3, []string{"there is no worker"}, "worker-on.sh", host)
			s.scripted(3, []string{"there is no worker"}, "worker-status.sh", host)
			s.scripted(0, []string{"would run:"}, "worker-off.sh", host, "--reason", host, "--dry-run")
		}
		for args, want := range map[string]string{
			"worker-off.sh w1": "--reason is wanted", "worker-drain.sh w1 --wait": "--reason is wanted", "worker-off.sh --reason x": "which worker?",
			"worker-on.sh": "which worker?", "worker-on.sh w1 w2": "one worker at a time", "worker-off.sh w1 --reason": "--reason wants a value",
			"worker-off.sh w1 --reason x --for soon": "invalid argument", "worker-on.sh w1 --config a --database b": "exclude each other", "worker-status.sh --all": "is no option",
		} {
			words := strings.Fields(args)
			s.scripted(2, []string{want}, words[0], words[1:]...)
		}
		for _, script := range []string{"worker-on.sh", "worker-off.sh", "worker-drain.sh", "worker-status.sh"} {
			s.scripted(0, []string{script, "--dry-run", "Exit codes"}, script, "--help")
		}
		dry := s.script("worker-off.sh", "w1", "--reason", "it's due", "-n", "--for", "2h", "--database", "eve:sesame@tcp(db:3306)/capri")
		want := fmt.Sprintf("would run: %[1]s host off --for 2h --reason 'it'\\''s due' -- w1\n"+
			"when no master answers: %[1]s host off --direct --database 'eve:***@tcp(db:3306)/capri' --for 2h --reason 'it'\\''s due' -- w1\n", os.Getenv(binaryVariable))
		if dry.code != 0 || dry.out != want || dry.err != "" {
			s.Errorf("got %s\nwant %s", dry, want)
		}
		if got, n := s.isStop(db, "w1"), s.audited(db, "host.off", "w1", "1 = 1"); got != "0" || n != "0" {
			s.Errorf("got isStop = %s and %s audit rows of what was refused or pretended, want none", got, n)
		}
		if _, err := os.Stat(s.path("pwned")); err == nil {
			s.Error("got a name executed, want it passed on")
		}
		gone := s.write("gone.yaml", "node: m1\ndatabase: {driver: sqlite, dsn: "+s.path("gone.db")+"}\n")
		s.env["CAPRI_ADDR"] = "127.0.0.1:1"
		s.scripted(7, []string{"there is no database"}, "worker-off.sh", "w1", "--reason", "x", "--config", gone)
	})
}

// The embedded database of a capri dev takes a switch from beside, and while it is down.
func TestDirectSwitchBesideADev(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	delete(s.env, "CAPRI_DEV_DATABASE")
	dev := s.dev("--demo", "none", "--workers", "2")
	s.await("both workers", func() bool { return s.host("w1").Alive && s.host("w2").Alive })
	s.wants("the direct switch", s.try("host", "off", "w1", "--reason", "disk", "--direct").err, "w1 is switched off", "no master was asked")
	if h := s.host("w1"); !h.Stopped || h.StopReason != "disk" {
		s.Errorf("got %+v, want it off", h)
	}
	s.notedTasks("job_1", "job_2")
	first := s.runAll("job_1")[0]
	s.awaitNoted("start", first)
	s.ranOn("w2", first)
	s.release("job_1", "job_2")
	s.capri("batch", "wait", "--timeout", patience.String(), first)
	dev.interrupt()
	s.scripted(0, []string{"going straight to the database", "w1 is switched on"}, "worker-on.sh", "w1")
	s.scripted(0, []string{"w2 is switched off"}, "worker-off.sh", "w2", "--reason", "kernel", "--database", s.path("data", "capri.db"))
	s.dev("--demo", "none", "--workers", "2")
	s.await("both workers", func() bool { return s.host("w1").Alive && s.host("w2").Alive })
	second := s.runAll("job_2")[0]
	s.capri("batch", "wait", "--timeout", patience.String(), second)
	s.ranOn("w1", second)
}
