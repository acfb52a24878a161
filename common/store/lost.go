package store

import (
	"context"
	"fmt"
)

// RunningKey is a position in the order of running batches: host, task, id.
type RunningKey struct {
	Host   string
	TaskID int64
	ID     int64
}

// RunningKey is the batch's position among those that run.
func (w *Work) RunningKey() RunningKey { return RunningKey{Host: w.Host, TaskID: w.TaskID, ID: w.ID} }

// RunningWorks lists running batches host by host, after a position.
func (t *ViewTx) RunningWorks(ctx context.Context, after RunningKey, limit int) ([]Work, error) {
	var out []Work
	// ix_work_host (state, host, taskId, id)
	err := t.all(ctx, &out, "SELECT "+workCols+` FROM capri_task_work
WHERE state = 2 AND host >= ? AND (host > ? OR taskId > ? OR (taskId = ? AND id > ?)) ORDER BY host, taskId, id LIMIT ?`,
		after.Host, after.Host, after.TaskID, after.TaskID, after.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("list running batches: %w", err)
	}
	return out, nil
}

// Trace is what the database knows of a batch's attempt that has not ended.
type Trace struct {
	WorkID  int64  `db:"taskWorkId"`
	Attempt int    `db:"attempt"`
	Code    string `db:"task_instance_code"`
	Before  string `db:"outputsBefore"`
	// ExitCode is what the script returned, when capri_user_code_log has it: the
	// success if there is one, the last code otherwise.
	ExitCode *int `db:"-"`
}

// Traces reads the open attempts of batches with the codes their scripts returned.
func (t *ViewTx) Traces(ctx context.Context, ids []int64) (map[int64]Trace, error) {
	out := make(map[int64]Trace, len(ids))
	for page := range pages(sorted(ids), 1000) {
		var rows []Trace
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT taskWorkId, attempt, task_instance_code, outputsBefore FROM capri_task_instance WHERE endTime = 0 AND taskWorkId IN ("+
			placeholders(len(page))+") ORDER BY taskWorkId, attempt", anys(page)...); err != nil {
			return nil, fmt.Errorf("read open attempts: %w", err)
		}
		exits, err := t.userCodes(ctx, rows)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if code, ok := exits[r.Code]; ok {
				r.ExitCode = &code
			}
			out[r.WorkID] = r
		}
	}
	return out, nil
}

func (t *tx) userCodes(ctx context.Context, traces []Trace) (map[string]int, error) {
	codes := make([]any, 0, len(traces))
	for i := range traces {
		codes = append(codes, traces[i].Code)
	}
	var rows []UserCode
	// ix_user_code_instance (task_instance_code)
	if err := t.all(ctx, &rows, "SELECT task_instance_code, user_code FROM capri_user_code_log WHERE task_instance_code IN ("+placeholders(len(codes))+") ORDER BY id", codes...); err != nil {
		return nil, fmt.Errorf("read user codes: %w", err)
	}
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		if before, seen := out[r.Code]; !seen || before != 0 {
			out[r.Code] = r.ExitCode
		}
	}
	return out, nil
}

// LockHosts reads workers and keeps their heartbeats from being written until
// the transaction ends: who is taken for lost in it is not heard of meanwhile.
func (t *LeaderTx) LockHosts(ctx context.Context, names []string) (map[string]*Host, error) {
	out := make(map[string]*Host, len(names))
	for page := range pages(sorted(names), 1000) {
		var rows []Host
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT "+hostCols+" FROM capri_schedul_cluster WHERE host IN ("+placeholders(len(page))+") ORDER BY host"+t.d.share, anys(page)...); err != nil {
			return nil, fmt.Errorf("lock %d workers: %w", len(page), err)
		}
		for i := range rows {
			out[rows[i].Host] = &rows[i]
		}
	}
	return out, nil
}

// DeclareDead notes that an operator knows a worker to be gone for good. It
// returns the worker as it was; one that is alive or unknown is left alone,
// so the caller looks at what it got. The next heartbeat takes it back.
func (t *OperateTx) DeclareDead(ctx context.Context, host, reason string) (Host, bool, error) {
	var h Host
	// by the primary key
	if err := t.get(ctx, &h, "SELECT "+hostCols+" FROM capri_schedul_cluster WHERE host = ?"+t.d.forUpdate, host); err != nil {
		return h, false, fmt.Errorf("worker %s: %w", host, err)
	}
	if h.AliveAt(t.now) {
		return h, false, nil
	}
	if _, err := t.exec(ctx, "UPDATE capri_schedul_cluster SET deadAt = ?, deadBy = ?, deadReason = ? WHERE host = ?", t.now, clip(t.by.ID, 100), clip(reason, 400), host); err != nil {
		return h, false, fmt.Errorf("declare %s dead: %w", host, err)
	}
	return h, true, nil
}
