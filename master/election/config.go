package election

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"
)

// Transport carries raft's messages between nodes.
type Transport = raft.Transport

// Config says who this node is and with whom it elects.
type Config struct {
	Node      string            // unique name of this master
	Advertise string            // http address that people and workers use
	Dir       string            // raft's log and snapshots; made when absent
	Listen    string            // raft's TCP address; empty: a cluster of this node alone
	Peers     map[string]string // node → raft address of all members, this one included; read at the first start only, but for this node's own
	Adopt     bool              // take over another cluster's database, once
	Join      bool              // found no cluster: wait until a member takes this node in; then nothing
	TLS       *tls.Config       // mutual TLS of raft's port, both sides; nil: plain TCP
	Heartbeat time.Duration     // default 400 ms (lease half of it); without a port: 100 ms

	// Transport replaces TCP, for clusters inside one process.
	Transport Transport
}

const (
	heartbeatOfMany = 400 * time.Millisecond
	heartbeatOfOne  = 100 * time.Millisecond
)

// port says whether other members can reach this node. Without, it is a cluster
// of one for as long as that stays so.
func (c Config) port() bool { return c.Listen != "" || c.Transport != nil }

func (c Config) heartbeat() time.Duration {
	switch {
	case c.Heartbeat > 0:
		return c.Heartbeat
	case c.port():
		return heartbeatOfMany
	default:
		return heartbeatOfOne
	}
}

// lease is how long a leader trusts itself without hearing from a majority.
// A node without a port hears from itself only.
func (c Config) lease() time.Duration {
	if c.port() {
		return c.heartbeat() / 2
	}
	return c.heartbeat()
}

func (c Config) validate() error {
	var problems []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	_, listed := c.Peers[c.Node]
	add(c.Node == "", "the node has no name")
	add(c.Dir == "", "the raft directory is not set")
	add(c.Heartbeat < 0, "heartbeat is %v, want 0 or more", c.Heartbeat)
	add(len(c.Peers) > 0 && !listed, "node %q is not among the peers", c.Node)
	add(len(c.Peers) > 1 && !c.port(), "%d peers need a raft listen address", len(c.Peers))
	add(c.Join && !c.port(), "joining needs a raft listen address")
	add(c.Listen != "" && c.Transport == nil && !listed, "listening on %s needs this node's own address among the peers", c.Listen)
	return errors.Join(problems...)
}

func (c Config) raftConfig() *raft.Config {
	conf := raft.DefaultConfig()
	conf.LocalID = raft.ServerID(c.Node)
	conf.HeartbeatTimeout = c.heartbeat()
	conf.ElectionTimeout = c.heartbeat()
	conf.LeaderLeaseTimeout = c.lease()
	// A term writes three entries; a short tail is enough for a follower that
	// was away, and a snapshot holds a few hundred bytes.
	conf.SnapshotThreshold = 1024
	conf.TrailingLogs = 256
	conf.NoLegacyTelemetry = true
	// With true, raft 1.8.0 forgets the members of the cluster on restart.
	conf.RestoreCommittedLogs = false
	// A leader that removes itself has something left to do: see Remove.
	conf.ShutdownOnRemove = false
	return conf
}
