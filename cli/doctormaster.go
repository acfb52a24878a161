package cli

import (
	"context"
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"capricornus/common/config"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/fleet"
)

// masterExams looks at a master from its own machine.
func (d *doctor) masterExams() []examination {
	cfg, err := config.LoadMaster(config.Source{File: d.file, Environ: d.app.environ})
	if err != nil {
		return []examination{{"configuration", func(context.Context) []finding { return badConfig(err) }}}
	}
	mutual, certificates := ownTLS(cfg.TLS, d.app.now())
	if cfg.Open() {
		certificates[0] = worry("tls", "nothing is encrypted: whoever reads the network reads tokens").todo("see tls.cert in capri config reference")
	}
	m := &masterDoctor{doctor: d, cfg: cfg, mutual: mutual, trust: trusting(cfg.TLS.CA)}
	m.openDatabase()
	return []examination{
		{"configuration", func(context.Context) []finding { return append(m.files(), certificates...) }},
		{"ports", m.ports},
		{"raft directory", func(context.Context) []finding { return judgeDirectory(lookAt(cfg.Raft.Dir)) }},
		{"other masters", m.others},
		{"database", m.database},
		{"cluster", m.cluster},
		{"hdfs", func(ctx context.Context) []finding { return lookAtHDFS(ctx, &cfg.HDFS) }},
		{"quality service", m.quality},
	}
}

// masterDoctor is what the examinations of a master share.
type masterDoctor struct {
	*doctor
	cfg    config.Master
	mutual *tls.Config // for raft ports; nil: they are not encrypted
	trust  *tls.Config // for APIs; nil: what the system trusts
	open   func(context.Context) (*store.DB, error)
}

// openDatabase opens it for the first examination that needs it; the others
// wait for that.
func (m *masterDoctor) openDatabase() {
	var once sync.Once
	var db *store.DB
	var err error
	m.open = func(ctx context.Context) (*store.DB, error) {
		once.Do(func() {
			if db, err = openDatabase(ctx, m.cfg.Database); err == nil {
				m.after(func() { _ = db.Close() })
			}
		})
		return db, err
	}
}

func (m *masterDoctor) files() []finding {
	found := []finding{fine("valid", "%s: master %s, listens on %s, is reached at %s", m.file, m.cfg.Node, m.cfg.Listen, m.cfg.Advertise)}
	if host := hostOf(m.cfg.Advertise); isLocal(host) && m.peersElsewhere() {
		found = append(found, worry("advertise", "%s is this machine only: other masters and workers cannot reach it", m.cfg.Advertise).todo("write its name or address into advertise"))
	}
	if m.cfg.Database.DSN == "" {
		_, err := config.ReadSecret(m.cfg.Database.DSNFile)
		found = append(found, judgeSecret("dsn_file", m.cfg.Database.DSNFile, err))
	}
	if m.cfg.Database.AnyServer {
		found = append(found, worry("any_server", "an old leader may not be kept from writing on every server").todo("take database.any_server out: it is for trying only"))
	}
	if keytab := m.cfg.HDFS.Kerberos.Keytab; keytab != "" {
		_, err := config.ReadSecret(keytab)
		found = append(found, judgeSecret("keytab", keytab, err))
	}
	return append(found, judgeAlerts(m.cfg.Alerts)...)
}

// peersElsewhere tells a cluster from one that is tried out on one machine.
func (m *masterDoctor) peersElsewhere() bool {
	for _, address := range m.cfg.Raft.Peers {
		if host, _, err := net.SplitHostPort(address); err == nil && !isLocal(host) {
			return true
		}
	}
	return false
}

func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, err := net.SplitHostPort(rest)
	if err != nil {
		return rest
	}
	return host
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// ports are free, or held by this master.
func (m *masterDoctor) ports(ctx context.Context) []finding {
	api := tryPort(ctx, m.cfg.Listen)
	scheme := "http://"
	if m.cfg.TLS.Cert != "" {
		scheme = "https://"
	}
	own := ""
	if api.err != nil {
		own = m.holder(ctx, scheme+loopback(m.cfg.Listen))
	}
	api.answer = own
	found := []finding{judgePort("listen", api)}
	if len(m.cfg.Raft.Peers) == 0 && !m.cfg.Raft.Join {
		return append(found, fine("raft.listen", "not used: raft.peers names nobody"))
	}
	raft := tryPort(ctx, m.cfg.Raft.Listen)
	if raft.err != nil && own != "" {
		raft.answer = "by that master, as it seems"
	}
	return append(found, judgePort("raft.listen", raft))
}

// holder says who answers at this machine's own port, empty when it is no master.
func (m *masterDoctor) holder(ctx context.Context, base string) string {
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if m.trust != nil {
		trust = m.trust.Clone()
	}
	trust.ServerName = hostOf(m.cfg.Advertise) // the name its certificate is for
	if p := m.readPage(ctx, base+"/healthz", trust); p.err != nil || p.status != http.StatusOK {
		return ""
	}
	if c, ok := m.person(base, m.trust); ok {
		asked := wire.Client{Base: base, Token: c.Token, HTTP: &http.Client{Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}, Timeout: netPause}}
		if status, err := asked.Status(ctx); err == nil && status.Node != m.cfg.Node {
			return "master " + status.Node + " answers there, and this is of " + m.cfg.Node
		} else if err == nil {
			return "this master runs"
		}
	}
	return "a master runs there"
}

