package fleet

import (
	"cmp"
	"context"
	"slices"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// defaultGroup is that of tasks which name none.
const defaultGroup = "default"

// Queue counts what waits for nothing but a worker, by group and priority, and
// the workers there are. It reads what is ready only, however much waits.
func Queue(ctx context.Context, db *store.DB, defs *store.Definitions) (wire.Queue, error) {
	var shares []store.QueueShare
	var hosts wire.HostList
	now := int64(0)
	err := db.View(ctx, func(t *store.ViewTx) (err error) {
		now = t.Now()
		if shares, err = t.QueueShares(ctx); err != nil {
			return err
		}
		hosts, err = List(ctx, t)
		return err
	})
	if err != nil {
		return wire.Queue{}, err
	}
	keys := make([]store.VersionKey, len(shares))
	for i, s := range shares {
		keys[i] = store.VersionKey{TaskID: s.TaskID, Version: s.TaskVersion}
	}
	known, err := defs.Get(ctx, keys)
	if err != nil {
		return wire.Queue{}, err
	}
	groupOf := func(s store.QueueShare) string {
		if def := known[store.VersionKey{TaskID: s.TaskID, Version: s.TaskVersion}]; def != nil && def.Spec.Workers.Group != "" {
			return def.Spec.Workers.Group
		}
		return defaultGroup
	}
	return queueOf(shares, hosts.Items, groupOf, now), nil
}

// queueOf sums up. It is pure.
func queueOf(shares []store.QueueShare, hosts []wire.Host, groupOf func(store.QueueShare) string, now int64) wire.Queue {
	groups := map[string]*wire.QueueGroup{}
	of := func(name string) *wire.QueueGroup {
		if groups[name] == nil {
			groups[name] = &wire.QueueGroup{Group: name, Priorities: []wire.QueuePriority{}}
		}
		return groups[name]
	}
	for _, s := range shares {
		enqueue(of(groupOf(s)), s)
	}
	for i := range hosts {
		h := &hosts[i]
		g := of(h.Group)
		g.SlotsUsed += h.Running + h.Assigned
		if h.Alive && !h.Stopped && !h.GroupOff {
			g.Workers++
			g.SlotsTotal += h.Slots
			g.SlotsFree += max(h.Slots-h.Running-h.Assigned, 0)
		}
	}
	q := wire.Queue{At: now, Groups: []wire.QueueGroup{}}
	for _, g := range groups {
		g.SlotsWanted = g.SlotsUsed + g.Ready
		slices.SortFunc(g.Priorities, func(a, b wire.QueuePriority) int { return cmp.Compare(a.Priority, b.Priority) })
		q.Ready += g.Ready
		q.Groups = append(q.Groups, *g)
	}
	slices.SortFunc(q.Groups, func(a, b wire.QueueGroup) int { return cmp.Compare(a.Group, b.Group) })
	return q
}

// enqueue adds a share to what waits before a group.
func enqueue(g *wire.QueueGroup, s store.QueueShare) {
	g.Ready += s.Count
	g.OldestAt = older(g.OldestAt, s.Since)
	for i := range g.Priorities {
		if p := &g.Priorities[i]; p.Priority == s.Priority {
			p.Ready += s.Count
			p.OldestAt = older(p.OldestAt, s.Since)
			return
		}
	}
	g.Priorities = append(g.Priorities, wire.QueuePriority{Priority: s.Priority, Ready: s.Count, OldestAt: s.Since})
}

// older is the earlier of two instants, of which the first may be none.
func older(a, b int64) int64 {
	if a == 0 {
		return b
	}
	return min(a, b)
}
