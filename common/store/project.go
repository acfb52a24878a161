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

// Projects lists all projects by name.
func (t *ViewTx) Projects(ctx context.Context) ([]Project, error) {
	var out []Project
	err := t.all(ctx, &out, "SELECT id, name, title, owner, departmentId, definition FROM capri_project WHERE isDeleted = 0 ORDER BY name LIMIT 10000")
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
