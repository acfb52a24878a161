package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Task is a definition as it stands, a row of capri_task.
type Task struct {
	ID         int64  `db:"id"`
	Name       string `db:"name"`
	Title      string `db:"title"`
	ProjectID  int64  `db:"projectId"`
	Project    string `db:"project"`
	OwnerID    int64  `db:"ownerId"`
	Owner      string `db:"owner"`
	Period     int    `db:"outputPeriod"`
	Cron       string `db:"cronExpr"`
	Priority   int    `db:"priority"`
	IsEnabled  bool   `db:"isEnabled"`
	IsDeleted  bool   `db:"isDeleted"` // only DeletedByName and TaskEver read such
	Version    int    `db:"version"`
	Definition string `db:"definition"` // JSON of task.Task; "" in a head
	CreatedAt  int64  `db:"createdAt"`
	SavedAt    int64  `db:"savedAt"`
	SavedBy    string `db:"savedBy"`
}

const (
	selectTasks = "SELECT t.definition, " + taskHead
	selectHeads = "SELECT '' AS definition, " + taskHead
)

const taskHead = taskCols + alive

const taskCols = `t.id, t.name, t.title, t.projectId, p.name AS project, t.ownerId, u.name AS owner, t.outputPeriod, t.cronExpr, t.priority,
t.isEnabled, t.isDeleted, t.version, t.createdAt, t.savedAt, t.savedBy
FROM capri_task t JOIN capri_project p ON p.id = t.projectId JOIN capri_user u ON u.id = t.ownerId`

// alive leaves deleted tasks out.
const alive = " WHERE t.isDeleted = 0"

// TaskByName reads one task.
func (t *ViewTx) TaskByName(ctx context.Context, name string) (Task, error) {
	var out Task
	err := t.get(ctx, &out, selectTasks+" AND t.name = ?", name) // uk_task_name
	return out, err
}

// TasksByName reads the tasks of these names; unknown names are left out.
func (t *ViewTx) TasksByName(ctx context.Context, names []string) ([]Task, error) {
	return t.tasksIn(ctx, selectTasks, "name", anys(sorted(names)))
}

// HeadsByName is TasksByName without the definitions, which Definitions knows.
func (t *ViewTx) HeadsByName(ctx context.Context, names []string) ([]Task, error) {
	return t.tasksIn(ctx, selectHeads, "name", anys(sorted(names)))
}

// HeadsByID reads the tasks of these ids without their definitions; unknown ids are left out.
func (t *ViewTx) HeadsByID(ctx context.Context, ids []int64) ([]Task, error) {
	return t.tasksIn(ctx, selectHeads, "id", anys(sorted(ids)))
}

