package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// TripTime is how long somebody may take at the identity provider.
const TripTime = 10 * time.Minute

// Trip is a login that is under way at the identity provider. The browser keeps
// it, sealed, until it comes back.
type Trip struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Until    int64  `json:"u"`
}

func noProvider() error {
	return fault.New(fault.NotFound, "this cluster has no identity provider").WithHint("log in by name and password; auth.oidc.issuer of the masters names one")
}

// Depart begins a login at the identity provider: where the browser goes, and
// what it keeps meanwhile.
func (s *Service) Depart(ctx context.Context) (to, sealed string, err error) {
	if s.oidc == nil {
		return "", "", noProvider()
	}
	_, cfg, err := s.oidc.discover(ctx)
	if err != nil {
		return "", "", err
	}
	trip := Trip{State: newSecret(""), Nonce: newSecret(""), Verifier: oauth2.GenerateVerifier(), Until: s.db.Now().Add(TripTime).UnixMilli()}
	to = cfg.AuthCodeURL(trip.State, oidc.Nonce(trip.Nonce), oauth2.S256ChallengeOption(trip.Verifier))
	sealed, err = s.oidc.seal(trip)
	return to, sealed, err
}

// sign is the seal of a text. The key is made of the secret that all masters
// share with the identity provider, so that any of them may be come back to.
func (p *provider) sign(text string) []byte {
	key := sha256.Sum256([]byte("capricornus login trip\x00" + p.cfg.ClientID + "\x00" + p.cfg.ClientSecret))
	mac := hmac.New(sha256.New, key[:])
	_, _ = mac.Write([]byte(text))
	return mac.Sum(nil)
}

func (p *provider) seal(trip Trip) (string, error) {
	text, err := json.Marshal(trip)
	if err != nil {
		return "", err
	}
	body := base64.RawURLEncoding.EncodeToString(text)
	return body + "." + base64.RawURLEncoding.EncodeToString(p.sign(body)), nil
}

// unseal reads what seal wrote, unless it is too old or somebody else's.
func (p *provider) unseal(sealed string, now time.Time) (Trip, error) {
	var trip Trip
	body, seal, _ := strings.Cut(sealed, ".")
	given, err := base64.RawURLEncoding.DecodeString(seal)
	if err != nil || !hmac.Equal(given, p.sign(body)) {
		return trip, errors.New("the login's cookie is missing or not ours")
	}
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err == nil {
		err = json.Unmarshal(text, &trip)
	}
	if err == nil && now.UnixMilli() > trip.Until {
		err = errors.New("the login took too long")
	}
	return trip, err
}

// Return is a browser that comes back from the identity provider.
type Return struct {
	Attempt
	Sealed string // what it kept
	State  string
	Code   string
	Issuer string // as the answer names it; empty: it does not
	Error  string // what the provider says was wrong; empty: nothing
}

// Arrive ends a login at the identity provider: the user is made or brought up
// to date, and a session begins.
func (s *Service) Arrive(ctx context.Context, r Return) (Login, error) {
	if s.oidc == nil {
		return Login{}, noProvider()
	}
	trip, err := s.oidc.unseal(r.Sealed, s.db.Now())
	if err == nil && subtle.ConstantTimeCompare([]byte(trip.State), []byte(r.State)) != 1 {
		err = errors.New("the state is not that of this login")
	}
	if err == nil && r.Issuer != "" && r.Issuer != s.oidc.cfg.Issuer {
		err = errors.New("the answer is of another issuer")
	}
	if err != nil {
		return Login{}, refusedByProvider(err)
	}
	if r.Error != "" || r.Code == "" {
		return Login{}, fault.New(fault.Unauthed, "the identity provider has not let you in: %s", clip(r.Error)).WithHint("begin again at /api/v1/login/oidc")
	}
	c, err := s.oidc.redeem(ctx, trip, r.Code)
	if err != nil {
		return Login{}, err
	}
	return s.welcome(ctx, r.Attempt, c)
}

func personOf(c claims) store.Person {
	return store.Person{Name: c.name, Title: c.title, Mail: c.mail, Role: max(c.role, permit.Viewer).String(), IsEnabled: true, Subject: c.subject}
}

// welcome makes the user or brings it up to date, and begins a session. A user
// of the same name that the provider does not know is never taken over.
func (s *Service) welcome(ctx context.Context, a Attempt, c claims) (Login, error) {
	a.LoginRequest = wire.LoginRequest{Session: true}
	by := By{Actor: store.Actor{Kind: "person", ID: c.name, Request: a.Request}, Source: a.Source}
	var out Login
	err := s.change(ctx, by, act{"login.oidc", c.name, 2}, func(t *store.OperateTx, ids []int64) (noted, error) {
		rulers, err := t.LockSuperadmins(ctx)
		if err != nil {
			return noted{}, err
		}
		p, err := t.PersonBySubject(ctx, c.subject)
		var n noted
		switch {
		case errors.Is(err, store.ErrNotFound):
			p = personOf(c)
			p.ID, p.LastLoginAt = ids[0], t.Now()
			if err := t.AddPerson(ctx, p); errors.Is(err, store.ErrExists) {
				return noted{}, fault.Wrap(fault.Conflict, err, "there is a user %s here that is not the identity provider's", c.name).
					WithHint("an administrator has to give one of the two another name")
			} else if err != nil {
				return noted{}, err
			}
			n = noted{After: tellPerson(p)}
		case err != nil:
			return noted{}, err
		case !p.IsEnabled:
			return noted{}, fault.New(fault.Forbidden, "%s is disabled here", p.Name).WithHint("ask an administrator")
		default:
			if p, n, err = brought(ctx, t, p, c, rulers); err != nil {
				return noted{}, err
			}
		}
		out, err = s.open(ctx, t, a, opening{person: p, id: ids[1], lasts: s.max})
		return n, err
	})
	return out, err
}

// brought brings a user up to date with what the provider says. The last super
// administrator stays one.
func brought(ctx context.Context, t *store.OperateTx, was store.Person, c claims, rulers []int64) (store.Person, noted, error) {
	p, err := t.LockPerson(ctx, was.Name)
	if err != nil {
		return p, noted{}, err
	}
	before := tellPerson(p)
	last := superadmin(p) && !slices.ContainsFunc(rulers, func(id int64) bool { return id != p.ID })
	if !last {
		p.Role = c.role.String()
	}
	if c.title != "" {
		p.Title = c.title
	}
	if c.mail != "" {
		p.Mail = c.mail
	}
	p.LastLoginAt = t.Now()
	return p, noted{Before: before, After: tellPerson(p)}, t.SavePerson(ctx, p)
}
