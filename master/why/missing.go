package why

import (
	"context"
	"errors"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// missing explains why a work number of a task has no batch.
func (e *Explainer) missing(ctx context.Context, t *store.ViewTx, ref batch.Ref) (wire.Why, error) {
	row, err := t.TaskByName(ctx, ref.Task)
	if errors.Is(err, store.ErrNotFound) {
		return wire.Why{}, unknownTask(ref.Task)
	}
	if err != nil {
		return wire.Why{}, err
	}
	if ref.Run > 0 {
		return wire.Why{}, fault.New(fault.NotFound, "%s/%s has no run %d", ref.Task, ref.WorkNo, ref.Run)
	}
	def, err := row.Decode()
	if err != nil {
		return wire.Why{}, err
	}
	cycle, err := def.Cycle(e.zone)
	if err != nil {
		return wire.Why{}, err
	}
	slot, err := cycle.ByWorkNo(ref.WorkNo)
	if err != nil {
		return wire.Why{}, fault.New(fault.Invalid, "work number %s: %v", ref.WorkNo, err)
	}
	failures, err := t.FailuresOf(ctx, row.ID)
	if err != nil {
		return wire.Why{}, err
	}
	sentence, help := e.absence(row, def, slot, failures, time.UnixMilli(t.Now()))
	g := wire.WhyGate{Code: "NOT_GENERATED", State: unmet, Sentence: sentence, Help: help}
	return wire.Why{Batch: ref.Task + "/" + ref.WorkNo, Verdict: "not-generated", Summary: sentence, Gates: []wire.WhyGate{g}}, nil
}

// absence says why a slot has no batch; it is pure.
func (e *Explainer) absence(row store.Task, def *task.Task, slot period.Slot, failures []store.GenerateFailure, now time.Time) (sentence, help string) {
	for _, f := range failures {
		if f.WorkNo == slot.WorkNo {
			return fmt.Sprintf("generation failed %d times: %s", f.Tries, f.Error), "mend the task; every pass tries again"
		}
	}
	const coldStart = "capri coldstart makes batches of the past"
	switch {
	case slot.Base.After(now):
		return "is generated at " + e.clock(slot.Base.UnixMilli()), ""
	case def.Spec.Period == period.Manual.String():
		return "a manual task has batches only when somebody runs it", "capri task run " + row.Name
	case !row.IsEnabled:
		return "the task is disabled", "enable it, then cold-start what is missing"
	case !def.Spec.Valid.Holds(slot, e.zone):
		return "its business interval lies outside the task's validity", "change valid in the task's file"
	case slot.Base.UnixMilli() <= row.CreatedAt:
		return "the task did not exist yet at " + e.clock(slot.Base.UnixMilli()), coldStart
	}
	return "was not generated: the task was disabled at its time, or generation has not come to it yet", coldStart
}
