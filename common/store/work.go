package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// Work is a batch with the columns that moves read and change.
type Work struct {
	ID              int64        `db:"id"`
	TaskID          int64        `db:"taskId"`
	TaskVersion     int          `db:"taskVersion"`
	ProjectID       int64        `db:"projectId"`
	WorkNo          string       `db:"workNo"`
	Type            int          `db:"type"`
	Latest          bool         `db:"latest"` // the run that counts
	OperationID     int64        `db:"operationId"`
	ScheduleTime    int64        `db:"scheduleTime"`
	EarliestAt      int64        `db:"earliestAt"`
	DependDeadline  int64        `db:"dependDeadline"` // 0: none
	OutputDeadline  int64        `db:"outputDeadline"` // 0: none
	DependTimeoutAt int64        `db:"dependTimeoutAt"`
	OutputTimeoutAt int64        `db:"outputTimeoutAt"`
	Memory          int64        `db:"memory"`
	Priority        int          `db:"priority"`
	State           batch.State  `db:"state"`
	Finish          batch.Finish `db:"finishState"`
	Unmet           int          `db:"unmet"`
	Attempt         int          `db:"attempt"`
	Host            string       `db:"host"`
	Incarnation     string       `db:"incarnation"`
	AssignTime      int64        `db:"assignTime"`
	StartTime       int64        `db:"startTime"`
	EndTime         int64        `db:"endTime"`
	Message         string       `db:"message"`
	Gate            string       `db:"gate"`
	GateSince       int64        `db:"gateSince"`
	QualityState    int          `db:"qualityState"`
	QualitySentAt   int64        `db:"qualitySentAt"`
	QualityTries    int          `db:"qualityTries"` // calls of the quality service that failed
	RetryAt         int64        `db:"retryAt"`
	UserFailures    int          `db:"userFailures"`
	InfraFailures   int          `db:"infraFailures"`
	RefusedAt       int64        `db:"refusedAt"`
	RefusedReason   string       `db:"refusedReason"`
	KillBy          string       `db:"killBy"`
	KillAt          int64        `db:"killAt"`
	KillReason      string       `db:"killReason"`
	MarkedBy        string       `db:"markedBy"`
	ResultCode      int          `db:"resultCode"`
	PeakMemory      int64        `db:"peakMemory"`
	PeakProcesses   int          `db:"peakProcesses"`
	CPUSeconds      int64        `db:"cpuSeconds"`
	Epoch           int64        `db:"epoch"`
	Seq             int          `db:"seq"`
}

// workCols are the columns of Work, in the order of its fields.
const workCols = `id, taskId, taskVersion, projectId, workNo, type, latest, operationId, scheduleTime, earliestAt,
dependDeadline, outputDeadline, dependTimeoutAt, outputTimeoutAt, memory, priority,
state, finishState, unmet, attempt, host, incarnation, assignTime, startTime, endTime, message, gate, gateSince,
qualityState, qualitySentAt, qualityTries, retryAt, userFailures, infraFailures, refusedAt, refusedReason, killBy, killAt, killReason, markedBy, resultCode,
peakMemory, peakProcesses, cpuSeconds, epoch, seq`

// by the primary key.
const lockWorks = "SELECT " + workCols + " FROM capri_task_work WHERE id IN (%s) ORDER BY id"

// Lock reads batches and keeps them locked until the transaction ends, in the
// order of their ids, so that two transactions never wait for each other.
func (t *tx) lock(ctx context.Context, ids []int64) (map[int64]*Work, error) {
	out := make(map[int64]*Work, len(ids))
	for page := range pages(sorted(ids), 1000) {
		var rows []Work
		if err := t.all(ctx, &rows, fmt.Sprintf(lockWorks, placeholders(len(page)))+t.d.forUpdate, anys(page)...); err != nil {
			return nil, fmt.Errorf("lock %d batches: %w", len(ids), err)
		}
		for i := range rows {
			out[rows[i].ID] = &rows[i]
		}
	}
	return out, nil
}

// Lock reads and locks batches for decisions.
func (t *LeaderTx) Lock(ctx context.Context, ids []int64) (map[int64]*Work, error) {
	return t.lock(ctx, ids)
}

// Lock reads and locks batches for facts.
func (t *WorkTx) Lock(ctx context.Context, ids []int64) (map[int64]*Work, error) {
	return t.lock(ctx, ids)
}

// Lock reads and locks batches for commands.
func (t *OperateTx) Lock(ctx context.Context, ids []int64) (map[int64]*Work, error) {
	return t.lock(ctx, ids)
}

// WorkByID reads one batch's moving columns without locking.
func (t *ViewTx) WorkByID(ctx context.Context, id int64) (Work, error) {
	var w Work
	err := t.get(ctx, &w, "SELECT "+workCols+" FROM capri_task_work WHERE id = ?", id)
	return w, err
}
