package election

import (
	"context"
	"errors"
)

// Why a change of the members, or a transfer, is refused.
var (
	// ErrNotLeader: only the node that raft follows can do it.
	ErrNotLeader = errors.New("this master does not lead")
	// ErrNoMember: there is no member of that name.
	ErrNoMember = errors.New("no such member")
	// ErrMember: a member of that name, or with that address, is there already.
	ErrMember = errors.New("already a member")
	// ErrQuorum: without that member there would be no majority, or nobody at all.
	ErrQuorum = errors.New("would leave no majority")
	// ErrAlone: this cluster has no raft port, so it can have no other members.
	ErrAlone = errors.New("this master has no raft port for others")
)

// Transfer hands leadership to a member, or to the most up to date one when to
// is empty, and returns once raft has begun to follow it. The term ends with
// ErrTransferred.
func (e *Election) Transfer(ctx context.Context, to string) error {
	return errors.ErrUnsupported
}

// Join takes a node into the cluster, as a voter; the node itself was started
// with Config.Join. It returns when a majority knows.
func (e *Election) Join(ctx context.Context, node, address string) error {
	return errors.ErrUnsupported
}

// Remove takes a node out of the cluster for good. It returns when a majority
// of those that stay knows. A leader that removes itself hands over first.
func (e *Election) Remove(ctx context.Context, node string) error {
	return errors.ErrUnsupported
}
