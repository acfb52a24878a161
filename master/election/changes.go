package election

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"

	"capricornus/common/pause"
)

// successor is the member that leadership goes to: the named one, or the next
// one that answers when there is no name.
func (n *node) successor(ctx context.Context, name string) (raft.Server, error) {
	next := others(n.servers(), n.name)
	if name != "" {
		i := indexOf(next, name)
		if i < 0 {
			return raft.Server{}, fmt.Errorf("%w that could lead: %s", ErrNoMember, name)
		}
		next = next[i : i+1]
	}
	if len(next) == 0 {
		return raft.Server{}, fmt.Errorf("%w beside this one", ErrNoMember)
	}
	up := n.reached(ctx, next)
	if len(up) == 0 {
		return raft.Server{}, fmt.Errorf("%s %w", next[0].ID, ErrUnreachable)
	}
	return up[0], nil
}

// welcome checks that a node answers at its address, which one that was started
// this moment does soon, and that it is not one whose term would unseat this
// leader: only another cluster's is ahead.
func (n *node) welcome(ctx context.Context, server raft.Server) error {
	term, err := n.ask(ctx, server)
	for started := time.Now(); err != nil && time.Since(started) < startTimeout; {
		if pause.For(ctx, askAgain) != nil {
			break
		}
		term, err = n.ask(ctx, server)
	}
	if err != nil {
		return fmt.Errorf("%s at %s %w: %w", server.ID, server.Address, ErrUnreachable, err)
	}
	if own := n.raft.CurrentTerm(); term > own {
		return fmt.Errorf("%w of another cluster: %s is in raft term %d, this cluster in %d", ErrMember, server.ID, term, own)
	}
	return nil
}

// add makes a voter of a node that is none. First it is a member without a vote:
// a cluster of one that took in a voter without its log would have no majority
// until that caught up, and for ever if it went away again.
func (n *node) add(ctx context.Context, server raft.Server) error {
	var index uint64
	err := awaitDone(ctx, "add "+string(server.ID), func() error {
		future := n.raft.AddNonvoter(server.ID, server.Address, 0, changeTimeout)
		err := future.Error()
		index = future.Index()
		return err
	})
	if err != nil {
		return err
	}
	if err := n.catchUp(ctx, server, index, catchUpTimeout); err != nil {
		return fmt.Errorf("%s %w, or does not get the log: %w", server.ID, ErrUnreachable, errors.Join(err, n.remove(ctx, string(server.ID))))
	}
	return n.vote(ctx, server)
}

// move changes the address of a member. It returns when that one is up to date
// again; what it says then, it said at its new address.
func (n *node) move(ctx context.Context, server raft.Server) error {
	if err := n.vote(ctx, server); err != nil {
		return err
	}
	return n.catchUp(ctx, server, n.raft.LastIndex(), catchUpTimeout)
}

// vote makes a node a voter at an address.
func (n *node) vote(ctx context.Context, server raft.Server) error {
	return awaitDone(ctx, "make a voter of "+string(server.ID), func() error {
		return n.raft.AddVoter(server.ID, server.Address, 0, changeTimeout).Error()
	})
}

func (n *node) remove(ctx context.Context, name string) error {
	return awaitDone(ctx, "remove "+name, func() error {
		return n.raft.RemoveServer(raft.ServerID(name), 0, changeTimeout).Error()
	})
}
