// Package worker executes attempts on one host and tells the masters about
// them. It decides nothing: masters assign, the worker checks, runs and
// reports. It holds no database password and opens no port that executes
// anything.
//
// One attempt is one goroutine, from being handed out to its result being in
// the outbox:
//
//	claim → check paths and resources → ask to start → make the directory →
//	app.sh → watch → judge → outbox → masters
//
// Everything that matters is on disk before the next step begins, so a worker
// may be killed anywhere: scripts live on, the keeper reports those that end
// meanwhile, and the next worker adopts the rest. Nothing is run twice.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"capricornus/common/datapath"
	"capricornus/common/datapath/hdfs"
	"capricornus/common/logs"
	"capricornus/common/metrics"
	"capricornus/common/tlsfile"
	"capricornus/common/trace"
	"capricornus/common/wire"
	"capricornus/worker/claim"
	"capricornus/worker/outbox"
	"capricornus/worker/program"
	"capricornus/worker/run"
	"capricornus/worker/vitals"
	"capricornus/worker/workdir"
)

// outboxFile is where a worker keeps unreported results, below its root. The
// keeper reads it.
const outboxFile = "outbox/worker"

// Deps are what a worker is given besides its configuration. Only Log is
// required; the others replace the real things in tests.
type Deps struct {
	Log      *slog.Logger
	HTTP     *http.Client                // calls to the masters
	Launcher run.Launcher                // default: processes on this host
	Paths    *datapath.Checker           // data paths
	Vitals   func() (wire.Vitals, error) // figures of this host
	Trace    *trace.Tracer               // of attempts; nil: none is traced
	Point    run.Point                   // told where each attempt has got to, so that a test can end the worker there
}

// Worker is one worker. Run may be called once.
type Worker struct {
	cfg    Config
	deps   Deps
	log    *slog.Logger
	client *wire.WorkerClient

	root    *workdir.Root
	id      workdir.Identity
	box     *outbox.Box
	warden  *run.Warden
	guard   *run.Guard
	hand    *hand
	lives   sync.WaitGroup
	address string
	started time.Time
	contact atomic.Pointer[time.Time] // when the last answered heartbeat was sent
	lapsed  atomic.Int64              // when there was last found to have been no contact for a lease
	noted   time.Time                 // when the contact was last written down
	off     bool                      // what the masters said last of this worker's switch
	heard   chan struct{}             // closed at the first answered heartbeat

	programs  *program.Store
	notices   *notices
	returned  *returned
	stillness stillness
	stalled   standstills
	close     func() error // what New opened

	metrics *metrics.Worker
	vitals  atomic.Pointer[wire.Vitals] // of the last heartbeat
	shown   atomic.Pointer[outbox.Box]  // box, for the figures
}

// New checks the configuration and wires a worker. It opens nothing.
func New(cfg Config, deps Deps) (*Worker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Log == nil {
		return nil, errors.New("worker: no logger is given")
	}
	if deps.HTTP == nil {
		secure, err := tlsfile.Client(cfg.CA)
		if err != nil {
			return nil, err
		}
		deps.HTTP = wire.NewWorkerHTTP(secure)
	}
	closing := func() error { return nil } // who gives Paths keeps them
	if deps.Paths == nil {
		var err error
		if deps.Paths, err = hdfs.NewChecker(cfg.HDFS); err != nil {
			return nil, err
		}
		closing = deps.Paths.Close
	}
	if deps.Vitals == nil {
		deps.Vitals = vitals.NewHost(cfg.Root).Read
	}
	w := &Worker{
		cfg: cfg, deps: deps, log: deps.Log.With(logs.Worker, cfg.Host),
		client: &wire.WorkerClient{HTTP: deps.HTTP, Token: cfg.Token, Masters: cfg.Masters},
		hand:   newHand(cfg.Slots),
		heard:  make(chan struct{}),

		notices: newNotices(), returned: newReturned(), close: closing,
	}
	w.metrics = metrics.NewWorker(cfg.Version, w.figures)
	return w, nil
}

// Run works until ctx ends. Then it claims nothing more, tries for a while to
// report the results it has, and returns; scripts live on. A root that is in
// use, a refused credential or a host name that is taken are errors at once.
func (w *Worker) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, w.close()) }()
	w.started = time.Now()
	w.root, err = workdir.Open(w.cfg.Root)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.root.Close()) }()
	lock, err := w.root.Lock(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if w.programs, err = w.openPrograms(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.programs.Close()) }()
	listener, err := w.prepare(ctx)
	if err != nil {
		return err
	}
	defer letGo(w.deps.Launcher)
	w.log.Info("worker starts", logs.Path, w.root.Path(), logs.Version, w.cfg.Version, logs.Left, w.box.Len())
	err = w.work(ctx, listener)
	w.log.Info("worker ends", logs.Left, w.box.Len())
	return err
}

