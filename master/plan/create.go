package plan

import (
	"context"
	"errors"
	"fmt"

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
	making := false
	for _, op := range creating {
		// One after the other: children of a later one must find their parents.
		// Commands do not wait for them.
		if makes(op.Kind) && making {
			continue
		}
		rows, err := p.nextPage(ctx, lead, op)
		pass.Rows += rows
		failed = append(failed, named(op.ID, err))
		making = making || makes(op.Kind) && err == nil
	}
	for _, id := range ended {
		failed = append(failed, named(id, p.close(ctx, lead, id)))
	}
	return pass, errors.Join(append(failed, p.afterCommands(ctx, lead))...)
}

func named(operation int64, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("operation %d: %w", operation, err)
}

// makes reports whether operations of a kind make batches; others change some.
func makes(kind string) bool { return kind == KindColdStart || kind == KindRerun }

func (p *Planner) nextPage(ctx context.Context, lead *store.Lead, op store.Operation) (int, error) {
	ctx = logs.WithRequest(ctx, op.RequestID) // its batches and log lines are the request's that ordered it
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
	err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
		items, err = t.ItemsToMake(ctx, op.ID, p.page)
		return err
	})
	if err != nil {
		return 0, err
	}
	if len(items) == 0 {
		return 0, p.release(ctx, lead, op)
	}
	c, err := p.prepare(ctx, op, items)
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
