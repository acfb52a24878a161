package store

import (
	"context"
	"fmt"
	"slices"
)

// SavedVersion is one saved definition with who saved it and why.
type SavedVersion struct {
	Version
	SavedBy string `db:"savedBy"`
	Note    string `db:"note"`
}

const savedCols = "taskId, version, isEnabled, isDeleted, savedAt, savedBy, note"

// VersionPage lists the versions of a task, newest first, before a version, 0 for
// the newest; their definitions are left out.
func (t *ViewTx) VersionPage(ctx context.Context, taskID int64, before, limit int) ([]SavedVersion, error) {
	var out []SavedVersion
	// by the primary key, backwards
	err := t.all(ctx, &out, "SELECT "+savedCols+", '' AS definition FROM capri_task_version WHERE taskId = ? AND (? = 0 OR version < ?) ORDER BY version DESC LIMIT ?",
		taskID, before, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list versions of task %d: %w", taskID, err)
	}
	return out, nil
}

// VersionAt reads one version of a task with its definition.
func (t *ViewTx) VersionAt(ctx context.Context, taskID int64, version int) (SavedVersion, error) {
	var out SavedVersion
	// by the primary key
	err := t.get(ctx, &out, "SELECT "+savedCols+", definition FROM capri_task_version WHERE taskId = ? AND version = ?", taskID, version)
	return out, err
}

// TaskEver reads a task that is there, or was: IsDeleted tells.
func (t *ViewTx) TaskEver(ctx context.Context, name string) (Task, error) {
	var out Task
	// uk_task_name
	err := t.get(ctx, &out, "SELECT t.definition, "+taskCols+" WHERE t.name = ?", name)
	return out, err
}

