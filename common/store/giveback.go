package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// DoubtPath makes every waiting batch that reads this path wait for the masters'
// next look, with the reason why a worker could not look: what was known of it
// is not known any more.
func (t *WorkTx) DoubtPath(ctx context.Context, path, reason string) error {
	return t.setPath(ctx, path, rowChange{from: DepMet, to: DepUnmet, reason: reason})
}

// InsertReassignments notes what workers have given back.
func (t *WorkTx) InsertReassignments(ctx context.Context, all []Reassignment) error {
	return t.insertReassignments(ctx, all)
}

// InsertReassignments chains previous assignments into the log.
func (t *LeaderTx) InsertReassignments(ctx context.Context, all []Reassignment) error {
	return t.insertReassignments(ctx, all)
}

// insertReassignments writes in the order of the key: two transactions that
// write at once then wait for each other in one direction only.
func (t *tx) insertReassignments(ctx context.Context, all []Reassignment) error {
	rows := make([][]any, 0, len(all))
	for _, r := range slices.SortedFunc(slices.Values(all), byAttempt) {
		rows = append(rows, []any{r.WorkID, r.Attempt, r.OldHost, r.OldAssignTime, r.NewHost, clip(r.Reason, 400), t.now})
	}
	if err := t.insert(ctx, "capri_reschedule_log", "taskWorkId, attempt, oldHost, oldAssignTime, newHost, reason, at", rows, t.d.ignore("attempt")); err != nil {
		return fmt.Errorf("log re-assignments: %w", err)
	}
	return nil
}

func byAttempt(a, b Reassignment) int {
	return cmp.Or(cmp.Compare(a.WorkID, b.WorkID), cmp.Compare(a.Attempt, b.Attempt))
}
