package api

import (
	"fmt"
	"maps"
	"slices"

	"capricornus/common/fault"
	"capricornus/common/task"
)

// refuseStale holds the versions that the caller has read against those that
// are saved, so that nobody saves over what somebody else has saved meanwhile.
// What is saved after the world was read, the save itself finds.
func (w *world) refuseStale(docs []task.Document, expected map[string]int) error {
	inFiles, _ := namesIn(docs)
	var difference []string
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		if !inFiles[name] {
			return fault.New(fault.Invalid, "a version of task %q is expected, and no file defines it", name).WithHint("expectedVersions names tasks of the files")
		}
		if line := w.moved(name, expected[name]); line != "" {
			difference = append(difference, line)
		}
	}
	if difference == nil {
		return nil
	}
	more := ""
	if n := len(difference) - 1; n > 0 {
		more = fmt.Sprintf(", and %d more", n)
	}
	stale := fault.New(fault.Conflict, "saved by somebody else meanwhile: %s%s", difference[0], more).
		WithHint("read what is saved now and change that; nothing of this was saved")
	stale.Difference = difference[:min(len(difference), namedInAudit)]
	return stale
}

// moved says how a task stands when its version is not the expected one; 0
// stands for a task that is not there.
func (w *world) moved(name string, expected int) string {
	row := w.rows[name]
	switch {
	case row == nil && expected == 0:
		return ""
	case row == nil:
		return fmt.Sprintf("task %s is not there any more, not at version %d", name, expected)
	case row.Version == expected:
		return ""
	case expected == 0:
		return fmt.Sprintf("task %s is there already, at version %d by %s", name, row.Version, row.SavedBy)
	}
	return fmt.Sprintf("task %s is at version %d by %s, not at %d", name, row.Version, row.SavedBy, expected)
}
