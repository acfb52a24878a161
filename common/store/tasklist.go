package store

import (
	"context"
	"fmt"
	"strings"
)

// TaskFilter selects tasks for a list; zero values select all.
type TaskFilter struct {
	Project string
	Owner   string
	Period  int    // -1: all
	Enabled *bool  // nil: both
	Label   string // the name of a label that the task has; letters, digits, dots, dashes and underscores
	Value   string // with Label: what the label says; "": anything
	Text    string // part of the name or the title, in capitals or not
	After   string // name
	Limit   int
}

// Tasks lists tasks by name, after a name, without their definitions.
func (t *ViewTx) Tasks(ctx context.Context, f TaskFilter) ([]Task, error) {
	w := where{}
	w.add(true, "t.isDeleted + 0 = 0") // not by an index: nearly all are there, and would be sorted
	w.add(true, "t.name > ?", f.After)
	w.add(f.Project != "", "t.projectId + 0 = (SELECT id FROM capri_project WHERE name = ?)", f.Project)
	w.add(f.Owner != "", "t.ownerId = (SELECT id FROM capri_user WHERE name = ?)", f.Owner)
	w.add(f.Period >= 0, "t.outputPeriod = ?", f.Period)
	if f.Enabled != nil {
		w.add(true, "t.isEnabled = ?", boolInt(*f.Enabled))
	}
	if f.Text != "" {
		part := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(f.Text)) + "%"
		w.add(true, "(LOWER(t.name) LIKE ? ESCAPE '!' OR LOWER(t.title) LIKE ? ESCAPE '!')", part, part)
	}
	label, path := t.d.jsonText("t.definition"), `$.metadata.labels."`+f.Label+`"`
	w.add(f.Label != "" && f.Value == "", label+" IS NOT NULL", path)
	w.add(f.Label != "" && f.Value != "", label+" = ?", path, f.Value)
	var out []Task
	// uk_task_name in order: the page is chosen on one table, or MariaDB starts at the projects and sorts every task there is
	page := "FROM (SELECT t.id AS pageId FROM capri_task t" + t.d.byIndex("uk_task_name") + w.text() + " ORDER BY t.name LIMIT ?) x "
	q := strings.ReplaceAll("SELECT '' AS definition, "+taskCols, " JOIN ", " "+t.d.inOrder+" ")
	q = strings.Replace(q, "FROM capri_task t", page+t.d.inOrder+" capri_task t ON t.id = x.pageId", 1)
	if err := t.all(ctx, &out, q+" ORDER BY t.name", append(w.args, f.Limit)...); err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	return out, nil
}

// TasksOf lists the tasks of a project, "" for all, with their definitions by
// name, after a name.
func (t *ViewTx) TasksOf(ctx context.Context, project, after string, limit int) ([]Task, error) {
	heads, err := t.Tasks(ctx, TaskFilter{Project: project, Period: -1, After: after, Limit: limit})
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	keys := make([]VersionKey, len(heads))
	for i := range heads {
		keys[i] = VersionKey{TaskID: heads[i].ID, Version: heads[i].Version}
	}
	texts, err := t.Definitions(ctx, keys)
	for i := range heads {
		heads[i].Definition = texts[keys[i]]
	}
	return heads, err
}
