package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// txTries bounds how often a transaction that met a deadlock is run.
const txTries = 4

func (db *DB) run(ctx context.Context, pool *sqlx.DB, opts *sql.TxOptions, by Actor, fn func(tx) error) error {
	for try := 1; ; try++ {
		err := db.once(ctx, pool, opts, by, fn)
		if err != nil && db.d.readOnly(err) {
			err = fmt.Errorf("%w: %w", ErrReadOnly, err)
			db.renew()
		}
		if err == nil || try == txTries || !db.again(err) || ctx.Err() != nil {
			return err
		}
	}
}

// again tells whether a transaction that ended with err may be run once more:
// nothing of it is there, and the next time may do.
func (db *DB) again(err error) bool {
	if errors.Is(err, ErrUnclear) {
		return false
	}
	return errors.Is(err, ErrReadOnly) || db.d.retryable(err)
}

// renew lets go of the idle connections: they lead to a server that takes no
// writes any more, while a new connection may lead to the one that does.
func (db *DB) renew() {
	for _, pool := range []*sqlx.DB{db.write, db.read} {
		pool.SetMaxIdleConns(0)
		pool.SetMaxIdleConns(poolSize)
	}
}

func (db *DB) once(ctx context.Context, pool *sqlx.DB, opts *sql.TxOptions, by Actor, fn func(tx) error) (err error) {
	t, err := pool.BeginTxx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if p := recover(); p != nil {
			_ = t.Rollback()
			panic(p)
		}
	}()
	var end error
	rang := false
	err = fn(tx{sql: t, rang: &rang, end: &end, d: db.d, now: db.Now().UnixMilli(), by: by})
	if err == nil {
		err = end
	}
	if err != nil {
		_ = t.Rollback() // after a lock timeout half of the transaction is still open
		return err
	}
	err = t.Commit()
	if err == nil {
		if rang {
			db.alarmed()
		}
		return nil
	}
	if ctx.Err() != nil && (errors.Is(err, sql.ErrTxDone) || errors.Is(err, ctx.Err())) { // it was rolled back when ctx ended
		return fmt.Errorf("commit: %w", ctx.Err())
	}
	if db.d.unclear(err) {
		return fmt.Errorf("commit: %w: %w", ErrUnclear, err)
	}
	return fmt.Errorf("commit: %w", err)
}
