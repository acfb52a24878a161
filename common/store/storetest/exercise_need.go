package storetest

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func needCases() []exercise {
	return []exercise{
		{name: "ReleasesAllReadersOfAPathAtOnce", run: pathsMeet},
		{name: "NotesWhyAPathCouldNotBeLookedAt", run: pathsUnknown},
		{name: "MakesReadersWaitAgainWhenAPathIsGone", run: pathsGone},
		{name: "MakesReadersWaitAgainForWhatAWorkerCannotLookAt", run: pathsDoubted},
		{name: "ListsEveryUnmetPathOnceInPages", run: pathsPages},
		{name: "FindsReadersOfWhatFinished", run: pathsReaders},
		{name: "ReleasesWhoWaitsForAThirdParty", run: thirdsMeet},
		{name: "FindsDataAnnouncedBeforeAnyoneWaited", run: thirdsReady},
		{name: "MakesAllWaitAgainWhenAnAnnouncementIsGone", run: thirdsGone},
	}
}

func (w *World) found(all ...store.PathState) error {
	ctx := w.t.Context()
	return w.Lead.Tx(ctx, "depend", func(t *store.LeaderTx) error {
		_, err := t.SetPaths(ctx, all)
		return err
	})
}

func (w *World) reader(paths ...string) int64 {
	w.t.Helper()
	return w.Batch(w.Task(), "20150518", func(b *store.NewBatch) {
		for _, p := range paths {
			b.Inputs = append(b.Inputs, store.NewPath{Path: p, Ready: "exists"})
		}
	})
}

func pathsMeet(t *testing.T, w *World) {
	one, two := w.reader("/meet/a", "/meet/b"), w.reader("/meet/a")
	w.ok("found", w.found(store.PathState{Path: "/meet/a", Ready: "exists", Met: true}, store.PathState{Path: "/meet/b", Ready: "exists"}))
	wantEqual(t, "unmet of the first", w.Work(one).Unmet, 1)
	wantEqual(t, "unmet of the second", w.Work(two).Unmet, 0)
	w.ok("another way of being ready", w.found(store.PathState{Path: "/meet/b", Ready: "_SUCCESS", Met: true}))
	wantEqual(t, "unmet of the first", w.Work(one).Unmet, 1)
}

func pathsUnknown(t *testing.T, w *World) {
	id := w.reader("/unknown")
	w.ok("error", w.found(store.PathState{Path: "/unknown", Ready: "exists", Error: "namenode is away"}))
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		d, err := v.DependsOf(ctx, []int64{id})
		if p := d[id].Paths[0]; p.State != store.DepUnmet || p.LastError != "namenode is away" || p.LastCheckedAt == 0 {
			t.Errorf("got %+v, want it unmet with the reason", p)
		}
		return err
	})
}

func pathsGone(t *testing.T, w *World) {
	ctx := t.Context()
	id := w.reader("/gone")
	old := w.reader("/gone")
	waits := w.reader("/gone", "/gone/not")
	other := w.Batch(w.Task(), "20150518", func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: "/gone", Ready: "_SUCCESS"}} })
	elsewhere := w.reader("/gone/below")
	met := store.PathState{Path: "/gone", Ready: "exists", Met: true}
	w.ok("found", w.found(met, store.PathState{Path: "/gone", Ready: "_SUCCESS", Met: true}, store.PathState{Path: "/gone/below", Ready: "exists", Met: true}))
	w.Succeed(old)
	w.ok("assign", w.Assign(Host, id, other))
	w.ok("the worker finds it gone", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		changes, err := changesFrom(ctx, tx, batch.MoveUnready, batch.Assigned, []int64{id})
		if err != nil {
			return err
		}
		changes[0].To.State = batch.Waiting
		if err := tx.UnmeetPath(ctx, "/gone"); err != nil {
			return err
		}
		return tx.Move(ctx, changes)
	}))
	wantEqual(t, "unmet", w.Work(id).Unmet, 1)
	wantEqual(t, "unmet of one that waits for another path besides", w.Work(waits).Unmet, 2)
	wantEqual(t, "unmet of an assigned one with another way of being ready", w.Work(other).Unmet, 1)
	wantEqual(t, "unmet of one that has run", w.Work(old).Unmet, 0)
	wantEqual(t, "unmet of a reader of a path below", w.Work(elsewhere).Unmet, 0)
	w.view("since", func(ctx context.Context, v *store.ViewTx) error {
		d, err := v.DependsOf(ctx, []int64{id})
		if p := d[id].Paths[0]; p.UnmetSince != p.LastCheckedAt || p.LastError == "" {
			t.Errorf("got %+v, want unmet since it was looked at, with the reason", p)
		}
		return err
	})
	w.ok("found again", w.found(met))
	wantEqual(t, "unmet", w.Work(id).Unmet, 0)
}

