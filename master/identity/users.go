package identity

import (
	"context"
	"errors"
	"slices"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Limits of what is kept of a user; the columns' own.
const (
	maxTitle = 200
	maxPhone = 40
	maxMail  = 200
)

// CreateUser makes a user. Without a password it is a program, or logs in
// elsewhere.
func (s *Service) CreateUser(ctx context.Context, by By, r wire.UserRequest) (store.Person, error) {
	p := store.Person{Name: r.Name, Title: r.Title, Role: r.Role, Phone: r.Phone, Mail: r.Mail, Lang: r.Lang, IsEnabled: true}
	if err := CheckUserName(r.Name); err != nil {
		return store.Person{}, err
	}
	if err := checkPerson(p); err != nil {
		return store.Person{}, err
	}
	if r.Password != "" {
		hash, err := s.newHash(ctx, r.Name, r.Password)
		if err != nil {
			return store.Person{}, err
		}
		p.PasswordHash, p.MustChange = hash, !r.KeepIt
	}
	err := s.change(ctx, by, act{"user.create", r.Name, 1}, func(t *store.OperateTx, ids []int64) (noted, error) {
		var err error
		if p.DepartmentID, err = departmentID(ctx, t, r.Department); err != nil {
			return noted{}, err
		}
		p.ID, p.Department = ids[0], r.Department
		if p.PasswordHash != "" {
			p.PasswordAt = t.Now()
		}
		if err := t.AddPerson(ctx, p); errors.Is(err, store.ErrExists) {
			return noted{}, fault.Wrap(fault.Conflict, err, "there is a user %q already", r.Name).WithHint("capri user set %s changes it; a disabled one can be enabled", r.Name)
		} else if err != nil {
			return noted{}, err
		}
		p, err = t.PersonByName(ctx, r.Name)
		return noted{After: tellPerson(p), Reason: r.Reason}, err
	})
	return p, err
}

// newHash checks and hashes a password.
func (s *Service) newHash(ctx context.Context, name, password string) (string, error) {
	if err := CheckPassword(name, password); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
}

func checkPerson(p store.Person) error {
	if _, err := checkRole(p.Role); err != nil {
		return err
	}
	for _, text := range []struct {
		what, text string
		most       int
	}{{"title", p.Title, maxTitle}, {"phone", p.Phone, maxPhone}, {"mail", p.Mail, maxMail}} {
		if err := checkText(text.what, text.text, text.most); err != nil {
			return err
		}
	}
	if p.Mail != "" && (strings.Count(p.Mail, "@") != 1 || strings.ContainsAny(p.Mail, " ,;<>")) {
		return fault.New(fault.Invalid, "%q is no mail address", p.Mail).WithHint("write name@domain")
	}
	if p.Lang != "" && p.Lang != "zh" && p.Lang != "en" {
		return fault.New(fault.Invalid, "there is no language %q here", clip(p.Lang)).WithHint("write zh, en, or nothing for the cluster's own")
	}
	return nil
}

// departmentID finds a department by its name; no name is no department.
func departmentID(ctx context.Context, t *store.OperateTx, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	d, err := t.DepartmentByName(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return 0, missing("department", name)
	}
	return d.ID, err
}

// changed is a user with what is given changed; its department is set apart.
func changed(p store.Person, c wire.UserChange) store.Person {
	for _, field := range []struct {
		into *string
		text *string
	}{{&p.Title, c.Title}, {&p.Role, c.Role}, {&p.Phone, c.Phone}, {&p.Mail, c.Mail}, {&p.Lang, c.Lang}, {&p.Department, c.Department}} {
		if field.text != nil {
			*field.into = *field.text
		}
	}
	if c.Enabled != nil {
		p.IsEnabled = *c.Enabled
	}
	return p
}

// superadmin tells whether a user may do everything.
func superadmin(p store.Person) bool {
	return p.IsEnabled && permit.ParseRole(p.Role) == permit.Superadmin
}

// ChangeUser changes what is given of a user. The last super administrator
// stays one; the sessions of who is disabled end.
func (s *Service) ChangeUser(ctx context.Context, by By, name string, c wire.UserChange) (store.Person, error) {
	var out store.Person
	err := s.change(ctx, by, act{"user.set", name, 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		rulers, err := t.LockSuperadmins(ctx)
		if err != nil {
			return noted{}, err
		}
		before, err := t.LockPerson(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			return noted{}, missing("user", name)
		}
		if err != nil {
			return noted{}, err
		}
		after := changed(before, c)
		if err := checkPerson(after); err != nil {
			return noted{}, err
		}
		if after.DepartmentID, err = departmentID(ctx, t, after.Department); err != nil {
			return noted{}, err
		}
		if superadmin(before) && !superadmin(after) && !slices.ContainsFunc(rulers, func(id int64) bool { return id != before.ID }) {
			return noted{}, fault.New(fault.Conflict, "%s is the last super administrator", name).WithHint("make somebody else one first: capri user set NAME --role superadmin")
		}
		if before.IsEnabled && !after.IsEnabled {
			if err := endLogins(ctx, t, before.ID, 0); err != nil {
				return noted{}, err
			}
		}
		if !before.IsEnabled && after.IsEnabled {
			after.FailedLogins, after.LockedUntil = 0, 0
		}
		out = after
		return noted{Before: tellPerson(before), After: tellPerson(after), Reason: c.Reason}, t.SavePerson(ctx, after)
	})
	return out, err
}

// endLogins ends the sessions of a user and the tokens that logins made, but
// for one token.
func endLogins(ctx context.Context, t *store.OperateTx, user, keep int64) error {
	if err := t.EndSessions(ctx, user); err != nil {
		return err
	}
	return t.RevokeLogins(ctx, user, keep)
}

// SetPassword sets the password of somebody; all logins of that one end.
func (s *Service) SetPassword(ctx context.Context, by By, name string, r wire.PasswordSetRequest) error {
	hash, err := s.newHash(ctx, name, r.Password)
	if err != nil {
		return err
	}
	return s.change(ctx, by, act{"user.password", name, 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		before, err := t.LockPerson(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			return noted{}, missing("user", name)
		}
		if err != nil {
			return noted{}, err
		}
		if before.Subject != "" {
			return noted{}, fault.New(fault.Conflict, "%s logs in at the identity provider and has no password here", name)
		}
		after := before
		after.PasswordHash, after.PasswordAt, after.MustChange = hash, t.Now(), !r.KeepIt
		after.FailedLogins, after.LockedUntil = 0, 0
		if err := t.SavePerson(ctx, after); err != nil {
			return noted{}, err
		}
		return noted{Before: tellPerson(before), After: tellPerson(after), Reason: r.Reason}, endLogins(ctx, t, before.ID, 0)
	})
}
