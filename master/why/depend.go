package why

import (
	"context"
	"errors"
	"fmt"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// evidenceLimit bounds the lines shown for one gate.
const evidenceLimit = 20

// tally gathers the rows of one kind of dependency.
type tally struct {
	total, unmet     int
	since, checkedAt int64
	evidence         []string
}

func (c *tally) add(state int, since, checked int64, text func() string) {
	if state == store.DepNotApplicable {
		return
	}
	c.total++
	if state == store.DepMet {
		return
	}
	c.unmet++
	if c.since == 0 || since < c.since {
		c.since = since
	}
	c.checkedAt = max(c.checkedAt, checked)
	if len(c.evidence) < evidenceLimit {
		c.evidence = append(c.evidence, text())
	}
}

func (c *tally) gate(code batch.GateCode, what string, lastPass int64) (wire.WhyGate, bool) {
	if c.total == 0 {
		return wire.WhyGate{}, false
	}
	g := wire.WhyGate{Code: string(code), State: met, Sentence: fmt.Sprintf("%d of %d %s", c.total-c.unmet, c.total, what)}
	if c.unmet > 0 {
		g.State, g.Since, g.CheckedAt, g.Evidence = unmet, c.since, max(c.checkedAt, lastPass), c.evidence
	}
	return g, true
}

// dependencies shows the three kinds of dependencies the batch has.
func (e *Explainer) dependencies(ctx context.Context, t *store.ViewTx, b *store.Batch) ([]wire.WhyGate, error) {
	all, err := t.DependsOf(ctx, []int64{b.ID})
	if err != nil {
		return nil, err
	}
	deps := all[b.ID]
	if deps == nil {
		return nil, nil
	}
	lastPass, err := lastCheck(ctx, t)
	if err != nil {
		return nil, err
	}
	var keys []store.ParentKey
	for _, p := range deps.Parents {
		keys = append(keys, store.ParentKey{TaskID: p.TaskID, WorkNo: p.WorkNo})
	}
	parents, err := t.CountingBatches(ctx, keys)
	if err != nil {
		return nil, err
	}
	var paths, thirds, parent tally
	for _, p := range deps.Paths {
		if p.Type == store.DataInput {
			paths.add(p.State, p.UnmetSince, p.LastCheckedAt, func() string { return pathText(p) })
		}
	}
	for _, p := range deps.Thirds {
		thirds.add(p.State, p.UnmetSince, p.LastCheckedAt, func() string { return p.Code + " " + p.DataNo + " has not been announced" })
	}
	for _, p := range deps.Parents {
		parent.add(p.State, p.UnmetSince, p.LastCheckedAt, func() string {
			b, there := parents[store.ParentKey{TaskID: p.TaskID, WorkNo: p.WorkNo}]
			return parentText(p, b, there)
		})
	}
	var out []wire.WhyGate
	for _, g := range []struct {
		tally *tally
		code  batch.GateCode
		what  string
		help  string
	}{
		{&paths, batch.GateData, "input paths are ready", "make the missing paths, or find out who should"},
		{&thirds, batch.GateThird, "third-party announcements have arrived", "capri third put CODE KEY announces one"},
		{&parent, batch.GateParent, "parent batches are successful", "look at the root causes below"},
	} {
		if gate, there := g.tally.gate(g.code, g.what, lastPass); there {
			if gate.State == unmet {
				gate.Help = g.help
			}
			out = append(out, gate)
		}
	}
	return out, nil
}

// lastCheck is when all dependencies were looked at last: rows that have not
// changed are not written for it.
func lastCheck(ctx context.Context, t *store.ViewTx) (int64, error) {
	runs, err := t.ServiceRuns(ctx)
	if err != nil {
		return 0, err
	}
	for _, r := range runs {
		if r.Name == "depend" {
			return r.EndedAt, nil
		}
	}
	return 0, nil
}

func pathText(p store.Path) string {
	text := p.Path + " is not ready (" + p.Ready + ")"
	if p.LastError != "" {
		text += ": " + p.LastError
	}
	return text
}

func parentText(p store.Parent, b store.Batch, there bool) string {
	if p.Last {
		return "the newest batch of " + p.Task + " is not successful"
	}
	name := p.Task + "/" + p.WorkNo
	if !there {
		return name + " does not exist yet"
	}
	if b.State == batch.Done {
		return b.Ref().String() + " ended: " + b.Finish.String()
	}
	return b.Ref().String() + " is " + b.State.String()
}

// Limits of the walk to the root causes.
const (
	rootDepth = 50
	rootNodes = 2000
	rootShown = 20
)

// roots walks unmet parents, level by level, to what nothing else explains.
func (e *Explainer) roots(ctx context.Context, t *store.ViewTx, b *store.Batch) ([]wire.WhyRoot, bool, error) {
	var out []wire.WhyRoot
	seen := map[store.ParentKey]bool{{TaskID: b.TaskID, WorkNo: b.WorkNo}: true}
	level := []store.Batch{*b}
	for depth := 0; len(level) > 0; depth++ {
		if depth == rootDepth || len(seen) > rootNodes {
			return out, true, nil
		}
		next, found, err := e.descend(ctx, t, level, seen)
		if err != nil {
			return nil, false, err
		}
		if depth == 0 {
			found = ownCausesOut(found, b)
		}
		out = append(out, found...)
		if len(out) > rootShown {
			return out[:rootShown], true, nil
		}
		level = next
	}
	return out, false, nil
}

// ownCausesOut drops what the batch's own gates show already.
func ownCausesOut(roots []wire.WhyRoot, b *store.Batch) []wire.WhyRoot {
	var out []wire.WhyRoot
	for _, r := range roots {
		if r.Batch != b.Ref().String() {
			out = append(out, r)
		}
	}
	return out
}

// descend looks one level down: waiting parents go on, everything else is a root.
func (e *Explainer) descend(ctx context.Context, t *store.ViewTx, level []store.Batch, seen map[store.ParentKey]bool) (next []store.Batch, roots []wire.WhyRoot, err error) {
	ids := make([]int64, 0, len(level))
	for i := range level {
		ids = append(ids, level[i].ID)
	}
	deps, err := t.DependsOf(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	var wanted []store.Parent
	var keys []store.ParentKey
	for i := range level {
		if deps[level[i].ID] == nil {
			continue
		}
		roots = append(roots, ownCauses(&level[i], deps[level[i].ID])...)
		for _, p := range deps[level[i].ID].Parents {
			key := store.ParentKey{TaskID: p.TaskID, WorkNo: p.WorkNo}
			if p.State == store.DepUnmet && !seen[key] {
				seen[key] = true
				wanted, keys = append(wanted, p), append(keys, key)
			}
		}
	}
	parents, err := t.CountingBatches(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	for i, p := range wanted {
		b, there := parents[keys[i]]
		if there && b.State == batch.Waiting && b.Unmet > 0 {
			next = append(next, b)
			continue
		}
		root, err := e.root(ctx, t, p, b, there)
		if err != nil {
			return nil, nil, err
		}
		roots = append(roots, root)
	}
	return next, roots, nil
}

// ownCauses are unmet paths and third parties: nothing lies behind them.
func ownCauses(b *store.Batch, d *store.Depends) []wire.WhyRoot {
	var out []wire.WhyRoot
	for _, p := range d.Paths {
		if p.Type == store.DataInput && p.State == store.DepUnmet {
			out = append(out, wire.WhyRoot{Batch: b.Ref().String(), Code: string(batch.GateData), Sentence: pathText(p), Since: p.UnmetSince})
		}
	}
	for _, p := range d.Thirds {
		if p.State == store.DepUnmet {
			out = append(out, wire.WhyRoot{Batch: b.Ref().String(), Code: string(batch.GateThird), Sentence: p.Code + " " + p.DataNo + " has not been announced", Since: p.UnmetSince})
		}
	}
	return out
}

func (e *Explainer) root(ctx context.Context, t *store.ViewTx, p store.Parent, b store.Batch, there bool) (wire.WhyRoot, error) {
	if !there {
		if p.Last {
			return wire.WhyRoot{Batch: p.Task, Code: "NOT_GENERATED", Sentence: "has no successful newest batch", Since: p.UnmetSince}, nil
		}
		why, err := e.missing(ctx, t, batch.Ref{Task: p.Task, WorkNo: p.WorkNo, Run: batch.AnyRun})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return wire.WhyRoot{}, err
		}
		return wire.WhyRoot{Batch: p.Task + "/" + p.WorkNo, Code: "NOT_GENERATED", Sentence: why.Summary, Since: p.UnmetSince}, nil
	}
	r := wire.WhyRoot{Batch: b.Ref().String()}
	switch b.State {
	case batch.Done:
		r.Code, r.Since = "FAILED", b.EndTime
		r.Sentence = "ended: " + b.Finish.String()
		if b.Finish == batch.Success {
			r.Code, r.Sentence = "JUST_SUCCEEDED", "has succeeded; the dependency is marked as met in the next moment"
		}
	case batch.Running:
		r.Code, r.Since, r.Sentence = "RUNNING", b.StartTime, "is running on "+b.Host
	case batch.Assigned:
		r.Code, r.Since, r.Sentence = "ASSIGNED_NOT_PICKED", b.AssignTime, "is assigned to "+b.Host
	case batch.Waiting, batch.Nothing:
		r.Code, r.Since = b.Gate, b.GateSince
		r.Sentence = batch.Say(b.Message, "en", e.zone)
		if b.Gate == "" {
			r.Code, r.Sentence = string(batch.GateQueue), "is about to be assigned"
		}
	}
	return r, nil
}
