package store

import (
	"context"
	"fmt"
	"time"
)

// Inspection is what the database says about itself, and how it stands to what
// the masters need. `capri doctor` and `capri cluster status` judge it.
type Inspection struct {
	Engine  string // mysql (MariaDB too) or sqlite
	Version string // as the server says it: 10.11.14-MariaDB, 8.4.3, 3.50.1
	// Refusal says why masters refuse this server, in one sentence; empty: they take it.
	Refusal string
	// Writer and Reader are the sessions of both pools as the server sees them.
	// Wanted are READ-COMMITTED for writers and REPEATABLE-READ for readers.
	Writer, Reader SessionState
	ReadOnly       bool   // the server takes no writes: a replica, or a primary that was demoted
	DefaultEngine  string // want InnoDB; the tables name theirs, so another one is no more than odd
	// Durable tells whether what was committed survives a crash of the
	// database's host; Weak names the variables that say otherwise, such as
	// "innodb_flush_log_at_trx_commit=2".
	Durable bool
	Weak    []string
	// MaxConnections is the server's limit, 0 for SQLite; PoolSize is the most
	// that one master opens. Each master needs its own.
	MaxConnections, PoolSize int
	// Denied lists which of SELECT, INSERT, UPDATE and DELETE this account has
	// not; it is empty too while there are no tables to try it on. CanMigrate
	// tells whether the account may change the schema as well: only `capri
	// migrate` needs that. A grant that comes through a role of MySQL does not
	// show.
	Denied     []string
	CanMigrate bool
	// ClockOffset is how far the database's clock is ahead of this process's,
	// RoundTrip how long a question takes.
	ClockOffset, RoundTrip time.Duration
	Schema                 SchemaStatus
	// Fence is the row of capri_master_epoch; nil while there is no schema.
	// FenceError says what is wrong with it (ErrFence), nil: nothing.
	Fence      *Fence
	FenceError error
	Bytes      int64 // size of the database, indexes included
	NextID     int64 // the next block of ids begins here; ids end at 2^53
}

// SessionState is a pool's session as the server sees it.
type SessionState struct {
	Isolation   string        // READ-COMMITTED, REPEATABLE-READ; SERIALIZABLE for SQLite
	LockTimeout time.Duration // how long a statement waits for a row lock
	IdleTimeout time.Duration // when the server ends a transaction that does nothing; 0: never
}

// Fence is the row that says whose term it is.
type Fence struct {
	ClusterID string `db:"clusterId"` // of the raft cluster; empty: nobody has led yet
	Epoch     int64  `db:"epoch"`
	RaftIndex int64  `db:"raftIndex"` // of the claim entry of the term
	Holder    string `db:"holder"`    // node that claimed it
	Since     int64  `db:"since"`     // UTC milliseconds
}

// ServerVersion asks the server for its version: one cheap question.
func (db *DB) ServerVersion(ctx context.Context) (string, error) {
	var version string
	if err := db.read.GetContext(ctx, &version, db.d.version); err != nil {
		return "", fmt.Errorf("ask the database's version: %w", err)
	}
	return version, nil
}
