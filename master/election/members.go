package election

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"

	"capricornus/common/logs"
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
	// ErrUnreachable: the node's raft does not answer, or does not get the log.
	ErrUnreachable = errors.New("does not answer on its raft port")
	// ErrAlone: this cluster has no raft port, so it can have no other members.
	ErrAlone = errors.New("this master has no raft port for others")
)

// changeTimeout bounds one change of the members, or one transfer: raft's calls
// hang for as long as its disk does.
const changeTimeout = 30 * time.Second

// Transfer hands leadership to a member, or to the next one that answers when to
// is empty, and returns once raft follows it; nothing happens when the member
// leads already. This node's term, if any, ends with ErrTransferred. Errors:
// ErrNotLeader, ErrNoMember (no other voter at all, too); ErrUnreachable when the
// member does not answer, and leadership then stays.
func (e *Election) Transfer(ctx context.Context, to string) error {
	return e.change(ctx, func(ctx context.Context, n *node) error {
		if to == e.cfg.Node {
			return nil
		}
		target, err := n.successor(ctx, to)
		if err != nil {
			return err
		}
		e.logger.Info("transferring leadership", logs.Node, e.cfg.Node, logs.Leader, string(target.ID))
		return e.endingTerm(ctx, func() error {
			if err := n.transfer(ctx, target); err != nil {
				return err
			}
			return n.follows(ctx, target.ID)
		})
	})
}

// Join takes a node into the cluster, as a voter; the node itself was started
// with Config.Join. It returns when a majority knows, and nothing happens when
// the node is a member with that address. A member with another address was
// moved there: its address changes. The node must answer, and must have the log
// before it counts as a voter. Errors: ErrNotLeader, ErrAlone, ErrMember
// (another member has that address, or the node is another cluster's),
// ErrUnreachable (it does not answer or does not catch up, and is no voter).
func (e *Election) Join(ctx context.Context, name, address string) error {
	return e.change(ctx, func(ctx context.Context, n *node) error {
		if !e.cfg.port() {
			return ErrAlone
		}
		step, err := planJoin(n.servers(), name, address)
		if err != nil || step == stepNone {
			return err
		}
		server := raft.Server{ID: raft.ServerID(name), Address: raft.ServerAddress(address)}
		if err := n.welcome(ctx, server); err != nil {
			return err
		}
		e.logger.Info("member joins", logs.Node, name, logs.Address, address)
		if step == stepAdd {
			return n.add(ctx, server)
		}
		return n.move(ctx, server)
	})
}

// Remove takes a node out of the cluster for good. It returns when a majority
// of those that stay knows. A leader that removes itself makes another member
// stand for election, and its term ends with ErrTransferred. A node that hears
// of its removal ends with ErrRemoved; one that was down then finds no majority
// for ever, and cannot disturb the others. Errors: ErrNotLeader, ErrNoMember,
// ErrQuorum (it is the only member, or no majority of those that stay answers
// at this moment: what they do in the next one, nobody can say).
func (e *Election) Remove(ctx context.Context, name string) error {
	return e.change(ctx, func(ctx context.Context, n *node) error {
		stay, err := without(n.servers(), name)
		if err != nil {
			return err
		}
		up := n.reached(ctx, stay)
		if len(up) < quorum(len(stay)) {
			return fmt.Errorf("%w: without %s, %d of %d members answer", ErrQuorum, name, len(up), len(stay))
		}
		e.logger.Info("member is removed", logs.Node, name)
		if name != e.cfg.Node {
			return n.remove(ctx, name)
		}
		return e.endingTerm(ctx, func() error {
			if err := n.remove(ctx, name); err != nil {
				return err
			}
			if err := n.summon(ctx, up[0]); err != nil {
				e.logger.Warn("nobody was told to lead, so that the others wait for heartbeats first", logs.Error(err))
			}
			return nil
		})
	})
}

// change runs one change of the cluster at a time, on the leader and in bounded
// time. Raft's own errors become ErrNotLeader where they mean that.
func (e *Election) change(ctx context.Context, do func(context.Context, *node) error) error {
	ctx, cancel := context.WithTimeout(ctx, changeTimeout)
	defer cancel()
	select {
	case e.changing <- struct{}{}:
		defer func() { <-e.changing }()
	case <-ctx.Done():
		return fmt.Errorf("wait for another change of the cluster: %w", context.Cause(ctx))
	}
	n := e.node.Load()
	if n == nil || !n.leads() {
		return ErrNotLeader
	}
	err := do(ctx, n)
	if errors.Is(err, raft.ErrNotLeader) || errors.Is(err, raft.ErrLeadershipLost) || errors.Is(err, raft.ErrRaftShutdown) {
		return fmt.Errorf("%w any more: %w", ErrNotLeader, err)
	}
	return err
}

// endingTerm does what costs this node its leadership, so that the term ends
// with ErrTransferred, and returns when it has ended.
func (e *Election) endingTerm(ctx context.Context, do func() error) error {
	e.handing.Store(true)
	defer e.handing.Store(false)
	term := e.term.Load()
	if err := do(); err != nil {
		return err
	}
	if term == nil {
		return nil
	}
	select {
	case <-term.Context().Done():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the end of term %d: %w", term.Epoch, context.Cause(ctx))
	}
}

// lossCause says why raft took leadership from this node.
func (e *Election) lossCause() error {
	if e.handing.Load() {
		return ErrTransferred
	}
	return ErrLost
}
