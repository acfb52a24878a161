package roster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const (
	maxReason  = 400
	maxMembers = 100
	maxEvery   = 366
)

// By is who asks for a change, and from where.
type By struct {
	store.Actor
	Source string // address of the call
}

// noted is what an audit row tells.
type noted struct {
	Before any    `json:"before"`
	After  any    `json:"after"`
	Reason string `json:"reason,omitempty"`
}

// change does something in one transaction with its one audit row.
func (r *Roster) change(ctx context.Context, by By, action, object string, do func(t *store.OperateTx) (noted, error)) error {
	id, err := r.DB.ID(ctx)
	if err != nil {
		return err
	}
	return r.DB.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		n, err := do(t)
		if err != nil {
			return err
		}
		detail, err := json.Marshal(n)
		if err != nil {
			return fmt.Errorf("encode what is noted: %w", err)
		}
		return t.Audit(ctx, store.Audit{ID: id, Action: action, Object: object, Source: by.Source, Detail: string(detail)})
	})
}

func checkReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fault.New(fault.Invalid, "a reason is wanted").WithHint("say why in a few words: it is kept in the audit log")
	}
	return checkText("reason", reason, maxReason)
}

// Days names days of a department: from Day to Until, both included; no Until
// is Day alone.
type Days struct {
	Department string
	Day, Until string
}

// days reads the days of a change. They are not over, not too far ahead, and
// not too many.
func (d Days) days(today Day) (from, to Day, err error) {
	if from, err = ParseDay(d.Day); err != nil {
		return 0, 0, err
	}
	if to = from; d.Until != "" {
		if to, err = ParseDay(d.Until); err != nil {
			return 0, 0, err
		}
	}
	switch {
	case to < from:
		return 0, 0, fault.New(fault.Invalid, "the days from %s to %s are none", from, to).WithHint("write the earlier one first")
	case from < today:
		return 0, 0, fault.New(fault.Invalid, "%s is over: what was is not changed", from).WithHint("today is %s", today)
	case to.Since(from) >= span:
		return 0, 0, fault.New(fault.Invalid, "the days from %s to %s are more than %d", from, to, span).WithHint("set them in parts, or put a rotation")
	case to.Since(today) > ahead:
		return 0, 0, fault.New(fault.Invalid, "%s is more than %d days ahead", to, ahead)
	}
	return from, to, nil
}

func (d Days) object(from, to Day) string {
	if from == to {
		return d.Department + "/" + from.String()
	}
	return d.Department + "/" + from.String() + ".." + to.String()
}

// lock finds the department of a change and keeps it locked, so that changes of
// its roster come one after the other.
func lock(ctx context.Context, t *store.OperateTx, name string) (Department, error) {
	found, err := t.LockDepartments(ctx, []string{name})
	if err != nil {
		return Department{}, err
	}
	row, ok := found[name]
	if !ok {
		return Department{}, missing("department", name)
	}
	settings, err := t.Settings(ctx)
	return Department{row, settings[store.SettingPlatformDepartment] == name}, err
}

func missing(what, name string) error {
	return fault.New(fault.NotFound, "there is no %s %q", what, clipped(name)).WithHint("capri %s list shows those there are", what)
}

// Set says who is on duty on some days, whatever the rotation says.
func (r *Roster) Set(ctx context.Context, by By, days Days, q wire.DutyRequest) (wire.DutyChange, error) {
	if err := errors.Join(checkPair(q.Primary, q.Secondary), checkNote(q.Note), checkReason(q.Reason)); err != nil {
		return wire.DutyChange{}, firstOf(err)
	}
	days.Until = q.Until
	from, to, err := days.days(r.today(r.DB.Now().UnixMilli()))
	if err != nil {
		return wire.DutyChange{}, err
	}
	return r.changeDays(ctx, by, order{"duty.set", days, from, to, q.Reason}, func(t *store.OperateTx, d Department) error {
		people, err := available(ctx, t, []string{q.Primary, q.Secondary})
		if err != nil {
			return err
		}
		var rows []store.Duty
		for day := from; day <= to; day = day.Add(1) {
			rows = append(rows, store.Duty{
				DepartmentID: d.ID, Day: int(day), PrimaryID: people[q.Primary], SecondaryID: people[q.Secondary],
				Source: store.DutyByHand, Note: q.Note, ChangedBy: by.ID,
			})
		}
		return t.PutDuties(ctx, rows)
	})
}

