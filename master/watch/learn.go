package watch

import (
	"context"
	"slices"
	"time"

	"capricornus/common/store"
	"capricornus/master/duty"
)

// DutyLearn is the name of the duty that learns from successful runs.
const DutyLearn = "learn"

const (
	learnRuns = 30  // what is learned from at most: the newest successes of the task's period
	learnPage = 200 // tasks of one transaction
	// learnBack is how far back the ends of runs are looked at: every end is
	// stamped when it is taken, and the duty runs hourly.
	learnBack = 25 * time.Hour
)

// Learn computes durations and peak memory anew for each task that had a
// success since it was learned last.
func (w *Watch) Learn(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	var pass duty.Pass
	for after, full := int64(0), true; full; {
		var tasks []int64
		var stats []store.TaskStat
		err := w.DB.View(ctx, func(t *store.ViewTx) (err error) {
			from := time.UnixMilli(t.Now()).Add(-learnBack).UnixMilli()
			if tasks, err = t.TasksToLearn(ctx, from, after, learnPage); err != nil {
				return err
			}
			runs, err := t.RecentSuccesses(ctx, tasks, learnRuns)
			for _, id := range tasks {
				stats = append(stats, learned(id, runs[id], t.Now()))
			}
			return err
		})
		if err != nil {
			return pass, err
		}
		if full = len(tasks) == learnPage; len(tasks) == 0 {
			break
		}
		after = tasks[len(tasks)-1]
		if err := lead.Tx(ctx, DutyLearn, func(t *store.LeaderTx) error { return t.PutTaskStats(ctx, stats) }); err != nil {
			return pass, err
		}
		pass.Rows += len(stats)
	}
	return pass, nil
}

// learned is what these runs of a task teach. Without runs, all figures are zero.
func learned(taskID int64, runs []store.SuccessRun, now int64) store.TaskStat {
	durations, memory := make([]int64, 0, len(runs)), make([]int64, 0, len(runs))
	for _, r := range runs {
		durations = append(durations, max(r.Millis(), 0))
		memory = append(memory, r.PeakMemory)
	}
	slices.Sort(durations)
	slices.Sort(memory)
	return store.TaskStat{
		TaskID: taskID, Runs: len(runs), P50Millis: percentile(durations, 50), P95Millis: percentile(durations, 95),
		PeakMemory: percentile(memory, 95), LearnedAt: now,
	}
}

// percentile is the smallest value that p percent of the ascending values do
// not exceed (the nearest rank); 0 for no values.
func percentile(ascending []int64, p int) int64 {
	if len(ascending) == 0 {
		return 0
	}
	rank := (len(ascending)*p + 99) / 100
	return ascending[max(rank, 1)-1]
}
