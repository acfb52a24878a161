package plan

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// commandOf reads the command in a request.
func commandOf(req wire.PlanRequest, by string) (Command, error) {
	result, err := ParseResult(req.Kind, req.Result)
	return Command{Kind: req.Kind, Result: result, Until: req.Until, Reason: req.Reason, By: by}, err
}

// checkCommand refuses bulk commands that make no sense.
func checkCommand(req *wire.PlanRequest) error {
	c, err := commandOf(*req, "")
	if err != nil {
		return err
	}
	if err := c.check(0); err != nil {
		return err
	}
	if req.Mode != "" || req.Cascade != "" || len(req.Exclude) > 0 {
		return fault.New(fault.Invalid, "mode, cascade and exclude are for reruns and cold starts, not for a %s", req.Kind)
	}
	chosen := len(req.Tasks) > 0 || req.Project != "" || req.Operation != 0 || req.Host != "" || req.State != ""
	if len(req.Refs) > 0 {
		if chosen || req.From+req.To+req.Period != "" {
			return fault.New(fault.Invalid, "a %s names its batches, or chooses them by tasks, project and so on, not both", req.Kind)
		}
		return checkRefs(req.Refs)
	}
	if !chosen {
		return fault.New(fault.Invalid, "a %s must say of which batches", req.Kind).
			WithHint("name batches, or choose them by tasks, project, operation, host or state")
	}
	if req.From+req.To != "" && req.Period == "" && len(req.Tasks) == 0 {
		return fault.New(fault.Invalid, "work numbers are those of a period").WithHint("name tasks of one period, or give the period")
	}
	return checkStates(req)
}

func checkRefs(refs []string) error {
	for _, text := range refs {
		if _, err := batch.ParseRef(text); err != nil {
			return fault.Wrap(fault.Invalid, err, "%s", err)
		}
	}
	return nil
}

// checkStates refuses to look for what a command does nothing to, and to look
// through everything that has ever ended.
func checkStates(req *wire.PlanRequest) error {
	f := store.TargetFilter{}
	if err := filterState(&f, req.State); err != nil {
		return err
	}
	ended := f.State != nil && *f.State == batch.Done || f.Finish != nil && f.Finish.Ended()
	if req.Kind != KindMark && ended {
		return fault.New(fault.Invalid, "state %s: a %s is of unfinished batches", req.State, req.Kind)
	}
	narrow := len(req.Tasks) > 0 || req.Operation != 0 || req.Host != "" || req.State != "" && req.State != batch.Done.String()
	if req.Kind == KindMark && !narrow {
		return fault.New(fault.Invalid, "a mark of so many batches is not meant").
			WithHint("choose them by tasks, by an operation, or by a state such as failed")
	}
	return nil
}

// filterState reads a state or a result into the filter.
func filterState(f *store.TargetFilter, text string) error {
	if text == "" {
		return nil
	}
	for s := batch.Waiting; s <= batch.Done; s++ {
		if s.String() == text {
			f.State = &s
			return nil
		}
	}
	for r := batch.Success; r <= batch.Lost; r++ {
		if r.String() == text {
			f.Finish = &r
			return nil
		}
	}
	return fault.New(fault.Invalid, "state %q is unknown", text).WithHint("write waiting, assigned, running, done, or a result such as failed")
}

// commandItems decides about every batch a bulk command means. A batch that
// the caller may not change is listed as blocked, never left out.
func (p *Planner) commandItems(ctx context.Context, t *store.ViewTx, by Caller, req wire.PlanRequest) (planned, error) {
	c, err := commandOf(req, by.ID)
	if err != nil {
		return planned{}, err
	}
	if err := c.check(t.Now()); err != nil {
		return planned{}, err
	}
	limit, err := planLimit(ctx, t)
	if err != nil {
		return planned{}, err
	}
	found, err := p.chosen(ctx, t, req, limit)
	if err != nil {
		return planned{}, err
	}
	if len(found) > limit {
		return planned{}, fault.New(fault.TooLarge, "the %s is of more than %d batches", req.Kind, limit).
			WithHint("choose fewer; setting %s is the limit", store.SettingPlanLimit)
	}
	return ruled(ctx, t, by, c, found)
}

// ruled makes the items of a plan, by task, work number and run.
func ruled(ctx context.Context, t *store.ViewTx, by Caller, c Command, found []store.Target) (planned, error) {
	ids, tasks := make([]int64, len(found)), make([]int64, len(found))
	for i := range found {
		ids[i], tasks[i] = found[i].ID, found[i].TaskID
	}
	rights, err := t.TaskRights(ctx, tasks)
	if err != nil {
		return planned{}, err
	}
	held, err := holdsByBatch(ctx, t, c.Kind, ids)
	if err != nil {
		return planned{}, err
	}
	out := planned{items: make([]Item, len(found))}
	running := 0
	for i := range found {
		b, r := &found[i], rights[found[i].TaskID]
		ruling := Rule(c, &b.Work, held[b.ID])
		if !by.may(r.Owner, r.Department, r.ProjectID) {
			ruling = Ruling{Block, CodeNoPermission, fmt.Sprintf("is of %s's task in project %s: ask %s, or somebody on duty", r.Owner, r.Project, r.Owner)}
		}
		if ruling.Decision == Change && b.State == batch.Running {
			running++
		}
		out.items[i] = item(b, r.Name, ruling)
	}
	slices.SortFunc(out.items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Task, b.Task), cmp.Compare(a.Slot.WorkNo, b.Slot.WorkNo), cmp.Compare(a.Run, b.Run))
	})
	out.warnings = warnings(c, running)
	return out, nil
}

