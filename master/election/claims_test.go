package election_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/master/election"
)

// moves counts how often another master than before tried to claim.
func (d *database) moves() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	moves := 0
	for i := 1; i < len(d.tried); i++ {
		if d.tried[i] != d.tried[i-1] {
			moves++
		}
	}
	return moves
}

func TestADatabaseThatIsAwayForAllMakesLeadershipWanderSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, _ := startClusterOf(t, db, 4*time.Second) // few heartbeats: real time is dear
		first := anyTerm(t, masters)
		for name := range masters {
			db.setRefuse(name, true)
		}
		first.End(election.ErrDatabase)
		elapse(3 * time.Minute)
		// Patience of 1, 2, 4, 8 and 16 s for each of three: 93 s. Then one move in 30 s.
		if moves, most := db.moves(), 3*5+90/30; moves < 3 || moves > most {
			t.Errorf("moves of leadership in 3 minutes without a database: got %d, want 3 to %d", moves, most)
		}
		for name := range masters {
			db.setRefuse(name, false)
		}
		began := time.Now()
		anyTerm(t, masters)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("time to a term once the database was back: got %v, want at most 2s", took)
		}
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func TestADatabaseThatIsAwayForOneMakesLeadershipMoveOnce(t *testing.T) {
	for _, ended := range []error{election.ErrDatabase, errors.New("fenced")} {
		synctest.Test(t, func(t *testing.T) {
			db := newDatabase()
			masters, _ := startCluster(t, db)
			first := anyTerm(t, masters)
			tries := db.triesOf(first.Holder)
			db.setRefuse(first.Holder, true)
			began := time.Now()
			first.End(ended)
			second := anyTerm(t, masters)
			if took := time.Since(began); second.Holder == first.Holder || took > 300*time.Millisecond {
				t.Errorf("next term: got %s after %v, want another at once", second.Holder, took)
			}
			elapse(time.Minute)
			if second.Context().Err() != nil || db.triesOf(first.Holder) != tries {
				t.Errorf("after a minute: got %d claims of %s and a term that ended %v, want none and the term",
					db.triesOf(first.Holder)-tries, first.Holder, second.Context().Err())
			}
			stopAll(t, masters)
			elapse(raftRest)
		})
	}
}

func TestAMasterThatWinsWithoutADatabasePassesLeadershipOnSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		masters, _ := startCluster(t, db)
		first := anyTerm(t, masters)
		next := another(masters, first.Holder)
		db.setRefuse(next, true)
		began := time.Now()
		if err := masters[first.Holder].Transfer(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		term := anyTerm(t, masters)
		if took := time.Since(began); term.Holder == next || took > 3*time.Second || db.triesOf(next) < 2 {
			t.Errorf("next term: got %s after %v and %d claims of %s, want another within 3s after more than one",
				term.Holder, took, db.triesOf(next), next)
		}
		stopAll(t, masters)
		elapse(raftRest)
	})
}

func TestAClusterOfOneClaimsAgainWhenItsDatabaseIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		network := map[string]string{"m1": "m1"}
		m := startMaster(t, election.Config{Node: "m1", Peers: network, Transport: newTransport("m1")}, db)
		first := receive(t, m.terms, "a term")
		db.setRefuse("m1", true)
		first.End(election.ErrDatabase)
		elapse(time.Minute)
		db.setRefuse("m1", false)
		began := time.Now()
		receive(t, m.terms, "a term")
		if took := time.Since(began); took > time.Second {
			t.Errorf("time to a term once the database was back: got %v, want at most 1s", took)
		}
		m.shutdown(t)
	})
}

// hangingClaimer is a database that does not answer.
type hangingClaimer struct {
	*database
	asked chan string
}

func (h *hangingClaimer) Claim(ctx context.Context, c election.Claim) (int64, error) {
	h.asked <- c.Holder
	<-ctx.Done()
	return 0, context.Cause(ctx)
}

func TestAStopHandsOverWhileAClaimIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &hangingClaimer{newDatabase(), make(chan string, 100)}
		masters, _ := startCluster(t, db)
		first := receive(t, db.asked, "a claim")
		began := time.Now()
		masters[first].shutdown(t)
		if took := time.Since(began); took > 200*time.Millisecond {
			t.Errorf("time to stop: got %v, want less than a heartbeat", took)
		}
		second := receive(t, db.asked, "the next claim")
		if took := time.Since(began); second == first || took > 200*time.Millisecond {
			t.Errorf("next claim: got one of %s after %v, want another's at once", second, took)
		}
		delete(masters, first)
		stopAll(t, masters)
		elapse(raftRest)
	})
}
