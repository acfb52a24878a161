package store

import (
	"context"
	"fmt"
)

// States of an operation.
const (
	OperationCreating  = "creating" // its batches are being made; they wait behind it
	OperationRunning   = "running"  // all made, not all ended
	OperationDone      = "done"
	OperationCancelled = "cancelled"
)

// Plan is what somebody asked about: the request and the fingerprint of the answer.
type Plan struct {
	ID          int64  `db:"id"`
	Kind        string `db:"kind"`
	Request     string `db:"request"` // JSON
	Fingerprint string `db:"fingerprint"`
	Author      string `db:"author"`
	CreatedAt   int64  `db:"createdAt"`
	ExpiresAt   int64  `db:"expiresAt"`
	OperationID int64  `db:"operationId"` // 0 until applied
	Seen        string `db:"seen"`        // what was decided, for the difference when the world has changed
}

// PutPlan writes a plan.
func (t *OperateTx) PutPlan(ctx context.Context, p Plan) error {
	return t.insert(ctx, "capri_plan", "id, kind, request, fingerprint, author, createdAt, expiresAt, operationId, seen",
		[][]any{{p.ID, p.Kind, p.Request, p.Fingerprint, p.Author, t.now, p.ExpiresAt, 0, p.Seen}}, "")
}

// LockPlan reads a plan and keeps it locked, so that it is applied once.
func (t *OperateTx) LockPlan(ctx context.Context, id int64) (Plan, error) {
	var p Plan
	err := t.get(ctx, &p, "SELECT id, kind, request, fingerprint, author, createdAt, expiresAt, operationId, seen FROM capri_plan WHERE id = ?"+t.d.forUpdate, id)
	return p, err
}

// Operation is one rerun, cold start or bulk command.
type Operation struct {
	ID        int64  `db:"id"`
	Kind      string `db:"kind"`
	State     string `db:"state"`
	Author    string `db:"author"`
	Reason    string `db:"reason"`
	Request   string `db:"request"`
	Total     int    `db:"total"`
	Created   int    `db:"created"`
	CreatedAt int64  `db:"createdAt"`
	EndedAt   int64  `db:"endedAt"` // of a cancelled one: when the last of its waiting batches was ended

	CancelledBy  string `db:"cancelledBy"` // who cancelled it last; stays when it is resumed
	CancelReason string `db:"cancelReason"`

	RequestID string `db:"requestId"` // of the call that ordered it
}

// OperationItem is one batch of an operation.
type OperationItem struct {
	OperationID int64  `db:"operationId"`
	N           int    `db:"n"`
	TaskID      int64  `db:"taskId"`
	TaskVersion int    `db:"taskVersion"`
	WorkNo      string `db:"workNo"`
	Decision    string `db:"decision"`
	Code        string `db:"code"`
	ExistingID  int64  `db:"existingId"`
	BatchID     int64  `db:"batchId"` // the batch made for it or changed by it, 0 until then
	Result      string `db:"result"`  // what a command did, or why it could not
}

// ItemUnfinished is the code of an item that is left alone because a batch of
// its work number is unfinished; if that one waits, it waits for the new runs
// of its parents.
const ItemUnfinished = "SKIP_UNFINISHED"

const (
	operationCols = "id, kind, state, author, reason, request, total, created, createdAt, endedAt, cancelledBy, cancelReason, requestId"
	itemCols      = "operationId, n, taskId, taskVersion, workNo, decision, code, existingId, batchId, result"
)

// PutOperation writes an operation with all its items and ties the plan, if
// there is one, to it; a plan that is tied already is ErrStale.
func (t *OperateTx) PutOperation(ctx context.Context, o Operation, items []OperationItem, planID int64) error {
	if err := t.insert(ctx, "capri_operation", operationCols,
		[][]any{{o.ID, o.Kind, o.State, o.Author, clip(o.Reason, 400), o.Request, o.Total, 0, t.now, o.EndedAt, "", "", t.request(ctx)}}, ""); err != nil {
		return err
	}
	rows := make([][]any, 0, len(items))
	for _, i := range items {
		rows = append(rows, []any{o.ID, i.N, i.TaskID, i.TaskVersion, i.WorkNo, i.Decision, i.Code, i.ExistingID, 0, ""})
	}
	if err := t.insert(ctx, "capri_operation_item", itemCols, rows, ""); err != nil {
		return err
	}
	if planID == 0 {
		return nil
	}
	n, err := t.exec(ctx, "UPDATE capri_plan SET operationId = ? WHERE id = ? AND operationId = 0", o.ID, planID)
	if err == nil && n != 1 {
		return fmt.Errorf("plan %d is applied already: %w", planID, ErrStale)
	}
	return err
}

// OperationByID reads one operation.
func (t *ViewTx) OperationByID(ctx context.Context, id int64) (Operation, error) {
	var o Operation
	err := t.get(ctx, &o, "SELECT "+operationCols+" FROM capri_operation WHERE id = ?", id)
	return o, err
}

