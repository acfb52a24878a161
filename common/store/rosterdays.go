package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// RotatedDays is how days that a rotation fills are to change. Every part
// leaves alone what people have set or imported in the meantime.
type RotatedDays struct {
	Add    []Duty
	Change []Duty
	Drop   []Duty // by department and day
}

// Len is how many days change.
func (r RotatedDays) Len() int { return len(r.Add) + len(r.Change) + len(r.Drop) }

// Rotate writes days that a rotation fills.
func (t *LeaderTx) Rotate(ctx context.Context, r RotatedDays) error { return t.rotate(ctx, r) }

// Rotate writes days that a rotation fills, once a person has changed it.
func (t *OperateTx) Rotate(ctx context.Context, r RotatedDays) error { return t.rotate(ctx, r) }

func (t *tx) rotate(ctx context.Context, r RotatedDays) error {
	if err := t.insert(ctx, "capri_duty", dutyCols, t.dutyRows(r.Add), t.d.ignore("note")); err != nil {
		return err
	}
	if err := t.changeRotated(ctx, r.Change); err != nil {
		return err
	}
	return t.dropRotated(ctx, r.Drop)
}

func (t *tx) changeRotated(ctx context.Context, days []Duty) error {
	cols := []string{"departmentId", "day", "source", "primaryId", "secondaryId", "note", "changedBy", "changedAt"}
	for page := range pages(inDutyOrder(days), 200) {
		args := make([]any, 0, len(cols)*len(page))
		for _, d := range page {
			args = append(args, d.DepartmentID, d.Day, DutyByRotation, d.PrimaryID, d.SecondaryID, clip(d.Note, 400), d.ChangedBy, t.now)
		}
		// by the primary key
		if _, err := t.exec(ctx, t.d.updateFrom("capri_duty", t.d.values(cols, len(page)), cols[3:], cols[:3]), args...); err != nil {
			return fmt.Errorf("change days of the duty roster: %w", err)
		}
	}
	return nil
}

func (t *tx) dropRotated(ctx context.Context, days []Duty) error {
	byDepartment := map[int64][]int{}
	for _, d := range days {
		byDepartment[d.DepartmentID] = append(byDepartment[d.DepartmentID], d.Day)
	}
	for _, d := range inDutyOrder(days) {
		mine := byDepartment[d.DepartmentID]
		delete(byDepartment, d.DepartmentID)
		for page := range pages(sorted(mine), 500) {
			// by the primary key
			if _, err := t.exec(ctx, "DELETE FROM capri_duty WHERE departmentId = ? AND source = ? AND day IN ("+placeholders(len(page))+")",
				append([]any{d.DepartmentID, DutyByRotation}, anys(page)...)...); err != nil {
				return fmt.Errorf("delete days of the duty roster: %w", err)
			}
		}
	}
	return nil
}

// inDutyOrder is the order of the key, in which every transaction writes.
func inDutyOrder(days []Duty) []Duty {
	return slices.SortedFunc(slices.Values(days), func(a, b Duty) int {
		return cmp.Or(cmp.Compare(a.DepartmentID, b.DepartmentID), cmp.Compare(a.Day, b.Day))
	})
}
