package election_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/master/election"
	"capricornus/master/election/electiontest"
)

func TestTransferGivesLeadershipToTheNamedMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, network := startCluster(t, db)
		first := anyTerm(t, masters)
		to := another(masters, first.Holder)
		began := time.Now()
		if err := masters[first.Holder].Transfer(t.Context(), to); err != nil {
			t.Fatalf("Transfer: got %v, want no error", err)
		}
		second := anyTerm(t, masters)
		if second.Holder != to || second.Epoch <= first.Epoch || time.Since(began) > 200*time.Millisecond {
			t.Errorf("after the transfer: got %s in epoch %d after %v, want %s in more than %d at once",
				second.Holder, second.Epoch, time.Since(began), to, first.Epoch)
		}
		wantCause(t, first, election.ErrTransferred)
		if err := masters[to].Transfer(t.Context(), to); err != nil {
			t.Errorf("Transfer to the one that leads: got %v, want nothing", err)
		}
		wantErr(t, "Transfer by a follower", masters[first.Holder].Transfer(t.Context(), ""), election.ErrNotLeader)
		wantErr(t, "Transfer to nobody", masters[to].Transfer(t.Context(), "m9"), election.ErrNoMember)

		network.Cut(first.Holder)
		wantErr(t, "Transfer to one that is away", masters[to].Transfer(t.Context(), first.Holder), election.ErrUnreachable)
		if second.Context().Err() != nil {
			t.Error("after a refused transfer: got an ended term, want it to go on")
		}
		if err := masters[to].Transfer(t.Context(), ""); err != nil {
			t.Errorf("Transfer with one away: got %v, want the other one to take it", err)
		}
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func TestFiftyTransfersInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, _ := startCluster(t, db)
		slow := func(ctx context.Context) { <-ctx.Done(); elapse(300 * time.Millisecond) }
		for _, m := range masters {
			m.work.Store(&slow)
		}
		term := anyTerm(t, masters)
		for range 50 {
			if err := masters[term.Holder].Transfer(t.Context(), ""); err != nil {
				t.Fatalf("Transfer from %s: got %v, want no error", term.Holder, err)
			}
			next := anyTerm(t, masters)
			if next.Epoch <= term.Epoch || next.Holder == term.Holder {
				t.Fatalf("next term: got %s in %d, want another than %s and more than %d", next.Holder, next.Epoch, term.Holder, term.Epoch)
			}
			wantCause(t, term, election.ErrTransferred)
			term = next
		}
		wantRisingClaims(t, db.granted(), 51)
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func TestAMasterJoinsAndIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, network := startCluster(t, db)
		leader := masters[anyTerm(t, masters).Holder]
		joiner := election.Config{Node: "m4", Peers: network.Peers("m4"), Transport: network.Join("m4"), Join: true}
		fourth := startMaster(t, joiner, db)
		elapse(30 * time.Second)
		wantState(t, fourth, "joining", 0)

		for range 2 { // the second time there is nothing to do
			if err := leader.Join(t.Context(), "m4", "m4"); err != nil {
				t.Fatalf("Join: got %v, want no error", err)
			}
		}
		elapse(time.Second)
		wantState(t, fourth, "follower", 4)
		wantErr(t, "Join with the address of another", leader.Join(t.Context(), "m5", "m4"), election.ErrMember)
		wantErr(t, "Join of one that is not there", leader.Join(t.Context(), "m5", "m5"), election.ErrUnreachable)
		wantState(t, leader, "leader", 4)
		wantErr(t, "Join by a follower", fourth.Join(t.Context(), "m5", "m5"), election.ErrNotLeader)

		if err := leader.Remove(t.Context(), "m4"); err != nil {
			t.Fatalf("Remove: got %v, want no error", err)
		}
		wantErr(t, "Remove of no member", leader.Remove(t.Context(), "m4"), election.ErrNoMember)
		wantErr(t, "Run of the removed one", receive(t, fourth.done, "the removed one to end"), election.ErrRemoved)
		if got := fourth.Status().State; got != "removed" {
			t.Errorf("state of the removed one: got %s, want removed", got)
		}
		if got := len(db.granted()); got != 1 {
			t.Errorf("terms: got %d, want the first to go on", got)
		}
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func TestANodeOfAnotherClusterIsNotTakenIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, network := newDatabase(), electiontest.NewNetwork()
		lone := func(name string) election.Config {
			return election.Config{Node: name, Dir: t.TempDir(), Peers: network.Peers(name), Transport: network.Join(name)}
		}
		cfg := lone("m2")
		for range 3 { // each start is a raft term
			other := startMaster(t, cfg, newDatabase())
			receive(t, other.terms, "a term")
			other.shutdown(t)
		}
		cfg.Transport = network.Join("m2")
		other := startMaster(t, cfg, newDatabase())
		receive(t, other.terms, "a term")
		m := startMaster(t, lone("m1"), db)
		term := receive(t, m.terms, "a term")
		wantErr(t, "Join of another cluster's leader", m.Join(t.Context(), "m2", "m2"), election.ErrMember)
		if term.Context().Err() != nil || other.Status().State != "leader" {
			t.Error("after a refused join: got an ended term, want both clusters to go on")
		}
		other.shutdown(t)
		m.shutdown(t)
		elapse(raftRest)
	})
}

func TestAClusterOfOneGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, dir := newDatabase(), t.TempDir()
		alone := startMaster(t, election.Config{Node: "m1", Dir: dir}, db)
		receive(t, alone.terms, "a term")
		wantErr(t, "Join without a port", alone.Join(t.Context(), "m2", "m2"), election.ErrAlone)
		wantErr(t, "Remove of the only one", alone.Remove(t.Context(), "m1"), election.ErrQuorum)
		wantErr(t, "Transfer to nobody", alone.Transfer(t.Context(), ""), election.ErrNoMember)
		alone.shutdown(t)

		network := electiontest.NewNetwork()
		at := func(node, address string) election.Config {
			return election.Config{Node: node, Peers: map[string]string{node: address}, Transport: network.Join(address)}
		}
		founder := at("m1", "h1:7946")
		founder.Dir = dir
		masters := map[string]*master{"m1": startMaster(t, founder, db)}
		receive(t, masters["m1"].terms, "a term with a port")
		wantMember(t, masters["m1"], "m1", "h1:7946")
		for _, node := range []string{"m2", "m3"} {
			joiner := at(node, node+":7946")
			joiner.Join = true
			masters[node] = startMaster(t, joiner, db)
			if err := masters["m1"].Join(t.Context(), node, node+":7946"); err != nil {
				t.Fatalf("Join of %s: got %v, want no error", node, err)
			}
		}
		masters["m1"].shutdown(t)
		second := anyTerm(t, masters)
		wantMember(t, masters[second.Holder], "m1", "h1:7946")
		if got := masters[second.Holder].Status().ClusterID; got == "" || got != db.granted()[0].ClusterID {
			t.Errorf("cluster id: got %q, want that of the founder", got)
		}
		delete(masters, "m1")
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func TestAMemberMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, network := startCluster(t, db)
		leader := anyTerm(t, masters).Holder
		moved := another(masters, leader)
		masters[moved].shutdown(t)
		peers := network.Peers("m1", "m2", "m3")
		peers[moved] = "elsewhere"
		cfg := election.Config{Node: moved, Dir: masters[moved].dir, Peers: peers, Transport: network.Join("elsewhere")}
		masters[moved] = startMaster(t, cfg, db)
		elapse(5 * time.Second)
		if err := masters[leader].Join(t.Context(), moved, "elsewhere"); err != nil {
			t.Fatalf("Join at another address: got %v, want no error", err)
		}
		wantMember(t, masters[leader], moved, "elsewhere")
		if err := masters[leader].Transfer(t.Context(), moved); err != nil {
			t.Errorf("Transfer to the moved one: got %v, want no error", err)
		}
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func another(masters map[string]*master, than string) string {
	for _, name := range []string{"m1", "m2", "m3"} {
		if _, ok := masters[name]; ok && name != than {
			return name
		}
	}
	return ""
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantCause(t *testing.T, term *election.Term, want error) {
	t.Helper()
	if got := context.Cause(term.Context()); !errors.Is(got, want) {
		t.Errorf("cause of the end of term %d: got %v, want %v", term.Epoch, got, want)
	}
}

func wantState(t *testing.T, m *master, state string, members int) {
	t.Helper()
	if got := m.Status(); got.State != state || len(got.Members) != members {
		t.Errorf("status of %s: got %s with %d members, want %s with %d", got.Node, got.State, len(got.Members), state, members)
	}
}

func wantMember(t *testing.T, m *master, node, address string) {
	t.Helper()
	for _, member := range m.Status().Members {
		if member.Node == node && member.Raft == address {
			return
		}
	}
	t.Errorf("members: got %+v, want %s at %s", m.Status().Members, node, address)
}
