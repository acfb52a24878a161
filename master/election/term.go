package election

import (
	"context"
	"errors"
)

// Why a term is over. Any other cause was given to Term.End.
var (
	// ErrLost says that raft took leadership away: a partition, a restart
	// elsewhere, a lease that ran out.
	ErrLost = errors.New("leadership lost")
	// ErrReturned says that the lead function came back by itself.
	ErrReturned = errors.New("lead function returned")
	// ErrStopping says that this master is being stopped.
	ErrStopping = errors.New("master is stopping")
	// ErrTransferred says that an operator gave leadership to another member.
	ErrTransferred = errors.New("leadership transferred")
	// ErrDatabase says that the leader could not write to the database for too
	// long, while another master perhaps can.
	ErrDatabase = errors.New("the database does not answer")
)

// Term is one uninterrupted leadership under one epoch of the database. It is
// a lifetime: work is done under its context and stops when that ends.
type Term struct {
	Epoch  int64  // the fencing token that every decision of this term carries
	Holder string // the node that leads

	ctx context.Context
	end context.CancelCauseFunc
}

// NewTerm makes a term that lives at most as long as parent. Elections make
// terms; tests and simulations may.
func NewTerm(parent context.Context, epoch int64, holder string) *Term {
	ctx, end := context.WithCancelCause(parent)
	return &Term{Epoch: epoch, Holder: holder, ctx: ctx, end: end}
}

// Context lives as long as the term does; context.Cause says why it ended.
func (t *Term) Context() context.Context { return t.ctx }

// End ends the term for the given reason; leadership is then given away.
// The first cause stays. It is how a fenced write ends a leader's work.
func (t *Term) End(cause error) {
	if cause == nil {
		cause = ErrReturned
	}
	t.end(cause)
}

// Lead is called once for each term, with the term's context. It must return
// soon after that context has ended; returning earlier gives leadership away.
type Lead func(ctx context.Context, t *Term) error

// Terms is what a master needs of an election: the real one here, and the
// scripted one of simulations.
type Terms interface {
	// Run calls lead for each term this node wins, until ctx is done.
	Run(ctx context.Context, lead Lead) error
	// Leader names the node that leads and the address people use for it.
	Leader() (node, address string, ok bool)
}

// Claim is what the database needs to decide whether a new leader is news.
type Claim struct {
	ClusterID string // made by the cluster's first leader, the same for ever
	RaftIndex uint64 // log index of the claim entry: rises from claim to claim
	Holder    string // the node that claims
	Adopt     bool   // take over a database that belongs to another cluster
}

// Claimer raises the epoch for a new term. An error means that no term starts:
// the index was not news, the database belongs to another cluster, or nobody
// knows what became of the statement. A claim may be repeated with a higher
// index.
type Claimer interface {
	Claim(ctx context.Context, c Claim) (epoch int64, err error)
}
