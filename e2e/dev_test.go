package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/e2e/labtest"
)

// dev starts capri dev and waits until it has left its address.
func (s *site) dev(args ...string) *daemon {
	s.Helper()
	if s.env["CAPRI_DEV_LISTEN"] == "" {
		s.env["CAPRI_DEV_LISTEN"] = fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(s.T))
	}
	// One that was killed has left its address behind.
	if err := os.RemoveAll(s.path("data", "address")); err != nil {
		s.Fatal(err)
	}
	d := s.start("dev", append([]string{"dev"}, args...)...)
	s.await("capri dev", func() bool {
		if d.ended() {
			s.Fatalf("capri dev ended:\n%s", s.read(d.err))
		}
		_, err := os.Stat(s.path("data", "address"))
		return err == nil && s.led()
	})
	return d
}

// batches reads all batches, by name.
func (s *site) batches() map[string]wire.Batch {
	s.Helper()
	list := show[wire.BatchList](s, "batch", "list", "--limit", "2000")
	found := make(map[string]wire.Batch, len(list.Items))
	for _, b := range list.Items {
		found[b.Ref] = b
	}
	return found
}

func successful(b wire.Batch) bool { return b.Finish == "success" }

// The first thing anybody sees. It is not run beside other tests, because what
// it promises includes a time (interfaces.md).
func TestFreshDevRunsItsDemoAndGoesOnAfterCtrlC(t *testing.T) {
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) { freshDev(newSite(t, engine)) })
	}
}

func freshDev(s *site) {
	began := time.Now()
	dev := s.dev()
	s.await("a successful batch of the demo", func() bool { return len(s.lines("batch", "list", "--state", "success", "--limit", "1")) > 0 })
	took := time.Since(began)
	s.Logf("first success after %s", took)
	if took > 10*time.Second {
		s.Errorf("got the first success after %s, want it within 10 s of the start", took)
	}
	s.wants("the greeting", s.read(dev.err), "Capricornus is up at http://"+s.env["CAPRI_DEV_LISTEN"], "capri batch list", "Ctrl-C stops")
	readsWell(s)
	operations := s.lines("op", "list")
	dev.interrupt()
	if r := s.try("batch", "list"); r.code != 7 {
		s.Errorf("got %s\nwant exit code 7 after the stop", r)
	}
	before := s.names()

	dev = s.dev()
	restarted := time.Now()
	after := s.allDone()
	if now := s.lines("op", "list"); !slices.Equal(now, operations) {
		s.Errorf("got operations %v after the second start, want the cold starts of the first, %v", now, operations)
	}
	for _, name := range before {
		if _, there := after[name]; !there {
			s.Errorf("got no batch %s after the second start, want nothing lost", name)
		}
	}
	for name, b := range after {
		if !successful(b) {
			s.Errorf("got %s %s: %s; want success", name, b.Finish, b.Message)
		}
		if !slices.Contains(before, name) && (b.Origin != "timer" || b.ScheduledAt < restarted.Add(-time.Hour).UnixMilli()) {
			s.Errorf("got batch %s by %s after the second start, want no second cold start", name, b.Origin)
		}
	}
	s.ranOnce([]string{"start"}, slices.Collect(maps.Keys(after))...)
	dev.interrupt()
	s.sound()
}

// allDone waits until every batch is done and returns them.
func (s *site) allDone() map[string]wire.Batch {
	s.Helper()
	var all map[string]wire.Batch
	s.await("the end of all batches", func() bool {
		all = s.batches()
		return len(all) > 0 && !slices.ContainsFunc(slices.Collect(maps.Values(all)), func(b wire.Batch) bool { return b.State != "done" })
	})
	return all
}

