package store

import (
	"context"
	"encoding/json"
	"fmt"
)

// Where a day of the duty roster comes from. What people write or import wins
// over the rotation.
const (
	DutyByRotation = "rotation"
	DutyByHand     = "manual"
	DutyByImport   = "import"
)

// AlertDutyGap is the kind of alerts about days of the duty roster that nobody
// sees to. Its object is department/yyyyMMdd.
const AlertDutyGap = "duty-gap"

// Duty is who is on duty in a department on a day.
type Duty struct {
	DepartmentID int64  `db:"departmentId"`
	Day          int    `db:"day"`         // yyyyMMdd in the cluster's zone
	PrimaryID    int64  `db:"primaryId"`   // 0: nobody
	SecondaryID  int64  `db:"secondaryId"` // 0: nobody
	Source       string `db:"source"`
	Note         string `db:"note"`
	ChangedBy    string `db:"changedBy"`
	ChangedAt    int64  `db:"changedAt"`
}

// DutyRotation is who is on duty in turn.
type DutyRotation struct {
	DepartmentID int64
	StartDay     int // yyyyMMdd
	EveryDays    int
	Members      []int64 // users, in their order
	ChangedBy    string
	ChangedAt    int64
}

// RosterDepartment is a department that has a duty roster.
type RosterDepartment struct {
	ID   int64  `db:"id"`
	Name string `db:"name"`
}

// RosterDepartments lists, by name, the departments that have a rotation, a day
// since one, or the name of the platform's department.
func (t *ViewTx) RosterDepartments(ctx context.Context, since int, platform string) ([]RosterDepartment, error) {
	var out []RosterDepartment
	// both tables by their primary keys, for each of the departments
	err := t.all(ctx, &out, `SELECT d.id, d.name FROM capri_department d WHERE d.name = ?
OR EXISTS (SELECT 1 FROM capri_duty_rotation r WHERE r.departmentId = d.id)
OR EXISTS (SELECT 1 FROM capri_duty x WHERE x.departmentId = d.id AND x.day >= ?) ORDER BY d.name LIMIT 10000`, platform, since)
	if err != nil {
		return nil, fmt.Errorf("list departments with a duty roster: %w", err)
	}
	return out, nil
}

// RotationDepartments lists, by name and after one, the departments that have a
// rotation.
func (t *ViewTx) RotationDepartments(ctx context.Context, after string, limit int) ([]RosterDepartment, error) {
	var out []RosterDepartment
	// uk_department_name in order, capri_duty_rotation by its primary key
	if err := t.all(ctx, &out, `SELECT d.id, d.name FROM capri_department d JOIN capri_duty_rotation r ON r.departmentId = d.id
WHERE d.name > ? ORDER BY d.name LIMIT ?`, after, limit); err != nil {
		return nil, fmt.Errorf("list departments with a rotation: %w", err)
	}
	return out, nil
}

const dutyCols = "departmentId, day, primaryId, secondaryId, source, note, changedBy, changedAt"

