package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"capricornus/common/batch"
)

// Batch is a batch as people see it, with the names of its task and project.
type Batch struct {
	Work
	Task      string       `db:"task"`
	Project   string       `db:"project"`
	Period    int          `db:"outputPeriod"`
	Origin    batch.Origin `db:"origin"`
	BizStart  int64        `db:"bizStart"`
	BizEnd    int64        `db:"bizEnd"`
	CreatedAt int64        `db:"createdAt"`
	RequestID string       `db:"requestId"` // of the call that made it, or ordered the operation that did
}

// Ref names the batch.
func (b *Batch) Ref() batch.Ref { return batch.Ref{Task: b.Task, WorkNo: b.WorkNo, Run: b.Type} }

func selectBatches() string {
	cols := strings.Split(strings.ReplaceAll(workCols, "\n", " "), ",")
	for i, c := range cols {
		cols[i] = "w." + strings.TrimSpace(c)
	}
	return "SELECT " + strings.Join(cols, ", ") + `, w.outputPeriod, w.origin, w.bizStart, w.bizEnd, w.createdAt, w.requestId, t.name AS task, p.name AS project
FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId JOIN capri_project p ON p.id = w.projectId`
}

// BatchByRef reads one batch; batch.AnyRun reads the run that counts.
func (t *ViewTx) BatchByRef(ctx context.Context, ref batch.Ref) (Batch, error) {
	var b Batch
	query, args := batchByRef(ref)
	err := t.get(ctx, &b, query, args...)
	return b, err
}

// BatchByRef reads one batch outside of any transaction: one statement is a
// snapshot by itself, and takes one round trip instead of three.
func (db *DB) BatchByRef(ctx context.Context, ref batch.Ref) (Batch, error) {
	var b Batch
	query, args := batchByRef(ref)
	err := db.read.GetContext(ctx, &b, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return b, ErrNotFound
	}
	return b, err
}

func batchByRef(ref batch.Ref) (query string, args []any) {
	q, arg := " AND w.latest = 1 AND ? = -1", ref.Run
	if ref.Run != batch.AnyRun {
		q = " AND w.type = ?"
	}
	// uk_task_name, then uk_work_run
	return selectBatches() + " WHERE t.name = ? AND w.workNo = ?" + q, []any{ref.Task, ref.WorkNo, arg}
}

