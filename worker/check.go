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
	if reason := w.lacks(assignment); reason != "" {
		return nil, w.objection(wire.FactRefused, key, reason)
	}
	unmet, err := w.unmet(ctx, assignment.Inputs)
	if err != nil {
		return nil, w.cannot(key, err, unmet)
	}
	if len(unmet) > 0 {
		objection := w.objection(wire.FactUnready, key, "not ready: "+unmet[0].Path)
		objection.Unmet = unmet
		return nil, objection
	}
	before, err := run.Before(ctx, w.deps.Paths, assignment)
	if err != nil {
		return nil, w.cannot(key, err, nil)
	}
	return before, nil
}

func (w *Worker) objection(kind wire.FactKind, key wire.Held, reason string) *wire.Fact {
	fact := w.fact(kind, key)
	fact.Reason = reason
	return fact
}

// cannot objects because of an error. A file system that does not answer is
// nobody's fault and tells nothing: the batch goes back, with the inputs that
// could not be looked at. With any other error another host may do better.
func (w *Worker) cannot(key wire.Held, err error, unknown []wire.PathCheck) *wire.Fact {
	if !datapath.Unavailable(err) {
		return w.objection(wire.FactRefused, key, err.Error())
	}
	objection := w.objection(wire.FactUnready, key, err.Error())
	objection.Unknown, objection.Unmet = true, unknown
	return objection
}

// unmet returns the inputs that are not ready. With an error it is not known
// which are; those that a file system did not answer for come with it.
func (w *Worker) unmet(ctx context.Context, inputs []wire.PathCheck) ([]wire.PathCheck, error) {
	if len(inputs) == 0 {
		return nil, nil
	}
	checks := make([]datapath.Check, len(inputs))
	for i, input := range inputs {
		checks[i] = datapath.Check{Path: input.Path, Ready: input.Ready}
	}
	var unmet, unknown []wire.PathCheck
	var away error
	for i, result := range w.deps.Paths.ReadyMany(ctx, checks) {
		switch {
		case datapath.Unavailable(result.Err):
			unknown = append(unknown, inputs[i])
			if away == nil {
				away = result.Err
			}
		case result.Err != nil:
			return nil, result.Err
		case !result.Ready:
			unmet = append(unmet, inputs[i])
		}
	}
	if len(unmet) > 0 { // that much is known: the others are asked for when these are there
		return unmet, nil
	}
	return unknown, away
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
