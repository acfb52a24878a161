package master

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/master/election"
)

const (
	// announceEvery is how often a master says that it is there; the leader, and
	// one whose last word was not written, does after leaderEvery.
	announceEvery = 10 * time.Second
	leaderEvery   = time.Second
	// announceTimeout is for one row: a database that takes longer is as good as away.
	announceTimeout = 2 * time.Second
	// databaseGrace is how long a leader goes on whose rows are not written
	// (decision 0019): a master that reaches the database may be there.
	databaseGrace = 5 * time.Second
)

// announcer keeps this master's row in capri_master_node fresh. Its fields are
// those that last as long as the process.
type announcer struct {
	startedAt int64  // by the cluster's time
	callKey   string // signs calls of other masters to this one; never shown
	roundTrip time.Duration
	turned    chan struct{} // rung when a term begins or ends
	failing   bool          // the last row was not written
}

// newAnnouncer takes the database's clock over, before anything is stamped.
func (m *Master) newAnnouncer(ctx context.Context) (*announcer, error) {
	a := &announcer{turned: make(chan struct{}, 1)}
	if !m.cfg.OwnClock {
		var err error
		if a.roundTrip, err = m.db.SyncClock(ctx); err != nil {
			return nil, err
		}
	}
	a.startedAt = m.db.Now().UnixMilli()
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	a.callKey = hex.EncodeToString(key[:])
	return a, nil
}

// turn has the row written at once: this master's role is another one.
func (a *announcer) turn() {
	select {
	case a.turned <- struct{}{}:
	default:
	}
}

// announce writes the row until ctx ends.
func (m *Master) announce(ctx context.Context) error {
	for {
		r := m.term.Load()
		err := m.describe(ctx, r)
		m.told(ctx, err)
		if !m.cfg.OwnClock && err == nil && ctx.Err() == nil {
			m.syncClock(ctx)
		}
		every := announceEvery
		if r != nil || err != nil {
			every = leaderEvery
		}
		timer := time.NewTimer(m.cfg.stretched(every))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		case <-m.announcer.turned:
			timer.Stop()
		}
	}
}

// describe writes the row: through the fence while this master leads, so that a
// leader without a say finds out within a second.
func (m *Master) describe(ctx context.Context, r *reign) error {
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	row := m.row(r)
	if r == nil {
		return m.db.Work(ctx, store.Actor{Kind: "master", ID: m.cfg.Node}, func(t *store.WorkTx) error { return t.PutMaster(ctx, row) })
	}
	unlink := context.AfterFunc(r.Context(), cancel)
	defer unlink()
	err := m.db.Lead(r.Epoch, m.cfg.Node).Tx(ctx, "presence", func(t *store.LeaderTx) error { return t.PutMaster(ctx, row) })
	switch {
	case err == nil:
		r.watchdog.Reset(m.cfg.stretched(databaseGrace))
	case errors.Is(err, store.ErrFenced):
		r.End(err)
	}
	return err
}

// row is this master as it is now.
func (m *Master) row(r *reign) store.Master {
	row := store.Master{
		ID: m.cfg.Node, Address: m.cfg.Advertise, Version: m.cfg.Version, State: "follower",
		StartedAt: m.announcer.startedAt, CallKey: m.announcer.callKey,
		ClockOffset: m.db.ClockOffset().Milliseconds(), DatabaseMicros: m.announcer.roundTrip.Microseconds(),
	}
	if r != nil {
		row.IsLeader, row.Epoch, row.State = true, r.Epoch, "leader"
	}
	if m.cfg.Members == nil {
		return row
	}
	s := m.cfg.Members.Status()
	row.RaftAddress, row.State, row.Refused = s.Raft, s.State, s.Refused
	row.RaftTerm, row.LastIndex, row.AppliedIndex = int64(s.RaftTerm), int64(s.LastIndex), int64(s.Applied) //nolint:gosec // raft's numbers stay far below 2^63
	return row
}

// told writes one line when rows begin to fail, and one when they do no longer.
func (m *Master) told(ctx context.Context, err error) {
	if failing := err != nil; failing != m.announcer.failing && ctx.Err() == nil {
		m.announcer.failing = failing
		if failing {
			m.log.Warn("master row not written", logs.Error(err))
			return
		}
		m.log.Info("master row written again")
	}
}

func (m *Master) syncClock(ctx context.Context) {
	took, err := m.db.SyncClock(ctx)
	if err != nil {
		m.log.Debug("clock not compared with the database's", logs.Error(err))
		return
	}
	m.announcer.roundTrip = took
}

// takeLeave writes the row for the last time: a leader that stopped in order is
// not taken for one.
func (m *Master) takeLeave(ctx context.Context) {
	if err := m.describe(context.WithoutCancel(ctx), nil); err != nil {
		m.log.Debug("last master row not written", logs.Error(err))
	}
}

// watchDatabase ends a term whose rows are not written any more, if another
// master may do better. describe winds it up.
func (m *Master) watchDatabase(t *election.Term) *time.Timer {
	limit := m.cfg.stretched(databaseGrace)
	var watchdog *time.Timer
	wound := make(chan struct{})
	watchdog = time.AfterFunc(limit, func() {
		<-wound
		switch {
		case m.others():
			t.End(election.ErrDatabase)
		case t.Context().Err() == nil:
			watchdog.Reset(limit)
		}
	})
	close(wound)
	return watchdog
}

// others tells whether this master has others that could lead.
func (m *Master) others() bool {
	return m.cfg.Members != nil && len(m.cfg.Members.Status().Members) > 1
}
