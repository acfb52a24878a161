package config

import (
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
)

// The demonstrations `capri dev` can start with.
const (
	DemoWeblog = "weblog"
	DemoNone   = "none"
)

// Dev is the configuration of `capri dev`: a master and workers in one process.
type Dev struct {
	DataDir     string   // everything it keeps
	Listen      string   // host:port of the console and the API
	AllowRemote bool     // listen where others reach it, without TLS
	Demo        string   // weblog | none
	Workers     int      // named w1 … wN
	Database    Secret   // MySQL data source or SQLite file; empty: embedded, in DataDir
	Timezone    string   // of the cluster; empty: the host's
	Account     string   // account that scripts run as; empty: the own one
	HTTPHosts   []string // hosts that http tasks may call
	Quality     Quality
	HDFS        bool     // run an HDFS of its own, and the demo on it
	Namenodes   []string // of an HDFS to use instead; empty: none
	Metrics     Metrics  // of the master
	Trace       Trace
	AlertFile   string // takes what people are told; empty: in DataDir
}

// DefaultDev is what holds for keys nobody sets.
func DefaultDev() Dev {
	return Dev{
		DataDir:  "./capri-data",
		Listen:   "127.0.0.1:8080",
		Demo:     DemoWeblog,
		Workers:  2,
		Timezone: "UTC",

		HTTPHosts: []string{"localhost", "127.0.0.1", "::1"},
		Namenodes: []string{},
		Trace:     Trace{Sample: 1},
	}
}

// Keys is the table of the keys of `capri dev`, bound to d.
func (d *Dev) Keys() []Key {
	keys := withEnviron("CAPRI_DEV_", slices.Concat([]Key{
		textKey("data_dir", &d.DataDir, "`DIR` for everything it keeps"),
		textKey("listen", &d.Listen, "`ADDR` of the console and the API, host:port"),
		switchKey("allow_remote", &d.AllowRemote, "listen where other machines reach it, though nothing is encrypted"),
		textKey("demo", &d.Demo, "example tasks to start with, `weblog|none`"),
		intKey("workers", &d.Workers, "`N` workers, named w1 … wN"),
		secretKey("database", &d.Database, "MySQL data source or SQLite file, `DSN`; empty: embedded, in the data directory"),
		textKey("timezone", &d.Timezone, "`ZONE` of the cluster, such as Asia/Shanghai; empty: the host's"),
		textKey("account", &d.Account, "`NAME` of the account that scripts run as; empty: your own"),
		listKey("http_hosts", &d.HTTPHosts, aboutHTTPHosts),
		textKey("quality.url", &d.Quality.URL, aboutQuality),
		switchKey("hdfs", &d.HDFS, "run an HDFS of its own (Java and Maven are wanted) and put the demo's data there"),
		listKey("namenodes", &d.Namenodes, "`HOST:PORT,...` of an HDFS that is there, to use instead of an own one"),
		textKey("alerts.file", &d.AlertFile, aboutAlertFile+"; empty: alerts.jsonl in the data directory"),
	}, d.Metrics.keys(), d.Trace.keys()))
	for i := range keys {
		// --database is part of the command line's contract; a data source
		// with a password is better put into the environment.
		keys[i].NoFlag = false
		if keys[i].Path == "data_dir" {
			keys[i].environ = "CAPRI_DATA_DIR" // the one that clients look at
		}
	}
	return keys
}

// Validate reports all problems at once, as an InvalidError.
func (d *Dev) Validate() error {
	var p InvalidError
	if d.DataDir == "" {
		p.add("data_dir", "is missing: write a directory")
	}
	p.check("listen", checkListen(d.Listen))
	if checkListen(d.Listen) == nil && !isLoopback(d.Listen) && !d.AllowRemote {
		p.add("listen", "%s is open to other machines and nothing is encrypted, passwords and tokens neither: write 127.0.0.1:port, or allow it with --allow-remote", d.Listen)
	}
	p.check("demo", checkOneOf(d.Demo, DemoWeblog, DemoNone))
	if d.Workers < 0 || d.Workers > 100 {
		p.add("workers", "%d is out of bounds: write 0 to 100", d.Workers)
	}
	p.check("timezone", checkZone(d.Timezone))
	p.check("quality.url", checkService(d.Quality.URL))
	if d.Account != "" {
		p.check("account", checkName(d.Account))
	}
	p.checkHosts(d.HTTPHosts)
	for _, address := range d.Namenodes {
		p.check("namenodes", checkNamenode(address))
	}
	d.Metrics.validate(&p)
	d.Trace.validate(&p)
	return p.err()
}

// Store says which database to use: what was given, by its looks, or an
// embedded one in the data directory.
func (d *Dev) Store() Database {
	dsn := d.Database.Reveal()
	if dsn == "" {
		return Database{Driver: SQLite, DSN: Secret(filepath.Join(d.DataDir, "capri.db"))}
	}
	if strings.Contains(dsn, "@tcp(") || strings.Contains(dsn, "@unix(") || strings.Contains(dsn, "@/") {
		return Database{Driver: MySQL, DSN: d.Database}
	}
	return Database{Driver: SQLite, DSN: d.Database}
}

// Alerts is how people are told: into a file, and nowhere else.
func (d *Dev) Alerts() Alerts {
	a := defaultAlerts()
	if a.File = d.AlertFile; a.File == "" {
		a.File = filepath.Join(d.DataDir, "alerts.jsonl")
	}
	return a
}

// HasPassword reports whether the data source carries a password, which a flag
// would show to everybody on the machine.
func (d *Dev) HasPassword() bool {
	user, _, found := strings.Cut(d.Database.Reveal(), "@")
	_, password, _ := strings.Cut(user, ":")
	return found && password != ""
}

// String writes the configuration as one line without its secrets.
func (d *Dev) String() string { return line(d.Keys()) }

// LogValue writes the configuration into a log without its secrets.
func (d *Dev) LogValue() slog.Value { return group(d.Keys()) }
