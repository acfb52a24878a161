package plan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/master/duty"
)

// DutyCreate is the name of the duty that makes the batches of operations.
const DutyCreate = "create"

// itemPage is how many batches of an operation one transaction makes.
const itemPage = 500

// CreateBatches makes the next page of batches of each operation, parents
// first, and closes operations whose batches have all ended. Until the last
// page is made none of them runs: they wait behind the gate "operation pending".
// Of cancelled operations it ends what waits.
func (p *Planner) CreateBatches(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	var creating, cancelling []store.Operation
	var ended []int64
	err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
		if creating, err = t.OperationsIn(ctx, store.OperationCreating, 1000); err != nil {
			return err
		}
		if cancelling, err = t.Cancelling(ctx, 1000); err != nil {
			return err
		}
		ended, err = t.EndedOperations(ctx)
		return err
	})
	if err != nil {
		return duty.Pass{}, err
	}
	pass := duty.Pass{More: len(creating)+len(cancelling) > 0}
	var failed []error
	for _, op := range cancelling {
		failed = append(failed, named(op.ID, p.takeBack(ctx, lead, op)))
	}
	for _, op := range nextOf(creating) {
		rows, err := p.nextPage(ctx, lead, op)
		pass.Rows += rows
		failed = append(failed, named(op.ID, err))
	}
	for _, id := range ended {
		failed = append(failed, named(id, p.close(ctx, lead, id)))
	}
	return pass, errors.Join(failed...)
}

func named(operation int64, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("operation %d: %w", operation, err)
}

// nextOf chooses what this pass goes on with: all commands, and the oldest
// operation that makes batches, as children of a later one must find their
// parents.
func nextOf(creating []store.Operation) []store.Operation {
	var out []store.Operation
	making := false
	for _, op := range creating {
		if makes(op.Kind) {
			if making {
				continue
			}
			making = true
		}
		out = append(out, op)
	}
	return out
}

// makes reports whether operations of a kind make batches; others change some.
func makes(kind string) bool { return kind == KindColdStart || kind == KindRerun }

func (p *Planner) nextPage(ctx context.Context, lead *store.Lead, op store.Operation) (int, error) {
	if !makes(op.Kind) {
		return p.runCommandPage(ctx, lead, op)
	}
	rows, err := p.createPage(ctx, lead, op)
	if errors.Is(err, store.ErrStale) {
		return rows, nil // cancelled in this moment; the next pass sees it
	}
	return rows, err
}

func (p *Planner) createPage(ctx context.Context, lead *store.Lead, op store.Operation) (int, error) {
	var items []store.OperationItem
	var tasks []store.Task
	err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
		if items, err = t.ItemsToMake(ctx, op.ID, itemPage); err != nil {
			return err
		}
		ids := make([]int64, 0, len(items))
		for _, i := range items {
			ids = append(ids, i.TaskID)
		}
		tasks, err = t.HeadsByID(ctx, ids)
		return err
	})
	if err != nil {
		return 0, err
	}
	if len(items) == 0 {
		return 0, p.release(ctx, lead, op)
	}
	c, err := p.prepare(ctx, op, items, tasks)
	if err != nil {
		return 0, err
	}
	for try := 1; ; try++ {
		made, err := p.writePage(ctx, lead, c)
		if !errors.Is(err, store.ErrExists) || try == duplicateTries {
			return made, err
		}
	}
}

// release lifts the gate after the last page.
func (p *Planner) release(ctx context.Context, lead *store.Lead, op store.Operation) error {
	err := lead.Tx(ctx, DutyCreate, func(t *store.LeaderTx) error {
		_, err := t.SetOperation(ctx, op.ID, store.OperationCreating, store.OperationRunning)
		return err
	})
	if err == nil {
		p.notify.Generated(nil)
	}
	return err
}

