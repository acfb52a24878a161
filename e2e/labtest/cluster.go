package labtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// Options say what a cluster is made of.
type Options struct {
	Masters int      // that elect; 0: 3
	Workers int      // 0: 3
	Slots   int      // attempts at the same time on each worker; 0: 16
	Network *Network // a host of its own for every process; nil: all on the loopback
	Binary  string   // of capri; empty: what Main or Build has built
	Env     []string // more variables of all processes, NAME=value

	// Restart starts a process that has ended by itself again a second later, as
	// systemd does: a master that finds no database when it starts ends, for example.
	Restart bool

	Patience time.Duration // how long a condition may take before the test fails; 0: 90 s

	DatabaseDisk int // MiB of a file system of its own for MariaDB; 0: a directory
	RaftDisk     int // MiB of a file system of its own for each master's raft directory; 0: a directory
}

// Cluster is a whole installation. Its methods fail the test when something
// does not go as it must; they are not safe for concurrent use unless they say so.
type Cluster struct {
	T
	Dir     string // everything of the cluster is below
	Masters []*Process
	Workers []*Process
	Server  *MariaDB
	DB      *store.DB // for looking at it from outside, from a host that is never cut off

	options   Options
	network   *Network
	hosts     map[string]host
	disks     map[string]*Disk // by name: db, m1 …
	events    *events
	admin     string // token
	calls     *caller
	watch     *watcher
	restarter *restarter // nil: without Options.Restart
	tasks     []Task
	quietAt   time.Time // database time of the last call of Quiet
	dumped    string    // directory with what explains a failure
}

// host is where a process lives.
type host struct {
	name    string // m1, w1, db
	address string // IP
	netns   string // file of its network namespace; empty: the loopback
}

// New makes a cluster's directory, database and configuration. Nothing of
// Capricornus runs yet; MariaDB does.
func New(t T, o Options) *Cluster {
	t.Helper()
	o.Masters, o.Workers, o.Slots = or(o.Masters, 3), or(o.Workers, 3), or(o.Slots, 16)
	if o.Patience <= 0 {
		o.Patience = patience
	}
	if o.Binary == "" {
		o.Binary = os.Getenv(binaryVariable)
	}
	if o.Binary == "" {
		t.Fatalf("there is no binary: call labtest.Main from TestMain, or labtest.Build and Options.Binary")
	}
	c := &Cluster{T: t, options: o, network: o.Network, hosts: map[string]host{}, disks: map[string]*Disk{}, Dir: newDir(t)}
	c.events = newEvents(filepath.Join(c.Dir, "events"))
	t.Cleanup(c.clear)
	c.Server = newMariaDB(c)
	for i := range o.Masters {
		c.Masters = append(c.Masters, newProcess(c, Master, fmt.Sprintf("m%d", i+1)))
	}
	for i := range o.Workers {
		c.Workers = append(c.Workers, newProcess(c, Worker, fmt.Sprintf("w%d", i+1)))
	}
	c.configure()
	c.calls = newCaller(c)
	c.watch = newWatcher(c)
	return c
}

func or(n, other int) int {
	if n > 0 {
		return n
	}
	return other
}

// newDir makes a directory that scripts of other accounts can reach.
func newDir(t T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "capri-lab-")
	if err != nil {
		t.Fatalf("make the cluster's directory: %v", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // scripts run as nobody
		t.Fatalf("open the cluster's directory: %v", err)
	}
	return dir
}

func (c *Cluster) path(parts ...string) string {
	return filepath.Join(append([]string{c.Dir}, parts...)...)
}

func (c *Cluster) write(name, text string, mode os.FileMode) {
	c.Helper()
	name = c.path(name)
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		c.Fatalf("write %s: %v", name, err)
	}
	if err := os.Chmod(name, mode); err != nil { // whatever the umask is
		c.Fatalf("set the mode of %s: %v", name, err)
	}
}

// place gives a process a host: one of the network's, or the loopback.
func (c *Cluster) place(name string) host {
	c.Helper()
	h := host{name: name, address: "127.0.0.1"}
	if c.network != nil {
		h = c.network.add(c.T, name)
	}
	c.hosts[name] = h
	return h
}

// port is a free one on the loopback; hosts of their own have the usual ones.
func (c *Cluster) port(h host, usual int) int {
	c.Helper()
	if h.netns != "" {
		return usual
	}
	return FreePort(c.T)
}

