package store

import (
	"context"
	"fmt"
	"time"
)

const (
	clockTries   = 3
	clockStep    = 50 * time.Millisecond // smaller differences are the network's
	clockTimeout = 2 * time.Second
)

// Now is the cluster's time: that of the database's host, as the last SyncClock
// has found it. All decisions and all rows use it, so that masters whose clocks
// differ agree on what is due and who is silent.
func (db *DB) Now() time.Time { return time.Now().Add(db.ClockOffset()) }

// ClockOffset is how far the database's clock is ahead of this process's.
func (db *DB) ClockOffset() time.Duration { return time.Duration(db.offset.Load()) }

// SyncClock compares this process's clock with the database's, by the quickest
// of a few questions, and returns how long that took. On SQLite there is one
// clock. An error leaves the offset as it was.
func (db *DB) SyncClock(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, clockTimeout)
	defer cancel()
	var offset, best time.Duration
	for try := range clockTries {
		var micros int64
		asked := time.Now()
		if err := db.read.GetContext(ctx, &micros, db.d.clock); err != nil {
			return 0, fmt.Errorf("ask the database for its time: %w", err)
		}
		took := time.Since(asked)
		if try == 0 || took < best {
			best, offset = took, time.UnixMicro(micros).Sub(asked.Add(took/2))
		}
	}
	if db.d.name == "mysql" && (offset-db.ClockOffset()).Abs() > clockStep+best {
		db.offset.Store(int64(offset))
	}
	return best, nil
}
