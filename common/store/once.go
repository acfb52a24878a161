package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"capricornus/common/fault"
)

// States of a call that carries an idempotency key, in the column status. What
// is above is the status of the answer that is kept.
const (
	OnceBegun = 0 // somebody makes it, or has died while making it
	OnceDone  = 1 // what it changes is committed, and its answer is not there to be given again
)

// OnceCall is a call with an idempotency key, a row of capri_idempotency.
type OnceCall struct {
	KeyHash     string `db:"keyHash"`     // of the caller and the key
	RequestHash string `db:"requestHash"` // of what was asked
	Actor       string `db:"actor"`
	CreatedAt   int64  `db:"createdAt"` // when whoever makes it began: with it, the row is theirs
	ExpiresAt   int64  `db:"expiresAt"`
	Status      int    `db:"status"`
	ContentType string `db:"contentType"`
	Body        []byte `db:"body"`
}

// onceKey is where a context holds the call that is being made.
type onceKey struct{}

// WithOnce marks everything under the context as done for a call with an
// idempotency key. The transaction that writes the call's audit row then notes
// in the call's row that it is done: both are committed, or neither, so a row
// that is only begun has changed nothing. A call whose row somebody else has
// taken over meanwhile commits nothing.
func WithOnce(ctx context.Context, call OnceCall) context.Context {
	return context.WithValue(ctx, onceKey{}, call)
}

// noteOnce notes that the call under the context is done.
func (t *tx) noteOnce(ctx context.Context) error {
	call, ok := ctx.Value(onceKey{}).(OnceCall)
	if !ok {
		return nil
	}
	// by the primary key
	n, err := t.exec(ctx, "UPDATE capri_idempotency SET status = ? WHERE keyHash = ? AND createdAt = ? AND status <= ?", OnceDone, call.KeyHash, call.CreatedAt, OnceDone)
	if err != nil {
		return fmt.Errorf("note the call's idempotency key: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "this call took so long that it was begun once more, with the same idempotency key; this one has done nothing").
			WithHint("send it again with the same key to see what became of it")
	}
	return nil
}

// BeginOnce begins a call with an idempotency key. With begun the caller is to
// make it, under WithOnce, and to end it; otherwise the row says what became of
// it, or is about to. A row that has only begun for longer than the lease is
// taken over: who began it has died, and has changed nothing.
func (db *DB) BeginOnce(ctx context.Context, by Actor, call OnceCall, keep, lease time.Duration) (row OnceCall, begun bool, err error) {
	for range onceTries {
		err = db.Operate(ctx, by, func(t *OperateTx) error {
			row, begun, err = t.beginOnce(ctx, call, keep, lease)
			return err
		})
		if !errors.Is(err, ErrExists) {
			break // or somebody was faster, and is there to be read
		}
	}
	return row, begun, err
}

// onceTries are more than needed: a row that was in the way of an insert can be
// gone again only by a sweep or by a call that came to nothing.
const onceTries = 5

// beginOnce locks the row first, and inserts it only if there is none: an insert
// that fails would leave a shared lock on the row, and two that hold one and want
// the row for themselves wait for each other.
func (t *OperateTx) beginOnce(ctx context.Context, call OnceCall, keep, lease time.Duration) (OnceCall, bool, error) {
	call.Actor = clip(call.Actor, 100)
	call.CreatedAt, call.ExpiresAt, call.Status = t.now, t.now+keep.Milliseconds(), OnceBegun
	var row OnceCall
	// by the primary key
	err := t.get(ctx, &row, "SELECT keyHash, requestHash, actor, createdAt, expiresAt, status, contentType, body FROM capri_idempotency WHERE keyHash = ?"+t.d.forUpdate, call.KeyHash)
	if errors.Is(err, ErrNotFound) {
		err = t.insert(ctx, "capri_idempotency", "keyHash, requestHash, actor, createdAt, expiresAt, status, contentType, body",
			[][]any{{call.KeyHash, call.RequestHash, call.Actor, call.CreatedAt, call.ExpiresAt, call.Status, "", []byte{}}}, "")
		return call, err == nil, err
	}
	if err != nil {
		return row, false, fmt.Errorf("read the call of this idempotency key: %w", err)
	}
	died := row.Status == OnceBegun && row.RequestHash == call.RequestHash && row.CreatedAt+lease.Milliseconds() <= t.now
	if row.ExpiresAt > t.now && !died {
		return row, false, nil
	}
	_, err = t.exec(ctx, "UPDATE capri_idempotency SET requestHash = ?, actor = ?, createdAt = ?, expiresAt = ?, status = ?, contentType = '', body = ? WHERE keyHash = ?",
		call.RequestHash, call.Actor, call.CreatedAt, call.ExpiresAt, call.Status, []byte{}, call.KeyHash)
	return call, err == nil, err
}

// EndOnce keeps the answer of a call, for who makes it again.
func (db *DB) EndOnce(ctx context.Context, by Actor, call OnceCall) error {
	return db.Operate(ctx, by, func(t *OperateTx) error {
		// by the primary key
		_, err := t.exec(ctx, "UPDATE capri_idempotency SET status = ?, contentType = ?, body = ? WHERE keyHash = ? AND createdAt = ?",
			call.Status, clip(call.ContentType, 100), append([]byte{}, call.Body...), call.KeyHash, call.CreatedAt)
		return err
	})
}

// DropOnce forgets a call that came to nothing, so that it can be made again. A
// call that has changed something is not forgotten.
func (db *DB) DropOnce(ctx context.Context, by Actor, call OnceCall) error {
	return db.Operate(ctx, by, func(t *OperateTx) error {
		// by the primary key
		_, err := t.exec(ctx, "DELETE FROM capri_idempotency WHERE keyHash = ? AND createdAt = ? AND status = ?", call.KeyHash, call.CreatedAt, OnceBegun)
		return err
	})
}

// SweepOnce forgets calls that expired before an instant.
func (t *LeaderTx) SweepOnce(ctx context.Context, before int64, limit int) (int, error) {
	var keys []string
	// ix_idempotency_expiry (expiresAt)
	if err := t.all(ctx, &keys, "SELECT keyHash FROM capri_idempotency WHERE expiresAt < ? ORDER BY expiresAt, keyHash LIMIT ?", before, limit); err != nil {
		return 0, fmt.Errorf("list expired idempotency keys: %w", err)
	}
	for page := range pages(sorted(keys), 1000) {
		// by the primary key
		if _, err := t.exec(ctx, "DELETE FROM capri_idempotency WHERE keyHash IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return 0, fmt.Errorf("delete expired idempotency keys: %w", err)
		}
	}
	return len(keys), nil
}
