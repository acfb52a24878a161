package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// ReadyKey is a position in the order of assignment: priority, schedule time, id.
type ReadyKey struct {
	Priority     int
	ScheduleTime int64
	ID           int64
}

// FirstReady stands before every batch.
func FirstReady() ReadyKey { return ReadyKey{Priority: -1} }

// Ready lists waiting batches with nothing unmet, in the order of assignment, after a position.
func (t *ViewTx) Ready(ctx context.Context, after ReadyKey, limit int) ([]Work, error) {
	var out []Work
	// ix_work_ready (state, unmet, priority, scheduleTime, id)
	err := t.all(ctx, &out, "SELECT "+workCols+` FROM capri_task_work
WHERE state = 0 AND unmet = 0 AND (priority > ? OR (priority = ? AND (scheduleTime > ? OR (scheduleTime = ? AND id > ?))))
ORDER BY priority, scheduleTime, id LIMIT ?`, after.Priority, after.Priority, after.ScheduleTime, after.ScheduleTime, after.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("list ready batches: %w", err)
	}
	return out, nil
}

// AssignedWorks lists all assigned batches, oldest assignment first.
func (t *ViewTx) AssignedWorks(ctx context.Context, limit int) ([]Work, error) {
	var out []Work
	// ix_work_host (state, host, taskId)
	err := t.all(ctx, &out, "SELECT "+workCols+" FROM capri_task_work WHERE state = 1 ORDER BY assignTime, id LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("list assigned batches: %w", err)
	}
	return out, nil
}

// OnHost lists the batches of a host in one state, in the order of assignment.
func (t *ViewTx) OnHost(ctx context.Context, host string, state batch.State, limit int) ([]Work, error) {
	var out []Work
	// ix_work_host (state, host, taskId)
	err := t.all(ctx, &out, "SELECT "+workCols+" FROM capri_task_work WHERE state = ? AND host = ? ORDER BY priority, scheduleTime, id LIMIT ?", state, host, limit)
	if err != nil {
		return nil, fmt.Errorf("list batches of %s: %w", host, err)
	}
	return out, nil
}

// KillsOnHost lists the running batches of a host that somebody wants killed.
func (t *ViewTx) KillsOnHost(ctx context.Context, host string, limit int) ([]Work, error) {
	var out []Work
	// ix_work_host (state, host, taskId)
	err := t.all(ctx, &out, "SELECT "+workCols+" FROM capri_task_work WHERE state = 2 AND host = ? AND killAt > 0 ORDER BY id LIMIT ?", host, limit)
	if err != nil {
		return nil, fmt.Errorf("list kills on %s: %w", host, err)
	}
	return out, nil
}

// Usage is what one task holds on one host, derived from batches in state
// assigned and running; refused ones reserve nothing.
type Usage struct {
	Host   string      `db:"host"`
	TaskID int64       `db:"taskId"`
	State  batch.State `db:"state"`
	Count  int         `db:"n"`
	Memory int64       `db:"memory"`
}

// Usages sums up what is assigned and running.
func (t *ViewTx) Usages(ctx context.Context) ([]Usage, error) {
	var out []Usage
	// ix_work_host (state, host, taskId)
	err := t.all(ctx, &out, `SELECT host, taskId, state, COUNT(*) AS n, SUM(memory) AS memory FROM capri_task_work
WHERE state IN (1, 2) AND refusedAt = 0 GROUP BY host, taskId, state ORDER BY host, taskId, state LIMIT 100000`)
	if err != nil {
		return nil, fmt.Errorf("sum up running batches: %w", err)
	}
	return out, nil
}

// Reassignment is one row of capri_reschedule_log.
type Reassignment struct {
	WorkID        int64  `db:"taskWorkId"`
	Attempt       int    `db:"attempt"` // the one that was given up
	OldHost       string `db:"oldHost"`
	OldAssignTime int64  `db:"oldAssignTime"`
	NewHost       string `db:"newHost"` // "" when nobody fitted
	Reason        string `db:"reason"`
	At            int64  `db:"at"`
}

