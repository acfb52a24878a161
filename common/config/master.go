package config

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// The database drivers.
const (
	MySQL  = "mysql"
	SQLite = "sqlite"
)

// The profiles scale the thresholds of the platform's monitor.
const (
	ProfileSmall = "small"
	ProfileLarge = "large"
)

// Master is the configuration of a master.
type Master struct {
	Node      string // name of this master in the cluster
	Listen    string // host:port of the console and the API
	Advertise string // URL under which others reach Listen
	Database  Database
	Raft      Raft
	Timezone  string // of the cluster; empty: what the database has
	Quality   Quality
	Profile   string // small | large
	Adopt     bool   // take over a database of another cluster, once
	TLS       TLS
	Limits    CallLimits
	Jobs      Jobs
	HDFS      HDFS
	Metrics   Metrics
	Trace     Trace
	Auth      Auth
	Alerts    Alerts
}

// Database says where the cluster's memory is. Connection reads it.
type Database struct {
	Driver  string // mysql | sqlite
	DSN     Secret // data source, or path of the SQLite file; wins over DSNFile
	DSNFile string // file that holds the data source

	AnyServer bool // use servers on which the fence is not known to hold
}

// Quality says where the data-quality service is.
type Quality struct {
	URL string // takes questions about batches; empty: there is no such service
}

// aboutQuality is what quality.url means, for masters and capri dev.
const aboutQuality = "`URL` of the data-quality service that is asked about batches of tasks with quality.enabled; empty: there is none"

// Raft says how this master takes part in elections.
type Raft struct {
	Listen string            // host:port for the other masters
	Dir    string            // where terms and votes are kept
	Peers  map[string]string // name → host:port of every master; empty: this one is alone
	Join   bool              // found no cluster: wait until a member takes this master in
}

// TLS names the files that a master proves itself with; all empty: nothing is encrypted.
type TLS struct {
	Cert string // certificate chain, PEM; for the API's port and, on both sides, for raft's
	Key  string // its key
	CA   string // certificates that other masters' must be signed by
}

// DefaultMaster is what holds for keys nobody sets.
func DefaultMaster() Master {
	return Master{
		Listen:   "0.0.0.0:8080",
		Database: Database{Driver: MySQL, DSNFile: "/etc/capri/dsn"},
		Raft:     Raft{Listen: "0.0.0.0:7400", Dir: "/var/lib/capri/raft", Peers: map[string]string{}},
		Profile:  ProfileSmall,
		Limits:   DefaultCallLimits(),
		HDFS:     defaultHDFS(),
		Metrics:  Metrics{Listen: "127.0.0.1:9120"},
		Trace:    Trace{Sample: 1},
		Auth:     defaultAuth(),
		Alerts:   defaultAlerts(),
	}
}

// Keys is the table of a master's keys, bound to m.
func (m *Master) Keys() []Key {
	return withEnviron("CAPRI_MASTER_", slices.Concat([]Key{
		textKey("node", &m.Node, "`NAME` of this master in the cluster; empty: the host name"),
		textKey("listen", &m.Listen, "`ADDR` of the console and the API, host:port"),
		textKey("advertise", &m.Advertise, "`URL` under which others reach the API; empty: http://<node>:<port of listen>, https:// with tls.cert"),
		textKey("database.driver", &m.Database.Driver, "kind of database, `mysql|sqlite`"),
		secretKey("database.dsn", &m.Database.DSN, "data source, or path of the SQLite file; wins over dsn_file"),
		textKey("database.dsn_file", &m.Database.DSNFile, "`FILE` that holds the data source and is not open to everybody"),
		switchKey("database.any_server", &m.Database.AnyServer, "use a server on which an old leader is not known to be kept out: for trying, at your own risk"),
		textKey("raft.listen", &m.Raft.Listen, "`ADDR` for the other masters, host:port"),
		textKey("raft.dir", &m.Raft.Dir, "`DIR` where this master keeps its terms and votes"),
		mapKey("raft.peers", &m.Raft.Peers, "every master by name, `m1=host:port,...`; empty: this one is alone"),
		switchKey("raft.join", &m.Raft.Join, "found no cluster: wait until `capri cluster join` takes this master in"),
		textKey("tls.cert", &m.TLS.Cert, "`FILE` with this master's certificate chain, PEM; for the API and for raft; empty: nothing is encrypted"),
		textKey("tls.key", &m.TLS.Key, "`FILE` with the certificate's key, not open to everybody"),
		textKey("tls.ca", &m.TLS.CA, "`FILE` with the certificates that those of other masters must be signed by, PEM"),
		textKey("timezone", &m.Timezone, "`ZONE` of the cluster, such as Asia/Shanghai; must be the database's; empty: what the database has, the host's for a new one"),
		textKey("quality.url", &m.Quality.URL, aboutQuality),
		switchKey("adopt", &m.Adopt, "take over a database that another cluster has led, once"),
		textKey("profile", &m.Profile, "thresholds of the platform's monitor for a `small|large` cluster"),
		textKey("jobs.file", &m.Jobs.File, aboutJobsFile),
		intKey("limits.calls_per_second", &m.Limits.CallsPerSecond, aboutCallRate),
	}, m.Metrics.keys(), m.Trace.keys(), m.Auth.keys(), m.Alerts.keys(), m.HDFS.keys()))
}

