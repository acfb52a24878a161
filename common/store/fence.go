package store

import (
	"context"
	"fmt"
)

// fenceAdvice: why nobody makes the row anew, and what is right.
const fenceAdvice = "restore the database from a backup; a row made anew would count epochs from the beginning, and leaders of the past could write again"

// readFence reads all rows of capri_master_epoch: there is one.
const readFence = "SELECT id, clusterId, epoch, raftIndex, holder, since FROM capri_master_epoch ORDER BY id LIMIT 2"

// Fence reads the row that says whose term it is. ErrFence: it is missing, or
// not alone.
func (db *DB) Fence(ctx context.Context) (Fence, error) {
	var fence Fence
	err := db.View(ctx, func(t *ViewTx) (err error) {
		fence, err = t.fence(ctx)
		return err
	})
	return fence, err
}

func (t *tx) fence(ctx context.Context) (Fence, error) {
	var rows []struct {
		ID int64 `db:"id"`
		Fence
	}
	err := t.all(ctx, &rows, readFence)
	if isMissingTable(err) {
		return Fence{}, fmt.Errorf("%w: the table capri_master_epoch is missing: %s", ErrFence, fenceAdvice)
	}
	if err != nil {
		return Fence{}, fmt.Errorf("read the fence: %w", err)
	}
	if len(rows) == 0 || rows[0].ID != 1 && len(rows) == 1 {
		return Fence{}, fmt.Errorf("%w: capri_master_epoch has lost its row with id 1, so nobody may lead: %s", ErrFence, fenceAdvice)
	}
	if len(rows) > 1 {
		return Fence{}, fmt.Errorf("%w: capri_master_epoch has a row beside that with id 1: delete what is too much if you know where it came from, otherwise %s", ErrFence, fenceAdvice)
	}
	return rows[0].Fence, nil
}

// wasLed tells whether the database has been in use: leaders note every run of a duty.
const wasLed = "SELECT EXISTS (SELECT 1 FROM capri_service_run) + EXISTS (SELECT 1 FROM capri_task_work)"

// keepFence refuses to migrate a database that leaders have written to and
// whose fence is gone: the migration that makes the row, begun again because
// its note is lost too, would let epochs count from the beginning.
func (db *DB) keepFence(ctx context.Context) error {
	return db.View(ctx, func(t *ViewTx) error {
		var led int64
		err := t.get(ctx, &led, wasLed)
		if isMissingTable(err) || err == nil && led == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for leaders of the past: %w", err)
		}
		_, err = t.fence(ctx)
		return err
	})
}
