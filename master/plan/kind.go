package plan

import (
	"cmp"
	"context"
	"slices"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Kinds of plans and operations.
const (
	KindColdStart = "coldstart"
	KindRerun     = "rerun"
	KindKill      = "kill"
	KindHold      = "hold"
	KindRelease   = "release"
	KindMark      = "mark"
)

// Caller is who plans and applies, with what this person may do: the planner
// lists what is not allowed, it never leaves it out silently.
type Caller struct {
	store.Actor
	Source     string  // address of the call, for the audit
	ColdStart  bool    // may cold-start
	Everywhere bool    // may change batches of every project
	Department int64   // otherwise those of this department's projects; 0: none
	Projects   []int64 // and those of projects that the caller is a member of
}

// may tells whether the caller may change batches of a task: of everybody's, of
// the department's, of the person's own, of a project that the person is a
// member of.
func (c Caller) may(owner string, department, project int64) bool {
	return c.Everywhere || owner == c.ID || c.Department != 0 && c.Department == department || slices.Contains(c.Projects, project)
}

// planned is what a request comes to.
type planned struct {
	items    []Item
	warnings []string // about the whole plan
}

// check refuses requests that make no sense whatever the database holds, and
// fills in defaults.
func check(req *wire.PlanRequest) error {
	switch req.Kind {
	case KindColdStart:
		return cmp.Or(checkColdStart(req), refuseChoices(req))
	case KindRerun:
		return cmp.Or(checkRerun(req), refuseChoices(req))
	case KindKill, KindHold, KindRelease, KindMark:
		return checkCommand(req)
	}
	return fault.New(fault.Invalid, "plan kind %q is unknown", req.Kind).WithHint("write coldstart, rerun, kill, hold, release or mark")
}

// refuseChoices refuses what only commands understand, rather than ignore it.
func refuseChoices(req *wire.PlanRequest) error {
	if len(req.Refs) > 0 || req.State != "" || req.Host != "" || req.Operation != 0 || req.Result != "" || req.Until != 0 {
		return fault.New(fault.Invalid, "refs, state, host, operation, result and until choose batches that are there, for commands").
			WithHint("name tasks and a range of work numbers")
	}
	if req.Kind == KindColdStart && req.Cascade != "" {
		return fault.New(fault.Invalid, "a cold start has no cascade").WithHint("plan a rerun")
	}
	return nil
}

// planItems decides about every batch a request asks about.
func (p *Planner) planItems(ctx context.Context, t *store.ViewTx, by Caller, req wire.PlanRequest, now time.Time) (planned, error) {
	switch req.Kind {
	case KindColdStart:
		if !by.ColdStart {
			return planned{}, fault.New(fault.Forbidden, "cold starts are for super administrators")
		}
		items, err := p.coldStartItems(ctx, t, req, now)
		return planned{items: items}, err
	case KindRerun:
		return p.rerunItems(ctx, t, by, req, now)
	}
	return p.commandItems(ctx, t, by, req)
}

// checkColdStart refuses cold starts that make no sense.
func checkColdStart(req *wire.PlanRequest) error {
	if req.Mode == "" {
		req.Mode = ModeAll
	}
	if req.Mode != ModeAll && req.Mode != ModeMissing {
		return fault.New(fault.Invalid, "mode %q is unknown", req.Mode).WithHint("write all or missing")
	}
	if req.Project != "" && len(req.Tasks) > 0 {
		return fault.New(fault.Invalid, "a cold start names a project or a list of tasks, not both")
	}
	if req.From == "" || req.To == "" {
		return fault.New(fault.Invalid, "a cold start needs a range of work numbers").WithHint("for example from 20150518 to 20150521")
	}
	return nil
}
