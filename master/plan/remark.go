package plan

import (
	"context"
	"fmt"
	"slices"

	"capricornus/common/batch"
	"capricornus/common/period"
	"capricornus/common/store"
)

// Codes of what a plan has to say about batches it makes (console.md §1.8).
const (
	WarnDefChanged  = "WARN_DEF_CHANGED"
	WarnPartial     = "WARN_PARTIAL"
	WarnParentNotOK = "WARN_PARENT_NOT_OK"
)

func (i *Item) warn(code, format string, args ...any) {
	i.Warnings = append(i.Warnings, code+" "+fmt.Sprintf(format, args...))
}

// remark adds to items that are created what people should know beforehand.
func (w *world) remark(ctx context.Context, t *store.ViewTx, items []*Item) error {
	stats, err := t.TaskStats(ctx, tasksOf(items))
	if err != nil {
		return err
	}
	for _, it := range items {
		if it.Decision != Create {
			continue
		}
		it.Expected = stats[it.TaskID].P50Millis
		if e := it.Existing; e != nil && e.Version != it.Version {
			it.warn(WarnDefChanged, "run %d was made from version %d of the task, this one is made from today's, %d", e.Type, e.Version, it.Version)
		}
	}
	return w.warnParents(ctx, t, items)
}

// parentsLooked bounds how many parent batches one plan looks up.
const parentsLooked = 100_000

// warnParents tells of batches that will wait for a parent which is neither
// successful nor made by the plan.
func (w *world) warnParents(ctx context.Context, t *store.ViewTx, items []*Item) error {
	planned := map[store.ParentKey]bool{}
	for _, it := range items {
		if it.Decision == Create {
			planned[it.key()] = true
		}
	}
	needs, asked := map[*Item][]store.ParentKey{}, map[store.ParentKey]bool{}
	for _, it := range items {
		if it.Decision != Create || len(asked) > parentsLooked {
			continue
		}
		for _, key := range w.parentsOf(it) {
			if !planned[key] {
				asked[key] = true
				needs[it] = append(needs[it], key)
			}
		}
	}
	keys := make([]store.ParentKey, 0, len(asked))
	for key := range asked {
		keys = append(keys, key)
	}
	exists, err := t.Existing(ctx, keys)
	if err != nil {
		return err
	}
	for it, keys := range needs {
		w.warnParent(it, keys, exists)
	}
	return nil
}

// parentsOf lists the parent batches that a batch of today's definition waits for.
func (w *world) parentsOf(it *Item) []store.ParentKey {
	var out []store.ParentKey
	for _, parent := range w.graph.nodes[it.TaskID].def.Spec.Parents {
		row := w.names[parent.Task]
		if row == nil || parent.Last {
			continue
		}
		n := w.graph.nodes[row.ID]
		for _, s := range window(parent.Window(), it.Slot, n.cycle) {
			if n.def.Spec.Valid.Holds(s, w.zone) {
				out = append(out, store.ParentKey{TaskID: n.id, WorkNo: s.WorkNo})
			}
		}
	}
	return out
}

func (w *world) warnParent(it *Item, keys []store.ParentKey, exists map[store.ParentKey]store.Existing) {
	first, n := "", 0
	for _, key := range keys {
		have, there := exists[key]
		if there && have.State == batch.Done && have.Finish == batch.Success || !there && w.beforeBirth(key) {
			continue
		}
		n++
		if first == "" {
			first = w.graph.nodes[key.TaskID].name + "/" + key.WorkNo + " " + stands(have, there)
		}
	}
	switch {
	case n == 1:
		it.warn(WarnParentNotOK, "waits for a parent outside this plan: %s", first)
	case n > 1:
		it.warn(WarnParentNotOK, "waits for %d parents outside this plan, the first: %s", n, first)
	}
}

func stands(e store.Existing, there bool) string {
	switch {
	case !there:
		return "has no batch"
	case e.State == batch.Done:
		return "ended as " + e.Finish.String()
	}
	return "is " + e.State.String()
}

// beforeBirth reports whether a work number lies before its task's first
// version: it is waited for only if a batch exists (exactly.md 3).
func (w *world) beforeBirth(key store.ParentKey) bool {
	n := w.graph.nodes[key.TaskID]
	c := catalog{byID: map[int64]*kin{n.id: {row: *w.rows[n.id], def: n.def, cycle: n.cycle}}}
	return c.beforeBirth(store.NewParent{TaskID: key.TaskID, WorkNo: key.WorkNo})
}

// slotsCounted bounds how many slots of a window are counted.
const slotsCounted = 10_000

// warnPartial tells of coarser batches that are made again for the sake of only
// a part of what they are made from.
func (w *world) warnPartial(c *Cascade) {
	for _, it := range c.items {
		if it.Decision != Create {
			continue
		}
		var said []*node
		for _, l := range c.reached[it.key()] {
			if l.window.Explicit || slices.Contains(said, l.parent) {
				continue
			}
			said = append(said, l.parent)
			slots, _ := l.parent.cycle.WithinLimit(it.Slot.BizStart, it.Slot.BizEnd, slotsCounted)
			if all, in := w.countPlanned(c, l.parent, slots); in < all {
				it.warn(WarnPartial, "only %d of %d batches of %s that it is made from are in this plan", in, all, l.parent.name)
			}
		}
	}
}

// countPlanned counts the slots a task has batches for, and those the plan creates.
func (w *world) countPlanned(c *Cascade, parent *node, slots []period.Slot) (all, in int) {
	for _, s := range slots {
		if !parent.def.Spec.Valid.Holds(s, w.zone) {
			continue
		}
		all++
		if it := c.index[store.ParentKey{TaskID: parent.id, WorkNo: s.WorkNo}]; it != nil && it.Decision == Create {
			in++
		}
	}
	return all, in
}

// unfollowed names tasks that wait for "the last batch" of one that runs again:
// the cascade does not lead to them.
func unfollowed(g *graph, c *Cascade) []string {
	var out []string
	for _, id := range tasksCreated(c.items) {
		for _, l := range g.down[id] {
			if l.window.Last && c.leads(l) {
				out = append(out, fmt.Sprintf("%s waits for the newest batch of %s, whichever that is: the cascade does not follow it", l.child.name, l.parent.name))
			}
		}
	}
	return out
}

func tasksCreated(items []*Item) []int64 {
	var ids []int64
	for _, it := range items {
		if it.Decision == Create {
			ids = append(ids, it.TaskID)
		}
	}
	return distinct(ids)
}
