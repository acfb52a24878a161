package why

import (
	"context"
	"slices"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/place"
)

// Limits of the walk to the root causes.
const (
	rootDepth = 50
	rootNodes = 2000
	rootShown = 20
	rowLimit  = 10000 // unmet rows of one kind that one level reads
)

// cause is a root found by the walk; what the sentence needs is read for all of
// them together.
type cause struct {
	node *store.Node     // the batch there is
	key  store.ParentKey // or the work number there is none of
	code string
	text string
	at   int64
}

// walk goes from a batch over unmet dependencies to what nothing else explains,
// one level after another, each with a handful of statements.
type walk struct {
	*asking
	seen   map[store.ParentKey]bool
	level  []store.Node
	causes []cause
	cut    bool
}

// roots finds the root causes of a waiting batch. What its own gates show
// already is no root: a cause lies in another batch, or is a missing one.
func (a *asking) roots(ctx context.Context, out *wire.Why) error {
	if a.b.Unmet == 0 {
		return nil
	}
	self := store.Node{ID: a.b.ID, TaskID: a.b.TaskID, WorkNo: a.b.WorkNo, ProjectID: a.b.ProjectID, Enabled: true}
	w := &walk{asking: a, seen: map[store.ParentKey]bool{self.Key(): true}, level: []store.Node{self}}
	for depth := 0; len(w.level) > 0 && len(w.causes) <= rootShown; depth++ {
		if depth == rootDepth {
			w.cut = true
			break
		}
		if err := w.descend(ctx); err != nil {
			return err
		}
	}
	if len(w.causes) > rootShown {
		w.causes, w.cut = w.causes[:rootShown], true
	}
	out.Cut = w.cut
	var err error
	out.Roots, err = w.tell(ctx)
	return err
}

// descend looks one level down: what waits for others goes on, everything else
// is a root.
func (w *walk) descend(ctx context.Context) error {
	ids := make([]int64, 0, len(w.level))
	for i := range w.level {
		ids = append(ids, w.level[i].ID)
	}
	deps, err := w.t.Unmet(ctx, ids, rowLimit)
	if err != nil {
		return err
	}
	level := w.level
	w.level = nil
	if err := w.upPaths(ctx, level, deps); err != nil {
		return err
	}
	var wanted []store.Parent
	for i := range level {
		wanted = append(wanted, deps[level[i].ID].Parents...)
	}
	return w.upParents(ctx, wanted)
}

// upPaths goes on from paths to the batches that make them. A path that nobody
// is known to make, or whose maker says it is there, is a root itself, and so
// is what a third party has not announced.
func (w *walk) upPaths(ctx context.Context, level []store.Node, deps map[int64]*store.Depends) error {
	var paths []string
	for i := range level {
		for _, p := range deps[level[i].ID].Paths {
			paths = append(paths, p.Path)
		}
	}
	makers, err := w.t.Makers(ctx, slices.Compact(slices.Sorted(slices.Values(paths))))
	if err != nil {
		return err
	}
	for i := range level {
		n := &level[i]
		for _, p := range deps[n.ID].Paths {
			maker, known := makers[p.Path]
			if known && maker.ID != n.ID && (maker.State != batch.Done || maker.Finish != batch.Success) {
				w.visit(maker)
				continue
			}
			w.own(n, batch.GateData, w.pathText(&p), p.UnmetSince)
		}
		for _, p := range deps[n.ID].Thirds {
			w.own(n, batch.GateThird, w.of(notAnnounced, p.Code, p.DataNo, w.at(p.UnmetSince)), p.UnmetSince)
		}
	}
	return nil
}

// own adds a cause that lies in a batch itself; the asked batch's own gates
// show it already.
func (w *walk) own(n *store.Node, code batch.GateCode, text string, since int64) {
	if n.ID != w.b.ID {
		w.causes = append(w.causes, cause{node: n, code: string(code), text: text, at: since})
	}
}

// upParents goes on to parent batches, or finds that there is none.
func (w *walk) upParents(ctx context.Context, wanted []store.Parent) error {
	var keys []store.ParentKey
	since := map[store.ParentKey]int64{}
	for i := range wanted {
		key := parentKey(&wanted[i])
		if w.seen[key] {
			continue
		}
		if len(w.seen) >= rootNodes {
			w.cut = true
			break
		}
		w.seen[key] = true
		keys = append(keys, key)
		since[key] = wanted[i].UnmetSince
	}
	nodes, err := w.t.Nodes(ctx, keys)
	if err != nil {
		return err
	}
	for _, key := range keys {
		n, there := nodes[key]
		if !there {
			w.causes = append(w.causes, cause{key: key, code: CodeMissing, at: since[key]})
			continue
		}
		if key.WorkNo == "" && w.seen[n.Key()] {
			continue // its newest batch was met by its number already
		}
		w.seen[n.Key()] = true
		w.place(n)
	}
	return nil
}

