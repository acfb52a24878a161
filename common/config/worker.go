package config

import (
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Worker is the configuration of a worker.
type Worker struct {
	Host      string            // name of this worker in the cluster
	Masters   []string          // URLs of the masters, tried in turn
	TokenFile string            // file that holds the worker's credential
	Root      string            // work directories, logs, results not yet reported
	Group     string            // group that tasks choose workers by
	Labels    map[string]string // labels that tasks choose workers by
	Slots     int               // attempts at the same time
	Accounts  []string          // accounts this worker may run scripts as; empty: its own only
	Account   string            // account of tasks that name none, when the worker is root; one of Accounts
	Listen    string            // host:port that serves logs to the masters, nothing else
	Advertise string            // URL under which masters reach Listen
	Limits    Limits
	Times     Times
	HTTPHosts []string // hosts that http tasks may call
	HDFSPorts []string // ports of namenodes and datanodes, for finding processes that hang there
	Cgroups   bool     // keep each attempt in a control group of its own where that can be
	HDFS      HDFS
	Metrics   Metrics
	Trace     Trace
	CA        string // file with the certificates that masters' must be signed by; empty: the system's
}

// Limits are the figures of the host beyond which a worker refuses to start an
// attempt, and those of one attempt beyond which it is ended. A task's own
// memory need is checked besides.
type Limits struct {
	Load       float64 // one-minute load average per core; 0: no limit
	FreeMemory Size    // memory available to new processes; 0: no limit
	FreeDisk   Size    // free space on the file system of Root; 0: no limit

	AttemptMemory Size    // memory of one attempt; 0: no limit
	MemoryTimes   float64 // memory of one attempt as a multiple of what its task declares; 0: no limit
	Processes     int     // processes of one attempt; 0: no limit
	File          Size    // largest file a script may write; 0: no limit
	Log           Size    // output of one attempt; 0: no limit
	LogKeep       Size    // how much of it stays on disk: its beginning and its end; 0: all
	Program       Size    // a program package as it is fetched; 0: no limit
	Unpacked      Size    // a program package unpacked; 0: no limit
}

// Times are the periods of a worker.
type Times struct {
	Heartbeat     time.Duration // between two heartbeats
	CheckInterval time.Duration // silence after which masters take the worker for dead
	Lease         time.Duration // silence after which it ends attempts of fence tasks
	Grace         time.Duration // between TERM and KILL
	Keep          time.Duration // age from which directories of reported attempts are deleted
	HDFSHung      time.Duration // without progress on a connection to HDFS, a process counts as hung; 0: never
	Fetch         time.Duration // for fetching a program package
	FetchHung     time.Duration // without a byte of it, fetching counts as hung
}

// DefaultWorker is what holds for keys nobody sets.
func DefaultWorker() Worker {
	return Worker{ //nolint:gosec // TokenFile says where the credential is, not what it is
		Masters:   []string{"http://127.0.0.1:8080"},
		TokenFile: "/etc/capri/worker.token",
		Root:      "/var/lib/capri/work",
		Group:     "default",
		Labels:    map[string]string{},
		Slots:     16,
		Accounts:  []string{},
		Listen:    "0.0.0.0:7410",
		Limits: Limits{
			Load: 8, FreeMemory: 256 << 20, FreeDisk: 1 << 30,
			MemoryTimes: 2, Processes: 4096, Log: 16 << 30, LogKeep: 256 << 20,
			Program: 2 << 30, Unpacked: 8 << 30,
		},
		Times: Times{
			Heartbeat: 5 * time.Second, CheckInterval: 30 * time.Second, Lease: 10 * time.Minute,
			Grace: 10 * time.Second, Keep: 7 * 24 * time.Hour, HDFSHung: 30 * time.Minute,
			Fetch: 4 * time.Minute, FetchHung: time.Minute,
		},
		HTTPHosts: []string{},
		HDFSPorts: []string{"8020", "9000", "9820", "9866", "50010"},
		Cgroups:   true,
		HDFS:      defaultHDFS(),
		Metrics:   Metrics{Listen: "127.0.0.1:9121"},
		Trace:     Trace{Sample: 1},
	}
}

// Keys is the table of a worker's keys, bound to w.
func (w *Worker) Keys() []Key {
	return withEnviron("CAPRI_WORKER_", slices.Concat([]Key{
		textKey("host", &w.Host, "`NAME` of this worker in the cluster; empty: the host name"),
		listKey("masters", &w.Masters, "`URL,...` of the masters, tried in turn"),
		textKey("token_file", &w.TokenFile, "`FILE` that holds the worker's credential and is not open to everybody"),
		textKey("root", &w.Root, "`DIR` for work directories, logs and results not yet reported"),
		textKey("group", &w.Group, "`NAME` of the group that tasks choose workers by"),
		mapKey("labels", &w.Labels, "labels that tasks choose workers by, `disk=ssd,...`"),
		intKey("slots", &w.Slots, "`N` attempts at the same time"),
		listKey("accounts", &w.Accounts, "`NAME,...` of accounts this worker may run scripts as; empty: only its own"),
		textKey("account", &w.Account, "`NAME` of the account for tasks that name none, when the worker is root; one of accounts"),
		textKey("listen", &w.Listen, "`ADDR` that serves logs to the masters, host:port"),
		textKey("advertise", &w.Advertise, "`URL` under which masters reach the logs; empty: http://<host>:<port of listen>"),
		floatKey("limits.load", &w.Limits.Load, "load average per core, `X`, above which nothing is started; 0: no limit"),
		sizeKey("limits.free_memory", &w.Limits.FreeMemory, "free memory, `SIZE`, below which nothing is started; 0: no limit"),
		sizeKey("limits.free_disk", &w.Limits.FreeDisk, "free disk space, `SIZE`, below which nothing is started; 0: no limit"),
		sizeKey("limits.attempt_memory", &w.Limits.AttemptMemory, "memory, `SIZE`, above which an attempt is ended; 0: no limit"),
		floatKey("limits.memory_times", &w.Limits.MemoryTimes, "memory as a multiple, `X`, of what the task declares, above which an attempt is ended; 0: no limit"),
		intKey("limits.processes", &w.Limits.Processes, "`N` processes, threads counted, above which an attempt is ended; 0: no limit"),
		sizeKey("limits.file", &w.Limits.File, "largest file, `SIZE`, that a script may write; 0: no limit"),
		sizeKey("limits.log", &w.Limits.Log, "output, `SIZE`, above which an attempt is ended; 0: no limit"),
		sizeKey("limits.log_keep", &w.Limits.LogKeep, "how much, `SIZE`, of an output stays on disk: its beginning and its end; 0: all"),
		sizeKey("limits.program", &w.Limits.Program, "program package, `SIZE`, above which it is not fetched; 0: no limit"),
		sizeKey("limits.unpacked", &w.Limits.Unpacked, "program package once unpacked, `SIZE`, above which it is not used; 0: no limit"),
		durationKey("times.heartbeat", &w.Times.Heartbeat, "`TIME` between two heartbeats; shorter than check_interval"),
		durationKey("times.check_interval", &w.Times.CheckInterval, "silence, `TIME`, after which masters take this worker for dead"),
		durationKey("times.lease", &w.Times.Lease, "silence, `TIME`, after which it ends attempts of fence tasks"),
		durationKey("times.grace", &w.Times.Grace, "`TIME` between TERM and KILL"),
		durationKey("times.keep", &w.Times.Keep, "age, `TIME`, from which directories of ended attempts are deleted"),
		durationKey("times.hdfs_hung", &w.Times.HDFSHung, "`TIME` without progress after which a process that talks to HDFS is ended; 0: never"),
		durationKey("times.fetch", &w.Times.Fetch, "`TIME` for fetching a program package"),
		durationKey("times.fetch_hung", &w.Times.FetchHung, "`TIME` without a byte after which fetching a program package counts as hung"),
		listKey("http_hosts", &w.HTTPHosts, aboutHTTPHosts),
		listKey("hdfs_ports", &w.HDFSPorts, "`PORT,...` of namenodes and datanodes, for finding processes that hang there"),
		switchKey("cgroups", &w.Cgroups, "keep each attempt in a control group of its own where this host allows it"),
		textKey("tls.ca", &w.CA, "`FILE` with the certificates that those of the masters must be signed by, PEM; empty: the system's"),
	}, w.Metrics.keys(), w.Trace.keys(), w.HDFS.keys()))
}

func (w *Worker) complete(hostname string) {
	if w.Host == "" {
		w.Host = hostname
	}
	if w.Advertise == "" {
		w.Advertise = advertised(w.Listen, w.Host)
	}
}

// Validate reports all problems at once, as an InvalidError.
func (w *Worker) Validate() error {
	var p InvalidError
	p.check("host", checkName(w.Host))
	if len(w.Masters) == 0 {
		p.add("masters", "are missing: write at least one, for example [http://m1:8080]")
	}
	for _, master := range w.Masters {
		p.check("masters", checkURL(master))
	}
	if w.TokenFile == "" {
		p.add("token_file", "is missing: write the name of the file that holds the worker's credential")
	}
	if !filepath.IsAbs(w.Root) || filepath.Clean(w.Root) == "/" {
		p.add("root", "%q is not a directory of its own: write an absolute path, for example /var/lib/capri/work", w.Root)
	}
	p.check("listen", checkListen(w.Listen))
	if w.Advertise != "" || checkListen(w.Listen) == nil {
		p.check("advertise", checkURL(w.Advertise))
	}
	w.validateOffer(&p)
	w.validateBounds(&p)
	w.HDFS.validate(&p)
	w.Metrics.validate(&p)
	w.Trace.validate(&p)
	return p.err()
}

// validateOffer checks what the worker has to offer to tasks.
func (w *Worker) validateOffer(p *InvalidError) {
	p.check("group", checkName(w.Group))
	for _, label := range slices.Sorted(maps.Keys(w.Labels)) {
		p.check("labels", checkName(label))
	}
	if w.Slots < 1 || w.Slots > 10_000 {
		p.add("slots", "%d is out of bounds: write 1 to 10000", w.Slots)
	}
	for _, account := range w.Accounts {
		p.check("accounts", checkName(account))
		if account == "root" {
			p.add("accounts", "scripts never run as root: write an ordinary account")
		}
	}
	if w.Account != "" && !slices.Contains(w.Accounts, w.Account) {
		p.add("account", "%q is not one of the accounts: write it there, too", w.Account)
	}
	if w.Limits.Load < 0 {
		p.add("limits.load", "%g is below 0: write a load per core, or 0 for no limit", w.Limits.Load)
	}
}

// validateBounds checks the limits of attempts and the periods.
func (w *Worker) validateBounds(p *InvalidError) {
	if w.Limits.MemoryTimes != 0 && w.Limits.MemoryTimes < 1 {
		p.add("limits.memory_times", "%g would end attempts that use what they declare: write 1 or more, or 0 for no limit", w.Limits.MemoryTimes)
	}
	if w.Limits.Processes < 0 {
		p.add("limits.processes", "%d is below 0: write a number, or 0 for no limit", w.Limits.Processes)
	}
	for _, t := range []struct {
		key  string
		is   time.Duration
		from time.Duration
	}{
		{"times.heartbeat", w.Times.Heartbeat, 10 * time.Millisecond},
		{"times.check_interval", w.Times.CheckInterval, w.Times.Heartbeat + 1},
		{"times.lease", w.Times.Lease, w.Times.CheckInterval + 1},
		{"times.grace", w.Times.Grace, 0},
		{"times.keep", w.Times.Keep, 0},
		{"times.hdfs_hung", w.Times.HDFSHung, 0},
		{"times.fetch", w.Times.Fetch, time.Second},
		{"times.fetch_hung", w.Times.FetchHung, time.Second},
	} {
		if t.is < t.from {
			p.add(t.key, "%s is too short: heartbeat < check_interval < lease must hold, and none is below 0", t.is)
		}
	}
	p.checkHosts(w.HTTPHosts)
	for _, port := range w.HDFSPorts {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			p.add("hdfs_ports", "%q is not a port: write numbers from 1 to 65535", port)
		}
	}
}

// String writes the configuration as one line.
func (w *Worker) String() string { return line(w.Keys()) }

// LogValue writes the configuration into a log.
func (w *Worker) LogValue() slog.Value { return group(w.Keys()) }
