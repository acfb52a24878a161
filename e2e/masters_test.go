package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/e2e/labtest"
)

// masters is a site with several masters that elect one of them, and a worker
// that knows them all.
type masters struct {
	*site
	peers     map[string]string  // node → host:port for raft
	addresses map[string]string  // node → host:port of the API
	running   map[string]*daemon // by node
}

// newMasters writes the configurations of n masters and migrates the database.
func newMasters(s *site, n int) *masters {
	s.Helper()
	m := &masters{site: s, peers: map[string]string{}, addresses: map[string]string{}, running: map[string]*daemon{}}
	for i := range n {
		m.plan(fmt.Sprintf("m%d", i+1))
	}
	for node := range m.peers {
		m.configure(node, m.peers, "")
	}
	r := s.try("migrate", "up", "--config", s.path("m1.yaml"))
	if r.code != 0 {
		s.Fatalf("got %s\nwant success", r)
	}
	s.env["CAPRI_TOKEN"] = strings.TrimSpace(printedToken(s, r, "administrator"))
	s.write("worker.token", printedToken(s, r, "workers"))
	m.ask("m1")
	return m
}

// plan gives a master its addresses.
func (m *masters) plan(node string) {
	m.Helper()
	m.peers[node] = fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(m.T))
	m.addresses[node] = fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(m.T))
}

// configure writes a master's configuration.
func (m *masters) configure(node string, peers map[string]string, more string) {
	m.Helper()
	where := "dsn: " + m.db.DSN
	if m.db.Driver == storetest.MySQL {
		where = "dsn_file: " + m.write("dsn", m.db.DSN+"\n")
	}
	list := make([]string, 0, len(peers))
	for _, name := range slices.Sorted(maps.Keys(peers)) {
		list = append(list, fmt.Sprintf("%s: %q", name, peers[name]))
	}
	m.write(node+".yaml", fmt.Sprintf("node: %s\nlisten: %s\nadvertise: http://%s\ndatabase: {driver: %s, %s}\nraft: {listen: %q, dir: %s, peers: {%s}%s}\ntimezone: UTC\nmetrics: {listen: \"\"}\n",
		node, m.addresses[node], m.addresses[node], m.db.Driver, where, m.peers[node], m.path("raft-"+node), strings.Join(list, ", "), more))
}

// ask makes commands ask this master.
func (m *masters) ask(node string) { m.env["CAPRI_ADDR"] = m.addresses[node] }

// run starts masters, all at the same moment.
func (m *masters) run(nodes ...string) {
	m.Helper()
	for _, node := range nodes {
		m.running[node] = m.start(node, "master", "--config", m.path(node+".yaml"))
	}
}

// elect starts all masters that are planned and waits for a leader.
func (m *masters) elect() string {
	m.Helper()
	m.run(slices.Sorted(maps.Keys(m.peers))...)
	return m.leader()
}

// leader waits until a master leads a term, to which all that run agree, and
// makes commands ask it.
func (m *masters) leader() string {
	m.Helper()
	var leader string
	m.await("a leader", func() bool {
		leader = ""
		for node, d := range m.running {
			if d.ended() {
				m.Fatalf("master %s ended:\n%s", node, lastBytes(d.err, 4000))
			}
			m.ask(node)
			status := m.status()
			if status == nil || status.Leader == "" || leader != "" && status.Leader != leader {
				return false
			}
			leader = status.Leader
		}
		m.ask(leader)
		status := m.status()
		return status != nil && status.Node == leader && status.Epoch > 0
	})
	return leader
}

// status is what the asked master says of itself; nil when it does not answer.
func (m *masters) status() *wire.Status {
	m.Helper()
	type versions struct{ Master *wire.Status }
	return show[versions](m.site, "version").Master
}

// crash kills a master hard.
func (m *masters) crash(node string) {
	m.Helper()
	m.running[node].kill()
	delete(m.running, node)
}

// quit stops a master in order.
func (m *masters) quit(node string) {
	m.Helper()
	m.running[node].interrupt()
	delete(m.running, node)
}

// others are the running masters but one.
func (m *masters) others(node string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m.running)) {
		if name != node {
			out = append(out, name)
		}
	}
	return out
}

// worker starts a worker that knows all masters and waits until they know it.
func (m *masters) worker(host string) *daemon {
	m.Helper()
	urls := make([]string, 0, len(m.addresses))
	for _, node := range slices.Sorted(maps.Keys(m.addresses)) {
		urls = append(urls, `"http://`+m.addresses[node]+`"`)
	}
	logs := fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(m.T))
	m.write(host+".yaml", fmt.Sprintf("host: %s\nmasters: [%s]\ntoken_file: %s\nroot: %s\nlisten: %s\nadvertise: http://%s\nmetrics: {listen: \"\"}\nlimits: {load: 0, free_memory: 0, free_disk: 0}\n%s",
		host, strings.Join(urls, ", "), m.path("worker.token"), m.path(host), logs, logs, m.account()))
	d := m.start(host, "worker", "--config", m.path(host+".yaml"))
	m.await("worker "+host, func() bool {
		if d.ended() {
			m.Fatalf("the worker ended:\n%s", m.read(d.err))
		}
		hosts := show[wire.HostList](m.site, "host", "list").Items
		return slices.ContainsFunc(hosts, func(h wire.Host) bool { return h.Host == host && h.Alive })
	})
	return d
}

// TestLeaderKilledHardLosesNothing: while scripts run and end, the leader is
// killed again and again, and each master comes back as another follower.
func TestLeaderKilledHardLosesNothing(t *testing.T) {
	onEngines(t, func(s *site) {
		m := newMasters(s, 3)
		m.elect()
		m.worker("w1")
		tasks := []string{"job_1", "job_2", "job_3", "job_4"}
		s.notedTasks(tasks...)
		batches := s.runAll(tasks...)
		for _, task := range tasks {
			old := m.leader()
			m.crash(old)
			s.release(task)
			if next := m.leader(); next == old {
				s.Fatalf("got %s as the leader after it was killed, want another", next)
			}
			m.run(old)
		}
		m.leader()
		s.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, batches...)...)
		s.ranOnce([]string{"start", "end"}, batches...)
		s.sound()
	})
}

// TestAnyMasterServes: commands, workers' reports and children go on at once
// whichever master is asked, and a graceful stop hands over.
func TestAnyMasterServes(t *testing.T) {
	onEngines(t, func(s *site) {
		m := newMasters(s, 3)
		leader := m.elect()
		m.worker("w1")
		m.ask(m.others(leader)[0])
		s.notedTasks("asked_elsewhere")
		first := s.runAll("asked_elsewhere")
		s.awaitNoted("start", first...)
		s.capri("service", "run", "depend") // the leader alone can
		s.refuses(3, []string{"nothing_like_it"}, "service", "run", "nothing_like_it")
		m.ask(leader)
		m.quit(leader)
		next := m.leader()
		if next == leader {
			s.Fatalf("got %s as the leader after it was stopped, want another", next)
		}
		m.ask(m.others(next)[0])
		s.release("asked_elsewhere")
		s.capri("batch", "wait", "--timeout", patience.String(), first[0])
		s.ranOnce([]string{"start", "end"}, first...)
		s.sound()
	})
}
