package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"capricornus/common/store"
	"capricornus/common/task"
)

// world is what the cluster knows of the names in a set of files: the tasks,
// and above them everything they lead to, so that lint sees circles that go
// through tasks outside of the files.
type world struct {
	rows     map[string]*store.Task
	deleted  map[string]*store.Task // a name that is defined again goes on with the versions of its past
	parents  map[string]*task.Task  // those outside of the files, decoded
	projects map[string]store.Project
	users    map[string]store.User
	quality  bool // masters are configured to ask a data-quality service
}

// Task is for lint, which asks about tasks outside of the files.
func (w *world) Task(name string) (*task.Task, bool) {
	def, ok := w.parents[name]
	return def, ok
}

// Project is for lint.
func (w *world) Project(name string) bool {
	_, ok := w.projects[name]
	return ok
}

// readWorld reads all names at once, then a level of parents at a time.
func (a *api) readWorld(ctx context.Context, docs []task.Document) (*world, error) {
	w := &world{rows: map[string]*store.Task{}, deleted: map[string]*store.Task{}, parents: map[string]*task.Task{}, projects: map[string]store.Project{}, users: map[string]store.User{}, quality: a.QualityURL != ""}
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		clear(w.rows)
		clear(w.deleted)
		clear(w.parents)
		if err := w.readNames(ctx, t); err != nil {
			return err
		}
		inFiles, wanted := namesIn(docs)
		for len(wanted) > 0 {
			rows, err := t.TasksByName(ctx, wanted)
			if err != nil {
				return err
			}
			if wanted, err = w.take(rows, inFiles); err != nil {
				return err
			}
		}
		return w.readDeleted(ctx, t, inFiles)
	})
	return w, err
}

// readDeleted reads what was deleted under the names that the files define anew.
func (w *world) readDeleted(ctx context.Context, t *store.ViewTx, inFiles map[string]bool) error {
	var fresh []string
	for name := range inFiles {
		if w.rows[name] == nil {
			fresh = append(fresh, name)
		}
	}
	rows, err := t.DeletedByName(ctx, fresh)
	for i := range rows {
		w.deleted[rows[i].Name] = &rows[i]
	}
	return err
}

func (w *world) readNames(ctx context.Context, t *store.ViewTx) error {
	projects, err := t.Projects(ctx)
	if err != nil {
		return err
	}
	users, err := t.Users(ctx)
	if err != nil {
		return err
	}
	for _, p := range projects {
		w.projects[p.Name] = p
	}
	for _, u := range users {
		w.users[u.Name] = u
	}
	return nil
}

// namesIn lists the tasks of the files, and these with all their parents.
func namesIn(docs []task.Document) (inFiles map[string]bool, wanted []string) {
	inFiles = map[string]bool{}
	seen := map[string]bool{}
	want := func(name string) {
		if !seen[name] {
			seen[name] = true
			wanted = append(wanted, name)
		}
	}
	for _, d := range docs {
		if d.Task == nil {
			continue
		}
		inFiles[d.Name()] = true
		want(d.Name())
		for _, p := range d.Task.Spec.Parents {
			want(p.Task)
		}
	}
	return inFiles, wanted
}

// take keeps rows and returns which parents of theirs have not been read.
func (w *world) take(rows []store.Task, inFiles map[string]bool) ([]string, error) {
	missing := map[string]bool{}
	for i := range rows {
		row := &rows[i]
		w.rows[row.Name] = row
		if inFiles[row.Name] {
			continue // the files have a newer definition
		}
		def, err := row.Decode()
		if err != nil {
			return nil, err
		}
		w.parents[row.Name] = def
		for _, p := range def.Spec.Parents {
			missing[p.Task] = true
		}
	}
	var wanted []string
	for name := range missing {
		if w.rows[name] == nil && !inFiles[name] {
			wanted = append(wanted, name)
		}
	}
	return wanted, nil
}

// judge fills in owners and returns all that is to be said about the files.
func (w *world) judge(docs []task.Document, parsed []task.Finding, caller string) ([]task.Document, []task.Finding) {
	owned := make([]task.Document, 0, len(docs))
	findings := slices.Clone(parsed)
	for _, d := range docs {
		d, found := w.owned(d, caller)
		owned = append(owned, d)
		findings = append(findings, found...)
		findings = append(findings, w.unasked(d)...)
	}
	findings = append(findings, task.Lint(owned, w)...)
	slices.SortStableFunc(findings, func(x, y task.Finding) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Severity, y.Severity), cmp.Compare(x.Message, y.Message))
	})
	return owned, findings
}

// unasked warns of a data-quality gate that nobody is asked about.
func (w *world) unasked(d task.Document) []task.Finding {
	if d.Broken || d.Task == nil || !d.Task.Spec.Quality.Enabled || w.quality {
		return nil
	}
	follows := "batches of this task wait until an operator answers with capri quality set"
	if q := d.Task.Spec.Quality; q.OnSilence == "pass" {
		follows = "batches of this task are let through after " + q.After.String()
	}
	return []task.Finding{{
		File: d.File, Line: d.Line, Severity: task.SeverityWarning, Code: task.CodeUnsupported,
		Message: "quality is enabled and this cluster has no data-quality service (quality.url of the masters): " + follows,
	}}
}

// owned is the document with an owner: the one written, or who owned it so
// far, or the caller. The document given is not changed.
func (w *world) owned(d task.Document, caller string) (task.Document, []task.Finding) {
	if d.Broken {
		return d, nil
	}
	var owner *string
	switch {
	case d.Task != nil:
		mine := *d.Task
		d.Task, owner = &mine, &mine.Metadata.Owner
		if row := w.rows[mine.Metadata.Name]; *owner == "" && row != nil {
			*owner = row.Owner
		}
	case d.Project != nil:
		mine := *d.Project
		d.Project, owner = &mine, &mine.Metadata.Owner
		if *owner == "" {
			*owner = w.projects[mine.Metadata.Name].Owner
		}
	default:
		return d, nil
	}
	if *owner == "" {
		*owner = caller
	}
	user, known := w.users[*owner]
	if known && user.IsEnabled {
		return d, nil
	}
	what := "is not a user; write the name of one, or leave the owner out"
	if known {
		what = "is switched off; write another owner"
	}
	return d, []task.Finding{{
		File: d.File, Line: d.Line, Severity: task.SeverityError, Code: task.CodeUnknown, Message: "the owner " + *owner + " " + what,
	}}
}

// What became of a document.
const (
	actionCreated   = "created"
	actionChanged   = "changed"
	actionUnchanged = "unchanged"
)

// fate compares a definition with what is stored. Text that differs only in how
// an older version of this program wrote it is the same.
func fate[Definition any](def *Definition, stored string, exists bool) (text, action string, err error) {
	encoded, err := json.Marshal(def)
	if err != nil {
		return "", "", fmt.Errorf("encode definition: %w", err)
	}
	text = string(encoded)
	if !exists {
		return text, actionCreated, nil
	}
	if text == stored {
		return text, actionUnchanged, nil
	}
	if rewritten(new(Definition), stored) == text {
		return text, actionUnchanged, nil
	}
	return text, actionChanged, nil
}

// rewritten is a stored definition as this program would write it; empty for
// what cannot be read.
func rewritten(def any, stored string) string {
	if json.Unmarshal([]byte(stored), def) != nil {
		return ""
	}
	text, err := json.Marshal(def)
	if err != nil {
		return ""
	}
	return string(text)
}
