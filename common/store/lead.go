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
	lockEpoch  = "SELECT epoch FROM capri_master_epoch WHERE id = 1"
	raiseEpoch = "UPDATE capri_master_epoch SET clusterId = ?, epoch = ?, raftIndex = ?, holder = ?, since = ? WHERE id = 1"
)

// Claim raises the epoch for a new term and returns it. A claim with a raft
// index that is not newer than the last one comes too late: ErrStale. A
// database of another cluster is ErrForeign, one without a fence ErrFence.
//
// A claim may be repeated: it takes the epoch once. So when the answer of the
// commit was lost, it is made again to learn what became of it.
func (db *DB) Claim(ctx context.Context, c Claim) (int64, error) {
	epoch, err := db.claim(ctx, c)
	if errors.Is(err, ErrUnclear) && ctx.Err() == nil {
		epoch, err = db.claim(ctx, c)
	}
	db.foreign.Store(errors.Is(err, ErrForeign))
	if err != nil {
		return 0, fmt.Errorf("claim the term: %w", err)
	}
	return epoch, nil
}

func (db *DB) claim(ctx context.Context, c Claim) (epoch int64, err error) {
	err = db.run(ctx, db.write, nil, Actor{}, func(t tx) error {
		var locked int64
		if err := t.get(ctx, &locked, lockEpoch+t.d.forUpdate); err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("lock the epoch: %w", err)
		}
		have, err := t.fence(ctx)
		if err != nil {
			return err
		}
		if epoch, err = c.judge(have); err != nil || epoch == have.Epoch {
			return err
		}
		// The transactions of the term before have ended by now: that is when this one begins.
		if _, err := t.exec(ctx, raiseEpoch, c.ClusterID, epoch, int64(c.RaftIndex), c.Holder, db.Now().UnixMilli()); err != nil { //nolint:gosec // raft indexes stay far below 2^63
			return fmt.Errorf("raise the epoch: %w", err)
		}
		return nil
	})
	return epoch, err
}

// judge returns the epoch of the claimed term: the next one, or the one there
// is if this very claim has taken it already.
func (c Claim) judge(have Fence) (int64, error) {
	if have.ClusterID == "" {
		return have.Epoch + 1, nil
	}
	if have.ClusterID != c.ClusterID {
		if c.Adopt {
			return have.Epoch + 1, nil
		}
		return 0, fmt.Errorf("cluster %s: %w (start one master with --adopt if this is meant)", have.ClusterID, ErrForeign)
	}
	index := int64(c.RaftIndex) //nolint:gosec // raft indexes stay far below 2^63
	if have.RaftIndex == index && have.Holder == c.Holder {
		return have.Epoch, nil
	}
	if have.RaftIndex >= index {
		return 0, fmt.Errorf("claim at raft index %d, the database has seen %d: %w", c.RaftIndex, have.RaftIndex, ErrStale)
	}
	return have.Epoch + 1, nil
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
		err := t.get(ctx, &epoch, lockEpoch+t.d.share)
		if errors.Is(err, ErrNotFound) {
			return fmt.Errorf("epoch %d: the row is gone: %w: %w", l.epoch, ErrFence, ErrFenced)
		}
		if err != nil {
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
