package api

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// tokenMemory is how long a credential that was found stays found: a revoked
// one works that much longer at the other masters. What was not found is looked
// up each time, so that a new one works at once.
const (
	tokenMemory = 5 * time.Second
	readMemory  = 15 * time.Minute // while the database does not answer, and to read only
	maxTokens   = 4096
	maxToken    = 512 // bytes of the token itself
	usedEvery   = time.Minute
	flushEvery  = 10 * time.Second
	flushTime   = 500 * time.Millisecond
)

// cookieSession is the name of the cookie that a session is kept by.
const cookieSession = "capri_session"

// tokens finds callers by the hashes of their tokens and of their sessions.
type tokens struct {
	db      *store.DB
	idle    time.Duration // that a session may rest
	mu      sync.Mutex
	found   map[string]foundCaller
	used    map[usedKey]int64 // not yet written
	flushed time.Time
}

type foundCaller struct {
	caller caller
	until  time.Time
	used   int64 // as far as it was written
}

// usedKey names a credential that was used.
type usedKey struct {
	session bool
	id      int64
}

func newTokens(db *store.DB, idle time.Duration) *tokens {
	return &tokens{db: db, idle: idle, found: map[string]foundCaller{}, used: map[usedKey]int64{}, flushed: db.Now()}
}

// presented is a credential as a call brings it.
type presented struct {
	hash    string
	session bool
}

// key tells sessions from tokens: neither is ever taken for the other.
func (p presented) key() string {
	if p.session {
		return "s" + p.hash
	}
	return "t" + p.hash
}

// present reads the credential of a call. A header is more than a cookie, which
// browsers send by themselves.
func present(r *http.Request) (presented, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if token = strings.TrimSpace(token); strings.EqualFold(scheme, "Bearer") && token != "" {
			return presented{hash: wire.TokenHash(token)}, tooLong(token)
		}
	} else if cookie, err := r.Cookie(cookieSession); err == nil && cookie.Value != "" {
		return presented{hash: wire.TokenHash(cookie.Value), session: true}, tooLong(cookie.Value)
	}
	return presented{}, fault.New(fault.Unauthed, "this call needs a token").WithHint("send the header Authorization: Bearer TOKEN")
}

func tooLong(secret string) error {
	if len(secret) > maxToken {
		return unknownCredential(false)
	}
	return nil
}

func unknownCredential(session bool) error {
	if session {
		return fault.New(fault.Unauthed, "the session is over").WithHint("log in again")
	}
	return fault.New(fault.Unauthed, "the token is unknown, expired or revoked").WithHint("ask an administrator for a new one")
}

