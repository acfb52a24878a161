package store

import (
	"context"
	"errors"
	"fmt"
)

// AlertRight is what a user has of the alerts of a task that is not the user's
// own (domain.md §10).
type AlertRight struct {
	TaskID    int64  `db:"taskId"`
	UserID    int64  `db:"userId"`
	User      string `db:"userName"`
	Title     string `db:"title"`
	SMS       bool   `db:"sms"`
	Mail      bool   `db:"mail"`
	GrantedBy string `db:"grantedBy"`
	GrantedAt int64  `db:"grantedAt"`
}

const selectAlertRights = `SELECT g.taskId, g.userId, u.name AS userName, u.title, g.sms, g.mail, g.grantedBy, g.grantedAt
FROM capri_task_grant g JOIN capri_user u ON u.id = g.userId`

// AlertRights lists who has rights of a task's alerts by name, after a name.
func (t *ViewTx) AlertRights(ctx context.Context, task int64, after string, limit int) ([]AlertRight, error) {
	var out []AlertRight
	// capri_task_grant by its primary key (taskId, userId)
	if err := t.all(ctx, &out, selectAlertRights+" WHERE g.taskId = ? AND u.name > ? ORDER BY u.name LIMIT ?", task, after, limit); err != nil {
		return nil, fmt.Errorf("list alert rights of task %d: %w", task, err)
	}
	return out, nil
}

// AlertRightsOf reads all alert rights of tasks, by task and user.
func (t *ViewTx) AlertRightsOf(ctx context.Context, tasks []int64) (map[int64][]AlertRight, error) {
	out := map[int64][]AlertRight{}
	for page := range pages(sorted(tasks), 1000) {
		var rows []AlertRight
		// capri_task_grant by its primary key (taskId, userId)
		if err := t.all(ctx, &rows, selectAlertRights+" WHERE g.taskId IN ("+placeholders(len(page))+") ORDER BY g.taskId, g.userId", anys(page)...); err != nil {
			return nil, fmt.Errorf("read alert rights: %w", err)
		}
		for _, r := range rows {
			out[r.TaskID] = append(out[r.TaskID], r)
		}
	}
	return out, nil
}

// PutAlertRight gives a user rights of a task's alerts, or others than before;
// it returns those before, without either for none.
func (t *OperateTx) PutAlertRight(ctx context.Context, r AlertRight) (before AlertRight, err error) {
	if before, err = t.alertRight(ctx, r.TaskID, r.UserID); err != nil {
		return before, err
	}
	err = t.insert(ctx, "capri_task_grant", "taskId, userId, sms, mail, grantedBy, grantedAt",
		[][]any{{r.TaskID, r.UserID, boolInt(r.SMS), boolInt(r.Mail), t.by.ID, t.now}}, t.d.upsert("taskId, userId", "sms", "mail", "grantedBy", "grantedAt"))
	return before, err
}

// DropAlertRight takes a user's rights of a task's alerts; it returns those
// before, without either for none.
func (t *OperateTx) DropAlertRight(ctx context.Context, task, user int64) (before AlertRight, err error) {
	if before, err = t.alertRight(ctx, task, user); err != nil {
		return before, err
	}
	_, err = t.exec(ctx, "DELETE FROM capri_task_grant WHERE taskId = ? AND userId = ?", task, user)
	return before, err
}

func (t *OperateTx) alertRight(ctx context.Context, task, user int64) (AlertRight, error) {
	var out AlertRight
	err := t.get(ctx, &out, selectAlertRights+" WHERE g.taskId = ? AND g.userId = ?"+t.d.forUpdate, task, user)
	if errors.Is(err, ErrNotFound) {
		return AlertRight{}, nil
	}
	return out, err
}

// AlertTask is what the rules of alerts go by of a task, a deleted one too.
type AlertTask struct {
	ID           int64  `db:"id"`
	Name         string `db:"name"`
	Version      int    `db:"version"`
	Priority     int    `db:"priority"`
	OwnerID      int64  `db:"ownerId"`
	Owner        string `db:"owner"`
	DepartmentID int64  `db:"departmentId"` // the owner's; 0: none
	Department   string `db:"department"`
}

// AlertTasks reads tasks for the rules of alerts; unknown ids are left out.
func (t *ViewTx) AlertTasks(ctx context.Context, ids []int64) ([]AlertTask, error) {
	var out []AlertTask
	for page := range pages(sorted(ids), 1000) {
		var rows []AlertTask
		// by the primary keys
		if err := t.all(ctx, &rows, `SELECT t.id, t.name, t.version, t.priority, t.ownerId, COALESCE(u.name, '') AS owner,
COALESCE(u.departmentId, 0) AS departmentId, COALESCE(d.name, '') AS department
FROM capri_task t LEFT JOIN capri_user u ON u.id = t.ownerId LEFT JOIN capri_department d ON d.id = u.departmentId
WHERE t.id IN (`+placeholders(len(page))+") ORDER BY t.id", anys(page)...); err != nil {
			return nil, fmt.Errorf("read tasks of alerts: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Recipient is a user as the rules of alerts see it.
type Recipient struct {
	ID           int64  `db:"id"`
	Name         string `db:"name"`
	Title        string `db:"title"`
	DepartmentID int64  `db:"departmentId"` // 0: none
	Department   string `db:"department"`
	Role         string `db:"role"`
	Phone        string `db:"phone"`
	Mail         string `db:"mail"`
	Lang         string `db:"lang"` // zh or en; empty: as the cluster speaks
	IsEnabled    bool   `db:"isEnabled"`
}

// Asked chooses recipients. Those of departments are the enabled ones alone.
type Asked struct {
	Departments []int64
	IDs         []int64
	Names       []string
}

const selectRecipients = `SELECT u.id, u.name, u.title, u.departmentId, COALESCE(d.name, '') AS department, u.role, u.phone, u.mail, u.lang, u.isEnabled
FROM capri_user u LEFT JOIN capri_department d ON d.id = u.departmentId WHERE `

// Recipients reads the enabled administrators and whoever is asked for, each
// once. It is a statement for 500 of what is asked for.
func (t *ViewTx) Recipients(ctx context.Context, a Asked) ([]Recipient, error) {
	var out []Recipient
	// reads all users: some thousands at most
	if err := t.all(ctx, &out, selectRecipients+"u.isEnabled = 1 AND u.role IN ('admin', 'superadmin') ORDER BY u.id LIMIT 100000"); err != nil {
		return nil, fmt.Errorf("read administrators: %w", err)
	}
	for _, by := range []struct {
		condition string
		keys      []any
	}{
		{"u.isEnabled = 1 AND u.departmentId", anys(sorted(a.Departments))}, // reads all users
		{"u.id", anys(sorted(a.IDs))},                                       // the primary key
		{"u.name", anys(sorted(a.Names))},                                   // uk_user_name
	} {
		for page := range pages(by.keys, 500) {
			var rows []Recipient
			if err := t.all(ctx, &rows, selectRecipients+by.condition+" IN ("+placeholders(len(page))+") ORDER BY u.id LIMIT 100000", page...); err != nil {
				return nil, fmt.Errorf("read recipients of alerts: %w", err)
			}
			out = append(out, rows...)
		}
	}
	return eachOnce(out), nil
}

// eachOnce keeps the first of each user.
func eachOnce(all []Recipient) []Recipient {
	seen := make(map[int64]bool, len(all))
	out := all[:0]
	for _, r := range all {
		if !seen[r.ID] {
			seen[r.ID] = true
			out = append(out, r)
		}
	}
	return out
}
