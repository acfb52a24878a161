package storetest

import (
	"context"
	"strconv"

	"capricornus/common/store"
)

// fillPeople makes an audit row and a session for each batch.
func fillPeople(l large) {
	rawExec(l.t, l.DB, `INSERT INTO capri_audit_log (id, at, actor, action, object, source, detail)
SELECT id, scheduleTime, CASE WHEN id % 50 = 0 THEN 'ann' ELSE 'bob' END, 'task.run', CASE WHEN id % 60 = 0 THEN 'a' ELSE 'b' END, '', '{}' FROM capri_task_work`)
	rawExec(l.t, l.DB, `INSERT INTO capri_session (id, hash, userId, createdAt, seenAt, expiresAt, source, agent)
SELECT id, CAST(id AS CHAR), CASE WHEN id % 50 = 0 THEN 1 ELSE id END, 1, 4000000000000, CASE WHEN id % 100 = 0 THEN 5 ELSE 4000000000000 END, '', '' FROM capri_task_work`)
}

// peopleQueries are those of logins and of who did what.
func peopleQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	audits := func(name string, f store.AuditFilter) hotQuery {
		f.Limit = 50
		return view("Audits by "+name, func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Audits(ctx, f)
			return err
		})
	}
	used := map[int64]int64{l.first: 5, l.first + 1: 6}
	return []hotQuery{
		audits("nothing", store.AuditFilter{}),
		audits("actor", store.AuditFilter{Actor: "ann"}),
		audits("object", store.AuditFilter{Object: "a"}),
		audits("action", store.AuditFilter{Action: "task."}),
		audits("time", store.AuditFilter{From: 1_000_000, To: 1_100_000}),
		view("SessionByHash", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.SessionByHash(ctx, strconv.FormatInt(l.first, 10), 1)
			if err == store.ErrNotFound { //nolint:errorlint // of no such user
				return nil
			}
			return err
		}),
		view("Sessions and Tokens", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.Sessions(ctx, store.PersonFilter{UserID: 1, Limit: 50}, 1000); err != nil {
				return err
			}
			_, err := v.Tokens(ctx, store.PersonFilter{UserID: 1, Limit: 50})
			return err
		}),
		{"what was used", func(ctx context.Context) error {
			return l.DB.Work(ctx, store.Actor{Kind: "master"}, func(t *store.WorkTx) error {
				if err := t.TokensUsed(ctx, used); err != nil {
					return err
				}
				return t.SessionsSeen(ctx, used)
			})
		}},
		{"PutSession and EndSessions", func(ctx context.Context) error {
			return l.DB.Operate(ctx, store.Actor{ID: "admin"}, func(t *store.OperateTx) error {
				if err := t.PutSession(ctx, store.Session{ID: 1, Hash: "new", UserID: 1, ExpiresAt: 4_000_000_000_000}); err != nil {
					return err
				}
				return t.EndSessions(ctx, 1)
			})
		}},
	}
}
