package place

import (
	"context"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// apply re-checks what the decisions assumed, under lock, and moves what still
// holds; the rest is a lost race, left to the next pass. It returns the hosts
// that have something to pick up. A batch that fails here is told of: fresh
// are ids for those alerts.
func (p *pass) apply(ctx context.Context, t *store.LeaderTx, decisions []Decision, fresh []int64) ([]string, error) {
	if len(decisions) == 0 {
		return nil, nil
	}
	ids := make([]int64, 0, len(decisions))
	for i := range decisions {
		ids = append(ids, decisions[i].Work.ID)
	}
	works, err := t.Lock(ctx, ids)
	if err != nil {
		return nil, err
	}
	holds, err := heldNow(ctx, t)
	if err != nil {
		return nil, err
	}
	stopped, err := t.StoppedHosts(ctx)
	if err != nil {
		return nil, err
	}
	p.waited = p.waited[:0] // of this try of the transaction
	var changes []store.Change
	var log []store.Reassignment
	var alerts []store.Alert
	hosts := map[string]bool{}
	for _, d := range decisions {
		w := works[d.Work.ID]
		if w == nil || w.Seq != d.Work.Seq || w.State != d.Work.State {
			continue
		}
		places := d.Kind == Assign || d.Kind == Reassign
		if places && (w.Unmet > 0 || p.s.heldBy(holds, w) || stopped[d.Worker.Host]) {
			continue
		}
		if d.Kind == Assign {
			p.waited = append(p.waited, waitedForPlace(w, t.Now()))
		}
		c := change(*w, d, t.Now())
		changes = append(changes, c)
		if a, failed := store.FailureAlert(&c.To, p.s.nameOf(w), c.Detail); failed {
			a.ID = fresh[len(alerts)]
			alerts = append(alerts, a)
		}
		if d.Logged {
			log = append(log, reassignment(*w, d))
		}
		if places {
			hosts[d.Worker.Host] = true
		}
	}
	if err := t.Move(ctx, batch.Place, changes); err != nil {
		return nil, err
	}
	if err := t.Raise(ctx, alerts...); err != nil {
		return nil, err
	}
	p.changed += len(changes)
	out := make([]string, 0, len(hosts))
	for h := range hosts {
		out = append(out, h)
	}
	return out, t.InsertReassignments(ctx, log)
}

// waitedForPlace is how long a batch has been told that there is no place for
// it; one that was assigned at the first look has not waited.
func waitedForPlace(w *store.Work, now int64) time.Duration {
	switch batch.GateCode(w.Gate) {
	case batch.GateWorker, batch.GateQueue, batch.GateMaximum:
		return time.Duration(now-w.GateSince) * time.Millisecond
	default:
		return 0
	}
}

// alertIDs allots an id for each batch that is to be denied.
func (p *pass) alertIDs(ctx context.Context, decisions []Decision) ([]int64, error) {
	n := 0
	for i := range decisions {
		if decisions[i].Kind == Deny {
			n++
		}
	}
	if n == 0 {
		return nil, nil
	}
	return p.db.IDs(ctx, n)
}

func (s *Snapshot) nameOf(w *store.Work) string {
	return s.Tasks[store.VersionKey{TaskID: w.TaskID, Version: w.TaskVersion}].Name
}

func heldNow(ctx context.Context, t *store.LeaderTx) (map[string]store.Hold, error) {
	holds, err := t.Holds(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[string]store.Hold, len(holds))
	for _, h := range holds {
		out[HoldKey(h.Kind, h.ObjectID)] = h
	}
	return out, nil
}

func (s *Snapshot) heldBy(holds map[string]store.Hold, w *store.Work) bool {
	seen := s.Holds
	s.Holds = holds
	held := s.Hold(w) != nil
	s.Holds = seen
	return held
}

// change is the move of one decision.
func change(w store.Work, d Decision, now int64) store.Change {
	to := w
	to.RefusedAt, to.RefusedReason = 0, ""
	c := store.Change{From: w, Detail: d.Reason}
	switch d.Kind {
	case Assign, Reassign:
		c.Move = batch.MoveAssign
		if d.Kind == Reassign {
			c.Move = batch.MoveReassign
		}
		to.State, to.Host, to.Incarnation = batch.Assigned, d.Worker.Host, d.Worker.Incarnation
		to.Attempt, to.AssignTime = w.Attempt+1, now
		to.Gate, to.GateSince, to.Message = "", 0, ""
		if c.Detail == "" {
			c.Detail = "to " + d.Worker.Host
		} else {
			c.Detail += "; to " + d.Worker.Host
		}
	case Pullback:
		c.Move = batch.MovePullback
		to.State, to.Host, to.Incarnation, to.AssignTime = batch.Waiting, "", "", 0
		to.Gate, to.GateSince, to.Message = string(d.Gate), now, batch.Message(d.Gate, d.Args...)
		if d.Gate == "" {
			to.GateSince, to.Message = 0, ""
		}
	case Deny:
		c.Move = batch.MoveDeny
		to.State, to.Finish, to.EndTime = batch.Done, batch.Failed, now
		to.Gate, to.GateSince, to.Message = string(d.Gate), now, batch.Message(d.Gate, d.Args...)
		c.Detail = batch.Say(to.Message, "en", nil)
	}
	c.To = to
	return c
}

// reassignment chains the previous assignment into the log. The attempt is the
// one that was given up, so that a batch pulled back twice has two rows.
func reassignment(w store.Work, d Decision) store.Reassignment {
	r := store.Reassignment{WorkID: w.ID, Attempt: w.Attempt, OldHost: w.Host, OldAssignTime: w.AssignTime, Reason: d.Reason}
	if d.Worker != nil {
		r.NewHost = d.Worker.Host
	}
	return r
}
