package storetest

import (
	"context"
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"

	"capricornus/common/store"
)

func pathCases() []exercise {
	return []exercise{
		{name: "ClearsTheNoteOnceAPathCouldBeLookedAt", run: pathNoteCleared},
		{name: "NotesOnlyWaysOfBeingReadyThatWereAskedFor", run: pathNoteByReady},
		{name: "TellsPathsWhoseNotesDiffer", run: pathNotesMixed},
		{name: "KeepsThatAPathIsGone", run: pathGoneStands},
		{name: "LeavesEndedBatchesAlone", run: pathsOfEnded},
		{name: "SetsThousandsOfPathsInFewStatements", alone: manyPaths},
		{name: "TellsPathsWithOneHashApart", alone: pathHashCollision},
		{name: "CountsAfterAnOpenTransactionHasMetAPath", alone: pathAfterOpen},
		{name: "LeavesAloneWhatAnOpenTransactionHasMet", alone: pathNotedLate},
		{name: "LocksReadersInTheOrderOfIds", alone: pathLockOrder},
	}
}

// note reads the note on the first input of a batch, and since when it stands.
func (w *World) note(id int64) (text string, at int64) {
	w.t.Helper()
	w.view("read a note", func(ctx context.Context, v *store.ViewTx) error {
		d, err := v.DependsOf(ctx, []int64{id})
		if err == nil {
			text, at = d[id].Paths[0].LastError, d[id].Paths[0].LastCheckedAt
		}
		return err
	})
	return text, at
}

func (w *World) wantNote(what string, id int64, want string) {
	w.t.Helper()
	if got, _ := w.note(id); got != want {
		w.t.Errorf("%s: got note %q, want %q", what, got, want)
	}
}

func pathNoteCleared(t *testing.T, w *World) {
	id := w.reader("/note/cleared")
	away := store.PathState{Path: "/note/cleared", Ready: "exists", Error: "hdfs://c does not answer: refused"}
	w.ok("away", w.found(away))
	_, since := w.note(id)
	rawExec(t, w.DB, "UPDATE capri_task_data SET lastCheckedAt = lastCheckedAt - 1000 WHERE taskWorkId = ?", id)
	w.ok("still away", w.found(away))
	if _, at := w.note(id); at != since-1000 {
		t.Errorf("got the note written again, want it to stand as of when it began")
	}
	w.ok("there, and not ready", w.found(store.PathState{Path: "/note/cleared", Ready: "exists"}))
	w.wantNote("not ready", id, "")
	wantEqual(t, "unmet", w.Work(id).Unmet, 1)
	w.ok("away", w.found(away))
	w.ok("ready", w.found(store.PathState{Path: "/note/cleared", Ready: "exists", Met: true}))
	w.wantNote("ready", id, "")
	wantEqual(t, "unmet", w.Work(id).Unmet, 0)
}

func pathNoteByReady(t *testing.T, w *World) {
	exists := w.reader("/note/ways")
	success := w.Batch(w.Task(), "20150518", func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: "/note/ways", Ready: "_SUCCESS"}} })
	w.ok("one way is ready, the other unknown", w.found(
		store.PathState{Path: "/note/ways", Ready: "exists", Met: true}, store.PathState{Path: "/note/ways", Ready: "_SUCCESS", Error: "refused"}))
	wantEqual(t, "unmet of the one", w.Work(exists).Unmet, 0)
	wantEqual(t, "unmet of the other", w.Work(success).Unmet, 1)
	w.wantNote("the one", exists, "")
	w.wantNote("the other", success, "refused")
}

func pathNotesMixed(t *testing.T, w *World) {
	w.reader("/mixed")
	w.ok("away", w.found(store.PathState{Path: "/mixed", Ready: "exists", Error: "away"}))
	listed := func() (out store.UnmetPath) {
		w.view("list", func(ctx context.Context, v *store.ViewTx) error {
			all, err := v.UnmetPaths(ctx, store.UnmetPath{}, 1000)
			for _, u := range all {
				if u.Path == "/mixed" {
					out = u
				}
			}
			return err
		})
		return out
	}
	if u := listed(); !u.Says("away") || u.Says("") || u.Says("gone") {
		t.Errorf("got %+v, want it to say that it is away and nothing else", u)
	}
	late := w.reader("/mixed")
	if u := listed(); u.Says("away") || u.Says("") {
		t.Errorf("got %+v, want neither said by all its rows", u)
	}
	w.view("of one batch", func(ctx context.Context, v *store.ViewTx) error {
		own, err := v.UnmetPathsOf(ctx, []int64{late})
		if len(own) != 1 || !own[0].Says("") {
			t.Errorf("got %+v, want what the rows of this batch say", own)
		}
		return err
	})
	w.ok("away", w.found(store.PathState{Path: "/mixed", Ready: "exists", Error: "away"}))
	if u := listed(); !u.Says("away") {
		t.Errorf("got %+v, want it said by all again", u)
	}
}

