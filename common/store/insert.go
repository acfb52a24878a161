package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"capricornus/common/batch"
)

// Dependency states, the same in all three kinds of rows.
const (
	DepUnmet         = 0
	DepMet           = 1
	DepNotApplicable = 2
)

// Types of rows in capri_task_data.
const (
	DataInput  = 1 // 输入
	DataOutput = 2 // 输出
)

// NewBatch is a batch to be made, whole: it is never visible without its dependencies.
type NewBatch struct {
	ID             int64
	TaskID         int64
	TaskVersion    int
	ProjectID      int64
	Period         int
	WorkNo         string
	Type           int
	Origin         batch.Origin
	OperationID    int64
	Priority       int
	Memory         int64
	ScheduleTime   int64
	BizStart       int64
	BizEnd         int64
	EarliestAt     int64 // 0: none
	DependDeadline int64 // 0: none
	OutputDeadline int64 // 0: none
	Detail         string

	Inputs  []NewPath
	Outputs []NewPath
	Thirds  []NewThird
	Parents []NewParent
}

// NewPath is a path of a new batch.
type NewPath struct{ Path, Ready string }

// NewThird is a third-party need of a new batch; Met when it was announced already.
type NewThird struct {
	Code, Key string
	Met       bool
}

// NewParent is a parent batch of a new batch. Last means the parent task's
// newest batch, whatever its number.
type NewParent struct {
	TaskID int64
	WorkNo string
	Last   bool
	State  int
}

func (b *NewBatch) unmet() int {
	n := len(b.Inputs)
	for _, t := range b.Thirds {
		if !t.Met {
			n++
		}
	}
	for _, p := range b.Parents {
		if p.State == DepUnmet {
			n++
		}
	}
	return n
}

// PathHash is what "all rows with this path" are found by.
func PathHash(path string) int64 {
	sum := sha256.Sum256([]byte(path))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1)
}

const workInsertCols = `id, taskId, taskVersion, projectId, outputPeriod, workNo, type, latest, origin, operationId, priority, memory,
scheduleTime, bizStart, bizEnd, createdAt, earliestAt, dependDeadline, outputDeadline, state, finishState, unmet, attempt,
host, incarnation, assignTime, startTime, endTime, message, gate, gateSince, qualityState, retryAt, userFailures, infraFailures,
refusedAt, refusedReason, killBy, killAt, killReason, markedBy, resultCode, dependTimeoutAt, outputTimeoutAt,
peakMemory, peakProcesses, cpuSeconds, epoch, seq, requestId`

// InsertBatches makes batches with all their rows and the first row of each
// journal. A unique key that is taken gives ErrExists: read again and decide.
// Children that still wait for an earlier run of the same work number wait again.
func (t *LeaderTx) InsertBatches(ctx context.Context, batches []NewBatch) error {
	return t.insertBatches(ctx, batches)
}

// InsertBatches makes the batch of an execution, as the leader would.
func (t *OperateTx) InsertBatches(ctx context.Context, batches []NewBatch) error {
	return t.insertBatches(ctx, batches)
}

