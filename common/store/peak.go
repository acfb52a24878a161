package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Peak is the most that a running attempt has used so far.
type Peak struct {
	WorkID    int64
	Attempt   int
	Memory    int64
	Processes int
	CPUMillis int64
}

// RaisePeaks writes what running attempts have used, where it is more than what
// is there (大于才更新): no stored peak ever falls. The batches must be locked.
func (t *WorkTx) RaisePeaks(ctx context.Context, all []Peak) error {
	works, attempts := make([][]any, 0, len(all)), make([][]any, 0, len(all))
	for _, p := range slices.SortedFunc(slices.Values(all), func(a, b Peak) int { return cmp.Compare(a.WorkID, b.WorkID) }) {
		works = append(works, []any{p.WorkID, p.Attempt, p.Memory, p.Processes})
		attempts = append(attempts, []any{p.WorkID, p.Attempt, p.Memory, p.Processes, p.CPUMillis})
	}
	cols := []string{"id", "was_attempt", "top_peakMemory", "top_peakProcesses"}
	for page := range t.d.statements(works) {
		// by the primary key
		if _, err := t.exec(ctx, t.d.updateFrom("capri_task_work", t.d.values(cols, len(page)), cols[2:], cols[:2]), flat(page)...); err != nil {
			return fmt.Errorf("raise peaks of batches: %w", err)
		}
	}
	cols = []string{"taskWorkId", "was_attempt", "top_peakMemory", "top_peakProcesses", "top_cpuMillis"}
	for page := range t.d.statements(attempts) {
		// by the primary key
		if _, err := t.exec(ctx, t.d.updateFrom("capri_task_instance", t.d.values(cols, len(page)), cols[2:], cols[:2]), flat(page)...); err != nil {
			return fmt.Errorf("raise peaks of attempts: %w", err)
		}
	}
	return nil
}
