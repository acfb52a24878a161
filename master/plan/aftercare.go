package plan

import (
	"context"

	"capricornus/common/store"
)

// afterCommands sees to what commands have left behind: workers with a kill to
// carry out are rung again, as the command may have come to a master that they
// do not wait at (exactly.md 27), and holds on batches that have ended, are over.
func (p *Planner) afterCommands(ctx context.Context, lead *store.Lead) error {
	var hosts []string
	var moot []int64
	err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
		if hosts, err = t.KillHosts(ctx); err != nil {
			return err
		}
		moot, err = t.MootHolds(ctx, itemPage)
		return err
	})
	if err != nil {
		return err
	}
	if len(hosts) > 0 {
		p.notify.Killed(hosts)
	}
	if len(moot) == 0 {
		return nil
	}
	return lead.Tx(ctx, DutyCreate, func(t *store.LeaderTx) error {
		_, err := t.EndHolds(ctx, store.HoldEnd{Kind: store.HoldBatch, Objects: moot})
		return err
	})
}
