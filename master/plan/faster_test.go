package plan

import (
	"context"
	"strings"
	"testing"

	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// TestGenerateReadsAgainWhenSomebodyWasFaster makes the batch of one task, by a
// person's hand, between generation's look and its insert: the duplicate key
// neither fails the other tasks of the chunk nor doubles anything (exactly.md 9).
func TestGenerateReadsAgainWhenSomebodyWasFaster(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		if engine == storetest.SQLite {
			continue // its one writer lets nobody in between
		}
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			faults := &storetest.Faults{}
			cfg := storetest.Fresh(t, engine)
			quiet := cfg
			cfg.Wrap = faults.Wrap
			db := storetest.Connect(t, cfg)
			if _, err := db.Migrate(ctx, storetest.Zone); err != nil {
				t.Fatal(err)
			}
			r := newRig(t, storetest.NewWorld(t, db))
			taken, other := r.Define("taken"), r.Define("other")
			r.older(10)
			r.since(noonBefore(1), period.Day)
			slot, err := period.NewCycle(period.Day, "", r.zone)
			r.must(err)
			draft := r.Draft(taken, slot.Now(noonBefore(0)).WorkNo)
			elsewhere := storetest.Connect(t, quiet)
			raced := false
			faults.WatchText(func(query string) {
				if raced || !strings.HasPrefix(query, "INSERT INTO capri_task_work ") {
					return
				}
				raced = true
				err := elsewhere.Operate(ctx, store.Actor{Kind: "person", ID: "admin"}, func(o *store.OperateTx) error {
					return o.InsertBatches(context.WithoutCancel(ctx), []store.NewBatch{draft})
				})
				if err != nil {
					t.Errorf("the faster one: got %v, want no error", err)
				}
			})
			r.generate()
			faults.Watch(nil)
			if !raced {
				t.Error("got no insert to be faster than")
			}
			r.wantBatches("of the task that was taken", taken, 1)
			r.wantBatches("of the other", other, 1)
			storetest.Sound(t, db)
		})
	}
}
