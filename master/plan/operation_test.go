package plan

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

func met(id int64, no string) store.NewParent {
	return store.NewParent{TaskID: id, WorkNo: no, State: store.DepMet}
}

// chain is a → b by data → c by logic.
func (r *rig) chain(name func(string) string) (a, b, c int64) {
	a = r.Define(name("a"), spec(func(s *task.Spec) {
		s.Outputs = []task.Output{{Path: "file:///" + name("a") + "/{{ biz_date }}", Ready: "exists"}}
	}))
	b = r.Define(name("b"), spec(func(s *task.Spec) {
		s.Inputs = []task.Input{{Path: "file:///" + name("a") + "/{{ schedule -1d yyyyMMdd }}", Ready: "exists"}}
	}))
	c = r.Define(name("c"), spec(func(s *task.Spec) { s.Parents = []task.Parent{{Task: name("b")}} }))
	return a, b, c
}

func plainly(name string) string { return name }

func (r *rig) wantRows(what string, workID int64, unmet int, want ...string) {
	r.t.Helper()
	if got := r.rows(workID); !slices.Equal(got, want) || r.Work(workID).Unmet != unmet {
		r.t.Errorf("%s: got %v and %d unmet, want %v and %d", what, got, r.Work(workID).Unmet, want, unmet)
	}
}

// TestWaitingDescendantsWaitForTheNewRuns: they have no batch made by the
// rerun, but the old result of their parents does not count for them any more.
func TestWaitingDescendantsWaitForTheNewRuns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a, b, c := r.chain(plainly)
		d := r.Define("d", spec(func(s *task.Spec) { s.Parents = []task.Parent{{Task: "a"}} }))
		r.ran(a, "20150518", "20150519", "20150520")
		r.ran(b, "20150519")
		waits := r.Batch(b, "20150518")
		given := r.Batch(b, "20150520")
		r.must(r.Assign(storetest.Host, given))
		logical := r.waiting(d, "20150518", met(a, "20150518"))
		behind := r.waiting(c, "20150519", met(b, "20150519"))
		op := r.apply(r.plan(again("a", CascadeAll, "20150518", "20150520")))
		r.create()
		r.wantRows("waiting, by data", waits, 1, "a/20150518 0")
		r.wantRows("assigned, by data", given, 1, "a/20150520 0")
		r.wantRows("waiting, by logic", logical, 1, "a/20150518 0")
		r.wantRows("waiting for one that is made", behind, 1, "b/20150519 0")
		r.wantRows("made", r.counting(b, "20150519"), 2, "a/20150519 0") // and its path
		for _, id := range []int64{waits, given} {
			if n := r.Figure("SELECT COUNT(*) FROM capri_operation_item WHERE operationId = ? AND existingId = ? AND decision = 'skip' AND batchId = 0 AND result = 'it waits for 1 more new runs of its parents'", op.ID, id); n != 1 {
				t.Errorf("got %d items that say what batch %d waits for, want 1", n, id)
			}
		}
		r.create()
		r.wantRows("told once", waits, 1, "a/20150518 0")
		// The next rerun of the parent takes the row back that was met.
		r.Succeed(r.counting(a, "20150518"))
		r.Decide("meet", func(ctx context.Context, l *store.LeaderTx) error {
			_, err := l.MeetParents(ctx, []store.ParentKey{{TaskID: a, WorkNo: "20150518"}})
			return err
		})
		r.wantRows("met by the new run", waits, 0, "a/20150518 1")
		r.apply(r.plan(again("a", CascadeNone, "20150518", "20150518")))
		r.create()
		r.wantRows("and again", waits, 1, "a/20150518 0")
	})
}

