package store

import (
	"context"
	"fmt"
)

// Department is what users and projects belong to.
type Department struct {
	ID       int64  `db:"id"`
	Name     string `db:"name"`
	Users    int    `db:"users"`
	Projects int    `db:"projects"`
}

const departmentCols = `d.id, d.name, (SELECT COUNT(*) FROM capri_user u WHERE u.departmentId = d.id) AS users,
(SELECT COUNT(*) FROM capri_project p WHERE p.departmentId = d.id AND p.isDeleted = 0) AS projects FROM capri_department d `

// Departments lists departments by name, after a name.
func (t *ViewTx) Departments(ctx context.Context, after string, limit int) ([]Department, error) {
	var out []Department
	if err := t.all(ctx, &out, "SELECT "+departmentCols+"WHERE d.name > ? ORDER BY d.name LIMIT ?", after, limit); err != nil {
		return nil, fmt.Errorf("list departments: %w", err)
	}
	return out, nil
}

// DepartmentByName reads one department.
func (t *ViewTx) DepartmentByName(ctx context.Context, name string) (Department, error) {
	var out Department
	err := t.get(ctx, &out, "SELECT "+departmentCols+"WHERE d.name = ?", name)
	return out, err
}

// LockDepartment reads one department and keeps it locked.
func (t *OperateTx) LockDepartment(ctx context.Context, name string) (Department, error) {
	var id int64
	if err := t.get(ctx, &id, "SELECT id FROM capri_department WHERE name = ?"+t.d.forUpdate, name); err != nil {
		return Department{}, err
	}
	return t.DepartmentByName(ctx, name)
}

// PutDepartment makes a department, or renames the one that has this id; a name that is taken is ErrExists.
func (t *OperateTx) PutDepartment(ctx context.Context, id int64, name string) error {
	n, err := t.exec(ctx, "UPDATE capri_department SET name = ? WHERE id = ?", name, id)
	if err != nil || n > 0 {
		return err
	}
	return t.insert(ctx, "capri_department", "id, name", [][]any{{id, name}}, "")
}

// DropDepartment takes a department away that nothing belongs to, with its duty roster.
func (t *OperateTx) DropDepartment(ctx context.Context, id int64) error {
	for _, from := range []string{"capri_duty WHERE departmentId", "capri_duty_rotation WHERE departmentId"} {
		if _, err := t.exec(ctx, "DELETE FROM "+from+" = ?", id); err != nil {
			return fmt.Errorf("delete the duty roster of department %d: %w", id, err)
		}
	}
	_, err := t.exec(ctx, "DELETE FROM capri_department WHERE id = ?", id)
	return err
}

// Account is a user of the workers' system that tasks may run as.
type Account struct {
	Name        string `db:"name"`
	Description string `db:"description"`
	CreatedAt   int64  `db:"createdAt"`
}

// Accounts lists execution accounts by name, after a name.
func (t *ViewTx) Accounts(ctx context.Context, after string, limit int) ([]Account, error) {
	var out []Account
	if err := t.all(ctx, &out, "SELECT name, description, createdAt FROM capri_account WHERE name > ? ORDER BY name LIMIT ?", after, limit); err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return out, nil
}

// LockAccount reads one execution account and keeps it locked.
func (t *OperateTx) LockAccount(ctx context.Context, name string) (Account, error) {
	var out Account
	err := t.get(ctx, &out, "SELECT name, description, createdAt FROM capri_account WHERE name = ?"+t.d.forUpdate, name)
	return out, err
}

// AddAccount makes an execution account known; a name that is taken is ErrExists.
func (t *OperateTx) AddAccount(ctx context.Context, a Account) error {
	return t.insert(ctx, "capri_account", "name, description, createdAt", [][]any{{a.Name, a.Description, t.now}}, "")
}

// DropAccount takes an execution account away that is granted to nobody.
func (t *OperateTx) DropAccount(ctx context.Context, name string) error {
	_, err := t.exec(ctx, "DELETE FROM capri_account WHERE name = ?", name)
	return err
}

// GrantRow is a grant as people see it.
type GrantRow struct {
	Account   string `db:"account"`
	User      string `db:"userName"`
	GrantedBy string `db:"grantedBy"`
	GrantedAt int64  `db:"grantedAt"`
}

// GrantFilter chooses grants; After and AfterUser are the last of the page before.
type GrantFilter struct {
	Account, User    string
	After, AfterUser string
	Limit            int
}

// GrantRows lists grants by account and user.
func (t *ViewTx) GrantRows(ctx context.Context, f GrantFilter) ([]GrantRow, error) {
	where, args := "WHERE (g.account > ? OR g.account = ? AND u.name > ?)", []any{f.After, f.After, f.AfterUser}
	if f.Account != "" {
		where, args = where+" AND g.account = ?", append(args, f.Account)
	}
	if f.User != "" {
		where, args = where+" AND u.name = ?", append(args, f.User)
	}
	var out []GrantRow
	err := t.all(ctx, &out, "SELECT g.account, u.name AS userName, g.grantedBy, g.grantedAt FROM capri_account_grant g JOIN capri_user u ON u.id = g.userId "+
		where+" ORDER BY g.account, u.name LIMIT ?", append(args, f.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("list account grants: %w", err)
	}
	return out, nil
}

// DropGrant takes a grant back, and tells whether there was one.
func (t *OperateTx) DropGrant(ctx context.Context, g Grant) (bool, error) {
	n, err := t.exec(ctx, "DELETE FROM capri_account_grant WHERE userId = ? AND account = ?", g.UserID, g.Account)
	return n > 0, err
}
