package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// OwnedList are the parameters of a list of what belongs to users.
type OwnedList struct {
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor string `query:"cursor" maxLength:"400" doc:"next of the page before"`
	User   string `query:"user" maxLength:"100" doc:"of this user; who does not manage users sees only their own"`
	All    bool   `query:"all" doc:"everybody's"`
}

// tokenList is an OwnedList with more: huma does not see through two levels.
type tokenList struct {
	Limit   int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor  string `query:"cursor" maxLength:"400" doc:"next of the page before"`
	User    string `query:"user" maxLength:"100" doc:"of this user; who does not manage users sees only their own"`
	All     bool   `query:"all" doc:"everybody's"`
	Revoked bool   `query:"revoked" doc:"those that are revoked or expired, too"`
}

type idBody struct {
	ID      int64 `path:"id" minimum:"1"`
	RawBody []byte
}

func (a *api) tokenRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/tokens", may: permit.ManageSelf, id: "list-tokens", tag: tagIdentity,
		summary: "One's own tokens, newest first; others' for who manages users"}, a.listTokens)
	post(a, route{method: http.MethodPost, path: root + "/tokens", may: permit.ManageSelf, id: "create-token", tag: tagIdentity, secret: true,
		summary: "Make a token; its secret is in the answer, this once"}, a.createToken)
	revoke := route{method: http.MethodPost, path: root + "/tokens/{id}/revoke", may: permit.ManageSelf, id: "revoke-token", tag: tagIdentity,
		summary: "End a token: one's own, or anybody's for who manages users"}
	call(a, revoke, a.revokeToken)
	describeBody[wire.ReasonRequest](a, revoke)
	call(a, route{method: http.MethodGet, path: root + "/sessions", may: permit.ManageSelf, id: "list-sessions", tag: tagIdentity,
		summary: "One's own sessions that are open, newest first; others' for who manages users"}, a.listSessions)
	end := route{method: http.MethodPost, path: root + "/sessions/{id}/revoke", may: permit.ManageSelf, id: "revoke-session", tag: tagIdentity,
		summary: "End a session: one's own, or anybody's for who manages users"}
	call(a, end, a.revokeSession)
	describeBody[wire.ReasonRequest](a, end)
}

// filter says whose things are listed: the caller's own, unless that one manages
// users and asks for others'.
func (q *OwnedList) filter(ctx context.Context, t *store.ViewTx) (store.PersonFilter, error) {
	before, err := idPosition(q.Cursor)
	if err != nil {
		return store.PersonFilter{}, err
	}
	who := callerOf(ctx)
	f := store.PersonFilter{Before: before, Limit: q.Limit + 1}
	user := q.User
	if user == "" {
		user = who.name
	}
	if (q.All || user != who.name) && !who.holder.May(permit.ManageUsers) {
		return f, fault.New(fault.Forbidden, "you may see your own only: others' are for %ss", permit.RuleOf(permit.ManageUsers).Least).WithHint("leave user and all out")
	}
	if q.All {
		return f, nil
	}
	p, err := t.PersonByName(ctx, user)
	f.UserID = p.ID
	return f, named(err, "user", user)
}

func viewToken(k *store.Token) wire.Token {
	return wire.Token{
		ID: k.ID, Name: k.Name, User: k.User, Role: k.Role, Scopes: strings.Fields(k.Scopes), Host: k.Host, CreatedAt: k.CreatedAt, CreatedBy: k.CreatedBy,
		ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt, RevokedBy: k.RevokedBy, LastUsedAt: k.LastUsedAt,
	}
}

func (a *api) listTokens(ctx context.Context, q *tokenList) (wire.TokenList, error) {
	list := wire.TokenList{Items: []wire.Token{}}
	var rows []store.Token
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		owned := OwnedList{Limit: q.Limit, Cursor: q.Cursor, User: q.User, All: q.All}
		f, err := owned.filter(ctx, t)
		if err != nil {
			return err
		}
		f.Ended = q.Revoked
		rows, err = t.Tokens(ctx, f)
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(k *store.Token) string { return strconv.FormatInt(k.ID, 10) })
	for i := range rows {
		list.Items = append(list.Items, viewToken(&rows[i]))
	}
	return list, err
}

func (a *api) createToken(ctx context.Context, body *wire.TokenRequest) (wire.TokenReply, error) {
	k, secret, err := a.identity.CreateToken(ctx, callerOf(ctx).by(), *body)
	if err != nil {
		return wire.TokenReply{}, err
	}
	return wire.TokenReply{Token: viewToken(&k), Secret: secret}, nil
}

func (a *api) revokeToken(ctx context.Context, in *idBody) (done, error) {
	body, err := decode[wire.ReasonRequest](in.RawBody, false)
	if err != nil {
		return done{}, err
	}
	gone, err := a.identity.RevokeToken(ctx, callerOf(ctx).by(), in.ID, body.Reason)
	a.tokens.forgetUser(gone.User)
	return done{Done: err == nil}, err
}

func (a *api) listSessions(ctx context.Context, q *OwnedList) (wire.SessionList, error) {
	list := wire.SessionList{Items: []wire.Session{}}
	var rows []store.Session
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		f, err := q.filter(ctx, t)
		if err != nil {
			return err
		}
		rows, err = t.Sessions(ctx, f, a.identity.Idle().Milliseconds())
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(s *store.Session) string { return strconv.FormatInt(s.ID, 10) })
	current := callerOf(ctx).session
	for _, s := range rows {
		list.Items = append(list.Items, wire.Session{
			ID: s.ID, User: s.User, CreatedAt: s.CreatedAt, SeenAt: s.SeenAt, ExpiresAt: s.ExpiresAt, Source: s.Source, Agent: s.Agent, Current: s.ID == current,
		})
	}
	return list, err
}

func (a *api) revokeSession(ctx context.Context, in *idBody) (done, error) {
	body, err := decode[wire.ReasonRequest](in.RawBody, false)
	if err != nil {
		return done{}, err
	}
	gone, err := a.identity.RevokeSession(ctx, callerOf(ctx).by(), in.ID, body.Reason)
	a.tokens.forgetUser(gone.User)
	return done{Done: err == nil}, err
}
