package electiontest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"capricornus/master/election"
)

// Scripted is a cluster whose terms begin and end when a test says so. Its
// claims go to the same Claimer as those of a real one.
type Scripted struct {
	claimer election.Claimer
	cluster string

	mu      sync.Mutex
	index   uint64
	leader  *Seat
	seats   map[string]*Seat
	changed chan struct{} // closed and renewed with each change of leader
}

// NewScripted returns a cluster without members.
func NewScripted(claimer election.Claimer) *Scripted {
	return &Scripted{
		claimer: claimer,
		cluster: "scripted",
		seats:   map[string]*Seat{},
		changed: make(chan struct{}),
	}
}

// Seat is one master's place in a scripted cluster: what it runs instead of an
// election.
type Seat struct {
	cluster       *Scripted
	node, address string
	reigns        chan reign // one slot, the latest counts

	end     context.CancelCauseFunc // of the present reign; under cluster.mu
	refusal error                   // of the last claim; under cluster.mu
}

type reign struct {
	ctx   context.Context
	end   context.CancelCauseFunc
	index uint64
}

var _ election.Terms = (*Seat)(nil)

// Seat returns the place of a master, made at its first mention. A master that
// restarts takes the same one again.
func (s *Scripted) Seat(node, address string) *Seat {
	s.mu.Lock()
	defer s.mu.Unlock()
	seat, ok := s.seats[node]
	if !ok {
		seat = &Seat{cluster: s, node: node, reigns: make(chan reign, 1)}
		s.seats[node] = seat
	}
	seat.address = address
	return seat
}

// Elect ends the present leader's term, if any, and makes node the leader. It
// claims as soon as it runs and the previous term's lead function of that same
// node has returned.
func (s *Scripted) Elect(node string) error { return s.elect(node, true) }

// Usurp makes node the leader while the present one does not hear of it: what
// a leader that was paused, or cut off, is to the others.
func (s *Scripted) Usurp(node string) error { return s.elect(node, false) }

func (s *Scripted) elect(node string, tell bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	seat, ok := s.seats[node]
	if !ok {
		return fmt.Errorf("scripted election: no seat of that name: %q", node)
	}
	if tell || s.leader == seat {
		s.endLocked(election.ErrLost)
	}
	// A claim entry stands behind a barrier: indexes rise by more than one.
	s.index += 3
	s.leader = seat
	r := reign{index: s.index}
	r.ctx, r.end = context.WithCancelCause(context.Background())
	seat.retire(election.ErrLost)
	seat.end = r.end
	select {
	case old := <-seat.reigns:
		old.end(election.ErrLost)
	default:
	}
	seat.reigns <- r
	s.announceLocked()
	return nil
}

// End takes leadership from whoever has it; nobody leads until the next Elect.
func (s *Scripted) End(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLocked(cause)
	s.announceLocked()
}

// Depose ends what node believes to be its term, also after Usurp.
func (s *Scripted) Depose(node string, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seat, ok := s.seats[node]
	if !ok {
		return
	}
	if s.leader == seat {
		s.leader = nil
		s.announceLocked()
	}
	seat.retire(cause)
}

// Changed is closed at the next change of leader, giving up included.
func (s *Scripted) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Leader names the node that leads and its address.
func (s *Scripted) Leader() (node, address string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leader == nil {
		return "", "", false
	}
	return s.leader.node, s.leader.address, true
}

func (s *Scripted) endLocked(cause error) {
	if s.leader != nil {
		s.leader.retire(cause)
		s.leader = nil
	}
}

func (s *Scripted) announceLocked() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// retire ends the seat's reign; the cluster's lock is held.
func (t *Seat) retire(cause error) {
	if t.end != nil {
		t.end(cause)
		t.end = nil
	}
}

// Run leads the terms that the script gives this node, until ctx is done.
func (t *Seat) Run(ctx context.Context, lead election.Lead) error {
	for {
		select {
		case <-ctx.Done():
			t.cluster.giveUp(t, election.ErrStopping)
			return nil
		case r := <-t.reigns:
			stop := context.AfterFunc(ctx, func() { r.end(election.ErrStopping) })
			t.reign(r, lead)
			stop()
		}
	}
}

func (t *Seat) reign(r reign, lead election.Lead) {
	defer r.end(election.ErrReturned)
	claim := election.Claim{ClusterID: t.cluster.cluster, RaftIndex: r.index, Holder: t.node}
	epoch, err := t.cluster.claimer.Claim(r.ctx, claim)
	t.cluster.noteClaim(t, err)
	if err == nil {
		term := election.NewTerm(r.ctx, epoch, t.node)
		err = lead(term.Context(), term)
		term.End(election.ErrReturned)
	}
	if r.ctx.Err() == nil {
		t.cluster.giveUp(t, errors.Join(election.ErrReturned, err))
	}
}

// Leader names the node that leads the cluster.
func (t *Seat) Leader() (node, address string, ok bool) { return t.cluster.Leader() }

// Refusal is why the seat's last claim got no term; nil when it did.
func (t *Seat) Refusal() error {
	t.cluster.mu.Lock()
	defer t.cluster.mu.Unlock()
	return t.refusal
}

func (s *Scripted) noteClaim(t *Seat, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.refusal = err
}

func (s *Scripted) giveUp(t *Seat, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leader != t {
		return
	}
	s.endLocked(cause)
	s.announceLocked()
}
