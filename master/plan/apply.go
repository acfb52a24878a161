package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// KindColdStart is the kind of a cold start's plan and operation.
const KindColdStart = "coldstart"

// planLife is how long a plan can be applied.
const planLife = 15 * time.Minute

// Plan answers what a cold start would do, and remembers the question.
func (p *Planner) Plan(ctx context.Context, by store.Actor, source string, req wire.PlanRequest) (wire.Plan, error) {
	if err := check(&req); err != nil {
		return wire.Plan{}, err
	}
	now := time.Now()
	var items []Item
	err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
		items, err = p.coldStartItems(ctx, t, req, now)
		return err
	})
	if err != nil {
		return wire.Plan{}, err
	}
	seen, err := fingerprint(req, by.ID, items)
	if err != nil {
		return wire.Plan{}, err
	}
	text, err := json.Marshal(req)
	if err != nil {
		return wire.Plan{}, fmt.Errorf("encode request: %w", err)
	}
	ids, err := p.db.IDs(ctx, 2)
	if err != nil {
		return wire.Plan{}, err
	}
	row := store.Plan{ID: ids[0], Kind: req.Kind, Request: string(text), Fingerprint: seen, Author: by.ID, ExpiresAt: now.Add(planLife).UnixMilli()}
	err = p.db.Operate(ctx, by, func(t *store.OperateTx) error {
		if err := t.PutPlan(ctx, row); err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: ids[1], Action: "plan", Object: req.Kind + " " + req.Period, Source: source, Detail: string(text)})
	})
	if err != nil {
		return wire.Plan{}, err
	}
	return present(row, items), nil
}

func check(req *wire.PlanRequest) error {
	if req.Kind != KindColdStart {
		return fault.New(fault.Invalid, "plan kind %q is unknown", req.Kind).WithHint("write %s", KindColdStart)
	}
	if req.Mode == "" {
		req.Mode = ModeAll
	}
	if req.Mode != ModeAll && req.Mode != ModeMissing {
		return fault.New(fault.Invalid, "mode %q is unknown", req.Mode).WithHint("write all or missing")
	}
	if req.Project != "" && len(req.Tasks) > 0 {
		return fault.New(fault.Invalid, "a cold start names a project or a list of tasks, not both")
	}
	if req.From == "" || req.To == "" {
		return fault.New(fault.Invalid, "a cold start needs a range of work numbers").WithHint("for example from 20150518 to 20150521")
	}
	return nil
}

func present(row store.Plan, items []Item) wire.Plan {
	out := wire.Plan{ID: row.ID, Fingerprint: row.Fingerprint, Kind: row.Kind, ExpiresAt: row.ExpiresAt, Items: make([]wire.PlanItem, 0, len(items))}
	for i := range items {
		it := &items[i]
		view := wire.PlanItem{
			Task: it.Task, WorkNo: it.Slot.WorkNo, Run: it.Run, ScheduledAt: it.Slot.Base.UnixMilli(),
			BizStart: it.Slot.BizStart.UnixMilli(), BizEnd: it.Slot.BizEnd.UnixMilli(), Decision: it.Decision, Code: it.Code, Sentence: it.Sentence,
		}
		if it.Existing != nil {
			view.Existing = it.Existing.State.String() + "/" + it.Existing.Finish.String()
		}
		switch it.Decision {
		case Create:
			out.Counts.Create++
		case Skip:
			out.Counts.Skip++
		default:
			out.Counts.Block++
		}
		out.Items = append(out.Items, view)
	}
	return out
}

