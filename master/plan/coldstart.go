package plan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// Decisions about one batch of a plan.
const (
	Create = "create"
	Skip   = "skip"
	Block  = "block"
	Change = "change" // a command does something to a batch that is there
)

// Reason codes of decisions (console.md §1.8). Codes of new runs carry their
// number: CREATE_GEN_2.
const (
	CodeNew         = "CREATE_NEW"
	CodeUnfinished  = "SKIP_UNFINISHED"
	CodeExists      = "SKIP_EXISTS"
	CodeDisabled    = "SKIP_DISABLED"
	CodeNotValid    = "SKIP_BEFORE_VALID"
	CodeFuture      = "SKIP_FUTURE"
	createGenPrefix = "CREATE_GEN_"
)

// Modes of a cold start.
const (
	ModeAll     = "all"
	ModeMissing = "missing"
)

// Item is one batch of a plan with its decision.
type Item struct {
	Task     string
	TaskID   int64
	Version  int
	Slot     period.Slot
	Run      int
	Decision string
	Code     string
	Sentence string
	Existing *store.Existing // the run that counts so far
	Level    int             // of the cascade, 0 for what was asked for
	Via      []string        // by which dependencies the cascade came
	Warnings []string        // codes
	Expected int64           // milliseconds it usually takes, 0: unknown
}

// target is a task that a plan asks about, in the order parents first.
type target struct {
	member
	cycle period.Cycle
}

// Decide says what becomes of one slot of a task in a cold start. It is pure.
func Decide(enabled bool, valid bool, existing *store.Existing, mode string) (decision, code string, run int) {
	switch {
	case !enabled:
		return Skip, CodeDisabled, 0
	case !valid:
		return Skip, CodeNotValid, 0
	case existing == nil:
		return Create, CodeNew, 0
	case existing.State != batch.Done:
		return Skip, CodeUnfinished, existing.Type
	case mode == ModeMissing:
		return Skip, CodeExists, existing.Type
	}
	return Create, fmt.Sprintf("%s%d", createGenPrefix, existing.Type+1), existing.Type + 1
}

// coldStartItems lists every batch a cold start asks about, parents first,
// then in the order of time.
func (p *Planner) coldStartItems(ctx context.Context, t *store.ViewTx, req wire.PlanRequest, now time.Time) ([]Item, error) {
	limit, err := planLimit(ctx, t)
	if err != nil {
		return nil, err
	}
	targets, err := p.targets(ctx, t, req)
	if err != nil {
		return nil, err
	}
	var items []Item
	for _, target := range targets {
		slots, err := target.cycle.Range(req.From, req.To, limit+1)
		if err != nil {
			return nil, fault.New(fault.Invalid, "range %s..%s: %v", req.From, req.To, err)
		}
		if len(slots) > 0 && slots[len(slots)-1].Base.After(now) {
			return nil, fault.New(fault.Invalid, "range %s..%s ends in the future: %s begins at %s", req.From, req.To,
				slots[len(slots)-1].WorkNo, slots[len(slots)-1].Base.Format(time.RFC3339)).WithHint("the latest end is %s", latest(target.cycle, now))
		}
		for _, slot := range slots {
			items = append(items, Item{Task: target.row.Name, TaskID: target.row.ID, Version: target.version, Slot: slot})
		}
		if len(items) > limit {
			return nil, fault.New(fault.TooLarge, "the plan has more than %d batches", limit).WithHint("cut the range or the list of tasks; setting %s is the limit", store.SettingPlanLimit)
		}
	}
	return items, p.decide(ctx, t, items, targets, req.Mode)
}

func latest(c period.Cycle, now time.Time) string {
	slots := c.Due(now.AddDate(0, -2, 0), now, 2000)
	if len(slots) == 0 {
		return "now"
	}
	return slots[len(slots)-1].WorkNo
}

