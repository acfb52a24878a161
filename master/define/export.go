package define

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/master/plan"
)

const (
	exportPage  = 500
	exportLimit = 32 << 20 // bytes: what apply takes at once
	exportMost  = 20_000   // definitions, likewise
)

// Export writes what is saved as task files, one text of several documents: a
// project with its tasks, some tasks, or everything. The projects come with their
// tasks, before them; apply finds nothing changed in it.
func (c *Catalog) Export(ctx context.Context, project string, names []string) (string, error) {
	var rows []store.Task
	var projects []store.Project
	err := c.db.View(ctx, func(t *store.ViewTx) (err error) {
		if projects, err = t.Projects(ctx); err != nil {
			return err
		}
		if project != "" && !slices.ContainsFunc(projects, func(p store.Project) bool { return p.Name == project }) {
			return unknownProject(project)
		}
		rows, err = chosen(ctx, t, project, names)
		return err
	})
	if err != nil {
		return "", err
	}
	if project != "" || len(names) > 0 {
		used := map[string]bool{project: true}
		for i := range rows {
			used[rows[i].Project] = true
		}
		projects = slices.DeleteFunc(projects, func(p store.Project) bool { return !used[p.Name] })
	}
	if n := len(projects) + len(rows); n > exportMost {
		return "", fault.New(fault.TooLarge, "these are %d definitions; apply takes %d at once", n, exportMost).WithHint("export project by project, or name tasks")
	}
	return documents(projects, rows)
}

// chosen reads the tasks that are asked for, by name.
func chosen(ctx context.Context, t *store.ViewTx, project string, names []string) ([]store.Task, error) {
	if len(names) > 0 {
		return called(ctx, t, project, names)
	}
	var all []store.Task
	for after := ""; ; {
		rows, err := t.TasksOf(ctx, project, after, exportPage)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(rows) < exportPage {
			return all, nil
		}
		after = rows[len(rows)-1].Name
	}
}

// called reads tasks by their names, all of which there must be.
func called(ctx context.Context, t *store.ViewTx, project string, names []string) ([]store.Task, error) {
	rows, err := t.TasksByName(ctx, names)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for i := range rows {
		there[rows[i].Name] = project == "" || rows[i].Project == project
	}
	missing := slices.IndexFunc(names, func(name string) bool { return !there[name] })
	switch {
	case missing >= 0 && project != "":
		return nil, fault.New(fault.NotFound, "there is no task %q in project %s", names[missing], project)
	case missing >= 0:
		return nil, plan.UnknownTask(names[missing])
	}
	slices.SortFunc(rows, func(a, b store.Task) int { return strings.Compare(a.Name, b.Name) })
	return rows, nil
}

// documents writes projects and tasks one after the other.
func documents(projects []store.Project, rows []store.Task) (string, error) {
	var b strings.Builder
	add := func(name, text string, err error) error {
		if err != nil {
			return fmt.Errorf("export %s: %w", name, err)
		}
		if b.Len() > 0 {
			b.WriteString("---\n")
		}
		b.WriteString(text)
		if b.Len() > exportLimit {
			return fault.New(fault.TooLarge, "the task files have more than %d MB together", exportLimit>>20).WithHint("export project by project")
		}
		return nil
	}
	for i := range projects {
		text, err := projectFile(&projects[i])
		if err := add(projects[i].Name, text, err); err != nil {
			return "", err
		}
	}
	for i := range rows {
		text, err := written[task.Task](rows[i].Definition)
		if err := add(rows[i].Name, text, err); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}