// TestChildrenRunAfterTheNewRunsOfTheirParents: the gate and the placement of
// batches see nothing but rows, and keep the order all the same, although the
// data of the old run is there all the time.
func TestChildrenRunAfterTheNewRunsOfTheirParents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		dir := t.TempDir()
		r.must(os.WriteFile(filepath.Join(dir, "20150517"), []byte("old"), 0o600))
		path := "file://" + dir + "/{{ biz_date }}"
		a := r.Define("a", spec(func(s *task.Spec) { s.Outputs = []task.Output{{Path: path, Ready: "exists"}} }))
		b := r.Define("b", spec(func(s *task.Spec) { s.Inputs = []task.Input{{Path: path, Ready: "exists"}} }))
		c := r.Define("c", spec(func(s *task.Spec) {
			s.Parents, s.Inputs = []task.Parent{{Task: "b"}}, []task.Input{{Path: path, Ready: "exists"}}
		}))
		r.ran(a, "20150518")
		r.ran(b, "20150518")
		waits := r.Batch(c, "20150518", func(d *store.NewBatch) { d.Parents = []store.NewParent{met(b, "20150518")} })
		r.assign()
		r.wantState("free to go", waits, batch.Assigned, batch.None)
		r.apply(r.plan(again("a", CascadeAll, "20150518", "20150518")))
		r.create()
		first, second := r.counting(a, "20150518"), r.counting(b, "20150518")
		for _, turn := range []struct {
			runs  int64
			waits []int64
		}{{first, []int64{second, waits}}, {second, []int64{waits}}, {waits, nil}} {
			r.gate.Announced()
			r.gate.LookAtPaths()
			r.depend()
			r.assign()
			r.wantState("its turn", turn.runs, batch.Assigned, batch.None)
			for _, id := range turn.waits {
				r.wantState("not yet", id, batch.Waiting, batch.None)
			}
			r.must(r.Start(turn.runs))
			r.must(r.Finish(0, turn.runs))
		}
	})
}

func TestColdStartedChildrenWaitForWhatTheyRead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.page = 1
		a, b, _ := r.chain(plainly)
		r.ran(a, "20150518", "20150519") // that of the 19th is the newest: a new run is made of it
		waits := r.Batch(b, "20150518")
		r.apply(r.plan(days("b", "a")))
		r.create()
		r.wantRows("waiting", waits, 1, "a/20150518 0")
		r.wantRows("made over an old result", r.counting(b, "20150519"), 2, "a/20150519 0")
		r.wantRows("made with its parent", r.counting(b, "20150520"), 2, "a/20150520 0")
	})
}

func TestWhatARerunOvertakesWaitsToo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a, b, _ := r.chain(plainly)
		r.ran(a, "20150518")
		op := r.apply(r.plan(again("a", CascadeData, "20150518", "20150518")))
		timer := r.Batch(b, "20150518") // between apply and making
		r.create()
		r.wantRows("overtaken", timer, 1, "a/20150518 0")
		if n := r.Figure("SELECT COUNT(*) FROM capri_operation_item WHERE operationId = ? AND code = 'SKIP_UNFINISHED' AND existingId = ? AND result <> ''", op.ID, timer); n != 1 {
			t.Errorf("got %d items that name it, want 1", n)
		}
	})
}

// TestDataInACircleHoldsNobodyUp: two tasks that read what the other makes are
// made again together, and neither waits for the other's new run.
func TestDataInACircleHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		circle := func(name, other string) int64 {
			return r.Define(name, spec(func(s *task.Spec) {
				s.Inputs = []task.Input{{Path: "file:///" + other, Ready: "exists"}}
				s.Outputs = []task.Output{{Path: "file:///" + name, Ready: "exists"}}
			}))
		}
		x, y := circle("x", "y"), circle("y", "x")
		r.ran(x, "20150518")
		r.ran(y, "20150518")
		r.apply(r.plan(again("x", CascadeAll, "20150518", "20150518")))
		r.create()
		r.wantRows("x", r.counting(x, "20150518"), 1)
		r.wantRows("y", r.counting(y, "20150518"), 1)
	})
}

