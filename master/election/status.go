package election

import (
	"strings"

	"github.com/hashicorp/raft"
)

// Status is what an operator may want to know of this member.
type Status struct {
	Node      string
	Raft      string // this node's address for raft; empty: a cluster of one without a port
	State     string // down, joining, follower, candidate, leader, removed, shutdown
	Epoch     int64  // of the term this node leads; 0: none
	ClusterID string
	RaftTerm  uint64
	LastIndex uint64
	Applied   uint64
	Refused   string // why the last claim got no term; empty: it did
	Members   []Member
}

// Member is one master of the cluster.
type Member struct {
	Node    string
	Raft    string // address for raft
	Address string // address for people; empty until the node first led
	Leader  bool
}

// Leader names the node that raft follows and the address people use for it.
// A leader that is about to claim its term counts, but not one whose claim was
// refused: it may lead nobody.
func (e *Election) Leader() (node, address string, ok bool) {
	n := e.node.Load()
	if n == nil {
		return "", "", false
	}
	_, id := n.raft.LeaderWithID()
	if id == "" {
		return "", "", false
	}
	if string(id) == e.cfg.Node {
		if e.refusal.Load() != nil {
			return "", "", false
		}
		return e.cfg.Node, e.cfg.Advertise, true
	}
	return string(id), n.machine.address(string(id)), true
}

// Status describes this member now. It waits for nothing that a hung disk could
// stop.
func (e *Election) Status() Status {
	out := Status{Node: e.cfg.Node, State: e.state(nil)}
	n := e.node.Load()
	if n == nil {
		return out
	}
	out.State = e.state(n)
	if e.cfg.port() {
		out.Raft = string(n.peers.LocalAddr())
	}
	out.ClusterID = n.machine.cluster()
	out.RaftTerm, out.LastIndex, out.Applied = n.raft.CurrentTerm(), n.raft.LastIndex(), n.raft.AppliedIndex()
	if term := e.term.Load(); term != nil {
		out.Epoch = term.Epoch
	}
	if reason := e.refusal.Load(); reason != nil {
		out.Refused = *reason
	}
	out.Members = e.members(n)
	return out
}

func (e *Election) state(n *node) string {
	if e.removed.Load() {
		return stateRemoved
	}
	if n == nil {
		return stateDown
	}
	if standing := e.standing(n); standing != "" {
		return standing
	}
	return strings.ToLower(n.raft.State().String())
}

func (e *Election) members(n *node) []Member {
	leader, _, _ := e.Leader()
	var out []Member
	for _, server := range n.servers() {
		out = append(out, newMember(server, n.machine, leader))
	}
	return out
}

func newMember(server raft.Server, m *machine, leader string) Member {
	name := string(server.ID)
	return Member{Node: name, Raft: string(server.Address), Address: m.address(name), Leader: name == leader}
}
