package api

import (
	"context"
	"net/http"

	"capricornus/master/identity"
)

const (
	pathOIDC     = root + "/login/oidc"
	pathCallback = root + "/login/oidc/callback"
	cookieTrip   = "capri_login"
)

// redirect is an answer that sends a browser on.
type redirect struct {
	Status   int
	Location string   `header:"Location"`
	Cookie   []string `header:"Set-Cookie" hidden:"true"`
}

// callback is what an identity provider may send a browser back with.
type callback struct {
	State       string `query:"state" maxLength:"200"`
	Code        string `query:"code" maxLength:"4096"`
	Error       string `query:"error" maxLength:"200"`
	Description string `query:"error_description" hidden:"true"`
	URI         string `query:"error_uri" hidden:"true"`
	Issuer      string `query:"iss" maxLength:"400" hidden:"true"`
	Session     string `query:"session_state" hidden:"true"`
	Scope       string `query:"scope" hidden:"true"`
	User        string `query:"authuser" hidden:"true"`
	Domain      string `query:"hd" hidden:"true"`
	Prompt      string `query:"prompt" hidden:"true"`
	Trip        string `cookie:"capri_login" hidden:"true"`
	Agent       string `header:"User-Agent" hidden:"true"`
}

func (a *api) oidcRoutes() {
	raw(a, route{method: http.MethodGet, path: pathOIDC, open: true, id: "begin-oidc-login", tag: tagIdentity,
		summary: "Log in at the identity provider: sends the browser there"}, a.departOIDC)
	raw(a, route{method: http.MethodGet, path: pathCallback, open: true, id: "end-oidc-login", tag: tagIdentity,
		summary: "Where the identity provider sends the browser back to: a session begins"}, a.arriveOIDC)
}

// tripCookie keeps a login that is under way; an empty one ends it.
func (a *api) tripCookie(who caller, sealed string) string {
	cookie := http.Cookie{ //nolint:gosec // secure where the API is https; capri dev has none
		Name: cookieTrip, Value: sealed, Path: pathOIDC, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: who.secure || a.SecureCookies, MaxAge: int(identity.TripTime.Seconds()),
	}
	if sealed == "" {
		cookie.MaxAge = -1
	}
	return cookie.String()
}

func (a *api) departOIDC(ctx context.Context, _ *nothing) (*redirect, error) {
	to, sealed, err := a.identity.Depart(ctx)
	if err != nil {
		return nil, err
	}
	return &redirect{Status: http.StatusSeeOther, Location: to, Cookie: []string{a.tripCookie(callerOf(ctx), sealed)}}, nil
}

func (a *api) arriveOIDC(ctx context.Context, in *callback) (*redirect, error) {
	who := callerOf(ctx)
	made, err := a.identity.Arrive(ctx, identity.Return{
		Attempt: identity.Attempt{Source: who.source, Agent: in.Agent, Request: who.request, Replace: who.session},
		Sealed:  in.Trip, State: in.State, Code: in.Code, Issuer: in.Issuer, Error: in.Error,
	})
	if err != nil {
		return nil, err
	}
	if who.session != 0 {
		a.tokens.forgetSession(who.session)
	}
	a.tokens.forgetUser(made.Person.Name) // the role may be another by now
	return &redirect{Status: http.StatusSeeOther, Location: "/", Cookie: []string{
		a.sessionCookie(who, made.Secret, made.ExpiresAt), a.tripCookie(who, ""),
	}}, nil
}
