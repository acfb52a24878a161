package store

import "context"

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
		rows = append(rows, []any{l.WorkID, l.Attempt, l.FromByte + int64(cut), l.Text[cut:]})
	}
	for page := range pages(rows, logsPerStatement) {
		if err := t.insert(ctx, "capri_attempt_log", "taskWorkId, attempt, fromByte, text", page, t.d.ignore("attempt")); err != nil {
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
