package intake

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// reason is the last sentence in a batch's journal.
func (r *rig) reason(id int64) string {
	r.t.Helper()
	return r.Text("SELECT detail FROM capri_batch_event WHERE workId = ? ORDER BY seq DESC LIMIT 1", id)
}

func TestAnAnnouncementThatIsGoneStopsTheStart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		key := store.ThirdKey{Code: "pay", DataNo: "20150518"}
		taskID := r.Define("bill", func(d *task.Task) { d.Spec.ThirdParties = []task.ThirdParty{{Code: "pay", Key: "${yyyyMMdd}"}} })
		needing := func(b *store.NewBatch) { b.Thirds = []store.NewThird{{Code: key.Code, Key: key.DataNo}} }
		id, sibling, free := r.Batch(taskID, "20150518", needing), r.Batch(taskID, "20150519", needing), r.Batch(taskID, "20150520")
		r.Operate("announce", func(ctx context.Context, o *store.OperateTx) error {
			_, err := o.Announce(ctx, key)
			return err
		})
		r.must(r.Assign(storetest.Host, id, free))
		r.Change("DELETE FROM capri_third_depend_data")
		if got := r.say(of(wire.FactStarted, id, 1), of(wire.FactStarted, free, 1)); got[0] != wire.VerdictNo || got[1] != wire.VerdictOK {
			t.Errorf("got %v, want no to the one that counted on it alone", got)
		}
		for _, id := range []int64{id, sibling} {
			if w := r.want(id, batch.Waiting, batch.None); w.Unmet != 1 {
				t.Errorf("got %d unmet, want it and all who need these data to wait again", w.Unmet)
			}
		}
		if got := r.reason(id); !strings.Contains(got, "pay 20150518 is announced no longer") {
			t.Errorf("got %q, want it to say what is missing", got)
		}
		r.Operate("announce", func(ctx context.Context, o *store.OperateTx) error {
			_, err := o.Announce(ctx, key)
			return err
		})
		r.must(r.Assign(storetest.Host, id))
		if got := r.say(of(wire.FactStarted, id, 2)); got[0] != wire.VerdictOK {
			t.Errorf("got %v when it was announced again, want it started", got)
		}
	})
}

func TestAnAccountThatWasTakenAwayStopsTheStart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		grant := func() {
			r.Operate("grant", func(ctx context.Context, o *store.OperateTx) error {
				return o.PutGrant(ctx, store.Grant{UserID: r.Owner, Account: "etl"})
			})
		}
		grant()
		id := r.Batch(r.Define("owned", func(d *task.Task) { d.Spec.Account = "etl" }), "20150518")
		r.must(r.Assign(storetest.Host, id))
		r.Change("DELETE FROM capri_account_grant WHERE account = 'etl'")
		if got := r.say(of(wire.FactStarted, id, 1)); got[0] != wire.VerdictNo {
			t.Errorf("got %v, want no", got)
		}
		r.want(id, batch.Waiting, batch.None)
		if got := r.reason(id); !strings.Contains(got, "may not use the account etl any more") {
			t.Errorf("got %q, want it to name the account", got)
		}
		grant()
		r.must(r.Assign(storetest.Host, id))
		if got := r.say(of(wire.FactStarted, id, 2)); got[0] != wire.VerdictOK {
			t.Errorf("got %v with the account granted again, want it started", got)
		}
	})
}

// gone tries to start a batch whose announcement was taken back.
func gone() storetest.Scenario {
	n := 0
	return storetest.Scenario{
		Prepare: func(w *storetest.World) any {
			n++
			key := store.ThirdKey{Code: fmt.Sprint("gone", n), DataNo: "1"}
			taskID := w.Define(key.Code, func(d *task.Task) { d.Spec.ThirdParties = []task.ThirdParty{{Code: key.Code, Key: key.DataNo}} })
			needing := func(b *store.NewBatch) { b.Thirds = []store.NewThird{{Code: key.Code, Key: key.DataNo}} }
			ids := []int64{w.Batch(taskID, "20150518", needing), w.Batch(taskID, "20150519", needing)}
			w.Operate("announce", func(ctx context.Context, o *store.OperateTx) error {
				_, err := o.Announce(ctx, key)
				return err
			})
			if err := w.Assign(storetest.Host, ids[0]); err != nil {
				panic(err)
			}
			w.Change("DELETE FROM capri_third_depend_data WHERE code = ?", key.Code)
			return ids
		},
		Run: func(ctx context.Context, w *storetest.World, given any) error {
			in := New(Deps{
				DB: w.DB, Defs: store.NewDefinitions(w.DB, 100), Zone: time.UTC, Node: "m1", Log: slog.New(slog.DiscardHandler),
				Notify: Notify{Finished: func([]int64, []store.ParentKey) {}, Freed: func() {}},
			})
			_, err := in.Facts(ctx, wire.FactsRequest{Facts: []wire.Fact{of(wire.FactStarted, given.([]int64)[0], 1)}})
			return err
		},
		Result: func(w *storetest.World, given any) string {
			ids := given.([]int64)
			one, two := w.Work(ids[0]), w.Work(ids[1])
			return fmt.Sprint(one.State, one.Unmet, one.Seq, two.State, two.Unmet,
				w.Figure("SELECT COUNT(*) FROM capri_task_instance WHERE taskWorkId = ?", ids[0]))
		},
	}
}

// TestARefusedStartComesWhole disturbs every statement of it.
func TestARefusedStartComesWhole(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.ForEachFault(t, engine, gone())
		})
	}
}
