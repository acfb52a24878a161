package plan

import (
	"slices"
	"time"

	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
)

// Cascades of a rerun: which dependencies lead from a batch that runs again to
// those that must run again because of it (domain.md §4).
const (
	CascadeNone  = "none"
	CascadeData  = "data"
	CascadeLogic = "logic"
	CascadeAll   = "all"
)

// Cascade walks from batches that run again to what was made from them, over
// all levels and projects. Each batch is found once, whatever number of ways
// leads to it: Via lists them all, Level is the length of the shortest. Only
// what is created leads on, so a batch all of whose planned ancestors are
// skipped or blocked is not found at all (exactly.md 10). Dependencies on "the
// last batch" are not followed: a finished batch does not say which run was the
// last when it ran.
type Cascade struct {
	graph *graph
	kind  string
	now   time.Time // later slots have no batches yet
	limit int

	items   []*Item
	index   map[store.ParentKey]*Item
	reached map[store.ParentKey][]link // by which links
}

// NewCascade prepares a walk that finds at most limit batches.
func newCascade(g *graph, kind string, now time.Time, limit int) *Cascade {
	return &Cascade{graph: g, kind: kind, now: now, limit: limit, index: map[store.ParentKey]*Item{}, reached: map[store.ParentKey][]link{}}
}

// run walks from the targets, level by level. decide says what becomes of the
// batches of one level, before the next is looked for.
func (c *Cascade) run(targets []*Item, decide func([]*Item) error) error {
	for _, it := range targets {
		if err := c.add(it); err != nil {
			return err
		}
	}
	for level, depth := targets, 1; len(level) > 0; depth++ {
		if err := decide(level); err != nil {
			return err
		}
		var next []*Item
		for _, it := range level {
			if it.Decision != Create {
				continue
			}
			found, err := c.children(it, depth)
			if err != nil {
				return err
			}
			next = append(next, found...)
		}
		level = next
	}
	c.dropFuture()
	return nil
}

func (c *Cascade) add(it *Item) error {
	if len(c.items) == c.limit {
		return tooLarge(c.limit)
	}
	c.items = append(c.items, it)
	c.index[it.key()] = it
	return nil
}

// children finds what depends on one batch; it returns what was not found before.
func (c *Cascade) children(parent *Item, depth int) ([]*Item, error) {
	var fresh []*Item
	for _, l := range c.graph.down[parent.TaskID] {
		if !c.leads(l) {
			continue
		}
		slots, ok := childSlots(l, parent.Slot, c.now, c.limit)
		if !ok {
			return nil, tooLarge(c.limit)
		}
		for _, slot := range slots {
			key := store.ParentKey{TaskID: l.child.id, WorkNo: slot.WorkNo}
			it := c.index[key]
			if it == nil {
				it = newItem(l.child, slot, depth)
				if err := c.add(it); err != nil {
					return nil, err
				}
				fresh = append(fresh, it)
			}
			c.note(it, l)
		}
	}
	return fresh, nil
}

// note remembers by which link a batch was reached.
func (c *Cascade) note(it *Item, l link) {
	key := it.key()
	if slices.Contains(c.reached[key], l) {
		return
	}
	c.reached[key] = append(c.reached[key], l)
	if via := l.String(); !slices.Contains(it.Via, via) {
		it.Via = append(it.Via, via)
		slices.Sort(it.Via)
	}
}

// leads reports whether a link is of the kind that is followed.
func (c *Cascade) leads(l link) bool {
	switch c.kind {
	case CascadeAll:
		return true
	case CascadeData:
		return l.kind == task.EdgeData
	case CascadeLogic:
		return l.kind == task.EdgeLogic
	}
	return false
}

// dropFuture keeps, of the slots that are still to come, the first of each task.
func (c *Cascade) dropFuture() {
	first := map[int64]*Item{}
	for _, it := range c.items {
		if have := first[it.TaskID]; it.Slot.Base.After(c.now) && (have == nil || it.Slot.Base.Before(have.Slot.Base)) {
			first[it.TaskID] = it
		}
	}
	c.items = slices.DeleteFunc(c.items, func(it *Item) bool {
		return it.Slot.Base.After(c.now) && first[it.TaskID] != it
	})
}

func newItem(n *node, slot period.Slot, level int) *Item {
	return &Item{Task: n.name, TaskID: n.id, Version: n.version, Slot: slot, Level: level}
}

// key names the batches of the item's work number.
func (i *Item) key() store.ParentKey {
	return store.ParentKey{TaskID: i.TaskID, WorkNo: i.Slot.WorkNo}
}

// tooLarge refuses a plan of more batches than one may have. It is found out
// before they are all looked up.
func tooLarge(limit int) error {
	return fault.New(fault.TooLarge, "the plan has more than %d batches", limit).
		WithHint("cut the range, the tasks or the cascade; setting %s is the limit", store.SettingPlanLimit)
}
