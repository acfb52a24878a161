package run

import (
	"context"
	"time"

	"capricornus/common/batch"
	"capricornus/common/datapath"
	"capricornus/common/pause"
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
func report(ctx context.Context, dir Dir, looker Looker, spec Spec, ending Ending) (wire.Fact, error) {
	fact := wire.Fact{
		Kind: wire.FactFinished, WorkID: spec.WorkID, Attempt: spec.Attempt,
		Host: spec.Host, Incarnation: spec.Incarnation, At: time.Now().UnixMilli(),
		Reason: ending.Reason, ExitCode: ending.Code,
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
	if spec.Success == SuccessByOutput && !ending.Killed {
		fact.OutputReady = outputsReady(ctx, looker, spec)
		if fact.OutputReady == nil && ctx.Err() != nil {
			return wire.Fact{}, ctx.Err()
		}
	}
	// Without a log there is no tail; the result is what counts.
	fact.Tail, fact.LogBytes, _ = dir.Tail(tailBytes)
	fact.Result = answerOf(dir, spec)
	fact.Reason = callReason(spec, fact)
	return fact, nil
}

// outputsReady reports whether every output is ready and was written since the
// start. Nil means that nobody could look; a look that fails is repeated.
func outputsReady(ctx context.Context, looker Looker, spec Spec) *bool {
	ready := true
	for i, output := range spec.Outputs {
		now, err := lookAgain(ctx, looker, output)
		if err != nil || i >= len(spec.Before) {
			return nil
		}
		if now == datapath.Absent || now == spec.Before[i] {
			ready = false
		}
	}
	return &ready
}

func lookAgain(ctx context.Context, looker Looker, output wire.PathCheck) (identity datapath.Identity, err error) {
	for _, wait := range []time.Duration{0, time.Second, 3 * time.Second, 9 * time.Second} {
		if err := pause.For(ctx, wait); err != nil {
			return datapath.Absent, err
		}
		if identity, err = looker.Stat(ctx, output.Path, output.Ready); err == nil {
			return identity, nil
		}
	}
	return datapath.Absent, err
}
