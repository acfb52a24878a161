package plan

import (
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func TestDecideRerun(t *testing.T) {
	t.Parallel()
	run := func(state batch.State, finish batch.Finish) *store.Existing {
		return &store.Existing{Type: 2, State: state, Finish: finish}
	}
	cases := []struct {
		name     string
		change   func(*slotFacts)
		existing *store.Existing
		decision string
		code     string
		run      int
	}{
		{"NoBatch", nil, nil, Create, CodeNew, 0},
		{"Successful", nil, run(batch.Done, batch.Success), Create, "CREATE_GEN_3", 3},
		{"FailedRun", nil, run(batch.Done, batch.Failed), Create, "CREATE_GEN_3", 3},
		{"Waiting", nil, run(batch.Waiting, batch.None), Skip, CodeUnfinished, 2},
		{"WaitingAndLate", nil, run(batch.Waiting, batch.OutputTimeout), Skip, CodeUnfinished, 2},
		{"Assigned", nil, run(batch.Assigned, batch.None), Skip, CodeUnfinished, 2},
		{"Running", nil, run(batch.Running, batch.None), Block, CodeRunning, 2},
		{"Excluded", func(f *slotFacts) { f.excluded = true }, run(batch.Running, batch.None), Skip, CodeExcluded, 0},
		{"Disabled", func(f *slotFacts) { f.enabled = false }, run(batch.Done, batch.Failed), Skip, CodeDisabled, 0},
		{"Invalid", func(f *slotFacts) { f.valid = false }, nil, Skip, CodeNotValid, 0},
		{"Future", func(f *slotFacts) { f.future = true }, nil, Skip, CodeFuture, 0},
		{"MissingAndNoBatch", func(f *slotFacts) { f.mode = ModeMissing }, nil, Create, CodeNew, 0},
		{"MissingAndFailed", func(f *slotFacts) { f.mode = ModeMissing }, run(batch.Done, batch.Failed), Skip, CodeExists, 2},
		{"MissingAndWaiting", func(f *slotFacts) { f.mode = ModeMissing }, run(batch.Waiting, batch.None), Skip, CodeUnfinished, 2},
		{"FailedModeAndNoBatch", func(f *slotFacts) { f.mode = ModeFailed }, nil, Skip, CodeNotFailed, 0},
		{"FailedModeAndFailed", func(f *slotFacts) { f.mode = ModeFailed }, run(batch.Done, batch.Failed), Create, "CREATE_GEN_3", 3},
		{"FailedModeAndKilled", func(f *slotFacts) { f.mode = ModeFailed }, run(batch.Done, batch.Killed), Create, "CREATE_GEN_3", 3},
		{"FailedModeAndLost", func(f *slotFacts) { f.mode = ModeFailed }, run(batch.Done, batch.Lost), Create, "CREATE_GEN_3", 3},
		{"FailedModeAndSkipped", func(f *slotFacts) { f.mode = ModeFailed }, run(batch.Done, batch.Skipped), Skip, CodeNotFailed, 2},
		{"FailedModeAndSuccessful", func(f *slotFacts) { f.mode = ModeFailed }, run(batch.Done, batch.Success), Skip, CodeAlreadyOK, 2},
		{"FailedModeAndRunning", func(f *slotFacts) { f.mode = ModeFailed }, run(batch.Running, batch.None), Block, CodeRunning, 2},
		{"NoRight", func(f *slotFacts) { f.may = false }, run(batch.Done, batch.Success), Block, CodeNoPermission, 3},
		{"NoRightAndNoBatch", func(f *slotFacts) { f.may = false }, nil, Block, CodeNoPermission, 0},
		{"NoRightAndDisabled", func(f *slotFacts) { f.may, f.enabled = false, false }, nil, Skip, CodeDisabled, 0},
		{"NoRightAndWaiting", func(f *slotFacts) { f.may = false }, run(batch.Waiting, batch.None), Skip, CodeUnfinished, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := slotFacts{enabled: true, valid: true, may: true, mode: ModeAll, existing: c.existing}
			if c.change != nil {
				c.change(&f)
			}
			decision, code, got := decideRerun(f)
			if decision != c.decision || code != c.code || got != c.run {
				t.Errorf("got %s %s run %d, want %s %s run %d", decision, code, got, c.decision, c.code, c.run)
			}
			it := Item{Decision: decision, Code: code, Run: got, Existing: c.existing, Via: []string{"logic up"}}
			if text := rerunSentence(&it, "bob"); text == "" || code == CodeNoPermission && !strings.Contains(text, "ask its owner bob") {
				t.Errorf("got %q, want a sentence, and whom to ask", text)
			}
		})
	}
}
