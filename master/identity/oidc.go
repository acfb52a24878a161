package identity

// OIDC says how people log in at an identity provider.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	RedirectURL  string
	Scopes       []string
	NameClaim    string
	RoleClaim    string
	Roles        map[string]string // claim value to role
	DefaultRole  string            // for who has none of them; empty: no login
}

type provider struct{ cfg OIDC }

func newProvider(cfg OIDC) *provider { return &provider{cfg: cfg} }
