package config

import (
	"maps"
	"net/url"
	"slices"
	"time"
)

// Auth says how people log in.
type Auth struct {
	Idle time.Duration // a browser's session that rests longer is over
	Max  time.Duration // it is over after that, however it is used
	OIDC OIDC
}

// OIDC names the identity provider where people log in besides names and
// passwords; without an issuer there is none.
type OIDC struct {
	Issuer           string
	ClientID         string
	ClientSecretFile string
	RedirectURL      string // of the callback; empty: advertise with its path
	Scopes           []string
	NameClaim        string
	RoleClaim        string
	Roles            map[string]string // value of RoleClaim to role
	DefaultRole      string            // of who has none of them; empty: no login
}

// defaultAuth is what holds for keys nobody sets.
func defaultAuth() Auth {
	return Auth{Idle: time.Hour, Max: 12 * time.Hour, OIDC: OIDC{Scopes: []string{"profile", "email"}, NameClaim: "preferred_username", Roles: map[string]string{}}}
}

func (a *Auth) keys() []Key {
	o := &a.OIDC
	return []Key{
		durationKey("auth.session.idle", &a.Idle, "a browser's session is over when it rests `TIME`"),
		durationKey("auth.session.max", &a.Max, "a browser's session is over after `TIME`, however it is used"),
		textKey("auth.oidc.issuer", &o.Issuer, "`URL` of the identity provider (OpenID Connect) where people log in, too; empty: there is none"),
		textKey("auth.oidc.client_id", &o.ClientID, "`NAME` of this cluster at the identity provider"),
		textKey("auth.oidc.client_secret_file", &o.ClientSecretFile, "`FILE` with the secret that the identity provider gave, not open to everybody; the same at all masters"),
		textKey("auth.oidc.redirect_url", &o.RedirectURL, "`URL` the identity provider sends browsers back to; empty: advertise with /api/v1/login/oidc/callback"),
		listKey("auth.oidc.scopes", &o.Scopes, "what is asked for besides openid, `SCOPE,...`"),
		textKey("auth.oidc.name_claim", &o.NameClaim, "the `CLAIM` that is a user's name here"),
		textKey("auth.oidc.role_claim", &o.RoleClaim, "the `CLAIM` whose values are mapped to roles, such as groups"),
		mapKey("auth.oidc.roles", &o.Roles, "role of each value of role_claim, `value=role,...`; the highest counts"),
		textKey("auth.oidc.default_role", &o.DefaultRole, "`ROLE` of whoever has none of these; empty: such a person cannot log in"),
	}
}

// people are the roles that a person can have.
func people() []string { return []string{"viewer", "developer", "operator", "admin", "superadmin"} }

func (a *Auth) validate(p *InvalidError) {
	if a.Idle < time.Minute || a.Idle > a.Max {
		p.add("auth.session.idle", "%s is out of bounds: write 1m up to auth.session.max, %s", shortDuration(a.Idle), shortDuration(a.Max))
	}
	if a.Max > 90*24*time.Hour {
		p.add("auth.session.max", "%s is out of bounds: write up to 2160h", shortDuration(a.Max))
	}
	o := &a.OIDC
	if o.Issuer == "" {
		return
	}
	if u, err := url.Parse(o.Issuer); err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Host)) {
		p.add("auth.oidc.issuer", "is not the URL of an identity provider: write https://host, as its documents name it")
	}
	if o.ClientID == "" {
		p.add("auth.oidc.client_id", "is missing: write the name that the identity provider knows this cluster by")
	}
	if o.ClientSecretFile == "" {
		p.add("auth.oidc.client_secret_file", "is missing: write the name of the file with the secret that the identity provider gave")
	}
	p.check("auth.oidc.redirect_url", checkService(o.RedirectURL))
	if len(o.Roles) > 0 && o.RoleClaim == "" {
		p.add("auth.oidc.role_claim", "is missing, though roles are mapped: write the name of the claim, such as groups")
	}
	if len(o.Roles) == 0 && o.DefaultRole == "" {
		p.add("auth.oidc.roles", "are missing, and nobody could log in: write value=role,..., or a default_role")
	}
	for _, value := range slices.Sorted(maps.Keys(o.Roles)) {
		p.check("auth.oidc.roles", checkOneOf(o.Roles[value], people()...))
	}
	if o.DefaultRole != "" {
		p.check("auth.oidc.default_role", checkOneOf(o.DefaultRole, people()...))
	}
}
