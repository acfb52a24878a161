package plan

import (
	"strings"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
)

// exclusion is what a request leaves out: whole tasks, and single batches.
type exclusion struct {
	tasks   map[string]bool
	batches map[store.ParentKey]bool
}

// has reports whether an item is left out.
func (e exclusion) has(it *Item) bool { return e.tasks[it.Task] || e.batches[it.key()] }

// exclusionOf reads names of tasks, and batches as TASK/WORKNO. What the plan
// would not have anyhow may be named, so that a request stays good when one
// exclusion makes another idle; what cannot be a batch is refused.
func (w *world) exclusionOf(names []string) (exclusion, error) {
	e := exclusion{tasks: map[string]bool{}, batches: map[store.ParentKey]bool{}}
	for _, name := range names {
		if strings.Contains(name, "/") {
			key, err := w.excludedBatch(name)
			if err != nil {
				return e, err
			}
			e.batches[key] = true
			continue
		}
		if w.names[name] == nil {
			return e, UnknownTask(name)
		}
		e.tasks[name] = true
	}
	return e, nil
}

// excludedBatch reads one TASK/WORKNO; a run cannot be left out, as a plan makes
// the next one.
func (w *world) excludedBatch(text string) (store.ParentKey, error) {
	refuse := func(format string, args ...any) *fault.Error {
		return fault.New(fault.Invalid, "%q cannot be left out: "+format, append([]any{text}, args...)...)
	}
	ref, err := batch.ParseRef(text)
	if err != nil {
		return store.ParentKey{}, refuse("it is not a batch").WithHint("write a task, or TASK/WORKNO, for example dwd_access_d/20150518")
	}
	row := w.names[ref.Task]
	if row == nil {
		return store.ParentKey{}, refuse("there is no task %q", ref.Task).WithHint("capri task list shows the tasks")
	}
	if ref.Run != batch.AnyRun {
		return store.ParentKey{}, refuse("a plan makes the next run of a work number, whichever that is").WithHint("write %s/%s", ref.Task, ref.WorkNo)
	}
	cycle := w.graph.nodes[row.ID].cycle
	if cycle.Kind() == period.Manual {
		return store.ParentKey{}, refuse("%s is a manual task, of which no plan makes batches", ref.Task)
	}
	slots, err := cycle.Range(ref.WorkNo, ref.WorkNo, 1)
	if err != nil {
		return store.ParentKey{}, refuse("%v", err)
	}
	if len(slots) == 0 {
		return store.ParentKey{}, refuse("%s does not fire then", ref.Task)
	}
	return store.ParentKey{TaskID: row.ID, WorkNo: ref.WorkNo}, nil
}
