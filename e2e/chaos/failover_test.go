package chaos_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"capricornus/e2e/labtest"
)

var (
	kills    = flag.Int("failover.kills", 3, "how often the leader is killed in TestFailover; 200 is what we promise")
	killRate = flag.Int("failover.rate", 20, "starts per second in TestFailover")
)

// failover is one kill of a leader.
type failover struct {
	at    time.Time // of the kill
	epoch int64     // of the term after it
	seen  time.Time // when a master said that it leads that term
}

// TestFailover kills the leader by SIGKILL again and again under load: another
// leads, decides and starts what was promised; nothing is lost, nothing runs
// twice. It prints how long that took and asserts no time (make bench-failover).
func TestFailover(t *testing.T) {
	c := labtest.New(t, labtest.Options{})
	c.Start()
	c.Define(labtest.ManualTasks()...)
	load := c.StartLoad(float64(*killRate), "quick", "quick", "quick", "long", "fenced")
	var all []failover
	for range *kills {
		awaitStarts(c, 3)
		all = append(all, killLeader(c))
	}
	awaitStarts(c, 3)
	load.Stop()
	c.Quiet()
	c.Judge(load)
	report(t, c, load, all)
}

// killLeader kills the leader, waits for the next one and brings the old one
// back as a follower.
func killLeader(c *labtest.Cluster) failover {
	c.Helper()
	term := c.AwaitLeader()
	f := failover{at: time.Now()}
	term.Leader.Kill()
	next := c.AwaitTermAfter(term.Epoch)
	f.epoch, f.seen = next.Epoch, time.Now()
	term.Leader.Start()
	c.Await("all masters behind one leader", func() bool {
		for _, m := range c.Masters {
			status, err := c.Client(m).Status(c.Context())
			if err != nil || status.Leader != next.Leader.Name {
				return false
			}
		}
		return true
	})
	return f
}

// awaitStarts waits until the journal has grown by some scripts' lines.
func awaitStarts(c *labtest.Cluster, n int64) {
	c.Helper()
	const line = 60 // bytes at least
	size := func() int64 {
		info, err := os.Stat(filepath.Join(c.Dir, "journal"))
		if err != nil {
			c.Fatalf("look at the journal: %v", err)
		}
		return info.Size()
	}
	before := size()
	c.Await("scripts that start", func() bool { return size() >= before+2*n*line })
}

// assignment is what a leader decided: an attempt for a worker.
type assignment struct {
	epoch   int64
	at      time.Time
	batch   string
	attempt int
}

// assignments are all that the database knows.
func assignments(t *testing.T, c *labtest.Cluster) []assignment {
	t.Helper()
	rows, err := c.DB.RawReader().QueryContext(t.Context(), `SELECT e.epoch, e.at, t.name, w.workNo, w.type, e.attempt FROM capri_batch_event e
JOIN capri_task_work w ON w.id = e.workId JOIN capri_task t ON t.id = w.taskId WHERE e.move IN ('assign', 'reassign')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []assignment
	for rows.Next() {
		var a assignment
		var at int64
		var task, workNo string
		var run int
		if err := rows.Scan(&a.epoch, &at, &task, &workNo, &run, &a.attempt); err != nil {
			t.Fatal(err)
		}
		a.at, a.batch = time.UnixMilli(at), task+"/"+workNo+"."+strconv.Itoa(run)
		out = append(out, a)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// report prints how long each step took, over all kills.
func report(t *testing.T, c *labtest.Cluster, load *labtest.Load, all []failover) {
	t.Helper()
	type attempt struct {
		batch string
		n     int
	}
	began := map[attempt]time.Time{}
	for _, l := range c.Journal() {
		if l.Kind == labtest.Began {
			began[attempt{l.Batch, l.Attempt}] = l.At
		}
	}
	write, run := map[int64]time.Time{}, map[int64]time.Time{}
	for _, a := range assignments(t, c) {
		earliest(write, a.epoch, a.at)
		if at, ok := began[attempt{a.batch, a.attempt}]; ok {
			earliest(run, a.epoch, at)
		}
	}
	var leads, writes, runs []time.Duration
	for _, f := range all {
		leads = append(leads, f.seen.Sub(f.at))
		if write[f.epoch].IsZero() || run[f.epoch].IsZero() {
			t.Errorf("got no decision, or no run, of the term with epoch %d after a kill, want both", f.epoch)
			continue
		}
		writes, runs = append(writes, write[f.epoch].Sub(f.at)), append(runs, run[f.epoch].Sub(f.at))
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%d leaders killed by SIGKILL under %d starts/s; %d starts accepted, %d scripts started\n", len(all), *killRate, len(load.Promised()), len(began))
	fmt.Fprintf(&text, "  %-42s %8s %8s %8s\n", "from the kill until", "p50", "p99", "max")
	for _, row := range []struct {
		what  string
		times []time.Duration
	}{{"another master says it leads", leads}, {"its first decision is in the database", writes}, {"the first script it has assigned starts", runs}} {
		fmt.Fprintf(&text, "  %-42s %8s %8s %8s\n", row.what, quantile(row.times, 0.5), quantile(row.times, 0.99), quantile(row.times, 1))
	}
	t.Log(text.String())
}

func earliest(m map[int64]time.Time, epoch int64, at time.Time) {
	if had, ok := m[epoch]; !ok || at.Before(had) {
		m[epoch] = at
	}
}

// quantile is the value below which a share of all are, to the millisecond.
func quantile(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(int(share*float64(len(all))), len(all)-1)].Round(time.Millisecond)
}
