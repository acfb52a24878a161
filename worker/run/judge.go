package run

import (
	"context"
	"time"

	"capricornus/common/batch"
	"capricornus/common/datapath"
	"capricornus/common/wire"
)

// tailBytes is how much of the output travels with the result.
const tailBytes = 4096

// Looker looks at output paths; datapath.Checker does.
type Looker interface {
	Stat(ctx context.Context, path, ready string) (datapath.Identity, error)
}

// Before notes the outputs as they are before the start, for a task whose
// success depends on them. Without this nothing could be said afterwards, so
// an output that cannot be looked at is an error.
func Before(ctx context.Context, looker Looker, assignment wire.Assignment) ([]datapath.Identity, error) {
	if assignment.Success != SuccessByOutput {
		return nil, nil
	}
	before := make([]datapath.Identity, len(assignment.Outputs))
	for i, output := range assignment.Outputs {
		identity, err := looker.Stat(ctx, output.Path, output.Ready)
		if err != nil {
			return nil, err
		}
		before[i] = identity
	}
	return before, nil
}

// report makes the fact about an ended attempt. It fails only when ctx ends
// while outputs are looked at: then nothing is known and nothing is said.
func (w *Warden) report(ctx context.Context, dir Dir, spec Spec, ending Ending, orders <-chan Order) (wire.Fact, error) {
	ready, err := w.judge(ctx, spec, &ending, orders)
	if err != nil {
		return wire.Fact{}, err
	}
	fact := wire.Fact{
		Kind: wire.FactFinished, WorkID: spec.WorkID, Attempt: spec.Attempt,
		Host: spec.Host, Incarnation: spec.Incarnation, At: time.Now().UnixMilli(),
		Reason: ending.Reason, ExitCode: ending.Code, OutputReady: ready,
		Killed: ending.Killed, TimedOut: ending.TimedOut, Infra: ending.Fenced, Over: ending.Over,
		StartedAt: spec.StartedAt, EndedAt: ending.At.UnixMilli(),
		CPUMillis: ending.CPU.Milliseconds(), PeakMemory: ending.Memory,
	}
	switch {
	case ending.TimedOut:
		fact.ResultCode = batch.ResultTimeout
	case ending.Code != nil:
		fact.ResultCode = *ending.Code
	case !ending.Killed && !ending.Fenced:
		fact.Kind = wire.FactLost
		fact.Reason = "there is neither a process nor an exit code"
	}
	// Without a log there is no tail; the result is what counts.
	fact.Tail, fact.LogBytes, _ = dir.Tail(tailBytes)
	fact.Result = answerOf(dir, spec)
	fact.Reason = callReason(spec, fact)
	return fact, nil
}

// judge looks at the outputs of an attempt that depends on them and that nobody
// ended. Nil means that they say nothing: they do not decide, they could not be
// looked at for a reason of their own, or a kill came meanwhile.
func (w *Warden) judge(ctx context.Context, spec Spec, ending *Ending, orders <-chan Order) (*bool, error) {
	if spec.Success != SuccessByOutput || !ending.byItself() || len(spec.Before) < len(spec.Outputs) {
		return nil, nil //nolint:nilnil // nothing is known, and nothing is wrong
	}
	l := &lookout{Warden: w, spec: spec, ending: ending, orders: orders}
	for i, output := range spec.Outputs {
		now, err := l.look(ctx, output)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, nil //nolint:nilnil,nilerr // nothing is known
		case now == datapath.Absent || now == spec.Before[i]:
			return new(false), nil
		}
	}
	return new(true), nil
}
