package election_test

import (
	"testing"
	"testing/synctest"
	"time"

	"capricornus/master/election"
)

func TestARemovedMasterComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, network := startCluster(t, db)
		leader := anyTerm(t, masters).Holder
		name := another(masters, leader)
		dir, peers := masters[name].dir, network.Peers("m1", "m2", "m3")
		again := func(join bool) *master {
			cfg := election.Config{Node: name, Dir: dir, Peers: peers, Join: join, Transport: network.Join(name)}
			masters[name] = startMaster(t, cfg, db)
			return masters[name]
		}
		if err := masters[leader].Remove(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		wantErr(t, "Run of the removed one", receive(t, masters[name].done, "its end"), election.ErrRemoved)
		wantErr(t, "Run of the removed one again", receive(t, again(false).done, "its end"), election.ErrRemoved)

		waiting := again(true)
		elapse(time.Minute)
		wantState(t, waiting, "joining", 2)
		if err := masters[leader].Join(t.Context(), name, name); err != nil {
			t.Fatal(err)
		}
		elapse(time.Second)
		wantState(t, waiting, "follower", 3)
		waiting.shutdown(t)
		for _, join := range []bool{true, false} { // a member is one whatever its file says
			back := again(join)
			elapse(15 * time.Second)
			wantState(t, back, "follower", 3)
			back.shutdown(t)
		}
		delete(masters, name)
		if got := len(db.granted()); got != 1 {
			t.Errorf("terms: got %d, want the first to go on", got)
		}
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func TestALeaderRemovesItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, _ := startCluster(t, db)
		first := anyTerm(t, masters)
		began := time.Now()
		if err := masters[first.Holder].Remove(t.Context(), first.Holder); err != nil {
			t.Fatalf("Remove: got %v, want no error", err)
		}
		wantCause(t, first, election.ErrTransferred)
		second := anyTerm(t, masters)
		if took := time.Since(began); second.Holder == first.Holder || took > 300*time.Millisecond {
			t.Errorf("next term: got %s after %v, want another at once", second.Holder, took)
		}
		wantErr(t, "Run of the removed one", receive(t, masters[first.Holder].done, "the removed one to end"), election.ErrRemoved)
		wantState(t, masters[second.Holder], "leader", 2)
		if second.Context().Err() != nil {
			t.Error("the next term ended, want the removed one to disturb nobody")
		}
		delete(masters, first.Holder)
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func TestNobodyIsRemovedWhoLeavesNoMajority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, network := startCluster(t, db)
		leader := anyTerm(t, masters).Holder
		away := another(masters, leader)
		network.Cut(away)
		elapse(time.Second)
		for name, m := range masters {
			if name != leader && name != away {
				wantErr(t, "Remove of the only one that answers", masters[leader].Remove(t.Context(), name), election.ErrQuorum)
				wantState(t, m, "follower", 3)
			}
		}
		if err := masters[leader].Remove(t.Context(), away); err != nil {
			t.Errorf("Remove of the one that is away: got %v, want no error", err)
		}
		elapse(time.Minute) // raft tries for some seconds to tell the removed one
		network.Heal(away)
		elapse(time.Minute)
		wantState(t, masters[leader], "leader", 2)
		wantState(t, masters[away], "candidate", 3) // it does not know
		if got := len(db.granted()); got != 1 {
			t.Errorf("terms: got %d, want one: a removed master disturbs nobody", got)
		}
		stopAll(t, masters)
		elapse(raftRest)
	})
}
