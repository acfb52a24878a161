package plan

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// kinship is a parent and its child, both of tasks of their own.
type kinship struct {
	parent, child int64
	name          string
}

// newKinship makes a parent that has succeeded and a child that relies on it.
func newKinship(w *storetest.World) kinship {
	name := fmt.Sprintf("up_%d", w.IDs(1)[0])
	up, down := w.Define(name), w.Define("down_"+name)
	f := kinship{name: name, parent: w.Batch(up, "20150518")}
	w.Succeed(f.parent)
	f.child = w.Batch(down, "20150518", waitsOn(store.NewParent{TaskID: up, WorkNo: "20150518", State: store.DepMet}))
	return f
}

func (f kinship) stands(w *storetest.World) string {
	p, c := w.Work(f.parent), w.Work(f.child)
	return fmt.Sprintf("%s/%s by %s, child %s/%s with %d unmet, %d holds on it", p.State, p.Finish, p.MarkedBy, c.State, c.Finish, c.Unmet,
		w.Figure("SELECT COUNT(*) FROM capri_hold WHERE releasedAt = 0 AND kind = 'batch' AND objectId = ?", f.child))
}

// Every statement of a command fails once, before it has run and after: what
// was done is whole, and doing it again leads to the same.
func TestCommandsDisturbed(t *testing.T) {
	t.Parallel()
	commands := map[string]func(ctx context.Context, r *commander, f kinship) error{
		"mark": func(ctx context.Context, r *commander, f kinship) error {
			_, err := r.Command(ctx, ann(), ref(f.name+"/20150518"), markAs(batch.Failed))
			return err
		},
		"hold": func(ctx context.Context, r *commander, f kinship) error {
			_, err := r.Command(ctx, ann(), ref("down_"+f.name+"/20150518"), hold())
			return err
		},
	}
	for name, give := range commands {
		for _, engine := range storetest.Engines(t) {
			t.Run(name+" on "+engine, func(t *testing.T) {
				t.Parallel()
				storetest.ForEachFault(t, engine, storetest.Scenario{
					Prepare: func(w *storetest.World) any { return newKinship(w) },
					Run: func(ctx context.Context, w *storetest.World, given any) error {
						return give(ctx, newCommander(t, w), given.(kinship))
					},
					Result: func(w *storetest.World, given any) string { return given.(kinship).stands(w) },
				})
			})
		}
	}
}

// ordered is a kinship with a bulk command on both that waits to be done.
type ordered struct {
	kinship
	op store.Operation
}

func TestBulkCommandsDisturbed(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.ForEachFault(t, engine, storetest.Scenario{
				Prepare: func(w *storetest.World) any {
					r, f := newCommander(t, w), newKinship(w)
					p := r.plan(bulk(KindMark, func(q *wire.PlanRequest) { q.Tasks, q.Result = []string{f.name, "down_" + f.name}, "failed" }))
					return ordered{kinship: f, op: r.apply(p)}
				},
				Run: func(ctx context.Context, w *storetest.World, given any) error {
					r := newCommander(t, w)
					for range 2 { // the page, and the end after it
						if _, err := r.runCommandPage(ctx, r.Lead, given.(ordered).op); err != nil {
							return err
						}
					}
					return nil
				},
				Result: func(w *storetest.World, given any) string {
					o := given.(ordered)
					return fmt.Sprintf("%s, operation %s with %d items done of %d", o.stands(w), w.Text("SELECT state FROM capri_operation WHERE id = ?", o.op.ID),
						w.Figure("SELECT COUNT(*) FROM capri_operation_item WHERE operationId = ? AND batchId = existingId", o.op.ID),
						w.Figure("SELECT created FROM capri_operation WHERE id = ?", o.op.ID))
				},
			})
		})
	}
}