func item(b *store.Target, task string, r Ruling) Item {
	return Item{
		Task: task, TaskID: b.TaskID, Version: b.TaskVersion, Run: b.Type, Decision: r.Decision, Code: r.Code, Sentence: r.Sentence,
		Slot: period.Slot{
			WorkNo: b.WorkNo, Base: time.UnixMilli(b.ScheduleTime), BizStart: time.UnixMilli(b.BizStart), BizEnd: time.UnixMilli(b.BizEnd),
		},
		Existing: &store.Existing{ParentKey: store.ParentKey{TaskID: b.TaskID, WorkNo: b.WorkNo}, ID: b.ID, Type: b.Type, State: b.State, Finish: b.Finish},
	}
}

// warnings says what is not seen from single items.
func warnings(c Command, running int) []string {
	switch {
	case running == 0:
		return nil
	case c.Kind == KindKill:
		return []string{fmt.Sprintf("%d of them are running: their scripts are ended", running)}
	case c.Kind == KindHold:
		return []string{fmt.Sprintf("%d of them are running and go on: the hold takes effect when they are retried", running)}
	}
	return nil
}

// holdsByBatch reads what holds batches themselves, for the commands that ask.
func holdsByBatch(ctx context.Context, t *store.ViewTx, kind string, ids []int64) (map[int64][]store.Hold, error) {
	if kind != KindHold && kind != KindRelease {
		return nil, nil
	}
	holds, err := t.HoldsOf(ctx, store.HoldBatch, ids)
	out := make(map[int64][]store.Hold, len(holds))
	for _, h := range holds {
		out[h.ObjectID] = append(out[h.ObjectID], h)
	}
	return out, err
}

// runCommandPage does the next page of a bulk command; it returns how many
// batches it has changed. A batch that has changed since the plan is not
// touched, and its item says why. After the last page the operation is done.
func (p *Planner) runCommandPage(ctx context.Context, lead *store.Lead, op store.Operation) (int, error) {
	page, err := p.commandPage(ctx, op)
	if err != nil {
		return 0, err
	}
	var e effect
	err = lead.Tx(ctx, DutyCreate, func(t *store.LeaderTx) error {
		e = page.effect
		e.now = t.Now()
		now, err := t.LockOperation(ctx, op.ID)
		if err != nil || now.State != store.OperationCreating {
			return err // cancelled in this moment
		}
		if len(page.items) == 0 {
			_, err := t.SetOperation(ctx, op.ID, store.OperationCreating, store.OperationDone)
			return err
		}
		return page.do(ctx, t, &e)
	})
	if err != nil {
		return 0, err
	}
	e.tell(p.notify)
	return len(e.changes) + len(e.holds) + len(e.releases), nil
}

// commandPage is the next page of a bulk command.
type commandPage struct {
	op     store.Operation
	items  []store.OperationItem
	effect effect // empty as yet
}

func (p *Planner) commandPage(ctx context.Context, op store.Operation) (*commandPage, error) {
	var req wire.PlanRequest
	if err := json.Unmarshal([]byte(op.Request), &req); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	c, err := commandOf(req, op.Author)
	if err != nil {
		return nil, err
	}
	page := &commandPage{op: op, effect: effect{command: c, detail: fmt.Sprintf("operation %d: %s", op.ID, c.Reason)}}
	err = p.db.View(ctx, func(t *store.ViewTx) (err error) {
		page.items, err = t.ItemsToChange(ctx, op.ID, itemPage)
		return err
	})
	if err != nil || len(page.items) == 0 || c.Kind != KindHold {
		return page, err
	}
	page.effect.ids, err = p.db.IDs(ctx, len(page.items))
	return page, err
}

// do changes the batches of a page as they are now, under lock.
func (p *commandPage) do(ctx context.Context, t *store.LeaderTx, e *effect) error {
	ids := make([]int64, len(p.items))
	for i := range p.items {
		ids[i] = p.items[i].ExistingID
	}
	works, err := t.Lock(ctx, ids)
	if err != nil {
		return err
	}
	held, err := holdsByBatch(ctx, &t.ViewTx, e.command.Kind, ids)
	if err != nil {
		return err
	}
	items := slices.Clone(p.items)
	for i := range items {
		it := &items[i]
		w := works[it.ExistingID]
		if w == nil {
			it.Decision, it.Result = Fail, "the batch is gone"
			continue
		}
		ruling := Rule(e.command, w, held[w.ID])
		if ruling.Code != it.Code {
			it.Decision, it.Result = Fail, "left alone: by now it "+ruling.Sentence
			continue
		}
		e.add(w)
		it.BatchID, it.Result = w.ID, outcome(e.command, ruling, w)
	}
	if err := e.write(ctx, t, func(ctx context.Context, changes []store.Change) error { return t.Move(ctx, batch.Operator, changes) }); err != nil {
		return err
	}
	return t.ItemsMade(ctx, p.op.ID, items)
}