func pathGoneStands(t *testing.T, w *World) {
	id := w.reader("/was/there")
	state := store.PathState{Path: "/was/there", Ready: "exists", Met: true}
	w.ok("ready", w.found(state))
	w.ok("gone", w.DB.Work(t.Context(), store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error { return tx.UnmeetPath(t.Context(), "/was/there") }))
	state.Met = false
	w.ok("not ready", w.found(state))
	w.wantNote("not ready", id, store.PathGone)
	w.view("says", func(ctx context.Context, v *store.ViewTx) error {
		own, err := v.UnmetPathsOf(ctx, []int64{id})
		if len(own) != 1 || !own[0].Says("") {
			t.Errorf("got %+v, want no write due for a look that finds it not ready", own)
		}
		return err
	})
}

func pathsOfEnded(t *testing.T, w *World) {
	ended, waits := w.reader("/ended"), w.reader("/ended")
	w.ok("read it", w.found(store.PathState{Path: "/ended", Ready: "exists", Met: true}))
	w.Succeed(ended)
	rawExec(t, w.DB, "UPDATE capri_task_data SET state = 0 WHERE path = '/ended'") // as a retired hint may leave it
	w.ok("unknown", w.found(store.PathState{Path: "/ended", Ready: "exists", Error: "away"}))
	w.wantNote("ended", ended, "")
	w.wantNote("waits", waits, "away")
	w.ok("met", w.found(store.PathState{Path: "/ended", Ready: "exists", Met: true}))
	wantEqual(t, "state of the row of the ended one", w.Figure("SELECT state FROM capri_task_data WHERE taskWorkId = ?", ended), store.DepUnmet)
	rawExec(t, w.DB, "UPDATE capri_task_data SET state = 1 WHERE path = '/ended'")
}

// manyPaths: 2,000 paths, each read by two batches, cost a few statements for
// every page of them, and nothing to write costs none.
func manyPaths(t *testing.T, cfg store.Config) {
	faults := &Faults{}
	cfg.Wrap = faults.Wrap
	w := NewWorld(t, migrated(t, cfg))
	const paths, each = 2000, 20 // paths of a batch
	var all []store.NewBatch
	var found []store.PathState
	for _, task := range []int64{w.Task(), w.Task()} {
		for i := range paths / each {
			all = append(all, w.Draft(task, fmt.Sprint(20150000+i), func(b *store.NewBatch) {
				for n := range each {
					b.Inputs = append(b.Inputs, store.NewPath{Path: fmt.Sprintf("/many/%d/%d", i, n), Ready: "exists"})
				}
			}))
		}
	}
	w.ok("insert", w.Insert(all...))
	for i := range paths {
		found = append(found, store.PathState{Path: fmt.Sprintf("/many/%d/%d", i/each, i%each), Ready: "exists", Error: "away"})
	}
	set := func(what string, limit int) {
		t.Helper()
		n := 0
		faults.WatchText(func(string) { n++ })
		w.ok(what, w.found(found...))
		faults.Watch(nil)
		if n > limit || n == 0 {
			t.Errorf("%s: got %d statements, want at most %d", what, n, limit)
		}
	}
	// begin, the fence and commit; 4 pages of hashes; 8 of rows; locks and counts of 200 batches
	set("all become unknown", 3+4+8+1)
	wantEqual(t, "rows with a note", w.Figure("SELECT COUNT(*) FROM capri_task_data WHERE lastError = 'away'"), 2*paths)
	set("nothing has changed", 3+4)
	for i := range found {
		found[i].Error, found[i].Met = "", true
	}
	set("all are met", 3+4+8+1+1)
	wantEqual(t, "batches that still wait", w.Figure("SELECT COUNT(*) FROM capri_task_work WHERE unmet > 0"), 0)
	wantEqual(t, "rows with a note", w.Figure("SELECT COUNT(*) FROM capri_task_data WHERE lastError <> ''"), 0)
	Sound(t, w.DB)
}

