package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/e2e/labtest"
)

// cluster is a site with a master and a worker that have configuration files
// and tokens of their own, as on machines of their own.
type cluster struct {
	*site
	address string
	figures [2]string // where the master's and the worker's are shown
}

// newCluster writes the configuration, migrates the database and keeps the
// tokens that this prints once.
func newCluster(s *site) *cluster {
	s.Helper()
	c := &cluster{site: s, address: fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(s.T))}
	for i := range c.figures {
		c.figures[i] = fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(s.T))
	}
	where := "dsn: " + s.db.DSN
	if s.db.Driver == storetest.MySQL {
		where = "dsn_file: " + s.write("dsn", s.db.DSN+"\n")
	}
	s.write("master.yaml", fmt.Sprintf("node: m1\nlisten: %s\nadvertise: http://%s\ndatabase: {driver: %s, %s}\nraft: {dir: %s}\ntimezone: UTC\nmetrics: {listen: %q}\n",
		c.address, c.address, s.db.Driver, where, s.path("raft"), c.figures[0]))
	logs := fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(s.T))
	s.write("worker.yaml", fmt.Sprintf("host: w1\nmasters: [\"http://%s\"]\ntoken_file: %s\nroot: %s\nlisten: %s\nadvertise: http://%s\nlimits: {load: 0, free_memory: 0, free_disk: 0}\nmetrics: {listen: %q}\n%s",
		c.address, s.path("worker.token"), s.path("work"), logs, logs, c.figures[1], s.account()))
	r := s.try("migrate", "up", "--config", s.path("master.yaml"))
	if r.code != 0 {
		s.Fatalf("got %s\nwant success", r)
	}
	s.write("admin.token", printedToken(s, r, "administrator"))
	s.write("worker.token", printedToken(s, r, "workers"))
	s.env["CAPRI_ADDR"] = c.address
	s.env["CAPRI_TOKEN"] = strings.TrimSpace(s.read(s.path("admin.token")))
	return c
}

// account is what a worker's configuration says about accounts. One that is
// root runs nothing as root: nobody runs the scripts, and may write the journal.
func (s *site) account() string {
	s.Helper()
	if os.Geteuid() != 0 {
		return ""
	}
	for _, dir := range []string{filepath.Dir(s.dir), s.dir} {
		if err := os.Chmod(dir, 0o777); err != nil {
			s.Fatal(err)
		}
	}
	return "accounts: [nobody]\naccount: nobody\n"
}

// printedToken finds a token in what `migrate up` tells once.
func printedToken(s *site, r result, whose string) string {
	s.Helper()
	words := strings.Fields(r.err)
	for i, word := range words {
		if word == whose && i+1 < len(words) && strings.HasPrefix(words[i+1], "capri_") {
			return words[i+1] + "\n"
		}
	}
	s.Fatalf("got %s\nwant the token of %s in it", r, whose)
	return ""
}

// master starts the master and waits until it leads.
func (c *cluster) master(args ...string) *daemon {
	c.Helper()
	d := c.start("master", append([]string{"master", "--config", c.path("master.yaml")}, args...)...)
	c.await("a leader", func() bool {
		if d.ended() {
			c.Fatalf("the master ended:\n%s", c.read(d.err))
		}
		return c.led()
	})
	return d
}

// worker starts the worker and waits until the master knows it.
func (c *cluster) worker() *daemon {
	c.Helper()
	d := c.start("worker", "worker", "--config", c.path("worker.yaml"))
	c.await("the worker", func() bool {
		if d.ended() {
			c.Fatalf("the worker ended:\n%s", c.read(d.err))
		}
		hosts := show[wire.HostList](c.site, "host", "list").Items
		return len(hosts) == 1 && hosts[0].Alive
	})
	return d
}

