package watch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/master/duty"
)

// DutyMissing is the name of the duty that looks for batches that should be
// there and are not, and MissingEvery is how often (seed A3-37).
const (
	DutyMissing  = "missing"
	MissingEvery = 10 * time.Minute
)

const (
	missingBack  = 3 * time.Hour   // base times that the duty looks at
	missingLag   = 5 * time.Minute // what generation may take, also after a new term has begun
	missingTold  = 50              // single alerts of one pass; what is beyond is one summary
	missingHeads = 500             // tasks read together
	slotsPerTask = 5000
	slotsPerCall = 300_000
	missingItems = 500                 // of one answer
	missingSpan  = 35 * 24 * time.Hour // of one question
)

// absent is a slot that should have a batch and has none.
type absent struct {
	store.ParentKey
	task, project string
	period        period.Kind
	slot          period.Slot
}

func (a absent) name() string { return a.task + "/" + a.WorkNo }

// search is where to look for absent batches.
type search struct {
	project  string
	from, to time.Time // of base times, the first not included
	limit    int       // found ones, and then no further task
}

// hunt goes through the tasks.
type hunt struct {
	*Watch
	search
	found []absent
	slots int
	cut   bool // there may be more

	cover map[period.Kind]Cover
	// instead, if given, is shown what should be there; then nobody looks whether it is.
	instead func(head *store.Task, slots []period.Slot)
}

// Cover is how many batches of a period should be there, and how many are not.
type Cover struct{ Expected, Missing int }

// Coverage is what the last look of the duty has counted, by period.
type Coverage struct {
	At       time.Time
	ByPeriod map[period.Kind]Cover
}

// Coverage returns what the duty has counted last; nil: it has not looked yet.
func (w *Watch) Coverage() *Coverage { return w.coverage.Load() }

// Missing looks for slots of the last hours that should have a batch and have
// none, and tells each once.
func (w *Watch) Missing(ctx context.Context, lead *store.Lead, termSince time.Time) (duty.Pass, error) {
	now := w.DB.Now()
	if settled := termSince.Add(missingLag); now.Before(settled) {
		return duty.Pass{Next: settled}, nil // generation makes up for the time without a leader first
	}
	h := &hunt{Watch: w, search: search{from: now.Add(-missingBack), to: now.Add(-missingLag), limit: slotsPerCall}}
	if err := h.run(ctx); err != nil {
		return duty.Pass{}, err
	}
	w.coverage.Store(&Coverage{At: now, ByPeriod: h.cover})
	if len(h.found) == 0 {
		return duty.Pass{}, nil
	}
	told := h.found[:min(len(h.found), missingTold)]
	reasons, err := w.reasons(ctx, told, "en")
	if err != nil {
		return duty.Pass{}, err
	}
	return duty.Pass{Rows: len(h.found)}, w.raise(ctx, lead, DutyMissing, missingAlerts(h.found, reasons, w.Zone), nil)
}

// missingAlerts tells of the first ones each, and of all when there are more.
func missingAlerts(found []absent, reasons map[store.ParentKey]string, zone *time.Location) []store.Alert {
	var alerts []store.Alert
	for _, a := range found[:min(len(found), missingTold)] {
		alerts = append(alerts, store.Alert{
			Kind: "batch-missing", Object: a.name(), Occurrence: store.OccurredOnce, Level: store.LevelImportant, TaskID: a.TaskID,
			Text: fmt.Sprintf("%s should have been there since %s and is not: %s", a.name(), a.slot.Base.In(zone).Format(time.DateTime), reasons[a.ParentKey]),
		})
	}
	if len(found) <= missingTold {
		return alerts
	}
	last := found[len(found)-1].slot.Base
	return append(alerts, store.Alert{
		Kind: "batch-missing", Object: "platform", Occurrence: last.UTC().Format(time.RFC3339), Level: store.LevelImportant,
		Text: fmt.Sprintf("%d batches that should be there by %s are not; the first is %s (capri batch missing lists them)",
			len(found), last.In(zone).Format(time.DateTime), found[0].name()),
	})
}

