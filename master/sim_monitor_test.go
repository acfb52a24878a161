package master_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"capricornus/common/wire"
	"capricornus/master/watch"
)

// TestSimTheMonitorIsQuietUntilSomethingIsMissing runs two masters and a worker
// through a quiet time, loses each and changes the leader in between.
func TestSimTheMonitorIsQuietUntilSomethingIsMissing(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		told := func(kind, level string) int {
			return c.number("SELECT COUNT(*) FROM capri_alert WHERE kind = ? AND level = ?", kind, level)
		}
		open := func(want int) {
			t.Helper()
			if n := c.number("SELECT COUNT(*) FROM capri_monitor_state"); n != want {
				t.Errorf("got %d open conditions, want %d: %s", n, want, c.written("SELECT COALESCE(MAX(text), '') FROM capri_alert"))
			}
		}
		c.startMaster("m2")
		c.addWorker("w1")
		c.define("f", "period: hour")
		c.pass(20 * time.Minute)
		c.depose()
		c.pass(time.Minute)
		c.elect("m2")
		c.pass(20 * time.Minute)
		if n := c.number("SELECT COUNT(*) FROM capri_alert"); n != 0 {
			t.Errorf("got %d alerts in a quiet cluster, want none", n)
		}

		c.stopMaster("m1")
		c.net.silence("w1", true)
		c.pass(2 * time.Minute)
		open(2)
		c.depose()
		c.startMaster("m1")
		c.elect("m1")
		c.pass(20 * time.Second)
		open(2) // the new leader cannot tell yet
		c.pass(2 * time.Minute)
		open(1)
		c.net.silence("w1", false)
		c.pass(2 * time.Minute)
		open(0)
		for _, kind := range []string{watch.KindMasters, watch.KindWorkers} {
			if told(kind, "critical") != 1 || told(kind, "notice") != 1 || told(kind, "important") != 0 {
				t.Errorf("got %d critical alerts %s and %d notices, want one of each", told(kind, "critical"), kind, told(kind, "notice"))
			}
		}
		c.sound()
	})
}

// TestSimAPassThatAlwaysFailsIsTold takes away a table that one duty alone needs
// in a quiet cluster: it is tried all the time and never does its work.
func TestSimAPassThatAlwaysFailsIsTold(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		old := func(want int) {
			t.Helper()
			if n := c.number("SELECT COUNT(*) FROM capri_alert WHERE kind = ? AND object = 'depend' AND level = 'critical'", watch.KindPassOld); n != want {
				t.Errorf("at %s got %d alerts, want %d", time.Now().In(c.zone).Format(time.DateTime), n, want)
			}
		}
		c.pass(2 * time.Minute)
		c.change("ALTER TABLE capri_tthird_data RENAME TO capri_tthird_hidden")
		c.pass(9 * time.Minute)
		old(0)
		c.pass(2 * time.Minute)
		old(1)
		if text := c.written("SELECT text FROM capri_alert WHERE kind = ?", watch.KindPassOld); !strings.Contains(text, "no such table") {
			t.Errorf("got %q, want the error of the last one", text)
		}
		c.change("ALTER TABLE capri_tthird_hidden RENAME TO capri_tthird_data")
		c.pass(2 * time.Minute)
		if n := c.number("SELECT COUNT(*) FROM capri_monitor_state"); n != 0 {
			t.Errorf("got %d open conditions, want none once it works again", n)
		}
		c.sound()
	})
}

// TestSimTheCanaryIsMissedWhileWorkersAreOff applies the sample, lets it sing for
// an hour, switches all workers off for half an hour, and on again.
func TestSimTheCanaryIsMissedWhileWorkersAreOff(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile("../conf/canary.yaml")
	if err != nil {
		t.Fatal(err)
	}
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		told := func(want string) {
			t.Helper()
			got := strings.Join(c.column("SELECT level FROM capri_alert WHERE kind = ? ORDER BY id", watch.KindCanary), " ")
			if got != want {
				t.Errorf("at %s got %q told, want %q", time.Now().In(c.zone).Format(time.DateTime), got, want)
			}
		}
		c.addWorker("w1")
		c.lasts(time.Second)
		reply, err := c.admin.Apply(t.Context(), wire.ApplyRequest{Files: []wire.File{{Name: "canary.yaml", Text: string(sample)}}})
		c.must(err)
		if !reply.Applied {
			t.Fatalf("got findings %v of the sample", reply.Findings)
		}
		c.pass(time.Hour)
		told("")
		cluster, err := c.admin.Cluster(t.Context())
		c.must(err)
		if cluster.Canary == nil || cluster.Canary.Task != "capri_canary" || cluster.Canary.Level != "" {
			t.Errorf("got %+v shown, want it in time", cluster.Canary)
		}
		c.change("UPDATE capri_schedul_cluster SET isStop = 1")
		c.pass(9 * time.Minute)
		told("")
		c.pass(8 * time.Minute)
		told("important")
		cluster, err = c.admin.Cluster(t.Context())
		c.must(err)
		if cluster.Canary == nil || cluster.Canary.Level != "important" || !strings.Contains(cluster.Canary.Text, "it waits: ") {
			t.Errorf("got %+v shown, want it late, and waiting for a worker", cluster.Canary)
		}
		c.pass(12 * time.Minute)
		told("important critical")
		c.change("UPDATE capri_schedul_cluster SET isStop = 0")
		c.pass(2 * time.Minute)
		told("important critical notice")
		c.pass(time.Hour)
		told("important critical notice")
		c.sound()
	})
}