// Duties reads the days of departments from one day to another, both included.
// How many there can be is bounded by what is asked for.
func (t *ViewTx) Duties(ctx context.Context, departments []int64, from, to int) ([]Duty, error) {
	var out []Duty
	for page := range pages(sorted(departments), 500) {
		var rows []Duty
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT "+dutyCols+" FROM capri_duty WHERE departmentId IN ("+placeholders(len(page))+") AND day >= ? AND day <= ? ORDER BY departmentId, day",
			append(anys(page), from, to)...); err != nil {
			return nil, fmt.Errorf("read the duty roster: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// DutiesOf reads the days on which a user is on duty, first or second, in their
// order.
func (t *ViewTx) DutiesOf(ctx context.Context, user int64, from, to, limit int) ([]Duty, error) {
	var out []Duty
	// ix_duty_day (day, departmentId)
	if err := t.all(ctx, &out, "SELECT "+dutyCols+" FROM capri_duty WHERE day >= ? AND day <= ? AND (primaryId = ? OR secondaryId = ?) ORDER BY day, departmentId LIMIT ?",
		from, to, user, user, limit); err != nil {
		return nil, fmt.Errorf("read the duties of user %d: %w", user, err)
	}
	return out, nil
}

// DutyRotations reads the rotations of departments.
func (t *ViewTx) DutyRotations(ctx context.Context, departments []int64) (map[int64]DutyRotation, error) {
	out := map[int64]DutyRotation{}
	for page := range pages(sorted(departments), 500) {
		var rows []struct {
			DepartmentID int64  `db:"departmentId"`
			StartDay     int    `db:"startDay"`
			EveryDays    int    `db:"everyDays"`
			Members      string `db:"members"`
			ChangedBy    string `db:"changedBy"`
			ChangedAt    int64  `db:"changedAt"`
		}
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT departmentId, startDay, everyDays, members, changedBy, changedAt FROM capri_duty_rotation WHERE departmentId IN ("+placeholders(len(page))+")",
			anys(page)...); err != nil {
			return nil, fmt.Errorf("read duty rotations: %w", err)
		}
		for _, r := range rows {
			rotation := DutyRotation{DepartmentID: r.DepartmentID, StartDay: r.StartDay, EveryDays: r.EveryDays, ChangedBy: r.ChangedBy, ChangedAt: r.ChangedAt}
			if err := json.Unmarshal([]byte(r.Members), &rotation.Members); err != nil {
				return nil, fmt.Errorf("read the members of the rotation of department %d: %w", r.DepartmentID, err)
			}
			out[r.DepartmentID] = rotation
		}
	}
	return out, nil
}

// PersonsByID reads users by their ids; one that is not there is left out.
func (t *ViewTx) PersonsByID(ctx context.Context, ids []int64) (map[int64]Person, error) {
	out := make(map[int64]Person, len(ids))
	for page := range pages(sorted(ids), 500) {
		var rows []Person
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT "+personCols+"WHERE u.id IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("read users: %w", err)
		}
		for i := range rows {
			out[rows[i].ID] = rows[i]
		}
	}
	return out, nil
}

// PersonsByNames reads users by their names; one that is not there is left out.
func (t *ViewTx) PersonsByNames(ctx context.Context, names []string) (map[string]Person, error) {
	out := make(map[string]Person, len(names))
	for page := range pages(sorted(names), 500) {
		var rows []Person
		// uk_user_name
		if err := t.all(ctx, &rows, "SELECT "+personCols+"WHERE u.name IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("read users: %w", err)
		}
		for i := range rows {
			out[rows[i].Name] = rows[i]
		}
	}
	return out, nil
}

// LockDepartments reads departments by their names and keeps them locked; one
// that is not there is left out.
func (t *OperateTx) LockDepartments(ctx context.Context, names []string) (map[string]RosterDepartment, error) {
	out := make(map[string]RosterDepartment, len(names))
	for page := range pages(sorted(names), 500) {
		var rows []RosterDepartment
		// uk_department_name
		if err := t.all(ctx, &rows, "SELECT id, name FROM capri_department WHERE name IN ("+placeholders(len(page))+") ORDER BY name"+t.d.forUpdate, anys(page)...); err != nil {
			return nil, fmt.Errorf("lock departments: %w", err)
		}
		for _, r := range rows {
			out[r.Name] = r
		}
	}
	return out, nil
}

// PutDuties writes days that people have set or imported, whatever was there.
func (t *OperateTx) PutDuties(ctx context.Context, days []Duty) error {
	return t.insert(ctx, "capri_duty", dutyCols, t.dutyRows(days), t.d.upsert("departmentId, day", "primaryId", "secondaryId", "source", "note", "changedBy", "changedAt"))
}

// DropDuties takes the days of a department away that people have set or
// imported, from one day to another, and tells how many there were.
func (t *OperateTx) DropDuties(ctx context.Context, department int64, from, to int) (int, error) {
	// by the primary key
	n, err := t.exec(ctx, "DELETE FROM capri_duty WHERE departmentId = ? AND day >= ? AND day <= ? AND source <> ?", department, from, to, DutyByRotation)
	if err != nil {
		return 0, fmt.Errorf("clear days of the duty roster: %w", err)
	}
	return int(n), nil
}

// PutRotation writes the rotation of a department.
func (t *OperateTx) PutRotation(ctx context.Context, r DutyRotation) error {
	members, err := json.Marshal(r.Members)
	if err != nil {
		return fmt.Errorf("encode the members of a rotation: %w", err)
	}
	return t.insert(ctx, "capri_duty_rotation", "departmentId, startDay, everyDays, members, changedBy, changedAt",
		[][]any{{r.DepartmentID, r.StartDay, r.EveryDays, string(members), t.by.ID, t.now}}, t.d.upsert("departmentId", "startDay", "everyDays", "members", "changedBy", "changedAt"))
}

// DropRotation takes the rotation of a department away.
func (t *OperateTx) DropRotation(ctx context.Context, department int64) error {
	_, err := t.exec(ctx, "DELETE FROM capri_duty_rotation WHERE departmentId = ?", department)
	return err
}

// SweepDuties deletes the oldest days before a day, a few at a time, and tells
// how many days there were.
func (t *LeaderTx) SweepDuties(ctx context.Context, before, limit int) (int, error) {
	var days []int
	// ix_duty_day (day, departmentId)
	if err := t.all(ctx, &days, "SELECT DISTINCT day FROM capri_duty WHERE day < ? ORDER BY day LIMIT ?", before, limit); err != nil {
		return 0, fmt.Errorf("list old days of the duty roster: %w", err)
	}
	if len(days) == 0 {
		return 0, nil
	}
	if _, err := t.exec(ctx, "DELETE FROM capri_duty WHERE day IN ("+placeholders(len(days))+")", anys(days)...); err != nil {
		return 0, fmt.Errorf("delete old days of the duty roster: %w", err)
	}
	return len(days), nil
}

// dutyRows are days as rows, in the order of the key.
func (t *tx) dutyRows(days []Duty) [][]any {
	rows := make([][]any, 0, len(days))
	for _, d := range inDutyOrder(days) {
		rows = append(rows, []any{d.DepartmentID, d.Day, d.PrimaryID, d.SecondaryID, d.Source, clip(d.Note, 400), d.ChangedBy, t.now})
	}
	return rows
}
