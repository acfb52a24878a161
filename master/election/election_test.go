package election_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/master/election"
)

func TestOneNodeOnDisk(t *testing.T) {
	db, dir := newDatabase(), filepath.Join(t.TempDir(), "raft")
	for range 3 {
		m := startMaster(t, election.Config{Node: "m1", Dir: dir}, db)
		term := receive(t, m.terms, "a term")
		if node, address, ok := m.Leader(); node != "m1" || address != "http://m1:8080" || !ok {
			t.Errorf("Leader: got %q %q %v, want m1 and its address", node, address, ok)
		}
		if got := m.Status(); got.Epoch != term.Epoch || got.State != "leader" || got.ClusterID == "" {
			t.Errorf("Status: got %+v, want a leader in epoch %d with a cluster id", got, term.Epoch)
		}
		m.shutdown(t)
		if got := context.Cause(term.Context()); !errors.Is(got, election.ErrStopping) {
			t.Errorf("cause of the term's end: got %v, want %v", got, election.ErrStopping)
		}
	}
	wantRisingClaims(t, db.granted(), 3)
}

func wantRisingClaims(t *testing.T, claims []election.Claim, count int) {
	t.Helper()
	if len(claims) != count {
		t.Fatalf("claims granted: got %d, want %d", len(claims), count)
	}
	for i := 1; i < len(claims); i++ {
		if claims[i].ClusterID == "" || claims[i].ClusterID != claims[0].ClusterID {
			t.Errorf("cluster id of claim %d: got %q, want %q", i, claims[i].ClusterID, claims[0].ClusterID)
		}
		if claims[i].RaftIndex <= claims[i-1].RaftIndex {
			t.Errorf("raft index of claim %d: got %d, want more than %d", i, claims[i].RaftIndex, claims[i-1].RaftIndex)
		}
	}
}

func TestSecondProcessOnSameDirectoryIsRefused(t *testing.T) {
	db, dir := newDatabase(), t.TempDir()
	m := startMaster(t, election.Config{Node: "m1", Dir: dir}, db)
	receive(t, m.terms, "a term")
	second := startMaster(t, election.Config{Node: "m1", Dir: dir}, db)
	if err := receive(t, second.done, "the second to give up"); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("Run on a directory in use: got %v, want an error naming the other process", err)
	}
	m.shutdown(t)
}

func TestTermEndedFromWithinIsFollowedByANewClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		m := startMaster(t, election.Config{Node: "m1"}, db)
		first := receive(t, m.terms, "a term")
		fenced := errors.New("fenced")
		first.End(fenced)
		second := receive(t, m.terms, "a second term")
		if got := context.Cause(first.Context()); !errors.Is(got, fenced) {
			t.Errorf("cause of the first term's end: got %v, want %v", got, fenced)
		}
		if second.Epoch <= first.Epoch {
			t.Errorf("epoch: got %d, want more than %d", second.Epoch, first.Epoch)
		}
		m.shutdown(t)
	})
}

func TestForeignDatabaseNeedsAdopt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		db.cluster, db.index, db.epoch = "another", 1_000_000, 41
		m := startMaster(t, election.Config{Node: "m1"}, db)
		elapse(10 * time.Second)
		if got := len(db.granted()); got != 0 {
			t.Errorf("claims granted without adopt: got %d, want 0", got)
		}
		if tries := db.triesOf("m1"); tries < 8 || tries > 15 {
			t.Errorf("claims tried in 10 s: got %d, want about one a second", tries)
		}
		if got := m.Status().Refused; !strings.Contains(got, errRefused.Error()) {
			t.Errorf("Status.Refused: got %q, want the reason", got)
		}
		m.shutdown(t)

		adopting := startMaster(t, election.Config{Node: "m1", Adopt: true}, db)
		first := receive(t, adopting.terms, "an adopted term")
		if first.Epoch != 42 {
			t.Errorf("epoch after adopting: got %d, want 42", first.Epoch)
		}
		first.End(errors.New("again"))
		receive(t, adopting.terms, "the next term")
		if claims := db.granted(); !claims[0].Adopt || claims[1].Adopt {
			t.Errorf("adopt of the two claims: got %v %v, want true false", claims[0].Adopt, claims[1].Adopt)
		}
		adopting.shutdown(t)
	})
}

// raftRest is how long goroutines of raft wait in memory for peers that are
// gone; a bubble must outlive them.
const raftRest = 5 * time.Second

