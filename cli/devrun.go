package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/trace"
	"capricornus/common/wire"
	"capricornus/worker"
)

// devNode is the name of the one master of capri dev.
const devNode = "dev"

// workerTokenFile holds the workers' credential beside the person's.
const workerTokenFile = "worker.token"

// runDev runs a master and workers in one process, over loopback HTTP, until
// ctx ends. What it keeps is in its data directory.
func runDev(ctx context.Context, a *app, cfg config.Dev, log *slog.Logger) (err error) {
	dir, err := dataDirectory(cfg.DataDir)
	if err != nil {
		return err
	}
	listener, err := listenOn(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	lock, err := lockDirectory(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	db, err := openDatabase(ctx, cfg.Store())
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	d := &devCluster{app: a, cfg: cfg, dir: dir, db: db, log: log, base: "http://" + reachable(listener.Addr())}
	stopHDFS, err := d.startHDFS(ctx)
	defer func() { err = errors.Join(err, stopHDFS()) }()
	if ctx.Err() != nil {
		return nil // stopped before it was up
	}
	if err != nil {
		return err
	}
	if err := d.prepare(ctx); err != nil {
		return err
	}
	forget, err := leaveSession(dir, d.base, d.token)
	if err != nil {
		return err
	}
	defer forget()
	return d.run(ctx, listener)
}

// dataDirectory makes the directory only its owner can read.
func dataDirectory(name string) (string, error) {
	dir, err := filepath.Abs(name)
	if err != nil {
		return "", fault.Wrap(fault.Usage, err, "data directory %s: %v", name, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fault.Wrap(fault.Usage, err, "the data directory %s cannot be made: %v", dir, err)
	}
	probe, err := os.CreateTemp(dir, ".capri-*")
	if err != nil {
		return "", fault.Wrap(fault.Usage, err, "the data directory %s cannot be written: %v", dir, err)
	}
	return dir, errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// reachable is the address of a listener as this machine reaches it.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
}

// devCluster is one run of capri dev.
type devCluster struct {
	app         *app
	cfg         config.Dev
	dir         string
	db          *store.DB
	log         *slog.Logger
	base        string
	token       string // of the administrator
	workerToken string
	fresh       bool // the database was empty
	spans       *trace.Tracer
	password    string // of the administrator, at the first start; it is shown once and kept nowhere
}

// prepare migrates, and makes or reads the credentials of this data directory.
func (d *devCluster) prepare(ctx context.Context) error {
	zone := firstOf(d.cfg.Timezone, config.HostZone())
	if _, err := d.db.Migrate(ctx, zone); err != nil {
		return schemaFault(err)
	}
	admin, workers, err := credentials(ctx, d.db)
	if err != nil {
		return err
	}
	if admin == "" {
		return d.readTokens()
	}
	d.fresh, d.token, d.workerToken = true, admin, workers
	if d.password, err = firstPassword(ctx, d.db); err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(d.dir, tokenFile), admin); err != nil {
		return err
	}
	return replaceFile(filepath.Join(d.dir, workerTokenFile), workers)
}

func (d *devCluster) readTokens() error {
	for name, into := range map[string]*string{tokenFile: &d.token, workerTokenFile: &d.workerToken} {
		secret, err := config.ReadSecret(filepath.Join(d.dir, name))
		if err != nil {
			return fault.Wrap(fault.Conflict, err, "the database has tokens already and %s holds none of them: %v", filepath.Join(d.dir, name), err).
				WithHint("use the data directory this database was made with, or another database")
		}
		*into = secret.Reveal()
	}
	return nil
}

func (d *devCluster) run(ctx context.Context, listener net.Listener) error {
	cfg := config.Master{Node: devNode, Advertise: d.base, Raft: config.Raft{Dir: filepath.Join(d.dir, "raft")}, Quality: d.cfg.Quality, HDFS: d.hdfs(), Limits: config.DefaultCallLimits(), Alerts: d.cfg.Alerts()}
	spans, err := tracer(ctx, d.cfg.Trace, "capri-dev", devNode)
	if err != nil {
		return err
	}
	defer spans.Close()
	d.spans = spans
	m, err := composeMaster(ctx, cfg, proof{}, ground{d.db, spans, d.log})
	if err != nil {
		return err
	}
	workers := make([]*worker.Worker, 0, d.cfg.Workers)
	for n := 1; n <= d.cfg.Workers; n++ {
		w, err := d.newWorker(fmt.Sprintf("w%d", n))
		if err != nil {
			return err
		}
		workers = append(workers, w)
	}
	g, ctx := errgroup.WithContext(ctx)
	// The master stops last: workers report to it until they have ended.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g.Go(func() error {
		return observed(serving, func(ctx context.Context) error { return m.Operate(ctx, listener) }, m.Metrics().Registry, d.cfg.Metrics, d.log)
	})
	g.Go(func() error {
		defer stop()
		return runWorkers(ctx, workers)
	})
	d.greet()
	g.Go(func() error { return d.demo(ctx, &wire.Client{Base: d.base, Token: d.token, HTTP: d.app.http}) })
	return g.Wait()
}