// MissingBatches answers which batches of a time should be there and are not.
func (w *Watch) MissingBatches(ctx context.Context, q wire.MissingQuery) (wire.MissingList, error) {
	list := wire.MissingList{Items: []wire.Missing{}}
	now := w.DB.Now()
	h := &hunt{Watch: w, search: search{project: q.Project, to: now, limit: missingItems}}
	if q.To != 0 {
		h.to = earlier(now, time.UnixMilli(q.To))
	}
	h.from = h.to.Add(-24 * time.Hour)
	if q.From != 0 {
		h.from = time.UnixMilli(q.From)
	}
	if h.to.Sub(h.from) > missingSpan {
		return list, fault.New(fault.Invalid, "the time from %s to %s is longer than %d days",
			h.from.In(w.Zone).Format(time.DateTime), h.to.In(w.Zone).Format(time.DateTime), int(missingSpan.Hours()/24)).WithHint("ask about a part of it")
	}
	list.From, list.To = h.from.UnixMilli(), h.to.UnixMilli()
	if err := h.run(ctx); err != nil {
		return list, err
	}
	shown := h.found[:min(len(h.found), missingItems)]
	reasons, err := w.reasons(ctx, shown, q.Lang)
	if err != nil {
		return list, err
	}
	for _, a := range shown {
		list.Items = append(list.Items, wire.Missing{
			Batch: a.name(), Task: a.task, Project: a.project, WorkNo: a.WorkNo, DueAt: a.slot.Base.UnixMilli(), Reason: reasons[a.ParentKey],
		})
	}
	list.More = h.cut || len(h.found) > len(shown)
	return list, nil
}

func (w *Watch) reasons(ctx context.Context, found []absent, lang string) (map[store.ParentKey]string, error) {
	keys := make([]store.ParentKey, len(found))
	for i, a := range found {
		keys[i] = a.ParentKey
	}
	return w.Reasons(ctx, keys, lang)
}

// run finds what is absent, in the order of base times.
func (h *hunt) run(ctx context.Context) error {
	h.cover = map[period.Kind]Cover{}
	for after, full := int64(0), h.from.Before(h.to); full && !h.cut; {
		var heads []store.Task
		err := h.DB.View(ctx, func(t *store.ViewTx) (err error) {
			if heads, err = t.HeadsAfter(ctx, h.project, after, missingHeads); err != nil {
				return err
			}
			return h.page(ctx, t, heads)
		})
		if err != nil {
			return err
		}
		if full = len(heads) == missingHeads; full {
			after = heads[len(heads)-1].ID
			h.cut = len(h.found) >= h.limit || h.slots >= slotsPerCall
		}
	}
	slices.SortFunc(h.found, func(a, b absent) int { return cmp.Or(a.slot.Base.Compare(b.slot.Base), cmp.Compare(a.task, b.task)) })
	return nil
}

// page looks at some tasks.
func (h *hunt) page(ctx context.Context, t *store.ViewTx, heads []store.Task) error {
	var changed []int64
	for i := range heads {
		if heads[i].SavedAt >= h.from.UnixMilli() && heads[i].SavedAt > heads[i].CreatedAt {
			changed = append(changed, heads[i].ID)
		}
	}
	versions, err := t.VersionHeads(ctx, changed)
	if err != nil {
		return err
	}
	stood := make(map[int64][]era, len(heads))
	var keys []store.VersionKey
	for i := range heads {
		stood[heads[i].ID] = eras(&heads[i], versions[heads[i].ID], h.from, h.to)
		for _, e := range stood[heads[i].ID] {
			keys = append(keys, e.key)
		}
	}
	defs, err := h.Defs.In(ctx, t, keys)
	if err != nil {
		return err
	}
	var wanted []absent
	for i := range heads {
		slots, err := h.slotsOf(stood[heads[i].ID], defs)
		if err != nil {
			return fmt.Errorf("task %s: %w", heads[i].Name, err)
		}
		if h.instead != nil {
			h.instead(&heads[i], slots)
			continue
		}
		for _, s := range slots {
			wanted = append(wanted, absent{
				ParentKey: store.ParentKey{TaskID: heads[i].ID, WorkNo: s.WorkNo}, task: heads[i].Name, project: heads[i].Project, period: period.Kind(heads[i].Period), slot: s,
			})
		}
	}
	return h.keepAbsent(ctx, t, wanted)
}

// slotsOf lists the slots of a task that should have a batch.
func (h *hunt) slotsOf(stood []era, defs map[store.VersionKey]*task.Task) ([]period.Slot, error) {
	var out []period.Slot
	for _, e := range stood {
		def := defs[e.key]
		if def == nil {
			continue
		}
		slots, err := expected(def, e, h.Zone, slotsPerTask)
		if err != nil {
			return nil, err
		}
		h.cut = h.cut || len(slots) == slotsPerTask
		out = append(out, slots...)
	}
	h.slots += len(out)
	return out, nil
}

// keepAbsent keeps those that have no batch at all.
func (h *hunt) keepAbsent(ctx context.Context, t *store.ViewTx, wanted []absent) error {
	keys := make([]store.ParentKey, len(wanted))
	for i, a := range wanted {
		keys[i] = a.ParentKey
	}
	there, err := t.Existing(ctx, keys)
	if err != nil {
		return err
	}
	for _, a := range wanted {
		c := h.cover[a.period]
		c.Expected++
		if _, has := there[a.ParentKey]; !has {
			c.Missing++
			h.found = append(h.found, a)
		}
		h.cover[a.period] = c
	}
	return nil
}