func (p *Planner) decide(ctx context.Context, t *store.ViewTx, items []Item, targets []target, mode string) error {
	keys := make([]store.ParentKey, len(items))
	for i := range items {
		keys[i] = store.ParentKey{TaskID: items[i].TaskID, WorkNo: items[i].Slot.WorkNo}
	}
	exists, err := t.Existing(ctx, keys)
	if err != nil {
		return err
	}
	byID := make(map[int64]target, len(targets))
	for _, g := range targets {
		byID[g.row.ID] = g
	}
	for i := range items {
		it := &items[i]
		g := byID[it.TaskID]
		if have, there := exists[keys[i]]; there {
			it.Existing = &have
		}
		it.Decision, it.Code, it.Run = Decide(g.row.IsEnabled, g.def.Spec.Valid.Holds(it.Slot, p.zone), it.Existing, mode)
		it.Sentence = sentence(it)
	}
	return nil
}

func sentence(it *Item) string {
	switch it.Code {
	case CodeNew:
		return "no batch yet"
	case CodeUnfinished:
		return fmt.Sprintf("run %d is still %s", it.Existing.Type, it.Existing.State)
	case CodeExists:
		return fmt.Sprintf("run %d is there (%s)", it.Existing.Type, it.Existing.Finish)
	case CodeDisabled:
		return "the task is disabled"
	case CodeNotValid:
		return "outside the task's validity"
	}
	return fmt.Sprintf("run %d over run %d (%s)", it.Run, it.Existing.Type, it.Existing.Finish)
}

// targets reads the tasks a cold start means, in the order parents first: all
// enabled ones of the period, those of a project, or a list of names.
func (p *Planner) targets(ctx context.Context, t *store.ViewTx, req wire.PlanRequest) ([]target, error) {
	kind, err := period.ParseKind(req.Period)
	if err != nil {
		return nil, fault.New(fault.Invalid, "period %q: %v", req.Period, err)
	}
	if kind == period.Manual {
		return nil, fault.New(fault.Invalid, "manual tasks have no slots to cold-start").WithHint("capri task run TASK makes a batch")
	}
	rows, err := p.rowsOf(ctx, t, req, kind)
	if err != nil {
		return nil, err
	}
	defs := make([]*task.Task, 0, len(rows))
	byName := make(map[string]target, len(rows))
	found, err := definitionsOf(ctx, t, p.defs, rows)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		def := found[i]
		cycle, err := def.Cycle(p.zone)
		if err != nil {
			return nil, fmt.Errorf("task %s: %w", row.Name, err)
		}
		defs = append(defs, def)
		byName[row.Name] = target{member: member{row: row, version: row.Version, def: def}, cycle: cycle}
	}
	names, _ := task.Order(defs)
	out := make([]target, 0, len(names))
	for _, n := range names {
		if g, ok := byName[n]; ok {
			out = append(out, g)
		}
	}
	return out, nil
}

func (p *Planner) rowsOf(ctx context.Context, t *store.ViewTx, req wire.PlanRequest, kind period.Kind) ([]store.Task, error) {
	if len(req.Tasks) > 0 {
		return namedRows(ctx, t, req, kind)
	}
	var out []store.Task
	var after int64
	found := req.Project == ""
	for {
		page, err := t.HeadsOfPeriod(ctx, int(kind), after, taskPage)
		if err != nil {
			return nil, err
		}
		for _, row := range page {
			if req.Project == "" || row.Project == req.Project {
				found = true
				if row.IsEnabled {
					out = append(out, row)
				}
			}
		}
		if len(page) < taskPage {
			break
		}
		after = page[len(page)-1].ID
	}
	if !found {
		if err := knownProject(ctx, t, req.Project); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func knownProject(ctx context.Context, t *store.ViewTx, name string) error {
	projects, err := t.Projects(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(projects, func(p store.Project) bool { return p.Name == name }) {
		return fault.New(fault.NotFound, "there is no project %q", name)
	}
	return nil
}

func namedRows(ctx context.Context, t *store.ViewTx, req wire.PlanRequest, kind period.Kind) ([]store.Task, error) {
	rows, err := t.HeadsByName(ctx, req.Tasks)
	if err != nil {
		return nil, err
	}
	for _, name := range req.Tasks {
		i := slices.IndexFunc(rows, func(r store.Task) bool { return r.Name == name })
		if i < 0 {
			return nil, UnknownTask(name)
		}
		if rows[i].Period != int(kind) {
			return nil, fault.New(fault.Invalid, "task %s is a %s task, the cold start is of %s tasks", name, period.Kind(rows[i].Period), kind).
				WithHint("cold-start one period at a time")
		}
	}
	return rows, nil
}
