package watch

import (
	"context"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/duty"
)

// DutyRetention is the name of the duty that takes old history away, and
// RetentionCron is when it does.
const (
	DutyRetention = "retention"
	RetentionCron = "40 2 * * *"
)

const (
	retirePage = 200                // work numbers or rows of one transaction
	planKeep   = 7 * 24 * time.Hour // expired plans are kept that long, for who wonders
)

// limits are the instants before which things are old, UTC milliseconds.
type limits struct{ batches, logs, alerts, operations, plans int64 }

// keptBy reads how long things are kept. Batches are never younger than what
// generation makes up for, so that none is made anew (exactly.md 26).
func keptBy(settings map[string]string, now time.Time) limits {
	before := func(key string, otherwise int) int64 {
		return now.AddDate(0, 0, -number(settings, key, otherwise)).UnixMilli()
	}
	return limits{
		batches: min(before(store.SettingKeepBatch, 400), before(store.SettingRecoverDays, 62)),
		logs:    before(store.SettingKeepLog, 30),
		alerts:  before(store.SettingKeepAlert, 180), operations: before(store.SettingKeepOperation, 400), plans: now.Add(-planKeep).UnixMilli(),
	}
}

// Retire takes away what is older than the settings say: ended batches with all
// that belongs to them, ends of logs, alerts and what people were told of them, plans, operations, released holds, reports. It may die
// anywhere: each page is whole.
func (w *Watch) Retire(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	var old limits
	err := w.DB.View(ctx, func(t *store.ViewTx) error {
		settings, err := t.Settings(ctx)
		old = keptBy(settings, time.UnixMilli(t.Now()).In(w.Zone))
		return err
	})
	if err != nil {
		return duty.Pass{}, err
	}
	r := &retirement{Watch: w, lead: lead, old: old}
	for _, step := range []func(context.Context) error{r.batches, r.logs, r.alerts, r.plans, r.holds, r.calls, r.reports, r.operations} {
		if err := step(ctx); err != nil {
			return duty.Pass{Rows: r.gone}, err
		}
	}
	return duty.Pass{Rows: r.gone}, nil
}

// retirement is one pass.
type retirement struct {
	*Watch
	lead *store.Lead
	old  limits
	gone int
}

// batches goes through what ended long ago, oldest end first.
func (r *retirement) batches(ctx context.Context) error {
	var after store.EndKey
	for {
		var page []store.OldRun
		err := r.DB.View(ctx, func(t *store.ViewTx) (err error) {
			page, err = t.EndedBefore(ctx, r.old.batches, after, retirePage)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		if err := r.retire(ctx, numbersOf(page)); err != nil {
			return err
		}
		last := page[len(page)-1]
		after = store.EndKey{EndTime: last.EndTime, ID: last.ID}
	}
}

// numbersOf lists the distinct work numbers of these runs, in their order.
func numbersOf(runs []store.OldRun) []store.ParentKey {
	seen := make(map[store.ParentKey]bool, len(runs))
	var out []store.ParentKey
	for _, r := range runs {
		if !seen[r.ParentKey] {
			seen[r.ParentKey] = true
			out = append(out, r.ParentKey)
		}
	}
	return out
}

// retire takes away those of some work numbers that may go: all runs of a
// number together, so that run numbers have no gaps.
func (r *retirement) retire(ctx context.Context, numbers []store.ParentKey) error {
	var ids []int64
	err := r.lead.Tx(ctx, DutyRetention, func(t *store.LeaderTx) error {
		ids = nil
		found, err := t.LockOldNumbers(ctx, numbers)
		if err != nil {
			return err
		}
		for _, n := range found {
			if !mayGo(n, r.old.batches) {
				continue
			}
			for _, w := range n.Runs {
				ids = append(ids, w.ID)
			}
		}
		return t.DeleteBatches(ctx, ids)
	})
	if err == nil {
		r.gone += len(ids)
	}
	return err
}

// mayGo decides about one work number. It stays while any of its runs is
// unfinished or young; while an unfinished batch has it as a parent; while an
// operation means to run it again; and while it is its task's newest, which is
// what "last" means.
func mayGo(n *store.OldNumber, before int64) bool {
	if n.Referred || n.Planned {
		return false
	}
	for _, w := range n.Runs {
		if w.State != batch.Done || w.EndTime >= before || w.ScheduleTime >= before || w.ScheduleTime >= n.Newest {
			return false
		}
	}
	return true
}

func (r *retirement) logs(ctx context.Context) error {
	return r.sweep(ctx, func(t *store.LeaderTx) (int, error) { return t.SweepLogs(ctx, r.old.logs, retirePage) })
}

func (r *retirement) alerts(ctx context.Context) error {
	if err := r.sweep(ctx, func(t *store.LeaderTx) (int, error) { return t.SweepNotices(ctx, r.old.alerts, retirePage) }); err != nil {
		return err
	}
	return r.sweep(ctx, func(t *store.LeaderTx) (int, error) { return t.SweepAlerts(ctx, r.old.alerts, retirePage) })
}

func (r *retirement) plans(ctx context.Context) error {
	return r.sweep(ctx, func(t *store.LeaderTx) (int, error) { return t.SweepPlans(ctx, r.old.plans, retirePage) })
}

func (r *retirement) holds(ctx context.Context) error {
	return r.sweep(ctx, func(t *store.LeaderTx) (int, error) { return t.SweepHolds(ctx, r.old.operations, retirePage) })
}

// reports takes away what told of a time before operations are forgotten.
func (r *retirement) reports(ctx context.Context) error {
	for _, kind := range []string{wire.ReportHourly, wire.ReportDaily} {
		if err := r.sweep(ctx, func(t *store.LeaderTx) (int, error) { return t.SweepReports(ctx, kind, r.old.operations, retirePage) }); err != nil {
			return err
		}
	}
	return nil
}

// calls forgets the answers that were kept for idempotency keys.
func (r *retirement) calls(ctx context.Context) error {
	now := r.DB.Now().UnixMilli()
	return r.sweep(ctx, func(t *store.LeaderTx) (int, error) { return t.SweepOnce(ctx, now, retirePage) })
}

// sweep deletes page by page until nothing old is found.
func (r *retirement) sweep(ctx context.Context, page func(*store.LeaderTx) (int, error)) error {
	for {
		n := 0
		err := r.lead.Tx(ctx, DutyRetention, func(t *store.LeaderTx) (err error) {
			n, err = page(t)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		r.gone += n
	}
}

// operations goes through the operations, oldest first, until they are young.
func (r *retirement) operations(ctx context.Context) error {
	for after, old := int64(0), true; old; {
		var page []store.OldOperation
		err := r.DB.View(ctx, func(t *store.ViewTx) (err error) {
			page, err = t.OldOperations(ctx, after, retirePage)
			return err
		})
		if err != nil {
			return err
		}
		old = false
		for _, o := range page {
			old = old || o.CreatedAt < r.old.operations
			if !operationMayGo(o, r.old.operations) {
				continue
			}
			if err := r.lead.Tx(ctx, DutyRetention, func(t *store.LeaderTx) error { return t.DeleteOperation(ctx, o.ID) }); err != nil {
				return err
			}
			r.gone++
		}
		if len(page) > 0 {
			after = page[len(page)-1].ID
		}
	}
	return nil
}

// operationMayGo: one that is over for long and of whose batches none is left.
func operationMayGo(o store.OldOperation, before int64) bool {
	over := o.State == store.OperationDone || o.State == store.OperationCancelled
	return over && !o.Batches && o.EndedAt > 0 && o.EndedAt < before && o.CreatedAt < before
}
