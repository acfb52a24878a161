package master_test

import (
	"context"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker"
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
	cfg := worker.Default()
	cfg.Host, cfg.Token, cfg.Root, cfg.ListenLogs = name, simWorkerToken, m.root, ""
	cfg.Masters = []string{"http://m1", "http://m2"}
	cfg.Slots = 4
	stretched := func(d time.Duration) time.Duration { return d * time.Duration(c.stretch) }
	cfg.Heartbeat, cfg.CheckInterval = stretched(cfg.Heartbeat), stretched(cfg.CheckInterval)
	cfg.Lease, cfg.LongPoll, cfg.Sample = max(cfg.Lease, 2*cfg.CheckInterval), stretched(cfg.LongPoll), time.Hour
	m.change(&cfg)
	w, err := worker.New(cfg, worker.Deps{
		Log: c.log.With(logs.Worker, name), Launcher: m.host, Vitals: m.measure,
		HTTP: &http.Client{Transport: link{c.net, name}},
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
	if err := <-m.done; err != nil {
		c.t.Errorf("worker %s ended with %v", name, err)
	}
	m.cancel = nil
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
