package api

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// Limits of one apply (exactly.md 28).
const (
	applyLimit   = 32 << 20
	applyTasks   = 20_000
	applyTimeout = 80 * time.Second
	applyTries   = 4 // how often a lost race is run again
	maxNote      = 400
)

// applyTasks saves what the files define: all of it in one transaction, or
// nothing. It reads, decides by pure functions and writes; when somebody else
// was faster in between, it begins again.
func (a *api) applyTasks(ctx context.Context, req *wire.ApplyRequest) (wire.ApplyReply, error) {
	docs, parsed, err := readFiles(req)
	if err != nil {
		return wire.ApplyReply{}, err
	}
	for try := 1; ; try++ {
		reply, err := a.applyOnce(ctx, req, docs, parsed)
		lost := errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrExists)
		if !lost {
			return reply, err
		}
		if try == applyTries {
			return wire.ApplyReply{}, fault.Wrap(fault.Conflict, err, "somebody else saves the same tasks at this moment").WithHint("try again")
		}
	}
}

func (a *api) applyOnce(ctx context.Context, req *wire.ApplyRequest, docs []task.Document, parsed []task.Finding) (wire.ApplyReply, error) {
	who := callerOf(ctx)
	w, err := a.readWorld(ctx, docs)
	if err != nil {
		return wire.ApplyReply{}, err
	}
	owned, findings := w.judge(docs, parsed, who.name)
	reply := wire.ApplyReply{Items: []wire.ApplyItem{}, Findings: viewFindings(findings)}
	if task.HasErrors(findings) {
		return reply, nil
	}
	editor, err := a.editorOf(ctx, who)
	if err != nil {
		return wire.ApplyReply{}, err
	}
	d, err := w.compare(w.settle(editor, owned))
	if err != nil {
		return wire.ApplyReply{}, err
	}
	if err := w.refuse(editor, d); err != nil {
		return wire.ApplyReply{}, err
	}
	if err := w.refuseStale(owned, req.ExpectedVersions); err != nil {
		return wire.ApplyReply{}, err
	}
	reply.Items = d.items
	if req.DryRun {
		return reply, nil
	}
	if d.changes() > 0 {
		if err := a.save(ctx, who, d, req.Note); err != nil {
			return wire.ApplyReply{}, err
		}
		a.Applied()
	}
	reply.Applied = true
	return reply, nil
}

// lintTasks says what apply would find, and saves nothing.
func (a *api) lintTasks(ctx context.Context, req *wire.ApplyRequest) (wire.ApplyReply, error) {
	docs, parsed, err := readFiles(req)
	if err != nil {
		return wire.ApplyReply{}, err
	}
	w, err := a.readWorld(ctx, docs)
	if err != nil {
		return wire.ApplyReply{}, err
	}
	_, findings := w.judge(docs, parsed, callerOf(ctx).name)
	return wire.ApplyReply{Items: []wire.ApplyItem{}, Findings: viewFindings(findings)}, nil
}

func viewFindings(all []task.Finding) []wire.Finding {
	out := make([]wire.Finding, 0, len(all))
	for _, f := range all {
		out = append(out, wire.Finding(f))
	}
	return out
}

// readFiles parses the files and holds the limits.
func readFiles(req *wire.ApplyRequest) ([]task.Document, []task.Finding, error) {
	if len(req.Files) > applyTasks {
		return nil, nil, fault.New(fault.TooLarge, "more than %d files in one call", applyTasks).WithHint("apply them in parts, parents first")
	}
	if len(req.Note) > maxNote {
		return nil, nil, fault.New(fault.Invalid, "the note has %d bytes, at most %d are kept", len(req.Note), maxNote)
	}
	docs, findings := parseAll(req.Files)
	if len(docs) > applyTasks {
		return nil, nil, fault.New(fault.TooLarge, "more than %d definitions in one call", applyTasks).WithHint("apply them in parts, parents first")
	}
	return docs, findings, nil
}

// save writes a difference, with its audit row, in one transaction.
func (a *api) save(ctx context.Context, who caller, d *delta, note string) error {
	ids, err := a.DB.IDs(ctx, d.idsNeeded()+1)
	if err != nil {
		return err
	}
	audit, ids := ids[0], ids[1:]
	detail, err := json.Marshal(d.summary(note))
	if err != nil {
		return err
	}
	return a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		projects, left, err := saveProjects(ctx, t, d, ids)
		if err != nil {
			return err
		}
		if err := t.SaveTasks(ctx, d.saves(projects, left), note); err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: audit, Action: "task.apply", Object: d.object(), Source: who.source, Detail: string(detail)})
	})
}

// saveProjects saves the projects first and returns the ids of all by name, as
// they stand in this transaction: one that somebody else made meanwhile keeps
// its id. It returns the ids that are left.
func saveProjects(ctx context.Context, t *store.OperateTx, d *delta, ids []int64) (map[string]int64, []int64, error) {
	for _, p := range d.projects {
		row, department := p.row, ids[0]
		ids = ids[1:]
		if row.ID == 0 {
			row.ID = ids[0]
			ids = ids[1:]
		}
		if err := t.SaveProject(ctx, row, p.department, department); err != nil {
			return nil, nil, err
		}
	}
	rows, err := t.Projects(ctx)
	if err != nil {
		return nil, nil, err
	}
	byName := make(map[string]int64, len(rows))
	for _, r := range rows {
		byName[r.Name] = r.ID
	}
	return byName, ids, nil
}
