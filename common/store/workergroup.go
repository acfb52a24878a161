package store

import (
	"context"
	"fmt"
)

// WorkerGroup is a group that workers say they are of, and tasks ask for. It
// need not be declared; only one that is can be switched off.
type WorkerGroup struct {
	Name        string `db:"name"`
	Description string `db:"description"`
	IsEnabled   bool   `db:"isEnabled"`
}

// WorkerGroups lists the declared groups by name.
func (t *ViewTx) WorkerGroups(ctx context.Context) ([]WorkerGroup, error) {
	var out []WorkerGroup
	// by the primary key: a few dozen rows
	if err := t.all(ctx, &out, "SELECT name, description, isEnabled FROM capri_worker_group ORDER BY name LIMIT 10000"); err != nil {
		return nil, fmt.Errorf("list worker groups: %w", err)
	}
	return out, nil
}

// GroupUse is how many use a group.
type GroupUse struct {
	Name  string `db:"name"`
	Count int    `db:"n"`
}

// WorkersByGroup counts the workers of each group.
func (t *ViewTx) WorkersByGroup(ctx context.Context) ([]GroupUse, error) {
	var out []GroupUse
	// all workers, as their list does
	if err := t.all(ctx, &out, "SELECT workerGroup AS name, COUNT(*) AS n FROM capri_schedul_cluster GROUP BY workerGroup ORDER BY workerGroup LIMIT 10000"); err != nil {
		return nil, fmt.Errorf("count workers of groups: %w", err)
	}
	return out, nil
}

// TasksByGroup counts the tasks that ask for each group; one of the groups, or
// all with "".
func (t *ViewTx) TasksByGroup(ctx context.Context, group string) ([]GroupUse, error) {
	var out []GroupUse
	// reads every definition, which groups are no columns of: asked by persons who look at groups
	err := t.all(ctx, &out, "SELECT name, COUNT(*) AS n FROM (SELECT "+t.d.jsonText("definition")+` AS name FROM capri_task WHERE isDeleted + 0 = 0) asked
WHERE name IS NOT NULL AND (? = '' OR name = ?) GROUP BY name ORDER BY name LIMIT 10000`, "$.spec.workers.group", group, group)
	if err != nil {
		return nil, fmt.Errorf("count tasks of groups: %w", err)
	}
	return out, nil
}

// LockWorkerGroup reads a declared group that is about to be changed.
func (t *OperateTx) LockWorkerGroup(ctx context.Context, name string) (WorkerGroup, error) {
	var out WorkerGroup
	// by the primary key
	err := t.get(ctx, &out, "SELECT name, description, isEnabled FROM capri_worker_group WHERE name = ?"+t.d.forUpdate, name)
	return out, err
}

// PutWorkerGroup writes a group, new or known by its name.
func (t *OperateTx) PutWorkerGroup(ctx context.Context, g WorkerGroup) error {
	return t.insert(ctx, "capri_worker_group", "name, description, isEnabled", [][]any{{g.Name, clip(g.Description, 400), boolInt(g.IsEnabled)}},
		t.d.upsert("name", "description", "isEnabled"))
}

// DeleteWorkerGroup takes a group's declaration away.
func (t *OperateTx) DeleteWorkerGroup(ctx context.Context, name string) error {
	// by the primary key
	if _, err := t.exec(ctx, "DELETE FROM capri_worker_group WHERE name = ?", name); err != nil {
		return fmt.Errorf("delete worker group %s: %w", name, err)
	}
	return nil
}
