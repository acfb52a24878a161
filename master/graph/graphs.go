package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// layerLabel is the label that says in which layer of a warehouse a task is.
const layerLabel = "layer"

// remembered bounds the pictures that are kept, whatever their size.
const remembered = 64

// Config is what pictures are made from.
type Config struct {
	DB      *store.DB
	Catalog *store.Catalog
	Defs    *store.Definitions
	// Links finds the dependencies among tasks: those that a cascade follows.
	Links func(ctx context.Context, tasks []store.Task) ([]Link, error)
}

// Graphs draws. It is safe for concurrent use.
type Graphs struct {
	cfg Config

	mu    sync.Mutex // held while a picture is made: whoever comes meanwhile wants the same, mostly
	net   *Net
	drawn map[Query]wire.Graph
	order []Query // of drawn, the oldest first
}

// New makes an empty memory of pictures.
func New(cfg Config) *Graphs { return &Graphs{cfg: cfg, drawn: map[Query]wire.Graph{}} }

// Draw returns a picture and what names its content, for ETag.
func (g *Graphs) Draw(ctx context.Context, q Query) (wire.Graph, string, error) {
	if err := q.check(); err != nil {
		return wire.Graph{}, "", err
	}
	drawn, tasks, err := g.picture(ctx, q)
	if err != nil {
		return drawn, "", err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %+v", drawn.Version, q)
	if q.State != "" {
		if drawn, err = g.states(ctx, drawn, tasks, q); err != nil {
			return drawn, "", err
		}
		for i := range drawn.Nodes {
			fmt.Fprintf(sum, "%s %s\n", drawn.Nodes[i].Batch, drawn.Nodes[i].State)
		}
		for _, group := range drawn.Groups {
			fmt.Fprintf(sum, "%v\n", group.States)
		}
	}
	return drawn, hex.EncodeToString(sum.Sum(nil)[:12]), nil
}

// check refuses what has no meaning and settles the mode.
func (q *Query) check() error {
	switch {
	case q.Mode == "" && q.Task != "" && q.To != "":
		q.Mode = ModePath
	case q.Mode == "" && q.Task != "":
		q.Mode = ModeNear
	case q.Mode == "" && q.Project != "":
		q.Mode = ModeProject
	case q.Mode == "":
		q.Mode = ModeAll
	}
	around := q.Mode == ModeNear || q.Mode == ModeAncestors || q.Mode == ModeDescendants || q.Mode == ModePath
	switch {
	case around && q.Task == "":
		return fault.New(fault.Invalid, "mode %s is around a task", q.Mode).WithHint("name it with task=")
	case q.Mode == ModePath && q.To == "":
		return fault.New(fault.Invalid, "a path leads to a task").WithHint("name it with to=")
	case q.Mode == ModeProject && q.Project == "":
		return fault.New(fault.Invalid, "mode project is of a project").WithHint("name it with project=")
	case q.Collapse && q.Group == "":
		q.Group = GroupProject
	}
	if q.Mode != ModeNear {
		q.Up, q.Down = 0, 0
	}
	return nil
}

// picture returns a picture without states, from memory when there is one.
func (g *Graphs) picture(ctx context.Context, q Query) (wire.Graph, *store.Tasks, error) {
	tasks, err := g.cfg.Catalog.Tasks(ctx)
	if err != nil {
		return wire.Graph{}, nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.renew(ctx, tasks); err != nil {
		return wire.Graph{}, nil, err
	}
	key := q
	key.State = ""
	if drawn, ok := g.drawn[key]; ok {
		return drawn, tasks, nil
	}
	drawn, err := g.net.Draw(key)
	if err != nil {
		return drawn, nil, err
	}
	if len(g.order) == remembered {
		delete(g.drawn, g.order[0])
		g.order = g.order[1:]
	}
	g.drawn[key], g.order = drawn, append(g.order, key)
	return drawn, tasks, nil
}

// renew makes the net anew when tasks have changed.
func (g *Graphs) renew(ctx context.Context, tasks *store.Tasks) error {
	if g.net != nil && g.net.Mark == tasks.Mark {
		return nil
	}
	keys := make([]store.VersionKey, len(tasks.Rows))
	for i, row := range tasks.Rows {
		keys[i] = store.VersionKey{TaskID: row.ID, Version: row.Version}
	}
	defs, err := g.cfg.Defs.Get(ctx, keys)
	if err != nil {
		return err
	}
	links, err := g.cfg.Links(ctx, tasks.Rows)
	if err != nil {
		return err
	}
	all := make([]Task, len(tasks.Rows))
	for i, row := range tasks.Rows {
		all[i] = Task{
			ID: row.ID, Name: row.Name, Title: row.Title, Project: row.Project, Owner: row.Owner,
			Period: period.Kind(row.Period).String(), Enabled: row.IsEnabled,
		}
		if def := defs[keys[i]]; def != nil {
			all[i].Layer = def.Metadata.Labels[layerLabel]
		}
	}
	g.net, g.drawn, g.order = NewNet(tasks.Mark, all, links), map[Query]wire.Graph{}, nil
	return nil
}

// Impact counts what hangs on a task.
func (g *Graphs) Impact(ctx context.Context, task string) (wire.Impact, error) {
	tasks, err := g.cfg.Catalog.Tasks(ctx)
	if err != nil {
		return wire.Impact{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.renew(ctx, tasks); err != nil {
		return wire.Impact{}, err
	}
	return g.net.Impact(task)
}

// StateNow asks for the newest batch of each task.
const StateNow = "now"

// states adds how each task's batch is: the newest, or that of a work number.
func (g *Graphs) states(ctx context.Context, drawn wire.Graph, tasks *store.Tasks, q Query) (wire.Graph, error) {
	nodes := drawn.Nodes
	if q.Collapse {
		nodes = nil
		for _, row := range tasks.Rows {
			nodes = append(nodes, wire.GraphNode{Task: row.Name})
		}
	}
	no := q.State
	if no == StateNow {
		no = "" // of the newest batch, whatever its number
	}
	ids := make(map[string]int64, len(nodes))
	keys := make([]store.ParentKey, 0, len(nodes))
	for i := range nodes {
		if row, ok := tasks.ByName(nodes[i].Task); ok {
			ids[row.Name] = row.ID
			keys = append(keys, store.ParentKey{TaskID: row.ID, WorkNo: no})
		}
	}
	var found map[store.ParentKey]store.Node
	err := g.cfg.DB.View(ctx, func(t *store.ViewTx) (err error) {
		found, err = t.Nodes(ctx, keys)
		return err
	})
	if err != nil {
		return drawn, err
	}
	state := func(task string) (ref, state string) {
		b, ok := found[store.ParentKey{TaskID: ids[task], WorkNo: no}]
		if !ok {
			return "", ""
		}
		return b.Ref().String(), stateOf(&b)
	}
	drawn.Nodes = slices.Clone(drawn.Nodes) // what is remembered has no states
	for i := range drawn.Nodes {
		drawn.Nodes[i].Batch, drawn.Nodes[i].State = state(drawn.Nodes[i].Task)
	}
	g.count(&drawn, q, state)
	return drawn, nil
}

// count sums the states of each group.
func (g *Graphs) count(drawn *wire.Graph, q Query, state func(task string) (ref, state string)) {
	if len(drawn.Groups) == 0 {
		return
	}
	g.mu.Lock()
	net := g.net
	g.mu.Unlock()
	chosen, err := net.choose(q)
	if err != nil {
		return // a task has gone meanwhile
	}
	sums := map[string]map[string]int{}
	for _, at := range chosen {
		t := &net.tasks[at]
		if _, s := state(t.Name); s != "" {
			if sums[t.group(q.Group)] == nil {
				sums[t.group(q.Group)] = map[string]int{}
			}
			sums[t.group(q.Group)][s]++
		}
	}
	drawn.Groups = slices.Clone(drawn.Groups)
	for i := range drawn.Groups {
		drawn.Groups[i].States = sums[drawn.Groups[i].Name]
	}
}