// readsWell looks at what a new user looks at.
func readsWell(s *site) {
	s.Helper()
	const hours = "dwd_access_h"
	s.await("a successful batch of "+hours, func() bool { return len(s.lines("batch", "list", "--task", hours, "--state", "success")) > 0 })
	list := s.capri("batch", "list", "--limit", "500")
	if strings.Contains(list, `["`) {
		s.Errorf("got messages as the database keeps them in\n%s\nwant sentences", list)
	}
	s.wants("the list of batches", list, "BATCH", "STATE", "SCHEDULED (+00:00)", "ods_access_h/", "success", "exit code 0")
	s.wants("the list of tasks", s.capri("task", "list"), "dwd_access_d", "Access detail, days", "weblog", "hour", "month")
	s.wants("the list of hosts", s.capri("host", "list"), "w1", "w2")
	s.wants("the list of operations", s.capri("op", "list"), "coldstart", "example of capri dev")
	name := s.lines("batch", "list", "--task", hours, "--state", "success", "--limit", "1")[0]
	s.wants("why", s.capri("batch", "why", name), name, "success", "took")
	s.wants("the log", s.capri("batch", "logs", name), "access.tsv is there")
	s.wants("the events", s.capri("batch", "events", name), "create", "assign", "start", "finish")
	s.wants("the batch", s.capri("batch", "show", name), "Origin", "coldstart", "exit code 0", "parent", "met", "ATTEMPT")
}

// Kills at any moment of short scripts: assigned, asked to start, started,
// ended, reported. Every script is started once all the same.
func TestDemoKilledAgainAndAgainRunsEachBatchOnce(t *testing.T) {
	onEngines(t, func(s *site) {
		dev := s.dev()
		s.await("the first cold start", func() bool { return len(s.lines("op", "list")) > 0 })
		for _, enough := range []int{0, 5, 15, 30, 45, 60, 75} {
			s.await("scripts that start", func() bool { return len(s.journal()) >= enough })
			dev.kill()
			dev = s.dev()
		}
		s.await("the last cold start", func() bool { return len(s.lines("batch", "list", "--task", "ads_access_report_m")) > 0 })
		all := s.allDone()
		for name, b := range all {
			if !successful(b) {
				s.Errorf("got %s %s: %s; want success", name, b.Finish, b.Message)
			}
		}
		s.ranOnce([]string{"start"}, slices.Collect(maps.Keys(all))...)
		dev.interrupt()
		s.sound()
	})
}

func TestDevKilledHardTakesUpItsScripts(t *testing.T) {
	onEngines(t, func(s *site) {
		s.env["CAPRI_DEV_DEMO"] = "none"
		dev := s.dev()
		tasks := []string{"job_1", "job_2", "job_3", "job_4"}
		s.notedTasks(tasks...)
		batches := s.runAll(tasks...)
		s.awaitNoted("start", batches...)
		dev.kill()
		s.release("job_1", "job_2") // they end while nobody is there to hear it
		s.awaitNoted("end", batches[:2]...)
		dev = s.dev()
		s.release("job_3", "job_4")
		s.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, batches...)...)
		s.ranOnce([]string{"start", "end"}, batches...)
		for _, name := range batches {
			detail := show[wire.BatchDetail](s, "batch", "show", name)
			if len(detail.Attempts) != 1 || detail.Attempt != 1 {
				s.Errorf("got %d attempts of %s, want the one that was running", len(detail.Attempts), name)
			}
			want := fmt.Sprintf("one line of %s\nanother line of %s\n", detail.Task, detail.Task)
			if log := s.capri("batch", "logs", name); log != want {
				s.Errorf("got log %q of %s, want %q", log, name, want)
			}
		}
		dev.interrupt()
		s.sound()
	})
}

// Whoever deletes a data directory must not be left with processes for ever.
func TestKeepersEndWhenTheDataIsDeleted(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	dev := s.dev("--demo", "none")
	s.notedTasks("orphan")
	s.awaitNoted("start", s.runAll("orphan")...)
	for _, worker := range []string{"w1", "w2"} {
		s.await("the keeper of "+worker, func() bool {
			_, err := os.Stat(s.path("data", "workers", worker, "keeper.lock"))
			return err == nil
		})
	}
	dev.kill()
	s.release("orphan")
	s.await("a result that nobody takes", func() bool {
		found, _ := filepath.Glob(s.path("data", "workers", "*", "outbox", "keeper"))
		return slices.ContainsFunc(found, func(name string) bool { return strings.Contains(s.read(name), "finished") })
	})
	if err := os.RemoveAll(s.path("data")); err != nil {
		t.Fatal(err)
	}
	s.await("the end of all processes", func() bool { return len(labtest.ProcessesOf(s.dir)) == 0 })
}
