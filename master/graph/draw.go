package graph

import (
	"cmp"
	"slices"

	"capricornus/common/wire"
)

// Limits of one picture.
const (
	maxNodes = 5000
	maxEdges = 20_000
	maxVia   = 5000 // places where edges pass ranks; pictures with more of them have none
)

// Draw makes a picture without states. It is pure.
func (n *Net) Draw(q Query) (wire.Graph, error) {
	chosen, err := n.choose(q)
	if err != nil {
		return wire.Graph{}, err
	}
	g := wire.Graph{
		Version: n.Mark, Mode: q.Mode, Focus: q.Task, To: q.To, Nodes: []wire.GraphNode{}, Edges: []wire.GraphEdge{},
		Total: len(chosen), Limit: wire.GraphLimit{Nodes: maxNodes, Edges: maxEdges},
	}
	if q.Group != "" {
		n.group(&g, chosen, q.Group)
	}
	if q.Collapse {
		return g, nil
	}
	g.Truncated = len(chosen) > maxNodes
	chosen = chosen[:min(len(chosen), maxNodes)]
	slices.Sort(chosen) // equal pictures are equal, whatever way led to them
	p := picture{net: n, chosen: chosen, place: make(map[int]int, len(chosen))}
	for i, task := range chosen {
		p.place[task] = i
	}
	p.draw(&g, q.Group)
	return g, nil
}

// picture is some tasks of a net on their way to a wire.Graph.
type picture struct {
	net    *Net
	chosen []int
	place  map[int]int // of a task among the chosen
	links  []link      // among them, by their places
}

func (p *picture) draw(g *wire.Graph, group string) {
	p.collect(g)
	arcs := make([]Arc, len(p.links))
	for i, l := range p.links {
		arcs[i] = Arc{From: l.parent, To: l.child, Weak: l.past}
	}
	placed := Layout(len(p.chosen), arcs)
	g.Width, g.Height = placed.Width, placed.Height
	for i, task := range p.chosen {
		t := &p.net.tasks[task]
		g.Nodes = append(g.Nodes, wire.GraphNode{
			Task: t.Name, Title: t.Title, Project: t.Project, Owner: t.Owner, Period: t.Period, Layer: t.Layer, Group: t.group(group), Enabled: t.Enabled,
			MoreUp: p.missing(p.net.up[task]), MoreDown: p.missing(p.net.down[task]), Rank: placed.Rank[i], X: placed.X[i], Y: placed.Y[i],
		})
	}
	passes := 0
	for _, xs := range placed.via {
		passes += len(xs)
	}
	for _, l := range p.links {
		edge := wire.GraphEdge{Parent: g.Nodes[l.parent].Task, Child: g.Nodes[l.child].Task, Kind: l.kind, Window: l.window}
		if passes <= maxVia {
			edge.Via = placed.Via(l.parent, l.child)
		}
		g.Edges = append(g.Edges, edge)
	}
}

// collect takes the links whose ends are both in the picture.
func (p *picture) collect(g *wire.Graph) {
	for place, task := range p.chosen {
		for _, at := range p.net.of[task] {
			l := p.net.links[at]
			child, shown := p.place[l.child]
			if l.parent != task || !shown {
				continue
			}
			if len(p.links) == maxEdges {
				g.Truncated = true
				return
			}
			l.parent, l.child = place, child
			p.links = append(p.links, l)
		}
	}
}

// missing counts tasks that are not in the picture.
func (p *picture) missing(tasks []int) int {
	n := 0
	for _, t := range tasks {
		if _, shown := p.place[t]; !shown {
			n++
		}
	}
	return n
}

// Ways to group tasks.
const (
	GroupProject = "project"
	GroupLayer   = "layer"
)

func (t *Task) group(by string) string {
	switch by {
	case GroupProject:
		return t.Project
	case GroupLayer:
		return cmp.Or(t.Layer, "-")
	}
	return ""
}

// group draws the groups of tasks and what leads from group to group.
func (n *Net) group(g *wire.Graph, chosen []int, by string) {
	counts, links := map[string]int{}, map[[2]string]int{}
	in := make(map[int]bool, len(chosen))
	for _, task := range chosen {
		in[task] = true
		counts[n.tasks[task].group(by)]++
	}
	for _, l := range n.links {
		parent, child := n.tasks[l.parent].group(by), n.tasks[l.child].group(by)
		if in[l.parent] && in[l.child] && parent != child {
			links[[2]string{parent, child}]++
		}
	}
	for name, count := range counts {
		g.Groups = append(g.Groups, wire.GraphGroup{Name: name, Tasks: count})
	}
	slices.SortFunc(g.Groups, func(a, b wire.GraphGroup) int { return cmp.Compare(a.Name, b.Name) })
	for ends, count := range links {
		g.Links = append(g.Links, wire.GraphLink{Parent: ends[0], Child: ends[1], Count: count})
	}
	slices.SortFunc(g.Links, func(a, b wire.GraphLink) int {
		return cmp.Or(cmp.Compare(a.Parent, b.Parent), cmp.Compare(a.Child, b.Child))
	})
	placeGroups(g, links)
}

// placeGroups lays groups out. Of two that depend on each other, the direction
// with more dependencies is the strong one.
func placeGroups(g *wire.Graph, links map[[2]string]int) {
	number := map[string]int{}
	for i, group := range g.Groups {
		number[group.Name] = i
	}
	arcs := make([]Arc, len(g.Links))
	for i, l := range g.Links {
		back := links[[2]string{l.Child, l.Parent}]
		arcs[i] = Arc{From: number[l.Parent], To: number[l.Child], Weak: l.Count < back}
	}
	placed := Layout(len(g.Groups), arcs)
	for i := range g.Groups {
		g.Groups[i].Rank, g.Groups[i].X, g.Groups[i].Y = placed.Rank[i], placed.X[i], placed.Y[i]
	}
	g.Width, g.Height = placed.Width, placed.Height
}

// Impact counts what hangs on a task.
func (n *Net) Impact(name string) (wire.Impact, error) {
	focus, err := n.find(name)
	if err != nil {
		return wire.Impact{}, err
	}
	below := walk(focus, n.down, -1)
	out := wire.Impact{Task: name, Total: len(below) - 1, Levels: n.levels(below)}
	projects, owners, periods := map[string]int{}, map[string]int{}, map[string]int{}
	for _, task := range below[1:] {
		t := &n.tasks[task]
		projects[t.Project]++
		owners[t.Owner]++
		periods[t.Period]++
	}
	out.Projects, out.Owners, out.Periods = counted(projects), counted(owners), counted(periods)
	return out, nil
}

// levels is the length of the longest way among tasks.
func (n *Net) levels(tasks []int) int {
	g := wire.Graph{}
	p := picture{net: n, chosen: tasks, place: make(map[int]int, len(tasks))}
	for i, task := range tasks {
		p.place[task] = i
	}
	p.collect(&g)
	arcs := make([]Arc, len(p.links))
	for i, l := range p.links {
		arcs[i] = Arc{From: l.parent, To: l.child, Weak: l.past}
	}
	turned, order := forward(len(tasks), arcs)
	return slices.Max(ranksOf(len(tasks), turned, order))
}

// counted lists the largest counts first.
func counted(all map[string]int) []wire.ImpactCount {
	out := []wire.ImpactCount{}
	for name, count := range all {
		out = append(out, wire.ImpactCount{Name: name, Tasks: count})
	}
	slices.SortFunc(out, func(a, b wire.ImpactCount) int {
		return cmp.Or(b.Tasks-a.Tasks, cmp.Compare(a.Name, b.Name))
	})
	return out
}