// close ends an operation all of whose batches have ended.
func (p *Planner) close(ctx context.Context, lead *store.Lead, id int64) error {
	return lead.Tx(ctx, DutyCreate, func(t *store.LeaderTx) error {
		_, err := t.SetOperation(ctx, id, store.OperationRunning, store.OperationDone)
		return err
	})
}

// creation is one page, drafted but for run numbers and what only the
// inserting transaction knows.
type creation struct {
	op     store.Operation
	items  []store.OperationItem
	drafts []store.NewBatch // at the index of their item; ID 0 where the draft failed
	cat    *catalog
}

func (p *Planner) prepare(ctx context.Context, op store.Operation, items []store.OperationItem, tasks []store.Task) (*creation, error) {
	rows := make(map[int64]store.Task, len(tasks))
	for _, t := range tasks {
		rows[t.ID] = t
	}
	keys := make([]store.VersionKey, 0, len(items))
	for _, i := range items {
		keys = append(keys, store.VersionKey{TaskID: i.TaskID, Version: i.TaskVersion})
	}
	defs, err := p.defs.Get(ctx, keys)
	if err != nil {
		return nil, err
	}
	members := make([]member, len(items))
	for n, i := range items {
		members[n] = member{row: rows[i.TaskID], version: i.TaskVersion, def: defs[keys[n]]}
		if members[n].def == nil {
			return nil, fmt.Errorf("task %d version %d: %w", i.TaskID, i.TaskVersion, store.ErrNotFound)
		}
	}
	cat, err := p.catalogOf(ctx, members)
	if err != nil {
		return nil, err
	}
	ids, err := p.db.IDs(ctx, len(items))
	if err != nil {
		return nil, err
	}
	c := &creation{op: op, items: items, cat: cat, drafts: make([]store.NewBatch, len(items))}
	for n := range items {
		cycle, err := members[n].def.Cycle(p.zone)
		if err != nil {
			return nil, err
		}
		slot, err := cycle.ByWorkNo(items[n].WorkNo)
		if err != nil {
			return nil, err
		}
		d, err := cat.draft(members[n], slot, birth{
			origin: batch.ByColdStart, operationID: op.ID, schedule: slot.Base, now: time.Now(),
			detail: fmt.Sprintf("%s %d by %s", op.Kind, op.ID, op.Author),
		})
		if err != nil {
			items[n].Decision, items[n].Code = Block, "BLOCK_FAILED"
			p.log.Warn("batch of operation not made", logs.Operation, op.ID, logs.Err, logs.Error(err))
			continue
		}
		d.ID = ids[n]
		c.drafts[n] = d
	}
	return c, nil
}

// writePage allots run numbers in the inserting transaction (exactly.md 10);
// an item whose work number has an unfinished batch by now is skipped.
func (p *Planner) writePage(ctx context.Context, lead *store.Lead, c *creation) (int, error) {
	made := 0
	err := lead.Tx(ctx, DutyCreate, func(t *store.LeaderTx) error {
		exists, err := t.Existing(ctx, ownKeys(c.drafts))
		if err != nil {
			return err
		}
		items := make([]store.OperationItem, len(c.items))
		copy(items, c.items)
		var fresh []store.NewBatch
		for n, d := range c.drafts {
			if d.ID == 0 {
				continue
			}
			have, there := exists[store.ParentKey{TaskID: d.TaskID, WorkNo: d.WorkNo}]
			if there && have.State != batch.Done {
				items[n].Decision, items[n].Code, items[n].ExistingID = Skip, CodeUnfinished, have.ID
				continue
			}
			if there {
				d.Type = have.Type + 1
			}
			items[n].BatchID = d.ID
			fresh = append(fresh, d)
		}
		if err := c.cat.complete(ctx, t, fresh); err != nil {
			return err
		}
		if err := t.InsertBatches(ctx, fresh); err != nil {
			return err
		}
		made = len(fresh)
		return t.ItemsMade(ctx, c.op.ID, items)
	})
	return made, err
}
