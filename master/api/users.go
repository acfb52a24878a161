package api

import (
	"context"
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Paged are the parameters of every plain list. Lists with more parameters write
// these two themselves: huma does not set defaults of what is embedded.
type Paged struct {
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor string `query:"cursor" maxLength:"400" doc:"next of the page before"`
}

// after is the name that a page begins after.
func (p Paged) after() (string, error) {
	parts, err := position(p.Cursor, 1)
	if err != nil || parts == nil {
		return "", err
	}
	return parts[0], nil
}

// cut takes the row away that was read only to know whether there are more, and
// gives the cursor of the next page.
func cut[T any](rows []T, limit int, key func(*T) string) ([]T, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	rows = rows[:limit]
	return rows, cursorOf(key(&rows[limit-1]))
}

type namedBody struct {
	Name    string `path:"name" maxLength:"100"`
	RawBody []byte
}

// change registers a route of something that the path names, with a body.
func change[Body, Out any](a *api, r route, do func(ctx context.Context, name string, body *Body) (Out, error)) {
	call(a, r, func(ctx context.Context, in *namedBody) (Out, error) {
		body, err := decode[Body](in.RawBody, false)
		if err != nil {
			var none Out
			return none, err
		}
		return do(ctx, in.Name, body)
	})
	describeBody[Body](a, r)
}

func (a *api) userRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/users", may: permit.View, id: "list-users", tag: tagIdentity,
		summary: "Users by name; phone, mail and logins for who manages users only"}, a.listUsers)
	call(a, route{method: http.MethodGet, path: root + "/users/{name}", may: permit.View, id: "get-user", tag: tagIdentity,
		summary: "A user with its accounts and projects"}, a.getUser)
	post(a, route{method: http.MethodPost, path: root + "/users", may: permit.ManageUsers, id: "create-user", tag: tagIdentity,
		summary: "Make a user; without a password it is a program"}, a.createUser)
	change(a, route{method: http.MethodPost, path: root + "/users/{name}", may: permit.ManageUsers, id: "change-user", tag: tagIdentity,
		summary: "Change a user; disabling one ends its sessions"}, a.changeUser)
	change(a, route{method: http.MethodPost, path: root + "/users/{name}/password", may: permit.ManageUsers, id: "set-password", tag: tagIdentity,
		summary: "Set somebody's password; all logins of that user end"}, a.setPassword)
}

// viewUser is a user as people see it; whole: with what only who manages users,
// and the user, should know.
func viewUser(p store.Person, whole bool) wire.User {
	u := wire.User{Name: p.Name, Title: p.Title, Department: p.Department, Role: p.Role, Lang: p.Lang, Enabled: p.IsEnabled, CreatedAt: p.CreatedAt}
	if whole {
		u.Phone, u.Mail, u.HasPassword, u.MustChange, u.External = p.Phone, p.Mail, p.PasswordHash != "", p.MustChange, p.Subject != ""
		u.LockedUntil, u.LastLoginAt, u.PasswordAt = p.LockedUntil, p.LastLoginAt, p.PasswordAt
	}
	return u
}

func (a *api) listUsers(ctx context.Context, q *Paged) (wire.UserList, error) {
	list := wire.UserList{Items: []wire.User{}}
	after, err := q.after()
	if err != nil {
		return list, err
	}
	var rows []store.Person
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		rows, err = t.Persons(ctx, after, q.Limit+1)
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(p *store.Person) string { return p.Name })
	whole := callerOf(ctx).holder.May(permit.ManageUsers)
	for i := range rows {
		list.Items = append(list.Items, viewUser(rows[i], whole))
	}
	return list, err
}

func (a *api) getUser(ctx context.Context, in *nameParam) (wire.UserDetail, error) {
	who := callerOf(ctx)
	out := wire.UserDetail{Accounts: []string{}, Projects: []string{}}
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		p, err := t.PersonByName(ctx, in.Name)
		if err != nil {
			return named(err, "user", in.Name)
		}
		out.User = viewUser(p, who.name == p.Name || who.holder.May(permit.ManageUsers))
		granted, err := t.GrantRows(ctx, store.GrantFilter{User: p.Name, Limit: 1000})
		if err != nil {
			return err
		}
		out.Accounts = out.Accounts[:0]
		for _, g := range granted {
			out.Accounts = append(out.Accounts, g.Account)
		}
		ids, err := t.ProjectsOf(ctx, p.ID)
		if err != nil {
			return err
		}
		names, err := t.ProjectNames(ctx, ids)
		out.Projects = append([]string{}, names...)
		return err
	})
	return out, err
}

func (a *api) createUser(ctx context.Context, body *wire.UserRequest) (wire.User, error) {
	p, err := a.identity.CreateUser(ctx, callerOf(ctx).by(), *body)
	return viewUser(p, true), err
}

func (a *api) changeUser(ctx context.Context, name string, body *wire.UserChange) (wire.User, error) {
	p, err := a.identity.ChangeUser(ctx, callerOf(ctx).by(), name, *body)
	a.tokens.forgetUser(name)
	if err == nil {
		a.rostered() // who is disabled is skipped
	}
	return viewUser(p, true), err
}

func (a *api) setPassword(ctx context.Context, name string, body *wire.PasswordSetRequest) (done, error) {
	err := a.identity.SetPassword(ctx, callerOf(ctx).by(), name, *body)
	a.tokens.forgetUser(name)
	return done{Done: err == nil}, err
}
