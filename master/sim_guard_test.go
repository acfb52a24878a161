package master_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// number reads one number as no query of the product does.
func (c *cluster) number(query string, args ...any) int {
	c.t.Helper()
	var n int
	c.must(c.db.Raw().QueryRowContext(c.t.Context(), query, args...).Scan(&n))
	return n
}

// written reads one text as no query of the product does; "" when there is none.
func (c *cluster) written(query string, args ...any) string {
	c.t.Helper()
	var out string
	err := c.db.Raw().QueryRowContext(c.t.Context(), "SELECT COALESCE(MAX(x), '') FROM ("+strings.Replace(query, " FROM", " AS x FROM", 1)+") AS found", args...).Scan(&out)
	c.must(err)
	return out
}

// elsewhere is the other of the machines w1 and w2.
func elsewhere(host string) string {
	if host == "w1" {
		return "w2"
	}
	return "w1"
}

// TestSimFencedBatchMovesOnAfterTheLease cuts a worker off: it ends what the
// lease says, a minute later the batch starts elsewhere, and what waits stays.
func TestSimFencedBatchMovesOnAfterTheLease(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.lasts(40 * time.Minute)
		c.addWorker("w1")
		c.define("f", "period: hour, onWorkerLost: fence, workers: {labels: {}}", "w", "period: hour")
		c.at("2026-11-20 06:01:30")
		c.is("running", "f/2026112006", "w/2026112006")
		c.addWorker("w2")
		c.at("2026-11-20 06:05:00")
		c.net.silence("w1", true)
		c.at("2026-11-20 06:06:00")
		if n := c.alerts(store.AlertWorkerLost); n != 1 {
			t.Errorf("got %d alerts of a lost worker, want one", n)
		}
		c.at("2026-11-20 06:15:50")
		c.is("running", "f/2026112006", "w/2026112006")
		if n := c.book.running("f"); n != 0 {
			t.Errorf("got %d attempts of a fenced batch after the lease, want none", n)
		}
		c.at("2026-11-20 06:16:40") // the interval of a retry later
		c.is("running", "f/2026112006", "w/2026112006")
		if b := c.batch("f/2026112006"); b.Host != "w2" || b.Attempt != 2 {
			t.Errorf("got attempt %d on %q, want the second on w2", b.Attempt, b.Host)
		}
		c.net.silence("w1", false) // its report of the fenced attempt comes too late
		c.at("2026-11-20 06:59:00")
		c.is("success", "f/2026112006", "w/2026112006")
		if n := len(c.book.of("w")); n != 1 {
			t.Errorf("got %d attempts of the batch that waits, want its only one to end it", n)
		}
		if lost, back := c.alerts(store.AlertWorkerLost), c.alerts(store.AlertWorkerBack); lost != 1 || back != 1 {
			t.Errorf("got %d losses and %d returns told, want one of each", lost, back)
		}
		c.sound()
	})
}

// TestSimAWorkerIsDeclaredDead crashes a host for good.
func TestSimAWorkerIsDeclaredDead(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.addWorker("w2")
		c.lasts(30 * time.Minute)
		c.define("a", "period: hour")
		c.at("2026-11-20 06:02:00")
		host := c.batch("a/2026112006").Host
		if _, err := c.admin.DeclareDead(t.Context(), host, "burnt"); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("got %v, want a live worker left alone", err)
		}
		c.stopWorker(host)
		c.machines[host].host.Crash()
		c.at("2026-11-20 06:30:00")
		c.is("running", "a/2026112006") // silence is no evidence
		if _, err := c.admin.DeclareDead(t.Context(), host, "burnt"); err != nil {
			t.Fatal(err)
		}
		c.pass(31 * time.Second) // the interval of a retry
		if b := c.batch("a/2026112006"); b.State != batch.Running || b.Host != elsewhere(host) || b.InfraFailures != 1 {
			t.Errorf("got %s on %q after %d failures, want it running on the other worker", b.State, b.Host, b.InfraFailures)
		}
		c.startWorker(host) // it finds the attempt that crashed, and nobody wants to know
		c.at("2026-11-20 07:00:00")
		c.is("running", "a/2026112006")
		c.at("2026-11-20 07:00:40")
		c.is("success", "a/2026112006")
		c.starts("a", "2026-11-20 06:01:00", "2026-11-20 06:30:30")
		c.sound()
	})
}