// Apply turns a plan into an operation: one transaction checks that the world
// is as the plan saw it and writes the operation with all its items. The
// batches follow in pages (Planner.Create).
func (p *Planner) Apply(ctx context.Context, by store.Actor, source string, planID int64, seen string) (store.Operation, error) {
	ids, err := p.db.IDs(ctx, 3)
	if err != nil {
		return store.Operation{}, err
	}
	var out store.Operation
	err = p.db.Operate(ctx, by, func(t *store.OperateTx) error {
		row, err := t.LockPlan(ctx, planID)
		if errors.Is(err, store.ErrNotFound) {
			return fault.New(fault.NotFound, "there is no plan %d", planID)
		}
		if err != nil {
			return err
		}
		req, items, err := p.current(ctx, t, row, by, seen)
		if err != nil {
			return err
		}
		op, rows := operation(ids[0], row, req, items)
		out = op
		if err := t.PutOperation(ctx, op, rows, planID); err != nil {
			return err
		}
		if err := p.tellUnfinished(ctx, t, ids[2], op, items); err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: ids[1], Action: "plan.apply", Object: fmt.Sprintf("operation %d", op.ID), Source: source, Detail: row.Request})
	})
	if err != nil {
		return store.Operation{}, err
	}
	p.notify.Operation()
	return out, nil
}

// current plans again and compares with what the caller saw.
func (p *Planner) current(ctx context.Context, t *store.OperateTx, row store.Plan, by store.Actor, seen string) (wire.PlanRequest, []Item, error) {
	var req wire.PlanRequest
	if err := json.Unmarshal([]byte(row.Request), &req); err != nil {
		return req, nil, fmt.Errorf("plan %d: %w", row.ID, err)
	}
	if err := applicable(t, row, by); err != nil {
		return req, nil, err
	}
	items, err := p.coldStartItems(ctx, &t.ViewTx, req, time.UnixMilli(t.Now()))
	if err != nil {
		return req, nil, err
	}
	now, err := fingerprint(req, by.ID, items)
	if err != nil {
		return req, nil, err
	}
	if now != seen || seen != row.Fingerprint {
		return req, nil, fault.New(fault.PlanStale, "the world has changed since plan %d was made: its batches would be decided otherwise now", row.ID).
			WithHint("plan again and look at the difference")
	}
	return req, items, nil
}

// applicable refuses a plan that was applied, is too old, or somebody else's.
func applicable(t *store.OperateTx, row store.Plan, by store.Actor) error {
	if row.OperationID != 0 {
		return fault.New(fault.PlanStale, "plan %d has been applied already, as operation %d", row.ID, row.OperationID).WithHint("plan again")
	}
	if t.Now() > row.ExpiresAt {
		return fault.New(fault.PlanStale, "plan %d is older than %s", row.ID, planLife).WithHint("plan again")
	}
	if row.Author != by.ID {
		return fault.New(fault.Forbidden, "plan %d is %s's", row.ID, row.Author).WithHint("plan it yourself")
	}
	return nil
}

func operation(id int64, row store.Plan, req wire.PlanRequest, items []Item) (store.Operation, []store.OperationItem) {
	op := store.Operation{ID: id, Kind: row.Kind, State: store.OperationCreating, Author: row.Author, Reason: req.Reason, Request: row.Request}
	rows := make([]store.OperationItem, 0, len(items))
	for n := range items {
		it := &items[n]
		r := store.OperationItem{N: n, TaskID: it.TaskID, TaskVersion: it.Version, WorkNo: it.Slot.WorkNo, Decision: it.Decision, Code: it.Code}
		if it.Existing != nil {
			r.ExistingID = it.Existing.ID
		}
		if it.Decision == Create {
			op.Total++
		}
		rows = append(rows, r)
	}
	return op, rows
}

// tellUnfinished mails administrators what a cold start left alone because an
// unfinished batch was there (seed A3-15).
func (p *Planner) tellUnfinished(ctx context.Context, t *store.OperateTx, alertID int64, op store.Operation, items []Item) error {
	n, first := 0, ""
	for i := range items {
		if items[i].Code == CodeUnfinished {
			n++
			if first == "" {
				first = items[i].Task + "/" + items[i].Slot.WorkNo
			}
		}
	}
	if n == 0 {
		return nil
	}
	return t.Raise(ctx, store.Alert{
		ID: alertID, Kind: "coldstart-unfinished", Object: fmt.Sprintf("operation %d", op.ID), Occurrence: "applied", Level: store.LevelNotice,
		Text: fmt.Sprintf("cold start %d left %d batches alone because an unfinished one is there; the first is %s", op.ID, n, first),
	})
}
