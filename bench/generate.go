package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/master/plan"
)

// benchGenerate makes one slot's batches for many tasks with three
// dependencies each, against inserting the very same rows as they are.
func benchGenerate(ctx context.Context, e engine, o options) error {
	db, lead, drop, err := e.led(ctx)
	if err != nil {
		return err
	}
	defer drop()
	defs := make([]*task.Task, o.tasks)
	for i := range defs {
		defs[i] = definition(i)
	}
	if err := saveDefinitions(ctx, db, defs); err != nil {
		return err
	}
	zone := time.UTC
	cycle, err := period.NewCycle(period.Hour, "", zone)
	if err != nil {
		return err
	}
	now := time.Now()
	slots := cycle.Due(now.Add(-3*time.Hour), now, 10)
	last := slots[len(slots)-1]
	planner := plan.New(db, store.NewDefinitions(db, 2*o.tasks), zone, plan.Notify{Generated: func([]int64) {}, Operation: func() {}}, discard())
	// The slot before warms up, as every hour does for the next one.
	warm, err := generateSlot(ctx, planner, lead, slots[len(slots)-2], 2*o.tasks)
	if err != nil {
		return err
	}
	if err := db.ForgetBatches(ctx); err != nil {
		return err
	}
	ours, err := generateSlot(ctx, planner, lead, last, o.tasks)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%-10s %-34s %11.2f s\n", e.name, "the first slots of a new master", warm.Seconds())
	rows, raw, err := db.Replay(ctx)
	if err != nil {
		return err
	}
	rate(e, fmt.Sprintf("generate %d batches (%d rows)", o.tasks, rows), rows, ours, raw)
	return nil
}

// generateSlot generates from one slot on and checks how many batches that made.
func generateSlot(ctx context.Context, planner *plan.Planner, lead *store.Lead, slot period.Slot, want int) (time.Duration, error) {
	if err := backdate(ctx, lead, slot); err != nil {
		return 0, err
	}
	begin := time.Now()
	pass, err := planner.Generate(ctx, lead)
	if err != nil {
		return 0, err
	}
	if pass.Rows != want {
		return 0, fmt.Errorf("%d batches were made, want %d", pass.Rows, want)
	}
	return time.Since(begin), nil
}

func backdate(ctx context.Context, lead *store.Lead, slot period.Slot) error {
	return lead.Tx(ctx, plan.DutyGenerate, func(t *store.LeaderTx) error {
		return t.PutMarks(ctx, map[string]int64{
			period.Hour.String(): slot.Base.Add(-time.Second).UnixMilli(), period.Day.String(): time.Now().UnixMilli(),
			period.Week.String(): time.Now().UnixMilli(), period.Month.String(): time.Now().UnixMilli(),
		})
	})
}

// definition of a task with two inputs and one parent.
func definition(i int) *task.Task {
	name := fmt.Sprintf("task_%05d", i)
	parent := fmt.Sprintf("task_%05d", (i+1)/2)
	offset := -1
	return &task.Task{
		APIVersion: task.APIVersion, Kind: task.KindTask,
		Metadata: task.Metadata{Name: name, Project: "bench", Owner: "admin"},
		Spec: task.Spec{
			Period: "hour", Enabled: true, Priority: 5, MaxRunning: 1, Success: "exit-code", OnWorkerLost: "wait",
			Workers: task.Workers{Group: "default", Policy: "health-first"},
			Inputs: []task.Input{
				{Path: "file:///data/ods/" + name + "/{{ biz yyyy/MM/dd/HH }}", Ready: "_SUCCESS"},
				{Path: "file:///data/dim/" + name + "/{{ biz yyyyMMdd }}", Ready: "_SUCCESS"},
			},
			Parents: []task.Parent{{Task: parent, Offset: &offset}},
			Outputs: []task.Output{},
			Retry:   task.Retry{Times: 3, Interval: task.Duration(30 * time.Second), Backoff: 2},
			Run:     task.Run{Type: "shell", Script: ":"},
			Alerts:  task.Alerts{Default: true},
		},
	}
}
