package identity

import (
	"context"
	"errors"
	"strconv"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Lifetimes of the tokens that a login makes.
const (
	loginTime    = 12 * time.Hour
	maxLoginTime = 90 * 24 * time.Hour
	maxClient    = 60 // bytes of the client's name
)

// Attempt is a login that is tried.
type Attempt struct {
	wire.LoginRequest
	Source  string
	Agent   string
	Request string // id of the call
	Replace int64  // the session that the call came with: it ends, whosever it is
}

// Login is what a login that was right has made.
type Login struct {
	Person    store.Person
	Secret    string // of the session or token
	ExpiresAt int64
	Session   bool
}

// refusedLogin is the one sentence for all that can be wrong with a name and a
// password: nobody learns which users there are.
func refusedLogin() error {
	return fault.New(fault.Unauthed, "the name or the password is wrong").WithHint("an administrator can set a new password")
}

func paused(until, now time.Time) error {
	left := (until.Sub(now) + time.Second - 1).Truncate(time.Second)
	return fault.New(fault.TooMany, "too many logins have failed").WithHint("try again in %s, at %s", left, until.UTC().Format(time.RFC3339))
}

// Login checks a name and a password and makes a session or a token. Whether
// there is such a user or not, the same is done, and takes the same time.
func (s *Service) Login(ctx context.Context, a Attempt) (Login, error) {
	lasts, err := a.lasts(s.max)
	if err != nil {
		return Login{}, err
	}
	now := s.db.Now()
	p, err := s.candidate(ctx, a, now)
	if err != nil {
		return Login{}, err
	}
	right, old, err := s.hasher.check(ctx, p.PasswordHash, a.Password)
	if err != nil {
		return Login{}, err
	}
	right = right && p.IsEnabled
	rehashed := ""
	if right && old {
		if rehashed, err = s.hasher.hash(ctx, a.Password); err != nil {
			return Login{}, err
		}
	}
	out, err := s.settleLogin(ctx, a, verdict{person: p, right: right, rehashed: rehashed, lasts: lasts})
	if err != nil {
		return Login{}, err
	}
	if out.Secret == "" {
		s.sources.fail(a.Source, now)
		if p.ID == 0 {
			s.unknown.fail(a.Name, now)
		}
		return Login{}, refusedLogin()
	}
	s.sources.forgive(a.Source)
	return out, nil
}

// lasts is how long what the login makes is good.
func (a *Attempt) lasts(session time.Duration) (time.Duration, error) {
	if err := checkText("client's name", a.Client, maxClient); err != nil {
		return 0, err
	}
	if len(a.Password) > mostPassword || len(a.Name) > 100 {
		return 0, refusedLogin()
	}
	if a.Session {
		return session, nil
	}
	lasts := time.Duration(a.ExpiresInSeconds) * time.Second
	if a.ExpiresInSeconds < 0 || a.ExpiresInSeconds > int64(maxLoginTime/time.Second) {
		return 0, fault.New(fault.Invalid, "a login lasts 1 second to 90 days, not %d seconds", a.ExpiresInSeconds)
	}
	if lasts == 0 {
		lasts = loginTime
	}
	return lasts, nil
}

// candidate reads who wants to log in, unless that one, or the address, has
// failed too often. Nobody is the zero person.
func (s *Service) candidate(ctx context.Context, a Attempt, now time.Time) (store.Person, error) {
	if until := s.sources.until(a.Source); now.Before(until) {
		return store.Person{}, paused(until, now)
	}
	var p store.Person
	err := s.db.View(ctx, func(t *store.ViewTx) (err error) {
		p, err = t.PersonByName(ctx, a.Name)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Person{}, err
	}
	until := time.UnixMilli(p.LockedUntil)
	if p.ID == 0 {
		until = s.unknown.until(a.Name)
	}
	if now.Before(until) {
		return store.Person{}, paused(until, now)
	}
	return p, nil
}

// verdict is what the check of a password came to.
type verdict struct {
	person   store.Person
	right    bool
	rehashed string // empty: the stored hash stays
	lasts    time.Duration
}

// settleLogin writes what a login came to: a session or a token, or one failure
// more. The row is looked at again under lock: somebody else may have failed, or
// the password may have been changed, meanwhile.
func (s *Service) settleLogin(ctx context.Context, a Attempt, v verdict) (Login, error) {
	ids, err := s.db.IDs(ctx, 2)
	if err != nil {
		return Login{}, err
	}
	by, object := store.Actor{Kind: "person", ID: v.person.Name, Request: a.Request}, v.person.Name
	if v.person.ID == 0 {
		by.ID, object = "nobody", "a name that nobody has" // it may be a password in the wrong field
	}
	var out Login
	err = s.db.Operate(ctx, by, func(t *store.OperateTx) error {
		out = Login{}
		p, err := t.LockPerson(ctx, v.person.Name)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		row := store.Audit{ID: ids[0], Action: "login", Object: object, Source: a.Source}
		if now := time.UnixMilli(t.Now()); now.UnixMilli() < p.LockedUntil {
			return paused(time.UnixMilli(p.LockedUntil), now)
		}
		if !v.right || !p.IsEnabled || p.PasswordHash != v.person.PasswordHash {
			row.Action = "login.refused"
			p.FailedLogins++
			if pause := pauseAfter(p.FailedLogins, freeTries); pause > 0 {
				p.LockedUntil = t.Now() + pause.Milliseconds()
			}
			if err := t.SavePerson(ctx, p); err != nil { // of nobody: nothing
				return err
			}
			return noted{After: map[string]int{"failures": p.FailedLogins}}.write(ctx, t, row)
		}
		p.FailedLogins, p.LockedUntil, p.LastLoginAt = 0, 0, t.Now()
		if v.rehashed != "" {
			p.PasswordHash = v.rehashed
		}
		if err := t.SavePerson(ctx, p); err != nil {
			return err
		}
		if out, err = s.open(ctx, t, a, opening{person: p, id: ids[1], lasts: v.lasts}); err != nil {
			return err
		}
		return noted{After: out.tell(a, ids[1])}.write(ctx, t, row)
	})
	return out, err
}

// tell is what the audit keeps of what a login has made.
func (l Login) tell(a Attempt, id int64) map[string]string {
	kind := "token"
	if l.Session {
		kind = "session"
	}
	return map[string]string{"made": kind, "id": strconv.FormatInt(id, 10), "client": a.Client, "expires": time.UnixMilli(l.ExpiresAt).UTC().Format(time.RFC3339)}
}

// opening is a session or token to be made.
type opening struct {
	person store.Person
	id     int64
	lasts  time.Duration
}

// open makes a session or a token. The session that a call came with ends: a
// cookie that somebody else has set is never kept.
func (s *Service) open(ctx context.Context, t *store.OperateTx, a Attempt, o opening) (Login, error) {
	if a.Replace != 0 {
		if err := t.EndSession(ctx, a.Replace); err != nil {
			return Login{}, err
		}
	}
	out := Login{Person: o.person, Session: a.Session, ExpiresAt: t.Now() + o.lasts.Milliseconds()}
	if a.Session {
		out.Secret = newSecret("")
		return out, t.PutSession(ctx, store.Session{
			ID: o.id, Hash: wire.TokenHash(out.Secret), UserID: o.person.ID, ExpiresAt: out.ExpiresAt, Source: a.Source, Agent: a.Agent,
		})
	}
	out.Secret = newSecret(tokenPrefix)
	name := a.Client
	if name == "" {
		name = a.Source
	}
	return out, t.PutToken(ctx, store.Token{
		ID: o.id, Hash: wire.TokenHash(out.Secret), Name: store.LoginToken + name, UserID: o.person.ID, Role: o.person.Role, ExpiresAt: out.ExpiresAt,
	})
}
