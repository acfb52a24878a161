package identity

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const (
	tokenPrefix  = "capri_"
	maxTokenName = 100
	maxTokenTime = 10 * 365 * 24 * time.Hour
)

// newSecret makes a secret of 32 random bytes.
func newSecret(prefix string) string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return prefix + hex.EncodeToString(secret)
}

func (b By) managesUsers() bool { return b.Holder.May(permit.ManageUsers) }

// ParseScopes reads what a token is narrowed to; what is not known is refused.
func ParseScopes(names []string) ([]permit.Scope, error) {
	var out []permit.Scope
	for _, name := range names {
		scope := permit.Scope(name)
		if !slices.Contains(permit.Scopes(), scope) {
			known := make([]string, 0, len(permit.Scopes()))
			for _, s := range permit.Scopes() {
				known = append(known, string(s))
			}
			return nil, fault.New(fault.Invalid, "there is no scope %q", clip(name)).WithHint("write some of %s", strings.Join(known, ", "))
		}
		if !slices.Contains(out, scope) {
			out = append(out, scope)
		}
	}
	return out, nil
}

// checkToken refuses a token that would be more than its maker is: a role above
// the maker's, scopes the maker's own token does not have.
func checkToken(by permit.Holder, r wire.TokenRequest, role permit.Role, scopes []permit.Scope) error {
	if role == permit.Worker {
		if len(scopes) > 0 {
			return fault.New(fault.Invalid, "a worker's token has no scopes").WithHint("bind it to a host instead")
		}
		if !by.May(permit.ManageUsers) {
			return fault.New(fault.Forbidden, "workers' tokens are made by super administrators").WithHint("ask one of them")
		}
		return nil
	}
	if r.Host != "" {
		return fault.New(fault.Invalid, "only workers' tokens are bound to a host").WithHint("write role worker, or leave host out")
	}
	if !role.Allows(by.Role) {
		return fault.New(fault.Forbidden, "a token with the role %s would be more than this one's %s", role, by.Role)
	}
	if len(by.Scopes) == 0 {
		return nil
	}
	if len(scopes) == 0 {
		return fault.New(fault.Forbidden, "a token without scopes would be more than this one, which has only %s", by.ScopeNames()).WithHint("name some of these scopes")
	}
	for _, s := range scopes {
		if !slices.Contains(by.Scopes, s) {
			return fault.New(fault.Forbidden, "the scope %s is not one of this token's: %s", s, by.ScopeNames())
		}
	}
	return nil
}

// CreateToken makes a token; its secret is returned this once.
func (s *Service) CreateToken(ctx context.Context, by By, r wire.TokenRequest) (store.Token, string, error) {
	if r.Name == "" || strings.HasPrefix(r.Name, store.LoginToken) {
		return store.Token{}, "", fault.New(fault.Invalid, "a token needs a name that says who uses it, and not one that begins with %q", store.LoginToken)
	}
	if err := checkText("name", r.Name, maxTokenName); err != nil {
		return store.Token{}, "", err
	}
	if r.ExpiresInSeconds < 0 || r.ExpiresInSeconds > int64(maxTokenTime/time.Second) {
		return store.Token{}, "", fault.New(fault.Invalid, "a token lasts up to 10 years, or for ever with 0, not %d seconds", r.ExpiresInSeconds)
	}
	if r.Host != "" && !hostName(r.Host) {
		return store.Token{}, "", fault.New(fault.Invalid, "%q is no host name", clip(r.Host)).WithHint("letters, digits, dots, dashes and underscores")
	}
	user := r.User
	if user == "" {
		user = by.ID
	}
	if user != by.ID && !by.managesUsers() {
		return store.Token{}, "", fault.New(fault.Forbidden, "tokens of other users are made by super administrators").WithHint("leave user out for one of your own")
	}
	scopes, err := ParseScopes(r.Scopes)
	if err != nil {
		return store.Token{}, "", err
	}
	secret := newSecret(tokenPrefix)
	k := store.Token{Hash: wire.TokenHash(secret), Name: r.Name, User: user, Host: r.Host, Scopes: strings.Join(names(scopes), " ")}
	err = s.change(ctx, by, act{"token.create", user, 1}, func(t *store.OperateTx, ids []int64) (noted, error) {
		p, err := t.PersonByName(ctx, user)
		if errors.Is(err, store.ErrNotFound) {
			return noted{}, missing("user", user)
		}
		if err != nil {
			return noted{}, err
		}
		role, err := roleFor(p, r.Role, by)
		if err != nil {
			return noted{}, err
		}
		if err := checkToken(by.Holder, r, role, scopes); err != nil {
			return noted{}, err
		}
		k.ID, k.UserID, k.Role = ids[0], p.ID, role.String()
		if r.ExpiresInSeconds > 0 {
			k.ExpiresAt = t.Now() + r.ExpiresInSeconds*1000
		}
		if err := t.PutToken(ctx, k); err != nil {
			return noted{}, err
		}
		k, err = t.TokenByID(ctx, k.ID)
		return noted{After: tellToken(k), Reason: r.Reason}, err
	})
	return k, secret, err
}

// roleFor is the role of a token for a user: the one asked for, or as much as
// user and maker both may.
func roleFor(p store.Person, asked string, by By) (permit.Role, error) {
	if asked == permit.Worker.String() {
		if permit.TokenRole(permit.ParseRole(p.Role), permit.Worker) != permit.Worker {
			return permit.Nobody, fault.New(fault.Invalid, "a worker's token belongs to an administrator, and %s is none", p.Name)
		}
		return permit.Worker, nil
	}
	have := permit.ParseRole(p.Role)
	if asked == "" {
		return min(have, by.Holder.Role), nil
	}
	role, err := checkRole(asked)
	if err == nil && role > have {
		return permit.Nobody, fault.New(fault.Forbidden, "a token with the role %s would be more than %s's %s", role, p.Name, have)
	}
	return role, err
}

func names(scopes []permit.Scope) []string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = string(s)
	}
	return out
}

// hostName tells whether a text can be the name of a host.
func hostName(text string) bool {
	return len(text) <= 100 && !strings.ContainsFunc(text, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.'
	})
}

func tellToken(k store.Token) map[string]any {
	return map[string]any{"id": k.ID, "name": k.Name, "user": k.User, "role": k.Role, "scopes": k.Scopes, "host": k.Host, "expiresAt": k.ExpiresAt}
}

// RevokeToken ends a token: one's own, or anybody's for who may. One that has
// ended is left as it is.
func (s *Service) RevokeToken(ctx context.Context, by By, id int64, reason string) (store.Token, error) {
	var gone store.Token
	err := s.change(ctx, by, act{"token.revoke", "token " + strconv.FormatInt(id, 10), 0}, func(t *store.OperateTx, _ []int64) (noted, error) {
		var err error
		if gone, err = t.TokenByID(ctx, id); err != nil || gone.User != by.ID && !by.managesUsers() {
			return noted{}, orMissing(err, "token", id)
		}
		return noted{Before: tellToken(gone), Reason: reason}, t.RevokeToken(ctx, id)
	})
	return gone, err
}

// orMissing is the error of something that is not there, or is somebody else's:
// the caller learns no difference.
func orMissing(err error, what string, id int64) error {
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return missing(what, strconv.FormatInt(id, 10))
}
