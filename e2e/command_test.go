package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"capricornus/common/wire"
)

// stubborn is a script whose children ignore TERM, one of them in a session of
// its own. It writes down who they are and never ends by itself.
const stubborn = `  period: manual
  retry: {times: 3}
  env: {SITE: SITE_DIR}
  run:
    type: shell
    script: |
      echo $$ >>"$SITE/pids"
      sh -c 'trap "" TERM; echo $$ >>"$SITE/pids"; while :; do sleep 1; done' &
      setsid sh -c 'trap "" TERM; echo $$ >>"$SITE/pids"; while :; do sleep 1; done' &
      printf 'start %s\n' "$CAPRI_ATTEMPT" >>"$SITE/journal"
      wait
      printf 'end %s\n' "$CAPRI_ATTEMPT" >>"$SITE/journal"
`

// alive lists those of the processes in a file that are there still.
func (s *site) alive(name string) []int {
	s.Helper()
	var out []int
	for word := range strings.FieldsSeq(s.read(s.path(name))) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			s.Fatal(err)
		}
		call, err := os.ReadFile(filepath.Join("/proc", word, "cmdline"))
		if err == nil && len(call) > 0 { // one that nobody has waited for has none
			out = append(out, pid)
		}
	}
	return out
}

// A person kills a script that runs: it ends with all its children, is not
// tried again, and says who ended it and why.
func TestKillOfARunningScript(t *testing.T) {
	onEngines(t, func(s *site) {
		s.dev("--demo", "none")
		s.write("tasks/project.yaml", projectText)
		s.taskFile("stubborn", strings.ReplaceAll(stubborn, "SITE_DIR", s.dir))
		s.capri("task", "apply", "-f", s.path("tasks"))
		name := s.runAll("stubborn")[0]
		s.awaitNoted("start", name)
		s.await("three processes", func() bool { return len(s.alive("pids")) == 3 })

		s.refuses(2, []string{"--reason is wanted"}, "batch", "kill", name, "--yes")
		s.refuses(2, []string{"give --yes"}, "batch", "kill", name, "--reason", "wrong input")
		s.refuses(5, []string{name, "is running"}, "batch", "mark", name, "success", "--reason", "checked", "--yes")
		s.wants("kill", s.try("batch", "kill", name, "--reason", "wrong input", "--yes").err, name+" is being ended", "capri batch wait "+name)
		s.refuses(20, []string{name, "killed"}, "batch", "wait", name, "--timeout", patience.String())
		if left := s.alive("pids"); len(left) > 0 {
			s.Errorf("got processes %v left of a batch that is killed, want none", left)
		}
		got := show[wire.BatchDetail](s, "batch", "show", name)
		if got.Finish != "killed" || got.Message != "killed by admin: wrong input" || len(got.Attempts) != 1 || got.Attempts[0].Outcome != "killed" {
			s.Errorf("got %+v, want it killed in its first attempt, by whom and why", got)
		}
		s.wants("the second kill", s.try("batch", "kill", name, "--reason", "again", "--yes").err, name+" is killed already")
		s.ranOnce([]string{"start"}, name)
		s.sound()
	})
}

// Holds, marks and commands on many, from plan to done.
func TestCommandsOnMany(t *testing.T) {
	onEngines(t, func(s *site) {
		s.dev("--demo", "none")
		s.notedTasks("held", "other")
		s.capri("task", "hold", "held", "--reason", "look first", "--for", "1h")
		first := s.runAll("held")[0]
		s.await("the hold as what stops it", func() bool {
			return show[wire.BatchDetail](s, "batch", "show", first).Gate == "BATCH_HELD"
		})
		s.wants("why", s.capri("batch", "why", first), "held by admin", "look first")
		s.wants("the list of holds", s.capri("hold", "list"), "held", "look first")

		plan := s.try("batch", "kill", "--project", "e2e", "--state", "waiting", "--reason", "not needed", "--dry-run")
		s.wants("the plan", plan.out, "KILL_NOW", "1 to kill")
		done := strings.Fields(s.capri("batch", "mark", "skipped", "--task", "held", "--state", "waiting", "--reason", "not needed", "--yes", "-o", "name"))
		if len(done) != 1 {
			s.Fatalf("got %q, want the id of one operation", done)
		}
		s.wants("watch", s.capri("op", "watch", done[0], "--timeout", patience.String()), "1 of 1 marked")
		s.wants("items", s.capri("op", "items", done[0]), first, "is skipped now; it was waiting")
		s.refuses(5, []string{first, "has ended already (skipped)"}, "batch", "hold", first, "--reason", "late")

		s.capri("task", "release", "held")
		s.release("held")
		second := s.runAll("held")[0]
		s.wants("wait", s.capri("batch", "wait", second, "--timeout", patience.String()), second, "success")
		s.ranOnce([]string{"start", "end"}, second)
		s.sound()
	})
}