// TestSimADeclarationReachesTheLeader is made through a master that does not lead.
func TestSimADeclarationReachesTheLeader(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.startMaster("m2")
		c.addWorker("w1")
		c.lasts(3 * time.Hour)
		c.define("a", "period: hour")
		c.at("2026-11-20 06:02:00")
		c.stopWorker("w1")
		c.machines["w1"].host.Crash()
		c.addWorker("w2")
		c.at("2026-11-20 06:10:00")
		other := &wire.Client{Base: "http://m2", Token: simAdminToken, HTTP: &http.Client{Transport: link{c.net, "admin"}}}
		if _, err := other.DeclareDead(t.Context(), "w1", "burnt"); err != nil {
			t.Fatal(err)
		}
		c.pass(45 * time.Second) // the next look at the workers, and the interval of a retry
		if b := c.batch("a/2026112006"); b.State != batch.Running || b.Host != "w2" {
			t.Errorf("got %s on %q, want it running on w2", b.State, b.Host)
		}
		c.sound()
	})
}

// TestSimTimeoutsAreToldOnce marks in time while there is a leader, and what
// was due in an outage of two days once, afterwards.
func TestSimTimeoutsAreToldOnce(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.define("late", "period: hour, thirdParties: [{code: pay, key: \"{{ work_no }}\"}], timeouts: {depend: 20, output: 30}")
		c.at("2026-11-20 08:45:00")
		if d, o := c.alerts(store.AlertDependTimeout), c.alerts(store.AlertOutputTimeout); d != 3 || o != 3 {
			t.Errorf("got %d and %d alerts for three hours, want three of each", d, o)
		}
		if n := c.number("SELECT COUNT(*) FROM capri_task_work WHERE dependTimeoutAt - dependDeadline BETWEEN 0 AND 60000 AND outputTimeoutAt - outputDeadline BETWEEN 0 AND 60000"); n != 3 {
			t.Errorf("got %d batches marked within a minute, want 3", n)
		}
		c.stopMaster("m1")
		c.at("2026-11-21 10:50:00")
		c.startMaster("m1")
		c.elect("m1")
		c.at("2026-11-21 10:52:00")
		const all = 29 // those of 26 hours more
		for range 3 {
			d, o := c.alerts(store.AlertDependTimeout), c.alerts(store.AlertOutputTimeout)
			if d != all || o != all {
				t.Errorf("got %d and %d alerts after the outage, want %d of each", d, o, all)
			}
			c.depose()
			c.elect("m1")
			c.pass(2 * time.Minute)
		}
		c.is("waiting", "late/2026112006", "late/2026112109")
		c.sound()
	})
}

// TestSimAZombieIsFound lets masters believe that an attempt runs of which its
// worker knows nothing. The next claims do not name it, so the worker is asked,
// long before the hourly repair would.
func TestSimAZombieIsFound(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define("a", "period: hour, maxRunning: 9", "long", "period: day")
		c.lasts(3 * time.Hour)
		if _, err := c.admin.RunTask(t.Context(), "long"); err != nil {
			t.Fatal(err)
		}
		c.at("2026-11-20 06:00:58")
		c.net.silence("w1", true)
		c.at("2026-11-20 06:01:05")
		b := c.batch("a/2026112006")
		if b.State != batch.Assigned || b.Host != "w1" {
			t.Fatalf("got %s on %q, want it assigned to w1", b.State, b.Host)
		}
		incarnation := c.written("SELECT incarnation FROM capri_task_work WHERE id = ?", b.ID)
		liar := &wire.WorkerClient{HTTP: &http.Client{Transport: link{c.net, "liar"}}, Token: simWorkerToken, Masters: []string{"http://m1"}}
		verdicts, err := liar.Facts(t.Context(), []wire.Fact{{Kind: wire.FactStarted, WorkID: b.ID, Attempt: b.Attempt, Host: "w1", Incarnation: incarnation}})
		if err != nil || verdicts[0] != wire.VerdictOK {
			t.Fatalf("got %v, %v, want the start taken", verdicts, err)
		}
		c.net.silence("w1", false)
		c.at("2026-11-20 06:01:25")
		c.is("running", "a/2026112006")
		c.at("2026-11-20 06:03:00")
		again := c.batch("a/2026112006")
		why := c.written("SELECT detail FROM capri_batch_event WHERE workId = ? AND move = ?", b.ID, batch.MoveUnstarted)
		if again.State != batch.Running || again.Attempt != 2 || again.InfraFailures != 0 || why != "claimed, but never began" {
			t.Errorf("got %s, attempt %d, because %q, want the second running", again.State, again.Attempt, why)
		}
		if n := len(c.book.of("long")); n != 1 {
			t.Errorf("got %d attempts of what is only long, want it left alone", n)
		}
		c.sound()
	})
}
