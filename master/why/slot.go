package why

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/master/plan"
)

// slotReader puts together what the absence of batches is judged by.
type slotReader struct {
	*asking
	rows     map[int64]store.Task
	versions map[int64][]store.VersionHead
	failures map[store.ParentKey]store.GenerateFailure
	items    map[store.ParentKey][]store.SlotItem
	days     int
}

// facts are those of one work number, nil when its task is gone.
func (r *slotReader) facts(ctx context.Context, k store.ParentKey) (*slotFacts, error) {
	row, there := r.rows[k.TaskID]
	if !there {
		return nil, nil
	}
	f := &slotFacts{row: row, items: r.items[k], days: r.days}
	var err error
	if f.def, err = r.definition(ctx, row.ID, row.Version); err != nil {
		return nil, err
	}
	cycle, err := f.def.Cycle(r.Zone)
	if err != nil {
		f.noSlot = err
		return f, nil //nolint:nilerr // that is why there is no batch
	}
	if f.slot, f.noSlot = cycle.ByWorkNo(k.WorkNo); f.noSlot != nil {
		return f, nil //nolint:nilerr // as above
	}
	if failure, failed := r.failures[k]; failed {
		f.failure = &failure
	}
	f.mark, err = r.t.Mark(ctx, plan.MarkFor(cycle.Kind(), row.ID))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return f, r.then(ctx, f)
}

// then finds the version that generation would use: the one saved last before
// the base time (exactly.md 4).
func (r *slotReader) then(ctx context.Context, f *slotFacts) error {
	for _, v := range slices.Backward(r.versions[f.row.ID]) {
		if v.SavedAt >= f.slot.Base.UnixMilli() {
			continue
		}
		f.then, f.enabled = &v, v.IsEnabled && !v.IsDeleted
		var err error
		f.thenDef, err = r.definition(ctx, f.row.ID, v.Version)
		return err
	}
	return nil
}

func (r *slotReader) definition(ctx context.Context, id int64, version int) (*task.Task, error) {
	key := store.VersionKey{TaskID: id, Version: version}
	defs, err := r.Defs.In(ctx, r.t, []store.VersionKey{key})
	if err != nil {
		return nil, err
	}
	if defs[key] == nil {
		return &task.Task{}, nil
	}
	return defs[key], nil
}

// recoverDays is how far back generation makes up for missed batches.
func (a *asking) recoverDays(ctx context.Context) (int, error) {
	settings, err := a.t.Settings(ctx)
	if err != nil {
		return 0, err
	}
	days, err := strconv.Atoi(settings[store.SettingRecoverDays])
	if err != nil || days < 1 {
		return 62, nil //nolint:nilerr // as generation reads it
	}
	return days, nil
}