func (t *ViewTx) tasksIn(ctx context.Context, query, col string, keys []any) ([]Task, error) {
	var out []Task
	for page := range pages(keys, 1000) {
		var rows []Task
		if err := t.all(ctx, &rows, query+" AND t."+col+" IN ("+placeholders(len(page))+") ORDER BY t.id", page...); err != nil {
			return nil, fmt.Errorf("read %d tasks: %w", len(page), err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// TaskState is what changes about a task without a new version mattering to its batches.
type TaskState struct {
	ID        int64 `db:"id"`
	ProjectID int64 `db:"projectId"`
	OwnerID   int64 `db:"ownerId"`
	IsEnabled bool  `db:"isEnabled"`
}

// TaskStates reads the states of tasks; those that are gone are left out.
func (t *ViewTx) TaskStates(ctx context.Context, ids []int64) (map[int64]TaskState, error) {
	out := make(map[int64]TaskState, len(ids))
	for page := range pages(sorted(ids), 1000) {
		var rows []TaskState
		if err := t.all(ctx, &rows, "SELECT id, projectId, ownerId, isEnabled FROM capri_task WHERE isDeleted = 0 AND id IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("read task states: %w", err)
		}
		for _, r := range rows {
			out[r.ID] = r
		}
	}
	return out, nil
}

// HeadsOfPeriod lists tasks of one period by id, after an id, disabled ones
// too, without their definitions.
func (t *ViewTx) HeadsOfPeriod(ctx context.Context, period int, after int64, limit int) ([]Task, error) {
	var out []Task
	// ix_task_due (isDeleted, outputPeriod, id)
	err := t.all(ctx, &out, selectHeads+" AND t.outputPeriod = ? AND t.id > ? ORDER BY t.id LIMIT ?", period, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list tasks of period %d: %w", period, err)
	}
	return out, nil
}

// Heads lists all tasks by id, after an id, disabled ones too, without their
// definitions.
func (t *ViewTx) Heads(ctx context.Context, after int64, limit int) ([]Task, error) {
	var out []Task
	// by the primary key
	if err := t.all(ctx, &out, selectHeads+" AND t.id > ? ORDER BY t.id LIMIT ?", after, limit); err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	return out, nil
}

// HeadsChanged lists tasks that were saved at or after an instant and are of
// another period now: an earlier version of theirs may have been of this one.
func (t *ViewTx) HeadsChanged(ctx context.Context, period int, since int64, limit int) ([]Task, error) {
	var out []Task
	// reads all tasks: asked once for each slot of a period
	err := t.all(ctx, &out, selectHeads+" AND t.outputPeriod <> ? AND t.savedAt >= ? AND t.createdAt < ? ORDER BY t.id LIMIT ?", period, since, since, limit)
	if err != nil {
		return nil, fmt.Errorf("list tasks that were of period %d: %w", period, err)
	}
	return out, nil
}

// Version is one saved definition.
type Version struct {
	TaskID     int64  `db:"taskId"`
	Version    int    `db:"version"`
	Definition string `db:"definition"`
	IsEnabled  bool   `db:"isEnabled"`
	IsDeleted  bool   `db:"isDeleted"`
	SavedAt    int64  `db:"savedAt"`
}

// VersionKey names one saved definition; it never changes afterwards.
type VersionKey struct {
	TaskID  int64
	Version int
}

// Definitions reads saved definitions by key.
func (t *ViewTx) Definitions(ctx context.Context, keys []VersionKey) (map[VersionKey]string, error) {
	out := make(map[VersionKey]string, len(keys))
	for page := range pages(keys, 400) {
		args := make([]any, 0, 2*len(page))
		for _, k := range page {
			args = append(args, k.TaskID, k.Version)
		}
		var rows []Version
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT v.taskId, v.version, v.definition FROM ("+t.d.values([]string{"taskId", "version"}, len(page))+") k "+t.d.inOrder+
			" capri_task_version v ON v.taskId = k.taskId AND v.version = k.version", args...); err != nil {
			return nil, fmt.Errorf("read definitions: %w", err)
		}
		for _, r := range rows {
			out[VersionKey{r.TaskID, r.Version}] = r.Definition
		}
	}
	return out, nil
}

// VersionsOf reads all saved versions of tasks, oldest first: for generation
// of slots from before the current version.
func (t *ViewTx) VersionsOf(ctx context.Context, ids []int64) (map[int64][]Version, error) {
	out := map[int64][]Version{}
	for page := range pages(sorted(ids), 500) {
		var rows []Version
		if err := t.all(ctx, &rows, "SELECT taskId, version, definition, isEnabled, isDeleted, savedAt FROM capri_task_version WHERE taskId IN ("+
			placeholders(len(page))+") ORDER BY taskId, version", anys(page)...); err != nil {
			return nil, fmt.Errorf("read versions: %w", err)
		}
		for _, r := range rows {
			out[r.TaskID] = append(out[r.TaskID], r)
		}
	}
	return out, nil
}

// TaskSave is a definition to be saved: a new task when Version is 1.
type TaskSave struct {
	ID            int64
	Name, Title   string
	ProjectID     int64
	OwnerID       int64
	Period        int
	Cron          string
	Priority      int
	IsEnabled     bool
	Account       string
	CheckType     int // 0 exit code, 1 output path
	TaskBeginTime int // minutes after the base time, -1 none
	DependTimeout int
	OutputTimeout int
	RunTimeout    int64 // milliseconds
	MaxRunning    int
	Memory        int64
	ExpectSeconds int
	RetryTimes    int
	Version       int
	Definition    string
	Edges         []Edge
}

// Edge is a dependency of a task on a parent task.
type Edge struct {
	ParentID int64
	Kind     string // data or logic
	Window   string
}

// SaveTasks writes new versions. A name or version somebody else wrote first is ErrExists or ErrStale.
func (t *OperateTx) SaveTasks(ctx context.Context, saves []TaskSave, note string) error {
	set := []string{
		"title", "projectId", "ownerId", "outputPeriod", "cronExpr", "priority", "isEnabled", "isDeleted", "execAccount", "check_type", "taskBeginTime",
		"dependTimeout", "outputTimeout", "runTimeout", "maxRunning", "memory", "expectSeconds", "retryTimes", "version", "definition", "savedAt", "savedBy",
	}
	var added, changed, versions, edges [][]any
	ids := make([]int64, 0, len(saves))
	for _, s := range slices.SortedFunc(slices.Values(saves), func(a, b TaskSave) int { return cmp.Compare(a.ID, b.ID) }) {
		values := []any{
			s.Title, s.ProjectID, s.OwnerID, s.Period, s.Cron, s.Priority, boolInt(s.IsEnabled), 0, s.Account, s.CheckType, s.TaskBeginTime,
			s.DependTimeout, s.OutputTimeout, s.RunTimeout, s.MaxRunning, s.Memory, s.ExpectSeconds, s.RetryTimes, s.Version, s.Definition, t.now, t.by.ID,
		}
		if s.Version == 1 {
			added = append(added, append([]any{s.ID, s.Name, t.now}, values...))
		} else {
			changed = append(changed, append([]any{s.ID, s.Version - 1}, values...))
		}
		versions = append(versions, []any{s.ID, s.Version, s.Definition, boolInt(s.IsEnabled), 0, t.now, t.by.ID, clip(note, 400)})
		for _, e := range s.Edges {
			edges = append(edges, []any{s.ID, e.ParentID, e.Kind, e.Window})
		}
		ids = append(ids, s.ID)
	}
	if err := t.relyOn(ctx, saves); err != nil {
		return err
	}
	addCols := "id, name, createdAt, " + qualified("", set, ", ", func(c string) string { return c })
	if err := t.insert(ctx, "capri_task", addCols, added, ""); err != nil {
		return err
	}
	cols := append([]string{"id", "was_version"}, set...)
	for page := range t.d.statements(changed) {
		n, err := t.exec(ctx, t.d.updateFrom("capri_task", t.d.values(cols, len(page)), set, cols[:2]), flat(page)...)
		if err != nil {
			return fmt.Errorf("save tasks: %w", err)
		}
		if n != int64(len(page)) {
			return fmt.Errorf("save tasks: somebody saved one of them meanwhile: %w", ErrStale)
		}
	}
	if err := t.insert(ctx, "capri_task_version", "taskId, version, definition, isEnabled, isDeleted, savedAt, savedBy, note", versions, ""); err != nil {
		return err
	}
	for page := range pages(sorted(ids), 1000) {
		if _, err := t.exec(ctx, "DELETE FROM capri_task_depend WHERE childTaskId IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return fmt.Errorf("replace edges: %w", err)
		}
	}
	return t.insert(ctx, "capri_task_depend", "childTaskId, parentTaskId, kind, dependWindow", edges, t.d.ignore("kind"))
}
