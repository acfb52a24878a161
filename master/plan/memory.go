package plan

import (
	"context"
	"encoding/json"

	"capricornus/common/store"
	"capricornus/common/task"
)

// memory reads what was learned about the memory of these tasks and, when any
// of it exceeds what is declared, how large the workers are.
func (c *catalog) memory(ctx context.Context, t *store.ViewTx, members []member) error {
	ids := make([]int64, len(members))
	for i, m := range members {
		ids[i] = m.row.ID
	}
	stats, err := t.TaskStats(ctx, ids)
	if err != nil {
		return err
	}
	c.stats = stats
	for _, m := range members {
		if stats[m.row.ID].PeakMemory > int64(m.def.Spec.Workers.Memory) {
			c.capacities, err = t.Capacities(ctx)
			return err
		}
	}
	return nil
}

// reserve is the memory that a batch of a task is to have reserved.
func (c *catalog) reserve(m member) int64 {
	need := &m.def.Spec.Workers
	return reserved(int64(need.Memory), c.stats[m.row.ID].PeakMemory, largestWorker(c.capacities, need))
}

// reserved is the larger of declared and learned memory (domain.md §6.7); but
// what was learned never exceeds the largest worker that the task may run on,
// so that learning makes no task unplaceable. Without such a worker, what is
// declared counts.
func reserved(declared, learned, largest int64) int64 {
	return max(declared, min(learned, largest))
}

// largestWorker is the memory of the largest worker a task may run on, 0 for none.
func largestWorker(all []store.Capacity, need *task.Workers) int64 {
	var largest int64
	for _, c := range all {
		if c.Group == need.Group && carries(c.Labels, need.Labels) {
			largest = max(largest, c.Memory)
		}
	}
	return largest
}

// carries reports whether a worker's labels, a JSON object, hold those wanted.
func carries(labels string, want map[string]string) bool {
	have := map[string]string{}
	if err := json.Unmarshal([]byte(labels), &have); err != nil && labels != "" {
		return false // place cannot read them either
	}
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return true
}