// prepare reads and writes what is needed in the root, which is locked.
func (w *Worker) prepare(ctx context.Context) (net.Listener, error) {
	var err error
	if w.id, err = w.root.Identity(w.cfg.Host, w.started); err != nil {
		return nil, err
	}
	access := workdir.Access{
		Masters: w.cfg.Masters, Token: w.cfg.Token, CA: string(w.cfg.CA),
		Grace: w.cfg.Grace.Milliseconds(), Lease: w.cfg.Lease.Milliseconds(),
		Limits: workdir.Limits(w.cfg.Limits.ofAttempt()),
		HDFS:   w.cfg.HDFS,
	}
	if err := w.root.WriteAccess(access); err != nil {
		return nil, err
	}
	if w.deps.Launcher == nil {
		if w.deps.Launcher, err = w.local(); err != nil {
			return nil, err
		}
	}
	w.guard = w.newGuard()
	w.warden = &run.Warden{
		Guard:    w.guard,
		Launcher: w.deps.Launcher, Looker: w.deps.Paths, Grace: w.cfg.Grace,
		Host: w.cfg.Host, Incarnation: w.id.Incarnation, Point: w.deps.Point, Ended: w.ended, Unseen: w.unseen,
	}
	if w.box, err = outbox.Open(w.root.Files(), outboxFile, outbox.WithLogs{Sender: w.client, Read: w.root.LogEnd}, w.acknowledged, w.log); err != nil {
		return nil, err
	}
	w.box.Point = w.deps.Point
	w.shown.Store(w.box)
	last := w.root.LastContact()
	w.contact.Store(&last)
	return w.listen(ctx)
}

func (w *Worker) local() (run.Launcher, error) {
	boot, err := vitals.BootID()
	if err != nil {
		return nil, err
	}
	return &run.Local{
		Accounts: w.cfg.Accounts, Account: w.cfg.Account, OwnUser: w.cfg.OwnUser, Boot: boot, Table: vitals.Processes{},
		HTTP:  run.HTTP{Command: w.cfg.HTTPCommand, Hosts: w.cfg.HTTPHosts},
		Grace: w.cfg.Grace, Log: w.log, Point: w.deps.Point,
		Limits: w.cfg.Limits.ofAttempt(), Groups: w.groups(),
	}, nil
}

func (w *Worker) listen(ctx context.Context) (net.Listener, error) {
	w.address = w.cfg.Advertise
	if w.cfg.ListenLogs == "" {
		return nil, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", w.cfg.ListenLogs)
	if err != nil {
		return nil, fmt.Errorf("listen for log reads: %w", err)
	}
	if w.address == "" {
		w.address = "http://" + listener.Addr().String()
	}
	return listener, nil
}

// work runs the pieces. Stopping goes in two steps: when ctx ends nothing new
// is begun and attempts are let go; the outbox and the log server go on until
// the results are reported or the drain time is over.
func (w *Worker) work(ctx context.Context, listener net.Listener) error {
	outer, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	tail, outer := errgroup.WithContext(outer)
	tail.Go(func() error { return w.box.Run(outer) })
	tail.Go(func() error { return w.serveLogs(outer, listener) })

	pieces, inner := errgroup.WithContext(ctx)
	adopting := w.adoptAll(inner)
	pieces.Go(func() error { return adopting })
	pieces.Go(func() error { // a broken outbox stops the worker
		select {
		case <-outer.Done():
			return context.Cause(outer)
		case <-inner.Done():
			return nil
		}
	})
	pieces.Go(func() error { return w.beat(inner) })
	pieces.Go(func() error { return w.claim(inner) })
	pieces.Go(func() error { return w.guard.Run(inner) })
	pieces.Go(func() error { return w.tellUsage(inner) })
	pieces.Go(func() error { return w.watchHung(inner) })
	pieces.Go(func() error { return w.watchStalls(inner) })
	pieces.Go(func() error { return w.tell(inner) })
	pieces.Go(func() error { return w.fence(inner) })
	pieces.Go(func() error { return w.cleanDaily(inner) })
	pieces.Go(func() error { return w.keepKeeper(inner) })
	err := pieces.Wait()
	w.lives.Wait()
	w.drain()
	stop()
	return errors.Join(err, tail.Wait())
}

// drain waits until all results are reported, but not for long: the next
// worker, or the keeper, reports them as well.
func (w *Worker) drain() {
	timer := time.NewTimer(w.cfg.Drain)
	defer timer.Stop()
	select {
	case <-w.box.Idle():
	case <-timer.C:
		w.log.Warn("results are reported after the next start", logs.Left, w.box.Len())
	}
}

// claim asks for work once the masters know this host and everything that an
// earlier worker left is in hand.
func (w *Worker) claim(ctx context.Context) error {
	select {
	case <-w.heard:
	case <-ctx.Done():
		return nil
	}
	loop := claim.Loop{
		Asker: w.client, Hand: taker{w}, Host: w.cfg.Host, Incarnation: w.id.Incarnation, Wait: w.cfg.LongPoll, Log: w.log,
	}
	return loop.Run(ctx)
}

// acknowledged is told the final verdict of a result.
func (w *Worker) acknowledged(fact wire.Fact, _ wire.FactVerdict) {
	attempt := w.root.Attempt(wire.Held{WorkID: fact.WorkID, Attempt: fact.Attempt})
	if err := attempt.MarkReported(); err != nil && !errors.Is(err, os.ErrNotExist) {
		w.log.Warn("attempt will be reported again", logs.Path, attempt.Path(), logs.Error(err))
	}
	w.at("marked")
}
