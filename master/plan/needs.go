package plan

import (
	"context"

	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
)

// May tells whether the caller may change what has this owner, department and
// project.
func (c Caller) May(r store.TaskRight) bool { return c.may(r.Owner, r.Department, r.ProjectID) }

// Need is a parent batch that a batch waits for, by the definition.
type Need struct {
	store.ParentKey
	Task    string // the parent
	Last    bool   // its newest batch, whatever its number
	Applies bool   // false: the parent is not valid at that time, so nobody waits
}

// Needs lists the parent batches that a batch of a task would wait for if it
// were made now from this definition. It makes and changes nothing.
func (p *Planner) Needs(ctx context.Context, row store.Task, def *task.Task, slot period.Slot) ([]Need, error) {
	cat, err := p.catalogOf(ctx, []member{{row: row, version: row.Version, def: def}})
	if err != nil {
		return nil, err
	}
	var b store.NewBatch
	if err := cat.parents(&b, def.Spec.Parents, slot); err != nil {
		return nil, fault.Wrap(fault.Conflict, err, "task %s: %s", row.Name, err)
	}
	out := make([]Need, 0, len(b.Parents))
	for _, parent := range b.Parents {
		out = append(out, Need{
			ParentKey: store.ParentKey{TaskID: parent.TaskID, WorkNo: parent.WorkNo}, Task: cat.byID[parent.TaskID].row.Name,
			Last: parent.Last, Applies: parent.State != store.DepNotApplicable,
		})
	}
	return out, nil
}
