package hdfs_test

import (
	"testing"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/datapath/hdfs"
	"capricornus/common/datapath/hdfstest"
)

// deadline is that of all lookers: long enough for a busy machine.
const deadline = 5 * time.Second

// looker is a checker and the news of its file system.
type looker struct {
	*datapath.Checker
	news chan struct{}
}

func newLooker(t *testing.T, cfg hdfs.Config) *looker {
	t.Helper()
	cfg.Timeout, cfg.Clients = deadline, 4
	checker, err := hdfs.NewChecker(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := &looker{Checker: checker, news: make(chan struct{}, 100)}
	checker.OnChange(func() { l.news <- struct{}{} })
	t.Cleanup(func() {
		if err := checker.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

// ready wants all paths to be ready.
func (l *looker) ready(t *testing.T, when string, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if met, err := l.Ready(t.Context(), path, ""); !met || err != nil {
			t.Errorf("%s: got ready %t, error %v of %s; want it ready", when, met, err, path)
		}
	}
}

// away wants a path to be unknown because nobody answers.
func (l *looker) away(t *testing.T, when, path string) {
	t.Helper()
	if met, err := l.Ready(t.Context(), path, ""); met || !datapath.Unavailable(err) {
		t.Errorf("%s: got ready %t, error %v; want that the file system does not answer", when, met, err)
	}
	if health := l.Health(); len(health) != 1 || !health[0].Down {
		t.Errorf("%s: got %+v, want one file system, down", when, health)
	}
}

// comesBack waits until the file system is up.
func (l *looker) comesBack(t *testing.T) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for l.Health()[0].Down {
		select {
		case <-l.news:
		case <-limit:
			t.Fatalf("got %+v after 30 s, want the file system up", l.Health())
		}
	}
}

// settles waits out the safe mode of a namenode that has become active soon after
// its start.
func (l *looker) settles(t *testing.T) {
	t.Helper()
	if _, err := l.Ready(t.Context(), "hdfs:///in", ""); datapath.Unavailable(err) {
		l.comesBack(t)
	}
}

// TestHAFailover goes from one namenode to the other and back: on purpose, after
// the active one was killed, and while it hangs.
func TestHAFailover(t *testing.T) {
	t.Parallel()
	c := hdfstest.Start(t, hdfstest.HA)
	c.Touch(t, "/in/_SUCCESS")
	l := newLooker(t, hdfs.Config{Namenodes: c.Namenodes(), Nameservice: "dev"})
	everyName := []string{"hdfs:///in", "hdfs://dev/in", "hdfs://" + c.Namenodes()[0] + "/in", "hdfs://" + c.Namenodes()[1] + "/in"}
	l.ready(t, "the first active", everyName...)

	c.Failover(t)
	l.settles(t)
	l.ready(t, "after a failover on purpose", everyName...)

	c.Namenode(t, "kill", 2)
	l.away(t, "the active killed, the other on standby", "hdfs:///in")
	c.Failover(t)
	l.comesBack(t)
	l.ready(t, "after the failover from a killed one", everyName...)

	c.Namenode(t, "start", 2)
	c.Namenode(t, "pause", 1)
	l.away(t, "the active hangs, the other on standby", "hdfs:///in")
	c.Failover(t)
	l.comesBack(t)
	l.ready(t, "after the failover from a hung one", everyName...)
	l.ready(t, "while a namenode hangs that is not active", "hdfs:///in")
}
