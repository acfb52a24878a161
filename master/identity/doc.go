// Package identity knows persons and programs: how they prove who they are, and
// what they are given. Rules are pure functions; whatever is changed is changed
// in one transaction with its one audit row.
package identity

import (
	"time"

	"capricornus/common/permit"
	"capricornus/common/store"
)

// Config says how long logins last. What is zero has its default.
type Config struct {
	Idle time.Duration // a session that rests longer is over
	Max  time.Duration // a session is over after that, however it is used
	Cost Cost          // of passwords
	OIDC OIDC          // logins at an identity provider; without issuer there are none
}

// Defaults of Config.
const (
	defaultIdle = time.Hour
	defaultMax  = 12 * time.Hour
)

// Service does what people ask for. It is safe for concurrent use.
type Service struct {
	db      *store.DB
	idle    time.Duration
	max     time.Duration
	hasher  *hasher
	sources *backoff // failed logins by address
	unknown *backoff // failed logins of names that nobody has
	oidc    *provider
}

// New makes a service.
func New(db *store.DB, cfg Config) *Service {
	s := &Service{db: db, idle: cfg.Idle, max: cfg.Max, hasher: newHasher(cfg.Cost), sources: newBackoff(sourceTries), unknown: newBackoff(freeTries)}
	if s.idle <= 0 {
		s.idle = defaultIdle
	}
	if s.max <= 0 {
		s.max = defaultMax
	}
	if cfg.OIDC.Issuer != "" {
		s.oidc = newProvider(cfg.OIDC)
	}
	return s
}

// Idle is how long a session may rest.
func (s *Service) Idle() time.Duration { return s.idle }

// By is who asks for a change, and from where.
type By struct {
	store.Actor
	Holder  permit.Holder
	Source  string // address of the call
	Token   int64  // the token that the call is made with; 0: none
	Session int64  // the session that the call is made in; 0: none
}
