package storetest

import (
	"context"
	"strconv"
	"testing"

	"capricornus/common/store"
)

func personCases() []exercise {
	return []exercise{
		{name: "KeepsUsers", run: people},
		{name: "KeepsDepartmentsAndAccounts", run: departments},
		{name: "KeepsMembersOfProjects", run: members},
		{name: "KnowsSessionsThatAreOpen", run: sessions},
		{name: "EndsTheTokensOfLogins", run: loginTokens},
		{name: "FindsAuditRows", run: auditRows},
	}
}

// somebody adds a user of its own to the world.
func (w *World) somebody(change ...func(*store.Person)) store.Person {
	w.t.Helper()
	id := w.IDs(1)[0]
	p := store.Person{ID: id, Name: "u" + strconv.FormatInt(id, 10), Role: "viewer", IsEnabled: true}
	for _, c := range change {
		c(&p)
	}
	w.operate("add a user", func(ctx context.Context, o *store.OperateTx) error { return o.AddPerson(ctx, p) })
	return p
}

func people(t *testing.T, w *World) {
	p := w.somebody(func(p *store.Person) { p.Subject, p.PasswordHash, p.MustChange = "issuer|"+p.Name, "hash", true })
	err := w.DB.Operate(t.Context(), store.Actor{ID: "admin"}, func(o *store.OperateTx) error { return o.AddPerson(t.Context(), p) })
	wantError(t, "the name again", err, store.ErrExists)
	w.operate("change", func(ctx context.Context, o *store.OperateTx) error {
		rulers, err := o.LockSuperadmins(ctx)
		wantEqual(t, "the administrator is one", len(rulers) > 0 && rulers[0] == w.Owner, true)
		w.ok("lock super administrators", err)
		got, err := o.LockPerson(ctx, p.Name)
		wantEqual(t, "must change", got.MustChange, true)
		got.Role, got.FailedLogins, got.LockedUntil, got.MustChange, got.IsEnabled, got.Lang = "admin", 3, 7, false, false, "zh"
		w.ok("lock", err)
		return o.SavePerson(ctx, got)
	})
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.PersonBySubject(ctx, p.Subject)
		if got.Name != p.Name || got.Role != "admin" || got.FailedLogins != 3 || got.LockedUntil != 7 || got.MustChange || got.IsEnabled || got.PasswordHash != "hash" || got.Lang != "zh" {
			t.Errorf("got %+v, want what was saved", got)
		}
		w.ok("by subject", err)
		page, err := v.Persons(ctx, "", 1)
		wantEqual(t, "first by name", len(page) == 1 && page[0].Name == "admin", true)
		_, missing := v.PersonByName(ctx, "ghost")
		wantError(t, "nobody", missing, store.ErrNotFound)
		return err
	})
}

func departments(t *testing.T, w *World) {
	id := w.IDs(1)[0]
	name := "d" + strconv.FormatInt(id, 10)
	w.operate("make and rename", func(ctx context.Context, o *store.OperateTx) error {
		w.ok("make", o.PutDepartment(ctx, id, "old"+name))
		w.ok("rename", o.PutDepartment(ctx, id, name))
		w.ok("account", o.AddAccount(ctx, store.Account{Name: name, Description: "loads"}))
		return o.PutGrant(ctx, store.Grant{UserID: w.Owner, Account: name})
	})
	w.somebody(func(p *store.Person) { p.DepartmentID = id })
	w.operate("look and take away", func(ctx context.Context, o *store.OperateTx) error {
		d, err := o.LockDepartment(ctx, name)
		wantEqual(t, "department", d, store.Department{ID: id, Name: name, Users: 1})
		w.ok("lock", err)
		a, err := o.LockAccount(ctx, name)
		wantEqual(t, "description", a.Description, "loads")
		w.ok("lock the account", err)
		rows, err := o.GrantRows(ctx, store.GrantFilter{Account: name, Limit: 10})
		wantEqual(t, "granted to the administrator by the administrator", len(rows) == 1 && rows[0].User == "admin" && rows[0].GrantedBy == "admin", true)
		w.ok("grants", err)
		for _, want := range []bool{true, false} {
			was, err := o.DropGrant(ctx, store.Grant{UserID: w.Owner, Account: name})
			wantEqual(t, "was granted", was, want)
			w.ok("drop the grant", err)
		}
		w.ok("drop the account", o.DropAccount(ctx, name))
		return o.DropDepartment(ctx, id)
	})
	w.view("they are gone", func(ctx context.Context, v *store.ViewTx) error {
		_, err := v.DepartmentByName(ctx, name)
		wantError(t, "department", err, store.ErrNotFound)
		all, err := v.Accounts(ctx, "", 100)
		for _, a := range all {
			wantEqual(t, "the account is gone", a.Name == name, false)
		}
		return err
	})
}

func members(t *testing.T, w *World) {
	p := w.somebody()
	w.operate("add twice", func(ctx context.Context, o *store.OperateTx) error {
		for _, want := range []bool{true, false} {
			fresh, err := o.AddMember(ctx, w.Project, p.ID)
			wantEqual(t, "new", fresh, want)
			w.ok("add", err)
		}
		all, err := o.Members(ctx, w.Project, "", 100)
		wantEqual(t, "members", len(all) == 1 && all[0].User == p.Name && all[0].AddedBy == "admin", true)
		w.ok("list", err)
		ids, err := o.ProjectsOf(ctx, p.ID)
		w.ok("projects", err)
		names, err := o.ProjectNames(ctx, ids)
		wantEqual(t, "projects", len(names) == 1 && names[0] == "web", true)
		w.ok("names", err)
		for _, want := range []bool{true, false} {
			was, err := o.DropMember(ctx, w.Project, p.ID)
			wantEqual(t, "was a member", was, want)
			w.ok("drop", err)
		}
		return nil
	})
}

