package labtest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// Network gives every process of one cluster a host of its own: a network
// namespace that is linked to the tests' own, which routes between them and is
// never cut off.
type Network struct {
	number int64 // addresses are 10.number.host.2
	mu     sync.Mutex
	hosts  map[string]host
	order  []string
	cut    map[[2]string]bool // from → to
}

//nolint:gochecknoglobals // the addresses of this process's namespace are one thing, too
var networks atomic.Int64

// NewNetwork makes a network without hosts. It fails a test that does not run
// in namespaces; CAPRI_TEST_SKIP=netns leaves it out.
func NewNetwork(t testing.TB) *Network {
	t.Helper()
	needNamespaces(t)
	return &Network{number: networks.Add(1) % 250, hosts: map[string]host{}, cut: map[[2]string]bool{}}
}

// add makes a host.
func (n *Network) add(t T, name string) host {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	i := len(n.order) + 1
	space, link, net := fmt.Sprintf("c%d-%s", n.number, name), fmt.Sprintf("v%d.%d", n.number, i), fmt.Sprintf("10.%d.%d", n.number, i)
	err := ip("netns add "+space,
		"link add "+link+" type veth peer name eth0 netns "+space,
		"addr add "+net+".1/24 dev "+link, "link set "+link+" up")
	if err == nil {
		err = n.within(space, "link set lo up", "addr add "+net+".2/24 dev eth0", "link set eth0 up", "route add default via "+net+".1")
	}
	if err != nil {
		t.Fatalf("make host %s: %v", name, err)
	}
	h := host{name: name, address: net + ".2", netns: "/run/netns/" + space}
	n.hosts[name], n.order = h, append(n.order, name)
	return h
}

func (n *Network) within(space string, commands ...string) error {
	for _, command := range commands {
		if err := ipIn(space, command); err != nil {
			return err
		}
	}
	return nil
}

// remove takes the network away when its cluster has ended.
func (n *Network) remove(hosts map[string]host) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for way := range n.cut {
		_ = ip(n.rule("del", way[0], way[1]))
	}
	clear(n.cut)
	for name := range hosts {
		_ = ip("netns del " + fmt.Sprintf("c%d-%s", n.number, name))
	}
}

func (n *Network) rule(verb, from, to string) string {
	return fmt.Sprintf("rule %s from %s to %s blackhole priority 100", verb, n.hosts[from].address, n.hosts[to].address)
}

// turn cuts or joins one way, and says whether that changed anything.
func (n *Network) turn(from, to string, cut bool) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	way := [2]string{from, to}
	if n.cut[way] == cut {
		return false, nil
	}
	verb := "del"
	if cut {
		verb = "add"
	}
	if cut {
		n.cut[way] = true
	} else {
		delete(n.cut, way)
	}
	return true, ip(n.rule(verb, from, to))
}

// CutOneWay drops silently every packet from one host (m1, w2, db) to others,
// those of connections that exist, too. Answers the other way still pass.
func (c *Cluster) CutOneWay(from string, to ...string) {
	c.Helper()
	for _, other := range to {
		c.turn(from, other, true)
	}
}

// Cut separates one host from others, both ways.
func (c *Cluster) Cut(one string, others ...string) {
	c.Helper()
	for _, other := range others {
		c.turn(one, other, true)
		c.turn(other, one, true)
	}
}

// Heal joins all hosts again.
func (c *Cluster) Heal() {
	c.Helper()
	if c.network == nil {
		return
	}
	c.network.mu.Lock()
	ways := make([][2]string, 0, len(c.network.cut))
	for way := range c.network.cut {
		ways = append(ways, way)
	}
	c.network.mu.Unlock()
	for _, way := range ways {
		c.turn(way[0], way[1], false)
	}
}

func (c *Cluster) turn(from, to string, cut bool) {
	c.Helper()
	if c.network == nil {
		c.Fatalf("a cluster on the loopback cannot be cut apart: make it with a Network")
	}
	if from == to {
		return
	}
	changed, err := c.network.turn(from, to, cut)
	if err != nil {
		c.Fatalf("cut or join %s → %s: %v", from, to, err)
	}
	if changed && cut {
		c.Event("cut %s → %s", from, to)
	} else if changed {
		c.Event("join %s → %s", from, to)
	}
}

// Others are the masters but one.
func (c *Cluster) Others(master *Process) []*Process {
	return slices.DeleteFunc(slices.Clone(c.Masters), func(m *Process) bool { return m == master })
}

// Names are the names of processes.
func Names(processes ...*Process) []string {
	names := make([]string, len(processes))
	for i, p := range processes {
		names[i] = p.Name
	}
	return names
}
