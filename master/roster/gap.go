package roster

import (
	"fmt"

	"capricornus/common/store"
)

// What is wrong with a day of the roster. The codes are part of alerts'
// occurrences and of answers.
const (
	Nobody      = "nobody"       // no first person
	NoSecondary = "no-secondary" // of the platform's department alone: what is critical is told to both
	SamePerson  = "same-person"  // is first and second
	Disabled    = "disabled"     // cannot log in any more, or is gone
	NoPhone     = "no-phone"     // of the platform's department alone: is called and has no number
)

// Department is a department that has a roster.
type Department struct {
	store.RosterDepartment

	Platform bool // its people are on duty for the platform itself
}

// Gap is one thing that is wrong with a day.
type Gap struct {
	Department Department
	Day        Day
	What       string
	Person     string // whom it is about; empty for nobody in particular
}

// GapsOf finds what is wrong with who is on duty on a day.
func GapsOf(d Department, day Day, on store.Duty, people People) []Gap {
	var out []Gap
	add := func(what string, id int64) {
		g := Gap{Department: d, Day: day, What: what}
		if id != 0 {
			g.Person = people.nameOf(id)
		}
		out = append(out, g)
	}
	if on.PrimaryID == 0 {
		add(Nobody, 0)
	}
	if d.Platform && on.PrimaryID != 0 && on.SecondaryID == 0 {
		add(NoSecondary, 0)
	}
	ids := []int64{on.PrimaryID, on.SecondaryID}
	if on.PrimaryID != 0 && on.PrimaryID == on.SecondaryID {
		add(SamePerson, on.PrimaryID)
		ids = ids[:1]
	}
	for _, id := range ids {
		switch {
		case id == 0:
		case !people[id].Enabled:
			add(Disabled, id)
		case d.Platform && people[id].Phone == "":
			add(NoPhone, id)
		}
	}
	return out
}

// Text says a gap to people, and what can be done.
func (g Gap) Text() string {
	place := fmt.Sprintf("department %s on %s", g.Department.Name, g.Day.words())
	set := fmt.Sprintf("capri duty set %s %s --primary USER --reason TEXT", g.Department.Name, g.Day)
	switch g.What {
	case Nobody:
		return "nobody is on duty in " + place + ": " + set
	case NoSecondary:
		return "nobody is second on duty in " + place + ", which is the platform's: " + set + " --secondary USER"
	case SamePerson:
		return g.Person + " is first and second on duty in " + place + ": " + set + " --secondary USER"
	case Disabled:
		return g.Person + " is on duty in " + place + " and is disabled or gone: " + set
	case NoPhone:
		return g.Person + " is on duty in " + place + ", which is the platform's, and has no phone number: capri user set " + g.Person + " --phone NUMBER"
	}
	return g.What + " in " + place
}

// alert is what is recorded of a gap, once.
func (g Gap) alert() store.Alert {
	a := store.Alert{
		Kind: store.AlertDutyGap, Object: g.Department.Name + "/" + g.Day.String(), Occurrence: g.What, Level: store.LevelNotice, Text: g.Text(),
	}
	if g.Department.Platform {
		a.Level = store.LevelImportant
	}
	if g.Person != "" {
		a.Occurrence += " " + g.Person
	}
	if len(a.Occurrence) > 100 {
		a.Occurrence = a.Occurrence[:100]
	}
	return a
}
