package identity

import (
	"context"
	"errors"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

type named struct {
	Name string `json:"name"`
}

// CreateDepartment makes a department.
func (s *Service) CreateDepartment(ctx context.Context, by By, r wire.NameRequest) (store.Department, error) {
	if err := checkDepartmentName(r.Name); err != nil {
		return store.Department{}, err
	}
	var out store.Department
	err := s.change(ctx, by, act{"department.create", r.Name, 1}, func(t *store.OperateTx, ids []int64) (noted, error) {
		if _, err := t.LockDepartment(ctx, r.Name); !errors.Is(err, store.ErrNotFound) {
			return noted{}, orTaken(err, "department", r.Name)
		}
		out = store.Department{ID: ids[0], Name: r.Name}
		return noted{After: named{r.Name}, Reason: r.Reason}, t.PutDepartment(ctx, ids[0], r.Name)
	})
	return out, taken(err, "department", r.Name)
}

// taken turns a lost race for a name into the sentence about it.
func taken(err error, what, name string) error {
	if errors.Is(err, store.ErrExists) {
		return orTaken(nil, what, name)
	}
	return err
}

func orTaken(err error, what, name string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "there is a %s %q already", what, name)
}

// RenameDepartment gives a department another name.
func (s *Service) RenameDepartment(ctx context.Context, by By, name string, r wire.NameRequest) (store.Department, error) {
	if err := checkDepartmentName(r.Name); err != nil {
		return store.Department{}, err
	}
	var out store.Department
	err := s.change(ctx, by, act{"department.rename", name, 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		d, err := t.LockDepartment(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			return noted{}, missing("department", name)
		}
		if err != nil {
			return noted{}, err
		}
		out = d
		out.Name = r.Name
		return noted{Before: named{name}, After: named{r.Name}, Reason: r.Reason}, t.PutDepartment(ctx, d.ID, r.Name)
	})
	return out, taken(err, "department", r.Name)
}

// DeleteDepartment takes a department away that nobody and nothing belongs to.
func (s *Service) DeleteDepartment(ctx context.Context, by By, name, reason string) error {
	return s.change(ctx, by, act{"department.delete", name, 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		d, err := t.LockDepartment(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			return noted{}, missing("department", name)
		}
		if err != nil {
			return noted{}, err
		}
		if d.Users+d.Projects > 0 {
			return noted{}, fault.New(fault.Conflict, "department %s has %d users and %d projects", name, d.Users, d.Projects).WithHint("move them to another department first")
		}
		return noted{Before: named{name}, Reason: reason}, t.DropDepartment(ctx, d.ID)
	})
}

// CreateAccount makes an execution account known.
func (s *Service) CreateAccount(ctx context.Context, by By, r wire.AccountRequest) (store.Account, error) {
	if err := checkAccountName(r.Name); err != nil {
		return store.Account{}, err
	}
	if err := checkText("description", r.Description, maxReason); err != nil {
		return store.Account{}, err
	}
	out := store.Account{Name: r.Name, Description: r.Description}
	err := s.change(ctx, by, act{"account.create", r.Name, 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		out.CreatedAt = t.Now()
		return noted{After: map[string]string{"name": r.Name, "description": r.Description}, Reason: r.Reason}, t.AddAccount(ctx, out)
	})
	return out, taken(err, "account", r.Name)
}

// account locks an execution account.
func account(ctx context.Context, t *store.OperateTx, name string) (store.Account, error) {
	a, err := t.LockAccount(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return a, missing("account", name)
	}
	return a, err
}

