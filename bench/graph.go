package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"capricornus/common/batch"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/master/plan"
	"capricornus/master/why"
)

// A graph of layers, each task with three parents in the layer before: wide
// enough for the number of batches, deep enough for the walk to root causes.
const (
	graphWidth   = 100
	graphParents = 3
)

// benchGraph plans a rerun of the one task everything hangs on, with all its
// descendants, applies it, makes the batches, and asks why a task at the far
// end does not run.
func benchGraph(ctx context.Context, e engine, o options) error {
	db, lead, drop, err := e.led(ctx)
	if err != nil {
		return err
	}
	defer drop()
	if err := saveDefinitions(ctx, db, graphOf(o.tasks)); err != nil {
		return err
	}
	defs := store.NewDefinitions(db, 2*o.tasks)
	planner := plan.New(db, defs, time.UTC, plan.Notify{Generated: func([]int64) {}, Operation: func() {}}, discard())
	by := plan.Caller{Actor: store.Actor{Kind: "person", ID: "admin"}, Source: "bench", Everywhere: true, ColdStart: true}
	cycle, err := period.NewCycle(period.Hour, "", time.UTC)
	if err != nil {
		return err
	}
	slot := cycle.Now(time.Now().Add(-2 * time.Hour))
	request := wire.PlanRequest{Kind: plan.KindRerun, Tasks: []string{graphName(0)}, From: slot.WorkNo, To: slot.WorkNo, Cascade: "all"}
	var made wire.Plan
	for _, what := range []string{"first", "next"} {
		begin := time.Now()
		if made, err = planner.Plan(ctx, by, request); err != nil {
			return err
		}
		seconds(e, fmt.Sprintf("cascade over %d tasks, %s plan", len(made.Items), what), time.Since(begin))
	}
	if made.Counts.Create != o.tasks {
		return fmt.Errorf("the plan makes %d batches, want %d", made.Counts.Create, o.tasks)
	}
	begin := time.Now()
	if _, err := planner.Apply(ctx, by, made.ID, made.Fingerprint); err != nil {
		return err
	}
	seconds(e, "apply that plan", time.Since(begin))
	if err := createAll(ctx, e, planner, lead); err != nil {
		return err
	}
	return askLeaf(ctx, e, why.New(why.Config{DB: db, Defs: defs, Zone: time.UTC}), batch.Ref{Task: graphName(o.tasks - 1), WorkNo: slot.WorkNo, Run: batch.AnyRun})
}

func seconds(e engine, what string, took time.Duration) {
	fmt.Fprintf(os.Stdout, "%-10s %-34s %11.2f s\n", e.name, what, took.Seconds())
}

func createAll(ctx context.Context, e engine, planner *plan.Planner, lead *store.Lead) error {
	begin := time.Now()
	for {
		pass, err := planner.CreateBatches(ctx, lead)
		if err != nil {
			return err
		}
		if !pass.More {
			seconds(e, "make its batches", time.Since(begin))
			return nil
		}
	}
}

// askLeaf asks often enough for a median.
func askLeaf(ctx context.Context, e engine, explainer *why.Explainer, leaf batch.Ref) error {
	const times = 20
	var all time.Duration
	var worst time.Duration
	for range times {
		begin := time.Now()
		answer, err := explainer.Explain(ctx, leaf, why.English)
		if err != nil {
			return err
		}
		if len(answer.Roots) == 0 && !answer.Cut {
			return fmt.Errorf("why of %s names no root: %s", leaf, answer.Summary)
		}
		took := time.Since(begin)
		all += took
		worst = max(worst, took)
	}
	fmt.Fprintf(os.Stdout, "%-10s %-34s %11.1f ms, worst of %d: %.1f ms\n", e.name, "why of the blocked leaf, mean", ms(all/times), times, ms(worst))
	return nil
}

func graphName(i int) string { return fmt.Sprintf("node_%05d", i) }

// graphOf makes one root and, below it, layers of graphWidth tasks.
func graphOf(n int) []*task.Task {
	out := make([]*task.Task, n)
	for i := range n {
		def := definition(i)
		def.Metadata.Name = graphName(i)
		def.Spec.Inputs, def.Spec.Parents = nil, nil
		first := (i-1)/graphWidth*graphWidth + 1 // of its own layer
		for p := range graphParents {
			if i == 0 {
				break
			}
			parent := 0
			if first > graphWidth {
				parent = first - graphWidth + (i-first+p*7)%graphWidth
			}
			if p == 0 || parent != 0 {
				def.Spec.Parents = append(def.Spec.Parents, task.Parent{Task: graphName(parent)})
			}
		}
		out[i] = def
	}
	return out
}

// saveDefinitions writes hour tasks as if they had been saved a day ago.
func saveDefinitions(ctx context.Context, db *store.DB, defs []*task.Task) error {
	ids, err := db.IDs(ctx, len(defs)+1)
	if err != nil {
		return err
	}
	saves := make([]store.TaskSave, 0, len(defs))
	for i, def := range defs {
		text, err := json.Marshal(def)
		if err != nil {
			return err
		}
		saves = append(saves, store.TaskSave{
			ID: ids[i], Name: def.Metadata.Name, ProjectID: ids[len(defs)], Period: int(period.Hour), IsEnabled: true, Priority: 5,
			TaskBeginTime: -1, DependTimeout: -1, OutputTimeout: -1, MaxRunning: 1, Version: 1, Definition: string(text),
		})
	}
	begin := time.Now()
	err = db.Operate(ctx, store.Actor{Kind: "bench", ID: "bench"}, func(t *store.OperateTx) error {
		users, err := t.Users(ctx)
		if err != nil {
			return err
		}
		for i := range saves {
			saves[i].OwnerID = users[0].ID
		}
		if err := t.SaveProject(ctx, store.Project{ID: ids[len(defs)], Name: "bench", Owner: "admin", Definition: "{}"}, "", 0); err != nil {
			return err
		}
		return t.SaveTasks(ctx, saves, "bench")
	})
	if err != nil {
		return err
	}
	seconds(engine{name: db.Engine()}, fmt.Sprintf("save %d tasks", len(defs)), time.Since(begin))
	return db.Backdate(ctx, 24*time.Hour)
}
