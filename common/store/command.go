package store

import (
	"context"
	"fmt"
	"slices"

	"capricornus/common/batch"
)

// Target is a batch that a command asks about; of Work the columns that
// decisions read.
type Target struct {
	Work
	BizStart int64 `db:"bizStart"`
	BizEnd   int64 `db:"bizEnd"`
}

const selectTargets = `SELECT w.id, w.taskId, w.taskVersion, w.projectId, w.workNo, w.type, w.latest, w.operationId, w.scheduleTime, w.bizStart, w.bizEnd,
w.state, w.finishState, w.attempt, w.host, w.killBy, w.killAt, w.markedBy, w.seq FROM `

// TargetFilter chooses batches for a command: runs that count, of these tasks
// or of all, where zero values choose every one.
type TargetFilter struct {
	Tasks     []int64 // nil: of all
	Project   int64
	Operation int64
	Host      string // assigned to it or running there
	Open      bool   // not done
	Held      bool   // by a person, themselves
	State     *batch.State
	Finish    *batch.Finish
	Period    int    // with From or To: they are work numbers of it
	From, To  string // both included
	Limit     int
}

// Targets lists the batches a command chooses, by task and work number, at
// most Limit of them.
func (t *ViewTx) Targets(ctx context.Context, f TargetFilter) ([]Target, error) {
	if f.Tasks == nil {
		return t.targets(ctx, f, nil)
	}
	var out []Target
	for page := range pages(sorted(f.Tasks), 500) {
		rows, err := t.targets(ctx, f, page)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
		if len(out) >= f.Limit {
			return out[:f.Limit], nil
		}
	}
	return out, nil
}

func (t *ViewTx) targets(ctx context.Context, f TargetFilter, tasks []int64) ([]Target, error) {
	w := where{}
	// uk_work_open (taskId, openKey) or uk_work_run (taskId, workNo, type) of tasks; otherwise ix_work_operation (operationId, state, …),
	// ix_work_host (state, host, …), ix_work_ready (state, …) or ix_work_finish (finishState, …)
	w.add(tasks != nil, "w.taskId IN ("+placeholders(len(tasks))+")", anys(tasks)...)
	w.add(tasks != nil && f.Open, "w.openKey > ''")
	w.add(f.Project != 0, "w.projectId = ?", f.Project)
	w.add(f.Operation != 0, "w.operationId = ?", f.Operation)
	w.add(f.Held, "EXISTS (SELECT 1 FROM capri_hold h WHERE h.releasedAt = 0 AND h.kind = ? AND h.objectId = w.id AND h.source = ? AND (h.until = 0 OR h.until > ?))",
		HoldBatch, SourcePerson, t.now)
	w.add(f.Host != "", "w.state IN (1, 2) AND w.host = ?", f.Host)
	w.add(f.Open && f.Host == "", "w.state IN (0, 1, 2)")
	w.add(f.State != nil, "w.state = ?", f.State)
	w.add(f.Finish != nil, "w.finishState = ?", f.Finish)
	w.add(f.From+f.To != "", "w.outputPeriod = ?", f.Period)
	w.add(f.From != "", "w.workNo >= ?", f.From)
	w.add(f.To != "", "w.workNo <= ?", f.To)
	w.add(true, "w.latest = 1")
	var out []Target
	if err := t.all(ctx, &out, selectTargets+"capri_task_work w"+w.text()+" ORDER BY w.taskId, w.workNo LIMIT ?", append(w.args, f.Limit)...); err != nil {
		return nil, fmt.Errorf("choose batches: %w", err)
	}
	return out, nil
}

// NamedRun is one run of a work number, or with batch.AnyRun the one that counts.
type NamedRun struct {
	ParentKey
	Run int
}

// TargetsOf reads these batches; those that do not exist are left out.
func (t *ViewTx) TargetsOf(ctx context.Context, keys []NamedRun) (map[NamedRun]Target, error) {
	out := make(map[NamedRun]Target, len(keys))
	for page := range pages(keys, 300) {
		args := make([]any, 0, 3*len(page))
		for _, k := range page {
			args = append(args, k.TaskID, k.WorkNo, k.Run)
		}
		var rows []Target
		// uk_work_run (taskId, workNo, type)
		if err := t.all(ctx, &rows, selectTargets+"("+t.d.values([]string{"taskId", "workNo", "run"}, len(page))+") k "+t.d.inOrder+
			" capri_task_work w"+t.d.byIndex("uk_work_run")+" ON w.taskId = k.taskId AND w.workNo = k.workNo WHERE w.type = k.run OR k.run = -1 AND w.latest = 1", args...); err != nil {
			return nil, fmt.Errorf("read batches: %w", err)
		}
		for _, r := range rows {
			key := ParentKey{TaskID: r.TaskID, WorkNo: r.WorkNo}
			for _, k := range []NamedRun{{key, r.Type}, {key, batch.AnyRun}} {
				if slices.Contains(page, k) && (k.Run != batch.AnyRun || r.Latest) {
					out[k] = r
				}
			}
		}
	}
	return out, nil
}

// ItemsToChange lists the next items of a command that are still to be done, in order.
func (t *ViewTx) ItemsToChange(ctx context.Context, operationID int64, limit int) ([]OperationItem, error) {
	var out []OperationItem
	// ix_item_open (operationId, decision, batchId, n)
	err := t.all(ctx, &out, `SELECT operationId, n, taskId, taskVersion, workNo, decision, code, existingId, batchId, result
FROM capri_operation_item WHERE operationId = ? AND decision = 'change' AND batchId = 0 ORDER BY n LIMIT ?`, operationID, limit)
	if err != nil {
		return nil, fmt.Errorf("list items: %w", err)
	}
	return out, nil
}

