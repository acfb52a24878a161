package election

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/raft"

	"capricornus/common/logs"
)

const (
	snapshotsKept = 2
	applyTimeout  = 5 * time.Second // to get an entry into raft's queue
	leaveTimeout  = 5 * time.Second // for raft to hand over, and to stop
)

// node is this master's member of the raft cluster, while it runs.
type node struct {
	name    string
	raft    *raft.Raft
	store   *store
	machine *machine
	peers   raft.Transport
	notify  chan bool // raft's leadership, won and lost, in order
}

func openNode(ctx context.Context, cfg Config, logger *slog.Logger) (*node, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make raft directory: %w", err)
	}
	st, err := openStore(cfg.Dir)
	if err != nil {
		return nil, err
	}
	n := &node{name: cfg.Node, store: st, machine: newMachine(), notify: make(chan bool, 16)}
	if err := n.start(ctx, cfg, logger); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return n, nil
}

func (n *node) start(ctx context.Context, cfg Config, logger *slog.Logger) error {
	conf := cfg.raftConfig()
	conf.Logger = bridge(logger)
	conf.NotifyCh = n.notify
	snapshots, err := raft.NewFileSnapshotStoreWithLogger(cfg.Dir, snapshotsKept, conf.Logger)
	if err != nil {
		return fmt.Errorf("open raft snapshots: %w", err)
	}
	transport, err := openTransport(ctx, cfg, conf.Logger)
	if err != nil {
		return err
	}
	n.peers = transport
	members := members(cfg, transport)
	if !cfg.Join {
		if err := bootstrap(conf, n.store, snapshots, transport, members); err != nil {
			return errors.Join(err, closeTransport(transport))
		}
	}
	n.raft, err = raft.NewRaft(conf, n.machine, n.store, n.store, snapshots, transport)
	if err != nil {
		return errors.Join(fmt.Errorf("start raft: %w", err), closeTransport(transport))
	}
	if !cfg.Join {
		n.warnIfChanged(members, logger)
	}
	return nil
}

// members is the cluster as configured, in a fixed order: each node bootstraps
// with the same list, which raft allows.
func members(cfg Config, transport raft.Transport) raft.Configuration {
	if len(cfg.Peers) == 0 {
		return raft.Configuration{Servers: []raft.Server{
			{ID: raft.ServerID(cfg.Node), Address: transport.LocalAddr()},
		}}
	}
	var out raft.Configuration
	for _, name := range slices.Sorted(maps.Keys(cfg.Peers)) {
		out.Servers = append(out.Servers, raft.Server{
			ID: raft.ServerID(name), Address: raft.ServerAddress(cfg.Peers[name]),
		})
	}
	return out
}

func bootstrap(conf *raft.Config, st *store, snapshots raft.SnapshotStore, transport raft.Transport, members raft.Configuration) error {
	known, err := raft.HasExistingState(st, st, snapshots)
	if err != nil {
		return fmt.Errorf("read raft state: %w", err)
	}
	if known {
		return nil
	}
	if err := raft.BootstrapCluster(conf, st, st, snapshots, transport, members); err != nil {
		return fmt.Errorf("bootstrap raft: %w", err)
	}
	return nil
}

// warnIfChanged tells an operator that editing the peers has no effect on a
// cluster that exists; but for this node's own address, which it corrects when
// it leads.
func (n *node) warnIfChanged(members raft.Configuration, logger *slog.Logger) {
	kept := slices.SortedFunc(slices.Values(n.servers()), func(a, b raft.Server) int {
		return strings.Compare(string(a.ID), string(b.ID))
	})
	if i := indexOf(kept, n.name); i >= 0 {
		kept[i].Address = n.peers.LocalAddr()
	}
	if !slices.Equal(kept, members.Servers) {
		logger.Warn("configured peers differ from the cluster's members; the members count",
			logs.Peers, members.Servers, logs.Members, kept)
	}
}

// servers are the members as this node knows them. It asks nothing of raft's
// main loop, which may hang.
func (n *node) servers() []raft.Server {
	future := n.raft.GetConfiguration()
	if future.Error() != nil {
		return nil
	}
	return slices.Clone(future.Configuration().Servers)
}

// claim waits until everything earlier is applied and applies a claim entry.
func (n *node) claim(ctx context.Context, address string) (index uint64, err error) {
	entry, err := newClaimEntry(n.name, address)
	if err != nil {
		return 0, err
	}
	return await(ctx, "raft", func() (uint64, error) {
		if err := n.raft.Barrier(applyTimeout).Error(); err != nil {
			return 0, fmt.Errorf("barrier: %w", err)
		}
		future := n.raft.Apply(entry, applyTimeout)
		if err := future.Error(); err != nil {
			return 0, fmt.Errorf("apply claim entry: %w", err)
		}
		if err, failed := future.Response().(error); failed {
			return 0, err
		}
		return future.Index(), nil
	})
}

// close stops raft, its transport and its store.
func (n *node) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	return awaitDone(ctx, "stop raft", func() error {
		err := n.raft.Shutdown().Error()
		if network, ok := n.peers.(*raft.NetworkTransport); ok {
			network.CloseStreams() // raft closes the listener only
		}
		return errors.Join(err, n.store.Close())
	})
}

func closeTransport(transport raft.Transport) error {
	if closer, ok := transport.(raft.WithClose); ok {
		return closer.Close()
	}
	return nil
}
