package api

import (
	"slices"
	"strconv"
	"sync"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/master/identity"
	"capricornus/master/plan"
)

// caller is who makes a call.
type caller struct {
	name       string
	holder     permit.Holder
	tokenHash  string // of the token, or of the session's secret
	department int64  // 0: none
	projects   []int64
	source     string // address
	request    string // id of the call

	token, session int64  // ids; one of them is 0
	tokenName      string // of the token
	host           string // a worker's token is bound to; empty: none
	expiresAt      int64  // of the token or session; 0: never
	mustChange     bool   // the password, before anything else
	secure         bool   // the call came by TLS
}

func (c caller) actor() store.Actor {
	return store.Actor{Kind: "person", ID: c.name, Request: c.request}
}

// by is the caller as identity asks about.
func (c caller) by() identity.By {
	return identity.By{Actor: c.actor(), Holder: c.holder, Source: c.source, Token: c.token, Session: c.session}
}

// planner is the caller as plans ask about: who may do what stands with the
// roles, so that a plan can say which batches are somebody else's.
func (c caller) planner() plan.Caller {
	return plan.Caller{
		Actor: c.actor(), Source: c.source, ColdStart: c.holder.May(permit.ColdStart), Everywhere: permit.Operator.Allows(c.holder.Role),
		Department: c.department, Projects: c.projects,
	}
}

// own tells whether something of a project is the caller's: the owner's, the
// department's, a member's.
func (c caller) own(owner string, department, project int64) bool {
	return owner == c.name || c.department != 0 && c.department == department || slices.Contains(c.projects, project)
}

// mayOn tells whether a caller may do something to what belongs to a project.
func (c caller) mayOn(a permit.Action, owner string, department, project int64) bool {
	return c.holder.Everywhere(a) || c.holder.May(a) && c.own(owner, department, project)
}

// ofHost refuses what a worker says of another host than its token is bound to.
func (c caller) ofHost(host string) error {
	if c.host == "" || c.host == host {
		return nil
	}
	return fault.New(fault.Forbidden, "this token is that of host %s, and the call is about %s", c.host, strconv.Quote(host)).
		WithHint("make a token for %s: capri token add --role worker --host HOST", strconv.Quote(host))
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
