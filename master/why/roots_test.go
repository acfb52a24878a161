package why

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

func waitsFor(parents ...int64) func(*store.NewBatch) {
	return func(b *store.NewBatch) {
		for _, p := range parents {
			b.Parents = append(b.Parents, store.NewParent{TaskID: p, WorkNo: b.WorkNo})
		}
	}
}

// rootsOf writes the root causes of a batch, one a line.
func (r *rig) rootsOf(ref string) string {
	r.t.Helper()
	var out []string
	for _, root := range r.ask(ref).Roots {
		out = append(out, root.Batch+" "+root.Code)
	}
	return strings.Join(out, "\n")
}

func TestRootsLieThreeLevelsDown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		root, blind, mid, low, top := r.Define("root"), r.Define("blind"), r.Define("mid"), r.Define("low"), r.Define("top")
		first := r.Batch(root, "20150518")
		r.Batch(blind, "20150518", func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: "file:///in", Ready: "exists"}} })
		r.Batch(mid, "20150518", waitsFor(root, blind))
		r.Batch(low, "20150518", waitsFor(mid))
		r.Batch(top, "20150518", waitsFor(low, mid)) // a diamond: mid is walked once
		blocked := "blind/20150518.0 DATA_PATH"
		want := func(line string) {
			t.Helper()
			got := r.rootsOf("top/20150518")
			if len(strings.Split(got, "\n")) != 2 || !strings.Contains(got, line) || !strings.Contains(got, blocked) {
				t.Errorf("got\n%s\nwant %s and %s", got, line, blocked)
			}
		}
		want("root/20150518.0 QUEUED_BEHIND")
		r.Change("UPDATE capri_task_work SET gate = 'BATCH_HELD', message = ? WHERE id = ?", batch.Message(batch.GateHeld, "task", "ann", "disk"), first)
		want("root/20150518.0 BATCH_HELD")
		r.must(r.Assign(storetest.Host, first))
		want("root/20150518.0 ASSIGNED_NOT_PICKED")
		r.must(r.Start(first))
		want("root/20150518.0 RUNNING")
		r.must(r.Finish(1, first))
		want("root/20150518.0 FAILED")
		r.Succeed(r.Batch(root, "20150518", func(b *store.NewBatch) { b.Type = 1 }))
		want("root/20150518.1 JUST_SUCCEEDED")
		if got := r.ask("top/20150518").Summary; !strings.Contains(got, "2 root causes block it") {
			t.Errorf("got %s, want how many root causes there are", got)
		}
		if got := r.ask("mid/20150518"); got.Cut || !strings.Contains(r.rootsOf("low/20150518"), blocked) {
			t.Errorf("got %+v, want the same roots from half way", got)
		}
	})
}

func TestRootThatWasNeverMade(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		off := r.Define("off", func(d *task.Task) { d.Spec.Enabled = false })
		r.Batch(r.Define("top"), "20150518", waitsFor(off))
		got := r.ask("top/20150518")
		if len(got.Roots) != 1 || got.Roots[0].Code != "NOT_GENERATED" || got.Roots[0].Batch != "off/20150518" || !strings.HasPrefix(got.Roots[0].Sentence, "the task did not exist yet at") {
			t.Errorf("got %+v, want why off has none", got.Roots)
		}
		if !strings.Contains(got.Summary, "the root cause is off/20150518: the task did not exist yet") {
			t.Errorf("got %s, want the root cause in it", got.Summary)
		}
		r.Batch(r.Define("newest"), "20150518", func(b *store.NewBatch) { b.Parents = []store.NewParent{{TaskID: off, Last: true}} })
		if got := r.rootsOf("newest/20150518"); got != "off NOT_GENERATED" {
			t.Errorf("got %s, want that off has no newest batch", got)
		}
	})
}

func TestRootsAreLimited(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	var wide []int64
	for n := range rootShown + 5 {
		wide = append(wide, r.Define(fmt.Sprintf("wide_%d", n)))
	}
	r.Batch(r.Define("many"), "20150518", waitsFor(wide...))
	if got := r.ask("many/20150518"); len(got.Roots) != rootShown || !got.Cut {
		t.Errorf("got %d roots, cut %v, want the first %d", len(got.Roots), got.Cut, rootShown)
	}
	if g := gateOf(r.ask("many/20150518"), batch.GateParent); len(g.Evidence) != evidenceLimit {
		t.Errorf("got %d lines of evidence, want %d", len(g.Evidence), evidenceLimit)
	}
	below := r.Define("deep")
	for n := range rootDepth + 2 {
		next := r.Define(fmt.Sprintf("deep_%d", n))
		r.Batch(next, "20150518", waitsFor(below))
		below = next
	}
	if got := r.ask(fmt.Sprintf("deep_%d/20150518", rootDepth+1)); !got.Cut || len(got.Roots) != 0 {
		t.Errorf("got %d roots, cut %v, want the walk cut off", len(got.Roots), got.Cut)
	}
	if got := r.ask(fmt.Sprintf("deep_%d/20150518", rootDepth-2)); got.Cut || len(got.Roots) != 1 {
		t.Errorf("got %d roots, cut %v, want the one at the bottom", len(got.Roots), got.Cut)
	}
}

