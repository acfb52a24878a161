package plan

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

// spoiled is a definition that no batch can be made from: its path is too long.
func spoiled(d *task.Task) {
	d.Spec.Outputs = []task.Output{{Path: "file:///" + strings.Repeat("x", maxPath), Ready: "exists"}}
}

func TestAFailingTaskStopsNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		bad, good := r.Define("bad", spoiled), r.Define("good")
		r.older(10)
		r.since(noonBefore(1), period.Day)
		if got := r.generate(); !got.More {
			t.Error("got no wish to go on, want the failed slot tried again soon")
		}
		r.wantBatches("good", good, 1)
		r.wantBatches("bad", bad, 0)
		failures := func() (n int) {
			return r.Figure("SELECT COALESCE(SUM(tries), 0) FROM capri_generate_failure WHERE taskId = ?", bad)
		}
		if failures() != 1 {
			t.Errorf("got %d tries, want the first noted", failures())
		}
		for try := 2; try <= generateTries; try++ {
			if n := r.alerts("generate-failed"); n != 0 {
				t.Errorf("got %d alerts before try %d, want none", n, try)
			}
			r.generate()
		}
		if got := r.generate(); got.More || failures() != generateTries+1 {
			t.Errorf("got %+v after %d tries, want it tried again at every tick, and no sooner", got, failures())
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = 'generate-failed' AND level = 'task' AND taskId = ?", bad); n != 1 {
			t.Errorf("got %d alerts, want one by the task's rule", n)
		}
	})
}

func TestAMendedTaskIsMade(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		bad := r.Define("bad", spoiled)
		r.older(10)
		r.since(noonBefore(1), period.Day)
		r.generate()
		r.wantBatches("spoiled", bad, 0)
		r.Redefine(bad, 2, r.Definition("bad"))
		r.generate()
		r.wantBatches("mended", bad, 1)
		if n := r.Figure("SELECT taskVersion FROM capri_task_work WHERE taskId = ?", bad); n != 2 {
			t.Errorf("got version %d, want the mended one", n)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_generate_failure"); n != 0 {
			t.Errorf("got %d failures left, want none", n)
		}
	})
}

func TestASwitchedOffTaskIsNotTriedWithItsNewVersion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		bad := r.Define("bad", spoiled)
		r.older(10)
		r.since(noonBefore(1), period.Day)
		r.generate()
		off := r.Definition("bad")
		off.Spec.Enabled = false
		r.Redefine(bad, 2, off)
		r.generate()
		r.wantBatches("switched off", bad, 0)
	})
}

func TestManyFailingTasksCallTheAdministrators(t *testing.T) {
	t.Parallel()
	for _, failing := range []int{massFailure, massFailure + 1} {
		t.Run(fmt.Sprint(failing), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, w *storetest.World) {
				r := newRig(t, w)
				for n := range failing {
					r.Define(fmt.Sprintf("bad_%d", n), spoiled)
				}
				good := r.Define("good")
				r.older(10)
				r.since(noonBefore(1), period.Day)
				r.generate()
				r.generate()
				r.wantBatches("good", good, 1)
				want := 0
				if failing > massFailure {
					want = 1
				}
				if n := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = 'generate-mass-failure' AND level = 'critical'"); n != want {
					t.Errorf("got %d critical alerts for %d failing tasks, want %d", n, failing, want)
				}
			})
		})
	}
}

// TestGenerateSurvivesEveryFault breaks generation off at each of its
// statements in turn; made again it has neither doubled nor lost a batch.
func TestGenerateSurvivesEveryFault(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			n := 0
			var r *rig
			storetest.ForEachFault(t, engine, storetest.Scenario{
				Prepare: func(w *storetest.World) any {
					if r == nil {
						r = newRig(t, w)
					}
					n++
					r.Change("UPDATE capri_task SET isEnabled = 0")
					r.Change("DELETE FROM capri_generate_failure")
					good := r.Define(fmt.Sprintf("good_%d", n), spec(func(s *task.Spec) {
						s.Outputs = []task.Output{{Path: "file:///x", Ready: "exists"}}
					}))
					bad := r.Define(fmt.Sprintf("bad_%d", n), spoiled)
					ago := int64(10 * 24 * 3600 * 1000)
					r.Change("UPDATE capri_task SET createdAt = createdAt - ?, savedAt = savedAt - ? WHERE id IN (?, ?)", ago, ago, good, bad)
					r.since(noonBefore(1), period.Day)
					return [2]int64{good, bad}
				},
				Run: func(ctx context.Context, w *storetest.World, _ any) error {
					_, err := r.Generate(ctx, w.Lead)
					return err
				},
				Result: func(w *storetest.World, given any) string {
					ids := given.([2]int64)
					return fmt.Sprint(w.Figure("SELECT COUNT(*) FROM capri_task_work WHERE taskId = ?", ids[0]),
						w.Figure("SELECT COUNT(*) FROM capri_task_data d JOIN capri_task_work w ON w.id = d.taskWorkId WHERE w.taskId = ?", ids[0]),
						w.Figure("SELECT COUNT(*) FROM capri_generate_failure WHERE taskId = ?", ids[1]))
				},
			})
		})
	}
}

func TestFailuresOfTasksThatAreGoneAreForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.Decide("note", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutGenerateFailures(ctx, []store.GenerateFailure{{TaskID: 404, WorkNo: "20150518", SlotBase: 1, Tries: 1}})
		})
		r.generate()
		if n := r.Figure("SELECT COUNT(*) FROM capri_generate_failure"); n != 0 {
			t.Errorf("got %d failures left of a task that is gone, want none", n)
		}
	})
}
