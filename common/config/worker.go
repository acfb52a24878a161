package config

import (
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
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
	Listen    string            // host:port that serves logs to the masters, nothing else
	Advertise string            // URL under which masters reach Listen
	Limits    Limits
}

// Limits are the figures of the host beyond which a worker refuses to start an
// attempt. A task's own memory need is checked besides.
type Limits struct {
	Load       float64 // one-minute load average per core; 0: no limit
	FreeMemory Size    // memory available to new processes; 0: no limit
	FreeDisk   Size    // free space on the file system of Root; 0: no limit
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
		Limits:    Limits{Load: 8, FreeMemory: 256 << 20, FreeDisk: 1 << 30},
	}
}

// Keys is the table of a worker's keys, bound to w.
func (w *Worker) Keys() []Key {
	return withEnviron("CAPRI_WORKER_", []Key{
		textKey("host", &w.Host, "`NAME` of this worker in the cluster; empty: the host name"),
		listKey("masters", &w.Masters, "`URL,...` of the masters, tried in turn"),
		textKey("token_file", &w.TokenFile, "`FILE` that holds the worker's credential and is not open to everybody"),
		textKey("root", &w.Root, "`DIR` for work directories, logs and results not yet reported"),
		textKey("group", &w.Group, "`NAME` of the group that tasks choose workers by"),
		mapKey("labels", &w.Labels, "labels that tasks choose workers by, `disk=ssd,...`"),
		intKey("slots", &w.Slots, "`N` attempts at the same time"),
		listKey("accounts", &w.Accounts, "`NAME,...` of accounts this worker may run scripts as; empty: only its own"),
		textKey("listen", &w.Listen, "`ADDR` that serves logs to the masters, host:port"),
		textKey("advertise", &w.Advertise, "`URL` under which masters reach the logs; empty: http://<host>:<port of listen>"),
		floatKey("limits.load", &w.Limits.Load, "load average per core, `X`, above which nothing is started; 0: no limit"),
		sizeKey("limits.free_memory", &w.Limits.FreeMemory, "free memory, `SIZE`, below which nothing is started; 0: no limit"),
		sizeKey("limits.free_disk", &w.Limits.FreeDisk, "free disk space, `SIZE`, below which nothing is started; 0: no limit"),
	})
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
	if w.Limits.Load < 0 {
		p.add("limits.load", "%g is below 0: write a load per core, or 0 for no limit", w.Limits.Load)
	}
}

// String writes the configuration as one line.
func (w *Worker) String() string { return line(w.Keys()) }

// LogValue writes the configuration into a log.
func (w *Worker) LogValue() slog.Value { return group(w.Keys()) }
