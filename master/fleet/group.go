package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// DefaultGroup is that of workers and tasks that name none; it cannot be deleted.
const DefaultGroup = "default"

// What can be done to a worker group.
const (
	PutGroup     = "put"
	EnableGroup  = "enable"
	DisableGroup = "disable"
	DeleteGroup  = "delete"
)

const maxDescription = 400 // bytes

// Groups lists the worker groups by name, after a name: those that are declared,
// and those that workers or tasks name without.
func Groups(ctx context.Context, t *store.ViewTx, after string, limit int) ([]wire.WorkerGroup, error) {
	declared, err := t.WorkerGroups(ctx)
	if err != nil {
		return nil, err
	}
	workers, err := t.WorkersByGroup(ctx)
	if err != nil {
		return nil, err
	}
	tasks, err := t.TasksByGroup(ctx, "")
	if err != nil {
		return nil, err
	}
	all := together(declared, workers, tasks)
	all = slices.DeleteFunc(all, func(g wire.WorkerGroup) bool { return g.Name <= after })
	return all[:min(limit, len(all))], nil
}

// together makes one list of what is declared and what is used.
func together(declared []store.WorkerGroup, workers, tasks []store.GroupUse) []wire.WorkerGroup {
	byName := map[string]wire.WorkerGroup{}
	for _, d := range declared {
		byName[d.Name] = wire.WorkerGroup{Name: d.Name, Description: d.Description, Enabled: d.IsEnabled, Declared: true}
	}
	use := func(all []store.GroupUse, add func(g *wire.WorkerGroup, n int)) {
		for _, u := range all {
			g, known := byName[u.Name]
			if !known {
				g = wire.WorkerGroup{Name: u.Name, Enabled: true}
			}
			add(&g, u.Count)
			byName[u.Name] = g
		}
	}
	use(workers, func(g *wire.WorkerGroup, n int) { g.Workers = n })
	use(tasks, func(g *wire.WorkerGroup, n int) { g.Tasks = n })
	return slices.SortedFunc(maps.Values(byName), func(a, b wire.WorkerGroup) int { return cmp.Compare(a.Name, b.Name) })
}

// GroupOrder is what somebody wants done to a worker group.
type GroupOrder struct {
	Group, Verb string
	wire.WorkerGroupRequest
}

// check refuses orders that cannot be meant.
func (o *GroupOrder) check() error {
	switch {
	case !groupName(o.Group):
		return fault.New(fault.Invalid, "%q is no name of a worker group", o.Group).WithHint("1 to 100 letters, digits, dots, dashes or underscores")
	case len(o.Description) > maxDescription:
		return fault.New(fault.Invalid, "the description has %d bytes, at most %d are kept", len(o.Description), maxDescription)
	case len(o.Reason) > reasonLimit || o.Reason == "" && (o.Verb == DisableGroup || o.Verb == DeleteGroup):
		return fault.New(fault.Invalid, "to %s a worker group it needs a reason of 1 to %d bytes", o.Verb, reasonLimit)
	case o.Verb == DeleteGroup && o.Group == DefaultGroup:
		return fault.New(fault.Conflict, "the group %s cannot be deleted: workers and tasks that name none are of it", DefaultGroup).WithHint("it can be disabled")
	}
	return nil
}

func groupName(text string) bool {
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_' {
			return false
		}
	}
	return text != "" && len(text) <= 100
}

// TurnGroup declares, enables, disables or deletes a worker group, with the one
// audit row of it.
func TurnGroup(ctx context.Context, db *store.DB, by By, o GroupOrder) (wire.CommandReply, error) {
	if err := o.check(); err != nil {
		return wire.CommandReply{}, err
	}
	id, err := db.ID(ctx)
	if err != nil {
		return wire.CommandReply{}, err
	}
	var reply wire.CommandReply
	err = db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		before, err := t.LockWorkerGroup(ctx, o.Group)
		known := err == nil
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		after, err := o.write(ctx, t, before, known)
		if err != nil {
			return err
		}
		reply = o.reply(before, after, known)
		detail, err := json.Marshal(groupChange{o.Reason, groupState(before, known), groupState(after, o.Verb != DeleteGroup)})
		if err != nil {
			return fmt.Errorf("write down the change of group %s: %w", o.Group, err)
		}
		return t.Audit(ctx, store.Audit{ID: id, Action: "group." + o.Verb, Object: "group " + o.Group, Source: by.Source, Detail: string(detail)})
	})
	return reply, err
}

