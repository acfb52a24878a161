package e2e_test

import (
	"flag"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

var (
	firstStarts = flag.Int("starts", 3, "how often three masters are started together for the first time in TestFirstStartOfThreeTogether")
	transfers   = flag.Int("transfers", 5, "how often leadership is given away in TestTransfers")
	noQuorum    = flag.Duration("quorum", 3*time.Second, "how long there is no majority in TestWithoutAMajority; 10m is what we promise")
)

const because = "--reason=a test"

// members are the nodes of the cluster, as the asked master sees them.
func (m *masters) members() map[string]wire.Member {
	m.Helper()
	found := map[string]wire.Member{}
	for _, one := range show[wire.Cluster](m.site, "cluster", "status").Masters {
		found[one.Node] = one
	}
	return found
}

// TestFirstStartOfThreeTogether: three masters that were never there before
// agree on one of them, however they are started.
func TestFirstStartOfThreeTogether(t *testing.T) {
	t.Parallel()
	for range *firstStarts {
		s := newSite(t, storetest.SQLite)
		m := newMasters(s, 3)
		leader := m.elect()
		if got := m.status().Epoch; got != 1 {
			s.Errorf("got epoch %d of %s after the first start, want 1: one claim and no other", got, leader)
		}
		for node := range m.running {
			m.quit(node)
		}
	}
}

// TestMembersComeAndGo: a fourth master joins, leads, and the one before it is
// taken out for good; the founder's list of peers has long been wrong.
func TestMembersComeAndGo(t *testing.T) {
	onEngines(t, func(s *site) {
		m := newMasters(s, 3)
		first := m.elect()
		m.plan("m4")
		m.configure("m4", map[string]string{"m4": m.peers["m4"]}, ", join: true")
		s.refuses(5, []string{"m4", "does not answer", "raft.join"}, "cluster", "join", "m4", m.peers["m4"], because)
		m.run("m4")
		s.capri("cluster", "join", "m4", m.peers["m4"], because)
		s.capri("cluster", "join", "m4", m.peers["m4"], because) // twice is no harm
		s.await("m4 as a follower", func() bool { return m.members()["m4"].State == wire.MemberFollower && m.members()["m4"].Lag == 0 })
		s.refuses(3, []string{"m9"}, "cluster", "transfer", "m9", because)
		s.refuses(5, []string{"m4"}, "cluster", "join", "m5", m.peers["m4"], because)
		s.capri("cluster", "transfer", "m4", because)
		if got := m.leader(); got != "m4" {
			s.Fatalf("got %s as the leader, want m4, to which leadership was given", got)
		}
		s.capri("cluster", "remove", first, because, "--yes")
		if _, there := m.members()[first]; there {
			s.Errorf("got %s among %v, want it gone", first, m.members())
		}
		m.running[first].cmd.Process.Kill() //nolint:errcheck // it may have ended by itself
		<-m.running[first].done
		delete(m.running, first)
		rows := s.rows(s.open(), "SELECT action, object FROM capri_audit_log WHERE action LIKE 'cluster.%' ORDER BY id", 2)
		want := [][]string{{"cluster.join", "m4"}, {"cluster.join", "m4"}, {"cluster.transfer", "m4"}, {"cluster.remove", first}}
		if !slices.EqualFunc(rows, want, slices.Equal[[]string]) {
			s.Errorf("got audit rows %v, want %v: one for each command", rows, want)
		}
		m.crash("m4") // two of three are left
		next := m.leader()
		s.notedTasks("after_all")
		m.worker("w1")
		batches := s.runAll("after_all")
		s.release("after_all")
		s.capri("batch", "wait", "--timeout", patience.String(), batches[0])
		s.ranOnce([]string{"start", "end"}, batches...)
		s.await("a status that says who is missing", func() bool {
			text := s.capri("cluster", "status")
			return strings.Contains(text, next+", term") && strings.Contains(text, "without m4 there is just a majority")
		})
		s.sound()
	})
}

// TestTransfers: leadership goes round while scripts run, and nothing is lost,
// doubled or stuck.
func TestTransfers(t *testing.T) {
	onEngines(t, func(s *site) {
		m := newMasters(s, 3)
		leader := m.elect()
		m.worker("w1")
		s.notedTasks("steady")
		batches := s.runAll("steady")
		s.awaitNoted("start", batches...)
		for n := range *transfers {
			nodes := m.others(leader)
			next := nodes[n%len(nodes)]
			s.capri("cluster", "transfer", next, because) // which fails when next does not lead a term of its own
			leader = m.leader()                           // a busy machine may have elected another one since
		}
		s.release("steady")
		s.capri("batch", "wait", "--timeout", patience.String(), batches[0])
		s.ranOnce([]string{"start", "end"}, batches...)
		s.sound()
	})
}

// TestWithoutAMajority: two of three masters are gone. What runs goes on and
// ends, nothing begins, and the results are there soon after the majority is.
func TestWithoutAMajority(t *testing.T) {
	onEngines(t, func(s *site) {
		m := newMasters(s, 3)
		m.elect()
		m.worker("w1")
		tasks := []string{"ends_meanwhile", "runs_on", "begins_later"}
		s.notedTasks(tasks...)
		batches := s.runAll(tasks[:2]...)
		s.awaitNoted("start", batches...)
		began := time.Now()
		gone := []string{m.leader()}
		gone = append(gone, m.others(gone[0])[0])
		for _, node := range gone {
			m.crash(node)
		}
		left := m.others("")[0]
		m.ask(left)
		s.await("the end of the last term", func() bool { return m.status().Leader == "" })
		later := s.try("task", "run", tasks[2])
		if later.code != 0 {
			s.Errorf("got %s without a majority, want the batch made: any master takes commands", later)
		}
		batches = append(batches, strings.TrimSpace(later.out))
		s.release(tasks[0], tasks[2])
		s.awaitNoted("end", batches[0])
		s.await("a status that says it", func() bool { return strings.Contains(s.capri("cluster", "status"), "nobody leads") })
		s.awaitFor(*noQuorum, began)
		for line := range s.journal() {
			if line.batch == batches[2] {
				s.Errorf("got %s started without a leader, want it to wait", batches[2])
			}
		}
		m.run(gone[0])
		back := time.Now()
		m.leader()
		s.capri("batch", "wait", "--timeout", patience.String(), batches[0], batches[2])
		s.Logf("results were there %s after the majority was", time.Since(back).Round(time.Millisecond))
		s.release(tasks[1])
		s.capri("batch", "wait", "--timeout", patience.String(), batches[1])
		s.ranOnce([]string{"start", "end"}, batches...)
		s.sound()
	})
}