// visit takes a batch into the walk once.
func (w *walk) visit(n store.Node) {
	if w.seen[n.Key()] {
		return
	}
	if len(w.seen) >= rootNodes {
		w.cut = true
		return
	}
	w.seen[n.Key()] = true
	w.place(n)
}

// place puts a batch where it belongs: one that waits for others is walked
// through, and is a cause too when a hold or its switched-off task would keep
// it all the same.
func (w *walk) place(n store.Node) {
	if n.State != batch.Waiting || n.Unmet == 0 {
		w.causes = append(w.causes, cause{node: &n})
		return
	}
	w.level = append(w.level, n)
	for _, key := range []string{place.HoldKey(store.HoldBatch, n.ID), place.HoldKey(store.HoldTask, n.TaskID), place.HoldKey(store.HoldProject, n.ProjectID)} {
		if h, held := w.snap.Holds[key]; held {
			text := w.speech.gate(batch.GateHeld, h.Kind, h.Actor, h.Reason)
			w.causes = append(w.causes, cause{node: &n, code: string(batch.GateHeld), at: max(h.Since, n.CreatedAt), text: text})
		}
	}
	if !n.Enabled {
		w.causes = append(w.causes, cause{node: &n, code: string(batch.GateDisabled), at: n.CreatedAt, text: w.speech.gate(batch.GateDisabled)})
	}
}

// tell writes the causes as people read them.
func (w *walk) tell(ctx context.Context) ([]wire.WhyRoot, error) {
	var missing []store.ParentKey
	var tasks []int64
	for _, c := range w.causes {
		if c.node == nil {
			missing = append(missing, c.key)
		} else {
			tasks = append(tasks, c.node.TaskID)
		}
	}
	absences, err := w.absences(ctx, missing)
	if err != nil {
		return nil, err
	}
	stats, err := w.t.TaskStats(ctx, tasks)
	if err != nil {
		return nil, err
	}
	out := make([]wire.WhyRoot, 0, len(w.causes))
	for _, c := range w.causes {
		switch {
		case c.node == nil:
			a := absences[c.key]
			out = append(out, wire.WhyRoot{Batch: a.name, Code: c.code, Sentence: a.sentence, Since: firstOf(c.at, w.b.CreatedAt)})
		case c.code != "":
			out = append(out, wire.WhyRoot{Batch: c.node.Ref().String(), Code: c.code, Sentence: c.text, Since: firstOf(c.at, c.node.CreatedAt)})
		default:
			out = append(out, w.root(c.node, stats[c.node.TaskID]))
		}
	}
	return out, nil
}

// root says what the matter is with a batch that waits for nothing else.
func (w *walk) root(n *store.Node, stat store.TaskStat) wire.WhyRoot {
	r := wire.WhyRoot{Batch: n.Ref().String()}
	switch n.State {
	case batch.Done:
		r.Code, r.Since, r.Sentence = "FAILED", n.EndTime, w.of(rootEnded, w.finish(n.Finish), w.at(n.EndTime))
		if text := w.message(n.Message); text != "" && n.Finish != batch.Success {
			r.Sentence += ": " + text
		}
		if n.Finish == batch.Success {
			r.Code, r.Sentence = "JUST_SUCCEEDED", w.of(rootSucceeded)
		}
	case batch.Running:
		r.Code, r.Since, r.Sentence = "RUNNING", n.StartTime, w.of(rootRunning, n.Host, w.at(n.StartTime))
		if stat.P50Millis > 0 {
			r.Sentence += w.of(expectedUntil, w.at(n.StartTime+stat.P50Millis))
		}
	case batch.Assigned:
		r.Code, r.Since, r.Sentence = CodeAssigned, n.AssignTime, w.of(rootAssigned, n.Host, w.at(n.AssignTime))
	case batch.Waiting, batch.Nothing:
		r.Code, r.Since, r.Sentence = n.Gate, firstOf(n.GateSince, n.CreatedAt), w.message(n.Message)
		if n.Gate == "" {
			r.Code, r.Sentence = string(batch.GateQueue), w.of(rootReady)
		}
	}
	return r
}
