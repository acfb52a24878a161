package election_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"capricornus/master/election"
)

// TestALeaderWhoseDiskHangsEnds lets each write of the disk wait for ever, as a
// stalled device does: raft itself would go on with its heartbeats.
func TestALeaderWhoseDiskHangsEnds(t *testing.T) {
	s := newSite(t, calm)
	s.start(t, "m1", "m2", "m3")
	first := anyTerm(t, s.masters)
	s.settled(t)
	leader := s.masters[first.Holder]
	bury := leader.Bury()
	release, err := leader.HangDisk()
	if err != nil {
		t.Fatal(err)
	}
	// This stops raft's main loop; nothing that people ask may hang with it.
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	wantErr(t, "Remove with a hung disk", leader.Remove(short, first.Holder), context.DeadlineExceeded)
	if got := leader.Status(); got.State != "leader" || len(got.Members) != 3 {
		t.Errorf("status with a hung disk: got %+v, want a leader with 3 members", got)
	}
	if node, _, ok := leader.Leader(); node != first.Holder || !ok {
		t.Errorf("leader with a hung disk: got %q %v, want %s", node, ok, first.Holder)
	}
	wantErr(t, "Run with a hung disk", receive(t, leader.done, "the leader to end"), election.ErrDisk)
	wantCause(t, first, election.ErrDisk)
	if got := leader.Status().State; got != "down" {
		t.Errorf("state after the end: got %s, want down", got)
	}
	if err := errors.Join(release(), bury(t.Context())); err != nil {
		t.Fatal(err)
	}
	delete(s.masters, first.Holder)
	if second := anyTerm(t, s.masters); second.Epoch <= first.Epoch {
		t.Errorf("epoch of the next term: got %d, want more than %d", second.Epoch, first.Epoch)
	}
	for name := range s.masters {
		s.stop(t, name)
	}
}

func TestAFollowerWhoseDiskHangsIsGivenNoLeadership(t *testing.T) {
	s := newSite(t, calm)
	s.start(t, "m1", "m2", "m3")
	first := anyTerm(t, s.masters)
	s.settled(t)
	hung := another(s.masters, first.Holder)
	release, err := s.masters[hung].HangDisk()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // it never comes to lead, and leaves the leader able to try again
		if err := s.masters[first.Holder].Transfer(t.Context(), hung); err == nil {
			t.Error("Transfer to one whose disk hangs: got no error, want one")
		}
	}
	first.End(errRefused)
	second := anyTerm(t, s.masters)
	if second.Holder == hung {
		t.Errorf("next term: got %s, whose disk hangs, want another", hung)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	s.stop(t, hung)
	for name := range s.masters {
		s.stop(t, name)
	}
}

// TestAMasterWhoseDiskHangsBeforeItsTermEnds covers one that wins raft's
// leadership with its last good write.
func TestAMasterWhoseDiskHangsBeforeItsTermEnds(t *testing.T) {
	claims := &hangingClaimer{newDatabase(), make(chan string, 100)}
	m := startMaster(t, election.Config{Node: "m1"}, claims)
	receive(t, claims.asked, "a claim")
	bury := m.Bury()
	release, err := m.HangDisk()
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, "Run with a hung disk", receive(t, m.done, "the master to end"), election.ErrDisk)
	if err := errors.Join(release(), bury(t.Context())); err != nil {
		t.Fatal(err)
	}
}
