package storetest

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/store"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, engine := range Engines(t) {
		for name, scenario := range map[string]Scenario{
			"Generates": generating(), "AssignsStartsAndFinishes": running(), "AppliesAPlan": planning(), "Releases": releasing(), "CallsOnce": callingOnce(),
		} {
			t.Run(engine+"/"+name, func(t *testing.T) {
				t.Parallel()
				ForEachFault(t, engine, scenario)
			})
		}
	}
}

type drafts struct {
	task int64
	mark string
	all  []store.NewBatch
}

// generating inserts batches with the mark they belong to; what exists already is left out.
func generating() Scenario {
	return Scenario{
		Prepare: func(w *World) any {
			d := drafts{task: w.Task()}
			d.mark = fmt.Sprintf("task/%d", d.task)
			for i := range 3 {
				d.all = append(d.all, w.Draft(d.task, fmt.Sprintf("2015051%d", i), func(b *store.NewBatch) {
					b.Inputs = []store.NewPath{{Path: d.mark, Ready: "exists"}}
					b.Parents = []store.NewParent{{TaskID: d.task, WorkNo: "20150501", State: store.DepNotApplicable}}
					b.Thirds = []store.NewThird{{Code: "pay", Key: "1"}}
				}))
			}
			return d
		},
		Run: func(ctx context.Context, w *World, given any) error {
			d := given.(drafts)
			var have map[store.ParentKey]store.Existing
			err := w.DB.View(ctx, func(v *store.ViewTx) (err error) {
				var keys []store.ParentKey
				for _, b := range d.all {
					keys = append(keys, store.ParentKey{TaskID: b.TaskID, WorkNo: b.WorkNo})
				}
				have, err = v.Existing(ctx, keys)
				return err
			})
			if err != nil {
				return err
			}
			var fresh []store.NewBatch
			for _, b := range d.all {
				if _, ok := have[store.ParentKey{TaskID: b.TaskID, WorkNo: b.WorkNo}]; !ok {
					fresh = append(fresh, b)
				}
			}
			return w.Lead.Tx(ctx, "generate", func(t *store.LeaderTx) error {
				if err := t.InsertBatches(ctx, fresh); err != nil {
					return err
				}
				return t.PutMarks(ctx, map[string]int64{d.mark: 7})
			})
		},
		Result: func(w *World, given any) string {
			d := given.(drafts)
			return fmt.Sprint(w.figure("SELECT COUNT(*) FROM capri_task_work WHERE taskId = ? AND unmet = 2", d.task),
				w.figure("SELECT doneUntil FROM capri_generate_mark WHERE mark = ?", d.mark))
		},
	}
}

// running assigns, starts and ends two batches, the way the masters do.
func running() Scenario {
	return Scenario{
		Prepare: func(w *World) any {
			task := w.Task()
			return []int64{w.Batch(task, "20150518"), w.Batch(task, "20150519")}
		},
		Run: func(_ context.Context, w *World, given any) error {
			ids := given.([]int64)
			for _, step := range []func() error{
				func() error { return w.Assign(Host, ids...) },
				func() error { return w.Start(ids...) },
				func() error { return w.Finish(0, ids...) },
			} {
				if err := step(); err != nil {
					return err
				}
			}
			return nil
		},
		Result: func(w *World, given any) string {
			ids := given.([]int64)
			one, two := w.Work(ids[0]), w.Work(ids[1])
			return fmt.Sprint(one.Finish, one.Seq, one.Attempt, two.Finish, two.Seq, two.Attempt,
				w.figure("SELECT COUNT(*) FROM capri_task_instance WHERE taskWorkId IN (?, ?)", ids[0], ids[1]),
				w.figure("SELECT COUNT(*) FROM capri_user_code_log WHERE task_instance_code IN (?, ?)", code(&one), code(&two)))
		},
	}
}

type planned struct {
	plan, task int64
	request    string
}

// planning applies a plan once and makes the batches of its operation in pages.
func planning() Scenario {
	return Scenario{
		Prepare: func(w *World) any {
			p := planned{plan: w.IDs(1)[0], task: w.Task()}
			p.request = fmt.Sprintf(`{"plan":%d}`, p.plan)
			w.operate("put the plan", func(ctx context.Context, o *store.OperateTx) error {
				return o.PutPlan(ctx, store.Plan{ID: p.plan, Kind: "coldstart", Request: p.request, Author: "admin"})
			})
			return p
		},
		Run: applyPlan,
		Result: func(w *World, given any) string {
			p := given.(planned)
			return fmt.Sprint(w.figure("SELECT COUNT(*) FROM capri_operation WHERE request = ?", p.request),
				w.figure("SELECT created FROM capri_operation WHERE request = ? AND state = 'running'", p.request),
				w.figure("SELECT COUNT(*) FROM capri_task_work WHERE taskId = ? AND operationId > 0", p.task))
		},
	}
}

func applyPlan(ctx context.Context, w *World, given any) error {
	p := given.(planned)
	fresh, err := w.DB.ID(ctx)
	if err != nil {
		return err
	}
	operation := fresh
	err = w.DB.Operate(ctx, store.Actor{Kind: "person", ID: "admin"}, func(o *store.OperateTx) error {
		plan, err := o.LockPlan(ctx, p.plan)
		if err != nil {
			return err
		}
		if operation = plan.OperationID; operation != 0 {
			return nil
		}
		operation = fresh
		items := []store.OperationItem{
			{N: 0, TaskID: p.task, TaskVersion: 1, WorkNo: "20150517", Decision: "skip"},
			{N: 1, TaskID: p.task, TaskVersion: 1, WorkNo: "20150518", Decision: "create"},
			{N: 2, TaskID: p.task, TaskVersion: 1, WorkNo: "20150519", Decision: "create"},
		}
		return o.PutOperation(ctx, store.Operation{ID: operation, Kind: plan.Kind, State: store.OperationCreating, Request: p.request}, items, p.plan)
	})
	for n := 1; err == nil && n > 0; {
		n, err = w.createPage(operation, 2)
	}
	return err
}

type family struct{ parent, child int64 }

// releasing lets a parent run again and succeed, and releases its child.
func releasing() Scenario {
	return Scenario{
		Prepare: func(w *World) any {
			parent := w.Task()
			w.Succeed(w.Batch(parent, "20150518"))
			return family{parent, w.child("20150518", store.DepUnmet, parent)}
		},
		Run: func(ctx context.Context, w *World, given any) error {
			f := given.(family)
			return w.Lead.Tx(ctx, "depend", func(t *store.LeaderTx) error {
				_, err := t.MeetParents(ctx, keyOf(f.parent, "20150518"))
				return err
			})
		},
		Result: func(w *World, given any) string {
			return fmt.Sprint(w.Work(given.(family).child).Unmet)
		},
	}
}
