package wire

import (
	"context"
	"net/url"
	"strconv"
)

// Login answers a token for a name and a password.
func (c *Client) Login(ctx context.Context, request LoginRequest) (LoginReply, error) {
	var reply LoginReply
	err := c.post(ctx, "/login", request, &reply)
	return reply, err
}

// Logout ends the session or revokes the token that the call is made with.
func (c *Client) Logout(ctx context.Context) error {
	return c.post(ctx, "/logout", struct{}{}, nil)
}

// Me says who calls and what that one may do.
func (c *Client) Me(ctx context.Context) (Me, error) {
	var me Me
	err := c.get(ctx, "/me", nil, &me)
	return me, err
}

// ChangePassword changes the caller's own password.
func (c *Client) ChangePassword(ctx context.Context, request PasswordRequest) error {
	return c.post(ctx, "/me/password", request, nil)
}

// Permissions is the table of who may do what.
func (c *Client) Permissions(ctx context.Context) (PermissionList, error) {
	var list PermissionList
	err := c.get(ctx, "/permissions", nil, &list)
	return list, err
}

// Users returns one page of users, by name.
func (c *Client) Users(ctx context.Context, cursor string, limit int) (UserList, error) {
	var list UserList
	err := c.get(ctx, "/users", page(cursor, limit), &list)
	return list, err
}

// User returns one user with what was given to it.
func (c *Client) User(ctx context.Context, name string) (UserDetail, error) {
	var user UserDetail
	err := c.get(ctx, "/users/"+url.PathEscape(name), nil, &user)
	return user, err
}

// CreateUser makes a user.
func (c *Client) CreateUser(ctx context.Context, request UserRequest) (User, error) {
	var user User
	err := c.post(ctx, "/users", request, &user)
	return user, err
}

// ChangeUser changes what is given of a user.
func (c *Client) ChangeUser(ctx context.Context, name string, change UserChange) (User, error) {
	var user User
	err := c.post(ctx, "/users/"+url.PathEscape(name), change, &user)
	return user, err
}

// ChangeMe changes what is given of the caller.
func (c *Client) ChangeMe(ctx context.Context, change MeChange) (User, error) {
	var user User
	err := c.post(ctx, "/me", change, &user)
	return user, err
}

// SetPassword sets somebody else's password.
func (c *Client) SetPassword(ctx context.Context, name string, request PasswordSetRequest) error {
	return c.post(ctx, "/users/"+url.PathEscape(name)+"/password", request, nil)
}

// Departments returns one page of departments, by name.
func (c *Client) Departments(ctx context.Context, cursor string, limit int) (DepartmentList, error) {
	var list DepartmentList
	err := c.get(ctx, "/departments", page(cursor, limit), &list)
	return list, err
}

// CreateDepartment makes a department.
func (c *Client) CreateDepartment(ctx context.Context, request NameRequest) (Department, error) {
	var department Department
	err := c.post(ctx, "/departments", request, &department)
	return department, err
}

// RenameDepartment gives a department another name.
func (c *Client) RenameDepartment(ctx context.Context, name string, request NameRequest) (Department, error) {
	var department Department
	err := c.post(ctx, "/departments/"+url.PathEscape(name)+"/rename", request, &department)
	return department, err
}

// DeleteDepartment takes a department away that has neither users nor projects.
func (c *Client) DeleteDepartment(ctx context.Context, name string, request ReasonRequest) error {
	return c.post(ctx, "/departments/"+url.PathEscape(name)+"/delete", request, nil)
}

// Accounts returns one page of execution accounts, by name.
func (c *Client) Accounts(ctx context.Context, cursor string, limit int) (AccountList, error) {
	var list AccountList
	err := c.get(ctx, "/accounts", page(cursor, limit), &list)
	return list, err
}

// CreateAccount makes an execution account known.
func (c *Client) CreateAccount(ctx context.Context, request AccountRequest) (Account, error) {
	var account Account
	err := c.post(ctx, "/accounts", request, &account)
	return account, err
}

// DeleteAccount takes an account away that is granted to nobody.
func (c *Client) DeleteAccount(ctx context.Context, name string, request ReasonRequest) error {
	return c.post(ctx, "/accounts/"+url.PathEscape(name)+"/delete", request, nil)
}

