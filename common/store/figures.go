package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// Tally is how many batches of a period are in a state; an ended one also has
// its result.
type Tally struct {
	State  batch.State  `db:"state"`
	Finish batch.Finish `db:"finishState"`
	Period int          `db:"outputPeriod"`
	Count  int          `db:"n"`
}

// Tallies counts the batches that are not done, and those that ended since an instant.
func (t *ViewTx) Tallies(ctx context.Context, endedSince int64) ([]Tally, error) {
	var open, ended []Tally
	// ix_work_ready (state, …): what is not done is little beside what is
	if err := t.all(ctx, &open, `SELECT state, 0 AS finishState, outputPeriod, COUNT(*) AS n FROM capri_task_work
WHERE state IN (0, 1, 2) GROUP BY state, outputPeriod ORDER BY state, outputPeriod LIMIT 100`); err != nil {
		return nil, fmt.Errorf("count open batches: %w", err)
	}
	// ix_work_end (endTime)
	if err := t.all(ctx, &ended, `SELECT 3 AS state, finishState, outputPeriod, COUNT(*) AS n FROM capri_task_work
WHERE endTime >= ? AND state + 0 = 3 GROUP BY finishState, outputPeriod ORDER BY finishState, outputPeriod LIMIT 100`, endedSince); err != nil {
		return nil, fmt.Errorf("count ended batches: %w", err)
	}
	return append(open, ended...), nil
}

// Depth is how many batches of a priority wait for a place.
type Depth struct {
	Priority int `db:"priority"`
	Count    int `db:"n"`
}

// QueueDepths counts the waiting batches whose dependencies are met, by priority.
func (t *ViewTx) QueueDepths(ctx context.Context) ([]Depth, error) {
	var out []Depth
	// ix_work_ready (state, unmet, priority, …) alone
	if err := t.all(ctx, &out, `SELECT priority, COUNT(*) AS n FROM capri_task_work
WHERE state = 0 AND unmet = 0 GROUP BY priority ORDER BY priority LIMIT 1000`); err != nil {
		return nil, fmt.Errorf("count the queue: %w", err)
	}
	return out, nil
}

// Taken is how many slots of a worker are taken.
type Taken struct {
	Host  string      `db:"host"`
	State batch.State `db:"state"` // assigned or running
	Count int         `db:"n"`
}

// SlotsTaken counts the batches on each worker.
func (t *ViewTx) SlotsTaken(ctx context.Context) ([]Taken, error) {
	var out []Taken
	// ix_work_host (state, host, …) alone
	if err := t.all(ctx, &out, `SELECT host, state, COUNT(*) AS n FROM capri_task_work
WHERE state IN (1, 2) GROUP BY state, host ORDER BY state, host LIMIT 100000`); err != nil {
		return nil, fmt.Errorf("count taken slots: %w", err)
	}
	return out, nil
}

// OldestDue is the earliest deadline that has passed and that nobody has been
// told of; 0: there is none.
func (t *ViewTx) OldestDue(ctx context.Context, now int64) (int64, error) {
	var due int64
	// ix_work_due (dueAt) alone
	if err := t.get(ctx, &due, "SELECT COALESCE(MIN(dueAt), 0) FROM capri_task_work WHERE dueAt <= ?", now); err != nil {
		return 0, fmt.Errorf("find the oldest deadline: %w", err)
	}
	return due, nil
}

// Moved is how many batches were taken away from a worker.
type Moved struct {
	Host  string `db:"oldHost"`
	Count int    `db:"n"`
}

// MovedBetween counts the re-assignments away from workers after an instant, up
// to and with another.
func (t *ViewTx) MovedBetween(ctx context.Context, hosts []string, after, until int64) ([]Moved, error) {
	var out []Moved
	for page := range pages(sorted(hosts), 1000) {
		var rows []Moved
		// ix_reschedule_host (oldHost, at) alone
		if err := t.all(ctx, &rows, "SELECT oldHost, COUNT(*) AS n FROM capri_reschedule_log WHERE oldHost IN ("+placeholders(len(page))+
			") AND at > ? AND at <= ? GROUP BY oldHost ORDER BY oldHost", append(anys(page), after, until)...); err != nil {
			return nil, fmt.Errorf("count re-assignments: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// IncidentTally is how many incidents of a level are open.
type IncidentTally struct {
	Level string `db:"level"`
	Count int    `db:"n"`
}

// IncidentTallies counts the open incidents by level; levels without one are
// left out.
func (t *ViewTx) IncidentTallies(ctx context.Context) ([]IncidentTally, error) {
	var out []IncidentTally
	// ix_incident_open (openKey, id): what is open is little beside what was
	if err := t.all(ctx, &out, "SELECT level, COUNT(*) AS n FROM capri_incident WHERE openKey = 1 GROUP BY level ORDER BY level LIMIT 100"); err != nil {
		return nil, fmt.Errorf("count open incidents: %w", err)
	}
	return out, nil
}
