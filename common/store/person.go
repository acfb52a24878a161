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

// Audit is who did what to what from where.
type Audit struct {
	ID     int64
	Action string
	Object string
	Source string // address of the caller
	Detail string // JSON, without secrets
}

// Audit writes the one audit row of a command. A call with an idempotency key is
// noted as done along with it.
func (t *OperateTx) Audit(ctx context.Context, a Audit) error {
	if err := t.noteOnce(ctx); err != nil {
		return err
	}
	return t.audit(ctx, t.by.ID, a)
}

// Audit writes what a duty did in a person's or a service's stead.
func (t *LeaderTx) Audit(ctx context.Context, all ...Audit) error {
	return t.audit(ctx, t.by.Kind, all...)
}

func (t *tx) audit(ctx context.Context, actor string, all ...Audit) error {
	rows := make([][]any, 0, len(all))
	for _, a := range all {
		rows = append(rows, []any{a.ID, t.now, actor, a.Action, clip(a.Object, 400), a.Source, clip(a.Detail, textLimit), t.request(ctx)})
	}
	return t.insert(ctx, "capri_audit_log", "id, at, actor, action, object, source, detail, requestId", rows, "")
}
