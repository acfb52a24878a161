package plan

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"capricornus/common/period"
	"capricornus/common/store"
)

func strconvInt(n int64) string { return strconv.FormatInt(n, 10) }

// cronMark names the watermark of one cron task.
func cronMark(taskID int64) string { return "cron:" + strconvInt(taskID) }

// firesPerPass bounds how many missed fire times of one cron task a pass makes up for.
const firesPerPass = 200

// crons makes the due fire times of all cron tasks, page by page.
func (g *generation) crons(ctx context.Context) error {
	var after int64
	for {
		var tasks []store.Task
		err := g.db.View(ctx, func(t *store.ViewTx) (err error) {
			tasks, err = t.HeadsOfPeriod(ctx, int(period.Cron), after, taskPage)
			return err
		})
		if err != nil {
			return err
		}
		if err := g.cronPage(ctx, tasks); err != nil {
			return err
		}
		if len(tasks) < taskPage {
			return nil
		}
		after = tasks[len(tasks)-1].ID
	}
}

func (g *generation) cronPage(ctx context.Context, tasks []store.Task) error {
	for round := range g.fires(ctx, tasks) {
		if round.err != nil {
			return round.err
		}
		slotOf := func(m member) period.Slot { return round.slots[m.row.ID] }
		s, err := g.draft(ctx, round.members, slotOf)
		if err != nil {
			return err
		}
		s.marks = round.marks
		if err := g.keep(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// fire is a due fire time and the version that was saved last before it.
type fire struct {
	slot period.Slot
	key  store.VersionKey
	made bool // that version was enabled
}

// round is at most one fire time for each task of a page.
type round struct {
	members []member
	slots   map[int64]period.Slot
	marks   map[string]int64
	err     error
}

// fires yields rounds of due fire times until none is left or each task has
// had its share of this pass.
func (g *generation) fires(ctx context.Context, tasks []store.Task) func(yield func(round) bool) {
	return func(yield func(round) bool) {
		queues := make(map[int64][]fire, len(tasks))
		for _, row := range tasks {
			fires, err := g.due(ctx, row)
			if err != nil {
				yield(round{err: fmt.Errorf("task %s: %w", row.Name, err)})
				return
			}
			queues[row.ID] = fires
		}
		for {
			r := g.nextRound(ctx, tasks, queues)
			if r.err == nil && len(r.slots) == 0 {
				return
			}
			if !yield(r) || r.err != nil {
				return
			}
		}
	}
}

// due lists the fire times of one task since its watermark, each by the
// expression of the version that stood then. Disabled times are walked too, so
// that the watermark moves.
func (g *generation) due(ctx context.Context, row store.Task) ([]fire, error) {
	cycle, err := period.NewCycle(period.Cron, row.Cron, g.zone)
	if err != nil {
		return nil, err
	}
	if next, ok := cycle.Next(g.now); ok && row.IsEnabled {
		g.wakeAt(next.Base)
	}
	mark, known := g.marks[cronMark(row.ID)]
	if !known {
		mark = row.CreatedAt
	}
	gap := recoverable(mark, g.now, g.days)
	if row.IsEnabled && gap.missed(cycle) {
		if err := g.tellSkipped(ctx, row.Name, mark, gap.after); err != nil {
			return nil, err
		}
	}
	eras, err := g.eras(ctx, row, gap.after)
	if err != nil {
		return nil, err
	}
	var fires []fire
	for _, e := range eras {
		for _, slot := range e.cycle.Due(e.from, e.to, firesPerPass-len(fires)) {
			fires = append(fires, fire{slot: slot, key: e.key, made: e.enabled})
		}
	}
	g.more = g.more || len(fires) == firesPerPass
	return fires, nil
}

// era is the time in which one version of a cron task stood: the fire times
// after from, up to and with to, are its own (exactly.md 4).
type era struct {
	cycle    period.Cycle
	key      store.VersionKey
	enabled  bool
	from, to time.Time
}

// eras cuts the time from an instant until now by the versions of a task.
func (g *generation) eras(ctx context.Context, row store.Task, from time.Time) ([]era, error) {
	versions := []store.Version{{TaskID: row.ID, Version: row.Version, IsEnabled: row.IsEnabled, SavedAt: row.SavedAt}}
	if row.SavedAt > from.UnixMilli() && row.SavedAt > row.CreatedAt {
		err := g.db.View(ctx, func(t *store.ViewTx) error {
			all, err := t.VersionsOf(ctx, []int64{row.ID})
			versions = all[row.ID]
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	keys := make([]store.VersionKey, len(versions))
	for i, v := range versions {
		keys[i] = store.VersionKey{TaskID: v.TaskID, Version: v.Version}
	}
	defs, err := g.defs.Get(ctx, keys)
	if err != nil {
		return nil, err
	}
	var out []era
	for i, v := range versions {
		e := era{key: keys[i], enabled: v.IsEnabled && !v.IsDeleted, from: later(from, time.UnixMilli(v.SavedAt)), to: g.now}
		if i+1 < len(versions) {
			e.to = time.UnixMilli(versions[i+1].SavedAt)
		}
		def := defs[keys[i]]
		if def == nil || def.Spec.Period != period.Cron.String() || !e.from.Before(e.to) {
			continue
		}
		if e.cycle, err = def.Cycle(g.zone); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (g *generation) nextRound(ctx context.Context, tasks []store.Task, queues map[int64][]fire) round {
	r := round{slots: map[int64]period.Slot{}, marks: map[string]int64{}}
	var keys []store.VersionKey
	for _, row := range tasks {
		queue := queues[row.ID]
		if len(queue) == 0 {
			continue
		}
		f := queue[0]
		queues[row.ID] = queue[1:]
		r.slots[row.ID] = f.slot
		r.marks[cronMark(row.ID)] = f.slot.Base.UnixMilli()
		if f.made {
			keys = append(keys, f.key)
		}
	}
	r.members, r.err = g.members(ctx, tasks, keys)
	return r
}
