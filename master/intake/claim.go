package intake

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/macro"
	"capricornus/common/render"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/trace"
	"capricornus/common/wire"
)

// MaxWait is how long a claim waits at most, unless Deps say otherwise.
const MaxWait = 30 * time.Second

const (
	claimMargin = 10 * time.Second // for the database, besides the wait
	claimPage   = 500
)

// Ring tells waiting workers that something was assigned to them, or must be killed.
func (in *Intake) Ring(hosts []string) {
	for _, h := range hosts {
		in.bells.ring(h)
	}
}

// Claim answers a worker's long poll: at once when there is something for it,
// otherwise when there is, or empty after the wait. Only the leader answers,
// because only it knows at once; others name it (exactly.md 27). A claim moves
// nothing: what is handed out stays assigned until "started".
func (in *Intake) Claim(ctx context.Context, c wire.Claim) (wire.ClaimReply, error) {
	term, address, leading := in.leader()
	if !leading {
		return wire.ClaimReply{}, fault.New(fault.NotLeader, "this master does not lead").WithHint("%s", address)
	}
	in.presence.claimed(&c, time.Now())
	wait := min(max(time.Duration(c.WaitMillis)*time.Millisecond, 0), in.maxWait)
	ctx, cancel := context.WithTimeout(ctx, wait+claimMargin)
	defer cancel()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		bell := in.bells.of(c.Host) // before the look: what comes after it rings
		reply, err := in.look(ctx, c)
		if err != nil || c.First || len(reply.Assignments)+len(reply.Kills)+len(reply.Running) > 0 {
			return reply, err
		}
		select {
		case <-bell:
		case <-timer.C:
			return reply, nil
		case <-ctx.Done():
			return reply, ctx.Err()
		case <-term.Done():
			return reply, fault.New(fault.NotLeader, "this master leads no longer")
		}
	}
}

// look reads what is there for a worker now.
func (in *Intake) look(ctx context.Context, c wire.Claim) (wire.ClaimReply, error) {
	var works, running []store.Work
	var defs map[store.VersionKey]*task.Task
	var rows map[int64]store.Batch
	var depends map[int64]*store.Depends
	var over []wire.Kill
	var missing []wire.Held
	audited := in.presence.auditDue(&c, time.Now())
	err := in.db.View(ctx, func(t *store.ViewTx) error {
		all, err := t.OnHost(ctx, c.Host, batch.Assigned, claimPage)
		if err != nil {
			return err
		}
		works = open(all, c)
		if audited {
			if over, missing, err = audit(ctx, t, c); err != nil {
				return err
			}
		}
		if running, err = runningOn(ctx, t, c); err != nil || len(works) == 0 {
			return err
		}
		keys := make([]store.VersionKey, 0, len(works))
		ids := make([]int64, 0, len(works))
		for i := range works {
			keys = append(keys, store.VersionKey{TaskID: works[i].TaskID, Version: works[i].TaskVersion})
			ids = append(ids, works[i].ID)
		}
		if defs, err = in.defs.In(ctx, t, keys); err != nil {
			return err
		}
		batches, err := t.BatchesByID(ctx, ids)
		if err != nil {
			return err
		}
		rows = make(map[int64]store.Batch, len(batches))
		for _, b := range batches {
			rows[b.ID] = b
		}
		depends, err = t.DependsOf(ctx, ids)
		return err
	})
	if err != nil {
		if audited {
			in.presence.returned(c.Host)
		}
		return wire.ClaimReply{}, fmt.Errorf("claim for %s: %w", c.Host, err)
	}
	reply := wire.ClaimReply{Assignments: []wire.Assignment{}, Kills: over, Running: missing}
	for _, w := range works {
		def := defs[store.VersionKey{TaskID: w.TaskID, Version: w.TaskVersion}]
		if def == nil {
			continue
		}
		a, err := in.assignment(rows[w.ID], def, depends[w.ID])
		if err != nil {
			return reply, err
		}
		a.Trace = trace.Parent(ctx)
		reply.Assignments = append(reply.Assignments, a)
	}
	orders(&reply, running, c)
	return reply, nil
}

