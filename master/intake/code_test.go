package intake

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// returned is what a script has returned before its attempt is judged.
func returned(id int64, attempt, code int) wire.Fact {
	f := of(wire.FactCode, id, attempt)
	f.ExitCode = &code
	return f
}

// rows counts the codes of an attempt in a state.
func (r *rig) rows(code string, state int) int {
	r.t.Helper()
	return r.Figure("SELECT COUNT(*) FROM capri_user_code_log WHERE task_instance_code = ? AND execute_state = ?", code, state)
}

func TestReturnedCodesWaitForTheJudgement(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		taskID := r.Define("coded", func(d *task.Task) { d.Spec.Success, d.Spec.Retry.Times = "output-path", 0 })
		good, bad, lost := r.Batch(taskID, "20150518"), r.Batch(taskID, "20150519"), r.Batch(taskID, "20150520")
		if got := r.say(returned(good, 1, 0)); got[0] != wire.VerdictStale {
			t.Errorf("got %s for a batch that waits, want stale", got[0])
		}
		r.must(r.Assign(storetest.Host, good, bad, lost))
		for _, id := range []int64{good, bad, lost} {
			r.say(of(wire.FactStarted, id, 1))
		}
		got := r.say(returned(good, 1, 0), returned(good, 1, 0), returned(good, 1, 4), returned(bad, 1, 3), returned(bad, 1, 3), returned(bad, 1, 0), returned(lost, 1, 7))
		want := []wire.FactVerdict{
			wire.VerdictOK, wire.VerdictOK, wire.VerdictNo, wire.VerdictOK, wire.VerdictOK, wire.VerdictNo, wire.VerdictOK,
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v: the first code stands", got, want)
		}
		for _, no := range []string{"20150518", "20150519", "20150520"} {
			if n := r.rows("coded/"+no+".0#1", store.ExecuteEnded); n != 1 {
				t.Errorf("got %d codes of %s that are not judged, want 1", n, no)
			}
		}
		ends := []wire.Fact{exit(good, 1, 0), exit(bad, 1, 4), of(wire.FactLost, lost, 1)}
		ends[0].OutputReady = new(true)
		r.say(ends...)
		r.want(good, batch.Done, batch.Success)
		for no, want := range map[string]int{"20150518": 1, "20150519": 2, "20150520": 1} {
			code := "coded/" + no + ".0#1"
			if open, judged := r.rows(code, store.ExecuteEnded), r.rows(code, store.ExecuteJudged); open != 0 || judged != want {
				t.Errorf("got %d codes of %s open and %d judged, want %d, all judged", open, no, judged, want)
			}
		}
		if got := r.say(returned(good, 1, 5)); got[0] != wire.VerdictStale {
			t.Errorf("got %s after the end, want stale", got[0])
		}
	})
}

// coded reports a code and then the end of its attempt.
func coded() storetest.Scenario {
	n := 0
	name := func(id int64, w *storetest.World) string {
		return w.Text("SELECT CONCAT(t.name, '/', w.workNo, '.0#1') FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId WHERE w.id = ?", id)
	}
	return storetest.Scenario{
		Prepare: func(w *storetest.World) any {
			n++
			id := w.Batch(w.Define(fmt.Sprint("coded", n)), "20150518")
			if err := w.Assign(storetest.Host, id); err != nil {
				panic(err)
			}
			if err := w.Start(id); err != nil {
				panic(err)
			}
			return id
		},
		Run: func(ctx context.Context, w *storetest.World, given any) error {
			in := New(Deps{
				DB: w.DB, Defs: store.NewDefinitions(w.DB, 100), Zone: time.UTC, Node: "m1", Log: slog.New(slog.DiscardHandler),
				Notify: Notify{Finished: func([]int64, []store.ParentKey) {}, Freed: func() {}},
			})
			id := given.(int64)
			for _, facts := range [][]wire.Fact{{returned(id, 1, 0), use(id, 1, 5*mib, 3)}, {exit(id, 1, 0)}} {
				if _, err := in.Facts(ctx, wire.FactsRequest{Facts: facts}); err != nil {
					return err
				}
			}
			return nil
		},
		Result: func(w *storetest.World, given any) string {
			id := given.(int64)
			got := w.Work(id)
			return fmt.Sprint(got.State, got.Finish, got.PeakMemory, got.PeakProcesses,
				w.Figure("SELECT COUNT(*) FROM capri_user_code_log WHERE task_instance_code = ? AND execute_state = 0", name(id, w)),
				w.Figure("SELECT COUNT(*) FROM capri_user_code_log WHERE task_instance_code = ?", name(id, w)))
		},
	}
}

// TestCodesComeOnce disturbs every statement of a code and the end that follows.
func TestCodesComeOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.ForEachFault(t, engine, coded())
		})
	}
}
