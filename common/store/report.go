package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// What is here is read to report how an hour or a day has gone; nothing decides
// by it. Each query reads the rows of that time, or what is open.

// MoveCount is how often a move was made, by the result the batch had then.
type MoveCount struct {
	Move   batch.MoveName `db:"move"`
	Finish batch.Finish   `db:"finishState"`
	Count  int64          `db:"n"`
}

// MoveCounts counts the moves of batches within [from, to).
func (t *ViewTx) MoveCounts(ctx context.Context, from, to int64) ([]MoveCount, error) {
	var out []MoveCount
	// ix_event_at (at, workId, seq)
	if err := t.all(ctx, &out, "SELECT move, finishState, COUNT(*) AS n FROM capri_batch_event"+t.d.byIndex("ix_event_at")+
		" WHERE at >= ? AND at < ? GROUP BY move, finishState ORDER BY move, finishState LIMIT 1000", from, to); err != nil {
		return nil, fmt.Errorf("count moves: %w", err)
	}
	return out, nil
}

// CountReruns counts the further runs that were made within [from, to).
func (t *ViewTx) CountReruns(ctx context.Context, from, to int64) (int64, error) {
	var n int64
	// ix_event_at (at, workId, seq), batches by the primary key
	err := t.get(ctx, &n, "SELECT COUNT(*) FROM capri_batch_event e"+t.d.byIndex("ix_event_at")+" "+t.d.inOrder+
		" capri_task_work w ON w.id = e.workId WHERE e.at >= ? AND e.at < ? AND e.move = ? AND w.type > 0", from, to, batch.MoveCreate)
	if err != nil {
		return 0, fmt.Errorf("count reruns: %w", err)
	}
	return n, nil
}

// Activity is what happened to batches in a time, as their journals tell.
type Activity struct {
	OK, Failed             int64 // ended so by themselves; lost ones have failed
	DependLate, OutputLate int64 // were marked
	Reruns                 int64 // further runs that were made
}

// Activity counts what happened to batches within [from, to).
func (t *ViewTx) Activity(ctx context.Context, from, to int64) (Activity, error) {
	var a Activity
	moves, err := t.MoveCounts(ctx, from, to)
	if err != nil {
		return a, err
	}
	for _, m := range moves {
		ended := m.Move == batch.MoveFinish || m.Move == batch.MoveRepair
		switch {
		case ended && m.Finish == batch.Success:
			a.OK += m.Count
		case ended && (m.Finish == batch.Failed || m.Finish == batch.Lost):
			a.Failed += m.Count
		case m.Move == batch.MoveDependTimeout:
			a.DependLate += m.Count
		case m.Move == batch.MoveOutputTimeout:
			a.OutputLate += m.Count
		}
	}
	a.Reruns, err = t.CountReruns(ctx, from, to)
	return a, err
}

// FailedRun is a batch that failed or was lost, with whose it is.
type FailedRun struct {
	Node
	Title      string `db:"title"`
	Project    string `db:"project"`
	Owner      string `db:"owner"`
	Department string `db:"department"` // of the owner; "": none
	ResultCode int    `db:"resultCode"`
}

// FailedRuns lists batches that failed or were lost within [from, to) and count
// still, in the order of their ends, after a position.
func (t *ViewTx) FailedRuns(ctx context.Context, from, to int64, after EndKey, limit int) ([]FailedRun, error) {
	var out []FailedRun
	// ix_work_end (endTime), the others by their primary keys
	err := t.all(ctx, &out, "SELECT "+nodeCols+`, t.title, p.name AS project, u.name AS owner, COALESCE(d.name, '') AS department, w.resultCode
FROM capri_task_work w`+t.d.byIndex("ix_work_end")+" "+nodeTask+` JOIN capri_project p ON p.id = w.projectId JOIN capri_user u ON u.id = t.ownerId LEFT JOIN capri_department d ON d.id = u.departmentId
WHERE w.endTime >= ? AND w.endTime < ? AND (w.endTime > ? OR w.id > ?) AND w.state + 0 = 3 AND w.finishState + 0 IN (?, ?) AND w.latest = 1 AND w.markedBy = ''
ORDER BY w.endTime, w.id LIMIT ?`, max(from, after.EndTime), to, after.EndTime, after.ID, batch.Failed, batch.Lost, limit)
	if err != nil {
		return nil, fmt.Errorf("list failed runs: %w", err)
	}
	return out, nil
}

// Behind is that one batch waits for another.
type Behind struct {
	Before ParentKey // what is waited for
	ID     int64     // of the one that waits
	ParentKey
}

