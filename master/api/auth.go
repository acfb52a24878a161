package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/plan"
)

// tokenMemory is how long a token that was found stays found: a revoked one
// works that much longer. Tokens that were not found are looked up each time,
// so that a new one works at once.
const (
	tokenMemory = 5 * time.Second
	readMemory  = 15 * time.Minute // while the database does not answer, and to read only
	maxTokens   = 4096
	maxToken    = 512 // bytes of the token itself
)

// caller is who makes a call.
type caller struct {
	name       string
	holder     permit.Holder
	tokenHash  string
	department int64  // 0: none
	source     string // address
}

func (c caller) actor() store.Actor { return store.Actor{Kind: "person", ID: c.name} }

// planner is the caller as plans ask about: who may do what stands with the
// roles, so that a plan can say which batches are somebody else's.
func (c caller) planner() plan.Caller {
	return plan.Caller{
		Actor: c.actor(), Source: c.source, ColdStart: c.holder.May(permit.ColdStart), Everywhere: c.holder.May(permit.ChangeAny), Department: c.department,
	}
}

// tokens finds callers by the hashes of their tokens.
type tokens struct {
	db    *store.DB
	mu    sync.Mutex
	found map[string]foundToken
}

type foundToken struct {
	token store.Token
	until time.Time
}

func newTokens(db *store.DB) *tokens { return &tokens{db: db, found: map[string]foundToken{}} }

// authenticate finds out who calls. The zero caller may nothing.
func (t *tokens) authenticate(r *http.Request) (caller, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return caller{}, fault.New(fault.Unauthed, "this call needs a token").WithHint("send the header Authorization: Bearer TOKEN")
	}
	unknown := fault.New(fault.Unauthed, "the token is unknown, expired or revoked").WithHint("ask an administrator for a new one")
	if len(token) > maxToken {
		return caller{}, unknown
	}
	hash := wire.TokenHash(token)
	found, err := t.find(r.Context(), hash)
	if err != nil && !errors.Is(err, store.ErrNotFound) && r.Method == http.MethodGet {
		if known, ok := t.recent(hash); ok {
			found, err = known, nil
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		t.forget(hash)
		return caller{}, unknown
	}
	if err != nil {
		return caller{}, err
	}
	return caller{name: found.User, holder: permit.Holder{Role: permit.ParseRole(found.Role)}, tokenHash: hash, department: found.Department}, nil
}

func (t *tokens) find(ctx context.Context, hash string) (store.Token, error) {
	now := t.db.Now()
	if known, ok := t.recall(hash, now); ok {
		return known, nil
	}
	var token store.Token
	err := t.db.View(ctx, func(v *store.ViewTx) (err error) {
		token, err = v.TokenByHash(ctx, hash)
		return err
	})
	if err != nil {
		return store.Token{}, err
	}
	until := now.Add(tokenMemory)
	if expiry := time.UnixMilli(token.ExpiresAt); token.ExpiresAt != 0 && expiry.Before(until) {
		until = expiry
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.found) >= maxTokens {
		clear(t.found)
	}
	t.found[hash] = foundToken{token: token, until: until}
	return token, nil
}

func (t *tokens) recall(hash string, now time.Time) (store.Token, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.found[hash]
	return known.token, ok && now.Before(known.until)
}

// forget drops a token that is not there any more.
func (t *tokens) forget(hash string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.found, hash)
}

// recent finds a token that was good a while ago. It lets people look at the
// cluster while the database cannot be asked who they are.
func (t *tokens) recent(hash string) (store.Token, bool) {
	now := t.db.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.found[hash]
	expired := known.token.ExpiresAt != 0 && now.UnixMilli() >= known.token.ExpiresAt
	return known.token, ok && !expired && now.Before(known.until.Add(readMemory))
}

// hostKeys remembers with which token each worker was last heard of. Calls to
// the worker are signed with its hash; after a master's restart it is learned
// anew within a heartbeat.
type hostKeys struct {
	mu     sync.Mutex
	hashes map[string]string
}

// maxHosts bounds the memory; more workers than that are not supported.
const maxHosts = 20_000

func newHostKeys() *hostKeys { return &hostKeys{hashes: map[string]string{}} }

func (h *hostKeys) learn(host, tokenHash string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.hashes) >= maxHosts {
		clear(h.hashes)
	}
	h.hashes[host] = tokenHash
}

func (h *hostKeys) of(host string) (string, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	hash, ok := h.hashes[host]
	return hash, ok
}
