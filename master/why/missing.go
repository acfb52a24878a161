package why

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/master/plan"
)

// itemsShown bounds how many decisions of operations are shown for one work number.
const itemsShown = 5

// absence is why a work number has no batch.
type absence struct {
	name     string // task/workNo
	sentence string
	help     string
	since    int64 // from when it could have been there; 0 when that lies ahead
	evidence []string
}

// slotFacts is what the absence of one batch is judged by.
type slotFacts struct {
	row     store.Task
	def     *task.Task // as it stands
	then    *store.VersionHead
	thenDef *task.Task // the version generation uses; nil: there was none
	slot    period.Slot
	failure *store.GenerateFailure
	items   []store.SlotItem
	mark    int64 // how far generation has come; 0: not begun
	days    int   // of missed batches that generation makes up for
	enabled bool  // the version generation uses is enabled and not deleted
	noSlot  error // the work number is none of the task's
}

// missing explains why a work number of a task has no batch.
func (a *asking) missing(ctx context.Context, ref batch.Ref) (wire.Why, error) {
	row, err := a.t.TaskByName(ctx, ref.Task)
	if errors.Is(err, store.ErrNotFound) {
		return wire.Why{}, unknownTask(ref.Task)
	}
	if err != nil {
		return wire.Why{}, err
	}
	if ref.Run > 0 {
		return wire.Why{}, fault.New(fault.NotFound, "%s/%s has no run %d", ref.Task, ref.WorkNo, ref.Run).
			WithHint("capri batch list --task %s shows what there is", ref.Task)
	}
	if err := a.readServices(ctx); err != nil {
		return wire.Why{}, err
	}
	key := store.ParentKey{TaskID: row.ID, WorkNo: ref.WorkNo}
	facts, err := a.slots(ctx, []store.ParentKey{key})
	if err != nil {
		return wire.Why{}, err
	}
	f := facts[key]
	if f == nil {
		return wire.Why{}, unknownTask(ref.Task)
	}
	if f.noSlot != nil {
		return wire.Why{}, fault.New(fault.Invalid, "work number %s: %v", ref.WorkNo, f.noSlot)
	}
	why := a.absence(f)
	g := wire.WhyGate{Code: CodeMissing, State: unmet, Sentence: why.sentence, Help: why.help, Since: why.since, Evidence: why.evidence}
	g.CheckedAt, g.CheckedBy = a.checked(plan.DutyGenerate)
	return wire.Why{Batch: why.name, Verdict: "not-generated", Summary: why.sentence, Gates: []wire.WhyGate{g}}, nil
}

// absences says for work numbers why they have no batch.
func (a *asking) absences(ctx context.Context, keys []store.ParentKey) (map[store.ParentKey]absence, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	facts, err := a.slots(ctx, keys)
	if err != nil {
		return nil, err
	}
	names, err := a.t.TaskNames(ctx, taskIDs(keys))
	if err != nil {
		return nil, err
	}
	out := make(map[store.ParentKey]absence, len(keys))
	for _, k := range keys {
		name := firstName(names[k.TaskID], fmt.Sprintf("task %d", k.TaskID))
		f := facts[k]
		switch {
		case k.WorkNo == "":
			out[k] = absence{name: name, sentence: a.of(noBatchYet)}
		case f == nil:
			out[k] = absence{name: name + "/" + k.WorkNo, sentence: a.of(taskDeleted)}
		case f.noSlot != nil:
			out[k] = absence{name: name + "/" + k.WorkNo, sentence: a.of(notItsNumber, f.noSlot)}
		default:
			out[k] = a.absence(f)
		}
	}
	return out, nil
}

