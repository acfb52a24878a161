package api

import (
	"fmt"
	"maps"
	"time"

	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// delta is what a set of files changes. It is a value: comparing and turning it
// into rows read and write nothing.
type delta struct {
	items    []wire.ApplyItem
	projects []projectChange
	tasks    []taskChange
	edges    map[string][]task.Edge // by child
	ids      map[string]int64       // of the tasks that exist
}

type projectChange struct {
	row        store.Project
	department string
}

// taskChange is a task to be saved; id is 0 for a new one.
type taskChange struct {
	def     *task.Task
	text    string
	id      int64
	owner   int64
	version int
}

// compare finds what documents without errors change.
func (w *world) compare(docs []task.Document) (*delta, error) {
	d := &delta{items: make([]wire.ApplyItem, 0, len(docs)), edges: map[string][]task.Edge{}, ids: map[string]int64{}}
	for name, row := range w.rows {
		d.ids[name] = row.ID
	}
	all := make([]*task.Task, 0, len(docs)+len(w.parents))
	for _, doc := range docs {
		var err error
		switch {
		case doc.Project != nil:
			err = w.compareProject(d, doc.Project)
		case doc.Task != nil:
			all = append(all, doc.Task)
			err = w.compareTask(d, doc.Task)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doc.Name(), err)
		}
	}
	for _, parent := range w.parents {
		all = append(all, parent)
	}
	for _, e := range task.Edges(all) {
		d.edges[e.Child] = append(d.edges[e.Child], e)
	}
	return d, nil
}

func (w *world) compareProject(d *delta, p *task.Project) error {
	m := p.Metadata
	stored, exists := w.projects[m.Name]
	text, action, err := fate(p, stored.Definition, exists)
	if err != nil {
		return err
	}
	d.items = append(d.items, wire.ApplyItem{Kind: task.KindProject, Name: m.Name, Action: action})
	if action != actionUnchanged {
		row := store.Project{ID: stored.ID, Name: m.Name, Title: m.Title, Owner: m.Owner, Definition: text}
		d.projects = append(d.projects, projectChange{row: row, department: m.Department})
	}
	return nil
}

func (w *world) compareTask(d *delta, def *task.Task) error {
	name := def.Metadata.Name
	row, exists := w.rows[name]
	if past := w.deleted[name]; !exists && past != nil {
		row = past
	} else if !exists {
		row = &store.Task{}
	}
	text, action, err := fate(def, row.Definition, exists)
	if err != nil {
		return err
	}
	item := wire.ApplyItem{Kind: task.KindTask, Name: name, Action: action, Version: row.Version}
	if action != actionUnchanged {
		item.Version++
		owner := w.users[def.Metadata.Owner].ID
		d.tasks = append(d.tasks, taskChange{def: def, text: text, id: row.ID, owner: owner, version: item.Version})
	}
	d.items = append(d.items, item)
	return nil
}

func (d *delta) changes() int { return len(d.projects) + len(d.tasks) }

// idsNeeded counts a department for each project, and whatever is new.
func (d *delta) idsNeeded() int {
	n := len(d.projects)
	for _, p := range d.projects {
		if p.row.ID == 0 {
			n++
		}
	}
	for _, t := range d.tasks {
		if t.id == 0 {
			n++
		}
	}
	return n
}

// saves makes the rows, with ids for new tasks in their order.
func (d *delta) saves(projects map[string]int64, fresh []int64) []store.TaskSave {
	ids := make(map[string]int64, len(d.ids)+len(d.tasks))
	maps.Copy(ids, d.ids)
	for i := range d.tasks {
		t := &d.tasks[i]
		id := t.id
		if id == 0 {
			id, fresh = fresh[0], fresh[1:]
		}
		ids[t.def.Metadata.Name] = id
	}
	out := make([]store.TaskSave, 0, len(d.tasks))
	for i := range d.tasks {
		t := &d.tasks[i]
		save := t.save()
		save.ID, save.ProjectID = ids[save.Name], projects[t.def.Metadata.Project]
		for _, e := range d.edges[save.Name] {
			if parent, known := ids[e.Parent]; known {
				save.Edges = append(save.Edges, store.Edge{ParentID: parent, Kind: e.Kind, Window: e.Window.String()})
			}
		}
		out = append(out, save)
	}
	return out
}

// save spreads a definition over the columns that queries look at.
func (t *taskChange) save() store.TaskSave {
	m, s := t.def.Metadata, &t.def.Spec
	kind, _ := period.ParseKind(s.Period) // lint has seen it
	out := store.TaskSave{
		Name: m.Name, Title: m.Title, OwnerID: t.owner, Period: int(kind), Cron: s.Cron, Priority: s.Priority, IsEnabled: s.Enabled,
		Account: s.Account, TaskBeginTime: s.Earliest.Column(), DependTimeout: s.Timeouts.Depend.Column(), OutputTimeout: s.Timeouts.Output.Column(),
		RunTimeout: time.Duration(s.Timeouts.Run).Milliseconds(), MaxRunning: s.MaxRunning, Memory: int64(s.Workers.Memory),
		ExpectSeconds: s.ExpectSecs, RetryTimes: s.Retry.Times, Version: t.version, Definition: t.text,
	}
	if s.Success == successByOutput {
		out.CheckType = 1
	}
	return out
}

const successByOutput = "output-path"

// namedInAudit is how many names an audit row lists.
const namedInAudit = 20

// summary is what the audit row keeps: how much and which first.
func (d *delta) summary(note string) map[string]any {
	counts := map[string]int{}
	var names []string
	before, after := map[string]int{}, map[string]int{} // versions of tasks: what they were is kept with them
	for _, i := range d.items {
		counts[i.Action]++
		if i.Action == actionUnchanged || len(names) == namedInAudit {
			continue
		}
		names = append(names, i.Name)
		if i.Version > 0 {
			after[i.Name] = i.Version
		}
		if i.Version > 1 {
			before[i.Name] = i.Version - 1
		}
	}
	return map[string]any{
		actionCreated: counts[actionCreated], actionChanged: counts[actionChanged], actionUnchanged: counts[actionUnchanged],
		"names": names, "before": before, "after": after, "note": note,
	}
}

func (d *delta) object() string {
	if d.changes() == 1 {
		for _, i := range d.items {
			if i.Action != actionUnchanged {
				return i.Name
			}
		}
	}
	return fmt.Sprintf("%d definitions", d.changes())
}