// Reassignments reads the log of these batches since an instant, oldest first.
func (t *ViewTx) Reassignments(ctx context.Context, ids []int64, since int64) ([]Reassignment, error) {
	var out []Reassignment
	for page := range pages(sorted(ids), 1000) {
		var rows []Reassignment
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT taskWorkId, attempt, oldHost, oldAssignTime, newHost, reason, at FROM capri_reschedule_log WHERE at >= ? AND taskWorkId IN ("+
			placeholders(len(page))+") ORDER BY taskWorkId, attempt", append([]any{since}, anys(page)...)...); err != nil {
			return nil, fmt.Errorf("read reassignments: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Misfortune is a host on which an attempt of a batch could not run, or was lost.
type Misfortune struct {
	WorkID int64  `db:"taskWorkId"`
	Host   string `db:"host"`
}

// Misfortunes reads those of these batches since an instant: attempts that left
// no exit code, though nobody killed them.
func (t *ViewTx) Misfortunes(ctx context.Context, ids []int64, since int64) ([]Misfortune, error) {
	var out []Misfortune
	for page := range pages(sorted(ids), 1000) {
		var rows []Misfortune
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT taskWorkId, host FROM capri_task_instance WHERE hasExit = 0 AND outcome IN (?, ?) AND endTime >= ? AND taskWorkId IN ("+
			placeholders(len(page))+") ORDER BY taskWorkId, attempt", append([]any{batch.ResultFailed, batch.ResultLost, since}, anys(page)...)...); err != nil {
			return nil, fmt.Errorf("read attempts that could not run: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// PendingOperations lists operations whose batches are still being made, and
// cancelled ones whose batches are still being ended.
func (t *ViewTx) PendingOperations(ctx context.Context) (map[int64]bool, error) {
	var ids []int64
	// ix_operation_state (state, id)
	if err := t.all(ctx, &ids, "SELECT id FROM capri_operation WHERE state = 'creating' OR (state = 'cancelled' AND endedAt = 0) ORDER BY id LIMIT 1000"); err != nil {
		return nil, fmt.Errorf("list pending operations: %w", err)
	}
	out := map[int64]bool{}
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}

// Grants reads which users may use which execution accounts.
func (t *ViewTx) Grants(ctx context.Context) (map[Grant]bool, error) {
	var rows []Grant
	if err := t.all(ctx, &rows, "SELECT userId, account FROM capri_account_grant ORDER BY userId, account LIMIT 100000"); err != nil {
		return nil, fmt.Errorf("read account grants: %w", err)
	}
	out := make(map[Grant]bool, len(rows))
	for _, g := range rows {
		out[g] = true
	}
	return out, nil
}

// Grant allows a user's tasks to run as an execution account.
type Grant struct {
	UserID  int64  `db:"userId"`
	Account string `db:"account"`
}

// PutGrant writes a grant; one that exists stays.
func (t *OperateTx) PutGrant(ctx context.Context, g Grant) error {
	if err := t.insert(ctx, "capri_account", "name, createdAt", [][]any{{g.Account, t.now}}, t.d.ignore("name")); err != nil {
		return err
	}
	return t.insert(ctx, "capri_account_grant", "userId, account, grantedBy, grantedAt", [][]any{{g.UserID, g.Account, t.by.ID, t.now}}, t.d.ignore("account"))
}

// Granted reads which of these grants there are.
func (t *WorkTx) Granted(ctx context.Context, asked []Grant) (map[Grant]bool, error) {
	out := make(map[Grant]bool, len(asked))
	for page := range pages(asked, 400) {
		args := make([]any, 0, 2*len(page))
		for _, g := range page {
			args = append(args, g.UserID, g.Account)
		}
		var rows []Grant
		// capri_account_grant by its primary key
		if err := t.all(ctx, &rows, "SELECT g.userId, g.account FROM ("+t.d.values([]string{"userId", "account"}, len(page))+") k "+t.d.inOrder+
			" capri_account_grant g ON g.userId = k.userId AND g.account = k.account", args...); err != nil {
			return nil, fmt.Errorf("check account grants: %w", err)
		}
		for _, g := range rows {
			out[g] = true
		}
	}
	return out, nil
}
