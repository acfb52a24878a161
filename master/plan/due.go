package plan

import (
	"slices"
	"time"

	"capricornus/common/period"
	"capricornus/common/store"
)

// markOf names the watermark of a period; cron tasks have one each (exactly.md 8).
func markOf(k period.Kind) string { return k.String() }

// timed are the kinds that share one watermark over all their tasks.
func timed() []period.Kind {
	return []period.Kind{period.Hour, period.Day, period.Week, period.Month}
}

// gap is what lies between a watermark and now.
type gap struct {
	mark    time.Time
	after   time.Time // nothing up to here is to be made any more
	skipped bool      // the watermark was older than generation makes up for
}

// missed reports whether slots lie in what is skipped: a task that fires once
// a year has an old watermark and has missed nothing.
func (g gap) missed(c period.Cycle) bool {
	return g.skipped && len(c.Due(g.mark, g.after, 1)) > 0
}

// recoverable bounds how far back generation makes up for missed batches; what
// is older is listed and mailed, never skipped silently (domain.md §4).
func recoverable(mark int64, now time.Time, days int) gap {
	after := time.UnixMilli(mark)
	oldest := now.AddDate(0, 0, -days)
	if after.Before(oldest) {
		return gap{mark: after, after: oldest, skipped: true}
	}
	return gap{mark: after, after: after}
}

// Due picks the version of each task that a slot is generated from: the one
// saved last before the base time (exactly.md 4). Tasks that had none by then,
// or whose version was disabled, get nothing.
func Due(tasks []store.Task, versions map[int64][]store.Version, base time.Time) []store.VersionKey {
	at := base.UnixMilli()
	var out []store.VersionKey
	for _, t := range tasks {
		if t.SavedAt < at {
			if t.IsEnabled {
				out = append(out, store.VersionKey{TaskID: t.ID, Version: t.Version})
			}
			continue
		}
		if v, ok := versionBefore(versions[t.ID], at); ok && v.IsEnabled && !v.IsDeleted {
			out = append(out, store.VersionKey{TaskID: t.ID, Version: v.Version})
		}
	}
	return out
}

func versionBefore(versions []store.Version, at int64) (store.Version, bool) {
	for _, v := range slices.Backward(versions) {
		if v.SavedAt < at {
			return v, true
		}
	}
	return store.Version{}, false
}

// newer lists the tasks whose current version was saved at or after an instant:
// for them the older versions must be read.
func newer(tasks []store.Task, base time.Time) []int64 {
	var out []int64
	for _, t := range tasks {
		if t.SavedAt >= base.UnixMilli() && t.CreatedAt < base.UnixMilli() {
			out = append(out, t.ID)
		}
	}
	return out
}
