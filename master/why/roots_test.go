package why

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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
		if len(got.Roots) != 1 || got.Roots[0].Code != "NOT_GENERATED" || got.Roots[0].Batch != "off/20150518" || got.Roots[0].Sentence != "the task is disabled" {
			t.Errorf("got %+v, want that off is disabled", got.Roots)
		}
		if !strings.Contains(got.Summary, "the root cause is off/20150518: the task is disabled") {
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

// TestAWaitingBatchIsNeverWithoutAnAnswer draws what may stand in the way of
// a batch: every answer says something, and a ready batch with nothing shut has
// a worker.
func TestAWaitingBatchIsNeverWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	up := r.Define("up")
	n := 0
	rapid.Check(t, func(p *rapid.T) {
		n++
		chance := func(what string) bool { return rapid.IntRange(0, 3).Draw(p, what) == 0 }
		name := fmt.Sprintf("drawn_%d", n)
		id := r.Define(name, func(d *task.Task) {
			d.Spec.Quality.Enabled, d.Spec.MaxRunning = chance("quality"), rapid.IntRange(0, 1).Draw(p, "max")
			d.Spec.Workers.Group = rapid.SampledFrom([]string{"default", "gpu"}).Draw(p, "group")
			if chance("account") {
				d.Spec.Account = "etl"
			}
		})
		later := time.Now().Add(time.Hour).UnixMilli()
		work := r.Batch(id, "20150518", func(b *store.NewBatch) {
			b.Memory = rapid.SampledFrom([]int64{0, 1 << 50}).Draw(p, "memory")
			if chance("parent") {
				waitsFor(up)(b)
			}
			if chance("path") {
				b.Inputs = []store.NewPath{{Path: "file:///in", Ready: "exists"}}
			}
			if chance("earliest") {
				b.EarliestAt = later
			}
		})
		if chance("hold") {
			r.Hold(store.HoldBatch, work)
		}
		if chance("disabled") {
			r.Change("UPDATE capri_task SET isEnabled = 0 WHERE id = ?", id)
		}
		got := r.ask(name + "/20150518")
		last := got.Gates[len(got.Gates)-1]
		unmetDeps := r.Work(work).Unmet > 0
		switch {
		case got.Verdict != "waiting" || len(got.Gates) < 10:
			p.Fatalf("got %+v, want every gate of a waiting batch", got)
		case last.State == met && r.Work(work).Memory > 64<<30:
			p.Fatalf("got %+v for a batch that needs more than the worker has", last)
		case shut(got) == "" && last.State != met:
			p.Fatalf("got %+v, want a worker when nothing is shut", last)
		case unmetDeps && len(got.Roots) == 0 && !strings.Contains(shut(got), "DATA_PATH"):
			p.Fatalf("got no root cause for a batch with something unmet: %+v", got)
		}
		for _, g := range got.Gates {
			if g.Sentence == "" || g.Code == "" || g.State == "" {
				p.Fatalf("got a gate that says nothing: %+v", g)
			}
		}
	})
	storetest.Sound(t, r.DB)
}