// DeletedByName reads the deleted tasks among these names, without definitions: a name that is
// saved again goes on with their ids and versions.
func (t *ViewTx) DeletedByName(ctx context.Context, names []string) ([]Task, error) {
	var out []Task
	for page := range pages(anys(sorted(names)), 1000) {
		var rows []Task
		// uk_task_name
		if err := t.all(ctx, &rows, "SELECT '' AS definition, "+taskCols+" WHERE t.isDeleted = 1 AND t.name IN ("+placeholders(len(page))+") ORDER BY t.name", page...); err != nil {
			return nil, fmt.Errorf("read deleted tasks: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// ChildTasks lists by name the tasks that have this one as a parent, besides itself.
func (t *ViewTx) ChildTasks(ctx context.Context, taskID int64, limit int) ([]string, error) {
	var out []string
	// ix_depend_parent (parentTaskId), then capri_task by its primary key
	err := t.all(ctx, &out, `SELECT DISTINCT t.name FROM capri_task_depend e JOIN capri_task t ON t.id = e.childTaskId
WHERE e.parentTaskId = ? AND e.kind = 'logic' AND e.childTaskId <> e.parentTaskId AND t.isDeleted = 0 ORDER BY t.name LIMIT ?`, taskID, limit)
	if err != nil {
		return nil, fmt.Errorf("list children of task %d: %w", taskID, err)
	}
	return out, nil
}

// UnfinishedOf lists the unfinished batches of a task by work number.
func (t *ViewTx) UnfinishedOf(ctx context.Context, taskID int64, limit int) ([]Batch, error) {
	var out []Batch
	// uk_work_open (taskId, openKey)
	err := t.all(ctx, &out, selectBatches()+" WHERE w.taskId = ? AND w.openKey IS NOT NULL ORDER BY w.workNo, w.type LIMIT ?", taskID, limit)
	if err != nil {
		return nil, fmt.Errorf("list unfinished batches of task %d: %w", taskID, err)
	}
	return out, nil
}

// LockTask reads a task and keeps it as it is until the transaction ends: nobody
// saves it meanwhile, makes a batch of it, or makes it a parent.
func (t *OperateTx) LockTask(ctx context.Context, name string) (Task, error) {
	var id int64
	// uk_task_name
	if err := t.get(ctx, &id, "SELECT id FROM capri_task WHERE name = ? AND isDeleted = 0"+t.d.forUpdate, name); err != nil {
		return Task{}, err
	}
	return t.TaskByName(ctx, name)
}

// TurnTask writes a version of a locked task that differs in whether the task is
// enabled, or deleted; its edges stay, unless it is deleted.
func (t *OperateTx) TurnTask(ctx context.Context, v SavedVersion) error {
	// by the primary key
	n, err := t.exec(ctx, "UPDATE capri_task SET isEnabled = ?, isDeleted = ?, version = ?, definition = ?, savedAt = ?, savedBy = ? WHERE id = ? AND version = ?",
		boolInt(v.IsEnabled), boolInt(v.IsDeleted), v.Version.Version, v.Definition, t.now, t.by.ID, v.TaskID, v.Version.Version-1)
	if err != nil {
		return fmt.Errorf("save task %d: %w", v.TaskID, err)
	}
	if n != 1 {
		return fmt.Errorf("save task %d: somebody saved it meanwhile: %w", v.TaskID, ErrStale)
	}
	if err := t.insert(ctx, "capri_task_version", "taskId, version, definition, isEnabled, isDeleted, savedAt, savedBy, note",
		[][]any{{v.TaskID, v.Version.Version, v.Definition, boolInt(v.IsEnabled), boolInt(v.IsDeleted), t.now, t.by.ID, clip(v.Note, 400)}}, ""); err != nil {
		return err
	}
	if !v.IsDeleted {
		return nil
	}
	// by the primary key
	if _, err := t.exec(ctx, "DELETE FROM capri_task_depend WHERE childTaskId = ?", v.TaskID); err != nil {
		return fmt.Errorf("delete edges of task %d: %w", v.TaskID, err)
	}
	return nil
}

// relyOn makes sure that the parents and the projects of what is saved are not
// deleted in this moment.
func (t *OperateTx) relyOn(ctx context.Context, saves []TaskSave) error {
	var projects, parents []int64
	own := make(map[int64]bool, len(saves))
	for i := range saves {
		own[saves[i].ID] = true
		projects = append(projects, saves[i].ProjectID)
	}
	for i := range saves {
		for _, e := range saves[i].Edges {
			if !own[e.ParentID] {
				parents = append(parents, e.ParentID)
			}
		}
	}
	if err := t.lockAlive(ctx, "capri_project", projects); err != nil {
		return err
	}
	return t.lockAlive(ctx, "capri_task", parents)
}

// stillThere makes sure that the tasks of new batches are not deleted in this
// moment: a deleted task has no unfinished batch.
func (t *tx) stillThere(ctx context.Context, batches []NewBatch) error {
	ids := make([]int64, len(batches))
	for i := range batches {
		ids[i] = batches[i].TaskID
	}
	return t.lockAlive(ctx, "capri_task", ids)
}

// lockAlive keeps rows from being deleted until the transaction ends; one that
// is deleted already is ErrStale. Who deletes one locks it first, and looks then
// for what relies on it.
func (t *tx) lockAlive(ctx context.Context, table string, ids []int64) error {
	type row struct {
		ID        int64 `db:"id"`
		IsDeleted bool  `db:"isDeleted"`
	}
	for page := range pages(sorted(ids), 1000) {
		var rows []row
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT id, isDeleted FROM "+table+" WHERE id IN ("+placeholders(len(page))+") ORDER BY id"+t.d.share, anys(page)...); err != nil {
			return fmt.Errorf("lock %d rows of %s: %w", len(page), table, err)
		}
		if i := slices.IndexFunc(rows, func(r row) bool { return r.IsDeleted }); i >= 0 {
			return fmt.Errorf("%s %d was deleted in this moment: %w", table, rows[i].ID, ErrStale)
		}
	}
	return nil
}
