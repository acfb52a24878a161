package roster

import (
	"fmt"
	"slices"
	"strings"

	"capricornus/common/store"
)

// Person is who can be on duty. One that is not known any more is the zero
// value: not enabled, without a name.
type Person struct {
	ID      int64
	Name    string
	Title   string
	Phone   string
	Enabled bool
}

// People are users by their ids.
type People map[int64]Person

// nameOf names a user for people; one that is not there is named by its number.
func (p People) nameOf(id int64) string {
	if name := p[id].Name; name != "" {
		return name
	}
	return fmt.Sprintf("user %d", id)
}

// Shift is who a rotation puts on duty on a day; 0 is nobody. Skipped are those
// whose turn it would be, and who cannot be on duty.
type Shift struct {
	Primary, Secondary int64
	Skipped            []int64
}

// Turn is who is on duty by a rotation on a day: the members in their order,
// each for so many days, from the first day on. The secondary is the next
// member. Who is disabled or gone is skipped: the next one takes both turns,
// and the turns of the others stay where they are. Before the first day it is
// nobody.
func Turn(r store.DutyRotation, day Day, people People) Shift {
	passed := day.Since(Day(r.StartDay))
	if passed < 0 || r.EveryDays < 1 || len(r.Members) == 0 {
		return Shift{}
	}
	first := passed / r.EveryDays % len(r.Members)
	var s Shift
	for i := range r.Members {
		id := r.Members[(first+i)%len(r.Members)]
		switch {
		case !people[id].Enabled:
			s.Skipped = append(s.Skipped, id)
		case s.Primary == 0:
			s.Primary = id
		case id != s.Primary:
			s.Secondary = id
			return s
		}
	}
	return s
}

// duty is a shift as a day of the roster.
func (s Shift) duty(department int64, day Day, people People) store.Duty {
	return store.Duty{
		DepartmentID: department, Day: int(day), PrimaryID: s.Primary, SecondaryID: s.Secondary,
		Source: store.DutyByRotation, Note: s.note(people), ChangedBy: Duty,
	}
}

// note says whose turn was passed over.
func (s Shift) note(people People) string {
	var parts []string
	for _, id := range s.Skipped {
		why := "disabled"
		if people[id].Name == "" {
			why = "gone"
		}
		parts = append(parts, people.nameOf(id)+" is skipped: "+why)
	}
	return strings.Join(parts, "; ")
}

// Rewrite compares the days of a department that are there with what its
// rotation says of the days from one to another, both included: days that
// people have set or imported stay, days without one come from the rotation.
// Without a rotation (its members are none) those of an earlier one go.
func Rewrite(r store.DutyRotation, have []store.Duty, from, to Day, people People) store.RotatedDays {
	var out store.RotatedDays
	there := map[Day]store.Duty{}
	for _, d := range have {
		there[Day(d.Day)] = d
	}
	for day := from; day <= to; day = day.Add(1) {
		old, known := there[day]
		if known && old.Source != store.DutyByRotation {
			continue
		}
		shift := Turn(r, day, people)
		wanted := shift.duty(r.DepartmentID, day, people)
		switch {
		case shift.Primary == 0 && len(shift.Skipped) == 0:
			if known {
				out.Drop = append(out.Drop, old)
			}
		case !known:
			out.Add = append(out.Add, wanted)
		case old.PrimaryID != wanted.PrimaryID || old.SecondaryID != wanted.SecondaryID || old.Note != wanted.Note:
			out.Change = append(out.Change, wanted)
		}
	}
	return out
}

// idsOf are the users that rotations and days name.
func idsOf(rotations map[int64]store.DutyRotation, days []store.Duty) []int64 {
	var ids []int64
	for _, r := range rotations {
		ids = append(ids, r.Members...)
	}
	for _, d := range days {
		ids = append(ids, d.PrimaryID, d.SecondaryID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return slices.DeleteFunc(ids, func(id int64) bool { return id == 0 })
}
