package storetest

import (
	"fmt"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// judgeOperations: an operation counts what it made or changed, and says it is complete only then.
func judgeOperations(p *picture, v *verdict) {
	for _, o := range p.operations {
		object := fmt.Sprintf("operation %d", o.ID)
		made, open := 0, 0
		for _, i := range p.items[o.ID] {
			if i.BatchID == 0 {
				if i.Decision == "create" || i.Decision == "change" {
					open++
				}
				continue
			}
			made++
			own := func(w *work) bool { return w.OperationID == o.ID }
			if i.Decision == "change" {
				own = func(w *work) bool { return w.ID == i.ExistingID }
			}
			if w := p.byID[i.BatchID]; w != nil && (!own(w) || w.TaskID != i.TaskID || w.WorkNo != i.WorkNo) {
				v.add("I11", object, "item %d names batch %d, which is not its own", i.N, i.BatchID)
			}
		}
		if made != o.Created {
			v.add("I11", object, "counts %d batches made, its items name %d", o.Created, made)
		}
		if open > 0 && (o.State == store.OperationRunning || o.State == store.OperationDone) {
			v.add("I11", object, "is %s with %d items still to be made", o.State, open)
		}
	}
}

// judgeLimits: I13. A refused batch is assigned and reserves nothing.
func judgeLimits(p *picture, v *verdict) {
	type use struct {
		n      int
		memory int64
	}
	hosts, tasks := map[string]use{}, map[int64]int{}
	for i := range p.works {
		w := &p.works[i]
		if w.State != batch.Running && (w.State != batch.Assigned || w.RefusedAt != 0) {
			continue
		}
		hosts[w.Host] = use{hosts[w.Host].n + 1, hosts[w.Host].memory + w.Memory}
		tasks[w.TaskID]++
	}
	for _, h := range p.hosts {
		used := hosts[h.Host]
		if h.Slots > 0 && used.n > h.Slots {
			v.add("I13", "host "+h.Host, "holds %d batches in %d slots", used.n, h.Slots)
		}
		if h.Memory > 0 && used.memory > h.Memory {
			v.add("I13", "host "+h.Host, "has reserved %d bytes of %d", used.memory, h.Memory)
		}
	}
	for task, n := range tasks {
		if limit := p.limits[task]; limit > 0 && n > limit {
			v.add("I13", fmt.Sprintf("task %d", task), "has %d batches assigned or running, its limit is %d", n, limit)
		}
	}
}
