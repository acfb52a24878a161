package plan

import (
	"context"
	"fmt"
	"strconv"

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
		if err := g.page(ctx, round.members, slotOf, round.marks); err != nil {
			return err
		}
	}
	return nil
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
		queues := make(map[int64][]period.Slot, len(tasks))
		for _, row := range tasks {
			slots, err := g.due(ctx, row)
			if err != nil {
				yield(round{err: fmt.Errorf("task %s: %w", row.Name, err)})
				return
			}
			queues[row.ID] = slots
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

// due lists the fire times of one task since its watermark. Disabled times are
// walked too: the version of each fire time says that nothing is made there.
func (g *generation) due(ctx context.Context, row store.Task) ([]period.Slot, error) {
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
	if gap.skipped && row.IsEnabled {
		if err := g.tellSkipped(ctx, row.Name, mark, gap.after); err != nil {
			return nil, err
		}
	}
	slots := cycle.Due(gap.after, g.now, firesPerPass)
	g.more = g.more || len(slots) == firesPerPass
	return slots, nil
}

func (g *generation) nextRound(ctx context.Context, tasks []store.Task, queues map[int64][]period.Slot) round {
	r := round{slots: map[int64]period.Slot{}, marks: map[string]int64{}}
	var old []int64 // tasks whose fire time is from before their current version
	for _, row := range tasks {
		queue := queues[row.ID]
		if len(queue) == 0 {
			continue
		}
		r.slots[row.ID] = queue[0]
		r.marks[cronMark(row.ID)] = queue[0].Base.UnixMilli()
		queues[row.ID] = queue[1:]
		old = append(old, newer([]store.Task{row}, queue[0].Base)...)
	}
	var versions map[int64][]store.Version
	if len(old) > 0 {
		r.err = g.db.View(ctx, func(t *store.ViewTx) (err error) {
			versions, err = t.VersionsOf(ctx, old)
			return err
		})
		if r.err != nil {
			return r
		}
	}
	var keys []store.VersionKey
	for _, row := range tasks {
		if slot, ok := r.slots[row.ID]; ok {
			keys = append(keys, Due([]store.Task{row}, versions, slot.Base)...)
		}
	}
	r.members, r.err = g.members(ctx, tasks, keys)
	return r
}