// pathHashCollision gives two paths one hash, as chance would.
func pathHashCollision(t *testing.T, cfg store.Config) {
	w := NewWorld(t, migrated(t, cfg))
	one, two := w.reader("/hash/one"), w.reader("/hash/two")
	rawExec(t, w.DB, "UPDATE capri_task_data SET pathHash = ? WHERE path = '/hash/two'", store.PathHash("/hash/one"))
	w.ok("one is ready", w.found(store.PathState{Path: "/hash/one", Ready: "exists", Met: true}))
	wantEqual(t, "unmet of the one", w.Work(one).Unmet, 0)
	wantEqual(t, "unmet of the other", w.Work(two).Unmet, 1)
	Sound(t, w.DB)
}

// during runs a transaction in whose midst a second one begins, which has to
// wait for the first.
func (w *World) during(t *testing.T, second func() error, steps ...func(context.Context, *store.LeaderTx) error) {
	t.Helper()
	var group errgroup.Group
	ctx := t.Context()
	tries := 0
	w.ok("first transaction", w.Lead.Tx(ctx, "paths", func(tx *store.LeaderTx) error {
		tries++
		for i, step := range steps {
			if err := step(ctx, tx); err != nil {
				return err
			}
			if i == 0 && tries == 1 {
				group.Go(second)
				eventually(t, "second transaction that waits for the first", func() bool { return waitsForLock(t, tx, w.DB) })
			}
		}
		return nil
	}))
	wantEqual(t, "tries of the first transaction", tries, 1)
	w.ok("second transaction", group.Wait())
}

func met(path string) store.PathState { return store.PathState{Path: path, Ready: "exists", Met: true} }

// pathAfterOpen: as CountsWhatAnOpenTransactionHasMet, for paths.
func pathAfterOpen(t *testing.T, cfg store.Config) {
	w := NewWorld(t, migrated(t, cfg))
	if cfg.Driver == SQLite {
		return
	}
	free, both := w.reader("/race/b"), w.reader("/race/a", "/race/b")
	w.during(t, func() error { return w.found(met("/race/b")) }, func(ctx context.Context, tx *store.LeaderTx) error {
		_, err := tx.SetPaths(ctx, []store.PathState{met("/race/a")})
		return err
	})
	wantEqual(t, "unmet of the batch that waits for the second alone", w.Work(free).Unmet, 0)
	wantEqual(t, "unmet of the batch that waits for both", w.Work(both).Unmet, 0)
	Sound(t, w.DB)
}

// pathNotedLate: whoever could not look waits for one who has found the path,
// and then does not write over it.
func pathNotedLate(t *testing.T, cfg store.Config) {
	w := NewWorld(t, migrated(t, cfg))
	if cfg.Driver == SQLite {
		return
	}
	id := w.reader("/race/late")
	away := store.PathState{Path: "/race/late", Ready: "exists", Error: "away"}
	w.during(t, func() error { return w.found(away) }, func(ctx context.Context, tx *store.LeaderTx) error {
		_, err := tx.SetPaths(ctx, []store.PathState{met("/race/late")})
		return err
	})
	wantEqual(t, "unmet", w.Work(id).Unmet, 0)
	w.wantNote("met", id, "")
	Sound(t, w.DB)
}

// pathLockOrder: readers of many paths are locked in the order of their ids,
// not of the paths' hashes, so that nobody meets a deadlock.
func pathLockOrder(t *testing.T, cfg store.Config) {
	w := NewWorld(t, migrated(t, cfg))
	if cfg.Driver == SQLite {
		return
	}
	paths := []string{"/order/a", "/order/b"}
	if store.PathHash(paths[0]) < store.PathHash(paths[1]) {
		paths[0], paths[1] = paths[1], paths[0]
	}
	low, high := w.reader(paths[0]), w.reader(paths[1]) // the higher hash has the lower id
	lock := func(id int64) func(context.Context, *store.LeaderTx) error {
		return func(ctx context.Context, tx *store.LeaderTx) error {
			_, err := tx.Lock(ctx, []int64{id})
			return err
		}
	}
	w.during(t, func() error { return w.found(met(paths[1]), met(paths[0])) }, lock(low), lock(high))
	wantEqual(t, "unmet of both", w.Work(low).Unmet+w.Work(high).Unmet, 0)
}
