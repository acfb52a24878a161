package worker

import (
	"testing"

	"capricornus/common/batch"
	"capricornus/common/trace"
	"capricornus/common/wire"
)

func TestOutcomeAsTheWorkerSeesIt(t *testing.T) {
	t.Parallel()
	none, one := 0, 1
	for want, fact := range map[string]wire.Fact{
		batch.ResultLost:     {Kind: wire.FactLost},
		batch.ResultKilled:   {Killed: true, ExitCode: &one},
		batch.ResultTimedOut: {TimedOut: true},
		"over":               {Over: true},
		"infra":              {Infra: true},
		batch.ResultSuccess:  {ExitCode: &none},
		batch.ResultFailed:   {ExitCode: &one},
	} {
		if got := outcomeOf(&fact); got != want {
			t.Errorf("%+v: got %s, want %s", fact, got, want)
		}
	}
}

const someTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestScriptsFindTheirTrace(t *testing.T) {
	t.Parallel()
	w := &Worker{}
	given := map[string]string{"A": "b"}
	ctx, a := w.traced(t.Context(), wire.Assignment{Trace: someTrace, Env: given}, &grip{})
	if a.Env[trace.Environ] != someTrace || a.Env["A"] != "b" || len(given) != 1 || trace.Parent(ctx) != someTrace {
		t.Errorf("got %v, want the trace in a copy of the environment", a.Env)
	}
	if _, a := w.traced(t.Context(), wire.Assignment{}, &grip{}); len(a.Env) != 0 {
		t.Errorf("got %v without a trace, want nothing", a.Env)
	}
}
