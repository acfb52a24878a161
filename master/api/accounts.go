package api

import (
	"context"
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/identity"
)

func (a *api) accountRoutes() {
	a.departmentRoutes()
	call(a, route{method: http.MethodGet, path: root + "/accounts", may: permit.View, id: "list-accounts", tag: tagIdentity,
		summary: "Execution accounts by name, with whom they are granted to"}, a.listAccounts)
	post(a, route{method: http.MethodPost, path: root + "/accounts", may: permit.GrantAccount, id: "create-account", tag: tagIdentity,
		summary: "Make an execution account known; it makes none on workers"}, a.createAccount)
	change(a, route{method: http.MethodPost, path: root + "/accounts/{name}/delete", may: permit.GrantAccount, id: "delete-account", tag: tagIdentity,
		summary: "Take an account away that is granted to nobody"}, a.deleteAccount)
	call(a, route{method: http.MethodGet, path: root + "/grants", may: permit.View, id: "list-grants", tag: tagIdentity,
		summary: "Which user's tasks may run as which account"}, a.listGrants)
	change(a, route{method: http.MethodPost, path: root + "/accounts/{name}/grant", may: permit.GrantAccount, id: "grant-account", tag: tagIdentity,
		summary: "Let the tasks of a user run as an account"}, a.grantAccount)
	change(a, route{method: http.MethodPost, path: root + "/accounts/{name}/revoke", may: permit.GrantAccount, id: "revoke-account", tag: tagIdentity,
		summary: "Take a grant back"}, a.revokeAccount)
}

func (a *api) departmentRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/departments", may: permit.View, id: "list-departments", tag: tagIdentity,
		summary: "Departments by name"}, a.listDepartments)
	post(a, route{method: http.MethodPost, path: root + "/departments", may: permit.ManageUsers, id: "create-department", tag: tagIdentity,
		summary: "Make a department"}, a.createDepartment)
	change(a, route{method: http.MethodPost, path: root + "/departments/{name}/rename", may: permit.ManageUsers, id: "rename-department", tag: tagIdentity,
		summary: "Give a department another name"}, a.renameDepartment)
	change(a, route{method: http.MethodPost, path: root + "/departments/{name}/delete", may: permit.ManageUsers, id: "delete-department", tag: tagIdentity,
		summary: "Take a department away that has neither users nor projects"}, a.deleteDepartment)
}

func viewDepartment(d *store.Department) wire.Department {
	return wire.Department{Name: d.Name, Users: d.Users, Projects: d.Projects}
}

func (a *api) listDepartments(ctx context.Context, q *Paged) (wire.DepartmentList, error) {
	list := wire.DepartmentList{Items: []wire.Department{}}
	after, err := q.after()
	if err != nil {
		return list, err
	}
	var rows []store.Department
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		rows, err = t.Departments(ctx, after, q.Limit+1)
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(d *store.Department) string { return d.Name })
	for i := range rows {
		list.Items = append(list.Items, viewDepartment(&rows[i]))
	}
	return list, err
}

func (a *api) createDepartment(ctx context.Context, body *wire.NameRequest) (wire.Department, error) {
	d, err := a.identity.CreateDepartment(ctx, callerOf(ctx).by(), *body)
	return viewDepartment(&d), err
}

func (a *api) renameDepartment(ctx context.Context, name string, body *wire.NameRequest) (wire.Department, error) {
	d, err := a.identity.RenameDepartment(ctx, callerOf(ctx).by(), name, *body)
	return viewDepartment(&d), err
}

func (a *api) deleteDepartment(ctx context.Context, name string, body *wire.ReasonRequest) (done, error) {
	err := a.identity.DeleteDepartment(ctx, callerOf(ctx).by(), name, body.Reason)
	return done{Done: err == nil}, err
}

func (a *api) listAccounts(ctx context.Context, q *Paged) (wire.AccountList, error) {
	list := wire.AccountList{Items: []wire.Account{}}
	after, err := q.after()
	if err != nil {
		return list, err
	}
	var rows []store.Account
	users := map[string][]string{}
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		if rows, err = t.Accounts(ctx, after, q.Limit+1); err != nil {
			return err
		}
		clear(users)
		granted, err := t.GrantRows(ctx, store.GrantFilter{After: after, AfterUser: "\U0010FFFF", Limit: 100_000})
		for _, g := range granted {
			users[g.Account] = append(users[g.Account], g.User)
		}
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(r *store.Account) string { return r.Name })
	for _, r := range rows {
		list.Items = append(list.Items, wire.Account{Name: r.Name, Description: r.Description, CreatedAt: r.CreatedAt, Users: append([]string{}, users[r.Name]...)})
	}
	return list, err
}

func (a *api) createAccount(ctx context.Context, body *wire.AccountRequest) (wire.Account, error) {
	made, err := a.identity.CreateAccount(ctx, callerOf(ctx).by(), *body)
	return wire.Account{Name: made.Name, Description: made.Description, CreatedAt: made.CreatedAt, Users: []string{}}, err
}

