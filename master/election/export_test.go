package election

import (
	"context"
	"errors"

	"github.com/hashicorp/raft"
)

// FillLog writes so many claim entries and then a snapshot that replaces most of
// them, as a cluster does in years.
func (e *Election) FillLog(ctx context.Context, entries int) error {
	n := e.node.Load()
	entry, err := newClaimEntry(e.cfg.Node, e.cfg.Advertise)
	if err != nil {
		return err
	}
	var last raft.Future
	for range entries {
		last = n.raft.Apply(entry, applyTimeout)
	}
	if err := last.Error(); err != nil {
		return err
	}
	return errors.Join(n.raft.Snapshot().Error(), ctx.Err())
}

// HasEntry says whether the log has an entry.
func (e *Election) HasEntry(index uint64) bool {
	return e.node.Load().store.GetLog(index, new(raft.Log)) == nil
}

// HangDisk makes each write of raft's disk wait until release is called.
func (e *Election) HangDisk() (release func() error, err error) {
	tx, err := e.node.Load().store.db.Begin(true)
	if err != nil {
		return nil, err
	}
	return tx.Rollback, nil
}

// Bury stops what is left of a node after Run gave it up; in life, the end of the
// process does.
func (e *Election) Bury() func(context.Context) error { return e.node.Load().close }
