// Package store is the only package that speaks SQL. It runs one set of
// queries on MySQL/MariaDB and SQLite; what differs is a field of dialect.
//
// There are three kinds of writes, each with a transaction type of its own:
//
//   - decisions by the leader: Lead.Tx, whose first statement checks the fence;
//   - facts by workers: DB.Work, guarded by (batch, attempt, host);
//   - commands by people: DB.Operate, each of which writes its audit row.
//
// DB.View reads. A transaction function may run more than once (deadlocks are
// retried), so it must be pure of side effects. On SQLite there is one writer
// connection: never begin a writing transaction inside another function's.
//
// Instants are UTC milliseconds, taken once when a transaction begins.
package store

import "errors"

// What callers branch on.
var (
	// ErrFenced: the database belongs to a newer term; this leader must stop.
	ErrFenced = errors.New("fenced by a newer term")
	// ErrNotFound: no such row.
	ErrNotFound = errors.New("not found")
	// ErrExists: a unique key is taken.
	ErrExists = errors.New("exists already")
	// ErrStale: the row was no longer as the caller saw it.
	ErrStale = errors.New("stale")
	// ErrForeign: the database belongs to another cluster.
	ErrForeign = errors.New("the database belongs to another cluster")
	// ErrFence: the row that guards the leader's writes is missing or not alone.
	ErrFence = errors.New("the fence is broken")
	// ErrReadOnly: the server takes no writes, a primary that was demoted say.
	// Nothing was written.
	ErrReadOnly = errors.New("the database is read only")
	// ErrUnclear: the connection broke at the commit, so nobody knows whether it
	// took place. That is not a "no": read again, then decide.
	ErrUnclear = errors.New("the connection broke, nobody knows whether it was committed")
	// ErrSchema: the schema is not the one this binary needs.
	ErrSchema = errors.New("schema does not fit")
)
