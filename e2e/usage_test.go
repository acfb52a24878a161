package e2e_test

import (
	"strings"
	"testing"

	"capricornus/common/wire"
)

// hungryScript fills a variable, waits until it is released, and has
// three processes meanwhile.
const hungryScript = `  period: manual
  workers: {memory: 1Mi}
  env: {SITE: SITE_DIR}
  run:
    type: shell
    script: |
      x=$(head -c 30000000 /dev/zero | tr '\0' x)
      printf 'start %s\n' "$CAPRI_ATTEMPT" >>"$SITE/journal"
      sleep 86400 &
      while [ ! -e "$SITE/released/$CAPRI_TASK" ]; do sleep 0.05; done
      kill $!
`

// What an attempt uses is known while it runs; administrators hear once of one
// that uses more memory than its task declares.
func TestUseOfMemoryIsKnownWhileItLasts(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		config := c.read(c.path("worker.yaml"))
		c.write("worker.yaml", strings.Replace(config, "limits: {", "limits: {memory_times: 0, ", 1))
		c.master()
		c.worker()
		s.write("tasks/project.yaml", projectText)
		s.taskFile("hungry", strings.ReplaceAll(hungryScript, "SITE_DIR", s.dir))
		s.capri("task", "apply", "-f", s.path("tasks"))
		name := s.runAll("hungry")[0]
		s.awaitNoted("start", name)
		db := s.open()
		const alerts = "SELECT object, level, text FROM capri_alert WHERE kind = 'attempt-over-memory'"
		s.await("the alert", func() bool { return len(s.rows(db, alerts, 3)) > 0 })
		alert := s.rows(db, alerts, 3)[0]
		if alert[0] != name || alert[1] != "critical" {
			s.Errorf("got %v, want a critical one about %s", alert, name)
		}
		s.wants("the alert", alert[2], "attempt 1 of "+name+" on w1 has used ", "MiB of memory; its task declares 1 MiB")
		running := show[wire.BatchDetail](s, "batch", "show", name)
		if b := running.Attempts[0]; running.State != "running" || b.PeakMemory < 25<<20 || b.PeakProcesses < 2 {
			s.Errorf("got %s and %+v, want the peaks of an attempt that runs", running.State, b)
		}
		s.wants("show", s.capri("batch", "show", name), "1Mi declared", "more than declared")
		s.wants("why", s.capri("batch", "why", name), "of memory used, 1 MiB declared")
		s.release("hungry")
		s.capri("batch", "wait", name, "--timeout", patience.String())
		ended := show[wire.BatchDetail](s, "batch", "show", name).Attempts[0]
		if ended.PeakMemory < running.Attempts[0].PeakMemory || ended.PeakProcesses < running.Attempts[0].PeakProcesses {
			s.Errorf("got %+v after %+v, want peaks that never fall", ended, running.Attempts[0])
		}
		if n := len(s.rows(db, alerts, 3)); n != 1 {
			s.Errorf("got %d alerts, want one in the life of the batch", n)
		}
		s.sound()
	})
}
