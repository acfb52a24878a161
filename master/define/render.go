package define

import (
	"context"
	"errors"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/macro"
	"capricornus/common/period"
	"capricornus/common/render"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/master/plan"
)

// Render is what a batch of a task would run, for a work number, by the
// definition as it stands. Nothing is made.
func (c *Catalog) Render(ctx context.Context, ref batch.Ref) (wire.RenderReply, error) {
	var row store.Task
	err := c.db.View(ctx, func(t *store.ViewTx) (err error) {
		row, err = t.TaskByName(ctx, ref.Task)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		err = plan.UnknownTask(ref.Task)
	}
	if err != nil {
		return wire.RenderReply{}, err
	}
	def, err := row.Decode()
	if err != nil {
		return wire.RenderReply{}, err
	}
	ref.Run = max(ref.Run, 0)
	return c.rendered(ctx, subject{ref: ref, row: row, def: def, attempt: 1})
}

// RenderBatch is what a batch that is there runs, by the definition that it was
// made from, in its newest attempt or in its first.
func (c *Catalog) RenderBatch(ctx context.Context, name string, ref batch.Ref) (wire.RenderReply, error) {
	if ref.Task != name {
		return wire.RenderReply{}, fault.New(fault.Invalid, "batch %s is not one of task %s", ref, name)
	}
	var b store.Batch
	var row store.Task
	err := c.db.View(ctx, func(t *store.ViewTx) (err error) {
		if b, err = t.BatchByRef(ctx, ref); err != nil {
			return err
		}
		row, err = t.TaskEver(ctx, name)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		err = fault.New(fault.NotFound, "there is no batch %q", ref.String()).WithHint("capri batch list --task %s shows those there are", name)
	}
	if err != nil {
		return wire.RenderReply{}, err
	}
	key := store.VersionKey{TaskID: b.TaskID, Version: b.TaskVersion}
	defs, err := c.defs.Get(ctx, []store.VersionKey{key})
	if err != nil {
		return wire.RenderReply{}, err
	}
	def := defs[key]
	if def == nil {
		return wire.RenderReply{}, fmt.Errorf("definition of batch %s: %w", b.Ref(), store.ErrNotFound)
	}
	row.Version, row.Project = b.TaskVersion, b.Project
	return c.rendered(ctx, subject{ref: b.Ref(), row: row, def: def, attempt: max(b.Attempt, 1)})
}

// subject is what is rendered.
type subject struct {
	ref     batch.Ref
	row     store.Task
	def     *task.Task
	attempt int
}

func (c *Catalog) rendered(ctx context.Context, s subject) (wire.RenderReply, error) {
	slot, err := render.Slot(s.def, c.zone, s.ref.WorkNo)
	if err != nil {
		return wire.RenderReply{}, fault.Wrap(fault.Invalid, err, "%s", err)
	}
	r, err := render.Attempt(s.def, s.row.Project, macro.Values{Slot: slot, Zone: c.zone, Run: s.ref.Run, Attempt: s.attempt})
	if err != nil {
		return wire.RenderReply{}, fault.Wrap(fault.Invalid, err, "%s", err)
	}
	out := c.view(s, slot, r)
	out.Parents, err = c.parents(ctx, s, slot)
	return out, err
}

func (c *Catalog) view(s subject, slot period.Slot, r render.Rendering) wire.RenderReply {
	iso := func(t time.Time) string { return t.In(c.zone).Format(time.RFC3339) }
	out := wire.RenderReply{
		Batch: s.ref.String(), Version: s.row.Version, Zone: c.zone.String(), Scheduled: iso(slot.Base), BizStart: iso(slot.BizStart), BizEnd: iso(slot.BizEnd),
		Type: s.def.Spec.Run.Type, Script: r.Script, Command: r.Command, Program: r.Program, Account: s.def.Spec.Account, Env: r.Env,
	}
	if r.HTTP != nil {
		out.HTTP = r.HTTP
	}
	for _, p := range r.Inputs {
		out.Inputs = append(out.Inputs, wire.RenderPath(p))
	}
	for _, p := range r.Outputs {
		out.Outputs = append(out.Outputs, wire.RenderPath(p))
	}
	for _, t := range r.ThirdParties {
		out.ThirdParties = append(out.ThirdParties, wire.RenderThird(t))
	}
	return out
}

// parents says of every parent batch how it is now.
func (c *Catalog) parents(ctx context.Context, s subject, slot period.Slot) ([]wire.RenderParent, error) {
	needs, err := c.plans.Needs(ctx, s.row, s.def, slot)
	if err != nil || len(needs) == 0 {
		return nil, err
	}
	var keys []store.ParentKey
	for _, n := range needs {
		if !n.Last {
			keys = append(keys, n.ParentKey)
		}
	}
	var there map[store.ParentKey]store.Batch
	err = c.db.View(ctx, func(t *store.ViewTx) (err error) {
		there, err = t.CountingBatches(ctx, keys)
		return err
	})
	out := make([]wire.RenderParent, 0, len(needs))
	for _, n := range needs {
		p := wire.RenderParent{Batch: n.Task + "/" + n.WorkNo, State: "none"}
		b, is := there[n.ParentKey]
		switch {
		case n.Last:
			p.Batch, p.State = n.Task+"/last", "newest"
		case is && b.State == batch.Done:
			p.State = b.Finish.String()
		case is:
			p.State = b.State.String()
		case !n.Applies:
			p.State = "not-applicable"
		}
		out = append(out, p)
	}
	return out, err
}
