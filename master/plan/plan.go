// Package plan makes batches: by the timer, by hand, and in bulk by plans that
// people have seen before they apply them. It owns the move from nothing to
// waiting. Which slots are due, and what becomes of each batch of a plan, are
// pure functions; reading and writing stand around them.
package plan

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"capricornus/common/store"
	"capricornus/common/task"
)

// Notify tells other duties that something is there for them. Losing a call
// costs time only.
type Notify struct {
	Generated func(ids []int64) // these batches were made; none named: many were
	Operation func()            // an operation waits for its batches to be made

	Killed   func(hosts []string)                      // these workers run something that somebody wants ended
	Finished func(ids []int64, keys []store.ParentKey) // batches are successful by a person's word
	Freed    func()                                    // a hold, a kill or a mark: assign has something to look at
}

// complete lets nobody be told what nobody wants to hear.
func (n Notify) complete() Notify {
	if n.Killed == nil {
		n.Killed = func([]string) {}
	}
	if n.Finished == nil {
		n.Finished = func([]int64, []store.ParentKey) {}
	}
	if n.Freed == nil {
		n.Freed = func() {}
	}
	return n
}

// Planner makes batches. It is safe for concurrent use.
type Planner struct {
	db     *store.DB
	defs   *store.Definitions
	zone   *time.Location
	notify Notify
	log    *slog.Logger
	graphs graphs
	page   int // batches of an operation that one transaction makes or ends
}

// New wires a planner; it neither reads nor writes yet.
func New(db *store.DB, defs *store.Definitions, zone *time.Location, notify Notify, log *slog.Logger) *Planner {
	return &Planner{db: db, defs: defs, zone: zone, notify: notify.complete(), log: log, page: itemPage}
}

// taskPage is how many tasks one transaction makes batches for.
const taskPage = 1000

// catalogOf reads the parents of these definitions, and what was learned about
// the tasks.
func (p *Planner) catalogOf(ctx context.Context, members []member) (*catalog, error) {
	names := map[string]bool{}
	for _, m := range members {
		for _, parent := range m.def.Spec.Parents {
			names[parent.Task] = true
		}
	}
	c := newCatalog(p.zone)
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	err := p.db.View(ctx, func(t *store.ViewTx) error {
		if err := c.memory(ctx, t, members); err != nil || len(list) == 0 {
			return err
		}
		tasks, err := t.HeadsByName(ctx, list)
		if err != nil {
			return err
		}
		defs, err := definitionsOf(ctx, t, p.defs, tasks)
		if err != nil {
			return err
		}
		return c.add(tasks, defs)
	})
	return c, err
}

// definitionsOf reads the present definitions of tasks, in their order.
func definitionsOf(ctx context.Context, t *store.ViewTx, defs *store.Definitions, rows []store.Task) ([]*task.Task, error) {
	keys := make([]store.VersionKey, len(rows))
	for i, row := range rows {
		keys[i] = store.VersionKey{TaskID: row.ID, Version: row.Version}
	}
	found, err := defs.In(ctx, t, keys)
	if err != nil {
		return nil, err
	}
	out := make([]*task.Task, len(rows))
	for i, k := range keys {
		if out[i] = found[k]; out[i] == nil {
			return nil, fmt.Errorf("definition of task %s version %d: %w", rows[i].Name, rows[i].Version, store.ErrNotFound)
		}
	}
	return out, nil
}
