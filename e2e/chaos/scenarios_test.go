package chaos_test

import (
	"flag"
	"testing"
	"time"

	"capricornus/e2e/labtest"
)

var chaosLong = flag.Bool("chaos.long", false, "run the scenarios that take long as well")

// broken is a cluster under load whose leader is about to be broken.
type broken struct {
	*labtest.Cluster
	load   *labtest.Load
	leader *labtest.Process
	others []string // the other masters
	epoch  int64    // of the leader's term
}

// underLoad makes a cluster that works.
func underLoad(t *testing.T, o labtest.Options, prepare ...func(*labtest.Cluster)) *broken {
	t.Helper()
	t.Parallel()
	o.Network = labtest.NewNetwork(t)
	c := labtest.New(t, o)
	for _, p := range prepare {
		p(c)
	}
	c.Start()
	c.Define(append(labtest.ManualTasks(), labtest.TimedTasks()...)...)
	load := c.StartLoad(8)
	c.Await("some promises", func() bool { return len(load.Promised()) > 8 })
	term := c.AwaitLeader()
	return &broken{Cluster: c, load: load, leader: term.Leader, others: labtest.Names(c.Others(term.Leader)...), epoch: term.Epoch}
}

// successor waits until another master leads and says how long that took.
func (b *broken) successor() *labtest.Process {
	b.Helper()
	began := time.Now()
	next := b.AwaitTermAfter(b.epoch)
	b.Logf("%s leads %s after the fault", next.Leader.Name, time.Since(began).Round(10*time.Millisecond))
	if next.Leader == b.leader {
		b.Errorf("got %s leading again, want another master", next.Leader.Name)
	}
	return next.Leader
}

// soundAfter holds that everything is well when all is mended.
func (b *broken) soundAfter() {
	b.Helper()
	b.AwaitLeader()
	b.load.Stop()
	b.Quiet()
	b.Judge(b.load)
}

// The old leader still reaches database and workers: only the fence keeps it
// from going on as if nothing had happened.
func TestLeaderCutFromTheOtherMasters(t *testing.T) {
	b := underLoad(t, labtest.Options{})
	b.Cut(b.leader.Name, b.others...)
	b.successor()
	hold(b.Cluster, 2*time.Second) // both are there
	b.Heal()
	b.soundAfter()
}

// A leader without its database gives leadership away and does not get it back
// while it is cut off: terms do not go to and fro.
func TestLeaderCutFromTheDatabaseAlone(t *testing.T) {
	b := underLoad(t, labtest.Options{})
	b.Cut(b.leader.Name, "db")
	next := b.successor()
	before := len(b.Terms())
	hold(b.Cluster, 8*time.Second)
	if after := b.Terms()[before:]; len(after) > 0 {
		b.Errorf("got %d more terms while %s is cut off, want %s to lead on: %+v", len(after), b.leader.Name, next.Name, after)
	}
	b.Heal()
	b.soundAfter()
}

// Packets pass in one direction only.
func TestOneWayCuts(t *testing.T) {
	labtest.LongForm(t, *chaosLong)
	b := underLoad(t, labtest.Options{})
	b.CutOneWay(b.leader.Name, b.others...)
	b.successor()
	b.Heal()
	term := b.AwaitLeader()
	for _, m := range b.Others(term.Leader) {
		b.CutOneWay(m.Name, term.Leader.Name)
	}
	hold(b.Cluster, 3*time.Second)
	b.Heal()
	b.soundAfter()
}

// A disk that hangs lets a leader neither go on nor give up in order: it ends
// itself, so that it does not lead on with what it cannot keep.
func TestLeaderWithAFrozenRaftDiskEndsItself(t *testing.T) {
	b := underLoad(t, labtest.Options{RaftDisk: 64})
	disk := b.RaftDisk(b.leader)
	disk.Freeze()
	b.successor()
	b.Await("the end of "+b.leader.Name, b.leader.Gone)
	disk.Thaw()
	b.leader.Ended()
	b.leader.Start()
	b.soundAfter()
}

// A full disk of raft's ends one master, not the cluster.
func TestLeaderWithAFullRaftDisk(t *testing.T) {
	labtest.LongForm(t, *chaosLong)
	b := underLoad(t, labtest.Options{RaftDisk: 64, Restart: true})
	disk := b.RaftDisk(b.leader)
	disk.Fill()
	b.leader.Kill()
	b.leader.Start()
	b.successor()
	hold(b.Cluster, 2*time.Second)
	disk.Drain()
	b.soundAfter()
}

func TestDatabaseFrozenForLong(t *testing.T) {
	labtest.LongForm(t, *chaosLong)
	b := underLoad(t, labtest.Options{Restart: true})
	b.Server.Pause()
	hold(b.Cluster, 15*time.Second)
	b.Server.Resume()
	b.soundAfter()
}

func TestDatabaseDiskFull(t *testing.T) {
	labtest.LongForm(t, *chaosLong)
	b := underLoad(t, labtest.Options{DatabaseDisk: 400, Restart: true})
	disk := b.DatabaseDisk()
	disk.Fill()
	hold(b.Cluster, 10*time.Second)
	disk.Drain()
	b.Server.Start() // it may have ended itself
	b.soundAfter()
}

// Clocks of masters and workers are wrong by minutes. Everything goes by the
// database's, whoever leads.
func TestClocksAreWrong(t *testing.T) {
	labtest.LongForm(t, *chaosLong)
	binary, err := labtest.BuildEdited(t.Context(), t.TempDir(), labtest.ClockEdits()...)
	if err != nil {
		t.Fatal(err)
	}
	b := underLoad(t, labtest.Options{Binary: binary}, func(c *labtest.Cluster) {
		for i, seconds := range []string{"600", "-600", "7200"} {
			c.Masters[i].SetEnv(labtest.ClockVariable + "=" + seconds)
		}
		c.Workers[0].SetEnv(labtest.ClockVariable + "=420")
		c.Workers[1].SetEnv(labtest.ClockVariable + "=-3600")
	})
	for range 3 {
		term := b.AwaitLeader()
		term.Leader.Kill()
		b.AwaitTermAfter(term.Epoch)
		hold(b.Cluster, 3*time.Second) // the clock's tasks come every three
		term.Leader.Start()
	}
	b.soundAfter()
}
