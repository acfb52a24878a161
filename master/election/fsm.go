package election

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"

	"github.com/hashicorp/raft"
)

// claimEntry is the one command in raft's log. The first of them gives the
// cluster its id; each says at which address people reach its node.
type claimEntry struct {
	Cluster string `json:"cluster"` // proposed id; ignored when there is one
	Node    string `json:"node"`
	Address string `json:"address"`
}

func newClaimEntry(node, address string) ([]byte, error) {
	data, err := json.Marshal(claimEntry{Cluster: rand.Text(), Node: node, Address: address})
	if err != nil {
		return nil, fmt.Errorf("encode claim entry: %w", err)
	}
	return data, nil
}

// facts is what the cluster knows of itself.
type facts struct {
	Cluster string            `json:"cluster"`
	Nodes   map[string]string `json:"nodes"` // node → address people use
}

// machine applies claim entries; raft's name for it is finite state machine.
type machine struct {
	mu    sync.Mutex
	facts facts
}

var _ raft.FSM = (*machine)(nil)

func newMachine() *machine { return &machine{facts: facts{Nodes: map[string]string{}}} }

// Apply takes over one claim entry. An entry that cannot be read changes
// nothing, on every node alike, and fails the claim that wrote it.
func (m *machine) Apply(entry *raft.Log) any {
	var claim claimEntry
	if err := json.Unmarshal(entry.Data, &claim); err != nil {
		return fmt.Errorf("read claim entry %d: %w", entry.Index, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.facts.Cluster == "" {
		m.facts.Cluster = claim.Cluster
	}
	m.facts.Nodes[claim.Node] = claim.Address
	return nil
}

func (m *machine) cluster() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.facts.Cluster
}

func (m *machine) address(node string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.facts.Nodes[node]
}

// Snapshot captures the facts.
func (m *machine) Snapshot() (raft.FSMSnapshot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &snapshot{facts{Cluster: m.facts.Cluster, Nodes: maps.Clone(m.facts.Nodes)}}, nil
}

// Restore replaces the facts by those of a snapshot.
func (m *machine) Restore(from io.ReadCloser) error {
	restored := facts{}
	err := errors.Join(json.NewDecoder(from).Decode(&restored), from.Close())
	if err != nil {
		return fmt.Errorf("read raft snapshot: %w", err)
	}
	if restored.Nodes == nil {
		restored.Nodes = map[string]string{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.facts = restored
	return nil
}

type snapshot struct{ facts facts }

// Persist writes the captured facts.
func (s *snapshot) Persist(sink raft.SnapshotSink) error {
	if err := json.NewEncoder(sink).Encode(s.facts); err != nil {
		return errors.Join(fmt.Errorf("write raft snapshot: %w", err), sink.Cancel())
	}
	return sink.Close()
}

// Release has nothing to free.
func (s *snapshot) Release() {}
