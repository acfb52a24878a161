package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// Token is a credential; only its hash is kept.
type Token struct {
	ID         int64   `db:"id"`
	Hash       string  `db:"hash"` // hex SHA-256
	Name       string  `db:"name"`
	UserID     int64   `db:"userId"`
	User       string  `db:"userName"`
	Role       string  `db:"role"`     // at most
	UserRole   string  `db:"userRole"` // of its user, as it is now
	Scopes     string  `db:"scopes"`   // with spaces between; empty: all that the role allows
	Host       string  `db:"host"`     // a worker's: of this host only
	Department int64   `db:"department"`
	MustChange bool    `db:"mustChange"` // its user's password
	CreatedAt  int64   `db:"createdAt"`
	CreatedBy  string  `db:"createdBy"`
	ExpiresAt  int64   `db:"expiresAt"` // 0: never
	RevokedAt  int64   `db:"revokedAt"`
	RevokedBy  string  `db:"revokedBy"`
	LastUsedAt int64   `db:"lastUsedAt"`
	Projects   []int64 // its user is a member of
}

//nolint:gosec // names of columns
const tokenCols = `k.id, k.hash, k.name, k.userId, u.name AS userName, k.role, u.role AS userRole, k.scopes, k.host, u.departmentId AS department, u.mustChange,
k.createdAt, k.createdBy, k.expiresAt, k.revokedAt, k.revokedBy, k.lastUsedAt FROM capri_token k JOIN capri_user u ON u.id = k.userId `

// TokenByHash reads a credential with its user and the projects that one is a
// member of; unknown, revoked and expired ones, and those of disabled users, are
// ErrNotFound.
func (t *ViewTx) TokenByHash(ctx context.Context, hash string) (Token, error) {
	var out Token
	// uk_token_hash
	err := t.get(ctx, &out, "SELECT "+tokenCols+"WHERE k.hash = ? AND k.revokedAt = 0 AND (k.expiresAt = 0 OR k.expiresAt > ?) AND u.isEnabled = 1", hash, t.now)
	if err != nil || out.Role == workerRole {
		return out, err // a worker's calls are of no project
	}
	out.Projects, err = t.ProjectsOf(ctx, out.UserID)
	return out, err
}

// workerRole is the role of workers' tokens.
const workerRole = "worker"

// TokenByID reads a credential, whatever became of it.
func (t *ViewTx) TokenByID(ctx context.Context, id int64) (Token, error) {
	var out Token
	err := t.get(ctx, &out, "SELECT "+tokenCols+"WHERE k.id = ?", id)
	return out, err
}

// PersonFilter chooses tokens or sessions by whose they are.
type PersonFilter struct {
	UserID int64 // 0: everybody's
	Ended  bool  // those that are revoked or expired, too
	Before int64 // id; 0: from the newest
	Limit  int
}

// Tokens lists credentials, newest first.
func (t *ViewTx) Tokens(ctx context.Context, f PersonFilter) ([]Token, error) {
	where, args := "WHERE k.id < ?", []any{f.before()}
	if f.UserID != 0 { // ix_token_user (userId, id)
		where, args = where+" AND k.userId = ?", append(args, f.UserID)
	}
	if !f.Ended {
		where, args = where+" AND k.revokedAt = 0 AND (k.expiresAt = 0 OR k.expiresAt > ?)", append(args, t.now)
	}
	var out []Token
	if err := t.all(ctx, &out, "SELECT "+tokenCols+where+" ORDER BY k.id DESC LIMIT ?", append(args, f.Limit)...); err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return out, nil
}

// before is the id that a page ends before.
func (f PersonFilter) before() int64 {
	if f.Before > 0 {
		return f.Before
	}
	return 1 << 62
}

// PutToken writes a new credential.
func (t *OperateTx) PutToken(ctx context.Context, k Token) error {
	return t.insert(ctx, "capri_token", "id, hash, name, userId, role, scopes, host, createdBy, createdAt, expiresAt, revokedAt",
		[][]any{{k.ID, k.Hash, k.Name, k.UserID, k.Role, k.Scopes, k.Host, t.by.ID, t.now, k.ExpiresAt, 0}}, "")
}

// RevokeToken ends a credential; one that was revoked stays as it was.
func (t *OperateTx) RevokeToken(ctx context.Context, id int64) error {
	_, err := t.exec(ctx, "UPDATE capri_token SET revokedAt = ?, revokedBy = ? WHERE id = ? AND revokedAt = 0", t.now, t.by.ID, id)
	if err != nil {
		return fmt.Errorf("revoke token %d: %w", id, err)
	}
	return nil
}

// LoginToken begins the names of tokens that a login made: they end with the
// password that they were got with.
const LoginToken = "login: "

// RevokeLogins ends the tokens of a user that a login made, but for one.
func (t *OperateTx) RevokeLogins(ctx context.Context, userID, keep int64) error {
	// ix_token_user
	_, err := t.exec(ctx, "UPDATE capri_token SET revokedAt = ?, revokedBy = ? WHERE userId = ? AND id <> ? AND revokedAt = 0 AND name LIKE '"+LoginToken+"%'",
		t.now, t.by.ID, userID, keep)
	if err != nil {
		return fmt.Errorf("revoke logins of user %d: %w", userID, err)
	}
	return nil
}

// TokensUsed notes when credentials were used last, each by its id.
func (t *WorkTx) TokensUsed(ctx context.Context, at map[int64]int64) error {
	for _, id := range sortedKeys(at) {
		if _, err := t.exec(ctx, "UPDATE capri_token SET lastUsedAt = ? WHERE id = ? AND lastUsedAt < ?", at[id], id, at[id]); err != nil {
			return fmt.Errorf("note when token %d was used: %w", id, err)
		}
	}
	return nil
}

func sortedKeys(of map[int64]int64) []int64 { return slices.Sorted(maps.Keys(of)) }

// CountTokens tells how many credentials exist: none means that nobody can log in yet.
func (t *ViewTx) CountTokens(ctx context.Context) (int, error) {
	var n int
	err := t.get(ctx, &n, "SELECT COUNT(*) FROM (SELECT id FROM capri_token LIMIT 1) AS some")
	return n, err
}
