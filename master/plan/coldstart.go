package plan

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
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
	CodeUnfinished  = store.ItemUnfinished
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
	Warnings []string        // each a code and a sentence
	Expected int64           // milliseconds it usually takes, 0: unknown
}

// Decide says what becomes of one slot of a task in a cold start. It is pure.
func Decide(excluded, enabled, valid bool, existing *store.Existing, mode string) (decision, code string, run int) {
	switch {
	case excluded:
		return Skip, CodeExcluded, 0
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
	w, err := p.worldOf(ctx, t)
	if err != nil {
		return nil, err
	}
	rows, err := w.coldStartTasks(req)
	if err != nil {
		return nil, err
	}
	excluded, err := w.exclusionOf(req.Exclude)
	if err != nil {
		return nil, err
	}
	asked := span{from: req.From, to: req.To, now: now, limit: limit}
	var items []*Item
	for _, row := range rows {
		n := w.graph.nodes[row.ID]
		slots, err := asked.slots(n.cycle, len(items))
		if err != nil {
			return nil, err
		}
		for _, slot := range slots {
			items = append(items, newItem(n, slot, 0))
		}
	}
	if err := findExisting(ctx, t, items); err != nil {
		return nil, err
	}
	for _, it := range items {
		valid := w.graph.nodes[it.TaskID].def.Spec.Valid.Holds(it.Slot, w.zone)
		it.Decision, it.Code, it.Run = Decide(excluded.has(it), w.rows[it.TaskID].IsEnabled, valid, it.Existing, req.Mode)
		it.Sentence = sentence(it)
	}
	w.graph.orderOf(tasksOf(items)).sort(items)
	if err := w.remark(ctx, t, items); err != nil {
		return nil, err
	}
	return values(items), nil
}

func sentence(it *Item) string {
	switch it.Code {
	case CodeExcluded:
		return "left out, as you asked"
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

// coldStartTasks finds the tasks a cold start means: all enabled ones of the
// period, those of a project, or a list of names.
func (w *world) coldStartTasks(req wire.PlanRequest) ([]*store.Task, error) {
	kind, err := period.ParseKind(req.Period)
	if err != nil {
		return nil, fault.New(fault.Invalid, "period %q: %v", req.Period, err)
	}
	if kind == period.Manual {
		return nil, fault.New(fault.Invalid, "manual tasks have no slots to cold-start").WithHint("capri task run TASK makes a batch")
	}
	if len(req.Tasks) > 0 {
		return w.named(req.Tasks, kind)
	}
	if req.Project != "" && !w.projects[req.Project] {
		return nil, fault.New(fault.NotFound, "there is no project %q", req.Project)
	}
	var out []*store.Task
	for i := range w.all {
		row := &w.all[i]
		if row.IsEnabled && row.Period == int(kind) && (req.Project == "" || row.Project == req.Project) {
			out = append(out, row)
		}
	}
	return out, nil
}

func (w *world) named(names []string, kind period.Kind) ([]*store.Task, error) {
	var out []*store.Task
	for _, name := range distinct(names) {
		row := w.names[name]
		if row == nil {
			return nil, UnknownTask(name)
		}
		if row.Period != int(kind) {
			return nil, fault.New(fault.Invalid, "task %s is a %s task, the cold start is of %s tasks", name, period.Kind(row.Period), kind).
				WithHint("cold-start one period at a time")
		}
		out = append(out, row)
	}
	return out, nil
}
