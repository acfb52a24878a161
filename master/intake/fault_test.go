package intake

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// failing reports the failure of one batch that runs.
func failing() storetest.Scenario {
	n := 0
	return storetest.Scenario{
		Prepare: func(w *storetest.World) any {
			n++
			id := w.Batch(w.Define(fmt.Sprint("failing", n), func(d *task.Task) { d.Spec.Retry.Times = 0 }), "20150518")
			if err := w.Assign(storetest.Host, id); err != nil {
				panic(err)
			}
			if err := w.Start(id); err != nil {
				panic(err)
			}
			return id
		},
		Run: func(ctx context.Context, w *storetest.World, given any) error {
			in := New(Deps{
				DB: w.DB, Defs: store.NewDefinitions(w.DB, 100), Zone: time.UTC, Node: "m1", Log: slog.New(slog.DiscardHandler),
				Notify: Notify{Finished: func([]int64, []store.ParentKey) {}, Freed: func() {}},
			})
			end := exit(given.(int64), 1, 3)
			end.LogEnd, end.LogBytes = []byte("the end of its log"), 1000
			_, err := in.Facts(ctx, wire.FactsRequest{Facts: []wire.Fact{end}})
			return err
		},
		Result: func(w *storetest.World, given any) string {
			got := w.Work(given.(int64))
			return fmt.Sprint(got.State, got.Finish, w.Figure("SELECT COUNT(*) FROM capri_alert WHERE taskId = ?", got.TaskID),
				w.Figure("SELECT COUNT(*) FROM capri_attempt_log WHERE taskWorkId = ?", got.ID))
		},
	}
}

// pullback takes an assigned batch back, as place does.
func (r *rig) pullback(id int64) func(context.Context, *store.LeaderTx) error {
	return func(ctx context.Context, l *store.LeaderTx) error {
		works, err := l.Lock(ctx, []int64{id})
		if err != nil {
			return err
		}
		to := *works[id]
		to.State, to.Host, to.Incarnation, to.AssignTime, to.RefusedAt, to.RefusedReason = batch.Waiting, "", "", 0, 0, ""
		return l.Move(ctx, batch.Place, []store.Change{{Move: batch.MovePullback, From: *works[id], To: to}})
	}
}