func (m *Master) complete(hostname string) {
	if m.Node == "" {
		m.Node = hostname
	}
	if m.Advertise == "" {
		m.Advertise = advertised(m.Listen, m.Node)
		if m.TLS.Cert != "" {
			m.Advertise = strings.Replace(m.Advertise, "http://", "https://", 1)
		}
	}
}

// Validate reports all problems at once, as an InvalidError.
func (m *Master) Validate() error {
	var p InvalidError
	p.check("node", checkName(m.Node))
	p.check("listen", checkListen(m.Listen))
	if m.Advertise != "" || checkListen(m.Listen) == nil {
		p.check("advertise", checkURL(m.Advertise))
	}
	p.check("database.driver", checkOneOf(m.Database.Driver, MySQL, SQLite))
	if m.Database.DSN == "" && m.Database.DSNFile == "" {
		p.add("database.dsn_file", "there is no data source: write the name of the file that holds it")
	}
	m.validateRaft(&p)
	m.validateTLS(&p)
	p.check("timezone", checkZone(m.Timezone))
	p.check("quality.url", checkService(m.Quality.URL))
	p.check("profile", checkOneOf(m.Profile, ProfileSmall, ProfileLarge))
	m.Limits.validate(&p)
	m.HDFS.validate(&p)
	m.Metrics.validate(&p)
	m.Trace.validate(&p)
	m.Auth.validate(&p)
	m.Alerts.validate(&p)
	return p.err()
}

func (m *Master) validateRaft(p *InvalidError) {
	p.check("raft.listen", checkListen(m.Raft.Listen))
	if m.Raft.Dir == "" {
		p.add("raft.dir", "is missing: write a directory that survives restarts")
	}
	for _, name := range slices.Sorted(maps.Keys(m.Raft.Peers)) {
		p.check("raft.peers", checkName(name))
		p.check("raft.peers", checkPeer(m.Raft.Peers[name]))
	}
	if _, listed := m.Raft.Peers[m.Node]; len(m.Raft.Peers) > 0 && !listed {
		p.add("raft.peers", "this master, %q, is not among them: name all masters, the same on each", m.Node)
	}
	if m.Raft.Join && len(m.Raft.Peers) == 0 {
		p.add("raft.peers", "are missing, and a master that joins needs its own raft address there: write {%s: \"%s:7400\"}", m.Node, m.Node)
	}
}

// validateTLS checks which files are named; what is in them is checked when
// they are read.
func (m *Master) validateTLS(p *InvalidError) {
	t := m.TLS
	if t.Cert == "" {
		if t.Key != "" {
			p.add("tls.cert", "is missing, though there is a key: write the name of the file with its certificate")
		}
		if t.CA != "" {
			p.add("tls.cert", "is missing, though there is a CA: masters prove themselves to each other by certificates, on both sides")
		}
		return
	}
	if t.Key == "" {
		p.add("tls.key", "is missing: write the name of the file with the key of %s", t.Cert)
	}
	if t.CA == "" && (len(m.Raft.Peers) > 1 || m.Raft.Join) {
		p.add("tls.ca", "is missing: the masters' certificates are checked on raft's port, so write the file with those that sign them")
	}
	if host, plain := strings.CutPrefix(m.Advertise, "http://"); plain {
		p.add("advertise", "%s is plain HTTP, but the API is served by TLS: write https://%s", m.Advertise, host)
	}
}

// Open reports whether what this master says can be read on the network:
// others reach it and nothing is encrypted.
func (m *Master) Open() bool {
	raft := len(m.Raft.Peers) > 0 && !isLoopback(m.Raft.Listen)
	return m.TLS.Cert == "" && (raft || !isLoopback(m.Listen))
}

// Connection returns the data source, read from its file if need be.
func (d Database) Connection() (Secret, error) {
	if d.DSN != "" {
		return d.DSN, nil
	}
	return ReadSecret(d.DSNFile)
}

// String writes the configuration as one line without its secrets.
func (m *Master) String() string { return line(m.Keys()) }

// LogValue writes the configuration into a log without its secrets.
func (m *Master) LogValue() slog.Value { return group(m.Keys()) }

func line(keys []Key) string {
	keys = expanded(keys)
	parts := make([]string, len(keys))
	for i, key := range keys {
		parts[i] = fmt.Sprintf("%s=%q", key.Path, key.Value())
	}
	return strings.Join(parts, " ")
}

func group(keys []Key) slog.Value {
	keys = expanded(keys)
	attrs := make([]slog.Attr, len(keys))
	for i, key := range keys {
		attrs[i] = slog.String(key.Path, key.Value()) //nolint:sloglint // the keys of a configuration are the attributes' keys
	}
	return slog.GroupValue(attrs...)
}
