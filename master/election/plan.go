package election

import (
	"fmt"
	"slices"

	"github.com/hashicorp/raft"
)

// quorum is how many of so many voters are a majority.
func quorum(voters int) int { return voters/2 + 1 }

// step says what taking in a node takes.
type step int

const (
	stepNone step = iota // it is a member with that address
	stepAdd              // new, or taken in half by a leader that was interrupted
	stepMove             // a member with another address
)

// planJoin decides what it takes to make node a voter at address. A member that
// moved to another host is told apart from a new one by its name only, so an
// address may change; one address of two members may not be.
func planJoin(servers []raft.Server, node, address string) (step, error) {
	for _, s := range servers {
		if string(s.ID) != node && string(s.Address) == address {
			return stepNone, fmt.Errorf("%w: %s is at %s", ErrMember, s.ID, address)
		}
	}
	i := indexOf(servers, node)
	switch {
	case i < 0, servers[i].Suffrage != raft.Voter:
		return stepAdd, nil
	case string(servers[i].Address) != address:
		return stepMove, nil
	default:
		return stepNone, nil
	}
}

// without returns the voters that stay when node goes; ErrNoMember or ErrQuorum
// (nobody would stay) when it cannot go.
func without(servers []raft.Server, node string) ([]raft.Server, error) {
	if indexOf(servers, node) < 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoMember, node)
	}
	stay := slices.DeleteFunc(slices.Clone(servers), func(s raft.Server) bool {
		return string(s.ID) == node || s.Suffrage != raft.Voter
	})
	if len(stay) == 0 {
		return nil, fmt.Errorf("%w: %s is the only member", ErrQuorum, node)
	}
	return stay, nil
}

// others returns the other voters in the order in which leadership is passed
// on: from the one after node round to the one before it.
func others(servers []raft.Server, node string) []raft.Server {
	var out []raft.Server
	self := indexOf(servers, node)
	for i := range servers {
		s := servers[(self+1+i)%len(servers)]
		if string(s.ID) != node && s.Suffrage == raft.Voter {
			out = append(out, s)
		}
	}
	return out
}

func indexOf(servers []raft.Server, node string) int {
	return slices.IndexFunc(servers, func(s raft.Server) bool { return string(s.ID) == node })
}