func TestThreeNodesElectAnotherWhenTheLeaderIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, network := startCluster(t, db)
		old := anyTerm(t, masters)
		began := time.Now()
		network.Cut(old.Holder)
		next := anyTerm(t, masters)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("time to a new leader: got %v, want at most 3s", took)
		}
		<-old.Context().Done()
		if got := context.Cause(old.Context()); !errors.Is(got, election.ErrLost) {
			t.Errorf("cause of the old term's end: got %v, want %v", got, election.ErrLost)
		}
		if next.Holder == old.Holder || next.Epoch <= old.Epoch {
			t.Errorf("next term: got %s in epoch %d, want another than %s and more than %d",
				next.Holder, next.Epoch, old.Holder, old.Epoch)
		}
		wantRisingClaims(t, db.granted(), 2)
		network.Heal(old.Holder)
		elapse(5 * time.Second)
		wantLeaderEverywhere(t, masters, next.Holder)
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func TestThreeNodesHandOverAtOnceWhenTheLeaderStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, _ := startCluster(t, db)
		old := anyTerm(t, masters)
		elapse(5 * time.Second)
		began := time.Now()
		masters[old.Holder].stop()
		next := anyTerm(t, masters)
		if took := time.Since(began); took > 200*time.Millisecond {
			t.Errorf("time to a new leader: got %v, want less than a heartbeat", took)
		}
		if next.Holder == old.Holder {
			t.Errorf("next holder: got %s, want another", next.Holder)
		}
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func TestThreeNodesGiveLeadershipAwayWhenTheClaimIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, _ := startCluster(t, db)
		old := anyTerm(t, masters)
		for name := range masters {
			db.setRefuse(name, true)
		}
		old.End(errRefused)
		elapse(10 * time.Second)
		if got := len(db.granted()); got != 1 {
			t.Fatalf("claims granted while all are refused: got %d, want 1", got)
		}
		for name := range masters {
			if db.triesOf(name) == 0 {
				t.Errorf("claims tried by %s: got none, want leadership to have gone round", name)
			}
		}
		began := time.Now()
		db.setRefuse("m2", false)
		if term := anyTerm(t, masters); term.Holder != "m2" {
			t.Errorf("holder: got %s, want m2, the only one the database accepts", term.Holder)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("time until the accepted node led: got %v, want at most 5s", took)
		}
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func wantLeaderEverywhere(t *testing.T, masters map[string]*master, want string) {
	t.Helper()
	for name, m := range masters {
		if node, address, ok := m.Leader(); node != want || address != "http://"+want+":8080" || !ok {
			t.Errorf("leader as %s sees it: got %q %q %v, want %s", name, node, address, ok, want)
		}
	}
}

func stopAll(t *testing.T, masters map[string]*master) {
	t.Helper()
	for _, m := range masters {
		m.shutdown(t)
	}
}

func TestThreeNodesOverTCP(t *testing.T) {
	db, peers := newDatabase(), map[string]string{}
	for _, name := range []string{"m1", "m2", "m3"} {
		peers[name] = freeAddress(t)
	}
	masters := map[string]*master{}
	for name, address := range peers {
		masters[name] = startMaster(t, election.Config{Node: name, Listen: address, Peers: peers}, db)
	}
	first := anyTerm(t, masters)
	masters[first.Holder].shutdown(t)
	second := anyTerm(t, masters)
	if second.Holder == first.Holder || second.Epoch <= first.Epoch {
		t.Errorf("after the leader stopped: got %s in epoch %d, want another and a higher one", second.Holder, second.Epoch)
	}
	delete(masters, first.Holder)
	stopAll(t, masters)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestLeadThatIgnoresTheEndOfItsTermEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := election.New(election.Config{Node: "m1", Dir: t.TempDir()}, newDatabase(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		release := make(chan struct{})
		err = e.Run(t.Context(), func(_ context.Context, term *election.Term) error {
			term.End(errRefused)
			<-release
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "did not stop") {
			t.Errorf("Run: got %v, want an error that the term's work did not stop", err)
		}
		close(release)
	})
}

func TestNewNamesAllProblems(t *testing.T) {
	_, err := election.New(election.Config{
		Listen: ":1", Peers: map[string]string{"m2": "h:1", "m3": "h:2"}, Heartbeat: -1,
	}, nil, nil)
	_, joining := election.New(election.Config{Node: "m1", Dir: "d", Join: true}, nil, nil)
	if joining == nil || !strings.Contains(joining.Error(), "joining needs a raft listen address") {
		t.Errorf("New of a joining node without a port: got %v, want it refused", joining)
	}
	for _, want := range []string{"no name", "directory", "heartbeat", "not among the peers", "own address"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New: got %v, want it to mention %q", err, want)
		}
	}
}