// configure writes what the processes are told, makes the schema and keeps the
// tokens that this prints once.
func (c *Cluster) configure() {
	c.Helper()
	c.write("journal", "", 0o666) // scripts run as nobody
	c.write("dsn", c.Server.DSN+"\n", 0o600)
	var peers, urls []string
	for _, m := range c.Masters {
		m.Address = fmt.Sprintf("%s:%d", m.host.address, c.port(m.host, 8080))
		m.raft = fmt.Sprintf("%s:%d", m.host.address, c.port(m.host, 7400))
		peers, urls = append(peers, fmt.Sprintf("%s: %q", m.Name, m.raft)), append(urls, fmt.Sprintf("%q", "http://"+m.Address))
	}
	for _, m := range c.Masters {
		dir := c.path("raft-" + m.Name)
		if c.options.RaftDisk > 0 {
			c.disks[m.Name] = newDisk(c, "raft-"+m.Name, c.options.RaftDisk)
			dir = filepath.Join(dir, "data")
		}
		c.write(m.Name+".yaml", fmt.Sprintf("node: %s\nlisten: %s\nadvertise: http://%s\ndatabase: {driver: mysql, dsn_file: %s}\nraft: {listen: %q, dir: %s, peers: {%s}}\ntimezone: UTC\nmetrics: {listen: \"\"}\n",
			m.Name, m.Address, m.Address, c.path("dsn"), m.raft, dir, strings.Join(peers, ", ")), 0o600)
	}
	for _, w := range c.Workers {
		w.Address = fmt.Sprintf("%s:%d", w.host.address, c.port(w.host, 7410))
		c.write(w.Name+".yaml", fmt.Sprintf("host: %s\nmasters: [%s]\ntoken_file: %s\nroot: %s\nlisten: %s\nadvertise: http://%s\nslots: %d\nmetrics: {listen: \"\"}\nlimits: {load: 0, free_memory: 0, free_disk: 0}\n%s%s",
			w.Name, strings.Join(urls, ", "), c.path("worker.token"), c.path("work-"+w.Name), w.Address, w.Address, c.options.Slots, account(), times), 0o600)
	}
	c.migrate()
}

// times let a test see within seconds what takes minutes by default. The lease
// is longer than any fault lasts, unless a test wants it otherwise.
const times = "times: {heartbeat: 500ms, check_interval: 3s, lease: 30s, grace: 2s}\n"

// account is what a worker's configuration says about accounts: one that is
// root runs nothing as root.
func account() string {
	if os.Geteuid() != 0 {
		return ""
	}
	return "accounts: [nobody]\naccount: nobody\n"
}

func (c *Cluster) migrate() {
	c.Helper()
	code, out, talk := c.command("migrate", "up", "--config", c.path("m1.yaml"))
	if code != 0 {
		c.Fatalf("capri migrate up: exit code %d\n%s%s", code, out, talk)
	}
	c.admin = c.printedToken(talk, "administrator")
	c.write("worker.token", c.printedToken(talk, "workers")+"\n", 0o600)
	db, err := store.Open(context.WithoutCancel(c.Context()), store.Config{Driver: storetest.MySQL, DSN: c.Server.DSN})
	if err != nil {
		c.Fatalf("open the cluster's database: %v", err)
	}
	c.DB = db
}

// printedToken finds a token in what `migrate up` tells once.
func (c *Cluster) printedToken(talk, whose string) string {
	c.Helper()
	words := strings.Fields(talk)
	for i, word := range words {
		if word == whose && i+1 < len(words) && strings.HasPrefix(words[i+1], "capri_") {
			return words[i+1]
		}
	}
	c.Fatalf("got\n%s\nwant the token of %s in it", talk, whose)
	return ""
}

// Start starts all masters at the same moment and all workers, and waits until
// one leads and every worker with its keeper is known.
func (c *Cluster) Start() {
	c.Helper()
	for _, p := range append(append([]*Process{}, c.Masters...), c.Workers...) {
		p.Start()
	}
	if c.options.Restart {
		c.restarter = newRestarter(c)
	}
	c.AwaitLeader()
	c.AwaitWorkers()
}

// Event notes something in the cluster's event log, with the time. It is safe
// for concurrent use.
func (c *Cluster) Event(format string, args ...any) {
	c.events.add(fmt.Sprintf(format, args...))
}

// Await waits until a condition holds, and fails the test with a full
// description of the cluster when it does not in time.
func (c *Cluster) Await(what string, holds func() bool) {
	c.Helper()
	if until(c.options.Patience, holds) {
		return
	}
	c.Fatalf("waited %s for %s; see %s", c.options.Patience, what, c.Dump())
}

// clear ends everything that the cluster has started and removes what is left.
func (c *Cluster) clear() {
	c.Helper()
	if c.Failed() {
		c.Logf("the cluster's events, journal and logs are in %s", c.Dump())
	}
	if c.restarter != nil {
		c.restarter.end()
	}
	if c.watch != nil {
		c.watch.end()
	}
	for _, d := range c.disks {
		d.Thaw()
	}
	if c.DB != nil {
		_ = c.DB.Close()
	}
	if c.calls != nil {
		c.calls.close()
	}
	for _, p := range append(append([]*Process{}, c.Masters...), c.Workers...) {
		p.end()
	}
	if !until(patience, func() bool { return endProcessesOf(c.Dir) == 0 }) {
		c.Errorf("processes of %s do not end", c.Dir)
	}
	for _, d := range c.disks {
		d.unmount()
	}
	if c.network != nil {
		c.network.remove(c.hosts)
	}
	if err := os.RemoveAll(c.Dir); err != nil {
		c.Errorf("remove the cluster's directory: %v", err)
	}
}