func TestWorkerKilledHardLosesNothing(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		c.master()
		worker := c.worker()
		tasks := []string{"job_1", "job_2", "job_3", "job_4", "job_5", "job_6"}
		s.notedTasks(tasks...)
		batches := s.runAll(tasks...)
		s.awaitNoted("start", batches...)
		s.await("the keeper", func() bool {
			_, err := os.Stat(s.path("work", "keeper.lock"))
			return err == nil
		})
		worker.kill()
		s.release(tasks[:3]...)
		s.await("three successes by the keeper alone", func() bool {
			all := s.batches()
			return successful(all[batches[0]]) && successful(all[batches[1]]) && successful(all[batches[2]])
		})
		for _, name := range batches[3:] {
			if b := s.batches()[name]; b.State != "running" {
				s.Errorf("got %s %s while the worker is dead, want running", name, b.State)
			}
		}
		c.worker()
		s.release(tasks[3:]...)
		s.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, batches...)...)
		s.ranOnce([]string{"start", "end"}, batches...)
		for name, b := range s.batches() {
			if b.Attempt != 1 {
				s.Errorf("got %d attempts of %s, want 1", b.Attempt, name)
			}
		}
		for _, name := range batches {
			want := "one line of " + s.batches()[name].Task
			s.wants("the log of "+name, s.capri("batch", "logs", name), want, "another line")
		}
		c.shows(0, "capri_raft_leader 1", `capri_workers{state="on"} 1`, `capri_attempts_total{outcome="success"} 6`, "capri_metrics_stale 0")
		c.shows(1, "capri_host_slots 16", `capri_host_run_seconds_count `, "go_goroutines ")
		s.sound()
	})
}

// shows holds that the figures of the master, or of the worker, have these lines.
func (c *cluster) shows(of int, lines ...string) {
	c.Helper()
	request, err := http.NewRequestWithContext(c.Context(), http.MethodGet, "http://"+c.figures[of]+"/metrics", nil)
	if err != nil {
		c.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.Fatal(err)
	}
	for _, line := range lines {
		if !strings.Contains(string(text), "\n"+line) {
			c.Errorf("got no figure %q in\n%s", line, text)
		}
	}
}

// The master may be away while scripts run, begin and end.
func TestMasterKilledHardStopsNoScript(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		master := c.master()
		c.worker()
		tasks := []string{"job_1", "job_2", "job_3"}
		s.notedTasks(tasks...)
		batches := s.runAll(tasks...)
		s.awaitNoted("start", batches...)
		master.kill()
		s.release(tasks[:2]...)
		s.awaitNoted("end", batches[:2]...)
		c.master()
		s.release(tasks[2:]...)
		s.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, batches...)...)
		s.ranOnce([]string{"start", "end"}, batches...)
		s.sound()
	})
}

func TestWorkersRefuseWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	c := newCluster(newSite(t, storetest.SQLite))
	c.master()
	config := c.read(c.path("worker.yaml"))
	mine := c.path("worker.yaml")
	other := fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(t))
	variant := func(name, old, other string) string { return c.write(name, strings.Replace(config, old, other, 1)) }

	c.write("guessed.token", "capri_guessed\n")
	c.refuses(4, []string{"token"}, "worker", "--config", variant("guessed.yaml", "worker.token", "guessed.token"))
	c.refuses(4, []string{"worker"}, "worker", "--config", variant("admin.yaml", "worker.token", "admin.token"))
	c.refuses(3, []string{"gone.token", "does not exist"}, "worker", "--config", variant("gone.yaml", "worker.token", "gone.token"))
	c.refuses(9, []string{c.path("typo.yaml") + ":1", "host"}, "worker", "--config", variant("typo.yaml", "host: w1", "hots: w1"))
	c.worker()
	c.refuses(5, []string{c.path("work"), "in use by another worker"}, "worker", "--config", mine)
	c.refuses(5, []string{"w1", "alive"}, "worker", "--config", variant("twin.yaml", "root: "+c.path("work"), "root: "+c.path("twin")), "--listen", other)
}
