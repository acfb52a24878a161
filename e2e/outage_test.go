package e2e_test

import (
	"flag"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

var outageLength = flag.Duration("outage", 3*time.Second, "how long masters and database are away in TestMastersAndDatabaseAreAway; 15m is what we promise")

// privateMariaDB is a server that a test may stop.
type privateMariaDB struct {
	*testing.T
	dir string
}

func (m privateMariaDB) script(verb string) string {
	m.Helper()
	out, err := exec.Command("sh", "../scripts/mariadb.sh", verb, m.dir).Output()
	if err != nil {
		m.Fatalf("mariadb.sh %s: %v", verb, err)
	}
	return strings.TrimSpace(string(out))
}

// newPrivateMariaDB starts a server with an empty database.
func newPrivateMariaDB(t *testing.T) (privateMariaDB, store.Config) {
	t.Helper()
	m := privateMariaDB{T: t, dir: t.TempDir()}
	dsn := m.script("start")
	t.Cleanup(func() { m.script("stop") })
	out, err := exec.Command("mariadb", "--defaults-file="+filepath.Join(m.dir, "client.cnf"), "-e", "CREATE DATABASE outage").CombinedOutput()
	if err != nil {
		t.Fatalf("make a database: %v: %s", err, out)
	}
	return m, store.Config{Driver: storetest.MySQL, DSN: dsn + "outage"}
}

// TestMastersAndDatabaseAreAway: the masters are killed and the database is
// stopped while scripts run. Some end meanwhile, one of them while the worker is
// dead as well, and one runs on through all of it.
func TestMastersAndDatabaseAreAway(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			if engine == storetest.SQLite { // a file: without its master it is away
				endureOutage(newSite(t, engine), func() {}, func() {})
				return
			}
			server, db := newPrivateMariaDB(t)
			endureOutage(newSiteOn(t, db), func() { server.script("stop") }, func() { server.script("start") })
		})
	}
}

func endureOutage(s *site, stop, start func()) {
	s.Helper()
	c := newCluster(s)
	master, worker := c.master(), c.worker()
	tasks := []string{"at_once", "late", "without_worker", "across"}
	s.notedTasks(tasks...)
	batches := s.runAll(tasks...)
	s.awaitNoted("start", batches...)

	master.kill()
	stop()
	began := time.Now()
	s.release("at_once")
	s.awaitNoted("end", batches[0])
	s.awaitFor(*outageLength/2, began)
	s.release("late")
	s.awaitNoted("end", batches[1])
	s.await("the keeper", func() bool { return exists(s.path("work", "keeper.lock")) })
	worker.kill()
	s.release("without_worker")
	s.awaitNoted("end", batches[2])
	c.start("worker", "worker", "--config", c.path("worker.yaml"))
	s.awaitFor(*outageLength, began)
	if running := s.journal()[entry{"end", batches[3], "1"}]; running != 0 {
		s.Errorf("got the script that is not released ended %d times, want it running", running)
	}
	start()
	c.master()
	s.await("the results of what ended meanwhile", func() bool {
		all := s.batches()
		return !slices.ContainsFunc(batches[:3], func(name string) bool { return !successful(all[name]) })
	})
	s.release("across")
	s.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, batches...)...)

	s.ranOnce([]string{"start", "end"}, batches...)
	var want [][]string
	for _, name := range batches {
		want = append(want, []string{name + "#1", "0", "0"})
	}
	got := s.rows(s.open(), "SELECT task_instance_code, user_code, execute_state FROM capri_user_code_log", 3)
	byName := func(a, b []string) int { return slices.Compare(a, b) }
	slices.SortFunc(got, byName)
	slices.SortFunc(want, byName)
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		s.Errorf("got codes %v, want one for each attempt, 0 and judged: %v", got, want)
	}
	s.sound()
}
