package electiontest

import (
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"capricornus/master/election"
)

// Network joins the raft nodes of one process without sockets; so a cluster
// can elect in virtual time, and be cut in two.
type Network struct {
	mu         sync.Mutex
	transports map[string]*raft.InmemTransport
	cut        map[string]bool
}

// NewNetwork returns a network without nodes.
func NewNetwork() *Network {
	return &Network{transports: map[string]*raft.InmemTransport{}, cut: map[string]bool{}}
}

// Join returns a new transport for a node, connected to all others. Joining
// again replaces the node's transport, as a restart does. The node's raft
// address is its name.
func (n *Network) Join(node string) election.Transport {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, transport := raft.NewInmemTransportWithTimeout(raft.ServerAddress(node), 100*time.Millisecond)
	n.transports[node] = transport
	n.wire()
	return transport
}

// Peers names the nodes as election.Config wants them.
func (n *Network) Peers(nodes ...string) map[string]string {
	out := map[string]string{}
	for _, node := range nodes {
		out[node] = node
	}
	return out
}

// Cut separates a node from all others; it goes on running.
func (n *Network) Cut(node string) { n.set(node, true) }

// Heal joins a separated node again.
func (n *Network) Heal(node string) { n.set(node, false) }

func (n *Network) set(node string, cut bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut[node] = cut
	n.wire()
}

// wire makes the connections what they should be, for each pair of nodes.
func (n *Network) wire() {
	for from, transport := range n.transports {
		for to, peer := range n.transports {
			if from == to {
				continue
			}
			transport.Disconnect(raft.ServerAddress(to))
			if !n.cut[from] && !n.cut[to] {
				transport.Connect(raft.ServerAddress(to), peer)
			}
		}
	}
}
