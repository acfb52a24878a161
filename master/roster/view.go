package roster

import (
	"context"
	"errors"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Query chooses days of the roster; no department: all that have one, no days:
// today.
type Query struct {
	Department string
	From, To   string
	AfterDay   string // the last of the page before, and its department
	After      string
	Limit      int
}

// named turns a row that is not there into an answer.
func named(err error, what, name string) error {
	if errors.Is(err, store.ErrNotFound) {
		return missing(what, name)
	}
	return err
}

// show is a user as people see it; nil: nobody.
func (p People) show(id int64) *wire.DutyPerson {
	if id == 0 {
		return nil
	}
	is := p[id]
	return &wire.DutyPerson{Name: p.nameOf(id), Title: is.Title, Phone: is.Phone, Enabled: is.Enabled}
}

func (b *book) showDay(d Department, day Day, on store.Duty) wire.DutyDay {
	out := wire.DutyDay{
		Department: d.Name, Day: day.String(), Primary: b.people.show(on.PrimaryID), Secondary: b.people.show(on.SecondaryID),
		Source: on.Source, Note: on.Note, ChangedBy: on.ChangedBy, ChangedAt: on.ChangedAt,
	}
	if day < b.today {
		return out
	}
	for _, g := range GapsOf(d, day, on, b.people) {
		out.Gaps = append(out.Gaps, g.What)
	}
	return out
}

// show lists the book, by day and department.
func (b *book) show() []wire.DutyDay {
	out := []wire.DutyDay{}
	for day := b.from; day <= b.to; day = day.Add(1) {
		for _, d := range b.departments {
			out = append(out, b.showDay(d, day, b.on(d.ID, day)))
		}
	}
	return out
}

// dates reads the ends of a question; what is not given is otherwise.
func dates(from, to string, first, last Day) (Day, Day, error) {
	var err error
	if from != "" {
		if first, err = ParseDay(from); err != nil {
			return 0, 0, err
		}
		last = max(first, last)
	}
	if to != "" {
		if last, err = ParseDay(to); err != nil {
			return 0, 0, err
		}
	}
	switch {
	case last < first:
		return 0, 0, fault.New(fault.Invalid, "the days from %s to %s are none", first, last).WithHint("write the earlier one first")
	case last.Since(first) >= span:
		return 0, 0, fault.New(fault.Invalid, "the days from %s to %s are more than %d", first, last, span).WithHint("ask about a part of them")
	}
	return first, last, nil
}

// List reads a page of the roster, by day and department, and says whether
// there is more.
func (r *Roster) List(ctx context.Context, q Query) (list wire.DutyList, more bool, err error) {
	err = r.DB.View(ctx, func(t *store.ViewTx) error {
		today := r.today(t.Now())
		list = wire.DutyList{Today: today.String(), Items: []wire.DutyDay{}}
		from, to, err := dates(q.From, q.To, today, today)
		if err != nil {
			return err
		}
		if q.AfterDay != "" {
			last, err := ParseDay(q.AfterDay)
			if err != nil {
				return err
			}
			from = max(from, last)
		}
		departments, err := r.asked(ctx, t, q.Department, min(from, today.Add(-seen)))
		if err != nil || len(departments) == 0 {
			return err
		}
		last := min(to, from.Add(q.Limit/len(departments)+1))
		b, err := open(ctx, t, book{departments: departments, from: from, to: last, today: today})
		if err != nil {
			return err
		}
		for _, item := range b.show() {
			if item.Day == q.AfterDay && item.Department <= q.After {
				continue
			}
			if len(list.Items) == q.Limit {
				more = true
				return nil
			}
			list.Items = append(list.Items, item)
		}
		more = last < to
		return nil
	})
	return list, more, err
}

// asked lists the departments of a question.
func (r *Roster) asked(ctx context.Context, t *store.ViewTx, name string, since Day) ([]Department, error) {
	if name != "" {
		d, err := find(ctx, t, name)
		return []Department{d}, err
	}
	settings, err := t.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return departmentsIn(ctx, t, since, settings[store.SettingPlatformDepartment])
}

// mostMine bounds the days of one person that are shown.
const mostMine = 1000

// Mine reads the days on which a user is on duty; without days, those of the
// next month.
func (r *Roster) Mine(ctx context.Context, user, first, last string) (wire.DutyList, error) {
	var list wire.DutyList
	err := r.DB.View(ctx, func(t *store.ViewTx) error {
		today := r.today(t.Now())
		list = wire.DutyList{Today: today.String(), Items: []wire.DutyDay{}}
		from, to, err := dates(first, last, today, today.Add(filled-1))
		if err != nil {
			return err
		}
		p, err := t.PersonByName(ctx, user)
		if err != nil {
			return named(err, "user", user)
		}
		rows, err := t.DutiesOf(ctx, p.ID, int(from), int(to), mostMine)
		if err != nil {
			return err
		}
		departments, err := r.asked(ctx, t, "", min(from, today.Add(-seen)))
		if err != nil {
			return err
		}
		byID := map[int64]Department{}
		for _, d := range departments {
			byID[d.ID] = d
		}
		people, err := peopleOf(ctx, t, idsOf(nil, rows))
		b := book{today: today, people: people}
		for _, row := range rows {
			if d, known := byID[row.DepartmentID]; known {
				list.Items = append(list.Items, b.showDay(d, Day(row.Day), row))
			}
		}
		return err
	})
	return list, err
}

// mostGaps bounds one answer about gaps.
const mostGaps = 2000

// Gaps finds what is wrong with the days to come; days is how many after today,
// negative: as many as people are told of.
func (r *Roster) Gaps(ctx context.Context, department string, days int) (wire.DutyGapList, error) {
	var list wire.DutyGapList
	err := r.DB.View(ctx, func(t *store.ViewTx) error {
		today := r.today(t.Now())
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		far := days
		if far < 0 {
			far = number(settings, store.SettingDutyGapDays, 3)
		}
		last := today.Add(min(far, lookAhead))
		list = wire.DutyGapList{From: today.String(), To: last.String(), Platform: settings[store.SettingPlatformDepartment], Items: []wire.DutyGap{}}
		departments, err := r.asked(ctx, t, department, today.Add(-seen))
		if err != nil {
			return err
		}
		b, err := open(ctx, t, book{departments: departments, from: today, to: last, today: today})
		if err != nil {
			return err
		}
		all := b.gaps()
		list.More = len(all) > mostGaps
		for _, g := range all[:min(len(all), mostGaps)] {
			list.Items = append(list.Items, wire.DutyGap{Department: g.Department.Name, Day: g.Day.String(), What: g.What, Person: g.Person, Platform: g.Department.Platform, Text: g.Text()})
		}
		return nil
	})
	return list, err
}
