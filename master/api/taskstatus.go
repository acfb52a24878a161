package api

import (
	"context"
	"slices"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/task"
)

// slotsTried bounds the search for the next run among slots that lie between.
const slotsTried = 500

// nextRun is when a task runs next at the earliest: the next base time within its
// validity, and after it the earliest start, by the clock of the zone. 0: never.
// It is pure.
func nextRun(def *task.Task, zone *time.Location, now time.Time) int64 {
	e := def.Spec.Earliest
	if !e.Set {
		return nextBase(def, zone, now)
	}
	cycle, err := def.Cycle(zone)
	if err != nil {
		return 0
	}
	// A slot whose base is over may not have started yet; clocks are set by hours.
	after := now.Add(-time.Duration(max(e.Minutes, 0))*time.Minute - 3*time.Hour)
	for range slotsTried {
		slot, ok := cycle.Next(after)
		if !ok || slot.Base.After(now) {
			break
		}
		if starts := cycle.After(slot, e.Minutes); starts.After(now) && def.Spec.Valid.Holds(slot, zone) {
			return starts.UnixMilli()
		}
		after = slot.Base
	}
	base := nextBase(def, zone, now)
	slot, ok := cycle.Next(time.UnixMilli(base - 1))
	if base == 0 || !ok {
		return base
	}
	return cycle.After(slot, e.Minutes).UnixMilli()
}

// What dot-job calls the trigger status of a job (seed A1-07).
const (
	triggerNotStarted = 0
	triggerPending    = 1
	triggerRunning    = 2
	triggerAbnormal   = 3
)

// triggerStatus is how a task stands in those words: one that is switched off has
// not started; otherwise it runs, or the last run went wrong, or it waits for the
// next. It is pure.
func triggerStatus(enabled bool, s store.TaskStanding) int {
	switch {
	case s.Running:
		return triggerRunning
	case !enabled:
		return triggerNotStarted
	}
	if slices.Contains([]batch.Finish{batch.Failed, batch.Lost, batch.DependTimeout, batch.OutputTimeout}, s.Ended) {
		return triggerAbnormal
	}
	return triggerPending
}

// standings reads how the batches of listed tasks stand.
func (a *api) standings(ctx context.Context, rows []store.Task) (out map[int64]store.TaskStanding, err error) {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		out, err = t.TaskStandings(ctx, ids)
		return err
	})
	return out, err
}
