package roster

import (
	"context"

	"capricornus/common/store"
)

// readTx reads the roster in any transaction.
type readTx interface {
	Duties(ctx context.Context, departments []int64, from, to int) ([]store.Duty, error)
	DutyRotations(ctx context.Context, departments []int64) (map[int64]store.DutyRotation, error)
	PersonsByID(ctx context.Context, ids []int64) (map[int64]store.Person, error)
}

// rotateTx reads the roster and writes the days that rotations fill.
type rotateTx interface {
	readTx
	Rotate(ctx context.Context, days store.RotatedDays) error
}

// cell is a day of a department.
type cell struct {
	department int64
	day        Day
}

// book is a part of the roster: some departments, from one day to another.
type book struct {
	departments []Department
	from, to    Day
	today       Day
	rotations   map[int64]store.DutyRotation
	days        map[cell]store.Duty
	people      People
}

// open reads a part of the roster; its days are what is written, and what the
// rotations will fill.
func open(ctx context.Context, t readTx, b book) (*book, error) {
	ids := make([]int64, len(b.departments))
	for i, d := range b.departments {
		ids[i] = d.ID
	}
	var err error
	if b.rotations, err = t.DutyRotations(ctx, ids); err != nil {
		return nil, err
	}
	rows, err := t.Duties(ctx, ids, int(b.from), int(b.to))
	if err != nil {
		return nil, err
	}
	b.days = make(map[cell]store.Duty, len(rows))
	for _, row := range rows {
		b.days[cell{row.DepartmentID, Day(row.Day)}] = row
	}
	b.people, err = peopleOf(ctx, t, idsOf(b.rotations, rows))
	return &b, err
}

func peopleOf(ctx context.Context, t readTx, ids []int64) (People, error) {
	rows, err := t.PersonsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	people := make(People, len(rows))
	for id := range rows {
		p := rows[id]
		people[id] = Person{ID: id, Name: p.Name, Title: p.Title, Phone: p.Phone, Enabled: p.IsEnabled}
	}
	return people, nil
}

// on is who is on duty on a day. What is not written yet comes from the
// rotation, but for days that are over.
func (b *book) on(department int64, day Day) store.Duty {
	if row, written := b.days[cell{department, day}]; written {
		return row
	}
	shift := Turn(b.rotations[department], day, b.people)
	if day < b.today || shift.Primary == 0 && len(shift.Skipped) == 0 {
		return store.Duty{DepartmentID: department, Day: int(day)}
	}
	return shift.duty(department, day, b.people)
}

// gaps finds what is wrong from today on.
func (b *book) gaps() []Gap {
	var out []Gap
	for day := max(b.from, b.today); day <= b.to; day = day.Add(1) {
		for _, d := range b.departments {
			out = append(out, GapsOf(d, day, b.on(d.ID, day), b.people)...)
		}
	}
	return out
}

// rotate brings the days that rotations fill up to date in a transaction, and
// tells which have changed.
func rotate(ctx context.Context, t rotateTx, departments []Department, today Day) (*book, store.RotatedDays, error) {
	b, err := open(ctx, t, book{departments: departments, from: today, to: today.Add(filled - 1), today: today})
	if err != nil {
		return nil, store.RotatedDays{}, err
	}
	var all store.RotatedDays
	for _, d := range departments {
		r, have := b.rotations[d.ID], []store.Duty{}
		r.DepartmentID = d.ID
		for day := b.from; day <= b.to; day = day.Add(1) {
			if row, written := b.days[cell{d.ID, day}]; written {
				have = append(have, row)
			}
		}
		change := Rewrite(r, have, b.from, b.to, b.people)
		all.Add, all.Change, all.Drop = append(all.Add, change.Add...), append(all.Change, change.Change...), append(all.Drop, change.Drop...)
	}
	b.apply(all)
	return b, all, t.Rotate(ctx, all)
}

// apply makes the book what the table is after a change.
func (b *book) apply(c store.RotatedDays) {
	for _, rows := range [][]store.Duty{c.Add, c.Change} {
		for _, row := range rows {
			b.days[cell{row.DepartmentID, Day(row.Day)}] = row
		}
	}
	for _, row := range c.Drop {
		delete(b.days, cell{row.DepartmentID, Day(row.Day)})
	}
}

// departmentsIn lists the departments that have a roster, by name, in a
// transaction.
func departmentsIn(ctx context.Context, t *store.ViewTx, since Day, platform string) ([]Department, error) {
	rows, err := t.RosterDepartments(ctx, int(since), platform)
	out := make([]Department, len(rows))
	for i, row := range rows {
		out[i] = Department{RosterDepartment: row, Platform: row.Name == platform}
	}
	return out, err
}
