package roster

import (
	"context"
	"slices"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Rotation reads the rotation of a department.
func (r *Roster) Rotation(ctx context.Context, department string) (wire.DutyRotation, error) {
	var out wire.DutyRotation
	err := r.DB.View(ctx, func(t *store.ViewTx) error {
		d, err := find(ctx, t, department)
		if err != nil {
			return err
		}
		rotation, people, err := readRotation(ctx, t, d)
		if err == nil && rotation.EveryDays == 0 {
			return noRotation(department)
		}
		out = viewRotation(d, rotation, people)
		return err
	})
	return out, err
}

// Rotations lists rotations by department, after one, at most limit, and tells
// whether there are more.
func (r *Roster) Rotations(ctx context.Context, after string, limit int) (list wire.DutyRotationList, more bool, err error) {
	err = r.DB.View(ctx, func(t *store.ViewTx) error {
		list = wire.DutyRotationList{Items: []wire.DutyRotation{}}
		departments, err := t.RotationDepartments(ctx, after, limit+1)
		if err != nil {
			return err
		}
		more = len(departments) > limit
		departments = departments[:min(len(departments), limit)]
		ids := make([]int64, len(departments))
		for i, d := range departments {
			ids[i] = d.ID
		}
		rotations, err := t.DutyRotations(ctx, ids)
		if err != nil {
			return err
		}
		people, err := peopleOf(ctx, t, idsOf(rotations, nil))
		for _, d := range departments {
			list.Items = append(list.Items, viewRotation(Department{d, false}, rotations[d.ID], people))
		}
		return err
	})
	return list, more, err
}

func noRotation(department string) error {
	return fault.New(fault.NotFound, "department %s has no rotation", department).
		WithHint("capri duty rotation set %s USER… --every 7 --reason TEXT puts one", department)
}

// find reads a department that people have named.
func find(ctx context.Context, t *store.ViewTx, name string) (Department, error) {
	d, err := t.DepartmentByName(ctx, name)
	if err != nil {
		return Department{}, named(err, "department", name)
	}
	settings, err := t.Settings(ctx)
	return Department{store.RosterDepartment{ID: d.ID, Name: d.Name}, settings[store.SettingPlatformDepartment] == name}, err
}

// readRotation reads a rotation with its people; without one, its zero value.
func readRotation(ctx context.Context, t readTx, d Department) (store.DutyRotation, People, error) {
	all, err := t.DutyRotations(ctx, []int64{d.ID})
	if err != nil {
		return store.DutyRotation{}, nil, err
	}
	people, err := peopleOf(ctx, t, idsOf(all, nil))
	return all[d.ID], people, err
}

func viewRotation(d Department, r store.DutyRotation, people People) wire.DutyRotation {
	out := wire.DutyRotation{
		Department: d.Name, StartDay: Day(r.StartDay).String(), EveryDays: r.EveryDays, Members: []wire.DutyPerson{}, ChangedBy: r.ChangedBy, ChangedAt: r.ChangedAt,
	}
	for _, id := range r.Members {
		out.Members = append(out.Members, *people.show(id))
	}
	return out
}

// notedRotation is what the audit tells of a rotation; nil: there is none.
func notedRotation(r store.DutyRotation, people People) any {
	if r.EveryDays == 0 {
		return nil
	}
	members := make([]string, len(r.Members))
	for i, id := range r.Members {
		members[i] = people.nameOf(id)
	}
	return map[string]any{"startDay": Day(r.StartDay).String(), "everyDays": r.EveryDays, "members": members}
}

// checkRotation says what is wrong with a rotation that is asked for, and when
// it begins.
func checkRotation(q wire.DutyRotationRequest, today Day) (Day, error) {
	start := today
	if q.StartDay != "" {
		var err error
		if start, err = ParseDay(q.StartDay); err != nil {
			return 0, err
		}
	}
	switch {
	case start.Since(today) > ahead || today.Since(start) > ahead:
		return 0, fault.New(fault.Invalid, "the rotation would begin on %s, more than %d days from today", start, ahead)
	case q.EveryDays < 1 || q.EveryDays > maxEvery:
		return 0, fault.New(fault.Invalid, "a turn of %d days makes no sense: it has 1 to %d", q.EveryDays, maxEvery)
	case len(q.Members) == 0 || len(q.Members) > maxMembers:
		return 0, fault.New(fault.Invalid, "the rotation has %d members; it has 1 to %d", len(q.Members), maxMembers)
	}
	for i, name := range q.Members {
		if name == "" {
			return 0, fault.New(fault.Invalid, "member %d of the rotation has no name", i+1)
		}
		if slices.Contains(q.Members[:i], name) {
			return 0, fault.New(fault.Invalid, "%s is in the rotation twice", clipped(name)).WithHint("name everybody once")
		}
	}
	return start, checkReason(q.Reason)
}

// PutRotation puts the rotation of a department and fills the next month from
// it, but for the days that people have set or imported.
func (r *Roster) PutRotation(ctx context.Context, by By, department string, q wire.DutyRotationRequest) (wire.DutyRotation, error) {
	start, err := checkRotation(q, r.today(r.DB.Now().UnixMilli()))
	if err != nil {
		return wire.DutyRotation{}, err
	}
	var out wire.DutyRotation
	err = r.change(ctx, by, "duty.rotation-put", department, func(t *store.OperateTx) (noted, error) {
		d, err := lock(ctx, t, department)
		if err != nil {
			return noted{}, err
		}
		before, people, err := readRotation(ctx, t, d)
		if err != nil {
			return noted{}, err
		}
		n := noted{Before: notedRotation(before, people), Reason: q.Reason}
		ids, err := available(ctx, t, q.Members)
		if err != nil {
			return noted{}, err
		}
		put := store.DutyRotation{DepartmentID: d.ID, StartDay: int(start), EveryDays: q.EveryDays}
		for _, name := range q.Members {
			put.Members = append(put.Members, ids[name])
		}
		if err := t.PutRotation(ctx, put); err != nil {
			return noted{}, err
		}
		b, changed, err := rotate(ctx, t, []Department{d}, r.today(t.Now()))
		if err != nil {
			return noted{}, err
		}
		out = viewRotation(d, b.rotations[d.ID], b.people)
		out.Changed, n.After = changed.Len(), notedRotation(put, b.people)
		return n, nil
	})
	return out, err
}

// DropRotation takes a rotation away, and the days from today on that it has
// filled.
func (r *Roster) DropRotation(ctx context.Context, by By, department, reason string) (wire.DutyChange, error) {
	if err := checkReason(reason); err != nil {
		return wire.DutyChange{}, err
	}
	out := wire.DutyChange{Department: department, Items: []wire.DutyDay{}}
	err := r.change(ctx, by, "duty.rotation-delete", department, func(t *store.OperateTx) (noted, error) {
		d, err := lock(ctx, t, department)
		if err != nil {
			return noted{}, err
		}
		before, people, err := readRotation(ctx, t, d)
		if err != nil {
			return noted{}, err
		}
		if before.EveryDays == 0 {
			return noted{}, noRotation(department)
		}
		if err := t.DropRotation(ctx, d.ID); err != nil {
			return noted{}, err
		}
		_, changed, err := rotate(ctx, t, []Department{d}, r.today(t.Now()))
		out.Changed = changed.Len()
		return noted{Before: notedRotation(before, people), Reason: reason}, err
	})
	return out, err
}
