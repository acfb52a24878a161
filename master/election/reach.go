package election

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"
)

const (
	reachTimeout   = 2 * time.Second       // for a member to answer
	startTimeout   = 3 * time.Second       // for a new member to begin to answer
	catchUpTimeout = 15 * time.Second      // for a new member to have the log; raft may wait 10 s before it tries again
	upToDate       = time.Second           // the same for the next leader, which mostly has it
	askAgain       = 20 * time.Millisecond // between two questions to one that catches up
)

// ask finds out whether a node's raft is there and in which term it is. The
// question is one for a vote of term zero: every raft refuses it (or, when it
// is empty, grants what counts for nothing) and changes nothing. It is answered
// by raft's main loop, so a node whose disk hangs does not answer.
func (n *node) ask(ctx context.Context, server raft.Server) (term uint64, err error) {
	transport, ok := n.peers.(raft.WithPreVote)
	if !ok {
		return 0, fmt.Errorf("transport %T cannot ask for votes", n.peers)
	}
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	return await(ctx, "ask "+string(server.ID), func() (uint64, error) {
		var answer raft.RequestPreVoteResponse
		question := &raft.RequestPreVoteRequest{RPCHeader: n.header()}
		err := transport.RequestPreVote(server.ID, server.Address, question, &answer)
		return answer.Term, err
	})
}

// reached returns those of the servers whose raft answers, this node included,
// in their order. All are asked at the same time.
func (n *node) reached(ctx context.Context, servers []raft.Server) []raft.Server {
	answers := make([]chan error, len(servers))
	for i, s := range servers {
		answers[i] = make(chan error, 1)
		if string(s.ID) == n.name {
			answers[i] <- nil
			continue
		}
		go func() {
			_, err := n.ask(ctx, s)
			answers[i] <- err
		}()
	}
	var out []raft.Server
	for i, s := range servers {
		if <-answers[i] == nil {
			out = append(out, s)
		}
	}
	return out
}

// catchUp waits until a member has the log up to an index. It asks by the
// heartbeats that raft itself sends to members, in the term that this node leads.
func (n *node) catchUp(ctx context.Context, server raft.Server, index uint64, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_, err := await(ctx, string(server.ID)+" catches up", func() (struct{}, error) {
		ticker := time.NewTicker(askAgain)
		defer ticker.Stop()
		term := n.raft.CurrentTerm()
		for n.leads() && n.raft.CurrentTerm() == term { // read before and after: it leads in that term
			var answer raft.AppendEntriesResponse
			beat := &raft.AppendEntriesRequest{RPCHeader: n.header(), Term: term}
			err := n.peers.AppendEntries(server.ID, server.Address, beat, &answer)
			if err == nil && answer.LastLog >= index {
				return struct{}{}, nil
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return struct{}{}, errors.Join(err, context.Cause(ctx))
			}
		}
		return struct{}{}, ErrNotLeader
	})
	return err
}

func (n *node) header() raft.RPCHeader {
	return raft.RPCHeader{
		ProtocolVersion: raft.ProtocolVersionMax,
		ID:              []byte(n.name),
		Addr:            n.peers.EncodePeer(raft.ServerID(n.name), n.peers.LocalAddr()),
	}
}
