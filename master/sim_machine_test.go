package master_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker"
	"capricornus/worker/run"
	"capricornus/worker/run/runtest"
)

// machine is a host: its processes and its disk outlive the workers on it.
type machine struct {
	name string
	root string
	host *runtest.Runner

	mu     sync.Mutex
	vitals wire.Vitals
	change func(*worker.Config)

	cancel context.CancelFunc // of the worker that runs; nil when none does
	done   chan error
	heard  time.Time     // when a master answered a heartbeat last
	lease  time.Duration // of its workers
	wiped  bool
	gone   chan struct{} // closed when the stand-in for the worker is to go; nil: none stands in
}

// addWorker makes a machine and starts a worker on it.
func (c *cluster) addWorker(name string, change ...func(*worker.Config)) {
	c.t.Helper()
	m := &machine{
		name: name, root: filepath.Join(c.dir, "machines", name),
		vitals: wire.Vitals{Memory: 64 << 30, FreeMemory: 64 << 30, FreeDisk: 1 << 40},
		change: func(cfg *worker.Config) {
			for _, f := range change {
				f(cfg)
			}
		},
	}
	m.host = c.book.runner(name)
	c.machines[name] = m
	c.startWorker(name)
}

// startWorker starts a worker on a machine that has none.
func (c *cluster) startWorker(name string) {
	c.t.Helper()
	m := c.machines[name]
	if m.cancel != nil {
		return
	}
	m.relieve()
	cfg := worker.Default()
	cfg.Host, cfg.Token, cfg.Root, cfg.ListenLogs = name, simWorkerToken, m.root, ""
	cfg.Masters = []string{"http://m1", "http://m2"}
	cfg.Slots = 4
	stretched := func(d time.Duration) time.Duration { return d * time.Duration(c.stretch) }
	cfg.Heartbeat, cfg.CheckInterval = stretched(cfg.Heartbeat), stretched(cfg.CheckInterval)
	cfg.Lease, cfg.LongPoll, cfg.Sample = max(cfg.Lease, 2*cfg.CheckInterval), stretched(cfg.LongPoll), time.Hour
	m.change(&cfg)
	m.lease = cfg.Lease
	w, err := worker.New(cfg, worker.Deps{
		Log: c.log.With(logs.Worker, name), Launcher: m.host, Vitals: m.measure, Paths: c.paths(),
		HTTP: &http.Client{Transport: listening{link{c.net, name}, m}},
	})
	c.must(err)
	ctx, cancel := context.WithCancel(c.t.Context())
	m.cancel, m.done = cancel, make(chan error, 1)
	go func() { m.done <- w.Run(ctx) }()
}

// stopWorker stops the worker; what runs on the machine goes on.
func (c *cluster) stopWorker(name string) {
	c.t.Helper()
	m := c.machines[name]
	if m.cancel == nil {
		return
	}
	m.cancel()
	if err := <-m.done; err != nil && !m.mayFail(err) {
		c.t.Errorf("worker %s ended with %v", name, err)
	}
	m.cancel = nil
	m.gone = make(chan struct{})
	go m.standIn(m.gone, m.lease)
}

// mayFail: with a new root on the same host a worker is refused as long as the
// masters think that the old one lives (exactly.md 32).
func (m *machine) mayFail(err error) bool { return m.wiped && fault.CodeOf(err) == fault.Conflict }

// revive starts a worker again that was refused, as a service manager does.
func (c *cluster) revive(name string) {
	c.t.Helper()
	m := c.machines[name]
	if m.cancel == nil || len(m.done) == 0 {
		return
	}
	c.stopWorker(name)
	c.startWorker(name)
}

// standIn is what the keeper of a machine does about leases while no worker
// runs on it: attempts of fence tasks do not outlive them.
func (m *machine) standIn(gone <-chan struct{}, lease time.Duration) {
	select {
	case <-gone:
	case <-time.After(time.Until(m.lastHeard().Add(lease))):
		m.host.Kill(func(s run.Spec) bool { return s.OnWorkerLost == "fence" })
	}
}

// relieve ends the keeper's standing in.
func (m *machine) relieve() {
	if m.gone != nil {
		close(m.gone)
		m.gone = nil
	}
}

func (m *machine) hears(sent time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard = sent
}

func (m *machine) lastHeard() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.heard
}

// wipe takes a machine's disk away, with everything on it.
func (c *cluster) wipe(name string) {
	c.t.Helper()
	m := c.machines[name]
	m.wiped = true
	c.must(os.RemoveAll(m.root))
}

func (m *machine) measure() (wire.Vitals, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.vitals, nil
}

// free sets the machine's free memory: too little makes its worker refuse.
func (m *machine) free(memory int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.vitals.FreeMemory = memory
}

// listening is a machine's link to the masters; it notes when they answer heartbeats.
type listening struct {
	link

	machine *machine
}

// RoundTrip implements http.RoundTripper.
func (l listening) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := time.Now()
	reply, err := l.link.RoundTrip(r)
	if err == nil && reply.StatusCode == http.StatusOK && r.URL.Path == wire.PathHeartbeat {
		l.machine.hears(sent)
	}
	return reply, err
}
