package plan

import (
	"cmp"
	"slices"
	"strings"
)

// order ranks the tasks of a plan, parents before children. Tasks that wait for
// each other in a circle have one rank and are one circle; only data can make
// such circles, as lint refuses others.
type order struct {
	rank   map[int64]int
	circle map[int64]int
}

// orderOf ranks tasks by the links among them. A link that only looks back in
// time is no reason to come later.
func (g *graph) orderOf(tasks []int64) order {
	w := &circles{g: g, inside: map[int64]bool{}, seen: map[int64]int{}, low: map[int64]int{}, open: map[int64]bool{}}
	for _, id := range tasks {
		w.inside[id] = true
	}
	for _, id := range slices.Sorted(slices.Values(tasks)) {
		if w.seen[id] == 0 {
			w.visit(id)
		}
	}
	o := order{rank: make(map[int64]int, len(tasks)), circle: make(map[int64]int, len(tasks))}
	for n, members := range w.found {
		for _, id := range members {
			o.circle[id] = n
		}
	}
	for _, members := range slices.Backward(w.found) { // parents first
		o.place(w, members)
	}
	return o
}

// place ranks a circle behind the parents of all its members.
func (o order) place(w *circles, members []int64) {
	rank := 0
	for _, id := range members {
		for _, l := range w.g.up[id] {
			if w.counts(l) && o.circle[l.parent.id] != o.circle[id] {
				rank = max(rank, o.rank[l.parent.id]+1)
			}
		}
	}
	for _, id := range members {
		o.rank[id] = rank
	}
}

// sort puts items in the order of a plan: parents first, then by task and time.
func (o order) sort(items []*Item) {
	slices.SortStableFunc(items, func(a, b *Item) int {
		return cmp.Or(cmp.Compare(o.rank[a.TaskID], o.rank[b.TaskID]), strings.Compare(a.Task, b.Task), a.Slot.BizEnd.Compare(b.Slot.BizEnd))
	})
}

// circles is Tarjan's search for strongly connected components; they are found
// children first.
type circles struct {
	g      *graph
	inside map[int64]bool
	seen   map[int64]int // when it was met first, from 1
	low    map[int64]int // the first one that can be reached from it
	open   map[int64]bool
	stack  []int64
	found  [][]int64
}

func (w *circles) counts(l link) bool {
	return l.followed() && !l.window.Past() && w.inside[l.parent.id] && w.inside[l.child.id]
}

func (w *circles) visit(id int64) {
	w.seen[id] = len(w.seen) + 1
	w.low[id] = w.seen[id]
	w.stack = append(w.stack, id)
	w.open[id] = true
	for _, l := range w.g.down[id] {
		child := l.child.id
		switch {
		case !w.counts(l):
		case w.seen[child] == 0:
			w.visit(child)
			w.low[id] = min(w.low[id], w.low[child])
		case w.open[child]:
			w.low[id] = min(w.low[id], w.seen[child])
		}
	}
	if w.low[id] != w.seen[id] {
		return
	}
	at := slices.Index(w.stack, id)
	members := slices.Clone(w.stack[at:])
	w.stack = w.stack[:at]
	for _, m := range members {
		w.open[m] = false
	}
	w.found = append(w.found, members)
}
