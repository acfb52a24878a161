package store

import (
	"context"
	"fmt"
)

// User is a person or a program that may act.
type User struct {
	ID        int64  `db:"id"`
	Name      string `db:"name"`
	Role      string `db:"role"`
	IsEnabled bool   `db:"isEnabled"`
}

// Users lists all users by name.
func (t *ViewTx) Users(ctx context.Context) ([]User, error) {
	var out []User
	err := t.all(ctx, &out, "SELECT id, name, role, isEnabled FROM capri_user ORDER BY name LIMIT 100000")
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return out, nil
}

// Token is a credential; only its hash is kept.
type Token struct {
	ID         int64  `db:"id"`
	Hash       string `db:"hash"` // hex SHA-256
	Name       string `db:"name"`
	UserID     int64  `db:"userId"`
	User       string `db:"userName"`
	Role       string `db:"role"`
	Department int64  `db:"department"` // of the user; 0: none
	ExpiresAt  int64  `db:"expiresAt"`  // 0: never
	RevokedAt  int64  `db:"revokedAt"`
}

// TokenByHash reads a credential with its user; unknown, revoked and expired ones, and those of disabled users, are ErrNotFound.
func (t *ViewTx) TokenByHash(ctx context.Context, hash string) (Token, error) {
	var out Token
	// uk_token_hash
	err := t.get(ctx, &out, `SELECT k.id, k.hash, k.name, k.userId, u.name AS userName, k.role, u.departmentId AS department, k.expiresAt, k.revokedAt
FROM capri_token k JOIN capri_user u ON u.id = k.userId
WHERE k.hash = ? AND k.revokedAt = 0 AND (k.expiresAt = 0 OR k.expiresAt > ?) AND u.isEnabled = 1`, hash, t.now)
	return out, err
}

// PutToken writes a new credential.
func (t *OperateTx) PutToken(ctx context.Context, k Token) error {
	return t.insert(ctx, "capri_token", "id, hash, name, userId, role, createdAt, expiresAt, revokedAt",
		[][]any{{k.ID, k.Hash, k.Name, k.UserID, k.Role, t.now, k.ExpiresAt, 0}}, "")
}

// CountTokens tells how many credentials exist: none means that nobody can log in yet.
func (t *ViewTx) CountTokens(ctx context.Context) (int, error) {
	var n int
	err := t.get(ctx, &n, "SELECT COUNT(*) FROM (SELECT id FROM capri_token LIMIT 1) AS some")
	return n, err
}

// Audit is who did what to what from where.
type Audit struct {
	ID     int64
	Action string
	Object string
	Source string // address of the caller
	Detail string // JSON, without secrets
}

// Audit writes the one audit row of a command.
func (t *OperateTx) Audit(ctx context.Context, a Audit) error { return t.audit(ctx, t.by.ID, a) }

// Audit writes what a duty did in a person's or a service's stead.
func (t *LeaderTx) Audit(ctx context.Context, all ...Audit) error {
	return t.audit(ctx, t.by.Kind, all...)
}

func (t *tx) audit(ctx context.Context, actor string, all ...Audit) error {
	rows := make([][]any, 0, len(all))
	for _, a := range all {
		rows = append(rows, []any{a.ID, t.now, actor, a.Action, clip(a.Object, 400), a.Source, clip(a.Detail, textLimit)})
	}
	return t.insert(ctx, "capri_audit_log", "id, at, actor, action, object, source, detail", rows, "")
}
