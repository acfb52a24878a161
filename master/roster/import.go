package roster

import (
	"context"
	"errors"
	"slices"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// errNothing ends the transaction of an import that is not to be done.
var errNothing = errors.New("nothing is to be imported")

// Import writes the days of a file, all or none. What is wrong is in the reply,
// line by line; so is what changes, which a dry run alone shows. Days that are
// over are left alone.
func (r *Roster) Import(ctx context.Context, by By, q wire.DutyImportRequest) (wire.DutyImportReply, error) {
	if err := checkText("reason", q.Reason, maxReason); err != nil {
		return wire.DutyImportReply{}, err
	}
	if err := checkText("name of the file", q.File, maxReason); err != nil {
		return wire.DutyImportReply{}, err
	}
	lines, wrong := Parse(q.Text)
	if len(lines)+len(wrong) == 0 {
		wrong = []Wrong{{1, "empty", "there is no line: a line is department,day,primary,secondary"}}
	}
	var out wire.DutyImportReply
	err := r.change(ctx, by, "duty.import", "import", func(t *store.OperateTx) (noted, error) {
		out = wire.DutyImportReply{Items: []wire.DutyImportItem{}}
		i, err := r.inquire(ctx, t, lines)
		if err != nil {
			return noted{}, err
		}
		out.Findings = findings(q.File, append(slices.Clone(wrong), i.check(lines)...))
		if len(out.Findings) > 0 {
			return noted{}, errNothing
		}
		rows := i.compare(lines, by.ID, &out)
		if q.DryRun {
			return noted{}, errNothing
		}
		out.Imported = true
		return notedImport(out, q.Reason), t.PutDuties(ctx, rows)
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	return out, err
}

func findings(file string, wrong []Wrong) []wire.Finding {
	slices.SortStableFunc(wrong, func(a, b Wrong) int { return a.Line - b.Line })
	var out []wire.Finding
	for _, w := range wrong {
		out = append(out, wire.Finding{File: file, Line: w.Line, Severity: "error", Code: w.Code, Message: w.Text})
	}
	return out
}

// inquiry is what an import has to know.
type inquiry struct {
	departments map[string]store.RosterDepartment
	persons     map[string]store.Person
	book        *book
	today       Day
}

// inquire reads what the lines name, and locks the departments.
func (r *Roster) inquire(ctx context.Context, t *store.OperateTx, lines []Line) (i inquiry, err error) {
	i.today = r.today(t.Now())
	departments, persons := []string{}, []string{}
	first, last := i.today, i.today
	for _, l := range lines {
		departments, persons = append(departments, l.Department), append(persons, l.Primary, l.Secondary)
		if l.Day.Since(i.today) <= ahead {
			last = max(last, l.Day)
		}
	}
	if i.departments, err = t.LockDepartments(ctx, departments); err != nil {
		return i, err
	}
	if i.persons, err = t.PersonsByNames(ctx, persons); err != nil {
		return i, err
	}
	part := book{from: first, to: last, today: i.today}
	for _, d := range i.departments {
		part.departments = append(part.departments, Department{RosterDepartment: d})
	}
	i.book, err = open(ctx, t, part)
	return i, err
}

// check finds what is wrong with lines that could be read.
func (i inquiry) check(lines []Line) []Wrong {
	var wrong []Wrong
	for _, l := range lines {
		if _, known := i.departments[l.Department]; !known {
			wrong = append(wrong, Wrong{l.Line, "department", missing("department", l.Department).Error()})
		}
		if l.Day.Since(i.today) > ahead {
			wrong = append(wrong, Wrong{l.Line, "day", l.Day.String() + " is more than a year ahead"})
		}
		for _, name := range []string{l.Primary, l.Secondary} {
			p, known := i.persons[name]
			switch {
			case name == "":
			case !known:
				wrong = append(wrong, Wrong{l.Line, "user", missing("user", name).Error()})
			case !p.IsEnabled && l.Day >= i.today:
				wrong = append(wrong, Wrong{l.Line, "user", "user " + name + " is disabled and cannot be on duty"})
			}
		}
	}
	return wrong
}

// compare tells what lines without errors change, and the rows to write.
func (i inquiry) compare(lines []Line, by string, out *wire.DutyImportReply) []store.Duty {
	var rows []store.Duty
	for _, l := range lines {
		if l.Day < i.today {
			out.Past++
			continue
		}
		row := store.Duty{
			DepartmentID: i.departments[l.Department].ID, Day: int(l.Day), PrimaryID: i.persons[l.Primary].ID, SecondaryID: i.persons[l.Secondary].ID,
			Source: store.DutyByImport, Note: l.Note, ChangedBy: by,
		}
		old := i.book.on(row.DepartmentID, l.Day)
		if old.PrimaryID == row.PrimaryID && old.SecondaryID == row.SecondaryID && old.Source == row.Source && old.Note == row.Note {
			out.Same++
			continue
		}
		item := wire.DutyImportItem{
			Line: l.Line, Department: l.Department, Day: l.Day.String(), Action: "change", Before: i.book.namesOn(old),
			After: wire.DutyNames{Primary: l.Primary, Secondary: l.Secondary, Source: store.DutyByImport, Note: l.Note},
		}
		if old.Source == "" {
			item.Action = "add"
			out.Added++
		} else {
			out.Changed++
		}
		out.Items, rows = append(out.Items, item), append(rows, row)
	}
	return rows
}

// notedImport is what the audit tells of an import: how much, and the first
// days of it.
func notedImport(out wire.DutyImportReply, reason string) noted {
	var keys []string
	before, after := map[string]wire.DutyNames{}, map[string]wire.DutyNames{}
	for _, item := range out.Items {
		key := item.Department + "/" + item.Day
		keys, before[key], after[key] = append(keys, key), item.Before, item.After
	}
	counts := map[string]any{"days": bounded(keys, after), "added": out.Added, "changed": out.Changed, "same": out.Same, "past": out.Past}
	return noted{Before: bounded(keys, before), After: counts, Reason: reason}
}