// runningOn reads what runs on a host: all of it for a worker that has just
// started, otherwise only what it must kill.
func runningOn(ctx context.Context, t *store.ViewTx, c wire.Claim) ([]store.Work, error) {
	if c.First {
		return t.OnHost(ctx, c.Host, batch.Running, claimPage*4)
	}
	return t.KillsOnHost(ctx, c.Host, claimPage)
}

// open keeps the batches that this worker may take and does not have in hand.
func open(all []store.Work, c wire.Claim) []store.Work {
	held := make(map[wire.Held]bool, len(c.Holding))
	for _, h := range c.Holding {
		held[h] = true
	}
	var out []store.Work
	for _, w := range all {
		if len(out) >= c.Free {
			break
		}
		if w.Incarnation == c.Incarnation && w.RefusedAt == 0 && w.KillAt == 0 && !held[wire.Held{WorkID: w.ID, Attempt: w.Attempt}] {
			out = append(out, w)
		}
	}
	return out
}

// orders adds kills and, for a worker that has just started, what masters
// believe is running there.
func orders(reply *wire.ClaimReply, running []store.Work, c wire.Claim) {
	killing := make(map[wire.Held]bool, len(c.Killing))
	for _, h := range c.Killing {
		killing[h] = true
	}
	for i := range running {
		w := &running[i]
		held := wire.Held{WorkID: w.ID, Attempt: w.Attempt}
		if w.Incarnation != c.Incarnation {
			continue // of a root that this worker does not have
		}
		if w.KillAt > 0 && !killing[held] {
			reply.Kills = append(reply.Kills, wire.Kill{WorkID: w.ID, Attempt: w.Attempt, Reason: batch.KilledBy(w.KillBy, w.KillReason)})
		}
		if c.First {
			reply.Running = append(reply.Running, held)
		}
	}
}

// assignment expands a definition for one attempt.
func (in *Intake) assignment(b store.Batch, def *task.Task, deps *store.Depends) (wire.Assignment, error) {
	slot, err := render.Slot(def, in.zone, b.WorkNo)
	if err != nil {
		return wire.Assignment{}, fmt.Errorf("batch %s: %w", b.Ref(), err)
	}
	r, err := render.Attempt(def, b.Project, macro.Values{Slot: slot, Zone: in.zone, Run: b.Type, Attempt: b.Attempt})
	if err != nil {
		return wire.Assignment{}, fmt.Errorf("batch %s: %w", b.Ref(), err)
	}
	if b.RequestID != "" {
		r.Env["CAPRI_REQUEST_ID"] = b.RequestID
	}
	spec := &def.Spec
	a := wire.Assignment{
		WorkID: b.ID, Attempt: b.Attempt, Task: b.Task, WorkNo: b.WorkNo, Run: b.Type, Account: spec.Account, Memory: int64(spec.Workers.Memory),
		Type: spec.Run.Type, Script: r.Script, Command: r.Command, Program: r.Program, Success: spec.Success,
		RunTimeout: time.Duration(spec.Timeouts.Run).Milliseconds(), OnWorkerLost: spec.OnWorkerLost, Env: r.Env,
		HTTP: httpCall(r.HTTP), Request: b.RequestID,
	}
	if deps == nil {
		return a, nil
	}
	for _, p := range deps.Paths {
		check := wire.PathCheck{Path: p.Path, Ready: p.Ready}
		if p.Type == store.DataInput {
			a.Inputs = append(a.Inputs, check)
		} else {
			a.Outputs = append(a.Outputs, check)
		}
	}
	return a, nil
}

func httpCall(h *task.HTTP) *wire.HTTPCall {
	if h == nil {
		return nil
	}
	return &wire.HTTPCall{
		Method: h.Method, URL: h.URL, Headers: h.Headers, HeaderFiles: h.HeaderFiles, Body: h.Body,
		Status: h.Success.Status, When: h.Success.When, Timeout: time.Duration(h.Timeout).Milliseconds(),
	}
}
