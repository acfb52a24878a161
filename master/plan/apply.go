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

// planLife is how long a plan can be applied.
const planLife = 15 * time.Minute

// Plan answers what a request would do, and remembers the question.
func (p *Planner) Plan(ctx context.Context, by Caller, req wire.PlanRequest) (wire.Plan, error) {
	if err := check(&req); err != nil {
		return wire.Plan{}, err
	}
	now := p.db.Now()
	var found planned
	err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
		found, err = p.planItems(ctx, t, by, req, now)
		return err
	})
	if err != nil {
		return wire.Plan{}, err
	}
	mark, err := fingerprint(req, by.ID, found.items)
	if err != nil {
		return wire.Plan{}, err
	}
	seen, err := pack(found.items)
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
	row := store.Plan{ID: ids[0], Kind: req.Kind, Request: string(text), Fingerprint: mark, Author: by.ID, ExpiresAt: now.Add(planLife).UnixMilli(), Seen: seen}
	err = p.db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		if err := t.PutPlan(ctx, row); err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: ids[1], Action: "plan", Object: req.Kind, Source: by.Source, Detail: string(text)})
	})
	if err != nil {
		return wire.Plan{}, err
	}
	out := present(row, found.items)
	out.Warnings = found.warnings
	return out, nil
}

func present(row store.Plan, items []Item) wire.Plan {
	out := wire.Plan{ID: row.ID, Fingerprint: row.Fingerprint, Kind: row.Kind, ExpiresAt: row.ExpiresAt, Items: make([]wire.PlanItem, 0, len(items))}
	for i := range items {
		it := &items[i]
		view := wire.PlanItem{
			Task: it.Task, WorkNo: it.Slot.WorkNo, Run: it.Run, ScheduledAt: it.Slot.Base.UnixMilli(),
			BizStart: it.Slot.BizStart.UnixMilli(), BizEnd: it.Slot.BizEnd.UnixMilli(), Decision: it.Decision, Code: it.Code, Sentence: it.Sentence,
			Level: it.Level, Via: it.Via, Warnings: it.Warnings, Expected: it.Expected,
		}
		if it.Existing != nil {
			view.Existing = it.Existing.State.String() + "/" + it.Existing.Finish.String()
		}
		switch it.Decision {
		case Create:
			out.Counts.Create++
		case Change:
			out.Counts.Change++
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
func (p *Planner) Apply(ctx context.Context, by Caller, planID int64, seen string) (store.Operation, error) {
	ids, err := p.db.IDs(ctx, 3)
	if err != nil {
		return store.Operation{}, err
	}
	var out store.Operation
	err = p.db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
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
		if op.Kind == KindColdStart {
			if err := p.tellUnfinished(ctx, t, ids[2], op, items); err != nil {
				return err
			}
		}
		return t.Audit(ctx, store.Audit{ID: ids[1], Action: "plan.apply", Object: fmt.Sprintf("operation %d", op.ID), Source: by.Source, Detail: row.Request})
	})
	if err != nil {
		return store.Operation{}, err
	}
	p.notify.Operation()
	return out, nil
}

// current plans again and compares with what the caller saw.
func (p *Planner) current(ctx context.Context, t *store.OperateTx, row store.Plan, by Caller, seen string) (wire.PlanRequest, []Item, error) {
	var req wire.PlanRequest
	if err := json.Unmarshal([]byte(row.Request), &req); err != nil {
		return req, nil, fmt.Errorf("plan %d: %w", row.ID, err)
	}
	if row.Author != by.ID {
		return req, nil, fault.New(fault.Forbidden, "plan %d is %s's", row.ID, row.Author).WithHint("plan it yourself")
	}
	found, err := p.planItems(ctx, &t.ViewTx, by, req, time.UnixMilli(t.Now()))
	if err != nil {
		return req, nil, impossible(row, err)
	}
	now, err := fingerprint(req, by.ID, found.items)
	if err != nil {
		return req, nil, err
	}
	stale := applicable(t, row)
	if stale == nil && (now != seen || seen != row.Fingerprint) {
		stale = fault.New(fault.PlanStale, "the world has changed since plan %d was made: its batches would be decided otherwise now", row.ID)
	}
	if stale != nil {
		stale.Difference = append(stale.Difference, difference(row.Seen, found.items)...)
		return req, nil, stale.WithHint("plan again")
	}
	return req, found.items, nil
}

// impossible is the staleness of a plan whose request is refused by now: a task
// is gone, say. A right that was taken away stays what it is.
func impossible(row store.Plan, err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code == fault.Forbidden {
		return err
	}
	stale := fault.Wrap(fault.PlanStale, err, "the world has changed since plan %d was made: it cannot be planned any more", row.ID).WithHint("plan again")
	stale.Difference = []string{f.Message}
	return stale
}

// applicable refuses a plan that was applied, or is too old.
func applicable(t *store.OperateTx, row store.Plan) *fault.Error {
	if row.OperationID != 0 {
		stale := fault.New(fault.PlanStale, "plan %d has been applied already, as operation %d", row.ID, row.OperationID)
		stale.Difference = []string{fmt.Sprintf("plan %d: not applied → operation %d", row.ID, row.OperationID)}
		return stale
	}
	if t.Now() > row.ExpiresAt {
		return fault.New(fault.PlanStale, "plan %d is older than %s", row.ID, planLife)
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
		if it.Decision == Create || it.Decision == Change {
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
