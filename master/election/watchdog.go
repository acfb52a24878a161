package election

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"
)

// ErrDisk ends Run of a leader whose raft disk no longer takes writes: raft
// itself would go on sending heartbeats and keep the others from electing.
var ErrDisk = errors.New("raft disk does not answer")

const (
	proofEvery  = 500 * time.Millisecond
	proofMisses = 6 // in a row: 3 s. Counted, not timed: a paused process is no bad disk
)

// watchDisk lets a leader prove that its raft disk works, and calls fail when
// it no longer does. prove may hang.
func watchDisk(ctx context.Context, leads func() bool, prove func() error, fail func(error)) {
	ticker := time.NewTicker(proofEvery)
	defer ticker.Stop()
	results := make(chan error, 1)
	proving, misses, last := false, 0, error(nil)
	for {
		select {
		case <-ctx.Done():
			return
		case last = <-results:
			proving = false
			if last == nil {
				misses = 0
			}
			continue
		case <-ticker.C:
		}
		if !leads() {
			misses = 0
			continue
		}
		if misses++; misses > proofMisses {
			fail(diskError(last))
			return
		}
		if !proving {
			proving = true
			go func() { results <- prove() }()
		}
	}
}

func diskError(last error) error {
	if last != nil {
		return fmt.Errorf("%w for %v: %w", ErrDisk, proofMisses*proofEvery, last)
	}
	return fmt.Errorf("%w for %v", ErrDisk, proofMisses*proofEvery)
}

func (n *node) leads() bool { return n.raft.State() == raft.Leader }

func (n *node) prove() error {
	return n.store.SetUint64([]byte("CapricornusProof"), uint64(time.Now().UnixMilli()))
}