// GrantQuery chooses grants; empty chooses all.
type GrantQuery struct {
	User    string
	Account string
	Cursor  string
	Limit   int // 0: the master's own
}

// Grants returns one page of grants, by account and user.
func (c *Client) Grants(ctx context.Context, query GrantQuery) (GrantList, error) {
	var list GrantList
	values := page(query.Cursor, query.Limit)
	for name, value := range map[string]string{"user": query.User, "account": query.Account} {
		if value != "" {
			values.Set(name, value)
		}
	}
	err := c.get(ctx, "/grants", values, &list)
	return list, err
}

// GrantAccount lets the tasks of a user run as an account.
func (c *Client) GrantAccount(ctx context.Context, account string, request UserReasonRequest) (Grant, error) {
	var grant Grant
	err := c.post(ctx, "/accounts/"+url.PathEscape(account)+"/grant", request, &grant)
	return grant, err
}

// RevokeAccount takes a grant back.
func (c *Client) RevokeAccount(ctx context.Context, account string, request UserReasonRequest) error {
	return c.post(ctx, "/accounts/"+url.PathEscape(account)+"/revoke", request, nil)
}

// ProjectMembers returns one page of a project's members, by name.
func (c *Client) ProjectMembers(ctx context.Context, project, cursor string, limit int) (ProjectMemberList, error) {
	var list ProjectMemberList
	err := c.get(ctx, "/projects/"+url.PathEscape(project)+"/members", page(cursor, limit), &list)
	return list, err
}

// AddProjectMember makes a user a member of a project.
func (c *Client) AddProjectMember(ctx context.Context, project string, request UserReasonRequest) (ProjectMember, error) {
	var member ProjectMember
	err := c.post(ctx, "/projects/"+url.PathEscape(project)+"/members", request, &member)
	return member, err
}

// RemoveProjectMember ends a membership.
func (c *Client) RemoveProjectMember(ctx context.Context, project, user string, request ReasonRequest) error {
	return c.post(ctx, "/projects/"+url.PathEscape(project)+"/members/"+url.PathEscape(user)+"/remove", request, nil)
}

// Tokens returns one page of tokens, newest first.
func (c *Client) Tokens(ctx context.Context, query TokenQuery) (TokenList, error) {
	var list TokenList
	values := page(query.Cursor, query.Limit)
	chosen(values, query.User, query.All)
	if query.Revoked {
		values.Set("revoked", "true")
	}
	err := c.get(ctx, "/tokens", values, &list)
	return list, err
}

// CreateToken makes a token; its secret is in the answer, this once.
func (c *Client) CreateToken(ctx context.Context, request TokenRequest) (TokenReply, error) {
	var reply TokenReply
	err := c.post(ctx, "/tokens", request, &reply)
	return reply, err
}

// RevokeToken ends a token.
func (c *Client) RevokeToken(ctx context.Context, id int64, request ReasonRequest) error {
	return c.post(ctx, "/tokens/"+strconv.FormatInt(id, 10)+"/revoke", request, nil)
}

// Sessions returns one page of the sessions that are open, newest first.
func (c *Client) Sessions(ctx context.Context, query SessionQuery) (SessionList, error) {
	var list SessionList
	values := page(query.Cursor, query.Limit)
	chosen(values, query.User, query.All)
	err := c.get(ctx, "/sessions", values, &list)
	return list, err
}

// RevokeSession ends a session.
func (c *Client) RevokeSession(ctx context.Context, id int64, request ReasonRequest) error {
	return c.post(ctx, "/sessions/"+strconv.FormatInt(id, 10)+"/revoke", request, nil)
}

// AuditLog returns one page of the audit log, newest first.
func (c *Client) AuditLog(ctx context.Context, query AuditQuery) (AuditList, error) {
	var list AuditList
	values := params("actor", query.Actor, "action", query.Action, "object", query.Object, "from", query.From, "to", query.To,
		"cursor", query.Cursor, "limit", number(int64(query.Limit)))
	err := c.get(ctx, "/audit", values, &list)
	return list, err
}

// page is the query of a plain list.
func page(cursor string, limit int) url.Values {
	return params("cursor", cursor, "limit", number(int64(limit)))
}

// chosen adds whose things a list is of; neither: the caller's own.
func chosen(values url.Values, user string, all bool) {
	if user != "" {
		values.Set("user", user)
	}
	if all {
		values.Set("all", "true")
	}
}