// others asks the raft ports of the other masters, and the APIs of those that
// the database knows.
func (m *masterDoctor) others(ctx context.Context) []finding {
	rows, _ := m.rows(ctx) // what is wrong with the database is said of it
	known := otherMasters(m.cfg, rows, m.app.now())
	if len(known) == 0 {
		return []finding{fine("peers", "this master is alone: while it is down, nothing is decided")}
	}
	called := make([]peer, len(known))
	var calling sync.WaitGroup
	for i, p := range known {
		calling.Go(func() { called[i] = callPeer(ctx, p, m.mutual) })
	}
	apis := m.apis(ctx, rows)
	calling.Wait()
	return append(judgePeers(called, m.app.now()), apis...)
}

// otherMasters are those that the configuration names, and those that have
// described themselves lately: the configuration may be older than the cluster.
func otherMasters(cfg config.Master, rows []store.Master, now time.Time) []peer {
	addresses := maps.Clone(cfg.Raft.Peers)
	if addresses == nil {
		addresses = map[string]string{}
	}
	for _, row := range rows {
		if row.RaftAddress != "" && now.Sub(time.UnixMilli(row.LastSeen)) < seenLately {
			addresses[row.ID] = row.RaftAddress
		}
	}
	delete(addresses, cfg.Node)
	out := make([]peer, 0, len(addresses))
	for _, name := range slices.Sorted(maps.Keys(addresses)) {
		out = append(out, peer{node: name, address: addresses[name]})
	}
	return out
}

// apis asks the masters that have described themselves whether they are ready.
func (m *masterDoctor) apis(ctx context.Context, rows []store.Master) []finding {
	found := make([][]finding, len(rows))
	var calling sync.WaitGroup
	for i, row := range rows {
		if row.ID == m.cfg.Node || row.Address == "" {
			continue
		}
		calling.Go(func() {
			found[i] = judgeMasterPage("api "+row.ID, m.readPage(ctx, row.Address+"/readyz", m.trust))
			if found[i][0].Verdict == verdictFail {
				found[i][0].Verdict = verdictWarn // it is missed, and this master can do without; the majority is judged above
			}
		})
	}
	calling.Wait()
	return slices.Concat(found...)
}

func (m *masterDoctor) rows(ctx context.Context) (rows []store.Master, err error) {
	db, err := m.open(ctx)
	if err != nil {
		return nil, err
	}
	err = db.View(ctx, func(t *store.ViewTx) error {
		rows, err = t.Masters(ctx)
		return err
	})
	return rows, err
}

func (m *masterDoctor) database(ctx context.Context) []finding {
	db, err := m.open(ctx)
	if err != nil {
		return []finding{failedBy("reachable", err)}
	}
	in, err := db.Inspect(ctx)
	if err != nil {
		return []finding{failedBy("reachable", databaseFault(err))}
	}
	found := append([]finding{fine("reachable", "it answers")}, judgeDatabase(in, len(m.cfg.Raft.Peers))...)
	if in.Schema.Current == in.Schema.Target {
		found = append(found, m.zone(ctx, db))
	}
	return found
}

func (m *masterDoctor) zone(ctx context.Context, db *store.DB) finding {
	if err := db.CheckSchema(ctx, m.cfg.Timezone); err != nil {
		return failedBy("time zone", schemaFault(err))
	}
	zone, err := db.Zone(ctx)
	if err != nil {
		return failedBy("time zone", databaseFault(err))
	}
	return fine("time zone", "%s", zone)
}

// cluster is what a master says of it, when there is a token to ask with, and
// what the database says of workers and troubles.
func (m *masterDoctor) cluster(ctx context.Context) []finding {
	var found []finding
	if c, ok := m.person(m.cfg.Advertise, m.trust); ok {
		found = lookAtCluster(ctx, c, m.app.now())
	} else {
		found = append(found, worry("asked", "no master was asked about the cluster: there is no token").todo("give --token-file FILE or CAPRI_TOKEN"))
	}
	db, err := m.open(ctx)
	if err != nil {
		return found
	}
	err = db.View(ctx, func(t *store.ViewTx) error {
		hosts, err := fleet.List(ctx, t)
		if err != nil {
			return err
		}
		conditions, err := t.Conditions(ctx)
		found = append(append(found, judgeWorkers(hosts.Items)), judgeConditions(conditions)...)
		return err
	})
	if err != nil {
		found = append(found, failedBy("workers", databaseFault(err)))
	}
	return found
}

func (m *masterDoctor) quality(ctx context.Context) []finding {
	if m.cfg.Quality.URL == "" {
		return []finding{fine("quality.url", "not configured")}
	}
	return []finding{dialService(ctx, "quality.url", m.cfg.Quality.URL)}
}

// lookAtCluster asks a master as a person does.
func lookAtCluster(ctx context.Context, c *wire.Client, now time.Time) []finding {
	cluster, err := c.Cluster(ctx)
	if err != nil {
		return []finding{failedBy("asked", err)}
	}
	return judgeCluster(cluster, clusterNow(cluster, now))
}
