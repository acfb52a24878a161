package api

import (
	"context"
	"net/http"
	"time"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/identity"
)

const tagIdentity = "identity"

// The calls that a user can make whose password must be changed.
const (
	pathLogin    = root + "/login"
	pathLogout   = root + "/logout"
	pathMe       = root + "/me"
	pathPassword = root + "/me/password"
)

// loginInput is what a login brings along.
type loginInput struct {
	Agent   string `header:"User-Agent" hidden:"true"`
	RawBody []byte
}

// loginAnswer is an answer that may set a cookie.
type loginAnswer[T any] struct {
	Cookie []string `header:"Set-Cookie" hidden:"true"`
	Body   T
}

func (a *api) loginRoutes() {
	login := route{method: http.MethodPost, path: pathLogin, open: true, id: "login", tag: tagIdentity, secret: true,
		summary: "Log in by name and password: a token, or a cookie when session is true"}
	a.oidcRoutes()
	raw(a, login, a.login)
	describeBody[wire.LoginRequest](a, login)
	raw(a, route{method: http.MethodPost, path: pathLogout, may: permit.ManageSelf, anyScope: true, id: "logout", tag: tagIdentity,
		summary: "End the session, or the token, that the call is made with"}, a.logout)
	call(a, route{method: http.MethodGet, path: pathMe, may: permit.View, anyScope: true, id: "get-me", tag: tagIdentity,
		summary: "Who calls, and what this credential may do"}, a.getMe)
	post(a, route{method: http.MethodPost, path: pathMe, may: permit.ManageSelf, id: "change-me", tag: tagIdentity,
		summary: "Change one's own mail, phone and language"}, a.changeMe)
	password := route{method: http.MethodPost, path: pathPassword, may: permit.ManageSelf, id: "change-password", tag: tagIdentity, secret: true,
		summary: "Change one's own password; all other logins end"}
	raw(a, password, a.changePassword)
	describeBody[wire.PasswordRequest](a, password)
	call(a, route{method: http.MethodGet, path: root + "/permissions", may: permit.View, id: "list-permissions", tag: tagIdentity,
		summary: "Who may do what"}, a.listPermissions)
}

// serveOpen answers the calls that need no credential, by exact path, and
// reports whether it did.
func (a *api) serveOpen(w http.ResponseWriter, r *http.Request) bool {
	pattern := r.Method + " " + r.URL.Path
	if !a.open[pattern] {
		return false
	}
	if a.isForeign(r.Context()) {
		a.refuse(w, r, foreign())
		return true
	}
	who := caller{source: sourceOf(r), request: requestID(r.Context()), secure: r.TLS != nil}
	if cookie, err := r.Cookie(cookieSession); err == nil && tooLong(cookie.Value) == nil {
		if had, err := a.tokens.find(r.Context(), presented{hash: wire.TokenHash(cookie.Value), session: true}); err == nil {
			who.session = had.session // it ends when the login is right
		}
	}
	visitOf(r.Context()).know(pattern, "")
	a.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keyCaller, who)))
	return true
}

func (a *api) login(ctx context.Context, in *loginInput) (*loginAnswer[wire.LoginReply], error) {
	body, err := decode[wire.LoginRequest](in.RawBody, false)
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	made, err := a.identity.Login(ctx, identity.Attempt{LoginRequest: *body, Source: who.source, Agent: in.Agent, Request: who.request, Replace: who.session})
	if err != nil {
		return nil, err
	}
	if who.session != 0 {
		a.tokens.forgetSession(who.session)
	}
	return a.loggedIn(who, made), nil
}

func (a *api) loggedIn(who caller, made identity.Login) *loginAnswer[wire.LoginReply] {
	out := &loginAnswer[wire.LoginReply]{Body: wire.LoginReply{ExpiresAt: made.ExpiresAt, User: viewUser(made.Person, true)}}
	if made.Session {
		out.Cookie = []string{a.sessionCookie(who, made.Secret, made.ExpiresAt)}
	} else {
		out.Body.Token = made.Secret
	}
	return out
}

