package e2e_test

import (
	"strings"
	"testing"
	"time"

	"capricornus/common/wire"
)

const settleSpec = `  period: day
  thirdParties: [{code: pay-settle, key: "{{ biz_date }}"}]
  env: {SITE: SITE_DIR}
  run:
    type: shell
    script: |
      printf 'start %s\n' "$CAPRI_ATTEMPT" >>"$SITE/journal"
      echo "settled $CAPRI_BIZ_DATE"
`

const brokenSpec = `  period: day
  retry: {times: 0}
  run: {type: shell, script: "echo it broke; exit 3"}
`

// What a person does by hand: execute, look why it waits, announce data, wait.
func TestExecuteByHand(t *testing.T) {
	onEngines(t, func(s *site) {
		s.dev("--demo", "none")
		s.write("tasks/project.yaml", projectText)
		s.taskFile("settle", strings.ReplaceAll(settleSpec, "SITE_DIR", s.dir))
		s.taskFile("broken", brokenSpec)
		s.capri("task", "apply", "-f", s.path("tasks"))

		first := s.runAll("settle")[0]
		s.refuses(5, []string{first, "is still waiting"}, "task", "run", "settle")
		biz := time.UnixMilli(show[wire.BatchDetail](s, "batch", "show", first).BizStart).UTC().Format("20060102")
		s.wants("why", s.capri("batch", "why", first), first, "third-party", "pay-settle "+biz, "capri third put")
		s.wants("the list", s.capri("batch", "list"), first, "waits for 1 dependency")
		s.refuses(8, []string{"1 batch is not done", first}, "batch", "wait", first, "--timeout", "300ms")
		s.capri("third", "put", "pay-settle", biz)
		s.capri("third", "put", "pay-settle", biz) // twice is no harm
		s.wants("wait", s.capri("batch", "wait", first, "--timeout", patience.String()), first, "success")
		s.wants("the log", s.capri("batch", "logs", first), "settled "+biz)

		second := s.runAll("settle")[0]
		if want := strings.TrimSuffix(first, ".0") + ".1"; second != want {
			s.Errorf("got %s by the second execution, want the next run number, %s", second, want)
		}
		s.capri("batch", "wait", second, "--timeout", patience.String())
		s.ranOnce([]string{"start"}, first, second)

		broken := s.runAll("broken")[0]
		s.refuses(20, []string{broken, "failed"}, "batch", "wait", broken, "--timeout", patience.String())
		s.refuses(20, []string{broken}, "batch", "wait", second, broken)
		s.wants("why", s.capri("batch", "why", broken), "failed", "exit code 3")
		s.wants("the log", s.capri("batch", "logs", broken, "--tail", "1"), "it broke")
		s.sound()
	})
}

func TestLogsAreFollowedToTheEnd(t *testing.T) {
	onEngines(t, func(s *site) {
		s.dev("--demo", "none")
		s.notedTasks("talker")
		name := s.runAll("talker")[0]
		follower := s.start("follower", "batch", "logs", "-f", name)
		s.await("the first line", func() bool { return s.read(follower.out) == "one line of talker\n" })
		s.release("talker")
		s.await("the end of the log", follower.ended)
		if got, want := s.read(follower.out), "one line of talker\nanother line of talker\n"; got != want {
			s.Errorf("got log %q, want %q", got, want)
		}
		if code := follower.cmd.ProcessState.ExitCode(); code != 0 {
			s.Errorf("got exit code %d, want 0:\n%s", code, s.read(follower.err))
		}
		s.capri("batch", "wait", name, "--timeout", patience.String())
		s.ranOnce([]string{"start", "end"}, name)
		s.sound()
	})
}
