package root

import (
	"fmt"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

func TestRootsLieThreeLevelsDown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := &rig{w, t}
		bottom, mid, low, top := r.Define("bottom"), r.Define("mid"), r.Define("low"), r.Define("top")
		first := r.Batch(bottom, day)
		second := r.Batch(mid, day, waitsFor(bottom))
		third := r.Batch(low, day, waitsFor(mid))
		fourth := r.Batch(top, day, waitsFor(low, mid)) // a diamond
		want := func(root, cause string) {
			t.Helper()
			r.want(map[int64]string{second: root, third: root, fourth: root})
			if got := r.find(late(fourth))[fourth].Cause; got != cause {
				t.Errorf("got %s, want %s", got, cause)
			}
		}
		want("batch bottom/"+day, "bottom/"+day+" waits for its turn")
		r.must(r.Assign(storetest.Host, first))
		want("batch bottom/"+day, "bottom/"+day+" was given to w1 and has not begun")
		r.must(r.Start(first))
		want("batch bottom/"+day, "bottom/"+day+" is running on w1")
		r.must(r.Finish(3, first))
		want("batch bottom/"+day, "bottom/"+day+" failed in attempt 1 on w1")
		again := r.Batch(bottom, day, func(b *store.NewBatch) { b.Type = 1 }, reads("file:///in"))
		want("path file:///in", "file:///in is not there")
		r.kill(again)
		want("batch bottom/"+day, "bottom/"+day+" was killed")
	})
}

func TestRootsOfOutputsThatAreLate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := &rig{w, t}
		waits, runs, failed, queued := r.Batch(r.Define("waits"), day, needs("pay")), r.Batch(r.Define("runs"), day), r.Batch(r.Define("failed"), day), r.Batch(r.Define("queued"), day)
		r.must(r.Assign(storetest.Host, runs))
		r.must(r.Start(runs))
		r.fail(failed)
		for id, want := range map[int64]string{waits: "third pay/" + day, runs: "batch runs/" + day, failed: "batch failed/" + day, queued: "batch queued/" + day} {
			a := late(id)
			a.Kind = store.AlertOutputTimeout
			if got := r.find(a)[id]; got.Kind+" "+got.Root != want {
				t.Errorf("got %+v, want %s", got, want)
			}
		}
		a := late(waits)
		a.Kind = store.AlertOverMemory
		if got := r.find(a)[waits]; got.Kind != store.RootBatch || got.Root != "waits/"+day || got.Cause != "it waits" {
			t.Errorf("got %+v, want the batch itself: what it used is no matter of what it waits for", got)
		}
	})
}

func TestRootsBehindPaths(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := &rig{w, t}
		failed := r.Batch(r.Define("failed"), day, makes("file:///failed"))
		r.fail(failed)
		done := r.Batch(r.Define("done"), day, makes("file:///done"))
		r.Succeed(done)
		blocked := r.Batch(r.Define("blocked"), day, makes("file:///blocked"), reads("file:///raw"))
		r.want(map[int64]string{
			blocked: "path file:///raw",
			r.Batch(r.Define("a"), day, reads("file:///blocked")):                       "path file:///raw",
			r.Batch(r.Define("b"), day, reads("file:///blocked", "file:///failed")):     "batch failed/" + day,
			r.Batch(r.Define("c"), day, reads("file:///done")):                          "path file:///done",
			r.Batch(r.Define("d"), day, reads("file:///self"), makes("file:///self")):   "path file:///self",
			r.Batch(r.Define("e"), day, reads("file:///raw"), needs("pay")):             "path file:///raw",
			r.Batch(r.Define("f"), day, needs("pay"), waitsFor(r.Define("never_made"))): "absent never_made/" + day,
		})
	})
}

func TestRootsOfTheNewestBatch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := &rig{w, t}
		up, none := r.Define("up"), r.Define("none")
		r.Succeed(r.Batch(up, "20150517"))
		r.fail(r.Batch(up, day, func(b *store.NewBatch) { b.ScheduleTime++ }))
		top := r.Batch(r.Define("top"), day, needsNewest(up))
		lone := r.Batch(r.Define("lone"), day, needsNewest(none))
		r.want(map[int64]string{top: "batch up/" + day, lone: "absent none", r.Batch(r.Define("above"), day, waitsFor(r.task("top"))): "batch up/" + day})
		in := incident(store.RootAbsent, "none", store.AlertDependTimeout)
		if r.over(in) {
			t.Error("got it over, want it open while somebody waits for the newest batch")
		}
	})
}