// BatchesByID reads batches by id, in the order of ids.
func (t *ViewTx) BatchesByID(ctx context.Context, ids []int64) ([]Batch, error) {
	var out []Batch
	for page := range pages(sorted(ids), 1000) {
		var rows []Batch
		if err := t.all(ctx, &rows, selectBatches()+" WHERE w.id IN ("+placeholders(len(page))+") ORDER BY w.id", anys(page)...); err != nil {
			return nil, fmt.Errorf("read batches: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// CountingBatches reads the counting runs of these work numbers.
func (t *ViewTx) CountingBatches(ctx context.Context, keys []ParentKey) (map[ParentKey]Batch, error) {
	out := make(map[ParentKey]Batch, len(keys))
	for page := range pages(keys, 400) {
		var rows []Batch
		if err := t.all(ctx, &rows, strings.Replace(selectBatches(), "FROM capri_task_work w", "FROM ("+t.keyList(len(page))+") k "+t.d.inOrder+
			" capri_task_work w"+t.d.byIndex("uk_work_run")+" ON w.taskId = k.taskId AND w.workNo = k.workNo", 1)+" WHERE w.latest = 1", keyArgs(page)...); err != nil {
			return nil, fmt.Errorf("read batches: %w", err)
		}
		for _, r := range rows {
			out[ParentKey{r.TaskID, r.WorkNo}] = r
		}
	}
	return out, nil
}

// BatchFilter selects batches for a list; zero values select all.
type BatchFilter struct {
	Task        string
	Project     string
	State       *batch.State
	Finish      *batch.Finish
	Host        string
	OperationID int64
	From, To    int64 // of the schedule time, both included; 0: open
	Late        bool  // only those with a timeout mark
	Latest      bool  // only runs that count
	Before      BatchKey
	Limit       int
}

// BatchKey is a position in the order of a list: newest schedule time first.
type BatchKey struct {
	ScheduleTime int64
	ID           int64
}

// listedCols are the columns that lists show.
const listedCols = `w.id, w.taskId, w.taskVersion, w.projectId, w.workNo, w.type, w.latest, w.operationId, w.scheduleTime, w.dependTimeoutAt, w.outputTimeoutAt, w.priority,
w.state, w.finishState, w.unmet, w.attempt, w.host, w.assignTime, w.startTime, w.endTime, w.message, w.gate, w.gateSince, w.retryAt, w.resultCode,
w.outputPeriod, w.origin, w.bizStart, w.bizEnd, w.createdAt, t.name AS task, p.name AS project`

// Batches lists batches, newest schedule time first, before a position. They
// have what lists show, listedCols, and nothing in their other fields.
func (t *ViewTx) Batches(ctx context.Context, f BatchFilter) ([]Batch, error) {
	w := where{}
	w.add(f.Task != "", "w.taskId = (SELECT id FROM capri_task WHERE name = ?)", f.Task)
	project := "w.projectId"
	if f.Finish != nil && *f.Finish != batch.Success && f.From != 0 {
		project += " + 0" // by the index of results: most are successes, and a project may have all there are
	}
	w.add(f.Project != "", project+" = (SELECT id FROM capri_project WHERE name = ?)", f.Project)
	if f.State != nil && *f.State != batch.Done {
		w.add(true, "w.state = ?", *f.State)
	}
	if f.State != nil && *f.State == batch.Done {
		w.add(true, "w.state + 0 = ?", *f.State) // not by an index: nearly all are done, and would be sorted
	}
	if f.Finish != nil && *f.Finish == batch.Success && f.Project != "" && f.From != 0 {
		w.add(true, "w.finishState + 0 = ?", *f.Finish) // by the project's index: that of results would walk back to the range
	} else if f.Finish != nil {
		w.add(true, "w.finishState = ?", *f.Finish)
	}
	w.add(f.Host != "", "w.host = ?", f.Host)
	w.add(f.OperationID != 0, "w.operationId = ?", f.OperationID)
	at := "w.scheduleTime"
	if f.Late {
		at = "w.lateAt" // the schedule time of those that have such a mark, and an index of them alone
		w.add(true, "w.lateAt > 0")
	}
	w.add(f.From != 0, at+" >= ?", f.From)
	w.add(f.To != 0, at+" <= ?", f.To)
	w.add(f.Latest, "w.latest = 1")
	w.add(f.Before.ID != 0, "("+at+" < ? OR ("+at+" = ? AND w.id < ?))", f.Before.ScheduleTime, f.Before.ScheduleTime, f.Before.ID)
	var out []Batch
	// ix_work_time (scheduleTime, id), ix_work_task (taskId, …), ix_work_project (projectId, …), ix_work_finish (finishState, …),
	// ix_work_place (host, …), ix_work_late (lateAt, id), ix_work_operation or ix_work_ready:
	// the page is chosen on one table, or MariaDB starts at the projects and sorts every batch there is
	page := "(SELECT w.id AS pageId FROM capri_task_work w" + w.text() + " ORDER BY " + at + " DESC, w.id DESC LIMIT ?) x"
	q := "SELECT " + listedCols + " FROM " + page + " " + t.d.inOrder + " capri_task_work w ON w.id = x.pageId JOIN capri_task t ON t.id = w.taskId JOIN capri_project p ON p.id = w.projectId"
	if err := t.all(ctx, &out, q, append(w.args, f.Limit)...); err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	slices.SortFunc(out, newestFirst) // MariaDB would copy the whole rows to sort them
	return out, nil
}

func newestFirst(a, b Batch) int {
	return cmp.Or(cmp.Compare(b.ScheduleTime, a.ScheduleTime), cmp.Compare(b.ID, a.ID))
}

// where builds the one statement whose conditions vary: a list's filter.
type where struct {
	conds []string
	args  []any
}

func (w *where) add(wanted bool, cond string, args ...any) {
	if !wanted {
		return
	}
	w.conds = append(w.conds, cond)
	w.args = append(w.args, args...)
}

func (w *where) text() string {
	if len(w.conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conds, " AND ")
}

// Event is one row of a batch's journal.
type Event struct {
	WorkID    int64          `db:"workId"`
	Seq       int            `db:"seq"`
	Move      batch.MoveName `db:"move"`
	FromState batch.State    `db:"fromState"`
	ToState   batch.State    `db:"toState"`
	Finish    batch.Finish   `db:"finishState"`
	Attempt   int            `db:"attempt"`
	Actor     string         `db:"actor"`
	ActorID   string         `db:"actorId"`
	Epoch     int64          `db:"epoch"`
	At        int64          `db:"at"`
	Detail    string         `db:"detail"`
}

// Events reads the journal of a batch in order.
func (t *ViewTx) Events(ctx context.Context, workID int64) ([]Event, error) {
	var out []Event
	// by the primary key
	err := t.all(ctx, &out, "SELECT workId, seq, move, fromState, toState, finishState, attempt, actor, actorId, epoch, at, detail FROM capri_batch_event WHERE workId = ? ORDER BY seq LIMIT 10000", workID)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return out, nil
}

// Path is a row of capri_task_data.
type Path struct {
	WorkID        int64  `db:"taskWorkId"`
	N             int    `db:"n"`
	Type          int    `db:"type"`
	Path          string `db:"path"`
	Ready         string `db:"ready"`
	State         int    `db:"state"`
	UnmetSince    int64  `db:"unmetSince"`
	LastCheckedAt int64  `db:"lastCheckedAt"`
	LastError     string `db:"lastError"`
}

// Third is a row of capri_tthird_data.
type Third struct {
	WorkID        int64  `db:"taskWorkId"`
	N             int    `db:"n"`
	Code          string `db:"code"`
	DataNo        string `db:"dataNo"`
	State         int    `db:"state"`
	UnmetSince    int64  `db:"unmetSince"`
	LastCheckedAt int64  `db:"lastCheckedAt"`
	LastError     string `db:"lastError"`
}

// Parent is a row of capri_tparent_data with the parent task's name.
type Parent struct {
	WorkID        int64  `db:"taskWorkId"`
	N             int    `db:"n"`
	TaskID        int64  `db:"parentTaskId"`
	Task          string `db:"parentTask"`
	WorkNo        string `db:"parentTaskWorkNo"`
	Last          bool   `db:"lastRule"`
	State         int    `db:"state"`
	UnmetSince    int64  `db:"unmetSince"`
	LastCheckedAt int64  `db:"lastCheckedAt"`
	LastError     string `db:"lastError"`
}

// Depends are all dependency rows of one batch.
type Depends struct {
	Paths   []Path
	Thirds  []Third
	Parents []Parent
}

// DependsOf reads the dependency rows of batches, each by its primary key.
func (t *ViewTx) DependsOf(ctx context.Context, ids []int64) (map[int64]*Depends, error) {
	out := map[int64]*Depends{}
	of := func(id int64) *Depends {
		if out[id] == nil {
			out[id] = &Depends{}
		}
		return out[id]
	}
	for page := range pages(sorted(ids), 1000) {
		in, args := "("+placeholders(len(page))+")", anys(page)
		var paths []Path
		if err := t.all(ctx, &paths, "SELECT taskWorkId, n, type, path, ready, state, unmetSince, lastCheckedAt, lastError FROM capri_task_data WHERE taskWorkId IN "+in+" ORDER BY taskWorkId, n", args...); err != nil {
			return nil, fmt.Errorf("read paths: %w", err)
		}
		var thirds []Third
		if err := t.all(ctx, &thirds, "SELECT taskWorkId, n, code, dataNo, state, unmetSince, lastCheckedAt, lastError FROM capri_tthird_data WHERE taskWorkId IN "+in+" ORDER BY taskWorkId, n", args...); err != nil {
			return nil, fmt.Errorf("read third parties: %w", err)
		}
		var parents []Parent
		if err := t.all(ctx, &parents, `SELECT d.taskWorkId, d.n, d.parentTaskId, k.name AS parentTask, d.parentTaskWorkNo, d.lastRule, d.state, d.unmetSince, d.lastCheckedAt, d.lastError
FROM capri_tparent_data d JOIN capri_task k ON k.id = d.parentTaskId WHERE d.taskWorkId IN `+in+" ORDER BY d.taskWorkId, d.n", args...); err != nil {
			return nil, fmt.Errorf("read parents: %w", err)
		}
		for _, p := range paths {
			of(p.WorkID).Paths = append(of(p.WorkID).Paths, p)
		}
		for _, p := range thirds {
			of(p.WorkID).Thirds = append(of(p.WorkID).Thirds, p)
		}
		for _, p := range parents {
			of(p.WorkID).Parents = append(of(p.WorkID).Parents, p)
		}
	}
	return out, nil
}
