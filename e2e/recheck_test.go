package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// waitsFor is a script that notes its start, with what it depends on.
const waitsFor = `  period: day
  NEEDS
  env: {SITE: SITE_DIR}
  run: {type: shell, script: "printf 'start %s\n' \"$CAPRI_ATTEMPT\" >>\"$SITE/journal\""}
`

func (s *site) needing(name, needs string) {
	s.Helper()
	s.taskFile(name, strings.NewReplacer("SITE_DIR", s.dir, "NEEDS", needs).Replace(waitsFor))
}

// assignedWhileFrozen keeps the worker from taking what it is given, until thaw:
// what happens before that lies between assignment and start.
func (c *cluster) assignedWhileFrozen(w *fleetWorker, tasks ...string) (batches []string, thaw func()) {
	c.Helper()
	w.freeze(w.cmd.Process.Pid)
	batches = c.runAll(tasks...)
	c.await("the assignment", func() bool {
		all := c.batches()
		for _, name := range batches {
			if all[name].State != "assigned" {
				return false
			}
		}
		return true
	})
	return batches, func() { w.thaw(w.cmd.Process.Pid) }
}

// unmet are the things that a batch waits for.
func (s *site) unmet(name string) (what []string) {
	s.Helper()
	for _, d := range show[wire.BatchDetail](s, "batch", "show", name).Depends {
		if d.State == "unmet" {
			what = append(what, d.What)
		}
	}
	return what
}

func (s *site) success(dir string) string {
	s.Helper()
	s.write(filepath.Join(dir, "_SUCCESS"), "")
	return s.path(dir, "_SUCCESS")
}

// What is gone between assignment and start is found out by the worker: nothing
// runs, and all who need the same wait again, until it is back.
func TestWhatIsGoneBeforeTheStart(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		c.master()
		worker := c.fleetWith("times: {heartbeat: 200ms, check_interval: 2m, lease: 10m, grace: 2s}\n", "w1")["w1"]
		mark := s.success("in")
		place, other := "file://"+s.path("in"), "file://"+s.path("never")
		s.write("tasks/project.yaml", projectText)
		s.needing("reader", "inputs: [{path: \""+place+"\"}]")
		s.needing("both", "inputs: [{path: \""+place+"\"}, {path: \""+other+"\"}]")
		s.needing("looser", "inputs: [{path: \""+place+"\", ready: exists}, {path: \""+other+"\"}]")
		s.needing("settle", "thirdParties: [{code: pay, key: \"1\"}]")
		s.needing("settle_too", "thirdParties: [{code: pay, key: \"1\"}, {code: pay, key: \"2\"}]")
		s.capri("task", "apply", "-f", s.path("tasks"))
		s.capri("third", "put", "pay", "1")
		waiting := s.runAll("both", "looser", "settle_too")
		s.await("what is there to be found", func() bool {
			return len(s.unmet(waiting[0])) == 1 && len(s.unmet(waiting[1])) == 1 && len(s.unmet(waiting[2])) == 1
		})
		names, thaw := c.assignedWhileFrozen(worker, "reader", "settle")
		if err := os.Remove(mark); err != nil {
			s.Fatal(err)
		}
		db := s.open()
		s.exec(db, "DELETE FROM capri_third_depend_data")
		thaw()
		s.await("both batches to wait again", func() bool {
			all := s.batches()
			return all[names[0]].State == "waiting" && all[names[1]].State == "waiting"
		})
		for name, want := range map[string]string{
			names[0]: place, names[1]: "pay/1", waiting[0]: place + "," + other, waiting[2]: "pay/1,pay/2",
		} {
			if got := strings.Join(s.unmet(name), ","); got != want {
				s.Errorf("got %s wait for %q, want %q", name, got, want)
			}
		}
		// That one is content with the directory, which is there: the next look says so.
		s.await("the looser reader to have its input again", func() bool { return strings.Join(s.unmet(waiting[1]), ",") == other })
		s.wants("why", s.capri("batch", "why", names[0]), place)
		if got := s.journal(); len(got) != 0 {
			s.Errorf("got %v in the journal, want that nothing has run", got)
		}
		s.success("in")
		s.capri("third", "put", "pay", "1")
		s.capri("batch", "wait", names[0], names[1], "--timeout", patience.String())
		s.ranOnce([]string{"start"}, names...)
		s.sound()
	})
}

// grant lets the owner of the tasks use an account.
func (s *site) grant(db *store.DB, account string) {
	s.Helper()
	s.exec(db, "INSERT INTO capri_account_grant (userId, account, grantedBy, grantedAt) SELECT id, ?, 'test', 1 FROM capri_user WHERE name = 'admin'", account)
}

// Nobody runs a script as somebody he may not be.
func TestAccountsThatAreRefused(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		c.master()
		worker := c.fleetWith("times: {heartbeat: 200ms, check_interval: 2m, lease: 10m, grace: 2s}\n", "w1")["w1"]
		s.write("tasks/project.yaml", projectText)
		for account, says := range map[string]string{"root": "nothing runs as root", "\"0\"": "no user name"} {
			s.needing("wrong", "account: "+account)
			s.wants("the refusal", s.refuses(9, []string{"nothing was applied"}, "task", "apply", "-f", s.path("tasks")).err, says)
		}
		for task, account := range map[string]string{"wrong": "etl", "strange": "capri-nobody-has-it", "taken": "nobody"} {
			s.needing(task, "retry: {times: 0}\n  account: "+account)
		}
		s.capri("task", "apply", "-f", s.path("tasks"))
		db := s.open()

		ungranted := s.runAll("wrong")[0]
		s.refuses(20, []string{ungranted}, "batch", "wait", ungranted, "--timeout", patience.String())
		s.wants("the batch", s.capri("batch", "why", ungranted), "the task's owner may not use the execution account etl")

		s.grant(db, "capri-nobody-has-it")
		strange := s.runAll("strange")[0]
		sentence := "the worker w1 does not run scripts as \"capri-nobody-has-it\""
		s.await("the worker's refusal", func() bool { return strings.Contains(s.capri("batch", "show", strange), sentence) })
		s.wants("why", s.capri("batch", "why", strange), sentence)

		s.grant(db, "nobody")
		names, thaw := c.assignedWhileFrozen(worker, "taken")
		s.exec(db, "DELETE FROM capri_account_grant WHERE account = 'nobody'")
		thaw()
		s.refuses(20, names, "batch", "wait", names[0], "--timeout", patience.String())
		s.wants("the batch", s.capri("batch", "why", names[0]), "the task's owner may not use the execution account nobody")
		moves := show[wire.BatchDetail](s, "batch", "show", names[0])
		if len(moves.Attempts) != 0 {
			s.Errorf("got attempts %+v, want none begun", moves.Attempts)
		}
		if got := s.journal(); len(got) != 0 {
			s.Errorf("got %v in the journal, want that nothing has run", got)
		}
		s.sound()
	})
}
