package storetest

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/store"
)

// Violation is one breach of an invariant of quality.md §2.
type Violation struct {
	Invariant string // I1 … I16
	Object    string // batch 17, host w1, …
	Text      string
}

// String says all of it in one line.
func (v Violation) String() string { return v.Invariant + ": " + v.Object + ": " + v.Text }

// Check judges a whole database by what its rows say. It reads one snapshot,
// so masters and workers may go on meanwhile.
//
//	I1   run numbers and unfinished batches, and which run counts
//	I3   journals are gapless, legal, and fold to the row
//	I4   starts and attempts
//	I5   evidence of success
//	I7   epochs never go back within a journal; no decision is stamped outside its term;
//	     nobody but the holder says that it leads
//	I8   unmet counts, and nothing runs with something unmet
//	I9   alerts about batches name their rows
//	I10  alerts that people were told of say so; what failed is an alert
//	I11  no row without its batch, no run number missing, operations complete
//	I13  slots, memory and running limits
func Check(ctx context.Context, db *store.DB) ([]Violation, error) {
	p, err := readPicture(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("check invariants: %w", err)
	}
	judges := []func(*picture, *verdict){
		judgeRuns, judgeJournals, judgeAttempts, judgeEvidence, judgeEpochs, judgeTerms, judgeUnmet, judgeOrphans, judgeOperations, judgeLimits, judgeAlerts, judgeTold,
	}
	var out verdict
	for _, judge := range judges {
		judge(p, &out)
	}
	return out.all, nil
}

// Sound fails the test when an invariant does not hold.
func Sound(t testing.TB, db *store.DB) {
	t.Helper()
	all, err := Check(context.WithoutCancel(t.Context()), db)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range all {
		if i == 20 {
			t.Errorf("and %d more", len(all)-i)
			return
		}
		t.Errorf("got %s, want every invariant to hold", v)
	}
}

type verdict struct{ all []Violation }

func (v *verdict) add(invariant, object, format string, args ...any) {
	v.all = append(v.all, Violation{Invariant: invariant, Object: object, Text: fmt.Sprintf(format, args...)})
}

func (v *verdict) batch(invariant string, id int64, format string, args ...any) {
	v.add(invariant, fmt.Sprintf("batch %d", id), format, args...)
}