// ItemCounts counts the items of operations by decision.
func (t *ViewTx) ItemCounts(ctx context.Context, operations []int64) (map[int64]map[string]int, error) {
	out := make(map[int64]map[string]int, len(operations))
	for page := range pages(sorted(operations), 500) {
		var rows []struct {
			OperationID int64  `db:"operationId"`
			Decision    string `db:"decision"`
			N           int    `db:"n"`
		}
		// ix_item_open (operationId, decision, batchId, n) alone
		if err := t.all(ctx, &rows, "SELECT operationId, decision, COUNT(*) AS n FROM capri_operation_item WHERE operationId IN ("+
			placeholders(len(page))+") GROUP BY operationId, decision", anys(page)...); err != nil {
			return nil, fmt.Errorf("count items: %w", err)
		}
		for _, r := range rows {
			if out[r.OperationID] == nil {
				out[r.OperationID] = map[string]int{}
			}
			out[r.OperationID][r.Decision] = r.N
		}
	}
	return out, nil
}

// Progresses counts how the batches of operations stand, by operation.
func (t *ViewTx) Progresses(ctx context.Context, operations []int64) (map[int64]Progress, error) {
	out := make(map[int64]Progress, len(operations))
	for page := range pages(sorted(operations), 500) {
		var rows []struct {
			OperationID int64        `db:"operationId"`
			State       batch.State  `db:"state"`
			Finish      batch.Finish `db:"finishState"`
			N           int          `db:"n"`
		}
		// ix_work_operation (operationId, state, finishState) alone
		if err := t.all(ctx, &rows, "SELECT operationId, state, finishState, COUNT(*) AS n FROM capri_task_work WHERE operationId IN ("+
			placeholders(len(page))+") GROUP BY operationId, state, finishState", anys(page)...); err != nil {
			return nil, fmt.Errorf("count batches of operations: %w", err)
		}
		var killed []int64
		for _, r := range rows {
			p := out[r.OperationID]
			switch {
			case r.State != batch.Done:
				p.Open += r.N
			case r.Finish == batch.Success:
				p.Done += r.N
			default:
				p.Failed += r.N
			}
			out[r.OperationID] = p
			if r.Finish == batch.Killed {
				killed = append(killed, r.OperationID)
			}
		}
		if err := t.forgiveCancelled(ctx, out, killed); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// forgiveCancelled takes the batches out of the failed ones that were ended
// because their operation was cancelled.
func (t *ViewTx) forgiveCancelled(ctx context.Context, counts map[int64]Progress, operations []int64) error {
	if len(operations) == 0 {
		return nil
	}
	var rows []struct {
		OperationID int64  `db:"operationId"`
		Reason      string `db:"killReason"`
		N           int    `db:"n"`
	}
	// ix_work_operation (operationId, state, finishState), then those that were killed
	if err := t.all(ctx, &rows, "SELECT operationId, killReason, COUNT(*) AS n FROM capri_task_work WHERE state = 3 AND finishState = ? AND operationId IN ("+
		placeholders(len(operations))+") GROUP BY operationId, killReason", append([]any{batch.Killed}, anys(operations)...)...); err != nil {
		return fmt.Errorf("count what cancelled operations ended: %w", err)
	}
	for _, r := range rows {
		if r.Reason == CancelledReason(r.OperationID) {
			p := counts[r.OperationID]
			p.Failed -= r.N
			counts[r.OperationID] = p
		}
	}
	return nil
}

// KillHosts lists the hosts that run something somebody wants killed.
func (t *ViewTx) KillHosts(ctx context.Context) ([]string, error) {
	var out []string
	// ix_work_host (state, host, taskId): what runs is bounded by the slots there are
	if err := t.all(ctx, &out, "SELECT DISTINCT host FROM capri_task_work WHERE state = 2 AND killAt > 0 ORDER BY host LIMIT 10000"); err != nil {
		return nil, fmt.Errorf("list hosts with kills: %w", err)
	}
	return out, nil
}

// TaskRight is by whom the batches of a task may be changed; those of deleted
// tasks too.
type TaskRight struct {
	ID         int64  `db:"id"`
	Name       string `db:"name"`
	Owner      string `db:"owner"`
	Project    string `db:"project"`
	ProjectID  int64  `db:"projectId"`
	Department int64  `db:"departmentId"` // of the project; 0: none
}

// TaskRights reads who may change the batches of tasks.
func (t *ViewTx) TaskRights(ctx context.Context, tasks []int64) (map[int64]TaskRight, error) {
	out := make(map[int64]TaskRight, len(tasks))
	for page := range pages(sorted(tasks), 1000) {
		var rows []TaskRight
		// by the primary keys
		if err := t.all(ctx, &rows, `SELECT t.id, t.name, u.name AS owner, p.name AS project, t.projectId, p.departmentId FROM capri_task t
JOIN capri_project p ON p.id = t.projectId JOIN capri_user u ON u.id = t.ownerId WHERE t.id IN (`+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("read owners of tasks: %w", err)
		}
		for _, r := range rows {
			out[r.ID] = r
		}
	}
	return out, nil
}

// UnmeetParents makes waiting and assigned batches wait again for these parent
// batches, for a bulk command.
func (t *LeaderTx) UnmeetParents(ctx context.Context, keys []ParentKey, reason string) error {
	return t.unmeetParents(ctx, keys, reason)
}
