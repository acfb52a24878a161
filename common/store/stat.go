package store

import (
	"context"
	"fmt"
	"strings"
)

// TaskStat is what recent successful runs of a task have taught: how long they
// take and how much memory they need.
type TaskStat struct {
	TaskID     int64 `db:"taskId"`
	Runs       int   `db:"runs"` // how many runs these figures come from
	P50Millis  int64 `db:"p50Millis"`
	P95Millis  int64 `db:"p95Millis"`
	PeakMemory int64 `db:"peakMemory"` // the 95th percentile, bytes
	LearnedAt  int64 `db:"learnedAt"`
}

// TaskStats reads what was learned about tasks; a task nothing was learned
// about is left out.
func (t *ViewTx) TaskStats(ctx context.Context, ids []int64) (map[int64]TaskStat, error) {
	out := make(map[int64]TaskStat, len(ids))
	for page := range pages(sorted(ids), 1000) {
		var rows []TaskStat
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT taskId, runs, p50Millis, p95Millis, peakMemory, learnedAt FROM capri_task_stat WHERE taskId IN ("+
			placeholders(len(page))+") ORDER BY taskId", anys(page)...); err != nil {
			return nil, fmt.Errorf("read learned figures: %w", err)
		}
		for _, r := range rows {
			out[r.TaskID] = r
		}
	}
	return out, nil
}

// PutTaskStats writes what was learned about tasks.
func (t *LeaderTx) PutTaskStats(ctx context.Context, all []TaskStat) error {
	rows := make([][]any, 0, len(all))
	for _, s := range all {
		rows = append(rows, []any{s.TaskID, s.Runs, s.P50Millis, s.P95Millis, s.PeakMemory, s.LearnedAt})
	}
	return t.insert(ctx, "capri_task_stat", "taskId, runs, p50Millis, p95Millis, peakMemory, learnedAt", rows,
		t.d.upsert("taskId", "runs", "p50Millis", "p95Millis", "peakMemory", "learnedAt"))
}

// SuccessRun is one successful run of a task, from its last start to its end.
type SuccessRun struct {
	TaskID     int64  `db:"taskId"`
	WorkID     int64  `db:"id"`
	WorkNo     string `db:"workNo"`
	Run        int    `db:"type"`
	StartTime  int64  `db:"startTime"`
	EndTime    int64  `db:"endTime"`
	PeakMemory int64  `db:"peakMemory"`
}

// Millis is how long the run took.
func (r SuccessRun) Millis() int64 { return r.EndTime - r.StartTime }

const successCols = "taskId, id, workNo, type, startTime, endTime, peakMemory"

// Runs that a person marked successful have taught nothing: nobody saw them end.
const succeeded = "state + 0 = 3 AND finishState + 0 = 1 AND startTime > 0 AND markedBy = ''"

// recentPage is how many tasks one statement looks at.
const recentPage = 50

// RecentSuccesses reads the newest successful runs of tasks, at most n of each,
// newest first: of the period the task has now, since a day's run teaches
// nothing about an hour's.
func (t *ViewTx) RecentSuccesses(ctx context.Context, ids []int64, n int) (map[int64][]SuccessRun, error) {
	// ix_work_task (taskId, scheduleTime, id), backwards
	const one = "SELECT * FROM (SELECT " + successCols + " FROM capri_task_work WHERE taskId = ? AND " + succeeded +
		" AND outputPeriod = (SELECT outputPeriod FROM capri_task WHERE id = ?) ORDER BY scheduleTime DESC, id DESC LIMIT ?) x"
	out := make(map[int64][]SuccessRun, len(ids))
	for page := range pages(sorted(ids), recentPage) {
		args := make([]any, 0, 3*len(page))
		for _, id := range page {
			args = append(args, id, id, n)
		}
		var rows []SuccessRun
		if err := t.all(ctx, &rows, one+strings.Repeat(" UNION ALL "+one, len(page)-1), args...); err != nil {
			return nil, fmt.Errorf("read recent runs: %w", err)
		}
		for _, r := range rows {
			out[r.TaskID] = append(out[r.TaskID], r)
		}
	}
	return out, nil
}

// TasksToLearn lists tasks by id, after an id, that had a successful run since
// they were learned last, or in the minute before, whose ends may have been
// committed late; from bounds how far back the ends of runs are looked at.
func (t *ViewTx) TasksToLearn(ctx context.Context, from, after int64, limit int) ([]int64, error) {
	var out []int64
	// ix_work_end (endTime), capri_task_stat by its primary key; "+ 0" keeps SQLite from going through all batches in the order of tasks
	err := t.all(ctx, &out, `SELECT DISTINCT w.taskId + 0 FROM capri_task_work w LEFT JOIN capri_task_stat s ON s.taskId = w.taskId
WHERE w.endTime > ? AND w.taskId + 0 > ? AND w.state + 0 = 3 AND w.finishState + 0 = 1 AND w.endTime > COALESCE(s.learnedAt, 0) - 60000
ORDER BY w.taskId + 0 LIMIT ?`, from, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list tasks to learn: %w", err)
	}
	return out, nil
}

// Capacity is the memory of the largest live worker of a group with some labels.
type Capacity struct {
	Group  string `db:"workerGroup"`
	Labels string `db:"labels"` // JSON object
	Memory int64  `db:"memory"`
}

// Capacities lists how large the workers are that are alive.
func (t *ViewTx) Capacities(ctx context.Context) ([]Capacity, error) {
	var out []Capacity
	err := t.all(ctx, &out, `SELECT workerGroup, labels, MAX(memory) AS memory FROM capri_schedul_cluster WHERE lastCheckTime + checkInterval > ?
GROUP BY workerGroup, labels ORDER BY workerGroup, labels LIMIT 10000`, t.now)
	if err != nil {
		return nil, fmt.Errorf("list capacities: %w", err)
	}
	return out, nil
}
