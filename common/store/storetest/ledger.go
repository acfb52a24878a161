package storetest

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// Ledger is what a database says about batches and their attempts, for a judge
// that has a witness of its own.
type Ledger struct {
	Batches  []LedgerBatch
	Attempts []LedgerAttempt
}

// LedgerBatch is one batch, with the name of its task.
type LedgerBatch struct {
	ID        int64        `db:"id"`
	Task      string       `db:"task"`
	WorkNo    string       `db:"workNo"`
	Run       int          `db:"type"`
	State     batch.State  `db:"state"`
	Finish    batch.Finish `db:"finishState"`
	Attempt   int          `db:"attempt"`
	Host      string       `db:"host"`
	CreatedAt int64        `db:"createdAt"`
	MarkedBy  string       `db:"markedBy"`
	Message   string       `db:"message"`
}

// Ref names the batch as people do.
func (b LedgerBatch) Ref() string {
	return batch.Ref{Task: b.Task, WorkNo: b.WorkNo, Run: b.Run}.String()
}

// LedgerAttempt is one attempt whose start a worker was granted.
type LedgerAttempt struct {
	WorkID   int64  `db:"taskWorkId"`
	Attempt  int    `db:"attempt"`
	Host     string `db:"host"`
	EndTime  int64  `db:"endTime"`
	HasExit  bool   `db:"hasExit"`
	ExitCode int    `db:"exitCode"`
	Outcome  string `db:"outcome"`
	Reason   string `db:"reason"`
}

// ReadLedger reads all batches and attempts in one snapshot.
func ReadLedger(ctx context.Context, db *store.DB) (Ledger, error) {
	opts := &sql.TxOptions{ReadOnly: true}
	if db.Engine() == MySQL {
		opts.Isolation = sql.LevelRepeatableRead
	}
	tx, err := sqlx.NewDb(db.RawReader(), db.Engine()).BeginTxx(ctx, opts)
	if err != nil {
		return Ledger{}, fmt.Errorf("read the ledger: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	r := &reader{ctx: ctx, tx: tx}
	out := Ledger{
		Batches: read[LedgerBatch](r, `SELECT w.id, t.name AS task, w.workNo, w.type, w.state, w.finishState, w.attempt, w.host, w.createdAt, w.markedBy, w.message
FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId ORDER BY w.id`),
		Attempts: read[LedgerAttempt](r, `SELECT taskWorkId, attempt, host, endTime, hasExit, exitCode, outcome, reason FROM capri_task_instance ORDER BY taskWorkId, attempt`),
	}
	if r.err != nil {
		return Ledger{}, fmt.Errorf("read the ledger: %w", r.err)
	}
	return out, nil
}

// Unfinished counts the batches that were made up to an instant (UTC
// milliseconds) and have not come to their end.
func Unfinished(ctx context.Context, db *store.DB, until int64) (int, error) {
	var n int
	err := db.RawReader().QueryRowContext(ctx, "SELECT COUNT(*) FROM capri_task_work WHERE state < 3 AND createdAt <= ?", until).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count unfinished batches: %w", err)
	}
	return n, nil
}
