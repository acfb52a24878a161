package plan

import (
	"context"
	"fmt"

	"capricornus/common/store"
)

// await finds, for each item of the page, which new runs of its operation its
// batch has to wait for: those that the windows of its dependencies mean, also
// by data, where the result of an earlier run is still there and would pass for
// the new one (domain.md §4: inside one rerun, children wait for the new runs
// of their parents). It depends on the operation's items alone.
func (c *creation) await(ctx context.Context, t *store.ViewTx, g *madeGraph) error {
	var parents []int64
	for n := range c.items {
		for _, l := range g.up[c.items[n].TaskID] {
			parents = append(parents, l.parent.id)
		}
	}
	if len(parents) == 0 {
		return nil
	}
	made, err := t.ItemsCreating(ctx, c.op.ID, distinct(parents))
	if err != nil || len(made) == 0 {
		return err
	}
	for n := range c.items {
		w := &c.works[n]
		if w.err != nil {
			continue
		}
		for _, l := range g.up[c.items[n].TaskID] {
			// Tasks that wait for each other's data in a circle would wait for ever.
			if l.followed() && g.circle[l.parent.id] != g.circle[l.child.id] {
				w.add(l, made)
			}
		}
		w.waits = distinct(w.waits)
	}
	return nil
}

// add adds the batches a link means, as far as the operation makes them.
func (w *making) add(l link, made map[store.ParentKey]bool) {
	for _, s := range window(l.window, w.slot, l.parent.cycle) {
		if key := (store.ParentKey{TaskID: l.parent.id, WorkNo: s.WorkNo}); made[key] {
			w.waits = append(w.waits, key)
		}
	}
}

// withWaits adds parents that a definition does not name, each once.
func withWaits(parents []store.NewParent, waits []store.ParentKey) []store.NewParent {
	known := make(map[store.ParentKey]bool, len(parents))
	for _, p := range parents {
		if !p.Last {
			known[store.ParentKey{TaskID: p.TaskID, WorkNo: p.WorkNo}] = true
		}
	}
	for _, key := range waits {
		if !known[key] {
			known[key] = true
			parents = append(parents, store.NewParent{TaskID: key.TaskID, WorkNo: key.WorkNo, State: store.DepUnmet})
		}
	}
	return parents
}

// tell says what became of an unfinished batch that was left alone.
func tell(told map[int64]int, id int64) string {
	n, waits := told[id]
	switch {
	case !waits:
		return "it was not waiting any more"
	case n == 0:
		return "it waits for its parents as before"
	}
	return fmt.Sprintf("it waits for %d more new runs of its parents", n)
}
