package plan

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/logs"
	"capricornus/common/period"
	"capricornus/common/store"
)

// CodeFailed is the code of an item whose batch could not be made.
const CodeFailed = "BLOCK_FAILED"

// creation is one page of an operation.
type creation struct {
	op    store.Operation
	items []store.OperationItem
	works []making // at the index of their item
	cat   *catalog
	now   time.Time
}

// making is the batch to be made for one item; for one whose unfinished batch
// is left alone, only what that has to wait for.
type making struct {
	member
	slot  period.Slot
	waits []store.ParentKey // new runs of this operation that it waits for
	id    int64
	draft store.NewBatch // with the run number that was free when the page was prepared
	err   error          // why it cannot be made
}

// prepare reads what the page needs and drafts its batches, all but what only
// the inserting transaction knows.
func (p *Planner) prepare(ctx context.Context, op store.Operation, items []store.OperationItem) (*creation, error) {
	g, err := p.graphMade(ctx, op.ID)
	if err != nil {
		return nil, err
	}
	c := &creation{op: op, items: items, works: make([]making, len(items)), now: p.db.Now()}
	var exists map[store.ParentKey]store.Existing
	err = p.db.View(ctx, func(t *store.ViewTx) error {
		if err := c.read(ctx, t, g); err != nil {
			return err
		}
		if err := c.await(ctx, t, g); err != nil {
			return err
		}
		exists, err = t.Existing(ctx, keysOf(items))
		return err
	})
	if err != nil {
		return nil, err
	}
	members := make([]member, 0, len(items))
	for n := range c.works {
		if c.works[n].err == nil {
			members = append(members, c.works[n].member)
		}
	}
	if c.cat, err = p.catalogOf(ctx, members); err != nil {
		return nil, err
	}
	ids, err := p.db.IDs(ctx, len(items))
	if err != nil {
		return nil, err
	}
	for n := range c.works {
		c.works[n].id = ids[n]
		c.draft(n, nextRun(exists, items[n]))
		if err := c.works[n].err; err != nil {
			p.log.Warn("batch of operation not made", logs.Operation, op.ID, logs.Error(err))
		}
	}
	return c, nil
}

// read finds the task and the slot of each item.
func (c *creation) read(ctx context.Context, t *store.ViewTx, g *madeGraph) error {
	ids := make([]int64, len(c.items))
	for n := range c.items {
		ids[n] = c.items[n].TaskID
	}
	rows, err := t.HeadsByID(ctx, ids)
	if err != nil {
		return err
	}
	heads := make(map[int64]store.Task, len(rows))
	for _, row := range rows {
		heads[row.ID] = row
	}
	for n := range c.items {
		w, node := &c.works[n], g.nodes[c.items[n].TaskID]
		row, there := heads[node.id]
		if !there {
			w.err = fmt.Errorf("task %s does not exist any more", node.name)
			continue
		}
		w.member = member{row: row, version: node.version, def: node.def}
		w.slot, w.err = node.cycle.ByWorkNo(c.items[n].WorkNo)
	}
	return nil
}

// draft drafts the batch of an item as a run.
func (c *creation) draft(n, run int) {
	w := &c.works[n]
	if w.err != nil || c.items[n].Decision != Create {
		return
	}
	origin := batch.ByColdStart
	if c.op.Kind == KindRerun {
		origin = batch.ByRerun
	}
	w.draft, w.err = c.cat.draft(w.member, w.slot, birth{
		origin: origin, run: run, operationID: c.op.ID, schedule: w.slot.Base, now: c.now,
		detail: fmt.Sprintf("%s %d by %s", c.op.Kind, c.op.ID, c.op.Author),
	})
	w.draft.ID = w.id
	w.draft.Parents = withWaits(w.draft.Parents, w.waits)
}

func nextRun(exists map[store.ParentKey]store.Existing, item store.OperationItem) int {
	if have, there := exists[store.ParentKey{TaskID: item.TaskID, WorkNo: item.WorkNo}]; there {
		return have.Type + 1
	}
	return 0
}

func keysOf(items []store.OperationItem) []store.ParentKey {
	out := make([]store.ParentKey, len(items))
	for n := range items {
		out[n] = store.ParentKey{TaskID: items[n].TaskID, WorkNo: items[n].WorkNo}
	}
	return out
}

// writePage allots run numbers in the inserting transaction (exactly.md 10); an
// item whose work number has an unfinished batch by now is skipped, and that
// batch waits for the new runs of its parents.
func (p *Planner) writePage(ctx context.Context, lead *store.Lead, c *creation) (int, error) {
	made := 0
	err := lead.Tx(ctx, DutyCreate, func(t *store.LeaderTx) error {
		exists, err := t.Existing(ctx, keysOf(c.items))
		if err != nil {
			return err
		}
		items := append([]store.OperationItem{}, c.items...)
		fresh, needs := c.settle(items, exists)
		if err := c.cat.complete(ctx, t, fresh); err != nil {
			return err
		}
		if err := t.InsertBatches(ctx, fresh); err != nil {
			return err
		}
		told, err := t.AwaitParents(ctx, needs, fmt.Sprintf("%s %d runs the parent again", c.op.Kind, c.op.ID))
		if err != nil {
			return err
		}
		for n := range items {
			if items[n].Decision == Skip {
				items[n].Result = tell(told, items[n].ExistingID)
			}
		}
		made = len(fresh)
		return t.ItemsMade(ctx, c.op.ID, items)
	})
	return made, err
}

// settle decides, by what exists now, which batches are made and which of the
// others have to wait for what. It changes the items in place.
func (c *creation) settle(items []store.OperationItem, exists map[store.ParentKey]store.Existing) ([]store.NewBatch, map[int64][]store.ParentKey) {
	var fresh []store.NewBatch
	needs := map[int64][]store.ParentKey{}
	for n := range items {
		it, w := &items[n], &c.works[n]
		have, there := exists[store.ParentKey{TaskID: it.TaskID, WorkNo: it.WorkNo}]
		if it.Decision == Create && there && have.State != batch.Done {
			it.Decision, it.Code, it.ExistingID = Skip, CodeUnfinished, have.ID
		}
		if it.Decision == Skip {
			needs[it.ExistingID] = w.waits
			continue
		}
		if run := nextRun(exists, *it); w.err == nil && w.draft.Type != run {
			c.draft(n, run)
		}
		if w.err != nil {
			it.Decision, it.Code, it.Result = Block, CodeFailed, w.err.Error()
			continue
		}
		it.BatchID = w.id
		fresh = append(fresh, w.draft)
	}
	return fresh, needs
}
