package election

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/raft"

	"capricornus/common/logs"
)

// ErrRemoved ends Run of a master that an operator took out of the cluster.
// Started with Config.Join it waits to be taken in again.
var ErrRemoved = errors.New("this master was removed from the cluster")

// States beside those of raft.
const (
	stateDown    = "down"
	stateJoining = "joining" // no member yet: waits to be taken in, or catches up
	stateRemoved = "removed" // no member any more
)

const (
	standingEvery = 500 * time.Millisecond
	absences      = 20 // in a row: 10 s. Counted, not timed: a paused process missed nothing
	quietAfter    = 3 * time.Second
)

// standing is what a node is to its cluster.
type standing struct {
	servers []raft.Server // the members as this node knows them
	join    bool          // it was started to be taken in
	seated  bool          // it has been a member since it started
	quiet   bool          // no leader has spoken to it for a while
}

// state is empty for a member. A node that catches up goes through the cluster's
// past, in which it may not have been a member, or was one that was removed and
// came back: as long as a leader speaks to it, it is one that is joining.
func (s standing) state(node string) string {
	isSelf := func(server raft.Server) bool { return string(server.ID) == node }
	switch {
	case slices.ContainsFunc(s.servers, isSelf):
		return ""
	case len(s.servers) == 0, s.join && !s.seated, !s.quiet:
		return stateJoining
	default:
		return stateRemoved
	}
}

func (e *Election) standing(n *node) string {
	return standing{
		servers: n.servers(), join: e.cfg.Join, seated: e.seated.Load(),
		quiet: time.Since(n.raft.LastContact()) > quietAfter,
	}.state(e.cfg.Node)
}

// watchStanding ends Run of a node that is a member no more: it could lead
// nothing and hear nothing, and people would take it for one that works.
func (e *Election) watchStanding(ctx context.Context, n *node, fail func(error)) {
	ticker := time.NewTicker(standingEvery)
	defer ticker.Stop()
	for absent := 0; absent < absences; {
		switch e.standing(n) {
		case "":
			e.seated.Store(true)
			absent = 0
		case stateJoining:
			absent = 0
		case stateRemoved:
			absent++
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
	e.removed.Store(true)
	e.logger.Warn("this master was removed from the cluster", logs.Node, e.cfg.Node, logs.Members, n.servers())
	fail(ErrRemoved)
}
