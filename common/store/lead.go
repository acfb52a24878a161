package store

import (
	"context"
	"errors"
	"fmt"
)

// Claim is what a new leader brings to the database: the raft cluster's id and
// the log index of its claim entry.
type Claim struct {
	ClusterID string
	RaftIndex uint64
	Holder    string
	Adopt     bool // take over a database of another raft cluster
}

const (
	// capri_master_epoch by its primary key, one row; the lock is held to commit.
	readEpochForUpdate = "SELECT clusterId, epoch, raftIndex FROM capri_master_epoch WHERE id = 1"
	raiseEpoch         = "UPDATE capri_master_epoch SET clusterId = ?, epoch = epoch + 1, raftIndex = ?, holder = ?, since = ? WHERE id = 1"
	readEpoch          = "SELECT epoch FROM capri_master_epoch WHERE id = 1"
)

// Claim raises the epoch for a new term and returns it. A claim with a raft
// index that is not newer than the last one comes too late: ErrStale.
func (db *DB) Claim(ctx context.Context, c Claim) (int64, error) {
	var epoch int64
	err := db.run(ctx, db.write, nil, Actor{}, func(t tx) error {
		var row struct {
			ClusterID string `db:"clusterId"`
			Epoch     int64  `db:"epoch"`
			RaftIndex int64  `db:"raftIndex"`
		}
		if err := t.get(ctx, &row, readEpochForUpdate+t.d.forUpdate); err != nil {
			return fmt.Errorf("read the epoch: %w", err)
		}
		foreign := row.ClusterID != "" && row.ClusterID != c.ClusterID
		if foreign && !c.Adopt {
			return fmt.Errorf("cluster %s: %w (start one master with --adopt if this is meant)", row.ClusterID, ErrForeign)
		}
		if !foreign && row.ClusterID != "" && row.RaftIndex >= int64(c.RaftIndex) { //nolint:gosec // raft indexes stay far below 2^63
			return fmt.Errorf("claim at raft index %d, the database has seen %d: %w", c.RaftIndex, row.RaftIndex, ErrStale)
		}
		if _, err := t.exec(ctx, raiseEpoch, c.ClusterID, int64(c.RaftIndex), c.Holder, t.now); err != nil { //nolint:gosec // as above
			return fmt.Errorf("raise the epoch: %w", err)
		}
		epoch = row.Epoch + 1
		return nil
	})
	db.foreign.Store(errors.Is(err, ErrForeign))
	if err != nil {
		return 0, fmt.Errorf("claim the term: %w", err)
	}
	return epoch, nil
}

// Foreign reports whether the last claim found the database to be another
// cluster's: then nothing may be changed in it from here.
func (db *DB) Foreign() bool { return db.foreign.Load() }

// Lead writes decisions of one term.
type Lead struct {
	db    *DB
	epoch int64
	node  string
}

// LeaderTx writes decisions; nothing else can, and it is made by Lead.Tx only.
type LeaderTx struct{ ViewTx }

// Lead returns the writer of a term whose epoch Claim returned.
func (db *DB) Lead(epoch int64, node string) *Lead {
	return &Lead{db: db, epoch: epoch, node: node}
}

// Tx runs fn in a transaction that commits only while the term lasts: its
// first statement locks the epoch row in share mode and compares. ErrFenced
// means that a newer leader exists. Keep it short: a page of rows.
func (l *Lead) Tx(ctx context.Context, duty string, fn func(*LeaderTx) error) error {
	by := Actor{Kind: duty, ID: l.node, Epoch: l.epoch}
	return l.db.run(ctx, l.db.write, nil, by, func(t tx) error {
		var epoch int64
		if err := t.get(ctx, &epoch, readEpoch+t.d.share); err != nil {
			return fmt.Errorf("check the fence: %w", err)
		}
		if epoch != l.epoch {
			return fmt.Errorf("epoch %d, the database is at %d: %w", l.epoch, epoch, ErrFenced)
		}
		return fn(&LeaderTx{ViewTx{t}})
	})
}

// DB returns the database, for reading and for allotting ids.
func (l *Lead) DB() *DB { return l.db }

// Epoch is the term's number.
func (l *Lead) Epoch() int64 { return l.epoch }
