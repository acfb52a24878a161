package electiontest_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"capricornus/master/election"
	"capricornus/master/election/electiontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type counter struct {
	mu     sync.Mutex
	epoch  int64
	refuse error
	last   election.Claim
}

func (c *counter) Claim(_ context.Context, claim election.Claim) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse != nil || claim.RaftIndex <= c.last.RaftIndex {
		return 0, errors.Join(c.refuse, errors.New("refused"))
	}
	c.epoch++
	c.last = claim
	return c.epoch, nil
}

// play starts two masters on a script and returns the terms they are given.
func play(t *testing.T, script *electiontest.Scripted) map[string]chan *election.Term {
	t.Helper()
	out := map[string]chan *election.Term{}
	for _, name := range []string{"m1", "m2"} {
		terms, seat := make(chan *election.Term, 10), script.Seat(name, "http://"+name)
		out[name] = terms
		go func() {
			_ = seat.Run(t.Context(), func(ctx context.Context, term *election.Term) error {
				terms <- term
				<-ctx.Done()
				return nil
			})
		}()
	}
	return out
}

func mustElect(t *testing.T, elect func(string) error, node string) {
	t.Helper()
	if err := elect(node); err != nil {
		t.Fatal(err)
	}
}

func TestScriptedElectEndsTheTermBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := electiontest.NewScripted(&counter{})
		terms := play(t, script)
		mustElect(t, script.Elect, "m1")
		first := <-terms["m1"]
		mustElect(t, script.Elect, "m2")
		second := <-terms["m2"]
		if got := context.Cause(first.Context()); !errors.Is(got, election.ErrLost) {
			t.Errorf("cause: got %v, want %v", got, election.ErrLost)
		}
		if second.Epoch != 2 || second.Holder != "m2" {
			t.Errorf("second term: got %s in epoch %d, want m2 in 2", second.Holder, second.Epoch)
		}
		if node, address, ok := script.Leader(); node != "m2" || address != "http://m2" || !ok {
			t.Errorf("leader: got %q %q %v, want m2", node, address, ok)
		}
		mustElect(t, script.Elect, "m2")
		if third := <-terms["m2"]; third.Epoch != 3 || second.Context().Err() == nil {
			t.Errorf("re-elected: got epoch %d with the term before alive, want 3 and its end", third.Epoch)
		}
	})
}

func TestScriptedUsurpLeavesTheOldLeaderInTheDark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := electiontest.NewScripted(&counter{})
		terms := play(t, script)
		mustElect(t, script.Elect, "m1")
		first := <-terms["m1"]
		mustElect(t, script.Usurp, "m2")
		second := <-terms["m2"]
		synctest.Wait()
		if first.Context().Err() != nil || second.Context().Err() != nil {
			t.Fatal("after Usurp: got an ended term, want both alive")
		}
		first.End(errors.New("fenced"))
		synctest.Wait()
		if node, _, _ := script.Leader(); node != "m2" {
			t.Errorf("leader: got %q, want m2", node)
		}
		script.Depose("m2", election.ErrLost)
		synctest.Wait()
		if _, _, ok := script.Leader(); ok || second.Context().Err() == nil {
			t.Error("after Depose: got a leader, want none")
		}
	})
}

func TestScriptedRefusedOrEndedTermsLeaveTheSeatEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &counter{refuse: errors.New("down")}
		script := electiontest.NewScripted(db)
		terms := play(t, script)
		mustElect(t, script.Elect, "m1")
		synctest.Wait()
		if _, _, ok := script.Leader(); ok {
			t.Error("after a refused claim: got a leader, want none")
		}
		if got := script.Seat("m1", "http://m1").Refusal(); got == nil {
			t.Error("refusal: got none, want the reason")
		}
		db.refuse = nil
		changed := script.Changed()
		mustElect(t, script.Elect, "m1")
		<-changed
		term := <-terms["m1"]
		term.End(errors.New("fenced"))
		synctest.Wait()
		if _, _, ok := script.Leader(); ok {
			t.Error("after the term's end: got a leader, want none")
		}
		script.End(nil)
	})
}

func TestScriptedUnknownSeatsAreRefused(t *testing.T) {
	if err := electiontest.NewScripted(&counter{}).Elect("m9"); err == nil {
		t.Error("Elect of nobody: got no error, want one")
	}
}
