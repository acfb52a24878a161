package define

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/textdiff"
	"capricornus/common/wire"
)

// Versions lists the versions of a task, newest first, before one, 0 for the
// newest. Those of a deleted task are there still.
func (c *Catalog) Versions(ctx context.Context, name string, before, limit int) ([]wire.TaskVersion, error) {
	out := []wire.TaskVersion{}
	err := c.db.View(ctx, func(t *store.ViewTx) error {
		row, err := ever(ctx, t, name)
		if err != nil {
			return err
		}
		rows, err := t.VersionPage(ctx, row.ID, before, limit)
		for i := range rows {
			out = append(out, viewVersion(&rows[i]))
		}
		return err
	})
	return out, err
}

func viewVersion(v *store.SavedVersion) wire.TaskVersion {
	return wire.TaskVersion{Version: v.Version.Version, SavedAt: v.SavedAt, SavedBy: v.SavedBy, Note: v.Note, Enabled: v.IsEnabled, Deleted: v.IsDeleted}
}

// Version reads one version of a task with its definition.
func (c *Catalog) Version(ctx context.Context, name string, version int) (wire.TaskVersionDetail, error) {
	var saved store.SavedVersion
	err := c.db.View(ctx, func(t *store.ViewTx) error {
		row, err := ever(ctx, t, name)
		if err != nil {
			return err
		}
		saved, err = at(ctx, t, &row, version)
		return err
	})
	if err != nil {
		return wire.TaskVersionDetail{}, err
	}
	text, err := written[task.Task](saved.Definition)
	return wire.TaskVersionDetail{TaskVersion: viewVersion(&saved), Task: name, Definition: json.RawMessage(saved.Definition), YAML: text}, err
}

// at reads a version, and says which there are when it is none of them.
func at(ctx context.Context, t *store.ViewTx, row *store.Task, version int) (store.SavedVersion, error) {
	saved, err := t.VersionAt(ctx, row.ID, version)
	if errors.Is(err, store.ErrNotFound) {
		return saved, fault.New(fault.NotFound, "task %s has no version %d", row.Name, version).WithHint("its versions go from 1 to %d", row.Version)
	}
	return saved, err
}

// Between is the difference between two versions of a task: to is the newest
// when it is 0, from the one before to.
func (c *Catalog) Between(ctx context.Context, name string, from, to int) (wire.VersionDiff, error) {
	var texts [2]string
	err := c.db.View(ctx, func(t *store.ViewTx) error {
		row, err := ever(ctx, t, name)
		if err != nil {
			return err
		}
		if to == 0 {
			to = row.Version
		}
		if from == 0 {
			from = to - 1
		}
		if from == 0 {
			return fault.New(fault.Invalid, "version 1 of task %s has none before it", name).WithHint("give from and to")
		}
		for i, version := range []int{from, to} {
			saved, err := at(ctx, t, &row, version)
			if err != nil {
				return err
			}
			if texts[i], err = standing(&saved); err != nil {
				return err
			}
		}
		return nil
	})
	label := func(version int) string { return fmt.Sprintf("%s version %d", name, version) }
	return wire.VersionDiff{Task: name, From: from, To: to, Diff: textdiff.Unified(label(from), label(to), texts[0], texts[1])}, err
}

// standing is the file of a version; a version that deleted the task has none.
func standing(v *store.SavedVersion) (string, error) {
	if v.IsDeleted {
		return "", nil
	}
	return written[task.Task](v.Definition)
}