func firstName(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

func taskIDs(keys []store.ParentKey) []int64 {
	out := make([]int64, 0, len(keys))
	for _, k := range keys {
		out = append(out, k.TaskID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// absence says why a slot has no batch; it is pure.
func (a *asking) absence(f *slotFacts) absence {
	out := absence{name: f.row.Name + "/" + f.slot.WorkNo, since: f.slot.Base.UnixMilli()}
	for i, item := range f.items {
		if i < itemsShown {
			out.evidence = append(out.evidence, a.of(itemDecided, item.OperationID, item.Kind, item.Author, item.Decision, item.Code))
		}
	}
	out.sentence, out.help = a.reason(f)
	if f.slot.Base.UnixMilli() > a.now {
		out.since = 0
	}
	if f.failure != nil {
		out.since = f.failure.FirstAt
		out.evidence = append(out.evidence, a.of(generationTried, a.at(f.failure.FirstAt), a.at(f.failure.LastAt)))
	}
	return out
}

// reason is the first that holds: what went wrong, then what keeps the task
// from having this batch at all, then how far generation is.
func (a *asking) reason(f *slotFacts) (sentence, help string) {
	base := f.slot.Base.UnixMilli()
	if f.failure != nil {
		return a.of(generationFailed, f.failure.Tries, f.failure.Error), a.of(helpMend)
	}
	for _, item := range f.items {
		if item.Decision == plan.Create && item.State == store.OperationCreating {
			return a.of(beingMade, item.OperationID, item.Kind), ""
		}
	}
	switch {
	case f.def.Spec.Period == period.Manual.String():
		return a.of(manualTask), a.of(helpManual, f.row.Name)
	case base > a.now && !f.row.IsEnabled:
		return a.of(disabledNow), a.of(helpEnable)
	case base > a.now && !f.def.Spec.Valid.Holds(f.slot, a.Zone):
		return a.of(outsideValidity), a.of(helpValidity)
	case base > a.now:
		return a.of(generatedAt, a.at(base)), ""
	case f.then == nil:
		return a.of(didNotExist, a.at(base), a.at(f.row.CreatedAt)), a.of(helpColdStart, f.row.Name, f.slot.WorkNo)
	case !f.enabled:
		return a.of(disabledThen, a.at(base), f.then.Version, somebody(f.then.SavedBy), a.at(f.then.SavedAt)), a.of(helpColdStart, f.row.Name, f.slot.WorkNo)
	case f.thenDef != nil && !f.thenDef.Spec.Valid.Holds(f.slot, a.Zone):
		return a.of(outsideValidity), a.of(helpValidity)
	case f.thenDef != nil && f.thenDef.Spec.Period != f.def.Spec.Period:
		return a.of(otherPeriod, f.thenDef.Spec.Period), a.of(helpColdStart, f.row.Name, f.slot.WorkNo)
	}
	return a.behind(f)
}

// behind tells how generation stands to a slot that it should make, or have made.
func (a *asking) behind(f *slotFacts) (sentence, help string) {
	base := f.slot.Base.UnixMilli()
	for _, item := range f.items {
		if item.Decision != plan.Create {
			return a.of(itemSkipped, item.Code, item.OperationID, item.Kind), a.of(helpColdStart, f.row.Name, f.slot.WorkNo)
		}
	}
	if cycle, err := f.def.Cycle(a.Zone); err == nil && cycle.Kind() == period.Cron {
		if next, fires := cycle.Next(f.slot.Base.Add(-time.Second)); !fires || !next.Base.Equal(f.slot.Base) {
			return a.of(noFire, f.def.Spec.Cron), a.of(helpColdStart, f.row.Name, f.slot.WorkNo)
		}
	}
	run, ran := a.runs[plan.DutyGenerate]
	switch {
	case f.mark >= base && base < a.now-int64(f.days)*24*3600_000:
		return a.of(tooOld, f.days), a.of(helpColdStart, f.row.Name, f.slot.WorkNo)
	case f.mark >= base:
		return a.of(passedBy, a.at(f.mark)), a.of(helpColdStart, f.row.Name, f.slot.WorkNo)
	case ran && run.Error != "":
		return a.of(generationErred, a.at(run.EndedAt), run.Error), a.of(helpPlatform)
	case ran:
		return a.of(notYetReached, a.instant(f.mark), a.at(run.EndedAt)), a.of(helpPlatform)
	}
	return a.of(neverRan) + "; " + a.leader(), a.of(helpPlatform)
}

// slots reads what absences are judged by, for all work numbers together; those
// of deleted tasks are left out.
func (a *asking) slots(ctx context.Context, keys []store.ParentKey) (map[store.ParentKey]*slotFacts, error) {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k store.ParentKey) bool { return k.WorkNo == "" })
	heads, err := a.t.HeadsByID(ctx, taskIDs(keys))
	if err != nil {
		return nil, err
	}
	r := slotReader{asking: a, rows: make(map[int64]store.Task, len(heads))}
	for _, h := range heads {
		r.rows[h.ID] = h
	}
	if r.versions, err = a.t.VersionHeads(ctx, taskIDs(keys)); err != nil {
		return nil, err
	}
	if r.failures, err = a.t.SlotFailures(ctx, keys); err != nil {
		return nil, err
	}
	items, err := a.t.SlotItems(ctx, keys)
	if err != nil {
		return nil, err
	}
	r.items = map[store.ParentKey][]store.SlotItem{}
	for _, i := range items {
		k := store.ParentKey{TaskID: i.TaskID, WorkNo: i.WorkNo}
		r.items[k] = append(r.items[k], i)
	}
	if r.days, err = a.recoverDays(ctx); err != nil {
		return nil, err
	}
	out := make(map[store.ParentKey]*slotFacts, len(keys))
	for _, k := range keys {
		f, err := r.facts(ctx, k)
		if err != nil {
			return nil, err
		}
		if f != nil {
			out[k] = f
		}
	}
	return out, nil
}
