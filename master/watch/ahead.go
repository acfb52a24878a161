package watch

import (
	"context"
	"time"

	"capricornus/common/period"
	"capricornus/common/store"
)

// Cover counts the batches with a base time after from, up to and with to: how
// many there should be, how many are not there, and the names of a few of these.
func (w *Watch) Cover(ctx context.Context, from, to time.Time, few int) (Cover, []string, error) {
	h := &hunt{Watch: w, search: search{from: from, to: to, limit: slotsPerCall}}
	if err := h.run(ctx); err != nil {
		return Cover{}, nil, err
	}
	var sum Cover
	for _, c := range h.cover {
		sum.Expected += c.Expected
		sum.Missing += c.Missing
	}
	var names []string
	for _, a := range h.found[:min(few, len(h.found))] {
		names = append(names, a.name())
	}
	return sum, names, nil
}

// Ahead lists the base times after from, up to and with to, of every task that
// is to have batches then, whether they are there or not.
func (w *Watch) Ahead(ctx context.Context, from, to time.Time) (map[int64][]time.Time, error) {
	out := map[int64][]time.Time{}
	h := &hunt{Watch: w, search: search{from: from, to: to, limit: slotsPerCall}, instead: func(head *store.Task, slots []period.Slot) {
		for _, s := range slots {
			out[head.ID] = append(out[head.ID], s.Base)
		}
	}}
	return out, h.run(ctx)
}