// Operations lists operations, newest first, before an id.
func (t *ViewTx) Operations(ctx context.Context, before int64, limit int) ([]Operation, error) {
	var out []Operation
	err := t.all(ctx, &out, "SELECT "+operationCols+" FROM capri_operation WHERE ? = 0 OR id < ? ORDER BY id DESC LIMIT ?", before, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list operations: %w", err)
	}
	return out, nil
}

// OperationsIn lists operations of one state, oldest first.
func (t *ViewTx) OperationsIn(ctx context.Context, state string, limit int) ([]Operation, error) {
	var out []Operation
	// ix_operation_state (state, id)
	err := t.all(ctx, &out, "SELECT "+operationCols+" FROM capri_operation WHERE state = ? ORDER BY id LIMIT ?", state, limit)
	if err != nil {
		return nil, fmt.Errorf("list operations: %w", err)
	}
	return out, nil
}

// ItemsToMake lists the next items of an operation that something is left to do
// for, in order: those without a batch, and those whose unfinished batch has not
// been told yet to wait for the new runs of its parents.
func (t *ViewTx) ItemsToMake(ctx context.Context, operationID int64, limit int) ([]OperationItem, error) {
	var out []OperationItem
	err := t.all(ctx, &out, "SELECT "+itemCols+` FROM capri_operation_item WHERE operationId = ? AND batchId = 0
AND (decision = 'create' OR decision = 'skip' AND code = ? AND existingId > 0 AND result = '') ORDER BY n LIMIT ?`, operationID, ItemUnfinished, limit)
	if err != nil {
		return nil, fmt.Errorf("list items: %w", err)
	}
	return out, nil
}

// ItemVersions lists the tasks of an operation with the versions its batches
// are made from.
func (t *ViewTx) ItemVersions(ctx context.Context, operationID int64) ([]VersionKey, error) {
	var rows []struct {
		TaskID  int64 `db:"taskId"`
		Version int   `db:"taskVersion"`
	}
	// by the primary key's first column
	if err := t.all(ctx, &rows, "SELECT DISTINCT taskId, taskVersion FROM capri_operation_item WHERE operationId = ? ORDER BY taskId, taskVersion", operationID); err != nil {
		return nil, fmt.Errorf("list the tasks of operation %d: %w", operationID, err)
	}
	out := make([]VersionKey, len(rows))
	for i, r := range rows {
		out[i] = VersionKey(r)
	}
	return out, nil
}

// ItemsCreating lists the work numbers of some tasks that an operation makes
// batches of, made already or not.
func (t *ViewTx) ItemsCreating(ctx context.Context, operationID int64, tasks []int64) (map[ParentKey]bool, error) {
	out := map[ParentKey]bool{}
	for page := range pages(sorted(tasks), 1000) {
		var rows []ParentKey
		// by the primary key's first column
		if err := t.all(ctx, &rows, "SELECT taskId, workNo FROM capri_operation_item WHERE operationId = ? AND decision = 'create' AND taskId + 0 IN ("+
			placeholders(len(page))+")", append([]any{operationID}, anys(page)...)...); err != nil {
			return nil, fmt.Errorf("list what operation %d makes: %w", operationID, err)
		}
		for _, key := range rows {
			out[key] = true
		}
	}
	return out, nil
}

// ItemsMade writes which batches were made for items, in the transaction that
// made them. It is ErrStale when the operation is not being made any more:
// somebody has cancelled it.
func (t *LeaderTx) ItemsMade(ctx context.Context, operationID int64, items []OperationItem) error {
	cols := []string{"operationId", "n", "batchId", "code", "decision", "existingId", "result"}
	rows := make([][]any, 0, len(items))
	made := 0
	for _, i := range items {
		rows = append(rows, []any{operationID, i.N, i.BatchID, i.Code, i.Decision, i.ExistingID, clip(i.Result, 400)})
		if i.BatchID != 0 {
			made++
		}
	}
	for page := range t.d.statements(rows) {
		if _, err := t.exec(ctx, t.d.updateFrom("capri_operation_item", t.d.values(cols, len(page)), cols[2:], cols[:2]), flat(page)...); err != nil {
			return fmt.Errorf("tick off items: %w", err)
		}
	}
	n, err := t.exec(ctx, "UPDATE capri_operation SET created = created + ? WHERE id = ? AND state = ?", made, operationID, OperationCreating)
	if err == nil && n != 1 {
		return fmt.Errorf("operation %d is not being made: %w", operationID, ErrStale)
	}
	return err
}

// SetOperation moves an operation from one state to another; it returns whether it was in the first.
func (t *LeaderTx) SetOperation(ctx context.Context, id int64, from, to string) (bool, error) {
	var ended int64
	if to == OperationDone {
		ended = t.now
	}
	n, err := t.exec(ctx, "UPDATE capri_operation SET state = ?, endedAt = ? WHERE id = ? AND state = ?", to, ended, id, from)
	return n == 1, err
}