func (r *rig) task(name string) int64 {
	r.t.Helper()
	return int64(r.Figure("SELECT id FROM capri_task WHERE name = ?", name))
}

// TestRootsOfCirclesAndOfWhatIsGone holds that nothing there can be is an error.
func TestRootsOfCirclesAndOfWhatIsGone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := &rig{w, t}
		one, two, three := r.Define("one"), r.Define("two"), r.Define("three")
		a, b := r.Batch(one, day, waitsFor(two)), r.Batch(two, day, waitsFor(one))
		c := r.Batch(three, day, waitsFor(three))
		out := r.Batch(r.Define("out"), day, waitsFor(one))
		r.want(map[int64]string{a: "batch one/" + day, b: "batch two/" + day, c: "batch three/" + day, out: "batch out/" + day})
		way := r.Batch(r.Define("way"), day, waitsFor(one), reads("file:///in"))
		r.want(map[int64]string{way: "path file:///in"})
		unknown := r.Batch(r.Define("unknown"), day, waitsFor(999_999_999))
		r.want(map[int64]string{unknown: "absent 999999999/" + day})
		gone := late(888_888_888)
		gone.Object = "dwd_order/20150518.1"
		if got := r.find(gone)[gone.ID]; got.Kind+" "+got.Root != "batch dwd_order/20150518" {
			t.Errorf("got %+v, want the batch as the alert names it", got)
		}
		if got := r.find(); len(got) != 0 {
			t.Errorf("got %v, want nothing", got)
		}
	})
}

func TestWalksThatAreTooDeepEndAtTheBatch(t *testing.T) {
	t.Parallel()
	r := &rig{storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)), t}
	below := r.Define("bottom")
	r.Batch(below, day, reads("file:///in"))
	var ids []int64
	for n := range walkDepth + 5 {
		next := r.Define(fmt.Sprint("deep_", n))
		ids = append(ids, r.Batch(next, day, waitsFor(below)))
		below = next
	}
	deepest := ids[len(ids)-1]
	if got := r.find(late(deepest))[deepest]; got.Kind+" "+got.Root != "batch deep_54/"+day {
		t.Errorf("got %+v, want the batch itself", got)
	}
	got := r.find(late(deepest), late(ids[30]))
	if got[deepest].Root != "file:///in" || got[ids[30]].Root != "file:///in" {
		t.Errorf("got %+v, want the path for both: what one alert has walked serves the other", got)
	}
}

// TestManyWaitForOneThing: all descendants of one missing path have one root,
// and finding it takes a few statements for each level.
func TestManyWaitForOneThing(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			r, counting := counted(t, engine)
			alerts := r.descendants(300)
			var got map[int64]Root
			n := counting(func() { got = r.find(alerts...) })
			for _, a := range alerts {
				if got[a.ID].IncidentRoot != (store.IncidentRoot{Kind: store.RootPath, Root: "file:///in"}) {
					t.Fatalf("%s: got %+v, want the path", a.Object, got[a.ID])
				}
			}
			if n > 40 {
				t.Errorf("got %d statements for %d alerts on four levels, want at most 40", n, len(alerts))
			}
		})
	}
}

// descendants makes batches of 30 tasks on four levels, the lowest of which wait
// for one path, and an alert for each.
func (r *rig) descendants(n int) []store.UndealtAlert {
	r.t.Helper()
	const tasks, second, third = 30, 4, 12
	task := make([]int64, tasks)
	for i := range task {
		task[i] = r.Task()
	}
	var drafts []store.NewBatch
	var alerts []store.UndealtAlert
	for i := range n {
		no, made := fmt.Sprint(20150000+i/tasks), fmt.Sprintf("file:///made/%d/", i/tasks)
		var need []func(*store.NewBatch)
		switch i %= tasks; {
		case i == 0:
			need = append(need, reads("file:///in"))
		case i < second:
			need = append(need, waitsFor(task[0]), makes(made+fmt.Sprint(i)))
		case i < third:
			need = append(need, waitsFor(task[1+i%3], task[1+(i+1)%3]))
		default:
			need = append(need, reads(made+fmt.Sprint(1+i%3)), waitsFor(task[second+i%(third-second)]))
		}
		draft := r.Draft(task[i], no, need...)
		drafts, alerts = append(drafts, draft), append(alerts, late(draft.ID))
	}
	r.must(r.Insert(drafts...))
	return alerts
}
