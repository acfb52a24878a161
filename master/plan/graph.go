package plan

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
)

// node is one task of a graph, in one version.
type node struct {
	id      int64
	version int
	name    string
	def     *task.Task
	cycle   period.Cycle
	inputs  []string // what its paths mean: two that share a key are the same path
	outputs []string
}

// newNode reads what a graph must know from a definition.
func newNode(key store.VersionKey, def *task.Task, zone *time.Location) (*node, error) {
	cycle, err := def.Cycle(zone)
	if err != nil {
		return nil, fmt.Errorf("task %s: %w", def.Metadata.Name, err)
	}
	n := &node{id: key.TaskID, version: key.Version, name: def.Metadata.Name, def: def, cycle: cycle}
	probe := newProbe(n, zone)
	for _, in := range def.Spec.Inputs {
		n.inputs = append(n.inputs, probe.keys(in.Path, in.Window)...)
	}
	for _, out := range def.Spec.Outputs {
		n.outputs = append(n.outputs, probe.keys(out.Path, "")...)
	}
	return n, nil
}

func (n *node) manual() bool { return n.cycle.Kind() == period.Manual }

// link is a dependency of one task on another: a logical one, with its window,
// or one by data, whose window is the default.
type link struct {
	parent, child *node
	kind          string // task.EdgeLogic or task.EdgeData
	window        task.Window
}

// String names the link as a plan shows it: data ods_access_h.
func (l link) String() string { return l.kind + " " + l.parent.name }

// graph is tasks with all dependencies among them, also across projects and
// across files that were applied at different times. It is not changed once
// made and can be used by several goroutines.
type graph struct {
	nodes map[int64]*node
	down  map[int64][]link // by parent
	up    map[int64][]link // by child
}

// newGraph links tasks. A dependency on a task that is not among them is left
// out; so is a task that reads what it makes itself.
func newGraph(nodes []*node) *graph {
	g := &graph{nodes: make(map[int64]*node, len(nodes)), down: map[int64][]link{}, up: map[int64][]link{}}
	names := make(map[string]*node, len(nodes))
	makers := map[string][]*node{}
	for _, n := range nodes {
		g.nodes[n.id], names[n.name] = n, n
		for _, key := range n.outputs {
			makers[key] = append(makers[key], n)
		}
	}
	for _, n := range nodes {
		for _, parent := range n.def.Spec.Parents {
			if p := names[parent.Task]; p != nil {
				g.add(link{parent: p, child: n, kind: task.EdgeLogic, window: parent.Window()})
			}
		}
		for _, maker := range makersOf(n, makers) {
			g.add(link{parent: maker, child: n, kind: task.EdgeData})
		}
	}
	return g
}

// makersOf lists who makes what a task reads, each once.
func makersOf(n *node, makers map[string][]*node) []*node {
	var out []*node
	seen := map[*node]bool{n: true}
	for _, key := range n.inputs {
		for _, maker := range makers[key] {
			if !seen[maker] {
				seen[maker] = true
				out = append(out, maker)
			}
		}
	}
	return out
}

func (g *graph) add(l link) {
	g.down[l.parent.id] = append(g.down[l.parent.id], l)
	g.up[l.child.id] = append(g.up[l.child.id], l)
}

// followed reports whether a link leads from batches to batches. A finished
// batch does not say which run was "the last" when it ran, and manual tasks
// have no slots: such links do not.
func (l link) followed() bool {
	return !l.window.Last && !l.parent.manual() && !l.child.manual()
}

// graphs remembers the graph of all tasks and that of the operation whose
// batches are being made. A saved version never changes, so a graph is right as
// long as it is made of the same versions.
type graphs struct {
	mu    sync.Mutex
	nodes map[store.VersionKey]*node
	all   *graph
	of    []store.VersionKey // the versions all is made of

	// A lock of its own: whoever waits for the other one may hold the last
	// connection that reading an operation needs.
	muMade    sync.Mutex
	operation int64
	made      *madeGraph // of the operation
}

// madeGraph is the graph of an operation's tasks, with the circles among them.
type madeGraph struct {
	*graph
	circle map[int64]int
}

// everyTask reads all tasks by id, disabled ones too.
func everyTask(ctx context.Context, t *store.ViewTx) ([]store.Task, error) {
	const page = 5000
	var out []store.Task
	for {
		var after int64
		if len(out) > 0 {
			after = out[len(out)-1].ID
		}
		rows, err := t.Heads(ctx, after, page)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
		if len(rows) < page {
			return out, nil
		}
	}
}

// graphOf returns the graph of all tasks as they are defined now.
func (p *Planner) graphOf(ctx context.Context, t *store.ViewTx, rows []store.Task) (*graph, error) {
	keys := make([]store.VersionKey, len(rows))
	for i, row := range rows {
		keys[i] = store.VersionKey{TaskID: row.ID, Version: row.Version}
	}
	p.graphs.mu.Lock()
	defer p.graphs.mu.Unlock()
	if p.graphs.all != nil && slices.Equal(p.graphs.of, keys) {
		return p.graphs.all, nil
	}
	known := make(map[store.VersionKey]*node, len(keys))
	var missing []store.VersionKey
	for _, key := range keys {
		if n := p.graphs.nodes[key]; n != nil {
			known[key] = n
			continue
		}
		missing = append(missing, key)
	}
	defs, err := p.defs.In(ctx, t, missing)
	if err != nil {
		return nil, err
	}
	if err := p.addNodes(known, missing, defs); err != nil {
		return nil, err
	}
	p.graphs.nodes, p.graphs.all, p.graphs.of = known, newGraph(inOrder(keys, known)), keys
	return p.graphs.all, nil
}

func (p *Planner) addNodes(known map[store.VersionKey]*node, keys []store.VersionKey, defs map[store.VersionKey]*task.Task) error {
	for _, key := range keys {
		if defs[key] == nil {
			return fmt.Errorf("task %d version %d: %w", key.TaskID, key.Version, store.ErrNotFound)
		}
		n, err := newNode(key, defs[key], p.zone)
		if err != nil {
			return err
		}
		known[key] = n
	}
	return nil
}

func inOrder(keys []store.VersionKey, known map[store.VersionKey]*node) []*node {
	out := make([]*node, len(keys))
	for i, key := range keys {
		out[i] = known[key]
	}
	return out
}

// graphMade returns the graph of the tasks of an operation, in the versions it
// makes batches from: the same after a crash, whatever was saved meanwhile.
func (p *Planner) graphMade(ctx context.Context, operation int64) (*madeGraph, error) {
	p.graphs.muMade.Lock()
	defer p.graphs.muMade.Unlock()
	if p.graphs.made != nil && p.graphs.operation == operation {
		return p.graphs.made, nil
	}
	var keys []store.VersionKey
	var defs map[store.VersionKey]*task.Task
	err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
		if keys, err = t.ItemVersions(ctx, operation); err != nil {
			return err
		}
		defs, err = p.defs.In(ctx, t, keys)
		return err
	})
	if err != nil {
		return nil, err
	}
	known := make(map[store.VersionKey]*node, len(keys))
	if err := p.addNodes(known, keys, defs); err != nil {
		return nil, err
	}
	g, tasks := newGraph(inOrder(keys, known)), make([]int64, len(keys))
	for i, key := range keys {
		tasks[i] = key.TaskID
	}
	p.graphs.operation, p.graphs.made = operation, &madeGraph{graph: g, circle: g.orderOf(tasks).circle}
	return p.graphs.made, nil
}