// runWorkers returns when all of them have ended, not before ctx unless one fails.
func runWorkers(ctx context.Context, workers []*worker.Worker) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		<-ctx.Done()
		return nil
	})
	for _, w := range workers {
		g.Go(func() error { return w.Run(ctx) })
	}
	return g.Wait()
}

// hdfs says how HDFS is reached, by default ways.
func (d *devCluster) hdfs() config.HDFS {
	h := config.DefaultMaster().HDFS
	h.Namenodes = d.cfg.Namenodes
	return h
}

func (d *devCluster) newWorker(name string) (*worker.Worker, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the program that runs the keeper: %w", err)
	}
	cfg := worker.Default()
	reached := d.hdfs()
	cfg.HDFS = hdfsConfig(&reached)
	cfg.Host, cfg.Masters, cfg.Token = name, []string{d.base}, d.workerToken
	cfg.Root = filepath.Join(d.dir, "workers", name)
	cfg.Slots = 8
	cfg.Version = ownVersion().Version
	cfg.KeeperCommand = []string{program, "keeper"}
	cfg.HTTPCommand, cfg.HTTPHosts = []string{program, httpCallName}, d.cfg.HTTPHosts
	cfg.OwnUser = d.cfg.Account == ""
	if d.cfg.Account != "" {
		cfg.Accounts, cfg.Account = []string{d.cfg.Account}, d.cfg.Account
	}
	return worker.New(cfg, worker.Deps{Log: d.log, Trace: d.spans})
}

// greet tells a person what runs and how to go on.
func (d *devCluster) greet() {
	d.app.say("")
	d.app.say("  Capricornus is up at %s", d.base)
	d.app.say("  API documentation    %s/api/docs", d.base)
	d.app.say("  data                 %s (%s, time zone %s)", d.dir, d.db.Engine(), firstOf(d.cfg.Timezone, config.HostZone()))
	d.app.say("  token                %s", filepath.Join(d.dir, tokenFile))
	if d.password != "" {
		d.app.say("  login                admin, with the password %s (shown this once)", d.password)
	}
	if len(d.cfg.Namenodes) > 0 {
		d.app.say("  HDFS                 hdfs://%s", strings.Join(d.cfg.Namenodes, ", hdfs://"))
	}
	d.app.say("")
	d.app.say("  In another terminal%s:", d.hint())
	d.app.say("    capri batch list")
	d.app.say("    capri task list")
	d.app.say("  Ctrl-C stops; scripts that run go on and are found again.")
	d.app.say("")
	if os.Geteuid() == 0 && d.cfg.Account == "" {
		d.app.say("  WARNING: this is root, and so are the scripts it runs; --account NAME runs them as somebody else")
		d.app.say("")
	}
}

// hint is what a command needs to find this data directory.
func (d *devCluster) hint() string {
	if standard, err := filepath.Abs(defaultDataDir); err == nil && standard == d.dir {
		return ", here"
	}
	return " with CAPRI_DATA_DIR=" + d.dir
}
