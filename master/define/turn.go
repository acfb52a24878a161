package define

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/plan"
)

// What can be done to a task as a whole.
const (
	Enable  = "enable"
	Disable = "disable"
	Delete  = "delete"
)

// Order is what somebody wants done to a task, and why.
type Order struct {
	Task, Verb, Reason string
}

// state is what an audit row says of a task.
type state struct {
	Version int  `json:"version"`
	Enabled bool `json:"enabled"`
	Deleted bool `json:"deleted,omitempty"`
}

// Turn enables, disables or deletes a task by a new version of it. What is so
// already stays as it is. A task that others wait for, or that has an unfinished
// batch, is not deleted.
func (c *Catalog) Turn(ctx context.Context, by plan.Caller, o Order) (wire.CommandReply, error) {
	if err := checkReason(o.Verb, o.Reason); err != nil {
		return wire.CommandReply{}, err
	}
	audit, err := c.db.ID(ctx)
	if err != nil {
		return wire.CommandReply{}, err
	}
	var reply wire.CommandReply
	err = c.db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		row, err := lockTask(ctx, t, by, o.Task)
		if err != nil {
			return err
		}
		next, open, err := o.next(ctx, t, &row)
		if err != nil {
			return err
		}
		reply = o.reply(&row, open)
		if reply.Changed {
			if err := t.TurnTask(ctx, next); err != nil {
				return err
			}
		}
		text, err := audited{Reason: o.Reason, Before: state{row.Version, row.IsEnabled, false}, After: state{next.Version.Version, next.IsEnabled, next.IsDeleted}}.text()
		if err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: audit, Action: "task." + o.Verb, Object: "task " + o.Task, Source: by.Source, Detail: text})
	})
	return reply, err
}

// lockTask finds and locks a task that the caller may change.
func lockTask(ctx context.Context, t *store.OperateTx, by plan.Caller, name string) (store.Task, error) {
	row, err := t.LockTask(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return row, plan.UnknownTask(name)
	}
	if err != nil {
		return row, err
	}
	rights, err := t.TaskRights(ctx, []int64{row.ID})
	if r := rights[row.ID]; err == nil && !by.May(r) {
		return row, fault.New(fault.Forbidden, "task %s of project %s is %s's", name, r.Project, r.Owner).WithHint("ask %s, or somebody on duty", r.Owner)
	}
	return row, err
}

// next is the version that an order makes, and the batches that are unfinished
// then; or what stands in its way.
func (o Order) next(ctx context.Context, t *store.OperateTx, row *store.Task) (store.SavedVersion, []store.Batch, error) {
	v := store.SavedVersion{Note: o.Verb + ": " + o.Reason, Version: store.Version{
		TaskID: row.ID, Version: row.Version, Definition: row.Definition, IsEnabled: row.IsEnabled, IsDeleted: o.Verb == Delete,
	}}
	if o.settled(row) {
		return v, nil, nil
	}
	v.Version.Version++
	open, err := t.UnfinishedOf(ctx, row.ID, shown+1)
	if err != nil {
		return v, nil, err
	}
	if o.Verb == Delete {
		return v, nil, mayGo(ctx, t, row, open)
	}
	def, err := row.Decode()
	if err != nil {
		return v, nil, err
	}
	def.Spec.Enabled = o.Verb == Enable
	text, err := json.Marshal(def)
	v.Definition, v.IsEnabled = string(text), def.Spec.Enabled
	return v, open, err
}

// settled says that it is so already.
func (o Order) settled(row *store.Task) bool {
	return o.Verb == Enable && row.IsEnabled || o.Verb == Disable && !row.IsEnabled
}

// mayGo refuses to delete a task that something relies on.
func mayGo(ctx context.Context, t *store.OperateTx, row *store.Task, open []store.Batch) error {
	children, err := t.ChildTasks(ctx, row.ID, shown+1)
	if err != nil {
		return err
	}
	if len(children) > 0 {
		return fault.New(fault.Conflict, "task %s is not deleted: %s for it: %s", row.Name, waitFor(len(children)), some(children)).
			WithHint("delete them first, or take %s out of their parents and apply them", row.Name)
	}
	if len(open) > 0 {
		return fault.New(fault.Conflict, "task %s is not deleted: it has unfinished batches: %s", row.Name, some(refs(open))).
			WithHint("disable it, and wait for them or kill them: capri batch kill --task %s --reason R", row.Name)
	}
	return nil
}

func waitFor(tasks int) string {
	if tasks == 1 {
		return "a task waits"
	}
	return "tasks wait"
}

func refs(all []store.Batch) []string {
	out := make([]string, len(all))
	for i := range all {
		out[i] = all[i].Ref().String()
	}
	return out
}

// some names as many as are shown.
func some(names []string) string {
	if len(names) > shown {
		return strings.Join(names[:shown], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// reply says what was done and what follows.
func (o Order) reply(row *store.Task, open []store.Batch) wire.CommandReply {
	name := row.Name
	out := wire.CommandReply{Object: name, Changed: !o.settled(row), Code: strings.ToUpper(o.Verb)}
	version := row.Version + 1
	switch {
	case !out.Changed:
		out.Code, out.Message = "SAME", fmt.Sprintf("task %s is %sd already", name, o.Verb)
	case o.Verb == Delete:
		out.Message = fmt.Sprintf("task %s is deleted by version %d; its batches and versions are kept", name, version)
		out.Next = "its name can be applied again and goes on with its versions: capri task versions " + name
	case o.Verb == Disable:
		out.Message = fmt.Sprintf("task %s is disabled by version %d: nothing is generated for it", name, version)
		out.Next = "what is due while it is disabled is not made up for: capri coldstart makes it"
		if len(open) > 0 {
			out.Next = "what waits is not assigned until it is enabled, what runs goes on: " + some(refs(open))
		}
	default:
		out.Message = fmt.Sprintf("task %s is enabled by version %d: batches are generated from the next base time on", name, version)
		if len(open) > 0 {
			out.Next = "what waits may be assigned now: " + some(refs(open))
		}
	}
	return out
}