// TestOperationsAreMadeFromTheVersionsOfThePlan: what is saved between two
// pages changes nothing, and a new leader goes on where the old one stopped.
func TestOperationsAreMadeFromTheVersionsOfThePlan(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a, b, _ := r.chain(plainly)
		r.ran(a, "20150518")
		r.ran(b, "20150518")
		r.apply(r.plan(again("a", CascadeData, "20150518", "20150518")))
		r.page = 1
		_, err := r.CreateBatches(t.Context(), r.Lead)
		r.must(err)
		r.Redefine(b, 2, r.Definition("b")) // reads nothing any more
		next := newRig(t, w)
		next.create()
		if made := r.Work(r.counting(b, "20150518")); made.TaskVersion != 1 || made.Type != 1 {
			t.Errorf("got %+v, want run 1 of version 1", made)
		}
		r.wantRows("made by the next leader", r.counting(b, "20150518"), 2, "a/20150518 0")
	})
}

// TestOutputsOfARunAreItsOwn: a path may name the run, which is known only
// when the batch is made.
func TestOutputsOfARunAreItsOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a", spec(func(s *task.Spec) {
			s.Outputs = []task.Output{{Path: "file:///a/{{ biz_date }}.{{ run }}", Ready: "exists"}}
		}))
		r.ran(id, "20150518")
		op := r.apply(r.plan(again("a", CascadeNone, "20150518", "20150518")))
		var items []store.OperationItem
		r.View("items", func(ctx context.Context, v *store.ViewTx) (err error) {
			items, err = v.ItemsToMake(ctx, op.ID, 10)
			return err
		})
		c, err := r.prepare(t.Context(), op, items)
		r.must(err)
		r.Succeed(r.Batch(id, "20150518", func(b *store.NewBatch) { b.Type = 1 })) // somebody is faster
		_, err = r.writePage(t.Context(), r.Lead, c)
		r.must(err)
		if path := r.Text("SELECT d.path FROM capri_task_data d JOIN capri_task_work w ON w.id = d.taskWorkId WHERE w.operationId = ?", op.ID); path != "file:///a/20150517.2" {
			t.Errorf("got %s, want the path of run 2", path)
		}
	})
}

func TestAnOperationOfATaskThatIsGoneEnds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a := r.Define("a")
		op := r.apply(r.plan(again("a", CascadeNone, "20150518", "20150518")))
		r.Change("UPDATE capri_task SET isDeleted = 1 WHERE id = ?", a)
		r.create()
		r.create()
		if n := r.Figure("SELECT COUNT(*) FROM capri_operation_item WHERE operationId = ? AND code = 'BLOCK_FAILED' AND result LIKE '%does not exist any more%'", op.ID); n != 1 {
			t.Errorf("got %d blocked items, want 1 that says why", n)
		}
		r.wantOperation(op.ID, store.OperationDone, 0)
	})
}

// TestOperationsSurviveEveryFault breaks the making of a rerun's second page
// off at each of its statements in turn; made on it has neither doubled nor lost
// a batch or a dependency.
func TestOperationsSurviveEveryFault(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			n := 0
			var r *rig
			type given struct {
				op       store.Operation
				b, waits int64
			}
			storetest.ForEachFault(t, engine, storetest.Scenario{
				Prepare: func(w *storetest.World) any {
					if r == nil {
						r = newRig(t, w)
						r.page = 2
					}
					n++
					r.Change("UPDATE capri_operation SET state = 'running'") // the one before is made
					name := func(s string) string { return fmt.Sprintf("%s_%d", s, n) }
					_, b, _ := r.chain(name)
					waits := r.Batch(b, "20150519")
					op := r.apply(r.plan(again(name("a"), CascadeData, "20150518", "20150519")))
					r.pass()
					return given{op: op, b: b, waits: waits}
				},
				Run: func(ctx context.Context, w *storetest.World, what any) error {
					_, err := r.createPage(ctx, w.Lead, what.(given).op)
					return err
				},
				Result: func(w *storetest.World, what any) string {
					g := what.(given)
					return fmt.Sprint(strings.ReplaceAll(fmt.Sprint(r.rows(r.counting(g.b, "20150518")), r.rows(g.waits)), fmt.Sprintf("_%d/", n), "/"),
						w.Figure("SELECT COUNT(*) FROM capri_task_work WHERE operationId = ?", g.op.ID),
						w.Figure("SELECT created FROM capri_operation WHERE id = ?", g.op.ID))
				},
			})
		})
	}
}