// authenticate finds out who calls. The zero caller may nothing.
func (t *tokens) authenticate(r *http.Request) (caller, error) {
	p, err := present(r)
	if err != nil {
		return caller{}, err
	}
	found, err := t.find(r.Context(), p)
	if err != nil && !errors.Is(err, store.ErrNotFound) && r.Method == http.MethodGet {
		if known, ok := t.recent(p.key()); ok {
			found, err = known, nil
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		t.forget(p.key())
		return caller{}, unknownCredential(p.session)
	}
	if err != nil {
		return caller{}, err
	}
	return found, nil
}

func (t *tokens) find(ctx context.Context, p presented) (caller, error) {
	now := t.db.Now()
	if known, ok := t.recall(p.key(), now); ok {
		t.flush(ctx, now)
		return known, nil
	}
	var who caller
	var used int64
	err := t.db.View(ctx, func(v *store.ViewTx) (err error) {
		who, used, err = t.read(ctx, v, p)
		return err
	})
	if err != nil {
		return caller{}, err
	}
	who.tokenHash = p.hash
	until := now.Add(tokenMemory)
	if expiry := time.UnixMilli(who.expiresAt); who.expiresAt != 0 && expiry.Before(until) {
		until = expiry
	}
	t.keep(p.key(), foundCaller{caller: who, until: until, used: used}, now)
	t.flush(ctx, now)
	return who, nil
}

// read looks a credential up.
func (t *tokens) read(ctx context.Context, v *store.ViewTx, p presented) (caller, int64, error) {
	if p.session {
		s, err := v.SessionByHash(ctx, p.hash, t.idle.Milliseconds())
		return caller{
			name: s.User, holder: permit.Holder{Role: permit.ParseRole(s.Role)}, department: s.Department, projects: s.Projects,
			session: s.ID, expiresAt: s.ExpiresAt, mustChange: s.MustChange,
		}, s.SeenAt, err
	}
	k, err := v.TokenByHash(ctx, p.hash)
	return callerOfToken(k), k.LastUsedAt, err
}

// callerOfToken is what a token amounts to: no more than its user may now.
func callerOfToken(k store.Token) caller {
	holder := permit.Holder{Role: permit.TokenRole(permit.ParseRole(k.UserRole), permit.ParseRole(k.Role))}
	for name := range strings.FieldsSeq(k.Scopes) {
		holder.Scopes = append(holder.Scopes, permit.Scope(name))
	}
	return caller{
		name: k.User, holder: holder, department: k.Department, projects: k.Projects, token: k.ID, tokenName: k.Name, host: k.Host, expiresAt: k.ExpiresAt,
		mustChange: k.MustChange && strings.HasPrefix(k.Name, store.LoginToken),
	}
}

func (t *tokens) recall(key string, now time.Time) (caller, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.found[key]
	if !ok || !now.Before(known.until) {
		return caller{}, false
	}
	t.note(key, known, now)
	return known.caller, true
}

func (t *tokens) keep(key string, f foundCaller, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.found) >= maxTokens {
		clear(t.found)
	}
	t.found[key] = f
	t.note(key, f, now)
}

// note remembers that a credential was used, once a minute. The lock is held.
func (t *tokens) note(key string, f foundCaller, now time.Time) {
	if now.UnixMilli()-f.used < usedEvery.Milliseconds() || len(t.used) >= maxTokens {
		return
	}
	k := usedKey{session: f.caller.session != 0, id: f.caller.token + f.caller.session}
	f.used = now.UnixMilli()
	t.used[k], t.found[key] = f.used, f
}

// flush writes when credentials were used last, all at once and seldom: no
// call waits for a write of its own. What cannot be written is lost.
func (t *tokens) flush(ctx context.Context, now time.Time) {
	tokens, sessions := t.due(now)
	if len(tokens)+len(sessions) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
	defer cancel()
	_ = t.db.Work(ctx, store.Actor{Kind: "master"}, func(w *store.WorkTx) error {
		if err := w.TokensUsed(ctx, tokens); err != nil {
			return err
		}
		return w.SessionsSeen(ctx, sessions)
	})
}

// due takes what is to be written, if it is time.
func (t *tokens) due(now time.Time) (tokens, sessions map[int64]int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.used) == 0 || now.Sub(t.flushed) < flushEvery {
		return nil, nil
	}
	tokens, sessions = map[int64]int64{}, map[int64]int64{}
	for k, at := range maps.All(t.used) {
		if k.session {
			sessions[k.id] = at
		} else {
			tokens[k.id] = at
		}
	}
	clear(t.used)
	t.flushed = now
	return tokens, sessions
}

// forget drops a credential that is not there any more.
func (t *tokens) forget(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.found, key)
}

// forgetUser drops what is remembered of a user, whose rights have changed.
func (t *tokens) forgetUser(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.found, func(_ string, f foundCaller) bool { return f.caller.name == name })
}

// forgetSession drops a session that has ended.
func (t *tokens) forgetSession(id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.found, func(_ string, f foundCaller) bool { return f.caller.session == id })
}

// recent finds a credential that was good a while ago. It lets people look at
// the cluster while the database cannot be asked who they are.
func (t *tokens) recent(key string) (caller, bool) {
	now := t.db.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.found[key]
	expired := known.caller.expiresAt != 0 && now.UnixMilli() >= known.caller.expiresAt
	return known.caller, ok && !expired && now.Before(known.until.Add(readMemory))
}
