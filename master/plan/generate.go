package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"capricornus/common/batch"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/master/duty"
)

// DutyGenerate is the name of the duty that makes the timer's batches.
const DutyGenerate = "generate"

// slotsPerPass bounds how many slots of one watermark a pass makes up for
// before it reports that there is more.
const slotsPerPass = 50

// Generate makes every batch that is due: failed slots of earlier passes
// first, then the four periods, then cron tasks. It may be repeated and may
// die anywhere: each watermark moves with the last rows it covers.
func (p *Planner) Generate(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	g := &generation{Planner: p, lead: lead, now: p.db.Now()}
	if err := g.read(ctx); err != nil {
		return duty.Pass{}, err
	}
	if err := g.retryFailed(ctx); err != nil {
		return duty.Pass{}, err
	}
	for _, kind := range timed() {
		if err := g.period(ctx, kind); err != nil {
			return duty.Pass{}, fmt.Errorf("generate %s batches: %w", kind, err)
		}
	}
	if err := g.crons(ctx); err != nil {
		return duty.Pass{}, fmt.Errorf("generate cron batches: %w", err)
	}
	if g.made > 0 {
		p.notify.Generated(g.ids)
	}
	if err := g.alarm(ctx); err != nil {
		return duty.Pass{}, err
	}
	return duty.Pass{Rows: g.made, More: g.more, Next: g.next}, nil
}

// generation is one pass.
type generation struct {
	*Planner
	lead   *store.Lead
	now    time.Time
	marks  map[string]int64
	days   int
	made   int
	ids    []int64 // of the batches made; may hold some that were there already
	more   bool
	next   time.Time // the earliest base time to come
	failed []failure // slots that could not be made in this pass
}

type failure struct {
	store.GenerateFailure
	task string
}

func (g *generation) read(ctx context.Context) error {
	return g.db.View(ctx, func(t *store.ViewTx) error {
		marks, err := t.Marks(ctx)
		if err != nil {
			return err
		}
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		g.marks = marks
		g.days, err = strconv.Atoi(settings[store.SettingRecoverDays])
		if err != nil || g.days < 1 {
			g.days = 62
		}
		return nil
	})
}

// period makes the due slots of one period, slot by slot.
func (g *generation) period(ctx context.Context, kind period.Kind) error {
	cycle, err := period.NewCycle(kind, "", g.zone)
	if err != nil {
		return err
	}
	if next, ok := cycle.Next(g.now); ok {
		g.wakeAt(next.Base)
	}
	mark, known := g.marks[markOf(kind)]
	if !known {
		return g.firstMark(ctx, markOf(kind))
	}
	gap := recoverable(mark, g.now, g.days)
	if gap.missed(cycle) {
		if err := g.tellSkipped(ctx, markOf(kind), mark, gap.after); err != nil {
			return err
		}
	}
	slots := cycle.Due(gap.after, g.now, slotsPerPass)
	g.more = g.more || len(slots) == slotsPerPass
	for _, slot := range slots {
		if err := g.slot(ctx, kind, slot); err != nil {
			return fmt.Errorf("slot %s: %w", slot.WorkNo, err)
		}
	}
	return nil
}

func (g *generation) wakeAt(t time.Time) {
	if g.next.IsZero() || t.Before(g.next) {
		g.next = t
	}
}

// firstMark begins a watermark now: what was before is cold start's business.
func (g *generation) firstMark(ctx context.Context, mark string) error {
	return g.lead.Tx(ctx, DutyGenerate, func(t *store.LeaderTx) error {
		return t.PutMarks(ctx, map[string]int64{mark: g.now.UnixMilli()})
	})
}

// slot makes the batches of all tasks of a period for one slot, page by page,
// the next page being drafted while one is written; the watermark moves with
// the last page.
func (g *generation) slot(ctx context.Context, kind period.Kind, slot period.Slot) error {
	var after int64
	return duty.Ahead(ctx, func(ctx context.Context) (*sheet, bool, error) {
		var tasks []store.Task
		var versions map[int64][]store.Version
		var last bool
		err := g.db.View(ctx, func(t *store.ViewTx) (err error) {
			if tasks, last, err = tasksAt(ctx, t, kind, slot.Base, after); err != nil {
				return err
			}
			versions, err = t.VersionsOf(ctx, newer(tasks, slot.Base))
			return err
		})
		if err != nil {
			return nil, false, err
		}
		marks := map[string]int64{}
		if last {
			marks[markOf(kind)] = slot.Base.UnixMilli()
		} else {
			after = tasks[len(tasks)-1].ID
		}
		members, err := g.members(ctx, tasks, Due(tasks, versions, slot.Base))
		if err != nil {
			return nil, false, err
		}
		s, err := g.draft(ctx, ofPeriod(members, kind), func(member) period.Slot { return slot })
		if err != nil {
			return nil, false, err
		}
		s.marks = marks
		return s, !last, nil
	}, g.keep)
}