// firstOf is the first of several errors: a person mends one at a time.
func firstOf(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()[0]
	}
	return err
}

// Clear gives days back to the rotation.
func (r *Roster) Clear(ctx context.Context, by By, days Days, reason string) (wire.DutyChange, error) {
	if err := checkReason(reason); err != nil {
		return wire.DutyChange{}, err
	}
	from, to, err := days.days(r.today(r.DB.Now().UnixMilli()))
	if err != nil {
		return wire.DutyChange{}, err
	}
	return r.changeDays(ctx, by, order{"duty.clear", days, from, to, reason}, func(t *store.OperateTx, d Department) error {
		_, err := t.DropDuties(ctx, d.ID, int(from), int(to))
		return err
	})
}

// order is a change of days of one department.
type order struct {
	action   string
	days     Days
	from, to Day
	reason   string
}

// changeDays changes days of one department, lets the rotation fill what is
// free then, and says what has become of them.
func (r *Roster) changeDays(ctx context.Context, by By, o order, do func(*store.OperateTx, Department) error) (wire.DutyChange, error) {
	out := wire.DutyChange{Department: o.days.Department, Items: []wire.DutyDay{}}
	err := r.change(ctx, by, o.action, o.days.object(o.from, o.to), func(t *store.OperateTx) (noted, error) {
		d, err := lock(ctx, t, o.days.Department)
		if err != nil {
			return noted{}, err
		}
		part := book{departments: []Department{d}, from: o.from, to: o.to, today: r.today(t.Now())}
		before, err := open(ctx, t, part)
		if err != nil {
			return noted{}, err
		}
		if err := do(t, d); err != nil {
			return noted{}, err
		}
		if _, _, err := rotate(ctx, t, part.departments, part.today); err != nil {
			return noted{}, err
		}
		after, err := open(ctx, t, part)
		if err != nil {
			return noted{}, err
		}
		was, is := before.names(d), after.names(d)
		out.Items, out.Changed = after.show(), 0
		for day, names := range is {
			if was[day] != names {
				out.Changed++
			}
		}
		return noted{Before: notedDays(was), After: notedDays(is), Reason: o.reason}, nil
	})
	return out, err
}

// names tells who is on duty on the days of a department.
func (b *book) names(d Department) map[string]wire.DutyNames {
	out := map[string]wire.DutyNames{}
	for day := b.from; day <= b.to; day = day.Add(1) {
		out[day.String()] = b.namesOn(b.on(d.ID, day))
	}
	return out
}

// notedDays is names as the audit tells them, in the order of the days.
func notedDays(names map[string]wire.DutyNames) map[string]any {
	return bounded(slices.Sorted(maps.Keys(names)), names)
}

// notedBytes bounds what an audit row tells of days before a change, and of
// those after it: the row has its limit, and must stay whole.
const notedBytes = 20_000

// bounded is as many of these days as there is room for, and how many more
// there are.
func bounded(keys []string, names map[string]wire.DutyNames) map[string]any {
	out := map[string]any{}
	room := notedBytes
	for i, key := range keys {
		text, err := json.Marshal(names[key])
		if room -= len(key) + len(text); err != nil || room < 0 {
			out["more"] = len(keys) - i
			break
		}
		out[key] = names[key]
	}
	return out
}

func (b *book) namesOn(on store.Duty) wire.DutyNames {
	n := wire.DutyNames{Source: on.Source, Note: on.Note}
	if on.PrimaryID != 0 {
		n.Primary = b.people.nameOf(on.PrimaryID)
	}
	if on.SecondaryID != 0 {
		n.Secondary = b.people.nameOf(on.SecondaryID)
	}
	return n
}

// available finds users who can be on duty; an empty name is nobody.
func available(ctx context.Context, t *store.OperateTx, names []string) (map[string]int64, error) {
	found, err := t.PersonsByNames(ctx, names)
	if err != nil {
		return nil, err
	}
	ids := map[string]int64{"": 0}
	for _, name := range names {
		p, ok := found[name]
		switch {
		case name == "":
			continue
		case !ok:
			return nil, missing("user", name)
		case !p.IsEnabled:
			return nil, fault.New(fault.Conflict, "user %s is disabled and cannot be on duty", name).WithHint("capri user enable %s lets the user in again", name)
		}
		ids[name] = p.ID
	}
	return ids, nil
}
