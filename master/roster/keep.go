package roster

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"capricornus/common/store"
	"capricornus/master/duty"
)

// Pages of a pass.
const (
	keepDepartments = 100
	keepDays        = 31 // old days that are deleted at once
)

// Keep is a pass of the duty: it fills the days of the next month from the
// rotations, tells of gaps, and deletes days that are older than operations are
// kept. Days that people have set or imported are left alone.
func (r *Roster) Keep(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	var settings map[string]string
	var departments []Department
	var today Day
	err := r.DB.View(ctx, func(t *store.ViewTx) (err error) {
		today = r.today(t.Now())
		if settings, err = t.Settings(ctx); err != nil {
			return err
		}
		departments, err = departmentsIn(ctx, t, today.Add(-seen), settings[store.SettingPlatformDepartment])
		return err
	})
	if err != nil {
		return duty.Pass{}, err
	}
	pass := duty.Pass{}
	last := today.Add(min(number(settings, store.SettingDutyGapDays, 3), lookAhead))
	for page := range slices.Chunk(departments, keepDepartments) {
		changed, err := r.keepPage(ctx, lead, page, today, last)
		if err != nil {
			return duty.Pass{}, err
		}
		pass.Rows += changed
	}
	if err := r.tellUnknown(ctx, lead, departments, settings[store.SettingPlatformDepartment], today); err != nil {
		return duty.Pass{}, err
	}
	old, err := r.sweep(ctx, lead, today.Add(-number(settings, store.SettingKeepOperation, 400)))
	pass.Rows, pass.More = pass.Rows+old, old == keepDays
	return pass, err
}

// keepPage fills the days of some departments and tells of their gaps up to the
// last day.
func (r *Roster) keepPage(ctx context.Context, lead *store.Lead, departments []Department, today, last Day) (int, error) {
	audit, err := r.DB.ID(ctx)
	if err != nil {
		return 0, err
	}
	var b *book
	var changed store.RotatedDays
	err = lead.Tx(ctx, Duty, func(t *store.LeaderTx) (err error) {
		if b, changed, err = rotate(ctx, t, departments, today); err != nil || changed.Len() == 0 {
			return err
		}
		detail, err := json.Marshal(noted{After: b.counted(changed)})
		if err != nil {
			return fmt.Errorf("encode what is noted: %w", err)
		}
		return t.Audit(ctx, store.Audit{ID: audit, Action: "duty.fill", Object: "rotations", Detail: string(detail)})
	})
	if err != nil {
		return 0, err
	}
	var alerts []store.Alert
	for _, g := range b.gaps() {
		if g.Day <= last {
			alerts = append(alerts, g.alert())
		}
	}
	return changed.Len(), r.raise(ctx, lead, alerts)
}

// counted is what the audit tells of days that the rotations have filled: how
// many, by department.
func (b *book) counted(c store.RotatedDays) map[string]int {
	days := map[int64]int{}
	for _, row := range slices.Concat(c.Add, c.Change, c.Drop) {
		days[row.DepartmentID]++
	}
	out := make(map[string]int, len(days))
	for _, d := range b.departments {
		if n := days[d.ID]; n > 0 {
			out[d.Name] = n
		}
	}
	return out
}

// tellUnknown tells once a day that the setting names a department that is not
// there.
func (r *Roster) tellUnknown(ctx context.Context, lead *store.Lead, departments []Department, platform string, today Day) error {
	if platform == "" || slices.ContainsFunc(departments, func(d Department) bool { return d.Platform }) {
		return nil
	}
	return r.raise(ctx, lead, []store.Alert{{
		Kind: store.AlertDutyGap, Object: platform + "/" + today.String(), Occurrence: "no-department", Level: store.LevelImportant,
		Text: fmt.Sprintf("setting %s names the department %q, and there is none: nobody is on duty for the platform; capri setting set %s NAME --reason TEXT",
			store.SettingPlatformDepartment, clipped(platform), store.SettingPlatformDepartment),
	}})
}

func (r *Roster) raise(ctx context.Context, lead *store.Lead, alerts []store.Alert) error {
	if len(alerts) == 0 {
		return nil
	}
	ids, err := r.DB.IDs(ctx, len(alerts))
	if err != nil {
		return err
	}
	return lead.Tx(ctx, Duty, func(t *store.LeaderTx) error {
		for i := range alerts {
			alerts[i].ID = ids[i]
		}
		return t.Raise(ctx, alerts...)
	})
}

func (r *Roster) sweep(ctx context.Context, lead *store.Lead, before Day) (old int, err error) {
	err = lead.Tx(ctx, Duty, func(t *store.LeaderTx) error {
		old, err = t.SweepDuties(ctx, int(before), keepDays)
		return err
	})
	return old, err
}
