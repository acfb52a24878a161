package plan

import (
	"context"
	"errors"
	"time"

	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
)

// world is what a plan must know of all tasks.
type world struct {
	zone        *time.Location
	all         []store.Task
	rows        map[int64]*store.Task
	names       map[string]*store.Task
	graph       *graph
	projects    map[string]bool
	departments map[int64]int64 // by project
}

// worldOf reads all tasks with their graph, and the projects.
func (p *Planner) worldOf(ctx context.Context, t *store.ViewTx) (*world, error) {
	all, err := everyTask(ctx, t)
	if err != nil {
		return nil, err
	}
	g, err := p.graphOf(ctx, t, all)
	if err != nil {
		return nil, err
	}
	projects, err := t.Projects(ctx)
	if err != nil {
		return nil, err
	}
	w := &world{
		zone: p.zone, all: all, graph: g, rows: make(map[int64]*store.Task, len(all)), names: make(map[string]*store.Task, len(all)),
		projects: map[string]bool{}, departments: map[int64]int64{},
	}
	for i := range all {
		w.rows[all[i].ID], w.names[all[i].Name] = &all[i], &all[i]
	}
	for _, project := range projects {
		w.projects[project.Name], w.departments[project.ID] = true, project.Department
	}
	return w, nil
}

// span is the range of a request, both ends included.
type span struct {
	from, to string
	now      time.Time
	limit    int // of the whole plan
}

// slots lists the slots of a cycle in the range. One that ends later than now
// is refused, and one with more slots than a plan with used batches has room for.
func (s span) slots(c period.Cycle, used int) ([]period.Slot, error) {
	invalid := func(err error) error {
		return fault.New(fault.Invalid, "range %s..%s: %v", s.from, s.to, err)
	}
	last, err := c.ByWorkNo(s.to)
	if err != nil {
		return nil, invalid(err)
	}
	if last.Base.After(s.now) {
		return nil, fault.New(fault.Invalid, "range %s..%s ends in the future: %s begins at %s", s.from, s.to,
			last.WorkNo, last.Base.Format(time.RFC3339)).WithHint("the latest end is %s", latest(c, s.now))
	}
	slots, err := c.Range(s.from, s.to, s.limit-used)
	if errors.Is(err, period.ErrTooMany) {
		return nil, tooLarge(s.limit)
	}
	if err != nil {
		return nil, invalid(err)
	}
	return slots, nil
}

// latest is the newest work number whose time has come.
func latest(c period.Cycle, now time.Time) string {
	s, ok := c.Latest(now)
	if ok && s.Base.After(now) {
		s, ok = c.Step(s, -1)
	}
	if !ok {
		return "now"
	}
	return s.WorkNo
}
