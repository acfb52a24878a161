package store

import (
	"context"
	"fmt"
)

// Member is a user who may work on a project as on one of the own department.
type Member struct {
	UserID  int64  `db:"userId"`
	User    string `db:"userName"`
	Title   string `db:"title"`
	AddedBy string `db:"addedBy"`
	AddedAt int64  `db:"addedAt"`
}

// ProjectByName reads one project.
func (t *ViewTx) ProjectByName(ctx context.Context, name string) (Project, error) {
	var out Project
	err := t.get(ctx, &out, "SELECT id, name, title, owner, departmentId, definition FROM capri_project WHERE name = ? AND isDeleted = 0", name)
	return out, err
}

// Members lists the members of a project by name, after a name.
func (t *ViewTx) Members(ctx context.Context, project int64, after string, limit int) ([]Member, error) {
	var out []Member
	// capri_project_member by its primary key
	err := t.all(ctx, &out, `SELECT m.userId, u.name AS userName, u.title, m.addedBy, m.addedAt FROM capri_project_member m JOIN capri_user u ON u.id = m.userId
WHERE m.projectId = ? AND u.name > ? ORDER BY u.name LIMIT ?`, project, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list members of project %d: %w", project, err)
	}
	return out, nil
}

// ProjectsOf lists the projects that a user is a member of.
func (t *ViewTx) ProjectsOf(ctx context.Context, user int64) ([]int64, error) {
	var out []int64
	// ix_member_user (userId, projectId)
	if err := t.all(ctx, &out, "SELECT projectId FROM capri_project_member WHERE userId = ? ORDER BY projectId LIMIT 10000", user); err != nil {
		return nil, fmt.Errorf("list projects of user %d: %w", user, err)
	}
	return out, nil
}

// ProjectNames reads the names of projects that are there, by name.
func (t *ViewTx) ProjectNames(ctx context.Context, ids []int64) ([]string, error) {
	var out []string
	for page := range pages(sorted(ids), 1000) {
		var names []string
		if err := t.all(ctx, &names, "SELECT name FROM capri_project WHERE id IN ("+placeholders(len(page))+") AND isDeleted = 0 ORDER BY name", anys(page)...); err != nil {
			return nil, fmt.Errorf("read names of projects: %w", err)
		}
		out = append(out, names...)
	}
	return out, nil
}

// AddMember makes a user a member, and tells whether that is new.
func (t *OperateTx) AddMember(ctx context.Context, project, user int64) (bool, error) {
	var n int
	if err := t.get(ctx, &n, "SELECT COUNT(*) FROM capri_project_member WHERE projectId = ? AND userId = ?", project, user); err != nil || n > 0 {
		return false, err
	}
	return true, t.insert(ctx, "capri_project_member", "projectId, userId, addedBy, addedAt", [][]any{{project, user, t.by.ID, t.now}}, "")
}

// DropMember ends a membership, and tells whether there was one.
func (t *OperateTx) DropMember(ctx context.Context, project, user int64) (bool, error) {
	n, err := t.exec(ctx, "DELETE FROM capri_project_member WHERE projectId = ? AND userId = ?", project, user)
	return n > 0, err
}
