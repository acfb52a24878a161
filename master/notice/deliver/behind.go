package deliver

import (
	"context"
	"slices"

	"capricornus/common/store"
)

// Bounds of the walk to those that wait for a batch.
const (
	behindMost = 1000  // batches that are walked to
	behindRows = 10000 // rows of one level
)

// readBehind counts, for messages about a batch that is in trouble itself, the
// batches that wait for it, directly or through others.
func (g *gathering) readBehind(ctx context.Context) error {
	g.behind = map[int64]int{}
	for _, m := range g.messages {
		in, alerts := g.incidents[m.IncidentID], g.alerts[m.ID]
		i := slices.IndexFunc(alerts, func(a store.ToldAlert) bool { return a.Task+"/"+a.WorkNo == in.Root })
		if _, counted := g.behind[in.ID]; counted || in.IncidentRoot.Kind != store.RootBatch || i < 0 {
			continue
		}
		n, err := waitBehind(ctx, g.t, store.ParentKey{TaskID: alerts[i].TaskID, WorkNo: alerts[i].WorkNo}, alerts[i].WorkID)
		if err != nil {
			return err
		}
		g.behind[in.ID] = n
	}
	return nil
}

// waitBehind walks from a batch to all that wait for it, level by level, up to a
// thousand.
func waitBehind(ctx context.Context, t *store.ViewTx, key store.ParentKey, id int64) (int, error) {
	seen := map[int64]bool{id: true}
	keys, ids := []store.ParentKey{key}, []int64{id}
	for len(ids) > 0 && len(seen) <= behindMost {
		children, err := t.WaitingChildren(ctx, keys, behindRows)
		if err != nil {
			return 0, err
		}
		readers, err := t.WaitingReaders(ctx, ids, behindRows)
		if err != nil {
			return 0, err
		}
		keys, ids = nil, nil
		for _, b := range slices.Concat(children, readers) {
			if !seen[b.ID] {
				seen[b.ID] = true
				keys, ids = append(keys, b.ParentKey), append(ids, b.ID)
			}
		}
	}
	return len(seen) - 1, nil
}
