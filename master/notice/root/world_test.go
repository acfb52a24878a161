package root

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

const day = "20150518"

// rig is a world whose batches have alerts.
type rig struct {
	*storetest.World
	t *testing.T
}

// counted makes a rig and what counts the statements that something takes.
func counted(t *testing.T, engine string) (r *rig, counting func(func()) int) {
	t.Helper()
	faults := &storetest.Faults{}
	cfg := storetest.Fresh(t, engine)
	cfg.Wrap = faults.Wrap
	db := storetest.Connect(t, cfg)
	_, err := db.Migrate(t.Context(), storetest.Zone)
	r = &rig{storetest.NewWorld(t, db), t}
	r.must(err)
	return r, func(do func()) int {
		n := 0
		faults.WatchText(func(string) { n++ })
		defer faults.Watch(nil)
		do()
		return n
	}
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("got %v, want no error", err)
	}
}

// waitsFor makes a batch wait for the parents' batches of the same day.
func waitsFor(parents ...int64) func(*store.NewBatch) {
	return func(b *store.NewBatch) {
		for _, p := range parents {
			b.Parents = append(b.Parents, store.NewParent{TaskID: p, WorkNo: b.WorkNo})
		}
	}
}

func reads(paths ...string) func(*store.NewBatch) {
	return func(b *store.NewBatch) {
		for _, p := range paths {
			b.Inputs = append(b.Inputs, store.NewPath{Path: p, Ready: "exists"})
		}
	}
}

func makes(path string) func(*store.NewBatch) {
	return func(b *store.NewBatch) { b.Outputs = append(b.Outputs, store.NewPath{Path: path, Ready: "exists"}) }
}

func needs(code string) func(*store.NewBatch) {
	return func(b *store.NewBatch) {
		b.Thirds = append(b.Thirds, store.NewThird{Code: code, Key: b.WorkNo})
	}
}

func needsNewest(task int64) func(*store.NewBatch) {
	return func(b *store.NewBatch) { b.Parents = append(b.Parents, store.NewParent{TaskID: task, Last: true}) }
}

// fail ends batches that wait for nothing.
func (r *rig) fail(ids ...int64) {
	r.t.Helper()
	r.must(r.Assign(storetest.Host, ids...))
	r.must(r.Start(ids...))
	r.must(r.Finish(3, ids...))
}

// kill ends a batch that waits, as a person does.
func (r *rig) kill(ids ...int64) {
	r.t.Helper()
	r.Operate("kill", func(ctx context.Context, o *store.OperateTx) error {
		works, err := o.Lock(ctx, ids)
		if err != nil {
			return err
		}
		var changes []store.Change
		for _, w := range works {
			to := *w
			to.State, to.Finish, to.EndTime = batch.Done, batch.Killed, o.Now()
			changes = append(changes, store.Change{Move: batch.MoveKill, From: *w, To: to})
		}
		return o.Move(ctx, changes)
	})
}

// late is the alert that a batch waits for too long.
func late(id int64) store.UndealtAlert {
	return store.UndealtAlert{ID: id, Kind: store.AlertDependTimeout, Object: fmt.Sprintf("t/%d.0", id), Level: store.LevelTask, WorkID: id, Text: "it waits"}
}

func (r *rig) find(alerts ...store.UndealtAlert) (out map[int64]Root) {
	r.t.Helper()
	r.View("find", func(ctx context.Context, v *store.ViewTx) (err error) {
		out, err = Find(ctx, v, alerts)
		return err
	})
	return out
}

// want finds the roots of alerts that batches wait, all at once and each alone.
func (r *rig) want(want map[int64]string) {
	r.t.Helper()
	var alerts []store.UndealtAlert
	for id := range want {
		alerts = append(alerts, late(id))
	}
	all := r.find(alerts...)
	for id, root := range want {
		if got := all[id]; got.Kind+" "+got.Root != root || got.Cause == "" {
			r.t.Errorf("batch %d: got %+v, want %s", id, got, root)
		}
		if alone := r.find(late(id)); alone[id].IncidentRoot != all[id].IncidentRoot {
			r.t.Errorf("batch %d: got %+v alone and %+v among all", id, alone[id], all[id])
		}
	}
}

// open judges one open incident.
func (r *rig) over(in store.Incident) bool {
	r.t.Helper()
	var ids []int64
	r.View("judge", func(ctx context.Context, v *store.ViewTx) (err error) {
		ids, err = Over(ctx, v, []store.Incident{{ID: 1, IncidentRoot: store.IncidentRoot{Kind: store.RootEvent, Root: "x:y"}, LastAlertAt: v.Now()}, in}, v.Now())
		return err
	})
	return len(ids) == 1 && ids[0] == in.ID
}
