package api

import (
	"context"
	"encoding/json"

	"capricornus/common/task"
	"capricornus/common/textdiff"
	"capricornus/common/wire"
)

// diffTasks says what apply would change, document by document. It judges and
// compares as apply does.
func (a *api) diffTasks(ctx context.Context, req *wire.DiffRequest) (wire.DiffReply, error) {
	docs, parsed, err := readFiles(&wire.ApplyRequest{Files: req.Files})
	if err != nil {
		return wire.DiffReply{}, err
	}
	w, err := a.readWorld(ctx, docs)
	if err != nil {
		return wire.DiffReply{}, err
	}
	owned, findings := w.judge(docs, parsed, callerOf(ctx).name)
	reply := wire.DiffReply{Items: []wire.DiffItem{}, Findings: viewFindings(findings)}
	if task.HasErrors(findings) {
		return reply, nil
	}
	editor, err := a.editorOf(ctx, callerOf(ctx))
	if err != nil {
		return wire.DiffReply{}, err
	}
	owned = w.settle(editor, owned)
	d, err := w.compare(owned)
	if err != nil {
		return wire.DiffReply{}, err
	}
	now := a.DB.Now()
	for i, item := range d.items { // one for each document, in their order
		text, err := w.difference(owned[i], item)
		if err != nil {
			return wire.DiffReply{}, err
		}
		answer := wire.DiffItem{ApplyItem: item, Diff: text}
		if def := owned[i].Task; def != nil {
			answer.Next, answer.NoNext = ahead(def, a.Zone, now)
		}
		reply.Items = append(reply.Items, answer)
	}
	return reply, nil
}

// difference is that between a document and what is saved of it, both as the
// files that export writes.
func (w *world) difference(d task.Document, item wire.ApplyItem) (string, error) {
	if item.Action == actionUnchanged {
		return "", nil
	}
	var saved, given string
	var err error
	if d.Task != nil {
		given, err = task.YAML(d.Task)
		if row := w.rows[item.Name]; err == nil && row != nil {
			saved, err = savedFile(new(task.Task), row.Definition)
		}
	} else {
		given, err = task.YAML(d.Project)
		if row, known := w.projects[item.Name]; err == nil && known && row.Definition != "" {
			saved, err = savedFile(new(task.Project), row.Definition)
		}
	}
	if err != nil {
		return "", err
	}
	return textdiff.Unified(item.Name+" saved", item.Name+" "+d.File, saved, given), nil
}

// savedFile is a saved definition as a task file; one that cannot be read counts
// as none, as it does in apply.
func savedFile(def any, text string) (string, error) {
	if json.Unmarshal([]byte(text), def) != nil {
		return "", nil //nolint:nilerr // as the comment says
	}
	return task.YAML(def)
}
