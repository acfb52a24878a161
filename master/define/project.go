package define

import (
	"context"
	"encoding/json"
	"errors"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/master/plan"
)

func unknownProject(name string) error {
	return fault.New(fault.NotFound, "there is no project %q", name).WithHint("capri project list shows the projects")
}

// projectFile is a project as a task file; one that no file has saved is written
// from what is known of it.
func projectFile(p *store.Project) (string, error) {
	def, err := projectOf(p)
	if err != nil {
		return "", err
	}
	return task.YAML(def)
}

func projectOf(p *store.Project) (*task.Project, error) {
	def := &task.Project{}
	if p.Definition != "" {
		var err error
		if def, err = decode[task.Project](p.Definition); err != nil || def.Kind == task.KindProject {
			return def, err
		}
	}
	def.APIVersion, def.Kind = task.APIVersion, task.KindProject
	def.Metadata = task.ProjectMetadata{Name: p.Name, Title: p.Title, Owner: p.Owner}
	return def, nil
}

// Project reads one project with its definition; what holds it is left out.
func (c *Catalog) Project(ctx context.Context, name string) (wire.ProjectDetail, store.Project, error) {
	var row store.Project
	var sizes map[int64]store.ProjectSize
	err := c.db.View(ctx, func(t *store.ViewTx) (err error) {
		if row, err = t.ProjectByName(ctx, name); err != nil {
			return err
		}
		sizes, err = t.ProjectSizes(ctx, []int64{row.ID})
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		err = unknownProject(name)
	}
	if err != nil {
		return wire.ProjectDetail{}, row, err
	}
	def, err := projectOf(&row)
	if err != nil {
		return wire.ProjectDetail{}, row, err
	}
	text, err := task.YAML(def)
	return wire.ProjectDetail{
		Project:    wire.Project{Name: row.Name, Title: row.Title, Owner: row.Owner, Tasks: sizes[row.ID].Tasks},
		Department: def.Metadata.Department, Enabled: sizes[row.ID].Enabled, Definition: def, YAML: text,
	}, row, err
}

// DeleteProject deletes a project that has no tasks. Its batches, its members and
// its name stay: a project that is applied again under it is the same.
func (c *Catalog) DeleteProject(ctx context.Context, by plan.Caller, name, reason string) (wire.CommandReply, error) {
	if err := checkReason(Delete, reason); err != nil {
		return wire.CommandReply{}, err
	}
	audit, err := c.db.ID(ctx)
	if err != nil {
		return wire.CommandReply{}, err
	}
	err = c.db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		row, err := t.ProjectByName(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			return unknownProject(name)
		}
		if err != nil {
			return err
		}
		if err := t.LockHeld(ctx, store.HoldProject, row.ID); err != nil {
			return err
		}
		if err := empty(ctx, t, name); err != nil {
			return err
		}
		if err := t.DeleteProject(ctx, row.ID); err != nil {
			return err
		}
		def, err := projectOf(&row)
		if err != nil {
			return err
		}
		before, err := json.Marshal(def.Metadata)
		if err != nil {
			return err
		}
		text, err := audited{Reason: reason, Before: json.RawMessage(before)}.text()
		if err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: audit, Action: "project.delete", Object: "project " + name, Source: by.Source, Detail: text})
	})
	return wire.CommandReply{
		Object: name, Changed: true, Code: "DELETE", Message: "project " + name + " is deleted; the batches of its deleted tasks are kept",
		Next: "apply a file of kind Project with this name to have it again",
	}, err
}

// empty refuses a project that has tasks.
func empty(ctx context.Context, t *store.OperateTx, name string) error {
	rows, err := t.Tasks(ctx, store.TaskFilter{Project: name, Period: -1, Limit: shown + 1})
	if err != nil || len(rows) == 0 {
		return err
	}
	names := make([]string, len(rows))
	for i := range rows {
		names[i] = rows[i].Name
	}
	return fault.New(fault.Conflict, "project %s is not deleted: it has tasks: %s", name, some(names)).
		WithHint("delete them first, or apply them with another project")
}
