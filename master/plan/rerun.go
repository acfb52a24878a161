package plan

import (
	"context"
	"slices"
	"time"

	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// checkRerun refuses reruns that make no sense, and fills in defaults.
func checkRerun(req *wire.PlanRequest) error {
	if req.Mode == "" {
		req.Mode = ModeAll
	}
	if req.Cascade == "" {
		req.Cascade = CascadeNone
	}
	switch {
	case len(req.Tasks) == 0:
		return fault.New(fault.Invalid, "a rerun names at least one task")
	case req.Project != "":
		return fault.New(fault.Invalid, "a rerun names tasks, not a project").WithHint("a cold start makes the batches of a project")
	case req.From == "" || req.To == "":
		return fault.New(fault.Invalid, "a rerun needs a range of work numbers").WithHint("for example from 20150518 to 20150521")
	case !slices.Contains([]string{ModeAll, ModeFailed, ModeMissing}, req.Mode):
		return fault.New(fault.Invalid, "mode %q is unknown", req.Mode).WithHint("write all, failed or missing")
	case !slices.Contains([]string{CascadeNone, CascadeData, CascadeLogic, CascadeAll}, req.Cascade):
		return fault.New(fault.Invalid, "cascade %q is unknown", req.Cascade).WithHint("write none, data, logic or all")
	}
	return nil
}

// rerun is one plan of a rerun in the making.
type rerun struct {
	*world
	req      wire.PlanRequest
	by       Caller
	now      time.Time
	excluded exclusion
}

// rerunItems lists every batch a rerun asks about and, with a cascade, every
// batch that was made from one that runs again: parents first, then by time.
func (p *Planner) rerunItems(ctx context.Context, t *store.ViewTx, by Caller, req wire.PlanRequest, now time.Time) (planned, error) {
	limit, err := planLimit(ctx, t)
	if err != nil {
		return planned{}, err
	}
	w, err := p.worldOf(ctx, t)
	if err != nil {
		return planned{}, err
	}
	excluded, err := w.exclusionOf(req.Exclude)
	if err != nil {
		return planned{}, err
	}
	r := rerun{world: w, req: req, by: by, now: now, excluded: excluded}
	targets, err := r.targets(limit)
	if err != nil {
		return planned{}, err
	}
	c := newCascade(w.graph, req.Cascade, now, limit)
	if err := c.run(targets, func(level []*Item) error { return r.decide(ctx, t, level) }); err != nil {
		return planned{}, err
	}
	w.graph.orderOf(tasksOf(c.items)).sort(c.items)
	for _, it := range c.items {
		it.Sentence = rerunSentence(it, w.rows[it.TaskID].Owner)
	}
	if err := w.remark(ctx, t, c.items); err != nil {
		return planned{}, err
	}
	w.warnPartial(c)
	return planned{items: values(c.items), warnings: unfollowed(w.graph, c)}, nil
}

// targets lists the slots a rerun asks for.
func (r *rerun) targets(limit int) ([]*Item, error) {
	asked := span{from: r.req.From, to: r.req.To, now: r.now, limit: limit}
	var out []*Item
	var kind period.Kind
	for i, name := range distinct(r.req.Tasks) {
		row := r.names[name]
		if row == nil {
			return nil, UnknownTask(name)
		}
		n := r.graph.nodes[row.ID]
		if n.manual() {
			return nil, fault.New(fault.Invalid, "%s is a manual task, which has no periods to run again", name).WithHint("capri task run %s makes a batch", name)
		}
		if i == 0 {
			kind = n.cycle.Kind()
		}
		if n.cycle.Kind() != kind {
			return nil, fault.New(fault.Invalid, "%s is a %s task and %s a %s task", r.req.Tasks[0], kind, name, n.cycle.Kind()).
				WithHint("run the tasks of one period again at a time")
		}
		slots, err := asked.slots(n.cycle, len(out))
		if err != nil {
			return nil, err
		}
		for _, slot := range slots {
			out = append(out, newItem(n, slot, 0))
		}
	}
	if want := r.req.Period; want != "" && want != kind.String() {
		return nil, fault.New(fault.Invalid, "%s is a %s task, the rerun is of %s tasks", r.req.Tasks[0], kind, want)
	}
	return out, nil
}

// decide says what becomes of some batches of the plan.
func (r *rerun) decide(ctx context.Context, t *store.ViewTx, items []*Item) error {
	if err := findExisting(ctx, t, items); err != nil {
		return err
	}
	for _, it := range items {
		row, spec := r.rows[it.TaskID], &r.graph.nodes[it.TaskID].def.Spec
		it.Decision, it.Code, it.Run = decideRerun(slotFacts{
			excluded: r.excluded.has(it), enabled: row.IsEnabled, valid: spec.Valid.Holds(it.Slot, r.zone),
			future: it.Slot.Base.After(r.now), may: r.by.may(row.Owner, r.departments[row.ProjectID], row.ProjectID),
			existing: it.Existing, mode: r.req.Mode,
		})
	}
	return nil
}

// findExisting reads the counting runs of items.
func findExisting(ctx context.Context, t *store.ViewTx, items []*Item) error {
	keys := make([]store.ParentKey, len(items))
	for i, it := range items {
		keys[i] = it.key()
	}
	exists, err := t.Existing(ctx, keys)
	if err != nil {
		return err
	}
	for i, it := range items {
		if have, there := exists[keys[i]]; there {
			it.Existing = &have
		}
	}
	return nil
}

func tasksOf(items []*Item) []int64 {
	ids := make([]int64, len(items))
	for i, it := range items {
		ids[i] = it.TaskID
	}
	return distinct(ids)
}

func values(items []*Item) []Item {
	out := make([]Item, len(items))
	for i, it := range items {
		out[i] = *it
	}
	return out
}
