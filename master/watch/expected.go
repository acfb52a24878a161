package watch

import (
	"time"

	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
)

// era is a time in which one version of a task stood and made batches: the
// slots whose base lies after from, up to and with to, are its own: it is the
// version saved last before them (exactly.md 4).
type era struct {
	key      store.VersionKey
	from, to time.Time
}

// eras cuts a time by the versions of a task. Without a list of versions, none
// but the current one stood in that time.
func eras(row *store.Task, versions []store.VersionHead, from, to time.Time) []era {
	if len(versions) == 0 {
		versions = []store.VersionHead{{TaskID: row.ID, Version: row.Version, IsEnabled: row.IsEnabled, SavedAt: row.SavedAt}}
	}
	var out []era
	for i, v := range versions {
		e := era{key: store.VersionKey{TaskID: row.ID, Version: v.Version}, from: later(from, time.UnixMilli(v.SavedAt)), to: to}
		if i+1 < len(versions) {
			e.to = earlier(to, time.UnixMilli(versions[i+1].SavedAt))
		}
		if v.IsEnabled && !v.IsDeleted && e.from.Before(e.to) {
			out = append(out, e)
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// expected lists the slots of an era that should have a batch, at most limit.
func expected(def *task.Task, e era, zone *time.Location, limit int) ([]period.Slot, error) {
	cycle, err := def.Cycle(zone)
	if err != nil {
		return nil, err
	}
	var out []period.Slot
	for _, slot := range cycle.Due(e.from, e.to, limit) {
		if def.Spec.Valid.Holds(slot, zone) {
			out = append(out, slot)
		}
	}
	return out, nil
}
