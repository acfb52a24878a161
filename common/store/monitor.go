package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Condition is something that the platform's monitor has told of and that is
// not over: with it the next leader tells of nothing twice.
type Condition struct {
	Kind   string `db:"kind"`
	Object string `db:"object"`
	Level  string `db:"level"`
	Since  int64  `db:"since"`
}

// Conditions lists what is not over.
func (t *ViewTx) Conditions(ctx context.Context) ([]Condition, error) {
	var out []Condition
	// by the primary key: what is wrong now
	if err := t.all(ctx, &out, "SELECT kind, object, level, since FROM capri_monitor_state ORDER BY kind, object LIMIT 100000"); err != nil {
		return nil, fmt.Errorf("list conditions: %w", err)
	}
	return out, nil
}

// PutConditions notes what has begun or become worse.
func (t *LeaderTx) PutConditions(ctx context.Context, all []Condition) error {
	rows := make([][]any, 0, len(all))
	for _, c := range slices.SortedFunc(slices.Values(all), byObject) {
		rows = append(rows, []any{c.Kind, clip(c.Object, 200), c.Level, c.Since})
	}
	return t.insert(ctx, "capri_monitor_state", "kind, object, level, since", rows, t.d.upsert("kind, object", "level", "since"))
}

// DropConditions forgets what is over.
func (t *LeaderTx) DropConditions(ctx context.Context, all []Condition) error {
	objects := map[string][]string{}
	for _, c := range all {
		objects[c.Kind] = append(objects[c.Kind], c.Object)
	}
	kinds := make([]string, 0, len(objects))
	for kind := range objects {
		kinds = append(kinds, kind)
	}
	for _, kind := range sorted(kinds) {
		for page := range pages(sorted(objects[kind]), 1000) {
			// by the primary key
			if _, err := t.exec(ctx, "DELETE FROM capri_monitor_state WHERE kind = ? AND object IN ("+placeholders(len(page))+")",
				append([]any{kind}, anys(page)...)...); err != nil {
				return fmt.Errorf("drop conditions: %w", err)
			}
		}
	}
	return nil
}

func byObject(a, b Condition) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Object, b.Object))
}

// Displaced is how much was taken away from a worker lately, for want of memory
// or for every other reason.
type Displaced struct {
	Host      string `db:"oldHost"`
	ForMemory bool   `db:"forMemory"`
	Tasks     int    `db:"tasks"` // distinct ones, since the earlier instant
	Moves     int    `db:"moves"` // since the later instant
}

// Displacement is what to count: what happened since two instants, and how the
// reasons read that are for want of memory, or no fault of the host.
type Displacement struct {
	TasksSince int64 // the earlier
	MovesSince int64
	Memory     string // a pattern as LIKE takes it
	NotHosts   string // the same, of those that say nothing about the host: not counted
}

// Displaced counts the re-assignments away from some workers. Away from one
// that somebody has switched off is no sign of anything.
func (t *ViewTx) Displaced(ctx context.Context, hosts []string, d Displacement) ([]Displaced, error) {
	var out []Displaced
	for page := range pages(sorted(hosts), 1000) {
		var rows []Displaced
		// ix_reschedule_host (oldHost, at); batches by the primary key
		if err := t.all(ctx, &rows, `SELECT r.oldHost, CASE WHEN r.reason LIKE ? THEN 1 ELSE 0 END AS forMemory,
COUNT(DISTINCT w.taskId) AS tasks, SUM(CASE WHEN r.at >= ? THEN 1 ELSE 0 END) AS moves
FROM capri_reschedule_log r JOIN capri_task_work w ON w.id = r.taskWorkId WHERE r.at >= ? AND r.oldHost IN (`+placeholders(len(page))+`) AND r.reason NOT LIKE ? AND r.reason NOT LIKE ?
GROUP BY r.oldHost, forMemory ORDER BY r.oldHost, forMemory LIMIT 2000`,
			append(append([]any{d.Memory, d.MovesSince, d.TasksSince}, anys(page)...), ReasonOff+"%", d.NotHosts)...); err != nil {
			return nil, fmt.Errorf("count re-assignments: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}
