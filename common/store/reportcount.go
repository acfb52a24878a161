package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// AlertCount is how many alerts of a level and kind were recorded.
type AlertCount struct {
	Level       string `db:"level"`
	Kind        string `db:"kind"`
	Count       int    `db:"n"`
	Undelivered int    `db:"undelivered"` // but for those that a silence covers
}

// AlertCounts counts the alerts recorded within [from, to).
func (t *ViewTx) AlertCounts(ctx context.Context, from, to int64) ([]AlertCount, error) {
	var out []AlertCount
	// ix_alert_created (createdAt, id)
	if err := t.all(ctx, &out, "SELECT level, kind, COUNT(*) AS n, SUM(CASE WHEN deliveredAt = 0 AND silenceId = 0 THEN 1 ELSE 0 END) AS undelivered FROM capri_alert"+t.d.byIndex("ix_alert_created")+
		" WHERE createdAt >= ? AND createdAt < ? GROUP BY level, kind ORDER BY level, kind LIMIT 1000", from, to); err != nil {
		return nil, fmt.Errorf("count alerts: %w", err)
	}
	return out, nil
}

// ChangeCount is how often somebody did something.
type ChangeCount struct {
	Actor  string `db:"actor"`
	Action string `db:"action"`
	Object string `db:"object"` // the first of them by name
	Count  int    `db:"n"`
}

// ChangeCounts counts what users changed within [from, to), most often first.
func (t *ViewTx) ChangeCounts(ctx context.Context, from, to int64, limit int) ([]ChangeCount, error) {
	var out []ChangeCount
	// ix_audit_at (at), users by uk_user_name (name)
	if err := t.all(ctx, &out, "SELECT a.actor, a.action, MIN(a.object) AS object, COUNT(*) AS n FROM capri_audit_log a"+t.d.byIndex("ix_audit_at")+
		" "+t.d.inOrder+" capri_user u ON u.name = a.actor WHERE a.at >= ? AND a.at < ? GROUP BY a.actor, a.action ORDER BY n DESC, a.actor, a.action LIMIT ?", from, to, limit); err != nil {
		return nil, fmt.Errorf("count changes: %w", err)
	}
	return out, nil
}

// DepartmentCount is how the batches of a department's tasks have gone.
type DepartmentCount struct {
	Department string `db:"department"` // of the tasks' owners; "": none
	Batches    int    `db:"n"`
	OK         int    `db:"ok"`
	Failed     int    `db:"failed"`
	DependLate int    `db:"dependLate"`
	OutputLate int    `db:"outputLate"`
}

// DepartmentCounts counts the batches with a base time within [from, to), by the
// department of their task's owner.
func (t *ViewTx) DepartmentCounts(ctx context.Context, from, to int64) ([]DepartmentCount, error) {
	var out []DepartmentCount
	// ix_work_time (scheduleTime, id), the others by their primary keys
	if err := t.all(ctx, &out, `SELECT COALESCE(d.name, '') AS department, SUM(n) AS n, SUM(ok) AS ok, SUM(failed) AS failed, SUM(dependLate) AS dependLate, SUM(outputLate) AS outputLate FROM
(SELECT taskId, COUNT(*) AS n, SUM(CASE WHEN finishState = ? THEN 1 ELSE 0 END) AS ok, SUM(CASE WHEN finishState IN (?, ?) THEN 1 ELSE 0 END) AS failed,
SUM(CASE WHEN dependTimeoutAt > 0 THEN 1 ELSE 0 END) AS dependLate, SUM(CASE WHEN outputTimeoutAt > 0 THEN 1 ELSE 0 END) AS outputLate
FROM capri_task_work`+t.d.byIndex("ix_work_time")+` WHERE scheduleTime >= ? AND scheduleTime < ? AND latest = 1 GROUP BY taskId) x
JOIN capri_task t ON t.id = x.taskId JOIN capri_user u ON u.id = t.ownerId LEFT JOIN capri_department d ON d.id = u.departmentId
GROUP BY COALESCE(d.name, '') ORDER BY department LIMIT 1000`, batch.Success, batch.Failed, batch.Lost, from, to); err != nil {
		return nil, fmt.Errorf("count batches of departments: %w", err)
	}
	return out, nil
}

// RunTime is how long the successful runs of a task took together.
type RunTime struct {
	TaskID int64 `db:"taskId"`
	Runs   int   `db:"n"`
	Millis int64 `db:"millis"`
}

// RunTimes adds up, by task, the successful runs that ended within [from, to).
func (t *ViewTx) RunTimes(ctx context.Context, from, to int64) ([]RunTime, error) {
	var out []RunTime
	// ix_work_end (endTime)
	if err := t.all(ctx, &out, "SELECT taskId, COUNT(*) AS n, SUM(endTime - startTime) AS millis FROM capri_task_work"+t.d.byIndex("ix_work_end")+
		" WHERE endTime >= ? AND endTime < ? AND "+succeeded+" GROUP BY taskId ORDER BY taskId LIMIT 200000", from, to); err != nil {
		return nil, fmt.Errorf("add up runs: %w", err)
	}
	return out, nil
}

// LongRun is a run that took long, with whose it is.
type LongRun struct {
	Node
	Title string `db:"title"`
	Owner string `db:"owner"`
}

// LongRuns lists the longest of the runs that ended within [from, to) and took
// more than so many milliseconds, the longest first.
func (t *ViewTx) LongRuns(ctx context.Context, from, to, longer int64, limit int) ([]LongRun, error) {
	var out []LongRun
	// ix_work_end (endTime), the others by their primary keys
	err := t.all(ctx, &out, "SELECT "+nodeCols+`, t.title, u.name AS owner FROM capri_task_work w`+t.d.byIndex("ix_work_end")+" "+nodeTask+` JOIN capri_user u ON u.id = t.ownerId
WHERE w.endTime >= ? AND w.endTime < ? AND w.state + 0 = 3 AND w.startTime > 0 AND w.markedBy = '' AND w.endTime - w.startTime > ?
ORDER BY w.endTime - w.startTime DESC, w.id LIMIT ?`, from, to, longer, limit)
	if err != nil {
		return nil, fmt.Errorf("list long runs: %w", err)
	}
	return out, nil
}
