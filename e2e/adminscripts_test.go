package e2e_test

import (
	"os"
	"strings"
	"testing"

	"capricornus/common/store/storetest"
)

// adminScripts are those for operators that are one call of capri each.
func adminScripts() []string {
	return []string{"cold-start.sh", "rerun.sh", "log-of.sh", "check-platform.sh", "check-generation.sh", "check-depend-lag.sh"}
}

// TestAdminScripts runs all of them against one capri dev.
func TestAdminScripts(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	delete(s.env, "CAPRI_DEV_DATABASE")
	s.adminScriptsRefuse()

	// Without a master.
	s.scripted(7, nil, "cold-start.sh", "day", "20150518..20150519", "--yes")
	s.scripted(7, nil, "check-depend-lag.sh")
	s.scripted(2, []string{"PLATFORM CRITICAL - no master"}, "check-platform.sh", "--nagios")
	s.scripted(3, []string{"DEPENDENCIES UNKNOWN - no master"}, "check-depend-lag.sh", "--nagios")
	s.scripted(3, []string{"GENERATION UNKNOWN - no master"}, "check-generation.sh", "--nagios")

	dev := s.dev("--demo", "none", "--workers", "1")
	s.write("tasks/project.yaml", projectText)
	s.taskFile("hello", "  period: day\n  valid: {from: 2015-01-01}\n  run: {type: shell, script: \"echo hello $CAPRI_BIZ_DATE\"}\n")
	s.capri("task", "apply", "-f", s.path("tasks"))
	s.await("a platform that is well", func() bool { return s.script("check-platform.sh", "--nagios").code == 0 })
	s.scripted(0, []string{"PLATFORM OK - dev leads"}, "check-platform.sh")
	s.scripted(0, []string{"DEPENDENCIES OK", "age="}, "check-depend-lag.sh", "--nagios")
	s.scripted(0, []string{"GENERATION OK - no batch is missing"}, "check-generation.sh", "--nagios", "--project", "e2e")
	s.scripted(0, []string{`"status": "OK"`}, "check-generation.sh", "-o", "json")

	// The plan is shown, nothing is made; then it is made and followed to its end.
	s.scripted(0, []string{"hello", "20150518..20150519", "2 to make"}, "cold-start.sh", "day", "20150518..20150519", "--dry-run")
	s.scripted(0, []string{"1 to make", "SKIP_EXCLUDED"}, "cold-start.sh", "day", "20150518..20150519", "--exclude", "hello/20150518", "--dry-run")
	if n := len(s.batches()); n != 0 {
		s.Errorf("got %d batches of a dry run, want none", n)
	}
	s.scripted(2, []string{"give --yes"}, "cold-start.sh", "day", "20150518..20150519")
	s.scripted(0, []string{"2 to make", "2 done, 0 failed"}, "cold-start.sh", "day", "20150518..20150519", "--tasks=hello", "--watch", "--yes")
	s.scripted(0, []string{"hello 20150517"}, "log-of.sh", "hello/20150518", "--tail", "5")
	s.scripted(3, nil, "log-of.sh", "hello/20150601")
	s.scripted(0, []string{"1 to make"}, "rerun.sh", "hello", "20150518..20150518", "--reason", "it's wrong", "-n")
	s.scripted(0, []string{"1 done, 0 failed"}, "rerun.sh", "hello", "20150518..20150518", "--reason", "it's wrong", "--watch", "--yes")
	if b, found := s.batches()["hello/20150518.1"]; !found || !successful(b) {
		s.Errorf("got %+v, want a second run of it, successful", s.batches())
	}
	dev.interrupt()
}

// adminScriptsRefuse holds what the scripts do not let through, and their help.
func (s *site) adminScriptsRefuse() {
	s.Helper()
	for args, want := range map[string]string{
		"cold-start.sh": "which period?", "cold-start.sh day": "which range?", "cold-start.sh day 2015..x --yes": "is not a range", "cold-start.sh day 1..2 3..4": "3..4 is one word too many",
		"cold-start.sh day 1..2 --mode": "--mode wants a value", "cold-start.sh day 1..2 --force": "is no option",
		"rerun.sh": "which task?", "rerun.sh a": "which range?", "rerun.sh a ..20150518 --yes": "is not a range", "rerun.sh a 1..2 --reason": "--reason wants a value",
		"log-of.sh": "which batch?", "log-of.sh hello": "is no batch", "log-of.sh a/1 b/2": "b/2 is one word too many",
		"check-platform.sh everything": "everything is one word too many", "check-generation.sh --warning": "--warning wants a value",
	} {
		words := strings.Fields(args)
		s.scripted(2, []string{want}, words[0], words[1:]...)
	}
	s.scripted(3, []string{"UNKNOWN - check-platform.sh: --all is no option"}, "check-platform.sh", "--all", "--nagios")
	for _, script := range adminScripts() {
		s.scripted(0, []string{script, "--dry-run", "xit codes"}, script, "--help")
	}
	capri := os.Getenv(binaryVariable)
	for args, want := range map[string]string{
		"log-of.sh a/$(id) -n --tail 3": capri + " batch logs 'a/$(id)' --tail 3", "check-platform.sh -n --nagios": capri + " check platform --nagios",
		"check-depend-lag.sh --dry-run --warning=1m": capri + " check dependencies --warning=1m",
	} {
		words := strings.Fields(args)
		if got := s.script(words[0], words[1:]...); got.code != 0 || got.out != "would run: "+want+"\n" {
			s.Errorf("got %s\nwant %s", got, want)
		}
	}
}
