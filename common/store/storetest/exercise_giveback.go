package storetest

import (
	"context"
	"testing"

	"capricornus/common/store"
)

// pathsDoubted: what a worker could not look at is unmet for all who wait, with
// the worker's reason, until the masters have looked.
func pathsDoubted(t *testing.T, w *World) {
	ctx := t.Context()
	id, waits, runs := w.reader("/doubted"), w.reader("/doubted", "/doubted/not"), w.reader("/doubted")
	met := store.PathState{Path: "/doubted", Ready: "exists", Met: true}
	w.ok("found", w.found(met))
	w.ok("assign", w.Assign(Host, id, runs))
	w.ok("start", w.Start(runs))
	given := store.Reassignment{WorkID: id, Attempt: 1, OldHost: Host, OldAssignTime: 5, Reason: "no answer from a file system"}
	give := func() error {
		return w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
			if err := tx.DoubtPath(ctx, "/doubted", "w1: no answer"); err != nil {
				return err
			}
			return tx.InsertReassignments(ctx, []store.Reassignment{{WorkID: waits, Attempt: 1, OldHost: Host}, given})
		})
	}
	w.ok("the worker cannot look", give())
	w.ok("it says so again", give())
	wantEqual(t, "unmet", w.Work(id).Unmet, 1)
	wantEqual(t, "unmet of one that waits for another path besides", w.Work(waits).Unmet, 2)
	wantEqual(t, "unmet of one that runs", w.Work(runs).Unmet, 0)
	w.view("reason and log", func(ctx context.Context, v *store.ViewTx) error {
		d, err := v.DependsOf(ctx, []int64{id})
		if err != nil {
			return err
		}
		if p := d[id].Paths[0]; p.State != store.DepUnmet || p.UnmetSince != p.LastCheckedAt || p.LastError != "w1: no answer" {
			t.Errorf("got %+v, want it unmet with the reason", p)
		}
		log, err := v.Reassignments(ctx, []int64{id}, 0)
		if len(log) != 1 || log[0].At == 0 {
			t.Fatalf("got %+v, %v, want one row", log, err)
		}
		given.At = log[0].At
		wantEqual(t, "the row", log[0], given)
		return err
	})
	w.ok("the masters see it", w.found(met))
	wantEqual(t, "unmet", w.Work(id).Unmet, 0)
}
