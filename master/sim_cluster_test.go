package master_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/master"
	"capricornus/master/api"
	"capricornus/master/election"
	"capricornus/master/election/electiontest"
	"capricornus/master/notice/channel"
)

const (
	simAdminToken  = "the-administrators-token-of-the-simulation"
	simWorkerToken = "the-workers-token-of-the-simulation"
)

// setup says how a simulated cluster begins.
type setup struct {
	zone  string    // default UTC
	begin time.Time // default 2026-11-20 06:00 in the zone
	// stretch is that of the masters; workers beat and poll as much less often.
	stretch int
	loud    bool // show what masters and workers log
	// engine is the database's, default SQLite. Calls of MariaDB are real and
	// cost no virtual time.
	engine string
	faults *storetest.Faults // what befalls statements; nil: nothing

	heartbeat master.Heartbeat
	senders   channel.Senders
}

// cluster is a whole cluster in one bubble: masters with scripted terms over
// SQLite, workers with a fake runner, and no socket or process anywhere.
type cluster struct {
	t        *testing.T
	dir      string
	zone     *time.Location
	db       *store.DB
	terms    *electiontest.Scripted
	net      *network
	nodes    map[string]*node
	machines map[string]*machine
	book     *journal
	quality  *qualityService
	far      *far
	started  int // masters, in all
	admin    *wire.Client
	stretch  int
	log      *slog.Logger
	reigns   reigns
	ends     endings
	members  api.Members   // nil: each master thinks it is alone
	bye      chan struct{} // closed as the cluster goes
	beat     master.Heartbeat
	senders  channel.Senders
}

// simulate runs a test with a cluster in virtual time. It has one master, m1,
// which leads, and no worker yet.
func simulate(t *testing.T, s setup, run func(t *testing.T, c *cluster)) {
	t.Helper()
	dir := t.TempDir()
	if s.engine == "" {
		s.engine = storetest.SQLite
	}
	at := storetest.Fresh(t, s.engine)
	if s.faults != nil {
		at.Wrap = s.faults.Wrap
	}
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, dir, at, s)
		defer c.close()
		c.startMaster("m1")
		c.elect("m1")
		run(t, c)
	})
}

func newCluster(t *testing.T, dir string, at store.Config, s setup) *cluster {
	t.Helper()
	if s.zone == "" {
		s.zone = "UTC"
	}
	zone, err := time.LoadLocation(s.zone)
	if err != nil {
		t.Fatal(err)
	}
	if s.begin.IsZero() {
		s.begin = time.Date(2026, 11, 20, 6, 0, 0, 0, zone)
	}
	<-time.After(time.Until(s.begin))
	db, err := store.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(t.Context(), s.zone); err != nil {
		t.Fatal(err)
	}
	c := &cluster{
		t: t, dir: dir, zone: zone, db: db, net: newNetwork(), nodes: map[string]*node{}, machines: map[string]*machine{},
		terms: electiontest.NewScripted(master.Claimer{DB: db}), book: newJournal(), quality: newQualityService(), far: &far{}, stretch: max(s.stretch, 1), log: slog.New(slog.DiscardHandler), bye: make(chan struct{}), beat: s.heartbeat, senders: s.senders,
	}
	if s.loud {
		c.log = logs.New(t.Output(), nil)
	}
	c.net.lag = time.Duration(c.stretch) * 250 * time.Millisecond
	if c.stretch > 1 {
		go c.tickTimeouts()
	}
	go c.watchTerms()
	c.credentials()
	c.admin = &wire.Client{Base: "http://m1", Token: simAdminToken, HTTP: &http.Client{Transport: link{c.net, "admin"}}}
	return c
}

// close stops everything; a bubble must be empty when it ends.
func (c *cluster) close() {
	for name := range c.machines {
		c.stopWorker(name)
		c.machines[name].relieve()
		c.machines[name].host.Crash()
	}
	for name := range c.nodes {
		c.stopMaster(name)
	}
	close(c.bye)
	synctest.Wait()
	if closed := c.far.closings(); closed != c.started {
		c.t.Errorf("%d masters let go of their file systems %d times, want each once", c.started, closed)
	}
	if err := c.db.Close(); err != nil {
		c.t.Errorf("close the database: %v", err)
	}
}

