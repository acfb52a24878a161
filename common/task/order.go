package task

import (
	"slices"

	"capricornus/common/macro"
)

// Order returns the names of the tasks with parents before children, ties in
// the order given. Cycles lists each circle of tasks that would wait for one
// another for ever, in the direction parent → child; those tasks and what
// depends on them are still in the order, at the end of their circle.
// Dependencies on earlier periods only do not count: Window.Past. Data edges
// count when their path has a date, as only then two tasks mean the same batch.
func Order(tasks []*Task) (names []string, cycles [][]string) {
	w := newWalk(tasks)
	for _, name := range w.names {
		if w.waits[name] == 0 {
			w.ready = append(w.ready, name)
		}
	}
	w.drain()
	for _, name := range w.names {
		// What is left waits for a circle. Break one, and go on.
		for !w.done[name] {
			circle := w.circle(name)
			cycles = append(cycles, circle)
			for _, member := range circle {
				w.waits[member] = 0
				w.ready = append(w.ready, member)
			}
			w.drain()
		}
	}
	return w.order, cycles
}

// walk is Kahn's algorithm over the edges that can deadlock.
type walk struct {
	names    []string
	parents  map[string][]string
	children map[string][]string
	waits    map[string]int
	done     map[string]bool
	ready    []string
	order    []string
}

func newWalk(tasks []*Task) *walk {
	w := &walk{
		parents: map[string][]string{}, children: map[string][]string{},
		waits: map[string]int{}, done: map[string]bool{},
	}
	for _, t := range tasks {
		if _, twice := w.waits[t.Metadata.Name]; twice {
			continue
		}
		w.waits[t.Metadata.Name] = 0
		w.names = append(w.names, t.Metadata.Name)
	}
	dated := datedInputs(tasks)
	seen := map[[2]string]bool{}
	for _, e := range Edges(tasks) {
		pair := [2]string{e.Parent, e.Child}
		_, inside := w.waits[e.Parent]
		if !inside || seen[pair] || e.Window.Past() || (e.Kind == EdgeData && !dated[pair]) {
			continue
		}
		seen[pair] = true
		w.waits[e.Child]++
		w.parents[e.Child] = append(w.parents[e.Child], e.Parent)
		w.children[e.Parent] = append(w.children[e.Parent], e.Child)
	}
	return w
}

// datedInputs returns the pairs (parent, child) with a path in common that has
// a date in it.
func datedInputs(tasks []*Task) map[[2]string]bool {
	makers := map[string][]string{}
	for _, t := range tasks {
		for _, o := range t.Spec.Outputs {
			if hasDate(o.Path) {
				makers[o.Path] = append(makers[o.Path], t.Metadata.Name)
			}
		}
	}
	pairs := map[[2]string]bool{}
	for _, t := range tasks {
		for _, in := range t.Spec.Inputs {
			for _, maker := range makers[in.Path] {
				pairs[[2]string{maker, t.Metadata.Name}] = true
			}
		}
	}
	return pairs
}

func hasDate(text string) bool {
	t, err := macro.Parse(text)
	return err == nil && t.HasDate()
}

func (w *walk) drain() {
	for len(w.ready) > 0 {
		name := w.ready[0]
		w.ready = w.ready[1:]
		if w.done[name] {
			continue
		}
		w.done[name] = true
		w.order = append(w.order, name)
		for _, child := range w.children[name] {
			w.waits[child]--
			if w.waits[child] == 0 {
				w.ready = append(w.ready, child)
			}
		}
	}
}

// circle walks from a task that is stuck to parents that are stuck until one
// comes again. Every stuck task has one: else nothing would hold it.
func (w *walk) circle(name string) []string {
	var path []string
	place := map[string]int{}
	for {
		first, again := place[name]
		if again {
			path = path[first:]
			slices.Reverse(path) // it was found child first
			return path
		}
		place[name] = len(path)
		path = append(path, name)
		name = w.stuckParent(name)
	}
}

func (w *walk) stuckParent(name string) string {
	for _, p := range w.parents[name] {
		if !w.done[p] {
			return p
		}
	}
	return name
}
