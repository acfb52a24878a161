package graph

import "slices"

// Arc is a dependency as the layout sees it, between nodes by number.
type Arc struct {
	From, To int
	Weak     bool // on earlier periods only: where there is a circle, it is this that closes it
}

// ordered puts nodes into an order in which nearly all arcs lead forward. Arcs
// that do not are those that close a circle: weak ones before all others.
func ordered(n int, arcs []Arc) []int {
	strong, all := make([]int, n), make([]int, n)
	out := make([][]Arc, n)
	for _, a := range arcs {
		out[a.From] = append(out[a.From], a)
		all[a.To]++
		if !a.Weak {
			strong[a.To]++
		}
	}
	position, placed := make([]int, n), 0
	for i := range position {
		position[i] = -1
	}
	var ready, nearly []int // nothing leads to them any more; nothing but weak arcs does
	for i := range n {
		if all[i] == 0 {
			ready = append(ready, i)
		} else if strong[i] == 0 {
			nearly = append(nearly, i)
		}
	}
	next, scan := 0, 0
	for placed < n {
		var at int
		switch {
		case next < len(ready):
			at, next = ready[next], next+1
		case len(nearly) > 0:
			at, nearly = nearly[0], nearly[1:]
		default:
			for position[scan] >= 0 {
				scan++
			}
			at = scan
		}
		if position[at] >= 0 {
			continue
		}
		position[at] = placed
		placed++
		for _, a := range out[at] {
			all[a.To]--
			if !a.Weak {
				strong[a.To]--
			}
			switch {
			case position[a.To] >= 0:
			case all[a.To] == 0:
				ready = append(ready, a.To)
			case strong[a.To] == 0 && !a.Weak:
				nearly = append(nearly, a.To)
			}
		}
	}
	return position
}

// forward turns all arcs along the order, each pair of nodes once, and drops
// those from a node to itself.
func forward(n int, arcs []Arc) (turned []Arc, order []int) {
	kept := make([]Arc, 0, len(arcs))
	for _, a := range arcs {
		if a.From != a.To {
			kept = append(kept, a)
		}
	}
	position := ordered(n, kept)
	for i, a := range kept {
		if position[a.From] > position[a.To] {
			kept[i].From, kept[i].To = a.To, a.From
		}
		kept[i].Weak = false
	}
	slices.SortFunc(kept, func(a, b Arc) int {
		if a.From != b.From {
			return a.From - b.From
		}
		return a.To - b.To
	})
	order = make([]int, n)
	for node, at := range position {
		order[at] = node
	}
	return slices.Compact(kept), order
}

// ranksOf gives each node the length of the longest way to it. A node that
// nothing leads to comes to stand right before the first it leads to.
func ranksOf(n int, arcs []Arc, order []int) []int {
	rank := make([]int, n)
	out := make([][]int, n)
	entered := make([]bool, n)
	for _, a := range arcs {
		out[a.From] = append(out[a.From], a.To)
		entered[a.To] = true
	}
	for _, node := range order {
		for _, to := range out[node] {
			rank[to] = max(rank[to], rank[node]+1)
		}
	}
	for node := range n {
		if entered[node] || len(out[node]) == 0 {
			continue
		}
		least := rank[out[node][0]]
		for _, to := range out[node] {
			least = min(least, rank[to])
		}
		rank[node] = least - 1
	}
	return rank
}
