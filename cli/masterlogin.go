package cli

import (
	"context"
	"strings"

	"capricornus/common/config"
	"capricornus/common/store"
	"capricornus/master/identity"
)

// callbackPath is where an identity provider sends browsers back to.
const callbackPath = "/api/v1/login/oidc/callback"

// loginConfig is how people log in at a master, with the secret that it shares
// with the identity provider.
func loginConfig(cfg config.Master) (identity.Config, error) {
	out := identity.Config{Idle: cfg.Auth.Idle, Max: cfg.Auth.Max}
	o := cfg.Auth.OIDC
	if o.Issuer == "" {
		return out, nil
	}
	secret, err := config.ReadSecret(o.ClientSecretFile)
	if err != nil {
		return out, err
	}
	out.OIDC = identity.OIDC{
		Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: secret.Reveal(), RedirectURL: firstOf(o.RedirectURL, strings.TrimSuffix(cfg.Advertise, "/")+callbackPath),
		Scopes: o.Scopes, NameClaim: o.NameClaim, RoleClaim: o.RoleClaim, Roles: o.Roles, DefaultRole: o.DefaultRole,
	}
	return out, nil
}

// firstPassword gives the administrator of a new database a password.
func firstPassword(ctx context.Context, db *store.DB) (string, error) {
	by := identity.By{Actor: store.Actor{Kind: "migrate", ID: "migrate"}, Source: "local"}
	return identity.New(db, identity.Config{}).FirstPassword(ctx, by, "admin")
}
