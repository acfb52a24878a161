package graph

import (
	"context"
	"errors"
	"slices"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const (
	maxBatches = 500 // in one picture
	stateNone  = "missing"
)

// stateOf is a batch's state, or its result once it has ended.
func stateOf(b *store.Node) string {
	if b.State == batch.Done {
		return b.Finish.String()
	}
	return b.State.String()
}

// Batches draws a batch with its parents and children, depth levels of each.
func (g *Graphs) Batches(ctx context.Context, ref batch.Ref, depth int) (wire.BatchGraph, error) {
	s := surroundings{index: map[string]int{}}
	err := g.cfg.DB.View(ctx, func(t *store.ViewTx) error {
		b, err := t.BatchByRef(ctx, ref)
		if errors.Is(err, store.ErrNotFound) {
			return fault.New(fault.NotFound, "there is no batch %q", ref)
		}
		if err != nil {
			return err
		}
		s.t, s.focus = t, s.add(focusOf(&b), 0)
		if err := s.climb(ctx, depth); err != nil {
			return err
		}
		return s.descend(ctx, depth)
	})
	if err != nil {
		return wire.BatchGraph{}, err
	}
	return s.draw(depth), nil
}

func focusOf(b *store.Batch) store.Node {
	return store.Node{
		ID: b.ID, TaskID: b.TaskID, ProjectID: b.ProjectID, Task: b.Task, WorkNo: b.WorkNo, Type: b.Type, State: b.State, Finish: b.Finish,
		Unmet: b.Unmet, Attempt: b.Attempt, Host: b.Host, StartTime: b.StartTime, EndTime: b.EndTime,
	}
}

// surroundings are a batch and what was found around it.
type surroundings struct {
	t     *store.ViewTx
	focus int
	nodes []store.Node
	level []int
	index map[string]int // by reference
	edges []batchEdge
	cut   bool
}

type batchEdge struct {
	parent, child int
	data, met     bool
}

// add notes a batch once; -1 says that there is no room.
func (s *surroundings) add(n store.Node, level int) int {
	name := refOf(&n)
	if at, known := s.index[name]; known {
		return at
	}
	if len(s.nodes) == maxBatches {
		s.cut = true
		return -1
	}
	s.index[name] = len(s.nodes)
	s.nodes, s.level = append(s.nodes, n), append(s.level, level)
	return len(s.nodes) - 1
}

// refOf names a batch; one that is not there has no run.
func refOf(n *store.Node) string {
	if n.ID == 0 {
		return n.Task + "/" + n.WorkNo
	}
	return n.Ref().String()
}

func (s *surroundings) join(parent, child int, data, met bool) {
	e := batchEdge{parent: parent, child: child, data: data, met: met}
	if parent >= 0 && child >= 0 && parent != child && !slices.Contains(s.edges, e) {
		s.edges = append(s.edges, e)
	}
}

// climb walks to parents, level by level.
func (s *surroundings) climb(ctx context.Context, depth int) error {
	level := []int{s.focus}
	for up := 1; up <= depth && len(level) > 0; up++ {
		before := len(s.nodes)
		if err := s.parents(ctx, level, -up); err != nil {
			return err
		}
		level = s.found(before)
	}
	return nil
}

// found lists the batches that are there among those added since.
func (s *surroundings) found(before int) []int {
	var out []int
	for at := before; at < len(s.nodes); at++ {
		if s.nodes[at].ID != 0 {
			out = append(out, at)
		}
	}
	return out
}

func (s *surroundings) parents(ctx context.Context, level []int, to int) error {
	ids := make([]int64, len(level))
	for i, at := range level {
		ids[i] = s.nodes[at].ID
	}
	depends, err := s.t.DependsOf(ctx, ids)
	if err != nil {
		return err
	}
	var keys []store.ParentKey
	var paths []string
	for _, d := range depends {
		for _, p := range d.Parents {
			keys = append(keys, keyOf(&p))
		}
		for _, p := range d.Paths {
			if p.Type == store.DataInput {
				paths = append(paths, p.Path)
			}
		}
	}
	named, err := s.t.Nodes(ctx, keys)
	if err != nil {
		return err
	}
	makers, err := s.t.Makers(ctx, paths)
	if err != nil {
		return err
	}
	for i, at := range level {
		if d := depends[ids[i]]; d != nil {
			s.parentsOf(at, d, named, makers, to)
		}
	}
	return nil
}

// keyOf is the work number a row waits for; without one it is the task's newest.
func keyOf(p *store.Parent) store.ParentKey {
	return store.ParentKey{TaskID: p.TaskID, WorkNo: p.WorkNo}
}

func (s *surroundings) parentsOf(child int, d *store.Depends, named map[store.ParentKey]store.Node, makers map[string]store.Node, to int) {
	for _, p := range d.Parents {
		if p.State == store.DepNotApplicable {
			continue
		}
		parent, there := named[keyOf(&p)]
		if !there {
			parent = store.Node{TaskID: p.TaskID, Task: p.Task, WorkNo: p.WorkNo}
		}
		s.join(s.add(parent, to), child, false, p.State == store.DepMet)
	}
	for _, p := range d.Paths {
		if maker, there := makers[p.Path]; there && p.Type == store.DataInput {
			s.join(s.add(maker, to), child, true, p.State == store.DepMet)
		}
	}
}

// descend walks to children, level by level.
func (s *surroundings) descend(ctx context.Context, depth int) error {
	level := []int{s.focus}
	for down := 1; down <= depth && len(level) > 0; down++ {
		before := len(s.nodes)
		if err := s.children(ctx, level, down); err != nil {
			return err
		}
		level = s.found(before)
	}
	return nil
}

func (s *surroundings) children(ctx context.Context, level []int, to int) error {
	ids, keys := make([]int64, len(level)), make([]store.ParentKey, len(level))
	for i, at := range level {
		ids[i], keys[i] = s.nodes[at].ID, s.nodes[at].Key()
	}
	waiting, err := s.t.ChildBatches(ctx, keys, maxBatches)
	if err != nil {
		return err
	}
	readers, err := s.t.ReadingBatches(ctx, ids, maxBatches)
	if err != nil {
		return err
	}
	for i, at := range level {
		for _, child := range waiting[keys[i]] {
			s.join(at, s.add(child.Node, to), false, child.Met)
		}
		for _, child := range readers[ids[i]] {
			s.join(at, s.add(child.Node, to), true, child.Met)
		}
	}
	return nil
}

func (s *surroundings) draw(depth int) wire.BatchGraph {
	arcs := make([]Arc, len(s.edges))
	for i, e := range s.edges {
		arcs[i] = Arc{From: e.parent, To: e.child}
	}
	placed := Layout(len(s.nodes), arcs)
	out := wire.BatchGraph{
		Focus: refOf(&s.nodes[s.focus]), Depth: depth, Nodes: []wire.BatchNode{}, Edges: []wire.BatchEdge{},
		Width: placed.Width, Height: placed.Height, Truncated: s.cut, Limit: maxBatches,
	}
	for i := range s.nodes {
		n := &s.nodes[i]
		node := wire.BatchNode{
			Ref: refOf(n), Task: n.Task, State: stateNone, Finish: batch.None.String(), Level: s.level[i], Rank: placed.Rank[i], X: placed.X[i], Y: placed.Y[i],
		}
		if n.ID != 0 {
			node.State, node.Finish, node.Host, node.StartedAt, node.EndedAt, node.Unmet = stateOf(n), n.Finish.String(), n.Host, n.StartTime, n.EndTime, n.Unmet
		}
		out.Nodes = append(out.Nodes, node)
	}
	for _, e := range s.edges {
		edge := wire.BatchEdge{Parent: out.Nodes[e.parent].Ref, Child: out.Nodes[e.child].Ref, Kind: "logic", Met: e.met}
		if e.data {
			edge.Kind = "data"
		}
		out.Edges = append(out.Edges, edge)
	}
	return out
}
