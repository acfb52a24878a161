package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"capricornus/common/fault"
	"capricornus/common/permit"
)

// OIDC says how people log in at an identity provider (OpenID Connect).
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	RedirectURL  string            // of the callback, as the provider knows it
	Scopes       []string          // asked for besides openid
	NameClaim    string            // is the user's name; empty: preferred_username
	RoleClaim    string            // a text or a list of texts; empty: everybody has DefaultRole
	Roles        map[string]string // value of RoleClaim to role
	DefaultRole  string            // for who has none of them; empty: no login
}

// issuerTime bounds each call to the identity provider.
const issuerTime = 10 * time.Second

// provider is an identity provider; what it says of itself is asked for when it
// is needed first.
type provider struct {
	cfg    OIDC
	client *http.Client
	mu     sync.Mutex
	known  *oidc.Provider
}

func newProvider(cfg OIDC) *provider {
	if cfg.NameClaim == "" {
		cfg.NameClaim = "preferred_username"
	}
	return &provider{cfg: cfg, client: issuerClient(cfg.Issuer)}
}

// issuerClient makes calls to the issuer's own host and to no other, wherever a
// document or a redirect points.
func issuerClient(issuer string) *http.Client {
	home, err := url.Parse(issuer)
	if err != nil {
		home = &url.URL{}
	}
	return &http.Client{
		Timeout: issuerTime,
		Transport: homeTransport{home: home, next: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: issuerTime, ResponseHeaderTimeout: issuerTime,
		}},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > 3 {
				return errors.New("the identity provider redirects for ever")
			}
			return nil // homeTransport refuses other hosts
		},
	}
}

type homeTransport struct {
	home *url.URL
	next http.RoundTripper
}

// RoundTrip makes a call to the one host.
func (t homeTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != t.home.Scheme || r.URL.Host != t.home.Host {
		return nil, fmt.Errorf("a call to %s://%s was refused: the issuer is at %s://%s", r.URL.Scheme, r.URL.Host, t.home.Scheme, t.home.Host)
	}
	return t.next.RoundTrip(r)
}

// discover reads what the provider says of itself, once.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), issuerTime)
		defer cancel()
		known, err := oidc.NewProvider(ctx, p.cfg.Issuer)
		if err != nil {
			return nil, oauth2.Config{}, fault.Wrap(fault.Unavailable, err, "the identity provider does not answer as one").WithHint("the master's log says more")
		}
		p.known = known
	}
	return p.known, oauth2.Config{
		ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret, Endpoint: p.known.Endpoint(), RedirectURL: p.cfg.RedirectURL,
		Scopes: append([]string{oidc.ScopeOpenID}, p.cfg.Scopes...),
	}, nil
}

// algorithms are those that a token may be signed with; none is none of them.
func algorithms() []string {
	return []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}
}

// claims are what the provider says of somebody.
type claims struct {
	subject string // issuer|sub
	name    string
	title   string
	mail    string
	role    permit.Role
}

// redeem turns the code of a callback into what the provider says of who came.
func (p *provider) redeem(ctx context.Context, trip Trip, code string) (claims, error) {
	known, cfg, err := p.discover(ctx)
	if err != nil {
		return claims{}, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), issuerTime)
	defer cancel()
	token, err := cfg.Exchange(ctx, code, oauth2.VerifierOption(trip.Verifier))
	if err != nil {
		return claims{}, refusedByProvider(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return claims{}, refusedByProvider(errors.New("there is no id_token"))
	}
	id, err := known.VerifierContext(ctx, &oidc.Config{ClientID: p.cfg.ClientID, SupportedSigningAlgs: algorithms()}).Verify(ctx, raw)
	if err != nil {
		return claims{}, refusedByProvider(err)
	}
	if trip.Nonce == "" || id.Nonce != trip.Nonce {
		return claims{}, refusedByProvider(errors.New("the nonce is not that of this login"))
	}
	var all map[string]any
	if err := id.Claims(&all); err != nil {
		return claims{}, refusedByProvider(err)
	}
	return p.cfg.read(id.Issuer+"|"+id.Subject, all)
}

func refusedByProvider(err error) error {
	return fault.Wrap(fault.Unauthed, err, "the identity provider's answer is not one that this login asked for").WithHint("begin again at /api/v1/login/oidc")
}

// read finds name and role among the claims; it is pure.
func (o *OIDC) read(subject string, all map[string]any) (claims, error) {
	text := func(claim string) string {
		s, _ := all[claim].(string)
		return s
	}
	c := claims{subject: subject, name: strings.ToLower(text(o.NameClaim)), title: text("name"), mail: text("email")}
	if err := CheckUserName(c.name); err != nil {
		return claims{}, fault.Wrap(fault.Forbidden, err, "the identity provider's claim %s, %q, is no name for a user here", o.NameClaim, clip(c.name)).
			WithHint("auth.oidc.name_claim of the masters names another")
	}
	if checkText("title", c.title, maxTitle) != nil {
		c.title = ""
	}
	if checkPerson(personOf(c)) != nil {
		c.mail = ""
	}
	for _, value := range texts(all[o.RoleClaim]) {
		c.role = max(c.role, personRole(o.Roles[value]))
	}
	if c.role == permit.Nobody {
		c.role = personRole(o.DefaultRole)
	}
	if c.role == permit.Nobody {
		return claims{}, fault.New(fault.Forbidden, "%s may not log in here: the identity provider names no role for %s", c.name, c.name).
			WithHint("auth.oidc.roles of the masters says which values of the claim %q are roles", o.RoleClaim)
	}
	return c, nil
}

// personRole is the role of a name; workers' is no role of a person.
func personRole(name string) permit.Role {
	role, err := checkRole(name)
	if err != nil {
		return permit.Nobody
	}
	return role
}

// texts are the values of a claim that is a text or a list of texts.
func texts(claim any) []string {
	switch c := claim.(type) {
	case string:
		return []string{c}
	case []any:
		var out []string
		for _, v := range c {
			if s, ok := v.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}
