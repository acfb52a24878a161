package notice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/master/notice/rule"
)

// Reader reads what the rules go by.
type Reader struct {
	DB   *store.DB
	Defs *store.Definitions
	Zone *time.Location // of the days on duty
}

// Audience is everybody who may be told of alerts about some tasks and about
// the platform, as it stood at one moment.
type Audience struct {
	Day      int    // yyyyMMdd, whose duty counts
	Platform string // the department that is on duty for the platform; empty: none is set, or there is none of that name

	tasks    map[int64]rule.Task
	homes    map[int64]int64 // task: department of its owner
	duties   map[int64]rule.OnDuty
	platform int64
	admins   []rule.Person
	members  map[int64][]rule.Person // by department
	people   map[string]rule.Person  // enabled, by name
	disabled map[string]bool
}

// Audience reads it in a number of statements that hardly grows with the tasks:
// about one for each five hundred of them and their people. Tasks that are
// deleted are read too; ids that are no task's are left out.
func (r *Reader) Audience(ctx context.Context, t *store.ViewTx, tasks []int64) (*Audience, error) {
	a := &Audience{Day: dayOf(r.DB.Now().In(r.Zone)), members: map[int64][]rule.Person{}, people: map[string]rule.Person{}, disabled: map[string]bool{}}
	heads, err := t.AlertTasks(ctx, tasks)
	if err != nil {
		return nil, err
	}
	var asked store.Asked
	if err := a.readTasks(ctx, t, r.Defs, heads, &asked); err != nil {
		return nil, err
	}
	if err := a.readPlatform(ctx, t); err != nil {
		return nil, err
	}
	duties, err := t.Duties(ctx, append(slices.Clone(asked.Departments), a.platform), a.Day, a.Day)
	if err != nil {
		return nil, err
	}
	for _, d := range duties {
		asked.IDs = append(asked.IDs, d.PrimaryID, d.SecondaryID)
	}
	users, err := t.Recipients(ctx, asked)
	if err != nil {
		return nil, err
	}
	a.sort(users, duties)
	return a, nil
}

// dayOf writes the day of an instant as yyyyMMdd.
func dayOf(at time.Time) int { return at.Year()*10_000 + int(at.Month())*100 + at.Day() }

func (a *Audience) readTasks(ctx context.Context, t *store.ViewTx, defs *store.Definitions, heads []store.AlertTask, asked *store.Asked) error {
	a.tasks, a.homes = make(map[int64]rule.Task, len(heads)), make(map[int64]int64, len(heads))
	ids, keys := make([]int64, len(heads)), make([]store.VersionKey, len(heads))
	for i, h := range heads {
		ids[i], keys[i] = h.ID, store.VersionKey{TaskID: h.ID, Version: h.Version}
	}
	definitions, err := defs.In(ctx, t, keys)
	if err != nil {
		return fmt.Errorf("read definitions for alerts: %w", err)
	}
	rights, err := t.AlertRightsOf(ctx, ids)
	if err != nil {
		return err
	}
	for i, h := range heads {
		row := rule.Task{Name: h.Name, Owner: h.Owner, Department: h.Department, Priority: h.Priority, Alerts: task.Alerts{Default: true}}
		if def := definitions[keys[i]]; def != nil {
			row.Alerts = def.Spec.Alerts
		}
		for _, g := range rights[h.ID] {
			if g.SMS {
				row.SMSRight = append(row.SMSRight, g.User)
			}
			if g.Mail {
				row.MailRight = append(row.MailRight, g.User)
			}
			asked.IDs = append(asked.IDs, g.UserID)
		}
		asked.IDs = append(asked.IDs, h.OwnerID)
		if h.DepartmentID != 0 {
			asked.Departments = append(asked.Departments, h.DepartmentID)
		}
		for _, receiver := range slices.Concat(row.Alerts.Phone.To, row.Alerts.SMS, row.Alerts.Mail) {
			if mayBeAUser(receiver) {
				asked.Names = append(asked.Names, receiver)
			}
		}
		a.tasks[h.ID], a.homes[h.ID] = row, h.DepartmentID
	}
	return nil
}

// mayBeAUser leaves out mail addresses and numbers: users' names have no @ and
// begin with a letter.
func mayBeAUser(receiver string) bool {
	return receiver != "" && receiver[0] >= 'a' && receiver[0] <= 'z' && !strings.Contains(receiver, "@")
}

func (a *Audience) readPlatform(ctx context.Context, t *store.ViewTx) error {
	settings, err := t.Settings(ctx)
	if err != nil || settings[store.SettingPlatformDepartment] == "" {
		return err
	}
	d, err := t.DepartmentByName(ctx, settings[store.SettingPlatformDepartment])
	if errors.Is(err, store.ErrNotFound) {
		return nil // nobody is on duty then, and that is said
	}
	a.platform, a.Platform = d.ID, d.Name
	return err
}

// sort puts users where Question finds them.
func (a *Audience) sort(users []store.Recipient, duties []store.Duty) {
	slices.SortFunc(users, func(x, y store.Recipient) int { return strings.Compare(x.Name, y.Name) })
	names := make(map[int64]string, len(users))
	for _, u := range users {
		names[u.ID] = u.Name
		if !u.IsEnabled {
			a.disabled[u.Name] = true
			continue
		}
		p := rule.Person{
			Name: u.Name, Title: u.Title, Department: u.Department, Phone: u.Phone, Mail: u.Mail, Lang: u.Lang, Admin: permit.Admin.Allows(permit.ParseRole(u.Role)),
		}
		a.people[p.Name] = p
		if p.Admin {
			a.admins = append(a.admins, p)
		}
		if u.DepartmentID != 0 {
			a.members[u.DepartmentID] = append(a.members[u.DepartmentID], p)
		}
	}
	a.duties = make(map[int64]rule.OnDuty, len(duties))
	for _, d := range duties {
		a.duties[d.DepartmentID] = rule.OnDuty{Primary: names[d.PrimaryID], Secondary: names[d.SecondaryID]}
	}
}

// Question is what rule.Decide is asked about an alert; task is 0 when it is
// about none. Of a kind of the cluster's own that has a level, administrators
// alone are told, even where it names a task: that is where to look, and the
// task's people hear of what happens to its batches anyway.
func (a *Audience) Question(kind, level string, task int64) rule.Question {
	q := rule.Question{Level: level, Platform: a.duties[a.platform]}
	var named []string
	if t, ok := a.tasks[task]; ok && tellsTask(kind, level) {
		home := a.homes[task]
		q.Task, q.Department = &t, a.duties[home]
		q.People = slices.Clone(a.members[home])
		named = slices.Concat([]string{t.Owner, q.Department.Primary, q.Department.Secondary}, t.SMSRight, t.MailRight, t.Alerts.Phone.To, t.Alerts.SMS, t.Alerts.Mail)
	}
	q.People = append(q.People, a.admins...)
	for _, name := range append(named, q.Platform.Primary, q.Platform.Secondary) {
		if a.disabled[name] {
			q.Disabled = append(q.Disabled, name)
		} else if p, ok := a.people[name]; ok {
			q.People = append(q.People, p)
		}
	}
	slices.SortFunc(q.People, func(x, y rule.Person) int { return strings.Compare(x.Name, y.Name) })
	q.People = slices.CompactFunc(q.People, func(x, y rule.Person) bool { return x.Name == y.Name })
	return q
}

// tellsTask says whether a task's people are told of an alert about it.
func tellsTask(kind, level string) bool {
	return level == store.LevelTask || kind == "" || strings.HasPrefix(kind, wire.ExternalPrefix)
}
