package store

import (
	"context"
	"errors"
	"fmt"
)

// Project is a group of tasks.
type Project struct {
	ID         int64  `db:"id"`
	Name       string `db:"name"`
	Title      string `db:"title"`
	Owner      string `db:"owner"`
	Department int64  `db:"departmentId"` // 0: none
	Definition string `db:"definition"`
}

const projectCols = "id, name, title, owner, departmentId, definition"

// Projects lists all projects by name.
func (t *ViewTx) Projects(ctx context.Context) ([]Project, error) {
	var out []Project
	err := t.all(ctx, &out, "SELECT "+projectCols+" FROM capri_project WHERE isDeleted = 0 ORDER BY name LIMIT 10000")
	if err != nil {
		return nil, fmt.Errorf("list projects: %w", err)
	}
	return out, nil
}

// SaveProject writes a project, new or known by its id; its department is made when it is new.
func (t *OperateTx) SaveProject(ctx context.Context, p Project, department string, departmentID int64) error {
	dep, err := t.department(ctx, department, departmentID)
	if err != nil {
		return err
	}
	return t.insert(ctx, "capri_project", "id, name, title, departmentId, owner, definition, isDeleted, createdAt",
		[][]any{{p.ID, p.Name, p.Title, dep, p.Owner, p.Definition, 0, t.now}}, t.d.upsert("name", "title", "departmentId", "owner", "definition", "isDeleted"))
}

func (t *OperateTx) department(ctx context.Context, name string, newID int64) (int64, error) {
	if name == "" {
		return 0, nil
	}
	var id int64
	err := t.get(ctx, &id, "SELECT id FROM capri_department WHERE name = ?", name)
	if !errors.Is(err, ErrNotFound) {
		return id, err
	}
	return newID, t.insert(ctx, "capri_department", "id, name", [][]any{{newID, name}}, "")
}

// ProjectsAfter lists projects by name, after a name.
func (t *ViewTx) ProjectsAfter(ctx context.Context, after string, limit int) ([]Project, error) {
	var out []Project
	// uk_project_name in order
	if err := t.all(ctx, &out, "SELECT "+projectCols+" FROM capri_project WHERE isDeleted + 0 = 0 AND name > ? ORDER BY name LIMIT ?", after, limit); err != nil {
		return nil, fmt.Errorf("list projects: %w", err)
	}
	return out, nil
}

// ProjectSize is how many tasks a project has, deleted ones left out.
type ProjectSize struct {
	ProjectID int64 `db:"projectId"`
	Tasks     int   `db:"tasks"`
	Enabled   int   `db:"enabled"`
}

// ProjectSizes counts the tasks of projects; those without any are left out.
func (t *ViewTx) ProjectSizes(ctx context.Context, ids []int64) (map[int64]ProjectSize, error) {
	out := make(map[int64]ProjectSize, len(ids))
	for page := range pages(sorted(ids), 1000) {
		var rows []ProjectSize
		// ix_task_project (projectId)
		if err := t.all(ctx, &rows, "SELECT projectId, COUNT(*) AS tasks, SUM(isEnabled) AS enabled FROM capri_task WHERE isDeleted + 0 = 0 AND projectId IN ("+
			placeholders(len(page))+") GROUP BY projectId", anys(page)...); err != nil {
			return nil, fmt.Errorf("count tasks of projects: %w", err)
		}
		for _, r := range rows {
			out[r.ProjectID] = r
		}
	}
	return out, nil
}

// DepartmentName reads the name of a department, "" for none.
func (t *ViewTx) DepartmentName(ctx context.Context, id int64) (string, error) {
	var name string
	// by the primary key
	err := t.get(ctx, &name, "SELECT name FROM capri_department WHERE id = ?", id)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return name, err
}

// DeleteProject deletes a project softly, which must be locked by LockHeld: its
// name may be saved again, and is the same project then.
func (t *OperateTx) DeleteProject(ctx context.Context, id int64) error {
	// by the primary key
	n, err := t.exec(ctx, "UPDATE capri_project SET isDeleted = 1 WHERE id = ? AND isDeleted = 0", id)
	if err != nil {
		return fmt.Errorf("delete project %d: %w", id, err)
	}
	if n != 1 {
		return fmt.Errorf("project %d: %w", id, ErrNotFound)
	}
	return nil
}
