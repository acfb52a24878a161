package e2e_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"capricornus/common/wire"
	"capricornus/e2e/labtest"
)

// once is a script whose first attempt never ends by itself.
const once = `  period: manual
  retry: {times: 0, interval: 1s}
  env: {SITE: SITE_DIR}
  run:
    type: shell
    script: |
      printf 'start %s\n' "$CAPRI_ATTEMPT" >>"$SITE/journal"
      case $CAPRI_ATTEMPT in *'#1') exec sleep 86400 ;; esac
      printf 'end %s\n' "$CAPRI_ATTEMPT" >>"$SITE/journal"
`

// A host burns down with all that is on it. Nothing is started elsewhere by
// itself, until somebody who knows says so.
func TestAHostThatIsGoneForGood(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		c.master()
		worker := c.worker()
		s.write("tasks/project.yaml", projectText)
		s.taskFile("once", strings.ReplaceAll(once, "SITE_DIR", s.dir))
		s.capri("task", "apply", "-f", s.path("tasks"))
		name := s.runAll("once")[0]
		s.awaitNoted("start", name)
		s.await("the keeper", func() bool {
			_, err := os.Stat(s.path("work", "keeper.lock"))
			return err == nil
		})

		s.refuses(5, []string{"worker w1 is alive", "switch it off"}, "host", "dead", "w1", "--reason", "no answer", "--yes")
		worker.kill()
		s.await("the end of the script and the keeper", func() bool {
			left := labtest.ProcessesOf(s.path("work"))
			for _, pid := range left {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			return len(left) == 0
		})
		if err := os.RemoveAll(s.path("work")); err != nil {
			s.Fatal(err)
		}
		// An hour goes by.
		db := s.open()
		s.exec(db, "UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - 3600000")
		s.await("the alert", func() bool {
			return len(s.rows(db, "SELECT text FROM capri_alert WHERE kind = 'worker-lost' AND level = 'critical'", 1)) == 1
		})
		alert := s.rows(db, "SELECT text FROM capri_alert WHERE kind = 'worker-lost'", 1)[0][0]
		s.wants("the alert", alert, "worker w1 has not been heard of since", name, "capri host dead w1")
		if b := s.batches()[name]; b.State != "running" {
			s.Errorf("got %s %s by silence alone, want it running", name, b.State)
		}

		s.refuses(3, []string{`no worker "w2"`}, "host", "dead", "w2", "--reason", "burnt", "--yes")
		s.refuses(2, []string{"--reason is wanted"}, "host", "dead", "w1", "--yes")
		s.wants("host dead", s.try("host", "dead", "w1", "--reason", "burnt", "--yes").err, "w1 is declared dead; 1 batch counting as running there")
		s.await("the end of the attempt", func() bool { return s.batches()[name].State == "waiting" })
		s.wants("host list", s.capri("host", "list"), "dead", "burnt")

		c.worker() // another machine of the same name
		s.capri("batch", "wait", "--timeout", patience.String(), name)
		got := show[wire.BatchDetail](s, "batch", "show", name)
		if got.Finish != "success" || len(got.Attempts) != 2 || got.Attempts[0].Outcome != "lost" || !strings.Contains(got.Attempts[0].Reason, "declared dead by admin: burnt") {
			s.Errorf("got %+v, want the second attempt successful and why the first is lost", got)
		}
		s.await("the notice of its return", func() bool {
			return len(s.rows(db, "SELECT text FROM capri_alert WHERE kind = 'worker-back'", 1)) == 1
		})
		s.sound()
	})
}