// sessionCookie is the cookie that a session is kept by; without a secret it
// takes the one there is away.
func (a *api) sessionCookie(who caller, secret string, expires int64) string {
	cookie := http.Cookie{ //nolint:gosec // secure where the API is https; capri dev has none
		Name: cookieSession, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: who.secure || a.SecureCookies, Expires: time.UnixMilli(expires).UTC(), MaxAge: int((expires - a.DB.Now().UnixMilli()) / 1000),
	}
	if secret == "" {
		cookie.Expires, cookie.MaxAge = time.Unix(0, 0).UTC(), -1
	}
	return cookie.String()
}

func (a *api) logout(ctx context.Context, _ *nothing) (*loginAnswer[done], error) {
	who := callerOf(ctx)
	if err := a.identity.Logout(ctx, who.by()); err != nil {
		return nil, err
	}
	out := &loginAnswer[done]{Body: done{Done: true}}
	if who.session != 0 {
		out.Cookie = []string{a.sessionCookie(who, "", 0)}
	}
	a.tokens.forgetUser(who.name)
	return out, nil
}

func (a *api) changePassword(ctx context.Context, in *loginInput) (*loginAnswer[done], error) {
	body, err := decode[wire.PasswordRequest](in.RawBody, false)
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	made, err := a.identity.ChangePassword(ctx, who.by(), *body, in.Agent)
	if err != nil {
		return nil, err
	}
	a.tokens.forgetUser(who.name)
	out := &loginAnswer[done]{Body: done{Done: true}}
	if made.Session {
		out.Cookie = []string{a.sessionCookie(who, made.Secret, made.ExpiresAt)}
	}
	return out, nil
}

// whileMustChange tells whether a route is there for who must change the
// password first.
func whileMustChange(pattern string) bool {
	switch pattern {
	case http.MethodGet + " " + pathMe, http.MethodPost + " " + pathPassword, http.MethodPost + " " + pathLogout:
		return true
	}
	return false
}

func mustChangeFirst() error {
	return fault.New(fault.Forbidden, "the password must be changed before anything else").WithHint("POST %s {old, new}; or capri user passwd", pathPassword)
}

func (a *api) getMe(ctx context.Context, _ *nothing) (wire.Me, error) {
	who := callerOf(ctx)
	me := wire.Me{Role: who.holder.Role.String(), Projects: []string{}, Actions: []wire.MyDo{}, By: "token", Token: who.tokenName, Host: who.host, Expires: who.expiresAt}
	if who.session != 0 {
		me.By = "session"
	}
	for _, s := range who.holder.Scopes {
		me.Scopes = append(me.Scopes, string(s))
	}
	for _, rule := range permit.Table() {
		if who.holder.May(rule.Action) {
			me.Actions = append(me.Actions, wire.MyDo{Action: string(rule.Action), Everywhere: who.holder.Everywhere(rule.Action)})
		}
	}
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		p, err := t.PersonByName(ctx, who.name)
		if err != nil {
			return err
		}
		me.User = viewUser(p, true)
		names, err := t.ProjectNames(ctx, who.projects)
		me.Projects = append([]string{}, names...)
		return err
	})
	return me, err
}

func (a *api) changeMe(ctx context.Context, body *wire.MeChange) (wire.User, error) {
	p, err := a.identity.ChangeSelf(ctx, callerOf(ctx).by(), *body)
	return viewUser(p, true), err
}

func (a *api) listPermissions(context.Context, *nothing) (wire.PermissionList, error) {
	var list wire.PermissionList
	for _, role := range permit.Roles() {
		list.Roles = append(list.Roles, role.String())
	}
	for _, r := range permit.Table() {
		list.Items = append(list.Items, wire.Permission{Action: string(r.Action), Least: r.Least.String(), Own: r.Own, Scope: string(r.Scope), Text: r.Text, TextZh: r.TextZh})
	}
	return list, nil
}
