package election_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"capricornus/master/election"
)

// fast is a heartbeat for loopback; what is tested does not depend on it. With
// calm no leader loses its lease because the machine is busy.
const (
	fast = 150 * time.Millisecond
	calm = time.Second
)

var rounds = flag.Int("election.rounds", 3, "how often to start three masters at once")

// site is three masters on TCP that can be stopped and started again.
type site struct {
	db        *database
	heartbeat time.Duration
	addresses map[string]string
	dirs      map[string]string
	masters   map[string]*master
}

func newSite(t *testing.T, heartbeat time.Duration) *site {
	t.Helper()
	s := &site{newDatabase(), heartbeat, map[string]string{}, map[string]string{}, map[string]*master{}}
	for _, name := range []string{"m1", "m2", "m3"} {
		s.addresses[name], s.dirs[name] = freeAddress(t), t.TempDir()
	}
	return s
}

func (s *site) start(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		s.masters[name] = startMaster(t, election.Config{
			Node: name, Dir: s.dirs[name], Listen: s.addresses[name], Peers: s.addresses, Heartbeat: s.heartbeat,
		}, s.db)
	}
}

func (s *site) stop(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		s.masters[name].shutdown(t)
		delete(s.masters, name)
	}
}

// view is what one master knows of the cluster.
type view struct {
	leader, cluster string
	last            uint64
}

// settled waits until all masters that run have applied what the leader has.
func (s *site) settled(t *testing.T) {
	t.Helper()
	await(t, "all masters to have the whole log", func() bool {
		views := map[view]bool{}
		for _, m := range s.masters {
			status := m.Status()
			node, _, _ := m.Leader()
			if node == "" || status.ClusterID == "" || status.Applied < status.LastIndex {
				return false
			}
			views[view{node, status.ClusterID, status.LastIndex}] = true
		}
		return len(views) == 1
	})
}

func TestThreeMastersStartedAtOnceElect(t *testing.T) {
	for range *rounds {
		s := newSite(t, fast)
		s.start(t, "m1", "m2", "m3")
		anyTerm(t, s.masters)
		s.settled(t)
		for name, m := range s.masters {
			if got := m.Status(); len(got.Members) != 3 || got.ClusterID != s.db.granted()[0].ClusterID {
				t.Errorf("%s: got %d members of cluster %q, want 3 of the first leader's", name, len(got.Members), got.ClusterID)
			}
		}
		s.stop(t, "m1", "m2", "m3")
	}
}

func TestThreeMastersRestart(t *testing.T) {
	s := newSite(t, fast)
	s.start(t, "m1", "m2", "m3")
	anyTerm(t, s.masters)
	s.settled(t)
	s.stop(t, "m1", "m2", "m3")

	s.start(t, "m1", "m2", "m3")
	anyTerm(t, s.masters)
	for _, name := range []string{"m1", "m2", "m3"} {
		led := s.leads(t, name)
		s.stop(t, name)
		if led {
			anyTerm(t, s.masters)
		}
		s.start(t, name)
		s.settled(t)
	}
	claims := s.db.granted()
	wantRisingClaims(t, claims, len(claims))
	s.stop(t, "m1", "m2", "m3")
}

func (s *site) leads(t *testing.T, name string) bool {
	t.Helper()
	s.settled(t)
	node, _, _ := s.masters[name].Leader()
	return node == name
}

func TestAMasterWhoseDirectoryIsLostComesBack(t *testing.T) {
	s := newSite(t, calm)
	s.start(t, "m1", "m2", "m3")
	term := anyTerm(t, s.masters)
	lost := another(s.masters, term.Holder)
	s.stop(t, lost)
	if err := os.RemoveAll(s.dirs[lost]); err != nil {
		t.Fatal(err)
	}
	s.start(t, lost)
	s.settled(t)
	if got := s.masters[lost].Status(); got.ClusterID != s.db.granted()[0].ClusterID || len(got.Members) != 3 {
		t.Errorf("status of the empty one: got %+v, want what the others know", got)
	}
	if term.Context().Err() != nil || len(s.db.granted()) != 1 {
		t.Errorf("terms: got %d, want the first to go on", len(s.db.granted()))
	}
	if err := s.masters[term.Holder].Transfer(t.Context(), lost); err != nil {
		t.Errorf("Transfer to it: got %v, want no error", err)
	}
	s.stop(t, "m1", "m2", "m3")
}

// TestAMasterThatWasAwayForLongGetsASnapshot leaves one out for more entries
// than the others keep, so that only a snapshot can bring it back.
func TestAMasterThatWasAwayForLongGetsASnapshot(t *testing.T) {
	s := newSite(t, calm)
	s.start(t, "m1", "m2", "m3")
	term := anyTerm(t, s.masters)
	away := another(s.masters, term.Holder)
	s.stop(t, away)
	leader := s.masters[term.Holder]
	if err := leader.FillLog(t.Context(), 600); err != nil {
		t.Fatal(err)
	}
	s.start(t, away)
	s.settled(t)
	if got := s.masters[away].Status(); got.ClusterID != s.db.granted()[0].ClusterID || len(got.Members) != 3 {
		t.Errorf("status of the one that was away: got %+v, want what the others know", got)
	}
	if s.masters[away].HasEntry(100) {
		t.Error("entry 100 of the one that was away: got it, want a snapshot in its place")
	}
	if err := leader.Transfer(t.Context(), away); err != nil {
		t.Errorf("Transfer to it: got %v, want no error", err)
	}
	s.stop(t, "m1", "m2", "m3")
}
