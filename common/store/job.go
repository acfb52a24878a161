package store

import (
	"context"
	"fmt"
	"strings"
)

// JobRow is a row of capri_job, which others write: id, name, expr and command
// are theirs, the rest says what became of it.
type JobRow struct {
	ID        int64  `db:"id"`
	Name      string `db:"name"`
	Expr      string `db:"expr"`
	Command   string `db:"command"`
	TakenHash string `db:"takenHash"` // of what was last looked at
	TakenAt   int64  `db:"takenAt"`
	Error     string `db:"error"` // why it is no task
}

// JobRows lists rows of capri_job by id, after an id.
func (t *ViewTx) JobRows(ctx context.Context, after int64, limit int) ([]JobRow, error) {
	var out []JobRow
	// by the primary key
	err := t.all(ctx, &out, "SELECT id, name, expr, command, takenHash, takenAt, error FROM capri_job WHERE id > ? ORDER BY id LIMIT ?", after, limit)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return out, nil
}

// NoteJob writes what became of a row of capri_job.
func (t *LeaderTx) NoteJob(ctx context.Context, row JobRow) error {
	// by the primary key
	_, err := t.exec(ctx, "UPDATE capri_job SET takenHash = ?, takenAt = ?, error = ? WHERE id = ?", row.TakenHash, t.now, clip(row.Error, 400), row.ID)
	if err != nil {
		return fmt.Errorf("note job %d: %w", row.ID, err)
	}
	return nil
}

// inStead is the transaction as one of a person's: for what a duty saves in the
// stead of whoever has written it elsewhere.
func (t *LeaderTx) inStead() *OperateTx {
	t.by.ID = t.by.Kind
	return &OperateTx{t.ViewTx}
}

// SaveTask saves a task in somebody's stead.
func (t *LeaderTx) SaveTask(ctx context.Context, save TaskSave, note string) error {
	return t.inStead().SaveTask(ctx, save, note)
}

// SaveTask writes a new version of one task.
func (t *OperateTx) SaveTask(ctx context.Context, save TaskSave, note string) error {
	return t.SaveTasks(ctx, []TaskSave{save}, note)
}

// MakeProject makes a project that is not there, in somebody's stead.
func (t *LeaderTx) MakeProject(ctx context.Context, p Project) (int64, error) {
	return t.inStead().MakeProject(ctx, p)
}

// MakeProject makes a project that is not there; one that is stays as it is. It
// returns its id.
func (t *OperateTx) MakeProject(ctx context.Context, p Project) (int64, error) {
	err := t.insert(ctx, "capri_project", "id, name, title, departmentId, owner, definition, isDeleted, createdAt",
		[][]any{{p.ID, p.Name, p.Title, p.Department, p.Owner, p.Definition, 0, t.now}}, t.d.ignore("name"))
	if err != nil {
		return 0, err
	}
	// uk_project_name; one that was deleted is there again
	if _, err := t.exec(ctx, "UPDATE capri_project SET isDeleted = 0 WHERE name = ? AND isDeleted = 1", p.Name); err != nil {
		return 0, fmt.Errorf("make project %s: %w", p.Name, err)
	}
	var id int64
	// uk_project_name
	err = t.get(ctx, &id, "SELECT id FROM capri_project WHERE name = ?"+t.d.share, p.Name)
	return id, err
}

// recordTasks bounds the tasks that one statement asks about.
const recordTasks = 100

// unionOf is a query n times, each with its own order and limit.
func unionOf(n int, query string) string {
	one := "SELECT * FROM (" + query + ") x"
	return strings.Repeat(one+" UNION ALL ", n-1) + one
}

// Ended lists the newest ended batches of some tasks, newest schedule time
// first, at most so many of each: what is to be sorted stays small, however
// many batches there are.
func (t *ViewTx) Ended(ctx context.Context, tasks []int64, limit int) ([]BatchKey, error) {
	var out []BatchKey
	for page := range pages(sorted(tasks), recordTasks) {
		args := make([]any, 0, 2*len(page))
		for _, id := range page {
			args = append(args, id, limit)
		}
		var rows []struct {
			ScheduleTime int64 `db:"scheduleTime"`
			ID           int64 `db:"id"`
		}
		// ix_work_task (taskId, scheduleTime, id), once for each task
		if err := t.all(ctx, &rows, unionOf(len(page), `SELECT scheduleTime, id FROM capri_task_work WHERE taskId = ? AND state + 0 = 3
ORDER BY scheduleTime DESC, id DESC LIMIT ?`), args...); err != nil {
			return nil, fmt.Errorf("list ended batches of %d tasks: %w", len(page), err)
		}
		for _, r := range rows {
			out = append(out, BatchKey(r))
		}
	}
	return out, nil
}

// CountEnded counts the ended batches of some tasks, up to a bound.
func (t *ViewTx) CountEnded(ctx context.Context, tasks []int64, most int) (int, error) {
	sum := 0
	for _, id := range sorted(tasks) {
		if sum >= most {
			break
		}
		var n int
		// ix_work_task (taskId, scheduleTime, id)
		if err := t.get(ctx, &n, "SELECT COUNT(*) FROM (SELECT id FROM capri_task_work WHERE taskId = ? AND state + 0 = 3 LIMIT ?) some", id, most-sum); err != nil {
			return 0, fmt.Errorf("count ended batches of task %d: %w", id, err)
		}
		sum += n
	}
	return sum, nil
}

// LastInstances reads the last attempt of each of these batches.
func (t *ViewTx) LastInstances(ctx context.Context, works []int64) (map[int64]Instance, error) {
	out := make(map[int64]Instance, len(works))
	for page := range pages(sorted(works), 500) {
		var rows []Instance
		// by the primary keys of both
		if err := t.all(ctx, &rows, "SELECT "+qualified("i.", strings.Split(strings.ReplaceAll(instanceCols, "\n", " "), ","), ", ", strings.TrimSpace)+
			` FROM capri_task_work w `+t.d.inOrder+` capri_task_instance i ON i.taskWorkId = w.id AND i.attempt = w.attempt
WHERE w.id IN (`+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("read last attempts: %w", err)
		}
		for i := range rows {
			out[rows[i].WorkID] = rows[i]
		}
	}
	return out, nil
}
