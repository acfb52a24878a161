package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Object is a task or a project that is held or released as a whole: by a
// person, or by its breaker (domain.md §6: 暂停, 熔断).
type Object struct {
	Kind   string // store.HoldTask or store.HoldProject
	Name   string
	Source string // store.SourcePerson or store.SourceBreaker
}

// verbs are what holding and releasing is called, for this source.
func (o Object) verbs() (hold, release string) {
	if o.Source == store.SourceBreaker {
		return "breaker.trip", "breaker.reset"
	}
	return o.Kind + ".hold", o.Kind + ".release"
}

// heldObject is an object that is locked, with what holds it.
type heldObject struct {
	Object
	id   int64
	held []store.Hold
}

// HoldObject keeps all batches of a task or project from being assigned. What is
// assigned is taken back at once; what runs goes on and is held at its retry.
// Holding again changes the reason and the end.
func (p *Planner) HoldObject(ctx context.Context, by Caller, o Object, c Command) (wire.CommandReply, error) {
	c.Kind, c.By = KindHold, by.ID
	if err := c.check(p.db.Now().UnixMilli()); err != nil {
		return wire.CommandReply{}, err
	}
	action, _ := o.verbs()
	return p.turnHold(ctx, by, holding{action, o, c}, func(t *store.OperateTx, h *heldObject, id int64) (wire.CommandReply, error) {
		ruling := ruleHold(c, &store.Work{}, onlyOf(h.held, o.Source))
		out := wire.CommandReply{Object: o.Name, Code: ruling.Code, Changed: ruling.Decision == Change, Message: h.told(ruling)}
		if ruling.Decision != Change {
			return out, nil
		}
		return out, t.PutHold(ctx, store.Hold{ID: id, Kind: o.Kind, ObjectID: h.id, Actor: by.ID, Reason: c.Reason, Source: o.Source, Until: c.Until})
	})
}

// told says what holding an object has done.
func (h *heldObject) told(r Ruling) string {
	what, is := h.Kind+" "+h.Name, "held"
	if h.Source == store.SourceBreaker {
		what, is = "the breaker of "+what, "tripped"
	}
	switch r.Code {
	case CodeSame:
		return fmt.Sprintf("%s is %s already, for the same reason", what, is)
	case CodeHoldAgain:
		return fmt.Sprintf("%s stays %s, for the reason and until the end given now", what, is)
	}
	return fmt.Sprintf("%s is %s: what waits is not assigned, what runs goes on", what, is)
}

// ReleaseObject ends the hold of one source on a task or project. What is not held is
// left as it is; what another source holds stays held, and that is an error.
func (p *Planner) ReleaseObject(ctx context.Context, by Caller, o Object, c Command) (wire.CommandReply, error) {
	c.Kind, c.By = KindRelease, by.ID
	if err := c.check(p.db.Now().UnixMilli()); err != nil {
		return wire.CommandReply{}, err
	}
	_, action := o.verbs()
	return p.turnHold(ctx, by, holding{action, o, c}, func(t *store.OperateTx, h *heldObject, _ int64) (wire.CommandReply, error) {
		what := h.Kind + " " + h.Name
		out := wire.CommandReply{Object: o.Name, Code: CodeNotHeld}
		if len(onlyOf(h.held, o.Source)) == 0 {
			if len(h.held) > 0 {
				return out, fault.New(fault.Conflict, "%s is not held that way: %s", what, byWhom(&h.held[0])).WithHint("%s", howToEnd(&h.held[0]))
			}
			out.Message = what + " is not held"
			return out, nil
		}
		out.Code, out.Changed, out.Message = CodeRelease, true, what+" is released"
		if o.Source == store.SourceBreaker {
			out.Message = "the breaker of " + what + " is closed"
		}
		for i := range h.held {
			if h.held[i].Source != o.Source {
				out.Next = fmt.Sprintf("it still waits: %s (%s)", byWhom(&h.held[i]), howToEnd(&h.held[i]))
			}
		}
		_, err := t.ReleaseHolds(ctx, o.Kind, h.id, o.Source)
		return out, err
	})
}

// onlyOf keeps the holds of one source, as if a person's: rules ask for those.
func onlyOf(held []store.Hold, source string) []store.Hold {
	var out []store.Hold
	for _, h := range held {
		if h.Source == source {
			h.Source = store.SourcePerson
			out = append(out, h)
		}
	}
	return out
}

// holding is what somebody wants done about the holds of an object.
type holding struct {
	action  string // for the audit row
	object  Object
	command Command
}

// turnHold changes what holds an object that the caller may hold, with the
// audit row of the command.
func (p *Planner) turnHold(ctx context.Context, by Caller, u holding,
	change func(t *store.OperateTx, h *heldObject, id int64) (wire.CommandReply, error),
) (wire.CommandReply, error) {
	ids, err := p.db.IDs(ctx, 2)
	if err != nil {
		return wire.CommandReply{}, err
	}
	var out wire.CommandReply
	err = p.db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		h, err := lockObject(ctx, t, by, u.object)
		if err != nil {
			return err
		}
		if out, err = change(t, h, ids[0]); err != nil {
			return err
		}
		a := audited{Reason: u.command.Reason, Until: u.command.Until, Changed: out.Changed, Before: standingHolds(h.held)}
		held, err := t.HoldsOf(ctx, h.Kind, []int64{h.id})
		if err != nil {
			return err
		}
		a.After = standingHolds(held)
		return t.Audit(ctx, store.Audit{ID: ids[1], Action: u.action, Object: h.Kind + " " + h.Name, Source: by.Source, Detail: a.text()})
	})
	if err != nil {
		return wire.CommandReply{}, err
	}
	if out.Changed {
		p.notify.Freed()
	}
	return out, nil
}

// lockObject finds and locks a task or project that the caller may hold.
func lockObject(ctx context.Context, t *store.OperateTx, by Caller, o Object) (*heldObject, error) {
	h := &heldObject{Object: o}
	r, err := h.find(ctx, t)
	if err != nil {
		return nil, err
	}
	if !by.may(r.Owner, r.Department, r.ProjectID) {
		return nil, fault.New(fault.Forbidden, "%s %s is %s's", o.Kind, o.Name, r.Owner).WithHint("ask %s, or somebody on duty", r.Owner)
	}
	if err := t.LockHeld(ctx, o.Kind, h.id); err != nil {
		return nil, err
	}
	h.held, err = t.HoldsOf(ctx, o.Kind, []int64{h.id})
	return h, err
}

// find reads whose the object is.
func (h *heldObject) find(ctx context.Context, t *store.OperateTx) (store.TaskRight, error) {
	if h.Kind == store.HoldProject {
		p, err := t.ProjectByName(ctx, h.Name)
		if errors.Is(err, store.ErrNotFound) {
			return store.TaskRight{}, fault.New(fault.NotFound, "there is no project %q", h.Name).WithHint("capri project list shows the projects")
		}
		h.id = p.ID
		return store.TaskRight{Owner: p.Owner, Department: p.Department, ProjectID: p.ID}, err
	}
	row, err := t.TaskByName(ctx, h.Name)
	if errors.Is(err, store.ErrNotFound) {
		return store.TaskRight{}, UnknownTask(h.Name)
	}
	if err != nil {
		return store.TaskRight{}, err
	}
	rights, err := t.TaskRights(ctx, []int64{row.ID})
	h.id = row.ID
	return rights[row.ID], err
}

// standingHolds says in a few words what holds something.
func standingHolds(held []store.Hold) string {
	texts := make([]string, len(held))
	for i := range held {
		texts[i] = byWhom(&held[i])
	}
	return strings.Join(texts, "; ")
}
