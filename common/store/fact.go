package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"capricornus/common/batch"
)

// Instance is one attempt, a row of capri_task_instance.
type Instance struct {
	WorkID        int64  `db:"taskWorkId"`
	Attempt       int    `db:"attempt"`
	Code          string `db:"task_instance_code"`
	Host          string `db:"host"`
	Incarnation   string `db:"incarnation"`
	Pid           int    `db:"pid"`
	StartTime     int64  `db:"startTime"`
	EndTime       int64  `db:"endTime"`
	HasExit       bool   `db:"hasExit"`
	ExitCode      int    `db:"exitCode"`
	ResultCode    int    `db:"resultCode"`
	Outcome       string `db:"outcome"`
	Reason        string `db:"reason"`
	Tail          string `db:"tail"`
	LogBytes      int64  `db:"logBytes"`
	FailedCount   int    `db:"failedCount"`
	NextRetryAt   int64  `db:"nextRetryAt"`
	PeakMemory    int64  `db:"peakMemory"`
	PeakProcesses int    `db:"peakProcesses"`
	CPUMillis     int64  `db:"cpuMillis"`
	// Before is, for success by output path, how the outputs were when the attempt
	// began, as JSON: what repair holds against what is there now. "": not noted.
	Before string `db:"outputsBefore"`
	// Result is what an http task was answered, as JSON: status, headers, body.
	Result string `db:"result"`
}

const instanceCols = `taskWorkId, attempt, task_instance_code, host, incarnation, pid, startTime, endTime, hasExit, exitCode, resultCode,
outcome, reason, tail, logBytes, failedCount, nextRetryAt, peakMemory, peakProcesses, cpuMillis, outputsBefore, result`

// tailLimit bounds what the database keeps of an attempt's output.
const tailLimit = 8 << 10

// BeginInstances writes the attempts that start.
func (t *WorkTx) BeginInstances(ctx context.Context, all []Instance) error {
	rows := make([][]any, 0, len(all))
	for _, i := range byWork(all) {
		rows = append(rows, []any{
			i.WorkID, i.Attempt, i.Code, i.Host, i.Incarnation, 0, t.now, 0, 0, 0, 0, "", "", "", 0, 0, 0, 0, 0, 0, i.Before, "",
		})
	}
	return t.insert(ctx, "capri_task_instance", instanceCols, rows, "")
}

func byWork(all []Instance) []Instance {
	return slices.SortedFunc(slices.Values(all), func(a, b Instance) int {
		return cmp.Or(cmp.Compare(a.WorkID, b.WorkID), cmp.Compare(a.Attempt, b.Attempt))
	})
}

// EndInstances writes how attempts ended, as their workers reported it.
func (t *WorkTx) EndInstances(ctx context.Context, all []Instance) error {
	return t.endInstances(ctx, all)
}

// EndInstances writes how attempts ended that nobody will report.
func (t *LeaderTx) EndInstances(ctx context.Context, all []Instance) error {
	return t.endInstances(ctx, all)
}

func (t *tx) endInstances(ctx context.Context, all []Instance) error {
	set := []string{
		"pid", "endTime", "hasExit", "exitCode", "resultCode", "outcome", "reason", "tail", "logBytes",
		"failedCount", "nextRetryAt", "top_peakMemory", "top_peakProcesses", "top_cpuMillis", "result",
	}
	cols := append([]string{"taskWorkId", "attempt"}, set...)
	rows := make([][]any, 0, len(all))
	for _, i := range byWork(all) {
		rows = append(rows, []any{
			i.WorkID, i.Attempt, i.Pid, i.EndTime, boolInt(i.HasExit), i.ExitCode, i.ResultCode, i.Outcome, clip(i.Reason, 400), clipStart(i.Tail, tailLimit), i.LogBytes,
			i.FailedCount, i.NextRetryAt, i.PeakMemory, i.PeakProcesses, i.CPUMillis, clip(i.Result, textLimit),
		})
	}
	for page := range t.d.statements(rows) {
		q := t.d.updateFrom("capri_task_instance", t.d.values(cols, len(page)), set, cols[:2])
		if _, err := t.exec(ctx, q, flat(page)...); err != nil {
			return fmt.Errorf("end attempts: %w", err)
		}
	}
	return nil
}

// Refusals counts how often workers have refused each of these batches, in all
// its life.
func (t *WorkTx) Refusals(ctx context.Context, ids []int64) (map[int64]int, error) {
	out := make(map[int64]int, len(ids))
	for page := range pages(sorted(ids), 1000) {
		var rows []struct {
			ID int64 `db:"workId"`
			N  int   `db:"n"`
		}
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT workId, COUNT(*) AS n FROM capri_batch_event WHERE move = ? AND workId IN ("+placeholders(len(page))+") GROUP BY workId",
			append([]any{batch.MoveRefuse}, anys(page)...)...); err != nil {
			return nil, fmt.Errorf("count refusals: %w", err)
		}
		for _, r := range rows {
			out[r.ID] = r.N
		}
	}
	return out, nil
}

// Instances lists the attempts of a batch, oldest first.
func (t *ViewTx) Instances(ctx context.Context, workID int64) ([]Instance, error) {
	var out []Instance
	// by the primary key
	err := t.all(ctx, &out, "SELECT "+instanceCols+" FROM capri_task_instance WHERE taskWorkId = ? ORDER BY attempt LIMIT 1000", workID)
	if err != nil {
		return nil, fmt.Errorf("list attempts: %w", err)
	}
	return out, nil
}
