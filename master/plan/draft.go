package plan

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"capricornus/common/batch"
	"capricornus/common/macro"
	"capricornus/common/period"
	"capricornus/common/render"
	"capricornus/common/store"
	"capricornus/common/task"
)

// member is a task with the definition that a batch is made from.
type member struct {
	row     store.Task
	version int
	def     *task.Task
}

// kin is what a child must know of a parent task.
type kin struct {
	row   store.Task
	def   *task.Task
	cycle period.Cycle
}

// catalog knows the parents of a page of tasks.
type catalog struct {
	zone  *time.Location
	byKin map[string]*kin
	byID  map[int64]*kin

	stats      map[int64]store.TaskStat // of the tasks themselves; see memory.go
	capacities []store.Capacity
}

func newCatalog(zone *time.Location) *catalog {
	return &catalog{zone: zone, byKin: map[string]*kin{}, byID: map[int64]*kin{}}
}

func (c *catalog) add(tasks []store.Task, defs []*task.Task) error {
	for i, row := range tasks {
		def := defs[i]
		cycle, err := def.Cycle(c.zone)
		if err != nil {
			return fmt.Errorf("task %s: %w", row.Name, err)
		}
		k := &kin{row: row, def: def, cycle: cycle}
		c.byKin[row.Name], c.byID[row.ID] = k, k
	}
	return nil
}

// birth is why and as which run a batch is made.
type birth struct {
	origin      batch.Origin
	run         int
	operationID int64
	schedule    time.Time // its schedule time: the base time, or now for an execution
	now         time.Time
	detail      string
}

// maxPath is the longest expanded path the database keeps, in bytes.
const maxPath = 1500

// maxKey is the longest expanded third-party key the database keeps, in characters.
const maxKey = 200

// draft makes the rows of one batch, all but its id and what complete fills in
// from the database.
func (c *catalog) draft(m member, slot period.Slot, b birth) (store.NewBatch, error) {
	spec := &m.def.Spec
	cycle, err := m.def.Cycle(c.zone)
	if err != nil {
		return store.NewBatch{}, fmt.Errorf("task %s: %w", m.row.Name, err)
	}
	out := store.NewBatch{
		TaskID: m.row.ID, TaskVersion: m.version, ProjectID: m.row.ProjectID, Period: m.row.Period,
		WorkNo: slot.WorkNo, Type: b.run, Origin: b.origin, OperationID: b.operationID,
		Priority: spec.Priority, Memory: c.reserve(m),
		ScheduleTime: b.schedule.UnixMilli(), BizStart: slot.BizStart.UnixMilli(), BizEnd: slot.BizEnd.UnixMilli(),
		DependDeadline: deadline(cycle, slot, spec.Timeouts.Depend, b),
		OutputDeadline: deadline(cycle, slot, spec.Timeouts.Output, b),
		Detail:         b.detail,
	}
	if spec.Earliest.Set {
		out.EarliestAt = cycle.After(slot, spec.Earliest.Minutes).UnixMilli()
	}
	rendered, err := render.Expand(m.def, macro.Values{Slot: slot, Zone: c.zone, Run: b.run})
	if err != nil {
		return out, fmt.Errorf("task %s: %w", m.row.Name, err)
	}
	if err := paths(&out, rendered); err != nil {
		return out, fmt.Errorf("task %s: %w", m.row.Name, err)
	}
	if err := c.parents(&out, spec.Parents, slot); err != nil {
		return out, fmt.Errorf("task %s: %w", m.row.Name, err)
	}
	return out, nil
}

// deadline of a batch a person makes counts from its making when that is later
// than the base time, so that a re-run of last month does not alarm at birth
// (domain.md §2).
func deadline(cycle period.Cycle, slot period.Slot, o task.Offset, b birth) int64 {
	if !o.Set {
		return 0
	}
	if b.origin != batch.ByTimer && b.now.After(slot.Base) {
		return b.now.Add(time.Duration(o.Minutes) * time.Minute).UnixMilli()
	}
	return cycle.After(slot, o.Minutes).UnixMilli()
}

// paths takes the expanded paths and third-party keys over.
func paths(out *store.NewBatch, r render.Rendering) error {
	for _, p := range r.Inputs {
		out.Inputs = append(out.Inputs, store.NewPath{Path: p.Path, Ready: p.Ready})
	}
	for _, p := range r.Outputs {
		out.Outputs = append(out.Outputs, store.NewPath{Path: p.Path, Ready: p.Ready})
	}
	for _, p := range slices.Concat(r.Inputs, r.Outputs) {
		if len(p.Path) > maxPath {
			return fmt.Errorf("path %.100s… is %d bytes long; at most %d are kept", p.Path, len(p.Path), maxPath)
		}
	}
	for _, third := range r.ThirdParties {
		if n := utf8.RuneCountInString(third.Key); n > maxKey {
			return fmt.Errorf("third-party key %.100s… is %d characters long; at most %d are kept", third.Key, n, maxKey)
		}
		out.Thirds = append(out.Thirds, store.NewThird{Code: third.Code, Key: third.Key})
	}
	return nil
}

func (c *catalog) parents(out *store.NewBatch, parents []task.Parent, slot period.Slot) error {
	seen := map[store.ParentKey]bool{}
	for _, parent := range parents {
		k := c.byKin[parent.Task]
		if k == nil {
			return fmt.Errorf("its parent %s does not exist", parent.Task)
		}
		if parent.Last {
			out.Parents = append(out.Parents, store.NewParent{TaskID: k.row.ID, Last: true, State: store.DepUnmet})
			continue
		}
		for _, s := range window(parent.Window(), slot, k.cycle) {
			key := store.ParentKey{TaskID: k.row.ID, WorkNo: s.WorkNo}
			if seen[key] {
				continue
			}
			seen[key] = true
			state := store.DepUnmet
			if !k.def.Spec.Valid.Holds(s, c.zone) {
				state = store.DepNotApplicable
			}
			out.Parents = append(out.Parents, store.NewParent{TaskID: key.TaskID, WorkNo: key.WorkNo, State: state})
		}
	}
	return nil
}

// window lists the parent's slots that a dependency means (exactly.md 2).
func window(w task.Window, child period.Slot, parent period.Cycle) []period.Slot {
	if !w.Explicit {
		return period.Window(child, parent)
	}
	latest, ok := parent.Latest(child.BizEnd)
	if !ok {
		return nil
	}
	var out []period.Slot
	for n := w.From; n <= w.To; n++ {
		if s, ok := parent.Step(latest, n); ok {
			out = append(out, s)
		}
	}
	return out
}

// beforeBirth reports whether a parent's slot lies before the parent's first
// version: it is waited for only if a batch exists (exactly.md 3).
func (c *catalog) beforeBirth(p store.NewParent) bool {
	k := c.byID[p.TaskID]
	if k == nil || k.def.Spec.Valid.From != "" {
		return false
	}
	s, err := k.cycle.ByWorkNo(p.WorkNo)
	return err == nil && s.Base.UnixMilli() < k.row.CreatedAt
}