// groupChange is what an audit row keeps.
type groupChange struct {
	Reason string            `json:"reason"`
	Before *groupDescription `json:"before"`
	After  *groupDescription `json:"after"`
}

type groupDescription struct {
	Description string `json:"description"`
	Enabled     bool   `json:"enabled"`
}

func groupState(g store.WorkerGroup, there bool) *groupDescription {
	if !there {
		return nil
	}
	return &groupDescription{g.Description, g.IsEnabled}
}

// write does what is ordered and returns the group as it is then.
func (o *GroupOrder) write(ctx context.Context, t *store.OperateTx, before store.WorkerGroup, known bool) (store.WorkerGroup, error) {
	after := before
	after.Name = o.Group
	switch o.Verb {
	case PutGroup:
		after.Description = o.Description
		after.IsEnabled = before.IsEnabled || !known
	case EnableGroup, DisableGroup:
		if err := o.exists(ctx, t, known); err != nil {
			return after, err
		}
		after.IsEnabled = o.Verb == EnableGroup
	default:
		if !known {
			return after, unknownGroup(o.Group)
		}
		if err := o.unused(ctx, t); err != nil {
			return after, err
		}
		return after, t.DeleteWorkerGroup(ctx, o.Group)
	}
	if known && after == before {
		return after, nil
	}
	return after, t.PutWorkerGroup(ctx, after)
}

// exists lets a group be switched that is declared, or named by workers or tasks.
func (o *GroupOrder) exists(ctx context.Context, t *store.OperateTx, known bool) error {
	if known {
		return nil
	}
	workers, tasks, err := o.used(ctx, t)
	if err == nil && workers+tasks == 0 {
		err = unknownGroup(o.Group)
	}
	return err
}

func unknownGroup(name string) error {
	return fault.New(fault.NotFound, "there is no worker group %q", name).WithHint("capri group list shows the groups")
}

// used counts the workers and the tasks that name the group.
func (o *GroupOrder) used(ctx context.Context, t *store.OperateTx) (workers, tasks int, err error) {
	hosts, err := t.WorkersByGroup(ctx)
	if err != nil {
		return 0, 0, err
	}
	asking, err := t.TasksByGroup(ctx, o.Group)
	for _, u := range hosts {
		if u.Name == o.Group {
			workers = u.Count
		}
	}
	for _, u := range asking {
		tasks = u.Count
	}
	return workers, tasks, err
}

// unused refuses to delete what is named.
func (o *GroupOrder) unused(ctx context.Context, t *store.OperateTx) error {
	workers, tasks, err := o.used(ctx, t)
	if err != nil || workers+tasks == 0 {
		return err
	}
	return fault.New(fault.Conflict, "worker group %s is not deleted: workers of it: %d, tasks that ask for it: %d", o.Group, workers, tasks).
		WithHint("move them to another group first, or disable it")
}

// reply says what was done.
func (o *GroupOrder) reply(before, after store.WorkerGroup, known bool) wire.CommandReply {
	out := wire.CommandReply{Object: o.Group, Changed: !known || before != after || o.Verb == DeleteGroup, Code: "GROUP"}
	name := "worker group " + o.Group
	switch {
	case o.Verb == DeleteGroup:
		out.Message = name + " is deleted"
	case !out.Changed:
		out.Message = name + " is so already"
	case o.Verb == EnableGroup:
		out.Message = name + " is enabled: its workers get batches again"
	case o.Verb == DisableGroup:
		out.Message = name + " is disabled: its workers finish what they run and get nothing new"
		out.Next = "capri batch why BATCH says so of batches that only this group could run"
	case known:
		out.Message = name + " is described anew"
	default:
		out.Message = name + " is declared"
		out.Next = "workers are of it by group: " + o.Group + " in their configuration, tasks by workers.group"
	}
	return out
}