func (t *tx) insertBatches(ctx context.Context, batches []NewBatch) error {
	request := t.request(ctx)
	var works, data, thirds, parents, events [][]any
	for i := range batches {
		b := &batches[i]
		works = append(works, []any{
			b.ID, b.TaskID, b.TaskVersion, b.ProjectID, b.Period, b.WorkNo, b.Type, 1, b.Origin, b.OperationID, b.Priority, b.Memory,
			b.ScheduleTime, b.BizStart, b.BizEnd, t.now, b.EarliestAt, b.DependDeadline, b.OutputDeadline, batch.Waiting, batch.None, b.unmet(), 0,
			"", "", 0, 0, 0, "", "", 0, 0, 0, 0, 0,
			0, "", "", 0, "", "", 0, 0, 0,
			0, 0, 0, t.by.Epoch, 1, request,
		})
		events = append(events, []any{b.ID, 1, batch.MoveCreate, batch.Nothing, batch.Waiting, batch.None, 0,
			t.by.Kind, t.by.ID, t.by.Epoch, t.now, clip(b.Detail, 1000)})
		for n, p := range b.Inputs {
			data = append(data, []any{b.ID, n, DataInput, p.Path, PathHash(p.Path), p.Ready, DepUnmet, t.now, 0, ""})
		}
		for n, p := range b.Outputs {
			data = append(data, []any{b.ID, len(b.Inputs) + n, DataOutput, p.Path, PathHash(p.Path), p.Ready, DepUnmet, 0, 0, ""})
		}
		for n, p := range b.Thirds {
			thirds = append(thirds, []any{b.ID, n, p.Code, p.Key, boolInt(p.Met), t.now, t.now, ""})
		}
		for n, p := range b.Parents {
			parents = append(parents, []any{b.ID, n, p.TaskID, p.WorkNo, boolInt(p.Last), p.State, t.now, 0, ""})
		}
	}
	if err := t.stillThere(ctx, batches); err != nil {
		return err
	}
	relied, err := t.lockLasts(ctx, batches)
	if err != nil {
		return err
	}
	if err := t.supersede(ctx, batches); err != nil {
		return err
	}
	if err := t.insert(ctx, "capri_task_work", workInsertCols, works, ""); err != nil {
		return err
	}
	if err := t.insert(ctx, "capri_task_data", "taskWorkId, n, type, path, pathHash, ready, state, unmetSince, lastCheckedAt, lastError", data, ""); err != nil {
		return err
	}
	if err := t.insert(ctx, "capri_tthird_data", "taskWorkId, n, code, dataNo, state, unmetSince, lastCheckedAt, lastError", thirds, ""); err != nil {
		return err
	}
	if err := t.insert(ctx, "capri_tparent_data", parentCols, parents, ""); err != nil {
		return err
	}
	if err := t.insert(ctx, "capri_batch_event", eventCols, events, ""); err != nil {
		return err
	}
	if err := t.settleLasts(ctx, relied); err != nil {
		return err
	}
	return t.awakenSkippedParents(ctx, batches)
}

// supersede takes the mark "this run counts" from the earlier runs of the same
// work numbers, and makes children that still wait for them wait again.
func (t *tx) supersede(ctx context.Context, batches []NewBatch) error {
	var keys []ParentKey
	for i := range batches {
		if batches[i].Type > 0 {
			keys = append(keys, ParentKey{TaskID: batches[i].TaskID, WorkNo: batches[i].WorkNo})
		}
	}
	if len(keys) == 0 {
		return nil
	}
	var ids []int64
	for page := range pages(keys, 400) {
		var rows []int64
		// uk_work_run (taskId, workNo, type)
		if err := t.all(ctx, &rows, "SELECT w.id FROM ("+t.keyList(len(page))+
			") k "+t.d.inOrder+" capri_task_work w"+t.d.byIndex("uk_work_run")+" ON w.taskId = k.taskId AND w.workNo = k.workNo WHERE w.latest = 1", keyArgs(page)...); err != nil {
			return fmt.Errorf("find earlier runs: %w", err)
		}
		ids = append(ids, rows...)
	}
	// by the primary key; whoever relies on a parent's success holds its row until then
	for page := range pages(sorted(ids), 1000) {
		if _, err := t.exec(ctx, "UPDATE capri_task_work SET latest = 0 WHERE id IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return fmt.Errorf("supersede earlier runs: %w", err)
		}
	}
	return t.unmeetParents(ctx, keys, "the parent runs again")
}

// awakenSkippedParents turns waiting children's "not applicable" rows into
// unmet ones when a cold start makes the parent batch after all (exactly.md 3).
func (t *tx) awakenSkippedParents(ctx context.Context, batches []NewBatch) error {
	var keys []ParentKey
	for i := range batches {
		if batches[i].Origin != batch.ByTimer {
			keys = append(keys, ParentKey{TaskID: batches[i].TaskID, WorkNo: batches[i].WorkNo})
		}
	}
	_, err := t.setParents(ctx, rowChange{from: DepNotApplicable, to: DepUnmet}, keys)
	return err
}