func (c *cluster) credentials() {
	c.t.Helper()
	ctx := c.t.Context()
	ids, err := c.db.IDs(ctx, 2)
	c.must(err)
	c.operate(func(ctx context.Context, o *store.OperateTx) error {
		users, err := o.Users(ctx)
		if err != nil {
			return err
		}
		for i, k := range []struct{ secret, role string }{{simAdminToken, "superadmin"}, {simWorkerToken, "worker"}} {
			token := store.Token{ID: ids[i], Hash: wire.TokenHash(k.secret), Name: k.role, UserID: users[0].ID, Role: k.role}
			if err := o.PutToken(ctx, token); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *cluster) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// operate writes what people do and no call of the API does yet.
func (c *cluster) operate(fn func(ctx context.Context, o *store.OperateTx) error) {
	c.t.Helper()
	ctx := c.t.Context()
	c.must(c.db.Operate(ctx, store.Actor{Kind: "person", ID: "admin"}, func(o *store.OperateTx) error { return fn(ctx, o) }))
}

func (c *cluster) view(fn func(ctx context.Context, v *store.ViewTx) error) {
	c.t.Helper()
	ctx := c.t.Context()
	c.must(c.db.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) }))
}

// pass lets virtual time go by.
func (c *cluster) pass(length time.Duration) {
	<-time.After(length)
	synctest.Wait()
}

// node is one master.
type node struct {
	master *master.Master
	cancel context.CancelFunc
	done   chan error
}

// startMaster starts a master, which does not lead yet.
func (c *cluster) startMaster(name string) {
	c.t.Helper()
	m, err := master.New(c.t.Context(), master.Config{
		Node: name, Version: "sim", Advertise: "http://" + name, OwnClock: true, Stretch: c.stretch, Members: c.members, Peers: link{c.net, name},
		QualityURL: "http://quality", QualityNet: c.quality, Paths: c.paths(), Heartbeat: c.beat, Senders: c.senders,
	}, c.db, causes{c.terms.Seat(name, "http://"+name), &c.ends}, c.log.With(logs.Node, name))
	c.must(err)
	ctx, cancel := context.WithCancel(c.t.Context())
	n := &node{master: m, cancel: cancel, done: make(chan error, 1)}
	c.nodes[name] = n
	c.started++
	go func() { n.done <- m.Run(ctx) }()
	c.net.serve(name, m.Handler())
}

// paths looks at the paths there are.
func (c *cluster) paths() *datapath.Checker {
	return datapath.New(datapath.Options{HDFS: c.far})
}

// stopMaster ends a master: calls under way are not answered any more.
func (c *cluster) stopMaster(name string) {
	c.t.Helper()
	n := c.nodes[name]
	if n == nil {
		return
	}
	delete(c.nodes, name)
	c.net.serve(name, nil)
	n.cancel()
	if err := <-n.done; err != nil {
		c.t.Errorf("master %s ended with %v", name, err)
	}
}

func (c *cluster) elect(name string) {
	c.t.Helper()
	c.must(c.terms.Elect(name))
	synctest.Wait()
}

func (c *cluster) depose() { c.terms.End(election.ErrLost) }

// hold writes a hold on an object, until an instant or, with 0, for good.
func (c *cluster) hold(kind string, id, until int64) {
	c.t.Helper()
	ids, err := c.db.IDs(c.t.Context(), 1)
	c.must(err)
	c.operate(func(ctx context.Context, o *store.OperateTx) error {
		return o.PutHold(ctx, store.Hold{ID: ids[0], Kind: kind, ObjectID: id, Actor: "admin", Reason: "test", Source: "person", Until: until})
	})
}

func (c *cluster) releaseAll(kind string, id int64) {
	c.t.Helper()
	c.operate(func(ctx context.Context, o *store.OperateTx) error {
		_, err := o.ReleaseHolds(ctx, kind, id)
		return err
	})
}

func (c *cluster) setting(key, value string) {
	c.t.Helper()
	c.operate(func(ctx context.Context, o *store.OperateTx) error { return o.PutSetting(ctx, key, value) })
}

// objectID is the id of a task or a project.
func (c *cluster) objectID(kind, name string) int64 {
	c.t.Helper()
	table := "capri_task"
	if kind == store.HoldProject {
		table = "capri_project"
	}
	var id int64
	c.must(c.db.Raw().QueryRowContext(c.t.Context(), "SELECT id FROM "+table+" WHERE name = ?", name).Scan(&id))
	return id
}
