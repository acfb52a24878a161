package store

import (
	"slices"
	"testing"

	"capricornus/common/batch"
)

// TestMovesAndTheirStatementNameTheSameColumns holds that what a move may
// change is written, and what is written some move may change.
func TestMovesAndTheirStatementNameTheSameColumns(t *testing.T) {
	t.Parallel()
	used := []string{"epoch", "seq"}
	for _, m := range batch.Moves() {
		for _, col := range m.Columns {
			if !slices.Contains(moveSet(), col) {
				t.Errorf("got column %s of move %s not among those that moves write", col, m.Name)
			}
			used = append(used, col)
		}
	}
	for _, col := range moveSet() {
		if _, known := workFields()[col]; !known {
			t.Errorf("got column %s written, and no field of Work for it", col)
		}
		if !slices.Contains(used, col) {
			t.Errorf("got column %s written by the statement, and no move that may change it", col)
		}
	}
}