// DeleteAccount takes an execution account away that is granted to nobody.
func (s *Service) DeleteAccount(ctx context.Context, by By, name, reason string) error {
	return s.change(ctx, by, act{"account.delete", name, 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		a, err := account(ctx, t, name)
		if err != nil {
			return noted{}, err
		}
		granted, err := t.GrantRows(ctx, store.GrantFilter{Account: name, Limit: 1})
		if err != nil {
			return noted{}, err
		}
		if len(granted) > 0 {
			return noted{}, fault.New(fault.Conflict, "account %s is granted to %s", name, granted[0].User).WithHint("capri account revoke %s USER takes a grant back", name)
		}
		return noted{Before: map[string]string{"name": a.Name, "description": a.Description}, Reason: reason}, t.DropAccount(ctx, name)
	})
}

// person finds a user by name.
func person(ctx context.Context, t *store.OperateTx, name string) (store.Person, error) {
	p, err := t.PersonByName(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return p, missing("user", name)
	}
	return p, err
}

type granted struct {
	Granted bool `json:"granted"`
}

// GrantAccount lets the tasks of a user run as an account.
func (s *Service) GrantAccount(ctx context.Context, by By, name string, r wire.UserReasonRequest) (store.GrantRow, error) {
	var out store.GrantRow
	err := s.change(ctx, by, act{"account.grant", name + " " + clip(r.User), 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		if _, err := account(ctx, t, name); err != nil {
			return noted{}, err
		}
		p, err := person(ctx, t, r.User)
		if err != nil {
			return noted{}, err
		}
		before, err := t.GrantRows(ctx, store.GrantFilter{Account: name, User: p.Name, Limit: 1})
		if err != nil {
			return noted{}, err
		}
		if err := t.PutGrant(ctx, store.Grant{UserID: p.ID, Account: name}); err != nil {
			return noted{}, err
		}
		after, err := t.GrantRows(ctx, store.GrantFilter{Account: name, User: p.Name, Limit: 1})
		if len(after) > 0 {
			out = after[0]
		}
		return noted{Before: granted{len(before) > 0}, After: granted{true}, Reason: r.Reason}, err
	})
	return out, err
}

// RevokeAccount takes a grant back.
func (s *Service) RevokeAccount(ctx context.Context, by By, name string, r wire.UserReasonRequest) error {
	return s.change(ctx, by, act{"account.revoke", name + " " + clip(r.User), 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		if _, err := account(ctx, t, name); err != nil {
			return noted{}, err
		}
		p, err := person(ctx, t, r.User)
		if err != nil {
			return noted{}, err
		}
		was, err := t.DropGrant(ctx, store.Grant{UserID: p.ID, Account: name})
		if err == nil && !was {
			return noted{}, fault.New(fault.NotFound, "account %s is not granted to %s", name, p.Name)
		}
		return noted{Before: granted{true}, After: granted{false}, Reason: r.Reason}, err
	})
}

// Member is a change of who belongs to a project.
type Member struct {
	Project string
	User    string
	Reason  string
	Gone    bool // otherwise it comes
}

type belongs struct {
	Member bool `json:"member"`
}

// SetMember makes a user a member of a project, or ends that.
func (s *Service) SetMember(ctx context.Context, by By, m Member) error {
	action := "project.member-add"
	if m.Gone {
		action = "project.member-remove"
	}
	return s.change(ctx, by, act{action, clip(m.Project) + " " + clip(m.User), 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		project, err := t.ProjectByName(ctx, m.Project)
		if errors.Is(err, store.ErrNotFound) {
			return noted{}, missing("project", m.Project)
		}
		if err != nil {
			return noted{}, err
		}
		p, err := person(ctx, t, m.User)
		if err != nil {
			return noted{}, err
		}
		if !m.Gone {
			fresh, err := t.AddMember(ctx, project.ID, p.ID)
			return noted{Before: belongs{!fresh}, After: belongs{true}, Reason: m.Reason}, err
		}
		was, err := t.DropMember(ctx, project.ID, p.ID)
		if err == nil && !was {
			return noted{}, fault.New(fault.NotFound, "%s is no member of project %s", p.Name, project.Name)
		}
		return noted{Before: belongs{true}, After: belongs{false}, Reason: m.Reason}, err
	})
}
