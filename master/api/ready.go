package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// readyTimeout bounds all checks together: load balancers look every few seconds.
const readyTimeout = 2 * time.Second

// raftLag is how many entries of raft's log a master may be behind and still
// count as caught up: the log holds who leads and who is a member, no batches.
const raftLag = 100

// check is one condition of being ready.
type check struct {
	name   string
	bad    string // what is wrong, in a sentence; empty: nothing
	detail string // a figure, when all is well
}

// checks remembers since when each check has been as it is.
type checks struct {
	mu    sync.Mutex
	known map[string]wire.ReadyCheck
}

func newChecks() *checks { return &checks{known: map[string]wire.ReadyCheck{}} }

// note keeps how the checks are now.
func (c *checks) note(now time.Time, all []check) []wire.ReadyCheck {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]wire.ReadyCheck, len(all))
	for i, k := range all {
		was, seen := c.known[k.name]
		is := wire.ReadyCheck{Name: k.name, State: wire.ReadyOK, Since: was.Since, Detail: k.detail}
		if k.bad != "" {
			is.State, is.Detail = wire.ReadyFailing, k.bad
		}
		if !seen || was.State != is.State {
			is.Since = now.UnixMilli()
		}
		c.known[k.name], out[i] = is, is
	}
	return out
}

// ready tells load balancers whether this master can serve; with ?verbose it
// tells people each check.
func (a *api) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	all := a.checks.note(time.Now(), []check{a.checkDatabase(ctx), a.checkLeader(), a.checkRaft(), a.checkStopping()})
	var bad []string
	for _, c := range all {
		if c.State != wire.ReadyOK {
			bad = append(bad, c.Detail)
		}
	}
	switch {
	case r.URL.Query().Has("verbose"):
		w.Header().Set("Content-Type", "application/json")
		if len(bad) > 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(wire.Ready{Ready: len(bad) == 0, Node: a.Node, Version: a.Version, Checks: all})
	case len(bad) > 0:
		writeProblem(w, newProblem(fault.Unavailable, http.StatusServiceUnavailable, strings.Join(bad, "; ")).under(requestID(ctx)))
	default:
		plain(w, "ready\n")
	}
}

func (a *api) checkDatabase(ctx context.Context) check {
	c := check{name: "database"}
	began := time.Now()
	if !a.databaseAnswers(ctx) {
		c.bad = "the database does not answer"
		return c
	}
	c.detail = fmt.Sprintf("answered in %d ms", time.Since(began).Milliseconds())
	return c
}

func (a *api) checkLeader() check {
	c := check{name: "leader"}
	node, _, known := a.Leader()
	if !known {
		c.bad = "no master leads at the moment"
	}
	c.detail = node
	return c
}

// checkRaft asks whether this master knows what the others have agreed on.
func (a *api) checkRaft() check {
	c := check{name: "raft", detail: "a cluster of one"}
	if a.Members == nil {
		return c
	}
	switch s := a.Members.Status(); {
	case s.State == "down", s.State == "joining", s.State == "removed", s.State == "shutdown":
		c.bad = "this master is no working member of the cluster: raft says " + s.State
	case s.LastIndex > s.Applied+raftLag:
		c.bad = fmt.Sprintf("raft has not caught up: %d of %d entries are applied", s.Applied, s.LastIndex)
	default:
		c.detail = fmt.Sprintf("%s, %d of %d entries applied", s.State, s.Applied, s.LastIndex)
	}
	return c
}

func (a *api) checkStopping() check {
	c := check{name: "stopping", detail: "no"}
	if a.Stopping != nil && a.Stopping() {
		c.bad = "this master is stopping"
	}
	return c
}
