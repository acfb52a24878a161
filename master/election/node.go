package election

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
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
	if err := bootstrap(conf, n.store, snapshots, transport, members); err != nil {
		return errors.Join(err, closeTransport(transport))
	}
	n.raft, err = raft.NewRaft(conf, n.machine, n.store, n.store, snapshots, transport)
	if err != nil {
		return errors.Join(fmt.Errorf("start raft: %w", err), closeTransport(transport))
	}
	n.warnIfChanged(members, logger)
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
// cluster that exists.
func (n *node) warnIfChanged(members raft.Configuration, logger *slog.Logger) {
	future := n.raft.GetConfiguration()
	if future.Error() != nil {
		return
	}
	kept := slices.Clone(future.Configuration().Servers)
	slices.SortFunc(kept, func(a, b raft.Server) int {
		switch {
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	})
	if !slices.Equal(kept, members.Servers) {
		logger.Warn("configured peers differ from the cluster's members; the members count",
			logs.Peers, members.Servers, logs.Members, kept)
	}
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

// transfer hands leadership to the member that is most up to date.
func (n *node) transfer(ctx context.Context) error {
	return n.leaving(ctx, "transfer leadership", func() error { return n.raft.LeadershipTransfer().Error() })
}

// pass hands leadership to the member after this one, in the order of the
// cluster's list: so it goes round until it finds a master the database
// accepts. Raft's own choice may bounce between the same two for ever.
func (n *node) pass(ctx context.Context) error {
	return n.leaving(ctx, "pass leadership on", func() error {
		future := n.raft.GetConfiguration()
		if err := future.Error(); err != nil {
			return err
		}
		servers := future.Configuration().Servers
		self := slices.IndexFunc(servers, func(s raft.Server) bool { return string(s.ID) == n.name })
		var err error
		for i := 1; i < len(servers); i++ {
			next := servers[(self+i)%len(servers)]
			if err = n.raft.LeadershipTransferToServer(next.ID, next.Address).Error(); err == nil {
				return nil
			}
		}
		return err
	})
}

// close stops raft, its transport and its store.
func (n *node) close(ctx context.Context) error {
	return n.leaving(ctx, "stop raft", func() error {
		err := n.raft.Shutdown().Error()
		if network, ok := n.peers.(*raft.NetworkTransport); ok {
			network.CloseStreams() // raft closes the listener only
		}
		return errors.Join(err, n.store.Close())
	})
}

// leaving gives a step of handing over its own time: it happens when the
// context of the work before it has ended.
func (n *node) leaving(ctx context.Context, what string, call func() error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	_, err := await(ctx, what, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

func closeTransport(transport raft.Transport) error {
	if closer, ok := transport.(raft.WithClose); ok {
		return closer.Close()
	}
	return nil
}

// await bounds calls of raft that wait for its main loop, which a hung disk
// can stop for ever.
func await[T any](ctx context.Context, what string, call func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := call()
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return a.value, fmt.Errorf("%s: %w", what, a.err)
		}
		return a.value, nil
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("%s: no answer: %w", what, context.Cause(ctx))
	}
}