// tasksAt is a page of the tasks that may have been of a period at an instant;
// those that are of another one by now come with the last page.
func tasksAt(ctx context.Context, t *store.ViewTx, kind period.Kind, at time.Time, after int64) (tasks []store.Task, last bool, err error) {
	if tasks, err = t.HeadsOfPeriod(ctx, int(kind), after, taskPage); err != nil || len(tasks) == taskPage {
		return tasks, false, err
	}
	changed, err := t.HeadsChanged(ctx, int(kind), at.UnixMilli(), taskPage)
	return append(tasks, changed...), true, err
}

// members reads the definitions that batches are made from.
func (g *generation) members(ctx context.Context, tasks []store.Task, keys []store.VersionKey) ([]member, error) {
	defs, err := g.defs.Get(ctx, keys)
	if err != nil {
		return nil, err
	}
	rows := make(map[int64]store.Task, len(tasks))
	for _, t := range tasks {
		rows[t.ID] = t
	}
	out := make([]member, 0, len(keys))
	for _, k := range keys {
		def := defs[k]
		if def == nil {
			continue
		}
		kind, err := period.ParseKind(def.Spec.Period)
		if err != nil {
			return nil, err
		}
		row := rows[k.TaskID]
		row.Period = int(kind) // of that version
		out = append(out, member{row: row, version: k.Version, def: def})
	}
	return out, nil
}

// ofPeriod keeps the members whose version is of a period: a slot is one of
// that period only.
func ofPeriod(members []member, kind period.Kind) []member {
	return slices.DeleteFunc(members, func(m member) bool { return m.row.Period != int(kind) })
}

// sheet is a page of drafts and what goes into its transaction with them.
type sheet struct {
	cat    *catalog
	drafts []store.NewBatch
	failed []failure        // slots that could not be drafted
	marks  map[string]int64 // watermarks that move with them
}

// draft makes one batch for each member. A member whose batch cannot be drafted
// is set aside for later tries, so that one bad task stops nobody; draft
// refuses all that the database would.
func (g *generation) draft(ctx context.Context, members []member, slotOf func(member) period.Slot) (*sheet, error) {
	cat, err := g.catalogOf(ctx, members)
	if err != nil {
		return nil, err
	}
	s := &sheet{cat: cat}
	for _, m := range members {
		slot := slotOf(m)
		if !m.def.Spec.Valid.Holds(slot, g.zone) {
			continue
		}
		b, err := cat.draft(m, slot, birth{origin: batch.ByTimer, schedule: slot.Base, now: g.now})
		if err != nil {
			s.failed = append(s.failed, failed(m, slot, err))
			continue
		}
		s.drafts = append(s.drafts, b)
	}
	return s, nil
}

// keep writes a sheet and counts what it made.
func (g *generation) keep(ctx context.Context, s *sheet) error {
	made, err := g.write(ctx, s)
	g.made += made
	g.failed = append(g.failed, s.failed...)
	g.more = g.more || len(s.failed) > 0
	return err
}

// duplicateTries bounds how often a page is read again after a unique key
// turned out to be taken by somebody else meanwhile (exactly.md 9).
const duplicateTries = 5

func (g *generation) write(ctx context.Context, s *sheet) (int, error) {
	drafts := s.drafts
	ids, err := g.db.IDs(ctx, len(drafts))
	if err != nil {
		return 0, err
	}
	for i := range drafts {
		drafts[i].ID = ids[i]
	}
	g.ids = append(g.ids, ids...)
	made := 0
	for try := 1; ; try++ {
		err := g.lead.Tx(ctx, DutyGenerate, func(t *store.LeaderTx) error {
			exists, err := t.Existing(ctx, ownKeys(drafts))
			if err != nil {
				return err
			}
			var fresh []store.NewBatch
			for _, d := range drafts {
				if _, there := exists[store.ParentKey{TaskID: d.TaskID, WorkNo: d.WorkNo}]; !there {
					fresh = append(fresh, d)
				}
			}
			if err := s.cat.complete(ctx, t, fresh); err != nil {
				return err
			}
			if err := t.InsertBatches(ctx, fresh); err != nil {
				return err
			}
			if err := keepFailures(ctx, t, s.failed); err != nil {
				return err
			}
			made = len(fresh)
			return t.PutMarks(ctx, s.marks)
		})
		if !errors.Is(err, store.ErrExists) || try == duplicateTries {
			return made, err
		}
	}
}