// TestRootsGoOnFromPathsToTheirMakers holds that a missing path whose maker is
// known is no root: what its maker waits for is.
func TestRootsGoOnFromPathsToTheirMakers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		reads := func(path string) func(*store.NewBatch) {
			return func(b *store.NewBatch) { b.Inputs = append(b.Inputs, store.NewPath{Path: path, Ready: "exists"}) }
		}
		maker := r.Batch(r.Define("maker"), "20150518", reads("file:///raw"), func(b *store.NewBatch) {
			b.Outputs = []store.NewPath{{Path: "file:///made", Ready: "exists"}}
		})
		r.Batch(r.Define("reader"), "20150518", reads("file:///made"))
		got := r.ask("reader/20150518")
		if len(got.Roots) != 1 || got.Roots[0].Batch != "maker/20150518.0" || !strings.Contains(got.Roots[0].Sentence, "file:///raw is not ready") {
			t.Errorf("got %+v, want the path that the maker waits for", got.Roots)
		}
		if g := gateOf(got, batch.GateData); len(g.Evidence) != 1 || !strings.Contains(g.Evidence[0], "made by maker/20150518.0, waiting") {
			t.Errorf("got %+v, want who makes it", g.Evidence)
		}
		r.Decide("ready", func(ctx context.Context, l *store.LeaderTx) error {
			_, err := l.SetPaths(ctx, []store.PathState{{Path: "file:///raw", Ready: "exists", Met: true}})
			return err
		})
		if got := r.rootsOf("reader/20150518"); got != "maker/20150518.0 QUEUED_BEHIND" {
			t.Errorf("got %s, want the maker itself", got)
		}
		r.Succeed(maker)
		if got := r.ask("reader/20150518"); len(got.Roots) != 0 {
			t.Errorf("got %+v, want no root: the maker says it is there, the gate shows that it is not", got.Roots)
		}
	})
}

// TestRootsOfWhatWouldBeStoppedAnyway holds that a hold and a switched-off task
// half way up are causes too, and do not end the walk.
func TestRootsOfWhatWouldBeStoppedAnyway(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		bottom, mid := r.Define("bottom"), r.Define("mid")
		r.Batch(bottom, "20150518")
		held := r.Batch(mid, "20150518", waitsFor(bottom))
		r.Batch(r.Define("top"), "20150518", waitsFor(mid))
		r.Hold(store.HoldBatch, held)
		r.Change("UPDATE capri_task SET isEnabled = 0 WHERE id = ?", mid)
		if got := r.rootsOf("top/20150518"); got != "mid/20150518.0 BATCH_HELD\nmid/20150518.0 TASK_DISABLED\nbottom/20150518.0 QUEUED_BEHIND" {
			t.Errorf("got\n%s\nwant the hold, the switch and what lies below", got)
		}
	})
}

// TestRootsOfTheNewestBatch walks through "the last batch of a task".
func TestRootsOfTheNewestBatch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		up := r.Define("up")
		r.Succeed(r.Batch(up, "20150517"))
		failed := r.Batch(up, "20150518", func(b *store.NewBatch) { b.ScheduleTime++ })
		r.must(r.Assign(storetest.Host, failed))
		r.must(r.Start(failed))
		r.must(r.Finish(3, failed))
		r.Batch(r.Define("top"), "20150519", func(b *store.NewBatch) { b.Parents = []store.NewParent{{TaskID: up, Last: true}} })
		got := r.ask("top/20150519")
		if g := gateOf(got, batch.GateParent); len(g.Evidence) != 1 || !strings.HasPrefix(g.Evidence[0], "the newest batch, up/20150518.0, is done: failed") {
			t.Errorf("got %+v, want the newest batch named", g.Evidence)
		}
		if len(got.Roots) != 1 || got.Roots[0].Batch != "up/20150518.0" || got.Roots[0].Code != "FAILED" {
			t.Errorf("got %+v, want the newest batch as root", got.Roots)
		}
	})
}

func TestRootsAreLimitedInNodes(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	bottom := r.Define("bottom")
	parents := make([]int64, rootNodes+50)
	for i := range parents {
		parents[i] = int64(i) + 1_000_000_000 // no tasks: a graph is only rows
	}
	var all []store.NewBatch
	for _, task := range parents {
		all = append(all, store.NewBatch{TaskID: task, TaskVersion: 1, WorkNo: "20150518", Origin: batch.ByTimer, Parents: []store.NewParent{{TaskID: bottom, WorkNo: "20150518"}}})
	}
	for i, id := range r.IDs(len(all)) {
		all[i].ID = id
	}
	r.must(r.Insert(all...))
	r.Batch(r.Define("top"), "20150518", waitsFor(parents...))
	if got := r.ask("top/20150518"); !got.Cut {
		t.Errorf("got %d roots and nothing said, want the walk cut off after %d batches", len(got.Roots), rootNodes)
	}
}
