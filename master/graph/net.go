package graph

import (
	"cmp"
	"slices"
	"strings"

	"capricornus/common/fault"
)

// Task is a task as a picture shows it.
type Task struct {
	ID                          int64
	Name, Title, Project, Owner string
	Period, Layer               string
	Enabled                     bool
}

// Link is a dependency between two tasks, by id.
type Link struct {
	Parent, Child int64
	Kind, Window  string
	Past          bool // on earlier periods only
}

// Net is all tasks with their dependencies. It is not changed once made.
type Net struct {
	Mark  string // equal marks are equal nets
	tasks []Task // by project and name
	index map[string]int
	links []link
	of    [][]int // by task, the links that touch it
	up    [][]int // by task, its parents, each once and without itself
	down  [][]int
}

// link is a Link by the numbers of its tasks.
type link struct {
	parent, child int
	kind, window  string
	past          bool
}

// NewNet joins tasks by links; links to what is not among them are left out.
func NewNet(mark string, tasks []Task, links []Link) *Net {
	n := &Net{Mark: mark, tasks: slices.Clone(tasks), index: make(map[string]int, len(tasks))}
	slices.SortFunc(n.tasks, func(a, b Task) int {
		return cmp.Or(strings.Compare(a.Project, b.Project), strings.Compare(a.Name, b.Name))
	})
	ids := make(map[int64]int, len(tasks))
	for i, t := range n.tasks {
		n.index[t.Name], ids[t.ID] = i, i
	}
	n.of, n.up, n.down = make([][]int, len(tasks)), make([][]int, len(tasks)), make([][]int, len(tasks))
	for _, l := range links {
		parent, known := ids[l.Parent]
		child, knownToo := ids[l.Child]
		if known && knownToo {
			n.links = append(n.links, link{parent: parent, child: child, kind: l.Kind, window: l.Window, past: l.Past})
		}
	}
	slices.SortFunc(n.links, func(a, b link) int {
		return cmp.Or(a.parent-b.parent, a.child-b.child, strings.Compare(a.kind, b.kind), strings.Compare(a.window, b.window))
	})
	n.links = slices.Compact(n.links)
	for i, l := range n.links {
		n.of[l.parent] = append(n.of[l.parent], i)
		if l.parent == l.child {
			continue
		}
		n.of[l.child] = append(n.of[l.child], i)
		if last := n.down[l.parent]; len(last) == 0 || last[len(last)-1] != l.child {
			n.down[l.parent] = append(n.down[l.parent], l.child)
			n.up[l.child] = append(n.up[l.child], l.parent)
		}
	}
	return n
}

// find is the number of a task.
func (n *Net) find(name string) (int, error) {
	i, ok := n.index[name]
	if !ok {
		return 0, fault.New(fault.NotFound, "there is no task %q", name)
	}
	return i, nil
}

// walk adds what can be reached within so many steps, -1 for any number, nearest
// first. The start is the first, and what was found already is not found again.
func walk(start int, next [][]int, steps int) []int {
	seen := map[int]bool{start: true}
	out := []int{start}
	for level := out; len(level) > 0 && steps != 0; steps-- {
		var further []int
		for _, at := range level {
			for _, to := range next[at] {
				if !seen[to] {
					seen[to] = true
					further = append(further, to)
				}
			}
		}
		out = append(out, further...)
		level = further
	}
	return out
}

// Modes of pictures.
const (
	ModeNear        = "near"
	ModeAncestors   = "ancestors"
	ModeDescendants = "descendants"
	ModePath        = "path"
	ModeProject     = "project"
	ModeAll         = "all"
)

// Query chooses a picture.
type Query struct {
	Mode, Task, To, Project string
	Up, Down                int
	Group                   string // project, layer, or none
	Collapse                bool   // groups only
	State                   string // now, a work number, or none
}

// choose lists the tasks that belong in a picture, the most wanted first.
func (n *Net) choose(q Query) ([]int, error) {
	switch q.Mode {
	case ModeAll, ModeProject:
		return n.whole(q.Project)
	case ModePath:
		return n.between(q.Task, q.To)
	}
	focus, err := n.find(q.Task)
	if err != nil {
		return nil, err
	}
	switch q.Mode {
	case ModeAncestors:
		return walk(focus, n.up, -1), nil
	case ModeDescendants:
		return walk(focus, n.down, -1), nil
	}
	return merge(walk(focus, n.up, q.Up), walk(focus, n.down, q.Down)), nil
}

func (n *Net) whole(project string) ([]int, error) {
	var out []int
	for i, t := range n.tasks {
		if project == "" || t.Project == project {
			out = append(out, i)
		}
	}
	return out, nil
}

// between lists what lies on the ways from one task to another, whichever of them
// depends on the other.
func (n *Net) between(from, to string) ([]int, error) {
	a, err := n.find(from)
	if err != nil {
		return nil, err
	}
	b, err := n.find(to)
	if err != nil {
		return nil, err
	}
	for _, ends := range [][2]int{{a, b}, {b, a}} {
		below := walk(ends[0], n.down, -1)
		if slices.Contains(below, ends[1]) {
			return common(below, walk(ends[1], n.up, -1)), nil
		}
	}
	return nil, fault.New(fault.NotFound, "no dependency leads from %s to %s, nor back", from, to)
}

// merge is both lists in turns, so that a cut takes from the far ends of both.
func merge(a, b []int) []int {
	seen := map[int]bool{}
	var out []int
	for i := range max(len(a), len(b)) {
		for _, list := range [][]int{a, b} {
			if i < len(list) && !seen[list[i]] {
				seen[list[i]] = true
				out = append(out, list[i])
			}
		}
	}
	return out
}

func common(a, b []int) []int {
	in := make(map[int]bool, len(b))
	for _, i := range b {
		in[i] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(i int) bool { return !in[i] })
}