func sessions(t *testing.T, w *World) {
	p := w.somebody()
	ids := w.IDs(3)
	hash := func(i int) string { return "s" + strconv.FormatInt(ids[i], 10) }
	w.operate("put", func(ctx context.Context, o *store.OperateTx) error {
		for i, left := range []int64{60_000, -1, 60_000} {
			w.ok("put", o.PutSession(ctx, store.Session{ID: ids[i], Hash: hash(i), UserID: p.ID, ExpiresAt: o.Now() + left, Source: "here", Agent: "browser"}))
		}
		return nil
	})
	const idle = 30_000
	know := func(want ...bool) {
		t.Helper()
		w.view("find", func(ctx context.Context, v *store.ViewTx) error {
			for i, good := range want {
				s, err := v.SessionByHash(ctx, hash(i), idle)
				wantEqual(t, "session "+strconv.Itoa(i)+" is good", err == nil && s.User == p.Name, good)
			}
			return nil
		})
	}
	know(true, false, true)
	rawExec(t, w.DB, "UPDATE capri_session SET seenAt = seenAt - 40000 WHERE id = ?", ids[0])
	know(false, false, true)
	w.ok("seen", w.DB.Work(t.Context(), store.Actor{Kind: "master"}, func(o *store.WorkTx) error {
		return o.SessionsSeen(t.Context(), map[int64]int64{ids[0]: o.Now()})
	}))
	know(true, false, true)
	w.view("list", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Sessions(ctx, store.PersonFilter{UserID: p.ID, Limit: 10}, idle)
		wantEqual(t, "open sessions, the newest first", len(all) == 2 && all[0].ID == ids[2], true)
		return err
	})
	w.operate("end one", func(ctx context.Context, o *store.OperateTx) error { return o.EndSession(ctx, ids[0]) })
	know(false, false, true)
	w.operate("end all", func(ctx context.Context, o *store.OperateTx) error { return o.EndSessions(ctx, p.ID) })
	know(false, false, false)
}

func loginTokens(t *testing.T, w *World) {
	p := w.somebody()
	ids := w.IDs(3)
	w.operate("put and end", func(ctx context.Context, o *store.OperateTx) error {
		for i, name := range []string{store.LoginToken + "a", store.LoginToken + "b", "nightly"} {
			w.ok("put", o.PutToken(ctx, store.Token{ID: ids[i], Hash: "t" + strconv.FormatInt(ids[i], 10), Name: name, UserID: p.ID, Role: "viewer", Scopes: "read", Host: "h"}))
		}
		w.ok("end the others", o.RevokeLogins(ctx, p.ID, ids[1]))
		open, err := o.Tokens(ctx, store.PersonFilter{UserID: p.ID, Limit: 10})
		wantEqual(t, "open tokens, the newest first", len(open) == 2 && open[0].ID == ids[2] && open[1].ID == ids[1] && open[0].Scopes == "read" && open[0].Host == "h" && open[0].CreatedBy == "admin", true)
		w.ok("list", err)
		all, err := o.Tokens(ctx, store.PersonFilter{UserID: p.ID, Limit: 10, Ended: true})
		wantEqual(t, "all tokens", len(all) == 3 && all[2].RevokedBy == "admin", true)
		w.ok("list all", err)
		w.ok("revoke", o.RevokeToken(ctx, ids[1]))
		k, err := o.TokenByID(ctx, ids[1])
		wantEqual(t, "revoked", k.RevokedAt > 0, true)
		return err
	})
	w.ok("used", w.DB.Work(t.Context(), store.Actor{Kind: "master"}, func(o *store.WorkTx) error {
		return o.TokensUsed(t.Context(), map[int64]int64{ids[2]: 77})
	}))
	w.view("used", func(ctx context.Context, v *store.ViewTx) error {
		k, err := v.TokenByID(ctx, ids[2])
		wantEqual(t, "last used", k.LastUsedAt, 77)
		return err
	})
}

func auditRows(t *testing.T, w *World) {
	ids := w.IDs(2)
	object := "o" + strconv.FormatInt(ids[0], 10)
	by := store.Actor{ID: "admin", Request: "r1"}
	w.ok("write", w.DB.Operate(t.Context(), by, func(o *store.OperateTx) error {
		for _, id := range ids {
			w.ok("audit", o.Audit(t.Context(), store.Audit{ID: id, Action: "find.me", Object: object, Source: "here", Detail: "{}"}))
		}
		return nil
	}))
	for name, c := range map[string]struct {
		f    store.AuditFilter
		want int
	}{
		"object": {store.AuditFilter{Object: object}, 2}, "page": {store.AuditFilter{Object: object, Before: ids[1]}, 1}, "action": {store.AuditFilter{Object: object, Action: "find."}, 2},
		"another": {store.AuditFilter{Object: object, Action: "find.you"}, 0}, "actor": {store.AuditFilter{Object: object, Actor: "eve"}, 0}, "past": {store.AuditFilter{Object: object, To: 5}, 0}, "since": {store.AuditFilter{Object: object, From: 5}, 2},
	} {
		c.f.Limit = 10
		w.view(name, func(ctx context.Context, v *store.ViewTx) error {
			rows, err := v.Audits(ctx, c.f)
			wantEqual(t, name, len(rows), c.want)
			for _, r := range rows {
				wantEqual(t, "request", r.Request, "r1")
			}
			return err
		})
	}
}
