package store

import (
	"context"
	"fmt"
)

// AttemptLog is the end of a long log, kept for when its worker is gone.
type AttemptLog struct {
	WorkID   int64  `db:"taskWorkId"`
	Attempt  int    `db:"attempt"`
	FromByte int64  `db:"fromByte"` // where in the log Text begins
	Text     []byte `db:"text"`
}

// attemptLogLimit bounds what is kept of one log, and logsPerStatement how much
// of many goes into one statement: a megabyte.
const (
	attemptLogLimit  = 64 << 10
	logsPerStatement = 16
)

// KeepLogs writes the ends of logs. One that is kept already stays.
func (t *WorkTx) KeepLogs(ctx context.Context, all []AttemptLog) error {
	rows := make([][]any, 0, len(all))
	for _, l := range all {
		cut := max(0, len(l.Text)-attemptLogLimit)
		rows = append(rows, []any{l.WorkID, l.Attempt, l.FromByte + int64(cut), l.Text[cut:], t.now})
	}
	for page := range pages(rows, logsPerStatement) {
		if err := t.insert(ctx, "capri_attempt_log", "taskWorkId, attempt, fromByte, text, keptAt", page, t.d.ignore("attempt")); err != nil {
			return err
		}
	}
	return nil
}

// KeptLog reads the end of a log, ErrNotFound when none is kept.
func (t *ViewTx) KeptLog(ctx context.Context, workID int64, attempt int) (AttemptLog, error) {
	var out AttemptLog
	// by the primary key
	err := t.get(ctx, &out, "SELECT taskWorkId, attempt, fromByte, text FROM capri_attempt_log WHERE taskWorkId = ? AND attempt = ?", workID, attempt)
	return out, err
}

// SweepLogs deletes ends of logs that were kept before an instant, the oldest
// ones first, and tells how many. They are large, and worth less every day.
func (t *LeaderTx) SweepLogs(ctx context.Context, before int64, limit int) (int, error) {
	var ids []int64
	// ix_log_kept (keptAt)
	if err := t.all(ctx, &ids, "SELECT taskWorkId FROM capri_attempt_log WHERE keptAt < ? ORDER BY keptAt LIMIT ?", before, limit); err != nil {
		return 0, fmt.Errorf("list old ends of logs: %w", err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	// by the primary key; another attempt of the same batch may be as old
	n, err := t.exec(ctx, "DELETE FROM capri_attempt_log WHERE taskWorkId IN ("+placeholders(len(ids))+") AND keptAt < ?", append(anys(sorted(ids)), before)...)
	if err != nil {
		return 0, fmt.Errorf("delete old ends of logs: %w", err)
	}
	return int(n), nil
}
