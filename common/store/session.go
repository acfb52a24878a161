package store

import (
	"context"
	"fmt"
)

// Session is one login of a browser; only the hash of its secret is kept.
type Session struct {
	ID         int64   `db:"id"`
	Hash       string  `db:"hash"` // hex SHA-256
	UserID     int64   `db:"userId"`
	User       string  `db:"userName"`
	Role       string  `db:"role"`       // of the user, as it is now
	Department int64   `db:"department"` // of the user; 0: none
	MustChange bool    `db:"mustChange"`
	CreatedAt  int64   `db:"createdAt"`
	SeenAt     int64   `db:"seenAt"` // to a minute or so
	ExpiresAt  int64   `db:"expiresAt"`
	Source     string  `db:"source"`
	Agent      string  `db:"agent"`
	Projects   []int64 // its user is a member of
}

const sessionCols = `s.id, s.hash, s.userId, u.name AS userName, u.role, u.departmentId AS department, u.mustChange, s.createdAt, s.seenAt, s.expiresAt,
s.source, s.agent FROM capri_session s JOIN capri_user u ON u.id = s.userId `

// SessionByHash reads a session with its user; unknown and expired ones, and
// those of disabled users, are ErrNotFound. idle is how long one may rest.
func (t *ViewTx) SessionByHash(ctx context.Context, hash string, idle int64) (Session, error) {
	var out Session
	// uk_session_hash
	err := t.get(ctx, &out, "SELECT "+sessionCols+"WHERE s.hash = ? AND s.expiresAt > ? AND s.seenAt > ? AND u.isEnabled = 1", hash, t.now, t.now-idle)
	if err != nil {
		return out, err
	}
	out.Projects, err = t.ProjectsOf(ctx, out.UserID)
	return out, err
}

// SessionByID reads a session.
func (t *ViewTx) SessionByID(ctx context.Context, id int64) (Session, error) {
	var out Session
	err := t.get(ctx, &out, "SELECT "+sessionCols+"WHERE s.id = ?", id)
	return out, err
}

// Sessions lists sessions that are open, newest first.
func (t *ViewTx) Sessions(ctx context.Context, f PersonFilter, idle int64) ([]Session, error) {
	where, args := "WHERE s.id < ? AND s.expiresAt > ? AND s.seenAt > ?", []any{f.before(), t.now, t.now - idle}
	if f.UserID != 0 { // ix_session_user
		where, args = where+" AND s.userId = ?", append(args, f.UserID)
	}
	var out []Session
	if err := t.all(ctx, &out, "SELECT "+sessionCols+where+" ORDER BY s.id DESC LIMIT ?", append(args, f.Limit)...); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return out, nil
}

// PutSession writes a new session, and takes some of those away that are over.
func (t *OperateTx) PutSession(ctx context.Context, s Session) error {
	var over []int64
	// ix_session_expiry (expiresAt)
	if err := t.all(ctx, &over, "SELECT id FROM capri_session WHERE expiresAt < ? ORDER BY expiresAt LIMIT 100", t.now); err != nil {
		return fmt.Errorf("look for sessions that are over: %w", err)
	}
	if len(over) > 0 {
		if _, err := t.exec(ctx, "DELETE FROM capri_session WHERE id IN ("+placeholders(len(over))+")", anys(over)...); err != nil {
			return fmt.Errorf("take sessions away: %w", err)
		}
	}
	return t.insert(ctx, "capri_session", "id, hash, userId, createdAt, seenAt, expiresAt, source, agent",
		[][]any{{s.ID, s.Hash, s.UserID, t.now, t.now, s.ExpiresAt, clip(s.Source, 100), clip(s.Agent, 200)}}, "")
}

// EndSession ends one session.
func (t *OperateTx) EndSession(ctx context.Context, id int64) error {
	_, err := t.exec(ctx, "DELETE FROM capri_session WHERE id = ?", id)
	return err
}

// EndSessions ends all sessions of a user.
func (t *OperateTx) EndSessions(ctx context.Context, user int64) error {
	// ix_session_user
	_, err := t.exec(ctx, "DELETE FROM capri_session WHERE userId = ?", user)
	return err
}

// SessionsSeen notes when sessions were used last, each by its id.
func (t *WorkTx) SessionsSeen(ctx context.Context, at map[int64]int64) error {
	for _, id := range sortedKeys(at) {
		if _, err := t.exec(ctx, "UPDATE capri_session SET seenAt = ? WHERE id = ? AND seenAt < ?", at[id], id, at[id]); err != nil {
			return fmt.Errorf("note when session %d was used: %w", id, err)
		}
	}
	return nil
}
