package keeper

import (
	"log/slog"
	"time"

	"capricornus/worker/run"
	"capricornus/worker/vitals"
	"capricornus/worker/workdir"
)

// measureEvery is how often the keeper measures what attempts use.
const measureEvery = 2 * time.Second

// newGuard returns a guard that keeps the limits the worker left.
func newGuard(limits workdir.Limits, log *slog.Logger) *run.Guard {
	return &run.Guard{Limits: run.Limits(limits), Measure: measure, Memory: vitals.Processes{}.Memory, Every: measureEvery, Log: log}
}

func measure(leaders map[int][]int) (map[int]run.Use, error) {
	usage, err := vitals.Processes{}.Sample(leaders)
	if err != nil {
		return nil, err
	}
	uses := make(map[int]run.Use, len(usage))
	for leader, used := range usage {
		uses[leader] = run.Use{Memory: used.Memory, Processes: used.Processes, Threads: used.Threads}
	}
	return uses, nil
}
