package api

import (
	"context"
	"encoding/json"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/task"
)

// editor is who saves tasks, and what bounds that one.
type editor struct {
	caller
	departmentName string // empty: none
	everywhere     bool   // nothing does
}

func (a *api) editorOf(ctx context.Context, who caller) (editor, error) {
	e := editor{caller: who, everywhere: who.holder.Everywhere(permit.EditTasks)}
	if e.everywhere || who.department == 0 {
		return e, nil
	}
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		p, err := t.PersonByName(ctx, who.name)
		e.departmentName = p.Department
		return err
	})
	return e, err
}

// settle gives a new project the department of the developer who makes it. The
// documents given are not changed.
func (w *world) settle(e editor, docs []task.Document) []task.Document {
	if e.everywhere || e.departmentName == "" {
		return docs
	}
	out := make([]task.Document, len(docs))
	for i, d := range docs {
		out[i] = d
		if d.Project == nil || d.Project.Metadata.Department != "" {
			continue
		}
		if _, there := w.projects[d.Project.Metadata.Name]; !there {
			mine := *d.Project
			mine.Metadata.Department = e.departmentName
			out[i].Project = &mine
		}
	}
	return out
}

// refuse finds the first thing in a difference that the editor may not save:
// what is not the own department's or project's, and owners who are others,
// whose accounts the scripts would run as.
func (w *world) refuse(e editor, d *delta) error {
	if e.everywhere {
		return nil
	}
	made := map[string]bool{} // projects of this call
	for i := range d.projects {
		p := &d.projects[i]
		made[p.row.Name] = p.row.ID == 0
		if err := w.refuseProject(e, p); err != nil {
			return err
		}
	}
	for i := range d.tasks {
		if err := w.refuseTask(e, d.tasks[i].def, made); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) refuseProject(e editor, p *projectChange) error {
	if p.row.ID == 0 {
		if p.row.Owner != e.name || p.department != e.departmentName {
			return fault.New(fault.Forbidden, "a new project of a developer belongs to the developer and the own department, and project %s would to %s and department %q",
				p.row.Name, p.row.Owner, p.department).WithHint("leave owner and department out, or ask an operator")
		}
		return nil
	}
	stored := w.projects[p.row.Name]
	if !e.own(stored.Owner, stored.Department, stored.ID) {
		return notYours("project "+p.row.Name, stored.Owner)
	}
	var before task.Project
	if err := json.Unmarshal([]byte(stored.Definition), &before); err != nil || p.row.Owner != stored.Owner || p.department != before.Metadata.Department {
		return fault.New(fault.Forbidden, "the owner and the department of project %s are not changed by developers", p.row.Name).WithHint("leave them as they are, or ask an operator")
	}
	return nil
}

func (w *world) refuseTask(e editor, def *task.Task, made map[string]bool) error {
	m := def.Metadata
	into, row := w.projects[m.Project], w.rows[m.Name]
	was := ""
	if row != nil {
		was = row.Owner
		from := w.projects[row.Project]
		if !e.own(row.Owner, from.Department, from.ID) {
			return notYours("task "+m.Name, row.Owner)
		}
	}
	stays := row != nil && row.Project == m.Project
	if !stays && !made[m.Project] && !e.own(into.Owner, into.Department, into.ID) {
		return notYours("project "+m.Project, into.Owner)
	}
	if m.Owner != e.name && m.Owner != was {
		return fault.New(fault.Forbidden, "task %s would be %s's, and run as what is granted to %s", m.Name, m.Owner, m.Owner).
			WithHint("leave the owner out, or ask an operator")
	}
	return nil
}

func notYours(what, owner string) error {
	return fault.New(fault.Forbidden, "%s is %s's, and neither your department's nor of a project you are a member of", what, owner).
		WithHint("ask %s or an operator; an administrator can make you a member", owner)
}