func (a *api) deleteAccount(ctx context.Context, name string, body *wire.ReasonRequest) (done, error) {
	err := a.identity.DeleteAccount(ctx, callerOf(ctx).by(), name, body.Reason)
	return done{Done: err == nil}, err
}

type grantQuery struct {
	Limit   int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor  string `query:"cursor" maxLength:"400" doc:"next of the page before"`
	User    string `query:"user" maxLength:"100" doc:"only of this user"`
	Account string `query:"account" maxLength:"100" doc:"only of this account"`
}

func viewGrant(g *store.GrantRow) wire.Grant { return wire.Grant(*g) }

func (a *api) listGrants(ctx context.Context, q *grantQuery) (wire.GrantList, error) {
	list := wire.GrantList{Items: []wire.Grant{}}
	f := store.GrantFilter{Account: q.Account, User: q.User, Limit: q.Limit + 1}
	parts, err := position(q.Cursor, 2)
	if err != nil {
		return list, err
	}
	if parts != nil {
		f.After, f.AfterUser = parts[0], parts[1]
	}
	var rows []store.GrantRow
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		rows, err = t.GrantRows(ctx, f)
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(g *store.GrantRow) string { return g.Account + "," + g.User })
	for i := range rows {
		list.Items = append(list.Items, viewGrant(&rows[i]))
	}
	return list, err
}

func (a *api) grantAccount(ctx context.Context, name string, body *wire.UserReasonRequest) (wire.Grant, error) {
	g, err := a.identity.GrantAccount(ctx, callerOf(ctx).by(), name, *body)
	return viewGrant(&g), err
}

func (a *api) revokeAccount(ctx context.Context, name string, body *wire.UserReasonRequest) (done, error) {
	err := a.identity.RevokeAccount(ctx, callerOf(ctx).by(), name, *body)
	return done{Done: err == nil}, err
}

type memberParam struct {
	Name    string `path:"name" maxLength:"100"`
	User    string `path:"user" maxLength:"100"`
	RawBody []byte
}

func (a *api) projectMemberRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/projects/{name}/members", may: permit.View, id: "list-project-members", tag: tagProjects,
		summary: "Who may work on a project besides its owner and department"}, a.listProjectMembers)
	change(a, route{method: http.MethodPost, path: root + "/projects/{name}/members", may: permit.EditProjects, id: "add-project-member", tag: tagProjects,
		summary: "Make a user a member of a project"}, a.addProjectMember)
	remove := route{method: http.MethodPost, path: root + "/projects/{name}/members/{user}/remove", may: permit.EditProjects, id: "remove-project-member", tag: tagProjects,
		summary: "End a user's membership of a project"}
	call(a, remove, a.removeProjectMember)
	describeBody[wire.ReasonRequest](a, remove)
}

type memberQuery struct {
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor string `query:"cursor" maxLength:"400" doc:"next of the page before"`
	Name   string `path:"name" maxLength:"100"`
}

func (a *api) listProjectMembers(ctx context.Context, q *memberQuery) (wire.ProjectMemberList, error) {
	list := wire.ProjectMemberList{Items: []wire.ProjectMember{}}
	after, err := Paged{q.Limit, q.Cursor}.after()
	if err != nil {
		return list, err
	}
	var rows []store.Member
	err = a.DB.View(ctx, func(t *store.ViewTx) error {
		p, err := t.ProjectByName(ctx, q.Name)
		if err != nil {
			return named(err, "project", q.Name)
		}
		rows, err = t.Members(ctx, p.ID, after, q.Limit+1)
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(m *store.Member) string { return m.User })
	for _, m := range rows {
		list.Items = append(list.Items, wire.ProjectMember{User: m.User, Title: m.Title, AddedBy: m.AddedBy, AddedAt: m.AddedAt})
	}
	return list, err
}

func (a *api) addProjectMember(ctx context.Context, name string, body *wire.UserReasonRequest) (wire.ProjectMember, error) {
	who := callerOf(ctx)
	err := a.identity.SetMember(ctx, who.by(), identity.Member{Project: name, User: body.User, Reason: body.Reason})
	a.tokens.forgetUser(body.User)
	return wire.ProjectMember{User: body.User, AddedBy: who.name, AddedAt: a.DB.Now().UnixMilli()}, err
}

func (a *api) removeProjectMember(ctx context.Context, in *memberParam) (done, error) {
	body, err := decode[wire.ReasonRequest](in.RawBody, false)
	if err != nil {
		return done{}, err
	}
	err = a.identity.SetMember(ctx, callerOf(ctx).by(), identity.Member{Project: in.Name, User: in.User, Reason: body.Reason, Gone: true})
	a.tokens.forgetUser(in.User)
	return done{Done: err == nil}, err
}
