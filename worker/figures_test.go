package worker

import (
	"testing"

	"capricornus/common/batch"
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