// WaitingChildren lists the batches that wait for these work numbers: limit of
// each page of keys at most.
func (t *ViewTx) WaitingChildren(ctx context.Context, keys []ParentKey, limit int) ([]Behind, error) {
	var out []Behind
	for page := range pages(keys, 400) {
		var rows []behindRow
		// ix_parent_need (state, lastRule, parentTaskId, parentTaskWorkNo, taskWorkId), batches by the primary key
		if err := t.all(ctx, &rows, "SELECT k.taskId AS beforeTask, k.workNo AS beforeNo, w.id, w.taskId, w.workNo FROM ("+t.keyList(len(page))+") k "+t.d.inOrder+
			" capri_tparent_data d"+t.d.byIndex("ix_parent_need")+" ON d.state = 0 AND d.lastRule = 0 AND d.parentTaskId = k.taskId AND d.parentTaskWorkNo = k.workNo "+t.d.inOrder+
			" capri_task_work w ON w.id = d.taskWorkId WHERE w.state + 0 = 0 AND w.latest = 1 LIMIT ?", append(keyArgs(page), limit)...); err != nil {
			return nil, fmt.Errorf("list who waits for batches: %w", err)
		}
		out = append(out, behinds(rows)...)
	}
	return out, nil
}

// WaitingReaders lists the batches that wait for what these batches make: limit
// of each page of makers at most.
func (t *ViewTx) WaitingReaders(ctx context.Context, makers []int64, limit int) ([]Behind, error) {
	var out []Behind
	for page := range pages(sorted(makers), 400) {
		var rows []behindRow
		// the outputs by the primary key, the inputs by ix_data_path (type, state, pathHash), batches by the primary key
		if err := t.all(ctx, &rows, "SELECT m.taskId AS beforeTask, m.workNo AS beforeNo, w.id, w.taskId, w.workNo FROM capri_task_data o "+t.d.inOrder+
			" capri_task_work m ON m.id = o.taskWorkId "+t.d.inOrder+
			" capri_task_data d ON d.type = 1 AND d.state = 0 AND d.pathHash = o.pathHash AND d.path = o.path "+t.d.inOrder+
			" capri_task_work w ON w.id = d.taskWorkId WHERE o.type + 0 = 2 AND o.taskWorkId IN ("+placeholders(len(page))+") AND w.state + 0 = 0 AND w.latest = 1 LIMIT ?",
			append(anys(page), limit)...); err != nil {
			return nil, fmt.Errorf("list who waits for paths: %w", err)
		}
		out = append(out, behinds(rows)...)
	}
	return out, nil
}

type behindRow struct {
	BeforeTask int64  `db:"beforeTask"`
	BeforeNo   string `db:"beforeNo"`
	ID         int64  `db:"id"`
	TaskID     int64  `db:"taskId"`
	WorkNo     string `db:"workNo"`
}

func behinds(rows []behindRow) []Behind {
	out := make([]Behind, len(rows))
	for i, r := range rows {
		out[i] = Behind{Before: ParentKey{r.BeforeTask, r.BeforeNo}, ID: r.ID, ParentKey: ParentKey{r.TaskID, r.WorkNo}}
	}
	return out
}

// WaitingRun is a batch that waits, with whose it is.
type WaitingRun struct {
	Node
	Title        string `db:"title"`
	Owner        string `db:"owner"`
	ScheduleTime int64  `db:"scheduleTime"`
	EarliestAt   int64  `db:"earliestAt"`
}

// OldestWaits lists the batches that wait and might have begun by now, those
// first that were made first.
func (t *ViewTx) OldestWaits(ctx context.Context, now int64, limit int) ([]WaitingRun, error) {
	var out []WaitingRun
	// ix_work_ready (state, …), which holds little besides what is done; the others by their primary keys
	err := t.all(ctx, &out, "SELECT "+nodeCols+`, t.title, u.name AS owner, w.scheduleTime, w.earliestAt FROM
(SELECT x.id FROM capri_task_work x`+t.d.byIndex("ix_work_ready")+` WHERE x.state = 0 AND x.scheduleTime <= ? AND x.earliestAt <= ? ORDER BY x.id LIMIT ?) some `+t.d.inOrder+
		" capri_task_work w ON w.id = some.id "+nodeTask+" JOIN capri_user u ON u.id = t.ownerId ORDER BY w.id", now, now, limit)
	if err != nil {
		return nil, fmt.Errorf("list the longest waits: %w", err)
	}
	return out, nil
}

// OnWorker is a batch that takes a slot.
type OnWorker struct {
	TaskID    int64 `db:"taskId"`
	StartTime int64 `db:"startTime"` // 0: it has not begun
}

// OnWorkers lists what takes slots.
func (t *ViewTx) OnWorkers(ctx context.Context) ([]OnWorker, error) {
	var out []OnWorker
	// ix_work_host (state, host, …)
	if err := t.all(ctx, &out, `SELECT taskId, startTime FROM capri_task_work WHERE state IN (1, 2) ORDER BY state, host LIMIT 200000`); err != nil {
		return nil, fmt.Errorf("list what is on workers: %w", err)
	}
	return out, nil
}
