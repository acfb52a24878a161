package plan

import (
	"context"
	"errors"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
)

// Executed names the batch an execution made.
type Executed struct {
	ID  int64
	Ref batch.Ref
}

// Execute makes one batch of a task for now (执行): the slot now lies in, this
// task only. An unfinished batch of the same work number refuses it, by name
// (domain.md §4, exactly.md 5).
func (p *Planner) Execute(ctx context.Context, by Caller, name string) (Executed, error) {
	now := p.db.Now()
	m, err := p.member(ctx, by, name)
	if err != nil {
		return Executed{}, err
	}
	cat, err := p.catalogOf(ctx, []member{m})
	if err != nil {
		return Executed{}, err
	}
	cycle, err := m.def.Cycle(p.zone)
	if err != nil {
		return Executed{}, err
	}
	ids, err := p.db.IDs(ctx, 2)
	if err != nil {
		return Executed{}, err
	}
	slot := cycle.Now(now)
	out := Executed{ID: ids[0], Ref: batch.Ref{Task: name, WorkNo: slot.WorkNo}}
	for try := 1; ; try++ {
		err = p.db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
			key := store.ParentKey{TaskID: m.row.ID, WorkNo: slot.WorkNo}
			exists, err := t.Existing(ctx, []store.ParentKey{key})
			if err != nil {
				return err
			}
			out.Ref.Run = 0
			if have, there := exists[key]; there {
				if have.State != batch.Done {
					return unfinished(batch.Ref{Task: name, WorkNo: slot.WorkNo, Run: have.Type}, have.State)
				}
				out.Ref.Run = have.Type + 1
			}
			b, err := cat.draft(m, slot, birth{origin: batch.ByExecute, run: out.Ref.Run, schedule: now, now: now, detail: "executed by " + by.ID})
			if err != nil {
				return fault.Wrap(fault.Invalid, err, "%s cannot be executed: %v", name, err)
			}
			b.ID = out.ID
			drafts := []store.NewBatch{b}
			if err := cat.complete(ctx, t, drafts); err != nil {
				return err
			}
			if err := t.InsertBatches(ctx, drafts); err != nil {
				return err
			}
			return t.Audit(ctx, store.Audit{ID: ids[1], Action: "task.run", Object: out.Ref.String(), Source: by.Source, Detail: "{}"})
		})
		if !errors.Is(err, store.ErrExists) || try == duplicateTries {
			break
		}
	}
	if err != nil {
		return Executed{}, err
	}
	p.notify.Generated([]int64{out.ID})
	return out, nil
}

func unfinished(ref batch.Ref, state batch.State) error {
	return fault.New(fault.Conflict, "%s is still %s, so no other batch of this work number can be made", ref, state).
		WithHint("wait for it to end, or kill it")
}

// member reads a task that the caller may run, with its current definition.
func (p *Planner) member(ctx context.Context, by Caller, name string) (member, error) {
	var row store.Task
	var rights map[int64]store.TaskRight
	err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
		if row, err = t.TaskByName(ctx, name); err != nil {
			return err
		}
		rights, err = t.TaskRights(ctx, []int64{row.ID})
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return member{}, UnknownTask(name)
	}
	if err != nil {
		return member{}, err
	}
	if r := rights[row.ID]; !by.may(r.Owner, r.Department, r.ProjectID) {
		return member{}, forbidden("batches of task "+name, r.Owner)
	}
	def, err := row.Decode()
	if err != nil {
		return member{}, err
	}
	if !row.IsEnabled {
		return member{}, fault.New(fault.Conflict, "task %s is disabled", name).WithHint("set enabled: true in its file and apply it")
	}
	return member{row: row, version: row.Version, def: def}, nil
}

// UnknownTask says that no task has this name.
func UnknownTask(name string) error {
	return fault.New(fault.NotFound, "there is no task %q", name).WithHint("capri task list shows the tasks")
}