func pathsPages(t *testing.T, w *World) {
	want := map[store.UnmetPath]bool{}
	for i := range 7 {
		paths := []string{"/pages/shared"}
		for n := range 5 {
			paths = append(paths, fmt.Sprintf("/pages/%d/%d", i, n))
		}
		w.reader(paths...)
		for _, p := range paths {
			want[store.UnmetPath{Path: p, Ready: "exists"}] = true
		}
	}
	seen := map[store.UnmetPath]int{}
	var after store.UnmetPath
	for {
		var page []store.UnmetPath
		w.view("page", func(ctx context.Context, v *store.ViewTx) (err error) {
			page, err = v.UnmetPaths(ctx, after, 4)
			return err
		})
		for _, p := range page {
			seen[p]++
		}
		if len(page) < 4 {
			break
		}
		after = page[len(page)-1]
	}
	for p := range want {
		wantEqual(t, "times "+p.Path+" was listed", seen[p], 1)
	}
}

func pathsReaders(t *testing.T, w *World) {
	writer := w.Batch(w.Task(), "20150518", func(b *store.NewBatch) {
		b.Outputs = []store.NewPath{{Path: "/made", Ready: "exists"}, {Path: "/unread", Ready: "exists"}}
	})
	w.reader("/made", "/elsewhere")
	w.Succeed(writer)
	w.view("readers", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.ReadersOf(ctx, []int64{writer})
		if len(got) != 1 || got[0].Path != "/made" {
			t.Errorf("got %v, want /made alone", got)
		}
		return err
	})
}

func (w *World) announce(code, no string) bool {
	w.t.Helper()
	var isNew bool
	w.operate("announce", func(ctx context.Context, o *store.OperateTx) (err error) {
		isNew, err = o.Announce(ctx, store.ThirdKey{Code: code, DataNo: no})
		return err
	})
	return isNew
}

func thirdsMeet(t *testing.T, w *World) {
	id := w.Batch(w.Task(), "20150518", func(b *store.NewBatch) {
		b.Thirds = []store.NewThird{{Code: "pay", Key: "20150518"}, {Code: "ship", Key: "20150518"}}
	})
	wantEqual(t, "first announcement is new", w.announce("pay", "20150518"), true)
	wantEqual(t, "second is new", w.announce("pay", "20150518"), false)
	wantEqual(t, "unmet", w.Work(id).Unmet, 1)
	w.announce("ship", "20150517")
	wantEqual(t, "unmet after other data", w.Work(id).Unmet, 1)
	w.announce("ship", "20150518")
	wantEqual(t, "unmet", w.Work(id).Unmet, 0)
}

func thirdsReady(t *testing.T, w *World) {
	k := store.ThirdKey{Code: "early", DataNo: "1"}
	w.announce(k.Code, k.DataNo)
	id := w.Batch(w.Task(), "20150518", func(b *store.NewBatch) { b.Thirds = []store.NewThird{{Code: k.Code, Key: k.DataNo}} })
	w.view("list", func(ctx context.Context, v *store.ViewTx) error {
		have, err := v.Announced(ctx, []store.ThirdKey{k, {Code: "early", DataNo: "2"}})
		if err != nil {
			return err
		}
		wantEqual(t, "announced", len(have), 1)
		ready, err := v.ReadyThirds(ctx, 10)
		if len(ready) != 1 || ready[0] != k {
			t.Errorf("got %v, want %v", ready, k)
		}
		return err
	})
	w.lead("meet", func(ctx context.Context, tx *store.LeaderTx) error {
		_, err := tx.MeetThirds(ctx, []store.ThirdKey{k})
		return err
	})
	wantEqual(t, "unmet", w.Work(id).Unmet, 0)
}

func thirdsGone(t *testing.T, w *World) {
	ctx := t.Context()
	needing := func(more ...store.NewThird) int64 {
		return w.Batch(w.Task(), "20150518", func(b *store.NewBatch) { b.Thirds = append([]store.NewThird{{Code: "gone", Key: "1"}}, more...) })
	}
	id, waits, assigned, old := needing(), needing(store.NewThird{Code: "gone", Key: "2"}), needing(), needing()
	w.announce("gone", "1")
	w.Succeed(old)
	w.ok("assign", w.Assign(Host, id, assigned))
	gone := func() (out map[int64][]store.ThirdKey) {
		w.ok("check", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) (err error) {
			out, err = tx.GoneThirds(ctx, []int64{id, waits, assigned})
			return err
		}))
		return out
	}
	wantEqual(t, "batches whose announcement is gone", len(gone()), 0)
	rawExec(t, w.DB, "DELETE FROM capri_third_depend_data WHERE code = 'gone'")
	found := gone()
	if len(found) != 3 || len(found[id]) != 1 || found[id][0] != (store.ThirdKey{Code: "gone", DataNo: "1"}) {
		t.Errorf("got %v, want the three that counted on it", found)
	}
	w.ok("unmeet", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		return tx.UnmeetThirds(ctx, found[id], "announced no longer")
	}))
	for of, want := range map[int64]int{id: 1, waits: 2, assigned: 1, old: 0} {
		wantEqual(t, "unmet", w.Work(of).Unmet, want)
	}
	w.view("since", func(ctx context.Context, v *store.ViewTx) error {
		d, err := v.DependsOf(ctx, []int64{id})
		if p := d[id].Thirds[0]; p.UnmetSince != p.LastCheckedAt || p.LastError != "announced no longer" {
			t.Errorf("got %+v, want unmet since it was looked at, with the reason", p)
		}
		return err
	})
	wantEqual(t, "announced again", w.announce("gone", "1"), true)
	wantEqual(t, "unmet", w.Work(id).Unmet, 0)
}
