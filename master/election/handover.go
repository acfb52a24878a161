package election

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"
)

const (
	handOverTimeout = 5 * time.Second
	promptly        = 500 * time.Millisecond // for an answer of one that is to lead; waiting for it costs everybody
	transferTries   = 3
	lookAgain       = 10 * time.Millisecond // between two looks at who leads
)

// errNobody says that no other voter answers.
var errNobody = errors.New("no other member answers")

// pass hands leadership to the next member that answers and takes it, in the
// order of the cluster's list: so it goes round until it finds a master the
// database accepts. Raft's own choice may bounce between the same two for ever,
// or be a member that is down. With no other voter it does nothing.
func (n *node) pass(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, handOverTimeout)
	defer cancel()
	next := others(n.servers(), n.name)
	if len(next) == 0 {
		return nil
	}
	asking, stop := context.WithTimeout(ctx, promptly)
	defer stop()
	err := errNobody
	for _, server := range n.reached(asking, next) {
		if err = n.transfer(ctx, server); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// transfer hands leadership to a member that answers. It tries more than once,
// because a connection that broke makes raft give up at once.
func (n *node) transfer(ctx context.Context, to raft.Server) error {
	var err error
	for range transferTries {
		if err = n.tryTransfer(ctx, to); err == nil || ctx.Err() != nil || !n.leads() {
			return err
		}
	}
	return err
}

// tryTransfer waits for the member's log first. Raft 1.8.0 must not be made to
// transfer to one that it is not replicating to: it may wait for that for ever,
// and take no entry for as long.
func (n *node) tryTransfer(ctx context.Context, to raft.Server) error {
	if err := n.catchUp(ctx, to, n.raft.LastIndex(), upToDate); err != nil {
		return err
	}
	return awaitDone(ctx, "transfer leadership to "+string(to.ID), func() error {
		return n.raft.LeadershipTransferToServer(to.ID, to.Address).Error()
	})
}

// summon makes a member stand for election at once, as raft does at the end of
// a transfer. It is for a leader that is none any more.
func (n *node) summon(ctx context.Context, to raft.Server) error {
	return awaitDone(ctx, "summon "+string(to.ID), func() error {
		return n.peers.TimeoutNow(to.ID, to.Address, &raft.TimeoutNowRequest{RPCHeader: n.header()}, &raft.TimeoutNowResponse{})
	})
}

// follows waits until raft follows another node, and fails when that is not the
// one it should be.
func (n *node) follows(ctx context.Context, want raft.ServerID) error {
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	for {
		if _, id := n.raft.LeaderWithID(); id == want {
			return nil
		} else if id != "" && string(id) != n.name {
			return fmt.Errorf("%s took leadership, not %s", id, want)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%s was given leadership, but does not lead: %w", want, context.Cause(ctx))
		}
	}
}

// correctAddress tells the cluster where this node is now, when that is not
// what the members know: its host moved, or it got a raft port.
func (n *node) correctAddress(ctx context.Context) error {
	servers, own := n.servers(), n.peers.LocalAddr()
	i := indexOf(servers, n.name)
	if i < 0 || servers[i].Address == own {
		return nil
	}
	return n.vote(ctx, raft.Server{ID: raft.ServerID(n.name), Address: own})
}
