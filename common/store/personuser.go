package store

import (
	"context"
	"fmt"
)

// Person is a user with everything that is kept of it.
type Person struct {
	ID           int64  `db:"id"`
	Name         string `db:"name"`
	Title        string `db:"title"`
	DepartmentID int64  `db:"departmentId"` // 0: none
	Department   string `db:"department"`
	Role         string `db:"role"`
	Phone        string `db:"phone"`
	Mail         string `db:"mail"`
	IsEnabled    bool   `db:"isEnabled"`
	CreatedAt    int64  `db:"createdAt"`
	PasswordHash string `db:"passwordHash"` // empty: none
	PasswordAt   int64  `db:"passwordAt"`
	MustChange   bool   `db:"mustChange"`
	FailedLogins int    `db:"failedLogins"`
	LockedUntil  int64  `db:"lockedUntil"`
	LastLoginAt  int64  `db:"lastLoginAt"`
	Subject      string `db:"subject"` // at the identity provider; empty: a local user
	Lang         string `db:"lang"`    // zh or en, of what this user is sent; empty: as the cluster speaks
}

const personCols = `u.id, u.name, u.title, u.departmentId, COALESCE(d.name, '') AS department, u.role, u.phone, u.mail, u.isEnabled, u.createdAt,
u.passwordHash, u.passwordAt, u.mustChange, u.failedLogins, u.lockedUntil, u.lastLoginAt, u.subject, u.lang
FROM capri_user u LEFT JOIN capri_department d ON d.id = u.departmentId `

// Persons lists users by name, after a name.
func (t *ViewTx) Persons(ctx context.Context, after string, limit int) ([]Person, error) {
	var out []Person
	// uk_user_name
	if err := t.all(ctx, &out, "SELECT "+personCols+"WHERE u.name > ? ORDER BY u.name LIMIT ?", after, limit); err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return out, nil
}

// PersonByName reads one user.
func (t *ViewTx) PersonByName(ctx context.Context, name string) (Person, error) {
	var out Person
	err := t.get(ctx, &out, "SELECT "+personCols+"WHERE u.name = ?", name)
	return out, err
}

// PersonBySubject reads the user that an identity provider knows as subject.
func (t *ViewTx) PersonBySubject(ctx context.Context, subject string) (Person, error) {
	var out Person
	// ix_user_subject
	err := t.get(ctx, &out, "SELECT "+personCols+"WHERE u.subject = ? ORDER BY u.id LIMIT 1", subject)
	return out, err
}

// LockPerson reads one user and keeps it locked.
func (t *OperateTx) LockPerson(ctx context.Context, name string) (Person, error) {
	var id int64
	if err := t.get(ctx, &id, "SELECT id FROM capri_user WHERE name = ?"+t.d.forUpdate, name); err != nil {
		return Person{}, err
	}
	return t.PersonByName(ctx, name)
}

// LockSuperadmins lists the users who may do everything, and keeps them locked,
// so that the last of them stays. It comes before other locks of users.
func (t *OperateTx) LockSuperadmins(ctx context.Context) ([]int64, error) {
	var out []int64
	if err := t.all(ctx, &out, "SELECT id FROM capri_user WHERE role = 'superadmin' AND isEnabled = 1 ORDER BY id"+t.d.forUpdate); err != nil {
		return nil, fmt.Errorf("lock super administrators: %w", err)
	}
	return out, nil
}

// AddPerson writes a new user; a name that is taken is ErrExists.
func (t *OperateTx) AddPerson(ctx context.Context, p Person) error {
	return t.insert(ctx, "capri_user", "id, name, title, departmentId, role, phone, mail, isEnabled, createdAt, passwordHash, passwordAt, mustChange, lastLoginAt, subject, lang",
		[][]any{{p.ID, p.Name, p.Title, p.DepartmentID, p.Role, p.Phone, p.Mail, boolInt(p.IsEnabled), t.now, p.PasswordHash, p.PasswordAt, boolInt(p.MustChange), p.LastLoginAt, p.Subject, p.Lang}}, "")
}

// SavePerson writes what may change of a user that is locked.
func (t *OperateTx) SavePerson(ctx context.Context, p Person) error {
	_, err := t.exec(ctx, `UPDATE capri_user SET title = ?, departmentId = ?, role = ?, phone = ?, mail = ?, isEnabled = ?,
passwordHash = ?, passwordAt = ?, mustChange = ?, failedLogins = ?, lockedUntil = ?, lastLoginAt = ?, lang = ? WHERE id = ?`,
		p.Title, p.DepartmentID, p.Role, p.Phone, p.Mail, boolInt(p.IsEnabled),
		p.PasswordHash, p.PasswordAt, boolInt(p.MustChange), p.FailedLogins, p.LockedUntil, p.LastLoginAt, p.Lang, p.ID)
	if err != nil {
		return fmt.Errorf("save user %s: %w", p.Name, err)
	}
	return nil
}

// AuditRow is one row of the audit log as it is read.
type AuditRow struct {
	ID      int64  `db:"id"`
	At      int64  `db:"at"`
	Actor   string `db:"actor"`
	Action  string `db:"action"`
	Object  string `db:"object"`
	Source  string `db:"source"`
	Detail  string `db:"detail"`
	Request string `db:"requestId"`
}

// AuditFilter chooses rows of the audit log.
type AuditFilter struct {
	Actor    string
	Action   string // begins with
	Object   string
	From, To int64 // instants, both included; 0: no bound
	Before   int64 // id; 0: from the newest
	Limit    int
}

// Audits lists rows of the audit log, newest first: ids grow with time, as far
// as masters allot them at once.
func (t *ViewTx) Audits(ctx context.Context, f AuditFilter) ([]AuditRow, error) {
	before := PersonFilter{Before: f.Before}.before()
	where, args := "WHERE id < ?", []any{before}
	add := func(text string, values ...any) { where, args = where+" AND "+text, append(args, values...) }
	if f.Actor != "" { // ix_audit_actor (actor, id)
		add("actor = ?", f.Actor)
	}
	if f.Object != "" { // ix_audit_object (object, id)
		add("object = ?", f.Object)
	}
	if f.Action != "" {
		add("action >= ? AND action < ?", f.Action, f.Action+"\U0010FFFF")
	}
	if f.From != 0 {
		add("at >= ?", f.From)
	}
	if f.To != 0 {
		add("at <= ?", f.To)
	}
	var out []AuditRow
	if err := t.all(ctx, &out, "SELECT id, at, actor, action, object, source, detail, requestId FROM capri_audit_log "+where+" ORDER BY id DESC LIMIT ?", append(args, f.Limit)...); err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return out, nil
}
