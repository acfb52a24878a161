package worker

import (
	"context"
	"fmt"
	"strconv"

	"capricornus/common/datapath"
	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker/run"
)

// check looks at what must hold before a start. An objection is a fact to send
// instead of the start.
func (w *Worker) check(ctx context.Context, assignment wire.Assignment) ([]datapath.Identity, *wire.Fact) {
	key := wire.Held{WorkID: assignment.WorkID, Attempt: assignment.Attempt}
	refused := func(reason string) *wire.Fact {
		fact := w.fact(wire.FactRefused, key)
		fact.Reason = reason
		return fact
	}
	if reason := w.lacks(assignment); reason != "" {
		return nil, refused(reason)
	}
	unmet, err := w.unmet(ctx, assignment.Inputs)
	if err != nil {
		return nil, refused(err.Error())
	}
	if len(unmet) > 0 {
		fact := w.fact(wire.FactUnready, key)
		fact.Unmet = unmet
		fact.Reason = "not ready: " + unmet[0].Path
		return nil, fact
	}
	before, err := run.Before(ctx, w.deps.Paths, assignment)
	if err != nil {
		return nil, refused(err.Error())
	}
	return before, nil
}

// unmet returns the inputs that are not ready. Not knowing is an error.
func (w *Worker) unmet(ctx context.Context, inputs []wire.PathCheck) ([]wire.PathCheck, error) {
	if len(inputs) == 0 {
		return nil, nil
	}
	checks := make([]datapath.Check, len(inputs))
	for i, input := range inputs {
		checks[i] = datapath.Check{Path: input.Path, Ready: input.Ready}
	}
	var unmet []wire.PathCheck
	for i, result := range w.deps.Paths.ReadyMany(ctx, checks) {
		if result.Err != nil {
			return nil, result.Err
		}
		if !result.Ready {
			unmet = append(unmet, inputs[i])
		}
	}
	return unmet, nil
}

// lacks says in a sentence with numbers what the host has too little of, or
// nothing. A host that cannot be measured is not refused for that.
func (w *Worker) lacks(assignment wire.Assignment) string {
	if assignment.Type == "http" && (len(w.cfg.HTTPHosts) == 0 || len(w.cfg.HTTPCommand) == 0) {
		return "this worker makes no calls for http tasks: its http_hosts is empty"
	}
	figures, err := w.deps.Vitals()
	if err != nil {
		w.log.Warn("host cannot be measured", logs.Error(err))
		return ""
	}
	limits := w.cfg.Limits
	need := assignment.Memory + limits.MinFreeMemory
	if figures.FreeMemory < need {
		return fmt.Sprintf(wire.RefusedForMemory+"%s is less than the %s needed: %s for the batch and %s to be left free",
			mebibytes(figures.FreeMemory), mebibytes(need), mebibytes(assignment.Memory), mebibytes(limits.MinFreeMemory))
	}
	if limits.MaxLoadPerCore > 0 && figures.Load > limits.MaxLoadPerCore {
		return fmt.Sprintf("load per core %.2f is above the limit %.2f", figures.Load, limits.MaxLoadPerCore)
	}
	if figures.FreeDisk < limits.MinFreeDisk {
		return fmt.Sprintf("free disk %s is less than the limit %s", mebibytes(figures.FreeDisk), mebibytes(limits.MinFreeDisk))
	}
	return ""
}

func mebibytes(n int64) string { return strconv.FormatInt(n>>20, 10) + " MiB" }
